/** Lets so many tasks work at the same time; the others wait their turn, first come, first served. */
export class TaskQueue {
  private working = 0;
  private readonly waiting: { go(): void; ahead(count: number): void }[] = [];

  /** `limit` is asked for every time: it may be changed while tasks wait. */
  constructor(private readonly limit: () => number) {}

  /**
   * Resolves when the task may begin, at once once the signal is aborted; the function gives its place back.
   * `told` hears how many are ahead of it, whenever that changes.
   */
  async enter(signal: AbortSignal, told: (ahead: number) => void): Promise<() => void> {
    if (this.working >= this.limit() || this.waiting.length > 0) {
      const admitted = await this.wait(signal, told);
      if (!admitted) return () => undefined;
    } else this.working += 1;
    let here = true;
    return () => {
      if (!here) return;
      here = false;
      this.working -= 1;
      this.admit();
    };
  }

  /** Lets in who may begin now: after one has left, and when the limit was raised. */
  admit(): void {
    while (this.waiting.length > 0 && this.working < this.limit()) {
      this.working += 1;
      this.waiting.shift()?.go();
    }
    for (const [index, entry] of this.waiting.entries()) entry.ahead(this.working + index);
  }

  private wait(signal: AbortSignal, told: (ahead: number) => void): Promise<boolean> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(false);
      const entry = { go: () => leave(true), ahead: told };
      const leave = (admitted: boolean): void => {
        signal.removeEventListener('abort', gone);
        const index = this.waiting.indexOf(entry);
        if (index >= 0) this.waiting.splice(index, 1);
        resolve(admitted);
      };
      const gone = (): void => {
        leave(false);
        this.admit();
      };
      signal.addEventListener('abort', gone, { once: true });
      this.waiting.push(entry);
      told(this.working + this.waiting.length - 1);
    });
  }
}
