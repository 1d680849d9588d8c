import { useSyncExternalStore } from 'react';
import type { TimeWindow } from './columns';
import { frames, type Frames } from './frames';

/**
 * The moment that is pointed at and the stretch that is being dragged into sight, the same in all charts of a page. Outside of React, as both
 * move with the pointer; who listens is told once a frame, however often the pointer moved in it.
 */
export class Cursor {
  #at: number | null = null;
  #dragged: TimeWindow | null = null;
  readonly #listeners = new Set<() => void>();

  constructor(private readonly queue: Pick<Frames, 'ask'> = frames) {}

  readonly read = (): number | null => this.#at;

  /** What is shown while it is dragged, in place of the window that was chosen; null: nothing is dragged. */
  readonly dragged = (): TimeWindow | null => this.#dragged;

  readonly set = (at: number | null): void => {
    if (at === this.#at) return;
    this.#at = at;
    this.queue.ask(this.#tell);
  };

  readonly drag = (window: TimeWindow | null): void => {
    if (window === this.#dragged) return;
    this.#dragged = window;
    this.queue.ask(this.#tell);
  };

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly #tell = (): void => {
    for (const listener of [...this.#listeners]) listener();
  };
}

/** The moment that is pointed at; null: none. */
export function useCursor(cursor: Cursor): number | null {
  return useSyncExternalStore(cursor.listen, cursor.read);
}

/** What is being dragged into sight; null: nothing is. */
export function useDragged(cursor: Cursor): TimeWindow | null {
  return useSyncExternalStore(cursor.listen, cursor.dragged);
}
