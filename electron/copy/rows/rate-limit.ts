/** Spreads bytes over time. All transfers of a pump share one. */
export class RateLimit {
  private perSecond: number | null = null;
  private freeAt = 0;
  private readonly sleepers = new Set<() => void>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Null: no limit. */
  set(bytesPerSecond: number | null): void {
    if (bytesPerSecond === this.perSecond) return;
    this.perSecond = bytesPerSecond;
    this.freeAt = this.now();
    for (const wake of [...this.sleepers]) wake();
  }

  /** Resolves when so many bytes may go; null: at once. */
  before(bytes: number): Promise<void> | null {
    if (this.perSecond === null) return null;
    return this.wait(bytes);
  }

  private async wait(bytes: number): Promise<void> {
    const rate = this.perSecond;
    if (rate === null) return;
    const now = this.now();
    this.freeAt = Math.max(this.freeAt, now - 100) + (bytes / rate) * 1000;
    const ms = this.freeAt - now;
    if (ms > 2) await this.sleep(ms);
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => wake(), ms);
      const wake = (): void => {
        clearTimeout(timer);
        this.sleepers.delete(wake);
        resolve();
      };
      this.sleepers.add(wake);
    });
  }
}
