import { atLeast } from '../../../shared/domain/fleet/version';
import { holdsRows } from '../../../shared/domain/scope/engines';
import { ownSchema } from '../../../shared/domain/scope/scope';
import { mapInTurns } from '../../mysql/loop-turn';
import type { Session } from '../../mysql/types';
import { ofUsers } from '../../mysql/user-schemas';
import type { TableToCopy } from '../rows/chunks';
import type { Column } from '../rows/columns';
import { readKeptColumns, readKeyExpressions, type Asking, type IsKept } from './kept-columns';
import { columnsInZone, expressionSql, isCheckedInZone, isKeptInZone, makesDates } from '../rows/zone';
import { takesPrograms, takesTable, touchesDatabase, type CopyScope } from './scope';

/** The name of something in a database. */
export interface ObjectName {
  readonly database: string;
  readonly name: string;
}

/** Everything a copy carries, by name, in one moment. */
export interface Catalogue {
  readonly databases: readonly string[];
  readonly tables: readonly ObjectName[];
  readonly views: readonly ObjectName[];
}

/** The mark of a copy that is not complete. */
export const markerTable = 'seed_state';
/** Accounts as they were before a copy changed them. */
export const changedAccountsTable = 'changed_accounts';
/** What of our schema stands on a target only, and only while its copy may still be taken back. */
const keptOnTarget: readonly string[] = [markerTable, changedAccountsTable];

const compare = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

/**
 * By database and name: a server lists them in an order of its own, which need not be the same twice, and every list of ours is to be. Sorted here
 * and not there, for catalogues are read under a lock.
 */
export function byName(one: ObjectName, other: ObjectName): number {
  return compare(one.database, other.database) || compare(one.name, other.name);
}

/** User databases of a server, our own schema among them. */
export async function databasesOf(session: Session): Promise<string[]> {
  const rows = await session.query<{ name: string }>(`SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE ${ofUsers('SCHEMA_NAME')}`);
  return rows.map((row) => row.name).sort(compare);
}

/** Databases, tables and views of a portion, by name only: cheap enough to be read under a lock. */
export async function readCatalogue(session: Session, portion: CopyScope): Promise<Catalogue> {
  const databases = (await databasesOf(session)).filter((name) => touchesDatabase(portion, name));
  const objects = await session.query<{ db: string; name: string; type: string }>(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, TABLE_TYPE AS type FROM information_schema.TABLES WHERE ${ofUsers('TABLE_SCHEMA')}`,
  );
  const isKept = (db: string, name: string): boolean => db === ownSchema && keptOnTarget.includes(name);
  const chosen = objects.filter(({ db, name }) => databases.includes(db) && takesTable(portion, db, name) && !isKept(db, name));
  const of = (type: string): ObjectName[] => chosen.filter((object) => object.type === type).map(({ db, name }) => ({ database: db, name })).sort(byName);
  return { databases, tables: of('BASE TABLE'), views: of('VIEW').filter(({ database }) => takesPrograms(portion, database)) };
}

/** Columns, key and size of the tables of one database. */
export async function describeTables(session: Session, database: string, names: ReadonlySet<string>): Promise<TableToCopy[]> {
  const columns = await session.query<{ db: string; tab: string; name: string; type: string; extra: string; nullable: string; expression: string | null }>(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tab, COLUMN_NAME AS name, DATA_TYPE AS type, EXTRA AS extra, IS_NULLABLE AS nullable,
       ${expressionSql(session.version)} AS expression
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, ORDINAL_POSITION`,
    [database],
  );
  const keys = await session.query<{ db: string; tab: string; name: string }>(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tab, COLUMN_NAME AS name
     FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND INDEX_NAME = 'PRIMARY' AND SEQ_IN_INDEX = 1`,
    [database],
  );
  const sizes = await session.query<{ db: string; tab: string; engine: string | null; rowCount: string | number | null; bytes: string | number | null }>(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tab, ENGINE AS engine, TABLE_ROWS AS rowCount, DATA_LENGTH AS bytes
     FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?`,
    [database],
  );
  const checks = await readChecks(session, database);
  const ask: Asking = (sql, params) => session.query(sql, params);
  const keysBy = byTable(await readKeyExpressions(ask, session.version, database), database);
  const hasVirtual = columns.some(({ extra }) => /\bVIRTUAL GENERATED\b/i.test(extra));
  const isKept: IsKept = hasVirtual ? await readKeptColumns(ask, 'TABLE_SCHEMA = ?', [database]) : () => false;
  const columnsBy = byTable(columns, database);
  const keyBy = byTable(keys, database);
  const sizeBy = byTable(sizes, database);
  const checksBy = byTable(checks, database);
  return mapInTurns(names, (table) => {
    const all = columnsBy.get(table) ?? [];
    const asking = columnsInZone(session.version, all);
    const clauses = (checksBy.get(table) ?? []).map(({ clause }) => clause);
    const expressions = (keysBy.get(table) ?? []).map(({ expression }) => expression);
    const inZone = clauses.some((clause) => isCheckedInZone(session.version, clause, all))
      || isKeptInZone(session.version, all, expressions, (column) => isKept(all[0]?.db ?? database, table, column));
    const key = keyBy.get(table)?.[0];
    const keyType = all.find((column) => column.name === key?.name)?.type.toLowerCase() ?? '';
    const size = sizeBy.get(table)?.[0];
    const columnOf = ({ name, type, extra, nullable }: (typeof all)[number]): Column => ({
      name, type: type.toLowerCase(), autoIncrement: /\bauto_increment\b/i.test(extra), notNull: nullable === 'NO',
    });
    return {
      database,
      table,
      columns: all.filter((column) => !/\b(VIRTUAL|STORED) GENERATED\b/i.test(column.extra)).map(columnOf),
      stored: all.filter((column) => /\bSTORED GENERATED\b/i.test(column.extra))
        .map((column) => ({ ...columnOf(column), ...(asking.has(column.name) ? { asksZone: true } : {}) })),
      ...(inZone ? { checksInZone: true } : {}),
      ...(makesDates(all, [...clauses, ...expressions]) ? { makesDates: true } : {}),
      holdsRows: holdsRows(size?.engine ?? ''),
      key: key === undefined ? null : { name: key.name, isInteger: /^(tiny|small|medium|big)?int$/.test(keyType) },
      rows: Number(size?.rowCount ?? 0),
      bytes: Number(size?.bytes ?? 0),
    };
  });
}

/** CHECKs that are enforced; before 8.0.16 they are read over. */
async function readChecks(session: Session, database: string): Promise<{ readonly db: string; readonly tab: string; readonly clause: string }[]> {
  if (!atLeast(session.version, 8, 0, 16)) return [];
  return session.query(
    `SELECT t.TABLE_SCHEMA AS db, t.TABLE_NAME AS tab, c.CHECK_CLAUSE AS clause
     FROM information_schema.TABLE_CONSTRAINTS t
     JOIN information_schema.CHECK_CONSTRAINTS c ON c.CONSTRAINT_SCHEMA = t.CONSTRAINT_SCHEMA AND c.CONSTRAINT_NAME = t.CONSTRAINT_NAME
     WHERE t.TABLE_SCHEMA = ? AND t.CONSTRAINT_TYPE = 'CHECK' AND t.ENFORCED = 'YES'`,
    [database],
  );
}

/** Old catalogues compare names without letter case; ours are exact. */
function byTable<Row extends { readonly db: string; readonly tab: string }>(rows: readonly Row[], database: string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    if (row.db !== database) continue;
    const group = groups.get(row.tab);
    if (group === undefined) groups.set(row.tab, [row]);
    else group.push(row);
  }
  return groups;
}
