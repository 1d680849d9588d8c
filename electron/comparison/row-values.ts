// Rows that differ, column by column.
import { shownCharacters, type DifferenceKind, type RowDifference, type RowValues } from '../../shared/domain/verification/result';
import type { QueryOptions } from '../mysql/types';
import { quoteId, quoteTable } from '../mysql/quote';
import type { ComparedTable, DescribedColumn } from './compared-table';
import { isKey, type KeyValue } from './key-range';
import { floatOf, floatText, formOf, rowHash, valueHash } from './row-hash';
import { onBoth, type Side } from './sides';

/** A row that differs, by what finds it again: its key as literals, or the hash of its content. */
export interface FoundRow {
  readonly kind: DifferenceKind;
  readonly copies: number;
  readonly key: KeyValue | null;
  readonly hash: string;
}

/** SQL: a value as people read it, cut where it is long. */
function shownText(column: DescribedColumn): string {
  const id = quoteId(column.name);
  const text = (value: string): string => `LEFT(CONVERT(${value} USING utf8mb4),${shownCharacters})`;
  switch (formOf(column)) {
    case 'float':
      return floatText(id);
    case 'bit':
      return `CONCAT('b''',CONV(CAST(${id} AS UNSIGNED),10,2),'''')`;
    case 'choice':
    case 'json':
      return text(id);
    case 'bytes':
    case 'long':
      return column.charset === null || column.charset === 'binary' ? `CONCAT('0x',LEFT(HEX(${id}),${shownCharacters}))` : text(id);
    default:
      return `CAST(${id} AS CHAR)`;
  }
}

function shown(column: DescribedColumn, text: string | null): string | null {
  if (text === null || formOf(column) !== 'float') return text;
  const value = floatOf(text);
  return Object.is(value, -0) ? '-0' : String(value);
}

interface ReadRow {
  readonly values: readonly (string | null)[];
  readonly hashes: readonly string[];
}

/** Rows that are asked for in one statement. */
const atOnce = 100;

/** Reads rows that differ on both sides and says of each which columns do. */
export async function readDifferences(
  table: ComparedTable, sides: { readonly source: Side; readonly standby: Side }, found: readonly FoundRow[], options: QueryOptions,
): Promise<readonly RowDifference[]> {
  const out: RowDifference[] = [];
  for (let from = 0; from < found.length; from += atOnce) {
    const part = found.slice(from, from + atOnce);
    const rows = await onBoth(sides, (side) => readRows(table, side, part, options));
    for (const [at, row] of part.entries()) out.push(differenceOf(table, row, rows.source.get(at) ?? null, rows.standby.get(at) ?? null));
  }
  return out;
}

/** The rows that are there, by their place in the list. */
async function readRows(table: ComparedTable, side: Side, found: readonly FoundRow[], options: QueryOptions): Promise<ReadonlyMap<number, ReadRow>> {
  const { columns, session } = side;
  const which = (row: FoundRow): string => `(${locatorOf(table, columns, row)})`;
  const place = `CASE ${found.map((row, at) => `WHEN ${which(row)} THEN ${at}`).join(' ')} END`;
  const any = table.key === null ? `${rowHash(columns)} IN (${found.map(({ hash }) => `'${hash}'`).join(',')})` : found.map(which).join(' OR ');
  const fields = columns.flatMap((column, at) => [`${shownText(column)} AS v${at}`, `${valueHash(column)} AS h${at}`]);
  const group = table.key === null ? ' GROUP BY place' : '';
  const rows = await session.query<Record<string, string | number | null>>(
    `SELECT ${place} AS place, ${fields.join(', ')} FROM ${quoteTable(table.database, table.table)} WHERE ${any}${group}`, [], options,
  );
  return new Map(rows.map((row) => [Number(row['place']), {
    values: columns.map((column, at) => shown(column, textOf(row[`v${at}`]))),
    hashes: columns.map((_, at) => String(row[`h${at}`])),
  }]));
}

/** SQL: which row it is. Both sides read a key alike; without one the content is the row. */
function locatorOf(table: ComparedTable, columns: readonly DescribedColumn[], { key, hash }: FoundRow): string {
  return table.key === null || key === null ? hasContent(columns, hash) : isKey(table.key, key);
}

/** SQL: the rows whose whole content has this hash. */
export function hasContent(columns: readonly DescribedColumn[], hash: string): string {
  return `${rowHash(columns)} = '${hash}'`;
}

function textOf(value: string | number | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

function differenceOf(table: ComparedTable, row: FoundRow, source: ReadRow | null, standby: ReadRow | null): RowDifference {
  const names = table.source.map(({ name }) => name);
  const differing = names.filter((_, at) => source === null || standby === null || source.hashes[at] !== standby.hashes[at]);
  const isKeyColumn = (name: string): boolean => table.key?.columns.some((column) => column.name === name) === true;
  const values = (own: ReadRow | null, other: ReadRow | null): RowValues | null => own === null ? null : Object.fromEntries(
    names.map((name, at) => [name, told(own.values[at] ?? null, other?.values[at], own.hashes[at] ?? '', other?.hashes[at])]),
  );
  const [here, there] = [row.kind === 'extra' ? null : source, row.kind === 'missing' ? null : standby];
  const key = Object.fromEntries(names.flatMap((name, at) => (isKeyColumn(name) ? [[name, (source ?? standby)?.values[at] ?? null]] : [])));
  return {
    database: table.database, table: table.table, kind: row.kind, key, copies: row.copies,
    locator: table.key === null || row.key === null ? row.hash : isKey(table.key, row.key),
    columns: row.kind === 'changed' ? differing : names, source: values(here, there), standby: values(there, here),
  };
}

/** Two values that differ and read the same as far as they are shown are told apart by the beginning of their hashes. */
function told(value: string | null, other: string | null | undefined, hash: string, otherHash: string | undefined): string | null {
  return value !== null && value === other && hash !== otherHash ? `${value} … #${hash.slice(0, 8)}` : value;
}
