/** What one lane works with: the next item as long as the lane is wanted, and whether another one has failed. */
export interface Lane<Item> {
  next(): Item | undefined;
}

/**
 * Works through a list on as many lanes as are wanted, each with a session of its own; that may change while it runs. A lane too many ends with its
 * item; the first failure keeps all of them from taking another one.
 */
export class Lanes<Session, Item> {
  readonly #queue: Item[];
  readonly #free: Session[];
  readonly #most: number;
  readonly #running = new Set<Promise<void>>();
  #wanted: number;
  #failed: { readonly error: unknown } | null = null;
  #settle: (() => void) | null = null;

  constructor(
    items: readonly Item[], sessions: readonly Session[], wanted: number, private readonly work: (session: Session, lane: Lane<Item>) => Promise<void>,
  ) {
    this.#queue = [...items];
    this.#free = [...sessions];
    this.#most = sessions.length;
    this.#wanted = this.#within(wanted);
  }

  get count(): number {
    return this.#running.size;
  }

  get failed(): boolean {
    return this.#failed !== null;
  }

  /** From one to as many as there are sessions. */
  want(lanes: number): void {
    this.#wanted = this.#within(lanes);
    this.#fill();
  }

  /** No further item is begun. */
  stop(): void {
    this.#queue.length = 0;
  }

  /** Resolves once all is done; throws what failed first, once every lane has come to rest. */
  async run(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#settle = resolve;
      this.#fill();
    });
    if (this.#failed !== null) throw this.#failed.error;
  }

  #within(lanes: number): number {
    return Math.max(1, Math.min(lanes, this.#most));
  }

  #fill(): void {
    const lane: Lane<Item> = { next: () => (this.#failed === null && this.#running.size <= this.#wanted ? this.#queue.shift() : undefined) };
    while (this.#failed === null && this.#running.size < this.#wanted && this.#queue.length > 0) {
      const session = this.#free.pop();
      if (session === undefined) break;
      const running: Promise<void> = this.work(session, lane)
        .catch((error: unknown) => {
          this.#failed ??= { error };
        })
        .finally(() => {
          this.#running.delete(running);
          this.#free.push(session);
          this.#fill();
        });
      this.#running.add(running);
    }
    if (this.#running.size === 0) this.#settle?.();
  }
}
