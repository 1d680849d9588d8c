import type { TimeWindow } from './columns';
import type { Cursor } from './cursor';
import type { ChartModel } from './draw';
import type { Frames } from './frames';

/** What a chart is drawn on. */
export interface Surface {
  /** Draws the lines; called once a frame at most, and never for what is out of sight. */
  readonly draw: (model: ChartModel) => void;
  /** Puts the crosshair at a moment of a window; null: it points at nothing. Draws nothing. */
  readonly place: (at: number | null, window: TimeWindow) => void;
}

/**
 * Draws one chart when it has to be: with the next frame after its model, its size or what is dragged into sight has changed, and not before
 * it is in sight. Where the pointer is moves the crosshair alone.
 */
export class Painter {
  #model: ChartModel;
  #isInSight = false;
  #isStale = true;
  #dragged: TimeWindow | null = null;
  readonly #stop: () => void;

  constructor(private readonly surface: Surface, private readonly cursor: Cursor, private readonly queue: Frames, model: ChartModel) {
    this.#model = model;
    this.#stop = cursor.listen(this.#moved);
  }

  /** Another model, or the same in other colours. */
  show(model: ChartModel): void {
    this.#model = model;
    this.redraw();
  }

  /** What was drawn is not right any more. */
  readonly redraw = (): void => {
    this.#isStale = true;
    if (this.#isInSight) this.queue.ask(this.#paint);
  };

  setInSight(isInSight: boolean): void {
    this.#isInSight = isInSight;
    if (isInSight && this.#isStale) this.queue.ask(this.#paint);
  }

  close(): void {
    this.#stop();
    this.queue.drop(this.#paint);
  }

  readonly #moved = (): void => {
    const dragged = this.cursor.dragged();
    if (dragged !== this.#dragged) {
      this.#dragged = dragged;
      this.#isStale = true;
    }
    if (!this.#isInSight) return;
    // It is told with the frame: what is dragged is drawn in it, not in the next.
    if (this.#isStale) this.#paint();
    else this.surface.place(this.cursor.read(), this.#window());
  };

  readonly #paint = (): void => {
    if (!this.#isStale || !this.#isInSight) return;
    this.#isStale = false;
    this.surface.draw({ ...this.#model, window: this.#window() });
    this.surface.place(this.cursor.read(), this.#window());
  };

  #window(): TimeWindow {
    return this.#dragged ?? this.#model.window;
  }
}
