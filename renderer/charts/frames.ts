/**
 * Work that is drawn with the next frame: however often it is asked for until then it is done once, and all of it in one callback of the
 * window, so that what is measured is not disturbed by what another part writes.
 */
export class Frames {
  #jobs = new Set<() => void>();

  /** `request`: calls back with the next frame. */
  constructor(private readonly request: (run: () => void) => void) {}

  readonly ask = (job: () => void): void => {
    if (this.#jobs.size === 0) this.request(this.#run);
    this.#jobs.add(job);
  };

  readonly drop = (job: () => void): void => {
    this.#jobs.delete(job);
  };

  readonly #run = (): void => {
    const due = this.#jobs;
    this.#jobs = new Set();
    for (const job of due) job();
  };
}

/** The frames of this window. */
export const frames = new Frames((run) => requestAnimationFrame(run));
