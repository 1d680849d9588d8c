// How a table is compared, from what the catalogues of both servers say of it.
import { holdsRows } from '../../shared/domain/scope/engines';
import type { StatementSession } from '../mysql/types';
import { formOf, type ComparedColumn } from './row-hash';

/** A column as one server describes it. */
export interface DescribedColumn extends ComparedColumn {
  /** COLUMN_TYPE, for texts. */
  readonly declared: string;
  readonly collation: string | null;
  /** The server computes it, or numbers it: it is not written as it is read. */
  readonly generated: boolean;
  readonly extra: string;
}

interface UniqueKey {
  readonly name: string;
  readonly columns: readonly string[];
}

/** A table as one server describes it. */
export interface DescribedTable {
  readonly database: string;
  readonly table: string;
  readonly columns: readonly DescribedColumn[];
  /** Those that tell every row from the others, the primary key first. */
  readonly keys: readonly UniqueKey[];
  /** Columns of unique keys, all of them together. */
  readonly unique: readonly string[];
  readonly holdsRows: boolean;
  /** Estimates of the server. */
  readonly rows: number;
  readonly bytes: number;
  /** When it was made or last made anew, as the server writes it; null: it does not tell. Another table of the same name has another. */
  readonly created: string | null;
}

/** The key by which a table is cut and its rows are told apart. */
export interface ComparedKey {
  readonly index: string;
  readonly columns: readonly DescribedColumn[];
}

/** A table whose rows can be compared: the same columns on both sides, in one order. */
export interface ComparedTable {
  readonly database: string;
  readonly table: string;
  readonly source: readonly DescribedColumn[];
  readonly standby: readonly DescribedColumn[];
  /** Null: none that both sides have and order alike; rows are then told apart by their whole content. */
  readonly key: ComparedKey | null;
  readonly unique: readonly string[];
  readonly rows: number;
  readonly bytes: number;
}

interface ColumnRow {
  readonly tab: string; readonly name: string; readonly type: string; readonly declared: string; readonly nullable: string;
  readonly charset: string | null; readonly collation: string | null; readonly extra: string;
}
interface KeyRow {
  readonly tab: string; readonly name: string; readonly col: string | null; readonly part: number | string | null;
  readonly kind: string; readonly visible: string;
}
interface SizeRow {
  readonly tab: string; readonly engine: string | null; readonly rowCount: string | number | null; readonly bytes: string | number | null;
  readonly created: string | null;
}

/**
 * Every table of a database of those names, as a server describes it: generated, invisible and hidden columns among the others. One that was dropped since
 * its name was read is left out.
 */
export async function describeCompared(session: StatementSession, database: string, names: ReadonlySet<string>): Promise<readonly DescribedTable[]> {
  // Old catalogues compare names without letter case; ours are exact.
  const exactly = 'BINARY TABLE_SCHEMA = BINARY ? AND TABLE_SCHEMA = ?';
  const asked = [database, database];
  const columns = await session.query<ColumnRow>(
    `SELECT TABLE_NAME AS tab, COLUMN_NAME AS name, DATA_TYPE AS type, COLUMN_TYPE AS declared, IS_NULLABLE AS nullable, CHARACTER_SET_NAME AS charset,
       COLLATION_NAME AS collation, EXTRA AS extra FROM information_schema.COLUMNS WHERE ${exactly} ORDER BY TABLE_NAME, ORDINAL_POSITION`, asked,
  );
  const visible = session.dialect.features.hasDynamicPrivileges ? 'IS_VISIBLE' : "'YES'";
  const keys = await session.query<KeyRow>(
    `SELECT TABLE_NAME AS tab, INDEX_NAME AS name, COLUMN_NAME AS col, SUB_PART AS part, INDEX_TYPE AS kind, ${visible} AS visible
     FROM information_schema.STATISTICS WHERE ${exactly} AND NON_UNIQUE = 0 ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`, asked,
  );
  const sizes = await session.query<SizeRow>(
    `SELECT TABLE_NAME AS tab, ENGINE AS engine, TABLE_ROWS AS rowCount, DATA_LENGTH AS bytes, CAST(CREATE_TIME AS CHAR) AS created
     FROM information_schema.TABLES WHERE ${exactly}`, asked,
  );
  const [columnsBy, keysBy, sizeBy] = [grouped(columns), grouped(keys), grouped(sizes)];
  return [...names].flatMap((table): readonly DescribedTable[] => {
    const mine = (columnsBy.get(table) ?? []).map(described);
    const parts = keysBy.get(table) ?? [];
    const size = sizeBy.get(table)?.[0];
    if (size === undefined) return [];
    return [{
      database, table, columns: mine, keys: usableKeys(parts, mine), unique: [...new Set(parts.flatMap(({ col }) => (col === null ? [] : [col])))],
      holdsRows: holdsRows(size.engine ?? ''), rows: Number(size.rowCount ?? 0), bytes: Number(size.bytes ?? 0), created: size.created,
    }];
  });
}

function grouped<Row extends { readonly tab: string }>(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.tab);
    if (group === undefined) groups.set(row.tab, [row]);
    else group.push(row);
  }
  return groups;
}

function described({ name, type, declared, nullable, charset, collation, extra }: ColumnRow): DescribedColumn {
  return {
    name, type: type.toLowerCase(), declared, nullable: nullable === 'YES', extra, generated: /\b(VIRTUAL|STORED) GENERATED\b/i.test(extra),
    // One character set under two names: the older one is understood everywhere.
    charset: charset === 'utf8mb3' ? 'utf8' : charset, collation: collation?.replace(/^utf8mb3_/, 'utf8_') ?? null,
  };
}

/** Keys of whole columns that are never NULL, of types that order alike on every server. */
function usableKeys(parts: readonly KeyRow[], columns: readonly DescribedColumn[]): readonly UniqueKey[] {
  const usable = [...new Set(parts.map(({ name }) => name))].flatMap((name) => {
    const mine = parts.filter((part) => part.name === name);
    const found = mine.map(({ col }) => columns.find((column) => column.name === col));
    const fits = mine.every(({ part, kind, visible }) => part === null && kind === 'BTREE' && visible === 'YES') &&
      found.every((column) => column !== undefined && !column.nullable && !['long', 'json'].includes(formOf(column)));
    return fits ? [{ name, columns: mine.map(({ col }) => col ?? '') }] : [];
  });
  return usable.sort((a, b) => Number(b.name === 'PRIMARY') - Number(a.name === 'PRIMARY') || a.columns.length - b.columns.length);
}

/** How to compare a table that both sides have; a text: why its rows cannot be, which names the columns. */
export function planComparison(source: DescribedTable, standby: DescribedTable): ComparedTable | string {
  const there = new Map(standby.columns.map((column) => [column.name.toLowerCase(), column]));
  const pairs: { readonly here: DescribedColumn; readonly other: DescribedColumn }[] = [];
  const wrong: string[] = [];
  for (const here of source.columns) {
    const other = there.get(here.name.toLowerCase());
    there.delete(here.name.toLowerCase());
    if (other === undefined) wrong.push(`${here.name}: ${here.declared} / –`);
    else if (formOf(here) !== formOf(other) || here.charset !== other.charset) wrong.push(`${here.name}: ${nameOf(here)} / ${nameOf(other)}`);
    else pairs.push({ here, other });
  }
  for (const other of there.values()) if (!isHiddenKey(other)) wrong.push(`${other.name}: – / ${other.declared}`);
  if (wrong.length > 0) return wrong.join('; ');
  const standbyColumns = pairs.map(({ other }) => other);
  // A value is printed by what its column allows: one that may be NULL on one side only is compared as one that may on both.
  const source_ = pairs.map(({ here, other }) => ({ ...here, nullable: here.nullable || other.nullable }));
  return {
    database: source.database, table: source.table, source: source_,
    standby: standbyColumns.map((column, at) => ({ ...column, nullable: source_[at]?.nullable ?? true })),
    key: commonKey(source, standby), unique: [...new Set([...source.unique, ...standby.unique])], rows: source.rows, bytes: source.bytes,
  };
}

function nameOf({ declared, charset }: DescribedColumn): string {
  return charset === null ? declared : `${declared} ${charset}`;
}

/** The primary key that a server made by itself (8.0.30): a standby may have it where its source has none. */
function isHiddenKey({ name, extra }: DescribedColumn): boolean {
  return name === 'my_row_id' && /\bINVISIBLE\b/i.test(extra) && /\bauto_increment\b/i.test(extra);
}

/** A key that both sides have, and order alike: of the same columns, and text of the same collation. */
function commonKey(source: DescribedTable, standby: DescribedTable): ComparedKey | null {
  for (const { name, columns } of source.keys) {
    const same = standby.keys.find((key) => key.name === name && key.columns.join('\0').toLowerCase() === columns.join('\0').toLowerCase());
    const here = columns.map((column) => source.columns.find((one) => one.name === column));
    const there = columns.map((column) => standby.columns.find((one) => one.name.toLowerCase() === column.toLowerCase()));
    if (same === undefined) continue;
    if (here.every((column, at) => column !== undefined && column.collation === there[at]?.collation && column.type === there[at]?.type)) {
      return { index: name, columns: here.filter((column) => column !== undefined) };
    }
  }
  return null;
}
