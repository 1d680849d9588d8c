import * as v from 'valibot';
import { ownSchema } from '../../shared/domain/scope';
import { isWholeDatabaseInScope } from '../../shared/domain/sync-filters';
import { quoteId, quoteTable } from '../mysql/quote';
import type { Session } from '../mysql/types';
import type { StepContext } from '../tasks/types';
import { databasesOf, markerTable } from './copy/catalogue';
import { writerSession } from './copy/ends';
import { removeCreated } from './copy/made';
import { clearMark } from './copy/marker';
import { copyJob, globalVariable, onStandby, type Ground } from './ground';

/** How the standby was before the seed, for the way back. */
const settings = v.object({ readOnly: v.boolean(), superReadOnly: v.nullable(v.boolean()), localInfile: v.boolean() });
const memoryKey = 'standbyBefore';

/**
 * Drops what the user agreed to lose, outside of the binary log: every user database, or for a partial scope what was
 * chosen. Accounts and settings stay. There is no way back from this; the task says so before it begins.
 */
export async function eraseTarget(ground: Ground, step: StepContext): Promise<void> {
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
 * too), LOCAL INFILE allowed. What was before is remembered first.
 */
export async function openForWriting(ground: Ground, step: StepContext): Promise<void> {
  await onStandby(ground, step, async (session, name) => {
    const { dialect } = session;
    if (step.recall(memoryKey) === undefined || step.recall(memoryKey) === null) {
      const superReadOnly = dialect.features.hasSuperReadOnly ? isOn(await globalVariable(session, 'super_read_only')) : null;
      await step.remember(memoryKey, { readOnly: isOn(await globalVariable(session, 'read_only')), superReadOnly, localInfile: isOn(await globalVariable(session, 'local_infile')) });
    }
    if (!isOn(await globalVariable(session, 'read_only'))) await step.sql(session, name, dialect.setGlobal('read_only', true));
    if (dialect.features.hasSuperReadOnly && isOn(await globalVariable(session, 'super_read_only'))) await step.sql(session, name, dialect.setGlobal('super_read_only', false));
    if (!isOn(await globalVariable(session, 'local_infile'))) await step.sql(session, name, dialect.setGlobal('local_infile', true));
  });
}

/** Puts LOCAL INFILE back as it was: needed only while rows are copied. */
export async function closeLocalInfile(ground: Ground, step: StepContext): Promise<void> {
  const before = v.safeParse(settings, step.recall(memoryKey));
  if (!before.success || before.output.localInfile) return;
  await onStandby(ground, step, async (session, name) => {
    if (isOn(await globalVariable(session, 'local_infile'))) await step.sql(session, name, session.dialect.setGlobal('local_infile', false));
  });
}

/** Removes what the seed made and gives the standby its settings back. Nothing that was there before is touched. */
export async function restoreTarget(ground: Ground, step: StepContext): Promise<void> {
  if (step.recall(memoryKey) === undefined || step.recall(memoryKey) === null) return;
  const job = copyJob(ground, step);
  await openForWriting(ground, step);
  const writer = await writerSession(job.target, step.signal);
  try {
    await removeCreated(job, writer);
    await clearLeftMark(job, writer);
  } finally {
    await writer.close();
  }
  const before = v.safeParse(settings, step.recall(memoryKey));
  if (!before.success) return;
  const { readOnly, superReadOnly, localInfile } = before.output;
  await onStandby(ground, step, async (session, name) => {
    const put = async (variable: string, value: boolean): Promise<void> => {
      if (isOn(await globalVariable(session, variable)) !== value) await step.sql(session, name, session.dialect.setGlobal(variable, value));
    };
    await put('local_infile', localInfile);
    await put('read_only', readOnly);
    if (superReadOnly !== null) await put('super_read_only', superReadOnly);
  });
  await step.remember(memoryKey, null);
}

/** The mark may stand in a schema that was there before the copy. */
async function clearLeftMark(job: ReturnType<typeof copyJob>, writer: Session): Promise<void> {
  const rows = await writer.query('SELECT 1 AS found FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?', [ownSchema, markerTable]);
  if (rows.length > 0) await clearMark(job, writer);
}

/** Removes what an interrupted copy of the same task left, before it begins anew. */
export async function clearLeftovers(ground: Ground, step: StepContext): Promise<void> {
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
