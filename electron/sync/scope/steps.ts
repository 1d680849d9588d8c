import * as v from 'valibot';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { isDatabaseInScope } from '../../../shared/domain/scope/filters';
import { isInPart, scopeDifference, type PartialScope } from '../../../shared/domain/scope/change';
import { failure } from '../../../shared/errors/codes';
import { hasErrno } from '../../mysql/errors';
import { quoteId, quoteTable } from '../../mysql/quote';
import type { Session } from '../../mysql/types';
import { memoryKey } from '../../tasks/memory';
import type { StepContext } from '../../tasks/types';
import { applyTo } from '../../replication/apply-to';
import { memory } from '../memory';
import { writerSession } from '../../copy/snapshot/sessions';
import { clearMark } from '../../copy/marker';
import { readNames, type NamedObject } from './names';
import { closeAgain, openForWriting } from '../seed/standby-settings';
import { executedOn } from '../../replication/gtid';
import { linkStatus } from '../../replication/status';
import { onStandby, followed } from '../../replication/link-context';
import { copyJob } from '../../copy/job';
import { ensureFilters, setFilters } from '../../replication/applier';
import type { SyncContext } from '../run/context';

/** The pair as it is before the change and as it is after. */
export interface ScopeContexts {
  readonly before: SyncContext;
  readonly after: SyncContext;
}

/** What the standby had executed beyond the position: its own. */
export const ownTransactions = memoryKey('ownTransactions', v.string());

/**
 * Brings the standby, by the filters of before, exactly to the position of a snapshot that was taken while its applier
 * stood still. What it had executed beyond that position then is its own, and has to be all there is afterwards.
 */
export async function reachSnapshot({ before }: ScopeContexts, step: StepContext, gtidSet: string): Promise<void> {
  await onStandby(before, step, async (session) => {
    await step.remember(ownTransactions, (await executedOn(session)).subtract(parseGtidSet(gtidSet)).toLine());
  });
  await step.remember(memory.position, gtidSet);
  await reachPosition(before, step);
}

/**
 * As {@link reachSnapshot}, for the position that is remembered: a standby that was restarted in the middle may have lost
 * its filters, and transactions that it had not flushed.
 *
 * @throws Failure `step-failed` where the standby went past the position
 */
async function reachPosition(before: SyncContext, step: StepContext): Promise<void> {
  const [noted, ownNoted] = [step.recall(memory.position), step.recall(ownTransactions)];
  if (noted === undefined || ownNoted === undefined) throw failure('internal', { detail: 'a change of scope without a position' });
  const [position, own] = [parseGtidSet(noted), parseGtidSet(ownNoted)];
  await onStandby(before, step, async (session, name) => {
    const { dialect } = session;
    await step.sql(session, name, dialect.stopReplica({ threads: 'applier' }));
    if (!position.isSubsetOf((await executedOn(session)))) {
      await ensureFilters(before, step, session, name);
      // After a restart nothing of replication runs, and what is missing may have to come from the source again.
      if ((await linkStatus(session))?.receiver === 'stopped') await step.sql(session, name, dialect.startReplica({ threads: 'receiver' }));
      await applyTo(followed(before, step), step, session, name, position, 'seed');
    }
    const executed = (await executedOn(session));
    const beyond = executed.subtract(position).subtract(own);
    if (!position.isSubsetOf(executed) || !beyond.isEmpty()) {
      throw failure('step-failed', { step: 'seed', server: name }, { server: name, detail: `gtid_executed − ${position.shorten()} = ${beyond.shorten()}` });
    }
  });
}

/** The copy is complete: its mark goes, the standby is closed as it was, and the filters are those of the new scope. */
export async function turnFilters({ before, after }: ScopeContexts, step: StepContext, copied: boolean): Promise<void> {
  if (copied) {
    await reachPosition(before, step);
    await openForWriting(after, step);
    const job = copyJob(after, step);
    const writer = await writerSession(job.target, step.signal);
    try {
      await clearMark(job, writer);
    } finally {
      await writer.close();
    }
    await closeAgain(after, step);
  }
  await onStandby(after, step, async (session, name) => {
    await step.sql(session, name, session.dialect.stopReplica({ threads: 'applier' }));
    await setFilters(session, name, step, after.spec.scope);
  });
}

/** Drops tables and views on the standby, outside of its binary log. Others of the same names are none of its source's. */
export async function dropObjects(ground: SyncContext, step: StepContext, objects: readonly NamedObject[], databases: readonly string[] = []): Promise<void> {
  if (objects.length === 0 && databases.length === 0) return;
  await openForWriting(ground, step);
  const job = copyJob(ground, step);
  const writer = await writerSession(job.target, step.signal);
  const drop = async (statement: string): Promise<void> => {
    try {
      await step.sql(writer, job.target.name, statement);
    } catch (thrown) {
      // 1049: its database went before.
      if (!hasErrno(thrown, 1049)) throw thrown;
    }
  };
  try {
    for (const { database, name, isView } of objects) await drop(`DROP ${isView ? 'VIEW' : 'TABLE'} IF EXISTS ${quoteTable(database, name)}`);
    for (const database of databases) await drop(`DROP DATABASE IF EXISTS ${quoteId(database)}`);
  } finally {
    await writer.close();
  }
}

/** What the standby holds of that which a change takes out of its scope: tables, views, and whole databases. */
export async function droppedObjects(
  session: Session,
  from: PartialScope,
  to: PartialScope,
): Promise<{ readonly objects: readonly NamedObject[]; readonly databases: readonly string[] }> {
  const { removed } = scopeDifference(from, to);
  const objects = (await readNames(session)).filter(({ database, name }) => removed.some((part) => isInPart(part, database, name)));
  const databases = removed.filter(({ database, tables }) => tables === null && !isDatabaseInScope(to, database)).map(({ database }) => database);
  return { objects, databases };
}
