import { tokensIn, valueOf } from '../../../shared/domain/sql/tokens';
import { atLeast } from '../../../shared/domain/fleet/version';
import type { Session } from '../types';
import { columnTypes, type MappedColumn, type TableMap } from './table-map';
import type { Column } from './value';

/** A column as information_schema describes it now; it may have changed since the event was written. */
export interface ColumnDefinition {
  readonly name: string;
  /** COLUMN_TYPE: `int(5) unsigned`, `enum('a','b')`. */
  readonly columnType: string;
  readonly charset: string | null;
  readonly isKey: boolean;
  /** One that the server made for a functional key part: 8.0.13 and some after it have those in the log too, behind the others. */
  readonly isHidden?: true;
}

/** What is known of a server beside its binary log, to make it readable. */
export interface Catalogue {
  readonly charsetOf: (collation: number) => string | null;
  /** Columns in their order; empty: the table is not there. */
  readonly columnsOf: (database: string, table: string) => readonly ColumnDefinition[];
}

/** Reads character sets, and the tables by name. */
export async function readDefinitions(session: Session, tables: readonly { readonly database: string; readonly table: string }[]): Promise<Catalogue> {
  const collationsSql = 'SELECT ID AS id, CHARACTER_SET_NAME AS charset FROM information_schema.COLLATIONS';
  const known = await session.query<{ id: number | string; charset: string }>(collationsSql);
  const collations = new Map(known.map(({ id, charset }) => [Number(id), charset]));
  const columns = new Map<string, readonly ColumnDefinition[]>();
  for (const { database, table } of tables) {
    const rows = await session.query<{ name: string; type: unknown; charset: string | null; isKey: string }>(
      `SELECT COLUMN_NAME AS name, COLUMN_TYPE AS type, CHARACTER_SET_NAME AS charset, COLUMN_KEY AS isKey
       FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`,
      [database, table],
    );
    columns.set(nameKey(database, table), [
      ...rows.map(({ name, type, charset, isKey }) => ({ name, columnType: String(type), charset, isKey: isKey === 'PRI' })),
      ...(await hiddenColumns(session, database, table)),
    ]);
  }
  return { charsetOf: (collation) => collations.get(collation) ?? null, columnsOf: (database, table) => columns.get(nameKey(database, table)) ?? [] };
}

async function hiddenColumns(session: Session, database: string, table: string): Promise<readonly ColumnDefinition[]> {
  if (!atLeast(session.version, 8, 0, 13)) return [];
  const parts = await session.query(
    'SELECT 1 AS part FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND EXPRESSION IS NOT NULL', [database, table],
  );
  return parts.map(() => ({ name: '', columnType: '', charset: null, isKey: false, isHidden: true }));
}

const nameKey = (database: string, table: string): string => JSON.stringify([database, table]);

const binaryCollation = 63;
const textual: readonly number[] = [
  columnTypes.string, columnTypes.varString, columnTypes.varchar, columnTypes.tinyBlob, columnTypes.blob, columnTypes.mediumBlob,
  columnTypes.longBlob,
];

/**
 * The columns of a table map. What it does not say is taken from the table as it is now, where that has as many columns;
 * else a column is named by its number, as the server's own tool does.
 */
export function columnsOf(map: TableMap, { charsetOf, columnsOf: definitionsOf }: Catalogue): readonly Column[] {
  const defined = definitionsOf(map.database, map.table);
  const known = [defined, defined.filter(({ isHidden }) => isHidden !== true)].find(({ length }) => length === map.columns.length) ?? [];
  const signs = known.length > 0 && map.olderSigns !== null && agrees(known, map.olderSigns) ? map.olderSigns : null;
  return map.columns.map((column, i) => merged(signs === null ? column : { ...column, isUnsigned: signs[i] ?? null }, known[i], i, charsetOf));
}

const isUnsigned = ({ columnType }: ColumnDefinition): boolean => /\bunsigned\b/i.test(columnType);

/** Whether the columns have these signs; null: it has none. */
function agrees(known: readonly ColumnDefinition[], signs: readonly (boolean | null)[]): boolean {
  return known.every((column, i) => signs[i] === null || signs[i] === undefined || signs[i] === isUnsigned(column));
}

function merged(column: MappedColumn, known: ColumnDefinition | undefined, index: number, charsetOf: Catalogue['charsetOf']): Column {
  const { type, meta, collation } = column;
  const logged = collation === binaryCollation ? 'binary' : collation === null ? null : charsetOf(collation);
  return {
    type,
    meta,
    name: column.name ?? (known?.isHidden === true ? null : known?.name) ?? `@${String(index + 1)}`,
    isUnsigned: column.isUnsigned ?? (known !== undefined && isUnsigned(known)),
    // A column of bytes has no character set in the catalogue.
    charset: logged ?? (known === undefined || !textual.includes(type) ? null : (known.charset ?? 'binary')),
    words: column.words ?? (known === undefined ? null : wordsOf(known.columnType)),
    isKey: column.isKey ?? known?.isKey ?? false,
  };
}

/** The words of `enum('a','it''s')` or `set(…)`; null: it is another type. */
export function wordsOf(columnType: string): readonly string[] | null {
  const list = /^(?:enum|set)\(([\s\S]*)\)/i.exec(columnType)?.[1];
  if (list === undefined) return null;
  return tokensIn(list).filter(({ kind }) => kind === 'string').map((token) => valueOf(token));
}
