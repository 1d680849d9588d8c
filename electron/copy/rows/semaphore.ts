/** So many at a time; whoever comes later waits in line. */
export class Semaphore {
  private readonly line: (() => void)[] = [];

  constructor(private free: number) {}

  /** Waits for a turn; what it gives ends the turn, once. */
  async take(): Promise<() => void> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.line.push(resolve));
    let over = false;
    return () => {
      if (over) return;
      over = true;
      const next = this.line.shift();
      if (next === undefined) this.free += 1;
      else next();
    };
  }
}
