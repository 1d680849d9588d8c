import * as v from 'valibot';
import { ownSchema } from '../../../shared/domain/scope/scope';
import { isWholeDatabaseInScope } from '../../../shared/domain/scope/filters';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { isUnreachable, MysqlError } from '../../mysql/errors';
import { quoteId, quoteTable } from '../../mysql/quote';
import { waitUntil } from '../../mysql/time';
import type { Session } from '../../mysql/types';
import { memoryKey } from '../../tasks/memory';
import type { StepContext } from '../../tasks/types';
import { databasesOf, markerTable } from '../../copy/schema/catalogue';
import { writerSession } from '../../copy/snapshot/sessions';
import { removeCreated } from '../../copy/created-objects';
import { clearMark, readMark } from '../../copy/marker';
import { answers } from '../../replication/retry';
import { serverUuid } from '../../replication/gtid';
import { standbyOf, onStandby } from '../../replication/link-context';
import { copyJob } from '../../copy/job';
import { globalVariable } from '../../mysql/reading';
import type { SyncContext } from '../run/context';

/** How the standby was before the seed, for the way back. */
const settings = v.object({ readOnly: v.boolean(), superReadOnly: v.nullable(v.boolean()), localInfile: v.boolean(), redoCapacity: v.nullable(v.string()) });
export const standbyBefore = memoryKey('standbyBefore', settings);

const redoCapacity = 'innodb_redo_log_capacity';
const loadingRedoBytes = 1024 ** 3;

/**
 * Drops what the user agreed to lose, outside of the binary log: every user database, or for a partial scope what was
 * chosen. Accounts and settings stay. There is no way back from this; the task says so before it begins.
 */
export async function eraseTarget(ground: SyncContext, step: StepContext): Promise<void> {
  const { scope } = ground.spec;
  const job = copyJob(ground, step);
  await openForWriting(ground, step);
  const writer = await writerSession(job.target, step.signal);
  try {
    const databases = await databasesOf(writer);
    for (const database of databases) {
      step.checkpoint();
      // Our own schema on a partial standby may serve somebody else's link.
      if (scope.kind === 'partial' && database === ownSchema) continue;
      if (isWholeDatabaseInScope(scope, database)) await step.sql(writer, job.target.name, `DROP DATABASE ${quoteId(database)}`);
    }
    if (scope.kind === 'partial') {
      for (const { database, tables } of scope.databases) {
        if (tables === null || !databases.includes(database)) continue;
        for (const table of tables) await step.sql(writer, job.target.name, `DROP TABLE IF EXISTS ${quoteTable(database, table)}`);
      }
    }
  } finally {
    await writer.close();
  }
}

/**
 * Closes the standby to ordinary clients and opens it for us: read_only on, super_read_only off (it would hold us back
 * too), LOCAL INFILE allowed where that can be. What was before is remembered first.
 */
export async function openForWriting(ground: SyncContext, step: StepContext): Promise<void> {
  await onStandby(ground, step, async (session, name) => {
    const { dialect } = session;
    if (step.recall(standbyBefore) === undefined) {
      const superReadOnly = dialect.features.hasSuperReadOnly ? isOn(await globalVariable(session, 'super_read_only')) : null;
      await step.remember(
        standbyBefore,
        {
          readOnly: isOn(await globalVariable(session, 'read_only')), superReadOnly, localInfile: isOn(await globalVariable(session, 'local_infile')),
          redoCapacity: await globalVariable(session, redoCapacity),
        },
      );
    }
    if (!isOn(await globalVariable(session, 'read_only'))) await step.sql(session, name, dialect.setGlobal('read_only', true));
    if (dialect.features.hasSuperReadOnly && isOn(
      await globalVariable(session, 'super_read_only'),
    )) await step.sql(session, name, dialect.setGlobal('super_read_only', false));
    if (!isOn(await globalVariable(session, 'local_infile'))) await allowLocalInfile(session, name, step);
  });
}

/** Rows enter quicker by LOAD DATA LOCAL. They enter without it too: a server that keeps it off is no reason to fail. */
async function allowLocalInfile(session: Session, name: string, step: StepContext): Promise<void> {
  try {
    await step.sql(session, name, session.dialect.setGlobal('local_infile', true));
  } catch (thrown) {
    if (isUnreachable(thrown) || !(thrown instanceof MysqlError) || thrown.errno === 0) throw thrown;
    step.log('warning', 'sync.log.localInfileStays', { server: name, detail: thrown.error.detail ?? '' });
  }
}

function standbyAnswers(ground: SyncContext, step: StepContext): Promise<boolean> {
  return answers(() => onStandby(ground, step, (session) => session.query('SELECT 1')));
}

/**
 * Gives a standby that was restarted a little time before something is taken back on it. One that stays away is no fault
 * here: what cannot be taken back says so itself.
 */
export async function giveTimeToReturn(ground: SyncContext, step: StepContext): Promise<void> {
  // A login that it refuses is an answer too: after a clone another one works.
  const isBack = (): Promise<boolean> => standbyAnswers(ground, step).catch(() => true);
  await waitUntil(isBack, { everyMs: 500, limitMs: restartMs, signal: step.signal });
}

/** How long a server mostly needs to start again. */
const restartMs = 30_000;
/** How long a standby may be away in the middle of a copy. */
const returnLimitMs = 30 * 60_000;

/**
 * Waits for a standby that went away in the middle of a copy, and opens it for writing again (a restart forgets what was
 * set). It must be the same server, and still hold what was copied.
 *
 * @throws Failure `different-server`, `seed-impossible`, `step-timeout`
 */
export async function awaitReturn(ground: SyncContext, step: StepContext): Promise<void> {
  const { name, serverUuid: expected } = standbyOf(ground);
  await step.waitFor(message('sync.wait.server', { server: name }), () => standbyAnswers(ground, step), { everyMs: 1000, limitMs: returnLimitMs });
  await onStandby(ground, step, async (session) => {
    const uuid = await serverUuid(session);
    if (expected !== null && uuid.toLowerCase() !== expected.toLowerCase()) throw failure('different-server', { name, expected, uuid });
    const mark = await readMark(session);
    if (mark?.task !== ground.spec.name) throw failure('seed-impossible', { seed: 'copy', reason: `${name}: the mark of this copy is gone` });
  });
  await openForWriting(ground, step);
  step.log('info', 'sync.log.targetBack', { server: name });
}

/**
 * Lets a server of 8.0.30 or later write more before it has to flush: many rows enter a sixth quicker. Not persisted; a
 * server whose capacity is larger keeps it.
 */
export async function quickenLoading(ground: SyncContext, step: StepContext): Promise<void> {
  await onStandby(ground, step, async (session, name) => {
    const capacity = await globalVariable(session, redoCapacity);
    if (capacity !== null && Number(capacity) < loadingRedoBytes) await step.sql(session, name, session.dialect.setGlobal(redoCapacity, loadingRedoBytes));
  });
}

/** Puts back as it was what is needed only while rows are copied. */
export async function endLoading(ground: SyncContext, step: StepContext): Promise<void> {
  const before = step.recall(standbyBefore);
  if (before !== undefined) await onStandby(ground, step, (session, name) => putLoading(session, name, step, before));
}

async function putLoading(session: Session, name: string, step: StepContext, before: v.InferOutput<typeof settings>): Promise<void> {
  // One that was on before was turned off by somebody else.
  if (!before.localInfile && isOn(
    await globalVariable(session, 'local_infile'),
  )) await step.sql(session, name, session.dialect.setGlobal('local_infile', false));
  const capacity = await globalVariable(session, redoCapacity);
  if (before.redoCapacity !== null && capacity !== before.redoCapacity)
    await step.sql(session, name, session.dialect.setGlobal(redoCapacity, Number(before.redoCapacity)));
}

/** Closes the standby to privileged clients again where it was closed, and keeps what is needed to take everything back. */
export async function closeAgain(ground: SyncContext, step: StepContext): Promise<void> {
  const before = step.recall(standbyBefore);
  if (before === undefined) return;
  await onStandby(ground, step, async (session, name) => {
    await putLoading(session, name, step, before);
    if (before.superReadOnly === true && !isOn(
      await globalVariable(session, 'super_read_only'),
    )) await step.sql(session, name, session.dialect.setGlobal('super_read_only', true));
  });
}

/** Removes what the seed made and gives the standby its settings back. Nothing that was there before is touched. */
export async function restoreTarget(ground: SyncContext, step: StepContext): Promise<void> {
  const before = step.recall(standbyBefore);
  if (before === undefined) return;
  const job = copyJob(ground, step);
  await openForWriting(ground, step);
  const writer = await writerSession(job.target, step.signal);
  try {
    await removeCreated(job, writer);
    await clearLeftMark(job, writer);
  } finally {
    await writer.close();
  }
  const { readOnly, superReadOnly } = before;
  await onStandby(ground, step, async (session, name) => {
    const put = async (variable: string, value: boolean): Promise<void> => {
      if (isOn(await globalVariable(session, variable)) !== value) await step.sql(session, name, session.dialect.setGlobal(variable, value));
    };
    await putLoading(session, name, step, before);
    await put('read_only', readOnly);
    if (superReadOnly !== null) await put('super_read_only', superReadOnly);
  });
  await step.forget(standbyBefore);
}

/** The mark may stand in a schema that was there before the copy. */
async function clearLeftMark(job: ReturnType<typeof copyJob>, writer: Session): Promise<void> {
  const rows = await writer.query('SELECT 1 AS found FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?', [ownSchema, markerTable]);
  if (rows.length > 0) await clearMark(job, writer);
}

/** Removes what an interrupted copy of the same task left, before it begins anew. */
export async function clearLeftovers(ground: SyncContext, step: StepContext): Promise<void> {
  const job = copyJob(ground, step);
  const writer = await writerSession(job.target, step.signal);
  try {
    await removeCreated(job, writer);
  } finally {
    await writer.close();
  }
}

/** True for the texts a server uses for a boolean that is on. */
export function isOn(value: string | null): boolean {
  return value === 'ON' || value === '1';
}
