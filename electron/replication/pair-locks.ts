import type { LockPurpose } from '../../shared/domain/tasks/lock-holder';
import { Failure } from '../../shared/errors/codes';
import { lockServers, lostConnectionMs, type ServerLocks } from '../tasks/server-lock';
import { sourceOf, standbyOf, type LinkContext } from './link-context';

/** The operation locks of both servers. */
export class PairLocks {
  private held: ServerLocks[] = [];

  constructor(
    private readonly link: LinkContext,
    private readonly kind: LockPurpose['kind'],
    private readonly clock: () => number,
    /** For how long a lock that is held is asked for again, milliseconds. */
    private readonly patienceMs: number,
  ) {}

  /** The lock of one server; who holds it is named once patience has run out. */
  private async lock(instance: { readonly id: string; readonly name: string }, shared: boolean, patienceMs: number): Promise<ServerLocks> {
    const until = performance.now() + patienceMs;
    for (;;) {
      try {
        return await lockServers(
          [{ name: instance.name, shared, connect: (options) => this.link.fleet.connect(instance.id, options) }],
          { kind: this.kind, name: this.link.spec.name },
          this.clock,
        );
      } catch (thrown) {
        if (!(thrown instanceof Failure) || thrown.error.code !== 'lock-held' || performance.now() >= until) throw thrown;
      }
    }
  }

  /**
   * Takes both, afresh where some were held. A source that cannot be reached keeps nobody from taking back what was
   * begun on the standby; what goes forward fails by itself there.
   */
  async take(patienceMs = this.patienceMs): Promise<void> {
    await this.release();
    this.held.push(await this.lock(standbyOf(this.link), false, patienceMs));
    try {
      this.held.push(await this.lock(sourceOf(this.link), true, patienceMs));
    } catch (thrown) {
      if (thrown instanceof Failure && thrown.error.code === 'lock-held') {
        await this.release();
        throw thrown;
      }
    }
  }

  /** Takes both again after a server or the network was away: a server may take our own lost connection for alive for a while. */
  async retake(): Promise<void> {
    await this.take(lostConnectionMs);
  }

  async check(): Promise<void> {
    for (const locks of this.held) await locks.check();
  }

  async release(): Promise<void> {
    await Promise.all(this.held.splice(0).map((locks) => locks.release()));
  }
}
