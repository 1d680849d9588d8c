/** So many begin in one turn at most, and one for so long a turn before: where others fill the turns, those that wait still come to theirs. */
const MOST = 4;
const FOR_EACH_MS = 8;

/**
 * One after the other, each in a turn of the event loop in which few others of this queue begin. Of a thousand that are due at one moment each is
 * then one short piece of work, and what else waits (an answer, a click) comes between two of them; nobody waits for another's end.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves in such a turn. */
  take(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) this.#next();
    });
  }

  #next(): void {
    const since = performance.now();
    setImmediate(() => {
      const many = Math.min(MOST, Math.max(1, Math.floor((performance.now() - since) / FOR_EACH_MS)));
      for (const begin of this.#waiting.splice(0, many)) begin();
      if (this.#waiting.length > 0) this.#next();
    });
  }
}
