import type {
  CharsetTarget, ColumnFacts, ForeignKeyFacts, KeyFacts, ServerCharset, ServerLimits, TableFacts, TableName,
} from '../../../shared/domain/operations/charset/facts';
import type { CharsetOverview, DatabaseCharset } from '../../../shared/domain/operations/charset/plan';
import { ownSchema } from '../../../shared/domain/scope/scope';
import { failure } from '../../../shared/errors/codes';
import { columnLines } from '../../copy/schema/definition';
import { showCreate } from '../../copy/schema/shown';
import { quoteTable } from '../../mysql/quote';
import { flagOf, globalVariable, numberOf, textOf } from '../../mysql/reading';
import type { Session } from '../../mysql/types';
import { ofUsers } from '../../mysql/user-schemas';

type Row = Readonly<Record<string, unknown>>;
const text = (row: Row, name: string): string => textOf(row[name]) ?? '';
const number = (row: Row, name: string): number => numberOf(row[name]) ?? 0;

const users = (column: string): string => ofUsers(column, [ownSchema]);

/** Every character set of a server with its collations. */
export async function readCharsets(session: Session): Promise<readonly ServerCharset[]> {
  const sets = await session.query<Row>(
    'SELECT CHARACTER_SET_NAME AS name, DEFAULT_COLLATE_NAME AS initial, MAXLEN AS bytes FROM information_schema.CHARACTER_SETS');
  const collations = await session.query<Row>('SELECT COLLATION_NAME AS name, CHARACTER_SET_NAME AS charset FROM information_schema.COLLATIONS');
  return sets.map((row) => ({
    name: text(row, 'name'), initial: text(row, 'initial'), bytes: number(row, 'bytes'),
    collations: collations.filter((one) => text(one, 'charset') === text(row, 'name')).map((one) => text(one, 'name')).sort(),
  })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The target that a charset and a collation name. Throws `invalid-input` where the server has no such. */
export function targetOf(charsets: readonly ServerCharset[], charset: string, collation: string | null): CharsetTarget {
  const set = charsets.find(({ name }) => name === charset.toLowerCase());
  if (set === undefined || set.name === 'binary') throw failure('invalid-input', { field: 'charset', reason: charset });
  const wanted = collation?.toLowerCase() ?? set.initial;
  if (!set.collations.includes(wanted)) throw failure('invalid-input', { field: 'collation', reason: `${wanted} (${set.name})` });
  return { charset: set.name, collation: wanted, bytes: set.bytes, binary: set.collations.find((one) => one === `${set.name}_bin`) ?? null };
}

/** What a server and its databases have. Changes nothing. */
export async function readOverview(session: Session, instanceId: string, name: string): Promise<CharsetOverview> {
  const [server] = await session.query<Row>('SELECT @@GLOBAL.character_set_server AS charset, @@GLOBAL.collation_server AS collation');
  return {
    instanceId, name, version: session.version.raw, charset: text(server ?? {}, 'charset'), collation: text(server ?? {}, 'collation'),
    charsets: await readCharsets(session), databases: await readDatabases(session),
  };
}

export async function readDatabases(session: Session): Promise<readonly DatabaseCharset[]> {
  if (session.dialect.features.hasStatsExpiry) await session.run('SET SESSION information_schema_stats_expiry = 0');
  const rows = await session.query<Row>(
    'SELECT SCHEMA_NAME AS db, DEFAULT_CHARACTER_SET_NAME AS charset, DEFAULT_COLLATION_NAME AS collation '
    + `FROM information_schema.SCHEMATA WHERE ${users('SCHEMA_NAME')}`,
  );
  const sizes = await session.query<Row>(
    `SELECT TABLE_SCHEMA AS db, COUNT(*) AS tables, SUM(IFNULL(DATA_LENGTH, 0) + IFNULL(INDEX_LENGTH, 0)) AS bytes FROM information_schema.TABLES `
    + `WHERE TABLE_TYPE = 'BASE TABLE' AND ${users('TABLE_SCHEMA')} GROUP BY TABLE_SCHEMA`,
  );
  const columns = await session.query<Row>(
    'SELECT c.TABLE_SCHEMA AS db, c.CHARACTER_SET_NAME AS charset, COUNT(*) AS count FROM information_schema.COLUMNS c JOIN information_schema.TABLES t '
    + "ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME WHERE t.TABLE_TYPE = 'BASE TABLE' AND c.CHARACTER_SET_NAME IS NOT NULL "
    + `AND ${users('c.TABLE_SCHEMA')} GROUP BY c.TABLE_SCHEMA, c.CHARACTER_SET_NAME ORDER BY COUNT(*) DESC`,
  );
  const programs = await session.query<Row>([['ROUTINE', 'ROUTINES'], ['TRIGGER', 'TRIGGERS'], ['EVENT', 'EVENTS']].map(([column, table]) =>
    `SELECT ${column}_SCHEMA AS db, DATABASE_COLLATION AS collation FROM information_schema.${table} WHERE ${users(`${column}_SCHEMA`)}`).join(' UNION ALL '));
  return rows.map((row): DatabaseCharset => {
    const database = text(row, 'db');
    const size = sizes.find((one) => text(one, 'db') === database) ?? {};
    return {
      database, charset: text(row, 'charset'), collation: text(row, 'collation'), tables: number(size, 'tables'), bytes: number(size, 'bytes'),
      columns: columns.filter((one) => text(one, 'db') === database).map((one) => ({ charset: text(one, 'charset'), count: number(one, 'count') })),
      keeping: programs.filter((one) => text(one, 'db') === database && text(one, 'collation') !== text(row, 'collation')).length,
    };
  }).sort((a, b) => (a.database < b.database ? -1 : 1));
}

/** How many routines, triggers and events of a database were made under a collation. */
export async function programsOf(session: Session, database: string): Promise<number> {
  const counted = [['ROUTINE', 'ROUTINES'], ['TRIGGER', 'TRIGGERS'], ['EVENT', 'EVENTS']].map(([column, table]) =>
    `(SELECT COUNT(*) FROM information_schema.${table} WHERE ${column}_SCHEMA = ?)`).join(' + ');
  const [row] = await session.query<Row>(`SELECT ${counted} AS count`, [database, database, database]);
  return number(row ?? {}, 'count');
}

export async function readLimits(session: Session): Promise<ServerLimits> {
  const { major, minor, patch } = session.version;
  return {
    version: { major, minor, patch },
    // The variable went with 8.0, where long keys are always taken.
    longKeys: flagOf(await globalVariable(session, 'innodb_large_prefix')) ?? (major > 5 || (major === 5 && minor > 6)),
    pageSize: numberOf(await globalVariable(session, 'innodb_page_size')) ?? 16_384,
    strict: flagOf(await globalVariable(session, 'innodb_strict_mode')) ?? true,
  };
}

/** Names of the base tables of users. */
export async function readTableNames(session: Session): Promise<readonly TableName[]> {
  const rows = await session.query<Row>(
    `SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND ${users('TABLE_SCHEMA')}`,
  );
  return rows.map((row) => ({ database: text(row, 'db'), table: text(row, 'name') }));
}

/** Which texts have which collation, over every table: a foreign key may lead anywhere. */
export async function readTextColumns(session: Session): Promise<readonly (
  TableName & { readonly column: string; readonly charset: string; readonly collation: string })[]> {
  const rows = await session.query<Row>(
    'SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, COLUMN_NAME AS col, CHARACTER_SET_NAME AS charset, COLLATION_NAME AS collation '
    + `FROM information_schema.COLUMNS WHERE CHARACTER_SET_NAME IS NOT NULL AND ${users('TABLE_SCHEMA')}`,
  );
  return rows.map((row) => ({
    database: text(row, 'db'), table: text(row, 'name'), column: text(row, 'col'), charset: text(row, 'charset'), collation: text(row, 'collation'),
  }));
}

export async function readForeignKeys(session: Session): Promise<readonly ForeignKeyFacts[]> {
  const rows = await session.query<Row>(
    'SELECT TABLE_SCHEMA AS db, TABLE_NAME AS name, CONSTRAINT_NAME AS fk, COLUMN_NAME AS col, REFERENCED_TABLE_SCHEMA AS toDb, '
    + 'REFERENCED_TABLE_NAME AS toName, REFERENCED_COLUMN_NAME AS toCol FROM information_schema.KEY_COLUMN_USAGE '
    + `WHERE REFERENCED_TABLE_NAME IS NOT NULL AND ${users('TABLE_SCHEMA')} ORDER BY TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION`,
  );
  const found = new Map<string, ForeignKeyFacts>();
  for (const row of rows) {
    const key = JSON.stringify([row['db'], row['name'], row['fk']].map((one) => textOf(one)));
    const before = found.get(key);
    found.set(key, {
      name: text(row, 'fk'), from: { database: text(row, 'db'), table: text(row, 'name') }, to: { database: text(row, 'toDb'), table: text(row, 'toName') },
      columns: [...before?.columns ?? [], text(row, 'col')], targets: [...before?.targets ?? [], text(row, 'toCol')],
    });
  }
  return [...found.values()];
}

/** Everything of one table that its conversion depends on. */
export async function readTable(session: Session, { database, table }: TableName): Promise<TableFacts> {
  const of = [database, table];
  const [info] = await session.query<Row>(
    'SELECT ENGINE AS engine, ROW_FORMAT AS rowFormat, TABLE_COLLATION AS collation, TABLE_ROWS AS tableRows, '
    + 'IFNULL(DATA_LENGTH, 0) + IFNULL(INDEX_LENGTH, 0) AS bytes, '
    + 'CREATE_OPTIONS AS options FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?', of,
  );
  if (info === undefined) throw failure('not-found', { kind: 'table', name: `${database}.${table}` });
  const { text: definition } = await showCreate(session, `TABLE ${quoteTable(database, table)}`, 'Create Table', `${database}.${table}`);
  return {
    database, table, engine: text(info, 'engine'), rowFormat: text(info, 'rowFormat').toUpperCase(), collation: text(info, 'collation'),
    rows: number(info, 'tableRows'), bytes: number(info, 'bytes'), partitioned: text(info, 'options').includes('partitioned'), definition,
    columns: await readColumns(session, of, columnLines(definition)), keys: await readKeys(session, of),
  };
}

async function readColumns(session: Session, of: readonly string[], lines: ReadonlyMap<string, string>): Promise<readonly ColumnFacts[]> {
  const rows = await session.query<Row>(
    'SELECT COLUMN_NAME AS name, DATA_TYPE AS type, COLUMN_TYPE AS fullType, CHARACTER_MAXIMUM_LENGTH AS characters, CHARACTER_OCTET_LENGTH AS octets, '
    + "NUMERIC_PRECISION AS digits, NUMERIC_SCALE AS scale, IS_NULLABLE = 'YES' AS nullable, "
    + 'CHARACTER_SET_NAME AS charset, COLLATION_NAME AS collation, EXTRA AS extra '
    + 'FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION', of,
  );
  return rows.flatMap((row): readonly ColumnFacts[] => {
    const line = lines.get(text(row, 'name'));
    return line === undefined ? [] : [{
      name: text(row, 'name'), type: text(row, 'type').toLowerCase(), fullType: text(row, 'fullType'), line,
      characters: numberOf(row['characters']), octets: numberOf(row['octets']), precision: number(row, 'digits'), scale: number(row, 'scale'),
      fraction: Number(/^(?:time|datetime|timestamp)\((\d)\)/.exec(text(row, 'fullType'))?.[1] ?? 0),
      nullable: number(row, 'nullable') === 1, charset: textOf(row['charset']), collation: textOf(row['collation']),
      // "DEFAULT_GENERATED" is a default that is an expression.
      generated: /\b(?:VIRTUAL|STORED|PERSISTENT) GENERATED\b/i.test(text(row, 'extra')),
    }];
  });
}

async function readKeys(session: Session, of: readonly string[]): Promise<readonly KeyFacts[]> {
  const rows = await session.query<Row>(
    'SELECT INDEX_NAME AS name, NON_UNIQUE AS plain, COLUMN_NAME AS col, SUB_PART AS prefix, INDEX_TYPE AS type FROM information_schema.STATISTICS '
    + 'WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY INDEX_NAME, SEQ_IN_INDEX', of,
  );
  const found = new Map<string, KeyFacts>();
  for (const row of rows) {
    const name = text(row, 'name');
    const type = text(row, 'type');
    found.set(name, {
      name, unique: number(row, 'plain') === 0, kind: type === 'FULLTEXT' ? 'fulltext' : type === 'BTREE' || type === 'HASH' ? 'btree' : 'other',
      parts: [...found.get(name)?.parts ?? [], { column: textOf(row['col']), prefix: numberOf(row['prefix']) }],
    });
  }
  return [...found.values()];
}

/** The collation of each text of a table now, null: it is kept as bytes; and of the table itself. */
export async function readCollations(session: Session, { database, table }: TableName): Promise<{
  readonly table: string; readonly columns: ReadonlyMap<string, string | null>;
} | null> {
  const [info] = await session.query<Row>('SELECT TABLE_COLLATION AS collation FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?',
    [database, table]);
  if (info === undefined) return null;
  const rows = await session.query<Row>(
    'SELECT COLUMN_NAME AS name, COLLATION_NAME AS collation FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?', [database, table]);
  return { table: text(info, 'collation'), columns: new Map(rows.map((row) => [text(row, 'name'), textOf(row['collation'])])) };
}

