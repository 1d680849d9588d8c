import type {
  ColumnReading, DatabaseReading, ForeignKeyReading, FulltextReading, PartitionFault,
  ProgramReading, StandbyObjects, TableReading, TablespaceReading, UniqueKeyReading,
} from '../../shared/domain/checks';
import { atLeast } from '../../shared/domain/fleet/version';
import { readKeptColumns } from '../copy/schema/kept-columns';
import { columnsInZone, expressionSql, isCheckedInZone, type CatalogueColumn } from '../copy/rows/zone';
import { quoteTable } from '../mysql/quote';
import type { Session } from '../mysql/types';
import { ofUsers } from '../mysql/user-schemas';
import { byTable, number, objectsLimitMs, read, text, textOrNull, type Row } from './rows';

/** One statement for all databases: none of these is asked per table. */
function ask(session: Session, sql: string): Promise<Row[]> {
  return read(session, sql, [], objectsLimitMs);
}

export async function readDatabases(session: Session): Promise<readonly DatabaseReading[]> {
  const rows = await ask(
    session, `SELECT SCHEMA_NAME AS name, DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE ${ofUsers('SCHEMA_NAME')}`,
  );
  return rows.map((row) => ({ name: text(row, 'name'), collation: text(row, 'collation') }));
}

/** Base tables and views. Sizes are the server's estimates of now, not those it keeps for a day. */
export async function readTables(session: Session): Promise<readonly TableReading[]> {
  if (session.dialect.features.hasStatsExpiry) await session.run('SET SESSION information_schema_stats_expiry = 0');
  const rows = await ask(
    session,
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, IF(TABLE_TYPE = 'BASE TABLE', ENGINE, NULL) AS engine, ROW_FORMAT AS rowFormat, TABLE_ROWS AS rowCount,
       IFNULL(DATA_LENGTH, 0) + IFNULL(INDEX_LENGTH, 0) AS bytes, CREATE_OPTIONS AS options
     FROM information_schema.TABLES WHERE ${ofUsers('TABLE_SCHEMA')}`,
  );
  return rows.map((row) => ({
    database: text(row, 'db'),
    name: text(row, 'name'),
    engine: textOrNull(row, 'engine'),
    rowFormat: textOrNull(row, 'rowFormat'),
    rows: number(row, 'rowCount'),
    bytes: number(row, 'bytes'),
    options: text(row, 'options').toLowerCase(),
  }));
}

export async function readUniqueKeys(session: Session): Promise<readonly UniqueKeyReading[]> {
  const rows = await ask(
    session,
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tbl, INDEX_NAME AS name, MAX(NULLABLE = 'YES') AS nullable
     FROM information_schema.STATISTICS WHERE NON_UNIQUE = 0 AND ${ofUsers('TABLE_SCHEMA')} GROUP BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME`,
  );
  return rows.map((row) => ({ database: text(row, 'db'), table: text(row, 'tbl'), name: text(row, 'name'), nullable: number(row, 'nullable') !== 0 }));
}

export async function readFulltext(session: Session): Promise<readonly FulltextReading[]> {
  const rows = await ask(
    session,
    `SELECT DISTINCT TABLE_SCHEMA AS db, TABLE_NAME AS tbl, INDEX_NAME AS name
     FROM information_schema.STATISTICS WHERE INDEX_TYPE = 'FULLTEXT' AND ${ofUsers('TABLE_SCHEMA')}`,
  );
  return rows.map((row) => ({ database: text(row, 'db'), table: text(row, 'tbl'), index: text(row, 'name') }));
}

export async function readForeignKeys(session: Session): Promise<readonly ForeignKeyReading[]> {
  const rows = await ask(
    session,
    `SELECT CONSTRAINT_SCHEMA AS db, TABLE_NAME AS tbl, CONSTRAINT_NAME AS name, UNIQUE_CONSTRAINT_SCHEMA AS parentDb, REFERENCED_TABLE_NAME AS parent,
       UPDATE_RULE AS onUpdate, DELETE_RULE AS onDelete
     FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE ${ofUsers('CONSTRAINT_SCHEMA')}`,
  );
  return rows.map((row) => ({
    database: text(row, 'db'), table: text(row, 'tbl'), name: text(row, 'name'),
    parentDatabase: text(row, 'parentDb'), parentTable: text(row, 'parent'),
    onUpdate: text(row, 'onUpdate'), onDelete: text(row, 'onDelete'),
  }));
}

export async function readPrograms(session: Session): Promise<readonly ProgramReading[]> {
  const views = await ask(
    session,
    `SELECT 'view' AS kind, TABLE_SCHEMA AS db, TABLE_NAME AS name, DEFINER AS definer, VIEW_DEFINITION AS body
     FROM information_schema.VIEWS WHERE ${ofUsers('TABLE_SCHEMA')}`,
  );
  const routines = await ask(
    session,
    `SELECT LOWER(ROUTINE_TYPE) AS kind, ROUTINE_SCHEMA AS db, ROUTINE_NAME AS name, DEFINER AS definer, ROUTINE_DEFINITION AS body
     FROM information_schema.ROUTINES WHERE ROUTINE_TYPE IN ('PROCEDURE', 'FUNCTION') AND ${ofUsers('ROUTINE_SCHEMA')}`,
  );
  const triggers = await ask(
    session,
    `SELECT 'trigger' AS kind, TRIGGER_SCHEMA AS db, TRIGGER_NAME AS name, DEFINER AS definer, ACTION_STATEMENT AS body, EVENT_OBJECT_TABLE AS tbl
     FROM information_schema.TRIGGERS WHERE ${ofUsers('TRIGGER_SCHEMA')}`,
  );
  const events = await ask(
    session,
    `SELECT 'event' AS kind, EVENT_SCHEMA AS db, EVENT_NAME AS name, DEFINER AS definer, EVENT_DEFINITION AS body, STATUS AS status
     FROM information_schema.EVENTS WHERE ${ofUsers('EVENT_SCHEMA')}`,
  );
  return [...views, ...routines, ...triggers, ...events].map((row) => ({
    kind: text(row, 'kind') as ProgramReading['kind'],
    database: text(row, 'db'),
    name: text(row, 'name'),
    definer: text(row, 'definer'),
    body: textOrNull(row, 'body'),
    table: textOrNull(row, 'tbl'),
    status: textOrNull(row, 'status'),
  }));
}

const specialTypes = new Set([
  'geometry', 'point', 'linestring', 'polygon', 'multipoint', 'multilinestring', 'multipolygon', 'geomcollection', 'geometrycollection', 'json', 'vector',
  'year',
]);

/** All columns pass by, so that each table is opened once; kept are those of special kinds and one per table and collation. */
export async function readColumns(session: Session): Promise<readonly ColumnReading[]> {
  const srs = atLeast(session.version, 8, 0, 3) ? 'SRS_ID' : 'NULL';
  const rows = await ask(
    session,
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tbl, COLUMN_NAME AS name, DATA_TYPE AS type,
       IF(DATA_TYPE = 'year' OR (DATA_TYPE IN ('enum', 'set') AND CHAR_LENGTH(COLUMN_TYPE) > 255), COLUMN_TYPE, DATA_TYPE) AS columnType,
       EXTRA AS extra, COLLATION_NAME AS collation, ${srs} AS srs, ${expressionSql(session.version)} AS expression
     FROM information_schema.COLUMNS WHERE ${ofUsers('TABLE_SCHEMA')}`,
  );
  const seen = new Set<string>();
  const inZone = await computedInZone(session, rows);
  const keys = await readKeysInZone(session, rows);
  return [...keys, ...rows.flatMap((row) => {
    const column: ColumnReading = {
      database: text(row, 'db'), table: text(row, 'tbl'), column: text(row, 'name'),
      type: text(row, 'type').toLowerCase(), columnType: text(row, 'columnType'),
      // DEFAULT_GENERATED is a default, not a generated column.
      generated: /\b(VIRTUAL|STORED) GENERATED\b/i.test(text(row, 'extra')),
      collation: textOrNull(row, 'collation'),
      srsId: row['srs'] === null || row['srs'] === undefined ? null : number(row, 'srs'),
      ...(text(row, 'expression') === '' ? {} : { expression: text(row, 'expression') }), ...inZone.get(row),
    };
    if (column.generated || column.srsId !== null || specialTypes.has(column.type) || column.columnType.length > 255) return [column];
    const mark = `${column.database}\0${column.table}\0${column.collation ?? ''}`;
    if (column.collation === null || seen.has(mark)) return [];
    seen.add(mark);
    return [column];
  })];
}

const catalogued = (row: Row): CatalogueColumn & { readonly extra: string } => ({
  name: text(row, 'name'), type: text(row, 'type'), expression: text(row, 'expression'), extra: text(row, 'extra'),
});

/** Columns whose value depends on the zone in which they are computed, of those that are stored, or kept by a key or a partition. */
async function computedInZone(session: Session, rows: readonly Row[]): Promise<ReadonlyMap<Row, Pick<ColumnReading, 'inZone'>>> {
  const found = new Map<Row, Pick<ColumnReading, 'inZone'>>();
  const read: Row[] = [];
  for (const own of byTable(rows).values()) {
    if (own.every((row) => text(row, 'expression') === '')) continue;
    const columns = own.map(catalogued);
    const moments = columns.filter(({ type }) => type.toLowerCase() === 'timestamp').map(({ name }) => name);
    const asking = columnsInZone(session.version, columns, new Set(moments));
    for (const row of own) {
      if (text(row, 'expression') === '' || !asking.has(text(row, 'name'))) continue;
      if (/\bSTORED GENERATED\b/i.test(text(row, 'extra'))) found.set(row, { inZone: 'stored' });
      else read.push(row);
    }
  }
  if (read.length === 0) return found;
  const isKept = await readKeptColumns((sql, params) => session.query(sql, params, { timeoutMs: objectsLimitMs }), ofUsers('TABLE_SCHEMA'));
  for (const row of read) if (isKept(text(row, 'db'), text(row, 'tbl'), text(row, 'name'))) found.set(row, { inZone: 'kept' });
  return found;
}

/** Keys on expressions (8.0.13 and later) that depend on the zone. */
async function readKeysInZone(session: Session, rows: readonly Row[]): Promise<readonly ColumnReading[]> {
  if (!atLeast(session.version, 8, 0, 13)) return [];
  const keys = await ask(
    session,
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS tbl, INDEX_NAME AS name, EXPRESSION AS expression
     FROM information_schema.STATISTICS WHERE EXPRESSION IS NOT NULL AND ${ofUsers('TABLE_SCHEMA')}`,
  );
  if (keys.length === 0) return [];
  const columns = byTable(rows);
  return keys.flatMap((key): readonly ColumnReading[] => {
    const [database, table, expression] = [text(key, 'db'), text(key, 'tbl'), text(key, 'expression')];
    const own = (columns.get(`${database}\0${table}`) ?? []).map(catalogued);
    const inZone = isCheckedInZone(session.version, expression, own) ? { inZone: 'kept' as const } : {};
    const column = { database, table, column: text(key, 'name'), type: 'expression', columnType: '' };
    return [{ ...column, generated: true, collation: null, srsId: null, expression, ...inZone }];
  });
}

function tablespaceTable(session: Session, name: 'TABLES' | 'TABLESPACES'): string {
  return `information_schema.INNODB_${atLeast(session.version, 8, 0, 0) ? '' : 'SYS_'}${name}`;
}

/** General tablespaces (5.7.6+); the server's own one, `mysql`, is none of the user's. */
export async function readTablespaces(session: Session): Promise<readonly string[]> {
  if (!atLeast(session.version, 5, 7, 6)) return [];
  const rows = await ask(session, `SELECT NAME AS name FROM ${tablespaceTable(session, 'TABLESPACES')} WHERE SPACE_TYPE = 'General' AND NAME <> 'mysql'`);
  return rows.map((row) => text(row, 'name'));
}

export async function readTablespaceUse(session: Session): Promise<readonly TablespaceReading[]> {
  if ((await readTablespaces(session)).length === 0) return [];
  const rows = await ask(
    session,
    `SELECT t.NAME AS tbl, s.NAME AS space FROM ${tablespaceTable(session, 'TABLES')} t JOIN ${tablespaceTable(session, 'TABLESPACES')} s ON s.SPACE = t.SPACE
     WHERE s.SPACE_TYPE = 'General' AND s.NAME <> 'mysql'`,
  );
  return rows.map((row) => {
    // InnoDB names a table `database/table`, each part as its file is named; a partition has `#p#` behind it.
    const file = text(row, 'tbl').split(/#p#/i)[0] ?? '';
    const [database = '', table = ''] = file.split('/');
    return { database: decoded(database), table: decoded(table), file, tablespace: text(row, 'space') };
  });
}

/**
 * Partitions that lie in a tablespace with others, and whose definition says so: 8.0.13 and later take none. Without such words a partition gets a file of
 * its own there, whatever it is in here.
 */
export async function readSharedPartitions(session: Session): Promise<readonly PartitionFault[]> {
  if (!atLeast(session.version, 5, 7, 6) || atLeast(session.version, 8, 0, 13)) return [];
  const rows = await ask(
    session, `SELECT DISTINCT NAME AS tbl FROM ${tablespaceTable(session, 'TABLES')} WHERE NAME LIKE '%#p#%' AND SPACE_TYPE <> 'Single'`,
  );
  const files = new Set(rows.map((row) => text(row, 'tbl').split(/#p#/i)[0] ?? ''));
  const faults: PartitionFault[] = [];
  for (const file of files) {
    const [database, table] = file.split('/').map(decoded);
    if (database === null || table === null || database === undefined || table === undefined) continue;
    const [shown] = await ask(session, `SHOW CREATE TABLE ${quoteTable(database, table)}`);
    const named = text(shown, 'Create Table').matchAll(/\bTABLESPACE\s*=?\s*`?([^`\s]+)/g);
    const space = [...named].map(([, name]) => name ?? '').find((name) => name !== 'innodb_file_per_table');
    if (space !== undefined) faults.push({ database, table, kind: 'shared', partition: space });
  }
  return faults;
}

/** A file's name as an identifier: `@` and four hex digits are a character. Letters beyond ASCII have a code of their own: null. */
function decoded(part: string): string | null {
  const name = part.replaceAll(/@([0-9a-f]{4})/g, (_all, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));
  return /@[^@]{2}/.test(part.replaceAll(/@[0-9a-f]{4}/g, '')) ? null : name;
}

export async function readStandbyObjects(session: Session): Promise<StandbyObjects> {
  const databases = await readDatabases(session);
  const tables = await ask(session, `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name FROM information_schema.TABLES WHERE ${ofUsers('TABLE_SCHEMA')}`);
  const programs = await ask(
    session,
    `SELECT ROUTINE_SCHEMA AS db, ROUTINE_NAME AS name FROM information_schema.ROUTINES WHERE ${ofUsers('ROUTINE_SCHEMA')}
     UNION ALL SELECT EVENT_SCHEMA, EVENT_NAME FROM information_schema.EVENTS WHERE ${ofUsers('EVENT_SCHEMA')}`,
  );
  const named = (row: Row): { readonly database: string; readonly name: string } => ({ database: text(row, 'db'), name: text(row, 'name') });
  return { databases: databases.map(({ name }) => name), tables: tables.map(named), programs: programs.map(named) };
}

export async function readCollations(session: Session): Promise<readonly string[]> {
  return (await ask(session, 'SELECT COLLATION_NAME AS name FROM information_schema.COLLATIONS')).map((row) => text(row, 'name'));
}
