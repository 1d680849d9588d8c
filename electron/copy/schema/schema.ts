import { failure } from '../../../shared/errors/codes';
import { atLeast } from '../../../shared/domain/fleet/version';
import { hasErrno } from '../../mysql/errors';
import { LoopTurn } from '../../mysql/loop-turn';
import { sleep } from '../../mysql/time';
import { quoteId, quoteTable } from '../../mysql/quote';
import type { Session, StatementSession } from '../../mysql/types';
import type { ObjectName } from './catalogue';
import { changedOr } from './changed';
import type { TableToCopy } from '../rows/chunks';
import { foreignKeyName, keyName, tableDefinition, withQuotedCollation, type TableDefinition } from './definition';
import { definitionOf } from './defined';
import { takesPrograms } from './scope';
import { showCreate } from './shown';
import type { CopyJob, WriteJob } from '../snapshot/sessions';
import { inRelatedGroups, parentsFirst } from './related';
import type { RowSession } from '../rows/pump';
import { shareOut } from '../rows/workers';

/** Creates a database as it is on the source (character set, collation, encryption). One that exists is kept as it is. */
export async function createDatabase(job: CopyJob, reader: StatementSession, writer: StatementSession, database: string): Promise<void> {
  const { shown, text } = await showCreate(reader, `DATABASE IF NOT EXISTS ${quoteId(database)}`, 'Create Database', database);
  if (takesPrograms(job, database)) job.defined?.(definitionOf({ kind: 'DATABASE', database, name: database }, shown, text));
  await job.step.sql(writer, job.target.name, text);
}

/**
 * Makes the databases read only that are so on the source, once all else of them is there: replication writes to them all the same, and
 * the statement that changes it is in no binary log. 8.0.22 and newer. Manual: "ALTER DATABASE Statement".
 */
export async function closeDatabases(job: CopyJob, reader: StatementSession, writer: StatementSession, databases: readonly string[]): Promise<void> {
  if (!atLeast(writer.version, 8, 0, 22)) return;
  for (const name of await closedIn(reader, databases)) await job.step.sql(writer, job.target.name, `ALTER DATABASE ${quoteId(name)} READ ONLY = 1`);
}

/** Opens databases again that a copy made read only, before they are removed or copied to. */
export async function openDatabases(job: WriteJob, writer: StatementSession, databases: readonly string[]): Promise<void> {
  for (const name of await closedIn(writer, databases)) await job.step.sql(writer, job.target.name, `ALTER DATABASE ${quoteId(name)} READ ONLY = 0`);
}

async function closedIn(session: StatementSession, databases: readonly string[]): Promise<readonly string[]> {
  if (!atLeast(session.version, 8, 0, 22)) return [];
  const rows = await session.query<{ name: string }>(
    'SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA_EXTENSIONS WHERE OPTIONS LIKE ?', ['%READ ONLY=1%'],
  );
  return rows.map(({ name }) => name).filter((name) => databases.includes(name));
}

/** What is added to a table once its rows are there. */
export interface Later {
  readonly keys: readonly string[];
  readonly foreignKeys: readonly string[];
}

/** From this size on a table gets its secondary keys after its rows. */
const bigBytes = 16 * 1024 * 1024;

/**
 * Creates the tables as they are on the source. Big ones get their secondary keys later, and a foreign key that has a
 * part in that comes later still: once all keys are there. The sessions do not check foreign keys.
 */
export async function createTables(
  job: CopyJob,
  readers: readonly RowSession[],
  writers: readonly Session[],
  tables: readonly TableToCopy[],
): Promise<ReadonlyMap<TableToCopy, Later>> {
  const definitions = new Map<TableToCopy, TableDefinition>();
  await shareOut(readers, tables, async (reader, table) => {
    const { text } = await showCreate(reader, `TABLE ${quoteTable(table.database, table.table)}`, 'Create Table', table.table).catch((thrown: unknown) => {
      throw changedOr(thrown, job, table);
    });
    definitions.set(table, tableDefinition(text));
    job.defined?.(definitionOf({ kind: 'TABLE', database: table.database, name: table.table }, {}, text));
  });
  return makeTables(job, writers, tables, definitions);
}

/** As {@link createTables}, of definitions that are known. */
export async function makeTables(
  job: WriteJob, writers: readonly Session[], tables: readonly TableToCopy[], definitions: ReadonlyMap<TableToCopy, TableDefinition>,
): Promise<ReadonlyMap<TableToCopy, Later>> {
  const parentsOfFixed = new Set(tables.flatMap((table) => {
    const definition = definitions.get(table);
    return definition?.isFixed === true ? definition.foreignKeys.flatMap((item) => nameOf(definition.parentOf(item, table.database))) : [];
  }));
  // Of what is a date in its rows, each is told as it is written: a key that comes later would be made of all of them alike.
  const split = new Set(tables.filter((table) => table.bytes >= bigBytes && table.makesDates !== true && (definitions.get(table)?.laterKeys.length ?? 0) > 0
    && !parentsOfFixed.has(quoteTable(table.database, table.table))));
  const splitNames = new Set([...split].map(({ database, table }) => quoteTable(database, table)));
  const later = new Map<TableToCopy, Later>();
  /** The database that a session is in. */
  const at = new Map<Session, string>();
  const create = async (writer: Session, table: TableToCopy, behind: readonly string[]): Promise<void> => {
    const definition = definitions.get(table);
    if (definition === undefined) throw failure('internal', { detail: 'a table without a definition' });
    const keys = split.has(table) ? definition.laterKeys : [];
    const foreignKeys = definition.foreignKeys.filter((item) =>
      split.has(table) || behind.includes(item) || isAmong(splitNames, definition.parentOf(item, table.database)));
    if (keys.length > 0 || foreignKeys.length > 0) later.set(table, { keys, foreignKeys });
    if (at.get(writer) !== table.database) await job.step.sql(writer, job.target.name, `USE ${quoteId(table.database)}`);
    at.set(writer, table.database);
    await createApart(job, writer, keys.length + foreignKeys.length === 0 ? definition.text : definition.without([...keys, ...foreignKeys]));
  };
  const groups = inRelatedGroups(tables, definitions);
  await new LoopTurn().next();
  await shareOut(writers, groups, async (writer, group) => {
    const order = parentsFirst(group, definitions);
    for (const table of order.tables) await create(writer, table, order.behind.get(table) ?? []);
  });
  return later;
}

/** How often a lock that somebody else on the target holds is waited for anew. */
const mostRetries = 20;
const retryMs = 100;

/** Creates a table, also where somebody else on the target is in its way for a while: a deadlock (1213) or a lock (1205) left nothing. */
async function createApart(job: WriteJob, writer: StatementSession, statement: string): Promise<void> {
  for (let left = mostRetries; ; left--) {
    try {
      await job.step.sql(writer, job.target.name, withQuotedCollation(statement));
      return;
    } catch (thrown) {
      if (left === 0 || !hasErrno(thrown, 1213, 1205)) throw thrown;
      job.step.checkpoint();
      await sleep(retryMs, job.step.signal);
    }
  }
}

function nameOf(table: ObjectName | null): readonly string[] {
  return table === null ? [] : [quoteTable(table.database, table.name)];
}

function isAmong(names: ReadonlySet<string>, table: ObjectName | null): boolean {
  return table !== null && names.has(quoteTable(table.database, table.name));
}

/** Adds the secondary keys of a table that are not there yet. */
export async function addKeys(job: WriteJob, writer: StatementSession, { database, table }: TableToCopy, keys: readonly string[]): Promise<void> {
  const rows = await writer.query<{ name: string }>(
    'SELECT DISTINCT INDEX_NAME AS name FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?', [database, table],
  );
  const there = new Set(rows.map(({ name }) => name));
  const missing = keys.filter((item) => !there.has(keyName(item)));
  if (missing.length > 0) {
    await job.step.sql(writer, job.target.name, `ALTER TABLE ${quoteTable(database, table)} ${missing.map((item) => `ADD ${item}`).join(', ')}`);
  }
}

/** Adds the foreign keys of a table that are not there yet. */
export async function addForeignKeys(job: WriteJob, writer: StatementSession, { database, table }: TableToCopy, foreignKeys: readonly string[]): Promise<void> {
  const rows = await writer.query<{ name: string }>(
    "SELECT CONSTRAINT_NAME AS name FROM information_schema.TABLE_CONSTRAINTS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND CONSTRAINT_TYPE = 'FOREIGN KEY'",
    [database, table],
  );
  const there = new Set(rows.map(({ name }) => name));
  const missing = foreignKeys.filter((item) => !there.has(foreignKeyName(item)));
  if (missing.length === 0) return;
  await job.step.sql(writer, job.target.name, `USE ${quoteId(database)}`);
  await job.step.sql(writer, job.target.name, `ALTER TABLE ${quoteTable(database, table)} ${missing.map((item) => `ADD ${item}`).join(', ')}`);
}
