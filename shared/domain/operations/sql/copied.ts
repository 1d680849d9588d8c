import type { ResultSet, SqlRow } from './run';

/** How a result is copied. */
export const copyFormats = ['TSV', 'CSV', 'JSON'] as const;
export type CopyFormat = (typeof copyFormats)[number];

/** Rows of a result as text. NULL is `\N` in TSV, nothing in CSV (where an empty text is quoted), null in JSON. */
export function copied({ columns, rows }: Pick<ResultSet, 'columns' | 'rows'>, format: CopyFormat): string {
  const names = columns.map(({ name }) => name);
  switch (format) {
    case 'TSV':
      return lines(names, rows, '\t', (cell) => (cell === null ? '\\N' : cell.replaceAll(/[\\\t\r\n]/g, (found) => escapes[found] ?? found)));
    case 'CSV':
      return lines(names, rows, ',', (cell) => (cell === null ? '' : cell === '' || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell));
    case 'JSON':
      // Two columns may have one name: rows are lists, in the order of the names.
      return JSON.stringify({ columns: names, rows });
    default: {
      const unknown: never = format;
      throw new Error(`Unknown format ${String(unknown)}`);
    }
  }
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\r': '\\r', '\n': '\\n' };

function lines(names: SqlRow, rows: readonly SqlRow[], between: string, write: (cell: string | null) => string): string {
  return [names, ...rows].map((row) => `${row.map(write).join(between)}\n`).join('');
}
