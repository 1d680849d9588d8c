import { failure, type Failure } from '../../../shared/errors/codes';
import type { Message } from '../../../shared/i18n/message';
import { oneCharsetName } from '../../../shared/domain/sql/charset-name';
import { SqlCursor } from '../../../shared/domain/sql/cursor';
import { modeFor } from '../../../shared/domain/sql/sql-mode';
import { atLeast, type ServerVersion } from '../../../shared/domain/fleet/version';
import { isRefusal, isUnreachable } from '../../mysql/errors';
import { quoteId, quoteString, quoteTable } from '../../mysql/quote';
import { inBytes, plain } from '../../mysql/statement';
import type { Session, Statement } from '../../mysql/types';
import type { Attempt, Counted } from './attempts';
import { byName, type Catalogue, type ObjectName } from './catalogue';
import { writerMode, writerSession, type CopyJob, type WriteJob } from '../snapshot/sessions';
import { rememberCreated, type ProgramKind } from '../created-objects';
import { takesPrograms, takesTable, type CopyScope } from './scope';
import { definitionOf } from './defined';
import { commentForMode, databaseCollation, parameterCollation, showProgram, type Shown, type ShownProgram } from './shown';

type Kind = ProgramKind | 'TRIGGER';

/** How a kind is counted, told where it is left out, and which field of SHOW CREATE holds its text. */
const kinds: Readonly<Record<Kind, { readonly count: Counted; readonly left: Message['key']; readonly field: string }>> = {
  LIBRARY: { count: 'routines', left: 'sync.log.routineLeft', field: 'Create Library' },
  PROCEDURE: { count: 'routines', left: 'sync.log.routineLeft', field: 'Create Procedure' },
  FUNCTION: { count: 'routines', left: 'sync.log.routineLeft', field: 'Create Function' },
  VIEW: { count: 'views', left: 'sync.log.viewLeft', field: 'Create View' },
  TRIGGER: { count: 'triggers', left: 'sync.log.triggerLeft', field: 'SQL Original Statement' },
  EVENT: { count: 'events', left: 'sync.log.eventLeft', field: 'Create Event' },
};

/** One by its name. */
export interface Program extends ObjectName {
  readonly kind: Kind;
  /** Whose trigger it is. */
  readonly table?: string;
}

/** A program as it was read: what the source showed of it, or what it said instead. */
interface Readable {
  readonly program: Program;
  readonly shown: ShownProgram | Failure;
}

/** The programs of a portion as they are now; in the order in which most of them find what they name. `writer`: of the target. */
export async function readPrograms(job: CopyJob, reader: Session, writer: Session, catalogue: Catalogue): Promise<readonly Readable[]> {
  const read: Readable[] = [];
  for (const program of await programsOf(job, reader, writer, catalogue)) {
    // Before 8.0 the source refuses to show a view that does not work.
    read.push({ program, shown: await showProgram(reader, program, kinds[program.kind].field).catch(refusalIn) });
  }
  return read;
}

/** What a server refused; anything else is thrown. */
function refusalIn(thrown: unknown): Failure {
  if (!isRefusal(thrown)) throw thrown;
  return thrown;
}

/**
 * Creates routines, views, triggers and events as they were read, each under the sql_mode and the collation it
 * was made with. Enabled events arrive disabled for replicas: the source runs them, and its changes arrive as rows.
 */
export function programsToCreate(job: CopyJob, writer: Session, all: readonly Readable[]): readonly Attempt[] {
  return all.map(({ program, shown }) => ({
    run: () => tryToCreate(job, writer, program, shown),
    leave: (why) => {
      job.refused?.({ kind: program.kind === 'VIEW' ? 'TABLE' : program.kind, database: program.database, name: program.name }, why.message);
      job.step.log('warning', kinds[program.kind].left, { name: `${program.database}.${program.name}`, detail: why.message });
      return Promise.resolve();
    },
    counts: kinds[program.kind].count,
  }));
}

/** In the order in which most of them find what they name. */
async function programsOf(job: CopyJob, reader: Session, writer: Session, catalogue: Catalogue): Promise<readonly Program[]> {
  const known = (await namedPrograms(job, reader, catalogue)).filter(({ kind }) => kind !== 'LIBRARY' || atLeast(writer.version, 9, 2, 0));
  return job.already === undefined ? known : absent(job, reader, writer, catalogue, known);
}

/** The programs that a portion carries, as the server has them now; in the order in which most of them find what they name. */
export async function namedPrograms(portion: CopyScope, reader: Session, catalogue: Catalogue): Promise<readonly Program[]> {
  const whole = catalogue.databases.filter((database) => takesPrograms(portion, database));
  const all: Program[] = [];
  for (const database of whole) all.push(...(await librariesOf(reader, database)));
  for (const database of whole) all.push(...(await routinesOf(reader, database)));
  for (const { database, name } of catalogue.views) all.push({ kind: 'VIEW', database, name });
  for (const database of catalogue.databases) all.push(...(await triggersOf(portion, reader, database)));
  for (const database of whole) all.push(...(await eventsOf(reader, database)));
  return all;
}

/**
 * What is to be made, noted as ours before it is. Of a database that was followed by single tables before, programs that were made since have come by
 * themselves, for table filters do not see them; what happened to them beyond its border has not. Where nothing changes on the source until the
 * copy is compared (8.0 and newer) those on the target go, and all are made anew; before, they stay as they are.
 */
async function absent(job: CopyJob, reader: Session, writer: Session, { databases }: Catalogue, programs: readonly Program[]): Promise<readonly Program[]> {
  const there = await programsOn(writer, databases.filter((database) => takesPrograms(job, database)));
  const isAnew = atLeast(reader.version, 8, 0, 0);
  const isThere = (one: Program): boolean => there.some(({ kind, database, name }) => (
    kind === one.kind && database === one.database && name.toLowerCase() === one.name.toLowerCase()
  ));
  const left = isAnew ? programs : programs.filter((one) => !isThere(one));
  const made = left.flatMap(({ kind, database, name }) => (kind === 'TRIGGER' ? [] : [{ kind, database, name }]));
  if (made.length > 0) await rememberCreated(job.step, { programs: made });
  if (isAnew) for (const { kind, database, name } of there) await job.step.sql(writer, job.target.name, `DROP ${kind} ${quoteTable(database, name)}`);
  return left;
}

/** Programs of databases, but for views and triggers: those come with tables only. */
async function programsOn(session: Session, databases: readonly string[]): Promise<readonly Program[]> {
  const all: Program[] = [];
  for (const database of databases) {
    all.push(...(await routinesOf(session, database)), ...(await eventsOf(session, database)), ...(await librariesOf(session, database)));
  }
  return all;
}

/** Code that routines in other languages import (9.2 on). */
async function librariesOf(reader: Session, database: string): Promise<readonly Program[]> {
  if (!atLeast(reader.version, 9, 2, 0)) return [];
  const rows = await reader.query<{ db: string; name: string }>(
    'SELECT LIBRARY_SCHEMA AS db, LIBRARY_NAME AS name FROM information_schema.LIBRARIES WHERE LIBRARY_SCHEMA = ?', [database],
  );
  return rows.filter((row) => row.db === database).map(({ name }): Program => ({ kind: 'LIBRARY', database, name })).sort(byName);
}

async function routinesOf(reader: Session, database: string): Promise<readonly Program[]> {
  const rows = await reader.query<{ db: string; name: string; kind: string }>(
    "SELECT ROUTINE_SCHEMA AS db, ROUTINE_NAME AS name, ROUTINE_TYPE AS kind FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ? " +
      "AND ROUTINE_TYPE IN ('PROCEDURE', 'FUNCTION')",
    [database],
  );
  const named = (kind: 'PROCEDURE' | 'FUNCTION'): Program[] =>
    rows.filter((row) => row.db === database && row.kind === kind).map(({ name }) => ({ kind, database, name })).sort(byName);
  return [...named('PROCEDURE'), ...named('FUNCTION')];
}

async function triggersOf(portion: CopyScope, reader: Session, database: string): Promise<readonly Program[]> {
  const order = atLeast(reader.version, 5, 7, 2) ? 'ACTION_ORDER' : 'TRIGGER_NAME';
  const rows = await reader.query<{ db: string; name: string; tab: string }>(
    'SELECT TRIGGER_SCHEMA AS db, TRIGGER_NAME AS name, EVENT_OBJECT_TABLE AS tab FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ? ' +
      `ORDER BY EVENT_OBJECT_TABLE, ${order}`,
    [database],
  );
  return rows.filter((row) => row.db === database && takesTable(portion, database, row.tab)).map(({ name, tab }) => ({
    kind: 'TRIGGER', database, name, table: tab,
  }));
}

async function eventsOf(reader: Session, database: string): Promise<readonly Program[]> {
  const rows = await reader.query<{ db: string; name: string }>(
    'SELECT EVENT_SCHEMA AS db, EVENT_NAME AS name FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ?',
    [database],
  );
  return rows.filter((row) => row.db === database).map(({ name }): Program => ({ kind: 'EVENT', database, name })).sort(byName);
}

/** Which field of SHOW CREATE holds the text of a program. */
export const shownField = (kind: Kind): string => kinds[kind].field;

/** null: it is there; else what a server answered. */
async function tryToCreate(
  job: CopyJob, writer: Session, { kind, database, name, table }: Program, read: ShownProgram | Failure,
): Promise<Failure | null> {
  if (!('text' in read)) return read;
  try {
    const { shown, text, bytes } = read;
    job.defined?.(definitionOf({ kind, database, name }, shown, bytes === null ? text : Buffer.from(bytes).toString('latin1')));
    const mode = shown['sql_mode'] ?? '';
    const form = (of: string): string => commentForMode(kind === 'EVENT' ? eventForReplica(of, writer.version, mode) : of, mode);
    if (bytes === null) await createProgram(job, writer, { database, table }, shown, plain(form(text)));
    else await createFromBytes(job, { database, table }, shown, inBytes(form(Buffer.from(bytes).toString('latin1')), form(text)));
    return null;
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown;
    return thrown;
  } finally {
    // What is given next is quoted for the copy's own mode. A session that was lost has told so already.
    await writer.run(`SET NAMES utf8mb4, sql_mode = '${writerMode}', time_zone = '+00:00'`).catch((thrown: unknown) => {
      if (!isUnreachable(thrown)) throw thrown;
    });
  }
}

/** On a session of its own, whose statements are bytes: what it says beside the definition is in ASCII but for names, as bytes of UTF-8. */
async function createFromBytes(job: CopyJob, place: ProgramPlace, shown: Shown, definition: Statement): Promise<void> {
  const writer = await writerSession(job.target, job.step.signal, { statements: 'bytes' });
  try {
    await createProgram(job, writer, inLatin1(place), shown, definition);
  } finally {
    writer.destroy();
  }
}

/** The statement that sets what a program was made under; its text means the same then. */
export function settingsFor(shown: Shown, version: ServerVersion): string {
  const settings = [`sql_mode = ${quoteString(modeFor(shown['sql_mode'] ?? '', version))}`];
  // The definition keeps it, and its literals compare as the collation does.
  const client = shown['character_set_client'] ?? '';
  if (client !== '') settings.push(`character_set_client = ${quoteString(client)}`);
  const collation = shown['collation_connection'] ?? '';
  if (collation !== '') settings.push(`collation_connection = ${quoteString(collation)}`);
  const zone = shown['time_zone'] ?? '';
  if (zone !== '') settings.push(`time_zone = ${quoteString(zone)}`);
  const parameters = shown[parameterCollation] ?? '';
  if (parameters !== '') settings.push(`collation_database = ${quoteString(parameters)}`);
  return `SET SESSION ${settings.join(', ')}`;
}

/** Where a program is made. */
export interface ProgramPlace {
  readonly database: string;
  /** Whose trigger it is. */
  readonly table: string | undefined;
}

/** For a session whose statements are bytes: the names in UTF-8, one byte to a character. */
export function inLatin1({ database, table }: ProgramPlace): ProgramPlace {
  const form = (name: string): string => Buffer.from(name, 'utf8').toString('latin1');
  return { database: form(database), table: table === undefined ? undefined : form(table) };
}

/** Makes a program under what it was made with; its session is left so, to be put back by whoever gave it. */
export async function createProgram(
  job: WriteJob, writer: Session, { database, table }: ProgramPlace, shown: Shown, definition: Statement,
): Promise<void> {
  await writer.run('SET NAMES utf8mb4');
  await writer.run(`USE ${quoteId(database)}`);
  const putBack = await underCollation(job, writer, database, shown[databaseCollation] ?? '');
  try {
    // A server takes the conditions and expressions of a table apart as it opens it, in the mode and the character set of whoever is first.
    if (table !== undefined) await writer.query(`SELECT 1 FROM ${quoteTable(database, table)} LIMIT 0`);
    await writer.run(settingsFor(shown, writer.version));
    await job.step.sql(writer, job.target.name, definition);
  } finally {
    await putBack?.();
  }
}

/**
 * A program keeps the collation that its database had when it was made, and its variables follow it: where the database has another one
 * by now it gets that one for as long as this takes, as mysqldump does it. null: it has it.
 */
async function underCollation(job: WriteJob, writer: Session, database: string, collation: string): Promise<(() => Promise<void>) | null> {
  if (collation === '') return null;
  const [row] = await writer.query<{ now: string }>('SELECT @@collation_database AS now');
  const now = row?.now ?? '';
  if (now === '' || oneCharsetName(now) === oneCharsetName(collation)) return null;
  const alter = (name: string): Promise<unknown> => job.step.sql(writer, job.target.name, `ALTER DATABASE ${quoteId(database)} COLLATE ${quoteString(name)}`);
  await alter(collation);
  await writer.run(`USE ${quoteId(database)}`);
  return async () => {
    await writer.run('SET NAMES utf8mb4');
    await alter(now);
  };
}

/**
 * A definition as SHOW CREATE EVENT prints it, with ENABLE turned into "disabled on a replica", which promotion turns
 * back. A disabled event stays disabled. `mode`: the event's; with HIGH_NOT_PRECEDENCE servers do not read the ON COMPLETION NOT
 * PRESERVE that they print, and it is what they take where nothing is said.
 *
 * @throws Failure `internal` where the text is not of that form: an event that runs on a standby would write there
 */
export function eventForReplica(text: string, target: ServerVersion, mode = ''): string {
  return eventWith(text, atLeast(target, 8, 2, 0) ? 'DISABLE ON REPLICA' : 'DISABLE ON SLAVE', mode);
}

/** As {@link eventForReplica}, with `word` in the place of ENABLE. */
export function eventWith(printed: string, word: string, mode = ''): string {
  const text = withWholeDefiner(printed);
  const state = stateOfEvent(text);
  if (state === null) throw failure('internal', { detail: `unknown form of an event: ${text.slice(0, 200)}` });
  const head = state.isNotPreserved && mode.split(',').includes('HIGH_NOT_PRECEDENCE') ? text.slice(0, state.completionAt) : text.slice(0, state.from);
  return `${head}${state.word === 'DISABLE' ? state.word : word}${text.slice(state.end)}`;
}

/** Before 8.0 servers take the definer of an event apart at its first @, which may be one of its name: no host has one. */
function withWholeDefiner(text: string): string {
  const [head, user = '', host = ''] = /^CREATE DEFINER=`((?:[^`]|``)*)`@`((?:[^`]|``)*)`/.exec(text) ?? [];
  const at = host.lastIndexOf('@');
  return head === undefined || at === -1 ? text : `CREATE DEFINER=\`${user}@${host.slice(0, at)}\`@\`${host.slice(at + 1)}\`${text.slice(head.length)}`;
}

interface EventState {
  readonly word: 'ENABLE' | 'DISABLE' | 'DISABLE ON REPLICA';
  readonly from: number;
  readonly end: number;
  /** Where ON COMPLETION stands. */
  readonly completionAt: number;
  readonly isNotPreserved: boolean;
}

/** Where an event's definition says whether it runs; null: it is of another form. */
export function stateOfEvent(text: string): EventState | null {
  const sql = new SqlCursor(text);
  const isEvent = sql.words('CREATE', 'DEFINER') && sql.mark('=') && sql.account() && sql.words('EVENT') && sql.name() !== null && sql.words('ON', 'SCHEDULE');
  if (!isEvent) return null;
  let completionAt = sql.end;
  while (!sql.words('ON', 'COMPLETION')) {
    if (sql.take() === undefined) return null;
    completionAt = sql.peek()?.at ?? text.length;
  }
  const isNotPreserved = sql.words('NOT');
  if (!sql.words('PRESERVE')) return null;
  const from = sql.peek()?.at ?? 0;
  const state = sql.oneOf('ENABLE', 'DISABLE');
  if (state === null) return null;
  const isOnReplica = state === 'DISABLE' && sql.words('ON') && sql.oneOf('SLAVE', 'REPLICA') !== null;
  return { word: isOnReplica ? 'DISABLE ON REPLICA' : state, from, end: sql.end, completionAt, isNotPreserved };
}
