import type { Poller } from './poller';

/** One poller for each instance that is read: made when it is first asked for, started once the fleet is watched. */
export class Pollers {
  readonly #pollers = new Map<string, Poller>();
  readonly #make: (id: string) => Poller;
  readonly #intervalMs: () => number;
  readonly #random: () => number;
  #polling = false;
  /** What is read again and again once the fleet is watched. */
  #kept: ReadonlySet<string> = new Set();
  /** Somebody looks at these. */
  #first: ReadonlySet<string> = new Set();

  /** `random`: 0 to 1; spreads the first polls, over the interval of a large fleet. */
  constructor(make: (id: string) => Poller, intervalMs: () => number, random: () => number) {
    this.#make = make;
    this.#intervalMs = intervalMs;
    this.#random = random;
  }

  of(id: string): Poller {
    const known = this.#pollers.get(id);
    if (known !== undefined) return known;
    const made = this.#make(id);
    this.#pollers.set(id, made);
    if (this.#polling && this.#kept.has(id)) made.start(this.#spreadMs(this.#pollers.size, id));
    return made;
  }

  /** From now on every instance is read again and again. */
  start(): void {
    this.#polling = true;
    // Some were read before, and have a poller that waits to be asked.
    for (const [id, poller] of this.#pollers) poller.start(this.#spreadMs(this.#pollers.size, id));
  }

  /** Lets those go that are not among `present`, and, where the fleet is watched, begins with the others. */
  keep(present: ReadonlySet<string>): void {
    this.#kept = present;
    for (const id of this.#pollers.keys()) if (!present.has(id)) void this.drop(id);
    if (!this.#polling) return;
    const made = [...present].filter((id) => !this.#pollers.has(id));
    for (const id of made) this.#pollers.set(id, this.#make(id));
    // Also one that is there already may wait to be asked: somebody had it read while it was not kept. Those that run are left alone.
    for (const id of present) this.#pollers.get(id)?.start(this.#spreadMs(made.length, id));
  }

  /** Reads soon what was left waiting after failures; without an id: everything. */
  wake(id?: string): void {
    if (id !== undefined) this.#pollers.get(id)?.wake();
    else for (const [one, poller] of this.#pollers) poller.wake(this.#spreadMs(this.#pollers.size, one));
  }

  /** Those that somebody looks at. Of them, those that wait for their first reading since a start or a wake have it before the others. */
  readFirst(ids: readonly string[]): void {
    this.#first = new Set(ids);
    for (const id of this.#first) this.#pollers.get(id)?.hasten(this.#spreadMs(this.#pollers.size, id));
  }

  /** So many at once: each at a moment of its own, the last no later than in an ordinary round; those that somebody looks at in the first moments. */
  #spreadMs(many: number, id: string): number {
    const least = this.#first.has(id) ? this.#first.size : many;
    return Math.min(least * 10, this.#intervalMs()) * this.#random();
  }

  async drop(id: string): Promise<void> {
    const poller = this.#pollers.get(id);
    this.#pollers.delete(id);
    await poller?.close();
  }

  async close(): Promise<void> {
    this.#polling = false;
    await Promise.all([...this.#pollers.values()].map((poller) => poller.close()));
  }
}
