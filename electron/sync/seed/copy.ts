import type { StepContext } from '../../tasks/types';
import { copyData, type Copied } from '../../copy/copy';
import { compareCopy } from '../../comparison/copied';
import { objectText } from '../../../shared/domain/scope/left-out';
import { changedTable } from '../../copy/schema/changed';
import { isBegun } from '../../copy/created-objects';
import { memory } from '../memory';
import { awaitReturn, clearLeftovers, endLoading, openForWriting, quickenLoading } from './standby-settings';
import { sourceOf } from '../../replication/link-context';
import { copyJob } from '../../copy/job';
import type { SyncContext } from '../run/context';

/** Sessions on each side that may carry rows at the same time. */
const parallel = 8;

/** How often a copy begins anew because a table was changed in the middle: where that goes on, people have to agree. */
const mostChanges = 2;

/**
 * The copy of one run: its snapshot lives from the seed to the end of the comparison. After a pause or a crash the
 * snapshot is gone and the copy begins anew, on a target cleaned of what the first one left.
 */
export class CopySeed {
  private copied: Copied | null = null;
  /** How often a table was changed in the middle. */
  private changes = 0;

  constructor(
    private readonly ground: SyncContext,
    /** Takes the locks again where a restart of the standby has ended the session that held them. */
    private readonly takeLocks: () => Promise<void>,
    /** Called with the position of each snapshot before anything is copied from it. */
    private readonly atSnapshot?: (step: StepContext, gtidSet: string) => Promise<void>,
  ) {}

  /** As {@link copyOnce}; again where somebody changed a table meanwhile, and told so. */
  async seed(step: StepContext): Promise<string> {
    for (;;) {
      try {
        return await this.copyOnce(step);
      } catch (thrown) {
        this.mayBeginAnew(step, thrown);
      }
    }
  }

  private mayBeginAnew(step: StepContext, thrown: unknown): void {
    const table = changedTable(thrown);
    if (table === null || this.changes >= mostChanges) throw thrown;
    this.changes += 1;
    step.log('warning', 'sync.log.tableChanged', { table, server: sourceOf(this.ground).name, attempt: this.changes + 1, most: mostChanges + 1 });
  }

  /** Copies; returns the position of the copy. Where one was begun before, by this run or one that died, it begins anew. */
  private async copyOnce(step: StepContext): Promise<string> {
    await this.close();
    if (isBegun(step) && this.changes === 0) step.log('warning', 'sync.log.copiedAgain', { server: sourceOf(this.ground).name });
    await openForWriting(this.ground, step);
    await clearLeftovers(this.ground, step);
    await quickenLoading(this.ground, step);
    const targetReturns = async (): Promise<void> => {
      await awaitReturn(this.ground, step);
      await quickenLoading(this.ground, step);
      await this.takeLocks();
    };
    const keepsBinlogSeconds = (await this.ground.fleet.readFacts(this.ground.spec.sourceId, step.signal)).server.binlogExpireSeconds ?? 0;
    this.copied = await copyData(
      { ...copyJob(this.ground, step), keepsBinlogSeconds, otherLagSeconds: () => otherLag(this.ground), targetReturns },
      {
        parallel, taskName: this.ground.spec.name, atSnapshot: (gtidSet) => this.atSnapshot?.(step, gtidSet) ?? Promise.resolve(),
        mostMbPerSecond: () => this.ground.copyRateMb?.() ?? null,
        // A change that came between is not let between once more.
        changesWait: this.changes > 0,
      },
    );
    await endLoading(this.ground, step);
    this.ground.leftOut?.copied(this.copied.leftOut, this.copied.withRights);
    for (const { kind, database, name, why } of this.copied.leftOut) {
      if (why === null) step.log('warning', 'sync.log.leftOut', { kind, name: objectText({ kind, database, name }) });
    }
    await step.remember(memory.position, this.copied.snapshot.gtidSet);
    return this.copied.snapshot.gtidSet;
  }

  /** Compares row counts and checksums at the position of the copy, then lets the snapshot go. */
  async compare(step: StepContext): Promise<void> {
    if (this.copied === null) await this.seed(step);
    const copied = this.copied as Copied | null;
    if (copied === null) return;
    try {
      await compareCopy(copyJob(this.ground, step), copied);
    } catch (thrown) {
      // Run again, it compares the same copy as long as there is something to compare it with.
      if (changedTable(thrown) === null) {
        if (!(await copied.snapshot.isAlive())) await this.close();
        throw thrown;
      }
      this.mayBeginAnew(step, thrown);
      await this.close();
      return this.compare(step);
    }
    step.log('info', 'sync.log.compared', { parts: copied.chunks.length });
    await this.close();
  }

  async close(): Promise<void> {
    const copied = this.copied;
    this.copied = null;
    await copied?.snapshot.close();
  }
}

/** Worst lag of the source's other replicas, as last seen. */
function otherLag({ fleet, spec }: SyncContext): number | null {
  const others = fleet.replicasOf(spec.sourceId).filter(({ id }) => id !== spec.standbyId);
  const seconds = others.map(({ id }) => fleet.view(id).lag?.seconds ?? null).filter((lag) => lag !== null);
  return seconds.length === 0 ? null : Math.max(...seconds);
}
