// The statements that make rows of a standby what they are on its source.
import type { RowDifference } from '../../shared/domain/verification/result';
import { quoteId, quoteTable } from '../mysql/quote';
import type { QueryOptions, StatementSession } from '../mysql/types';
import type { ComparedTable, DescribedColumn } from './compared-table';
import { literalOf, literalText } from './key-range';
import { formOf } from './row-hash';
import { hasContent } from './row-values';
import { onBoth, type Side } from './sides';

/** One row as both sides hold it now: literals, column by column; null where it is not there. */
export interface RowToRepair {
  readonly locator: string;
  readonly copies: number;
  readonly source: readonly string[] | null;
  readonly standby: readonly string[] | null;
}

/** What makes one row right, in the order in which it must run among those of other rows. */
export interface RepairStatement {
  readonly locator: string;
  /** Rows that go first make room for what comes in their place. */
  readonly order: 0 | 1 | 2;
  readonly sql: string;
}

/** Why a row cannot be written as it is on the source. */
export type Unrepairable = 'generated' | 'too-long';

/** A row with more bytes is not carried through this program and a statement. */
const mostBytes = 8 * 1024 * 1024;

/**
 * The statements for a row; none: both sides hold the same of it now. Generated columns are not written, they follow. Values of unique keys may change
 * places between rows, so such a row goes first and comes last.
 */
export function repairStatements(table: ComparedTable, row: RowToRepair): readonly RepairStatement[] | Unrepairable {
  const { locator, source, standby, copies } = row;
  const name = quoteTable(table.database, table.table);
  const which = table.key === null ? hasContent(table.standby, locator) : locator;
  const remove: RepairStatement = { locator, order: 0, sql: `DELETE FROM ${name} WHERE ${which}${table.key === null ? ` LIMIT ${copies}` : ''}` };
  if (source === null) return standby === null ? [] : [remove];
  const insert: RepairStatement = { locator, order: 2, sql: insertSql(table, name, source, standby === null ? copies : 1) };
  if (standby === null) return [insert];
  const differing = table.standby.filter((_, at) => source[at] !== standby[at]);
  if (differing.length === 0) return [];
  const written = differing.filter(({ generated }) => !generated);
  if (written.length === 0) return 'generated';
  if (written.some(({ name: column }) => table.unique.includes(column))) return [remove, insert];
  const set = written.map((column) => `${quoteId(column.name)} = ${source[table.standby.indexOf(column)] ?? 'NULL'}`).join(', ');
  return [{ locator, order: 1, sql: `UPDATE ${name} SET ${set} WHERE ${which}` }];
}

function insertSql(table: ComparedTable, name: string, values: readonly string[], copies: number): string {
  const written = table.standby.flatMap((column, at) => (column.generated ? [] : [{ column, value: values[at] ?? 'NULL' }]));
  const row = `(${written.map(({ value }) => value).join(', ')})`;
  return `INSERT INTO ${name} (${written.map(({ column }) => quoteId(column.name)).join(', ')}) VALUES ${Array.from({ length: copies }, () => row).join(', ')}`;
}

/** Reads rows that were found to differ as both sides hold them now. */
export async function readRepairs(
  table: ComparedTable, sides: { readonly source: Side; readonly standby: Side }, rows: readonly RowDifference[], options: QueryOptions,
): Promise<readonly (RowToRepair | { readonly locator: string; readonly why: Unrepairable })[]> {
  const out: (RowToRepair | { readonly locator: string; readonly why: Unrepairable })[] = [];
  for (const { locator, copies, kind } of rows) {
    if (table.key === null) {
      // Without a key the content is the row: it is counted on both sides, and the surplus of one is what differs.
      const counts = await onBoth(sides, (side) => countOf(table, side, locator, options));
      const surplus = counts.source - counts.standby;
      const from = kind === 'missing' ? sides.source : sides.standby;
      const values = surplus === 0 ? null : await literalsOf(table, from, hasContent(from.columns, locator), options);
      if (values === 'too-long') out.push({ locator, why: 'too-long' });
      else out.push({ locator, copies: surplus === 0 ? copies : Math.abs(surplus), source: surplus > 0 ? values : null, standby: surplus < 0 ? values : null });
      continue;
    }
    const both = await onBoth(sides, (side) => literalsOf(table, side, locator, options));
    if (both.source === 'too-long' || both.standby === 'too-long') out.push({ locator, why: 'too-long' });
    else out.push({ locator, copies: 1, source: both.source, standby: both.standby });
  }
  return out;
}

async function countOf(table: ComparedTable, { session, columns }: Side, hash: string, options: QueryOptions): Promise<number> {
  const [row] = await session.query<{ found: string | number }>(
    `SELECT COUNT(*) AS found FROM ${quoteTable(table.database, table.table)} WHERE ${hasContent(columns, hash)}`, [], options,
  );
  return Number(row?.found ?? 0);
}

async function literalsOf(
  table: ComparedTable, { session, columns }: Side, which: string, options: QueryOptions,
): Promise<readonly string[] | 'too-long' | null> {
  const name = quoteTable(table.database, table.table);
  const long = columns.filter((column) => ['long', 'json'].includes(formOf(column)));
  if (long.length > 0) {
    const size = long.map((column) => `IFNULL(LENGTH(${quoteId(column.name)}),0)`).join('+');
    const [row] = await session.query<{ bytes: string | number }>(`SELECT ${size} AS bytes FROM ${name} WHERE ${which} LIMIT 1`, [], options);
    if (Number(row?.bytes ?? 0) > mostBytes) return 'too-long';
  }
  const [row] = await session.query<Record<string, string | number | null>>(
    `SELECT ${columns.map((column, at) => `${literalText(column)} AS v${at}`).join(', ')} FROM ${name} WHERE ${which} LIMIT 1`, [], options,
  );
  return row === undefined ? null : columns.map((column: DescribedColumn, at) => {
    const value = row[`v${at}`];
    return literalOf(column, value === null || value === undefined ? null : String(value));
  });
}

/** Triggers of a table that a statement of a session would fire; those of replicated rows do not fire. */
export async function triggersOf(session: StatementSession, database: string): Promise<ReadonlySet<string>> {
  const rows = await session.query<{ tab: string }>(
    'SELECT EVENT_OBJECT_TABLE AS tab FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ?', [database],
  );
  return new Set(rows.map(({ tab }) => tab));
}
