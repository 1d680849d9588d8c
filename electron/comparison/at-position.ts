import { parseGtidSet } from '../../shared/domain/gtid/set';
import { ownSchema } from '../../shared/domain/scope/scope';
import { failure } from '../../shared/errors/codes';
import type { Session } from '../mysql/types';
import type { StepContext } from '../tasks/types';
import { applyTo } from '../replication/apply-to';
import { readCatalogue } from '../copy/schema/catalogue';
import { compareContent } from './content';
import { compareDefinitions } from './definitions/compare';
import type { LeftOutObject } from './definitions/differences';
import { partsOf } from '../copy/copy';
import { readerSession } from '../copy/snapshot/sessions';
import { openSnapshot, type Snapshot } from '../copy/snapshot/snapshot';
import { executedOn } from '../replication/gtid';
import { linkStatus } from '../replication/status';
import { standbyOf, onStandby, followed, type LinkContext } from '../replication/link-context';
import { copyJob, type CopyContext } from '../copy/job';

/** A link, and where the tables of its comparison are told. */
type ComparedLink = LinkContext & Pick<CopyContext, 'objects'> & { readonly leftOut?: { list(): readonly LeftOutObject[] } };

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
 * @throws Failure `content-differs` naming the tables; `definitions-differ` naming the objects; `step-failed` where G is not hit
 */
export async function verifyAtPosition(link: ComparedLink, step: StepContext): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const there: Session[] = [];
    const snapshot = await openAtPosition(link, step, there).catch(async (thrown: unknown) => {
      await restartApplier(link, step);
      throw thrown;
    });
    await restartApplier(link, step);
    try {
      if (snapshot !== null) {
        await compare(link, step, snapshot, there);
        return snapshot.gtidSet;
      }
    } finally {
      await snapshot?.close();
      for (const session of there) session.destroy();
    }
    const server = standbyOf(link).name;
    if (attempt === attempts) throw failure('step-failed', { step: 'verify', server }, { server, detail: 'UNTIL SQL_AFTER_GTIDS' });
  }
}

/** Both sides at one position; null where the standby went past it. */
async function openAtPosition(link: ComparedLink, step: StepContext, there: Session[]): Promise<Snapshot | null> {
  const job = copyJob(link, step);
  await onStandby(link, step, (session, name) => step.sql(session, name, session.dialect.stopReplica({ threads: 'applier' })));
  const snapshot = await openSnapshot(job, parallel);
  try {
    const position = parseGtidSet(snapshot.gtidSet);
    await onStandby(link, step, (session, name) => applyTo(followed(link, step), step, session, name, position, 'verify'));
    const executed = await onStandby(link, step, executedOn);
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
    for (const session of there.splice(0)) session.destroy();
    await snapshot.close();
    throw thrown;
  }
}

/**
 * On a session of its own: the step may have been cancelled. An applier that has reached its UNTIL still counts as running
 * for a moment and stops then: it is stopped for certain before it starts without an end.
 */
async function restartApplier({ fleet, spec }: LinkContext, step: StepContext): Promise<void> {
  await fleet.withSession(spec.standbyId, async (session) => {
    if ((await linkStatus(session)) === null) return;
    await session.run(session.dialect.stopReplica({ threads: 'applier' }));
    await session.run(session.dialect.startReplica({ threads: 'applier' }));
  }).catch((thrown: unknown) => step.log('warning', 'sync.log.applierStays', { detail: thrown instanceof Error ? thrown.message : String(thrown) }));
}

async function compare(link: ComparedLink, step: StepContext, snapshot: Snapshot, there: readonly Session[]): Promise<void> {
  const job = copyJob(link, step);
  // Our own tables are not data: some of them stand on one side only.
  const chunks = (await partsOf(job, snapshot)).filter(({ table }) => table.database !== ownSchema);
  const [first] = there;
  const names = new Set(snapshot.catalogue.tables.map(({ database, name }) => `${database}.${name}`));
  const theirs = first === undefined ? [] : (await readCatalogue(first, { scope: link.spec.scope })).tables;
  const extra = theirs.filter(({ database }) => database !== ownSchema).map(({ database, name }) => `${database}.${name}`).filter((name) => !names.has(name));
  await compareContent(job, snapshot.sessions, there, chunks, extra);
  await compareDefinitions(job, link.leftOut?.list() ?? []);
  step.log('info', 'sync.log.verified', { parts: chunks.length, gtids: snapshot.gtidSet.slice(0, 200) });
}
