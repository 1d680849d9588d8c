import { failure } from '../../../shared/errors/codes';
import { SqlCursor } from '../../../shared/domain/sql/cursor';
import { modeFor } from '../../../shared/domain/sql/sql-mode';
import { atLeast, type ServerVersion } from '../../../shared/domain/fleet/version';
import { hasErrno } from '../../mysql/errors';
import { quoteId, quoteString, quoteTable } from '../../mysql/quote';
import type { Session } from '../../mysql/types';
import type { Catalogue, ObjectName } from './catalogue';
import { writerMode, type CopyJob } from '../snapshot/sessions';
import { rememberCreated, type ProgramKind } from '../created-objects';
import { takesPrograms, takesTable } from './scope';
import { definitionIn } from './schema';

/** What was carried besides tables and rows. */
export interface ProgramCounts {
  routines: number;
  views: number;
  triggers: number;
  events: number;
}

/**
 * Creates routines, views, triggers and events as they are on the source, each under the sql_mode and the collation it
 * was made with. Enabled events arrive disabled for replicas: the source runs them, and its changes arrive as rows.
 */
export async function copyPrograms(job: CopyJob, reader: Session, writer: Session, catalogue: Catalogue): Promise<ProgramCounts> {
  const counts: ProgramCounts = { routines: 0, views: 0, triggers: 0, events: 0 };
  const whole = catalogue.databases.filter((database) => takesPrograms(job, database));
  for (const database of whole) counts.routines += await copyRoutines(job, reader, writer, database);
  counts.views = await copyViews(job, reader, writer, catalogue.views);
  for (const database of catalogue.databases) counts.triggers += await copyTriggers(job, reader, writer, database);
  for (const database of whole) counts.events += await copyEvents(job, reader, writer, database);
  await writer.run(`SET SESSION sql_mode = '${writerMode}', time_zone = '+00:00'`);
  return counts;
}

/**
 * Those of a kind that are not on the target yet, noted as ours before they are. Of a database that was followed by single
 * tables before, programs that were made since have come by themselves: table filters do not see them.
 */
async function absent(job: CopyJob, writer: Session, kind: ProgramKind, database: string, names: readonly string[]): Promise<readonly string[]> {
  if (job.already === undefined || names.length === 0) return names;
  const query = kind === 'EVENT'
    ? 'SELECT EVENT_NAME AS name FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ?'
    : `SELECT ROUTINE_NAME AS name FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ? AND ROUTINE_TYPE = '${kind}'`;
  const here = kind === 'VIEW' ? [] : await writer.query<{ name: string }>(query, [database]);
  const left = names.filter((name) => !here.some((row) => row.name.toLowerCase() === name.toLowerCase()));
  await rememberCreated(job.step, { programs: left.map((name) => ({ kind, database, name })) });
  return left;
}

/** A row of SHOW CREATE …; a field that the login may not see is null. */
type Shown = Readonly<Record<string, string | null>>;

async function create(job: CopyJob, writer: Session, database: string, shown: Shown | undefined, text: string): Promise<void> {
  const settings = [`sql_mode = ${quoteString(modeFor(shown?.['sql_mode'] ?? '', writer.version))}`];
  const collation = shown?.['collation_connection'] ?? '';
  if (collation !== '') settings.push(`collation_connection = ${quoteString(collation)}`);
  const zone = shown?.['time_zone'] ?? '';
  if (zone !== '') settings.push(`time_zone = ${quoteString(zone)}`);
  // utf8mb4 is what our text travels in; the collation decides what its literals compare like.
  await writer.run('SET NAMES utf8mb4');
  await writer.run(`SET SESSION ${settings.join(', ')}`);
  await writer.run(`USE ${quoteId(database)}`);
  await job.step.sql(writer, job.target.name, text);
}

async function copyRoutines(job: CopyJob, reader: Session, writer: Session, database: string): Promise<number> {
  const rows = await reader.query<{ db: string; name: string; kind: string }>(
    "SELECT ROUTINE_SCHEMA AS db, ROUTINE_NAME AS name, ROUTINE_TYPE AS kind FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ? AND ROUTINE_TYPE IN ('PROCEDURE', 'FUNCTION')",
    [database],
  );
  let copied = 0;
  for (const kind of ['PROCEDURE', 'FUNCTION'] as const) {
    const names = rows.filter((row) => row.db === database && row.kind === kind).map(({ name }) => name);
    for (const name of await absent(job, writer, kind, database, names)) {
      const [shown] = await reader.query<Shown>(`SHOW CREATE ${kind} ${quoteTable(database, name)}`);
      await create(job, writer, database, shown, definitionIn(shown, kind === 'FUNCTION' ? 'Create Function' : 'Create Procedure', name));
      copied += 1;
    }
  }
  return copied;
}

/** Errors of a view that refers to something that is not there (yet): table, column, routine, database, invalid view. */
const notYet = [1146, 1054, 1305, 1049, 1356];

/** Views that build on views: whatever can be created is, until nothing more can. */
async function copyViews(job: CopyJob, reader: Session, writer: Session, views: readonly ObjectName[]): Promise<number> {
  for (const database of new Set(views.map((view) => view.database))) await absent(job, writer, 'VIEW', database, views.filter((view) => view.database === database).map(({ name }) => name));
  let left = [...views];
  let copied = 0;
  while (left.length > 0) {
    const blocked: ObjectName[] = [];
    let lastError: unknown;
    for (const view of left) {
      const [shown] = await reader.query<Shown>(`SHOW CREATE VIEW ${quoteTable(view.database, view.name)}`);
      try {
        await create(job, writer, view.database, shown, definitionIn(shown, 'Create View', view.name));
        copied += 1;
      } catch (thrown) {
        if (!hasErrno(thrown, ...notYet)) throw thrown;
        lastError = thrown;
        blocked.push(view);
      }
    }
    if (blocked.length === left.length) {
      // Broken on the source as well, or it reaches out of a partial scope.
      const detail = lastError instanceof Error ? lastError.message : '';
      for (const view of blocked) job.step.log('warning', 'sync.log.viewLeft', { view: `${view.database}.${view.name}`, detail });
      break;
    }
    left = blocked;
  }
  return copied;
}

async function copyTriggers(job: CopyJob, reader: Session, writer: Session, database: string): Promise<number> {
  const order = atLeast(reader.version, 5, 7, 2) ? 'ACTION_ORDER' : 'TRIGGER_NAME';
  const rows = await reader.query<{ db: string; name: string; tab: string }>(
    `SELECT TRIGGER_SCHEMA AS db, TRIGGER_NAME AS name, EVENT_OBJECT_TABLE AS tab FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ? ORDER BY EVENT_OBJECT_TABLE, ${order}`,
    [database],
  );
  const triggers = rows.filter((row) => row.db === database && takesTable(job, database, row.tab));
  for (const { name } of triggers) {
    const [shown] = await reader.query<Shown>(`SHOW CREATE TRIGGER ${quoteTable(database, name)}`);
    await create(job, writer, database, shown, definitionIn(shown, 'SQL Original Statement', name));
  }
  return triggers.length;
}

async function copyEvents(job: CopyJob, reader: Session, writer: Session, database: string): Promise<number> {
  const rows = await reader.query<{ db: string; name: string }>('SELECT EVENT_SCHEMA AS db, EVENT_NAME AS name FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ?', [database]);
  const events = await absent(job, writer, 'EVENT', database, rows.filter((row) => row.db === database).map(({ name }) => name));
  for (const name of events) {
    const [shown] = await reader.query<Shown>(`SHOW CREATE EVENT ${quoteTable(database, name)}`);
    await create(job, writer, database, shown, eventForReplica(definitionIn(shown, 'Create Event', name), writer.version));
  }
  return events.length;
}

/**
 * A definition as SHOW CREATE EVENT prints it, with ENABLE turned into "disabled on a replica", which promotion turns
 * back. A disabled event stays disabled.
 *
 * @throws Failure `internal` where the text is not of that form: an event that runs on a standby would write there
 */
export function eventForReplica(text: string, target: ServerVersion): string {
  const state = eventState(text);
  if (state === null) throw failure('internal', { detail: `unknown form of an event: ${text.slice(0, 200)}` });
  if (state.word === 'DISABLE') return text;
  const word = atLeast(target, 8, 2, 0) ? 'DISABLE ON REPLICA' : 'DISABLE ON SLAVE';
  return `${text.slice(0, state.from)}${word}${text.slice(state.end)}`;
}

/** Where an event's definition says whether it runs; null: it is of another form. */
function eventState(text: string): { readonly word: 'ENABLE' | 'DISABLE' | 'DISABLE ON REPLICA'; readonly from: number; readonly end: number } | null {
  const sql = new SqlCursor(text);
  const isEvent = sql.words('CREATE', 'DEFINER') && sql.mark('=') && sql.account() && sql.words('EVENT') && sql.name() !== null && sql.words('ON', 'SCHEDULE');
  if (!isEvent) return null;
  while (!sql.words('ON', 'COMPLETION')) if (sql.take() === undefined) return null;
  sql.words('NOT');
  if (!sql.words('PRESERVE')) return null;
  const from = sql.peek()?.at ?? 0;
  const state = sql.oneOf('ENABLE', 'DISABLE');
  if (state === null) return null;
  const isOnReplica = state === 'DISABLE' && sql.words('ON') && sql.oneOf('SLAVE', 'REPLICA') !== null;
  return { word: isOnReplica ? 'DISABLE ON REPLICA' : state, from, end: sql.end };
}
