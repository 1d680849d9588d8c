import type { Poller } from './poller';

/** One poller for each instance that is read: made when it is first asked for, started once the fleet is watched. */
export class Pollers {
  readonly #pollers = new Map<string, Poller>();
  readonly #make: (id: string) => Poller;
  readonly #random: () => number;
  #polling = false;

  /** `random`: 0 to 1; spreads the first polls. */
  constructor(make: (id: string) => Poller, random: () => number) {
    this.#make = make;
    this.#random = random;
  }

  of(id: string): Poller {
    const known = this.#pollers.get(id);
    if (known !== undefined) return known;
    const made = this.#make(id);
    this.#pollers.set(id, made);
    // Not all of a large fleet at once.
    if (this.#polling) made.start(Math.min(this.#pollers.size * 10, 1000) * this.#random());
    return made;
  }

  /** From now on every instance is read again and again. */
  start(): void {
    this.#polling = true;
    // Some were read before, and have a poller that waits to be asked.
    for (const poller of this.#pollers.values()) poller.start(0);
  }

  /** Lets those go that are not among `present`, and, where the fleet is watched, begins with the others. */
  keep(present: ReadonlySet<string>): void {
    for (const id of this.#pollers.keys()) if (!present.has(id)) void this.drop(id);
    if (this.#polling) for (const id of present) this.of(id);
  }

  /** Reads soon what was left waiting after failures; without an id: everything. */
  wake(id?: string): void {
    if (id !== undefined) this.#pollers.get(id)?.wake();
    else for (const poller of this.#pollers.values()) poller.wake();
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
