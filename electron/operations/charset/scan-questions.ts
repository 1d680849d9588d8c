import type { TableConversion } from '../../../shared/domain/operations/charset/convert';
import type { CharsetTarget, ColumnFacts, TableFacts } from '../../../shared/domain/operations/charset/facts';
import { oneCharsetName } from '../../../shared/domain/sql/charset-name';
import { quoteId, quoteTable } from '../../mysql/quote';
import type { Session } from '../../mysql/types';

type Row = Readonly<Record<string, unknown>>;

export interface Scan {
  readonly session: Session;
  readonly table: TableFacts;
  readonly conversion: TableConversion;
  readonly target: CharsetTarget;
  readonly signal: AbortSignal | undefined;
}

export const ask = ({ session, signal }: Scan, sql: string): Promise<Row[]> =>
  session.query<Row>(sql, [], { timeoutMs: Infinity, ...(signal === undefined ? {} : { signal }) });

export const place = ({ table }: Scan): string => quoteTable(table.database, table.table);

/** What a value of a column will be. */
export function converted({ conversion, target }: Scan, column: string): string {
  const reread = conversion.columns.some(({ name, reread: anew }) => anew && name === column);
  return `CONVERT(${reread ? `CAST(${quoteId(column)} AS BINARY)` : quoteId(column)} USING ${target.charset})`;
}

export const convertedColumns = ({ table, conversion }: Scan): readonly ColumnFacts[] =>
  table.columns.filter((column) => !column.generated && conversion.columns.some(({ name }) => name === column.name));

/** Whether every text of one character set has a form in another. */
export function isWider(from: string | null, to: string): boolean {
  return oneCharsetName(to) === 'utf8mb4' && ['latin1', 'utf8mb3', 'utf8mb4'].includes(oneCharsetName(from ?? ''));
}
