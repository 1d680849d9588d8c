import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { ownSchema } from '../../../shared/domain/scope/scope';
import { failure } from '../../../shared/errors/codes';
import type { Session } from '../../mysql/types';
import type { StepContext } from '../../tasks/types';
import { applyTo } from '../../replication/apply-to';
import { readCatalogue } from '../../copy/schema/catalogue';
import { compareContent } from '../../comparison/content';
import { partsOf } from '../../copy/copy';
import { readerSession } from '../../copy/snapshot/sessions';
import { openSnapshot, type Snapshot } from '../../copy/snapshot/snapshot';
import { copyJob, onStandby, standbyOf, type Ground, followed } from '../run/context';
import { executedOn } from '../../replication/gtid';
import { linkStatus } from '../../replication/status';

/** Parts that are compared at the same time. */
const parallel = 4;
/** How often a position is missed (a statement outside the scope had to be passed over) before the task gives up. */
const attempts = 3;

/**
 * Compares a standby that already follows with its source, at one and the same position: the applier stops, snapshots of
 * the source are taken at a position G, the applier goes on exactly to G, snapshots of the standby are taken there, and it
 * goes on. Only then rows are read, so that the standby stands still for as long as it takes to get to G and no longer.
 *
 * Returns G.
 *
 * @throws Failure `content-differs` naming the tables; `step-failed` where G is not hit
 */
export async function verifyAtPosition(ground: Ground, step: StepContext): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const there: Session[] = [];
    const snapshot = await openAtPosition(ground, step, there).catch(async (thrown: unknown) => {
      await restartApplier(ground, step);
      throw thrown;
    });
    await restartApplier(ground, step);
    try {
      if (snapshot !== null) {
        await compare(ground, step, snapshot, there);
        return snapshot.gtidSet;
      }
    } finally {
      await snapshot?.close();
      for (const session of there) session.destroy();
    }
    if (attempt === attempts) throw failure('step-failed', { step: 'verify', server: standbyOf(ground).name }, { server: standbyOf(ground).name, detail: 'UNTIL SQL_AFTER_GTIDS' });
  }
}

/** Both sides at one position; null where the standby went past it. */
async function openAtPosition(ground: Ground, step: StepContext, there: Session[]): Promise<Snapshot | null> {
  const job = copyJob(ground, step);
  await onStandby(ground, step, (session, name) => step.sql(session, name, session.dialect.stopReplica({ threads: 'applier' })));
  const snapshot = await openSnapshot(job, parallel);
  try {
    const position = parseGtidSet(snapshot.gtidSet);
    await onStandby(ground, step, (session, name) => applyTo(followed(ground, step), step, session, name, position, 'verify'));
    const executed = await onStandby(ground, step, executedOn);
    if (!executed.subtract(position).isEmpty()) {
      await snapshot.close();
      return null;
    }
    for (let i = 0; i < parallel; i++) {
      const session = await readerSession(job.target, step.signal);
      there.push(session);
      await step.sql(session, job.target.name, 'START TRANSACTION WITH CONSISTENT SNAPSHOT');
    }
    return snapshot;
  } catch (thrown) {
    await snapshot.close();
    throw thrown;
  }
}

/**
 * On a session of its own: the step may have been cancelled. An applier that has reached its UNTIL still counts as running
 * for a moment and stops then: it is stopped for certain before it starts without an end.
 */
async function restartApplier({ fleet, spec }: Ground, step: StepContext): Promise<void> {
  await fleet.withSession(spec.standbyId, async (session) => {
    if ((await linkStatus(session)) === null) return;
    await session.run(session.dialect.stopReplica({ threads: 'applier' }));
    await session.run(session.dialect.startReplica({ threads: 'applier' }));
  }).catch((thrown: unknown) => step.log('warning', 'sync.log.applierStays', { detail: thrown instanceof Error ? thrown.message : String(thrown) }));
}

async function compare(ground: Ground, step: StepContext, snapshot: Snapshot, there: readonly Session[]): Promise<void> {
  const job = copyJob(ground, step);
  // Our own tables are not data: some of them stand on one side only.
  const chunks = (await partsOf(job, snapshot)).filter(({ table }) => table.database !== ownSchema);
  const [first] = there;
  const names = new Set(snapshot.catalogue.tables.map(({ database, name }) => `${database}.${name}`));
  const theirs = first === undefined ? [] : (await readCatalogue(first, { scope: ground.spec.scope })).tables;
  const extra = theirs.filter(({ database, name }) => database !== ownSchema && !names.has(`${database}.${name}`)).map(({ database, name }) => `${database}.${name}`);
  await compareContent(job, snapshot.sessions, there, chunks, extra);
  step.log('info', 'sync.log.verified', { parts: chunks.length, gtids: snapshot.gtidSet.slice(0, 200) });
}
