import type { SqlModes } from '../../sql/tokens';
import type { ResultSet, SqlColumn, SqlRow } from './run';

/** How a result is copied. */
export const copyFormats = ['TSV', 'CSV', 'JSON', 'INSERT'] as const;
export type CopyFormat = (typeof copyFormats)[number];

type Copied = Pick<ResultSet, 'columns' | 'rows'> & Partial<Pick<ResultSet, 'table'>>;

interface CopyOptions {
  /** Whether the names of the columns come first, in TSV and CSV. */
  readonly names?: boolean;
  /** How the server reads texts in statements. */
  readonly modes?: SqlModes;
}

/** Rows of a result as text. NULL is `\N` in TSV, nothing in CSV (where an empty text is quoted), null in JSON, NULL in INSERT. */
export function copied(result: Copied, format: CopyFormat, { names: isNamed = true, modes = {} }: CopyOptions = {}): string {
  const { columns, rows } = result;
  const names = columns.map(({ name }) => name);
  const lines = isNamed ? [names, ...rows] : rows;
  switch (format) {
    case 'TSV':
      return separated(lines, '\t', (cell) => (cell === null ? '\\N' : cell.replaceAll(specialInTsv, (found) => escapes[found] ?? found)));
    case 'CSV':
      return separated(lines, ',', (cell) => (cell === null ? '' : cell === '' || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell));
    case 'JSON':
      // Two columns may have one name: rows are lists, in the order of the names.
      return JSON.stringify({ columns: names, rows });
    case 'INSERT':
      return inserts(result, modes);
    default: {
      const unknown: never = format;
      throw new Error(`Unknown format ${String(unknown)}`);
    }
  }
}

/** A text that is written in pieces: what comes before the rows, some of them after others, and what comes behind all. */
export interface PiecewiseCopy {
  readonly head: string;
  readonly tail: string;
  rows(rows: readonly SqlRow[], isFirst: boolean): string;
}

/** As {@link copied}, rows after rows: the pieces one behind the other are that text. INSERT begins a new statement with each piece. */
export function piecewise({ columns, table }: Omit<Copied, 'rows'>, format: CopyFormat, modes: SqlModes = {}): PiecewiseCopy {
  const whole = table === undefined ? { columns } : { columns, table };
  const plain = (rows: readonly SqlRow[]): string => copied({ ...whole, rows }, format, { names: false, modes });
  if (format === 'INSERT') return { head: '', tail: '', rows: plain };
  if (format !== 'JSON') return { head: copied({ ...whole, rows: [] }, format), tail: '', rows: plain };
  const [head = '', tail = ''] = JSON.stringify({ columns: columns.map(({ name }) => name), rows: [] }).split(/(?=\]\}$)/);
  return { head, tail, rows: (rows, isFirst) => (rows.length === 0 ? '' : `${isFirst ? '' : ','}${JSON.stringify(rows).slice(1, -1)}`) };
}

/** As LOAD DATA takes them back. Clipboards and editors take a NUL for the end of a text. */
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\r': '\\r', '\n': '\\n', '\0': '\\0' };
const specialInTsv = /[\\\t\r\n\0]/g;

function separated(rows: readonly SqlRow[], between: string, write: (cell: string | null) => string): string {
  return rows.map((row) => `${row.map(write).join(between)}\n`).join('');
}

/** Cells from one corner to another, by their rows and columns. */
export interface CellRange {
  readonly from: readonly [row: number, column: number];
  readonly to: readonly [row: number, column: number];
}

/** Where a range begins and ends, both within it. */
export interface CellBounds {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export function boundsOf({ from, to }: CellRange): CellBounds {
  return { top: Math.min(from[0], to[0]), bottom: Math.max(from[0], to[0]), left: Math.min(from[1], to[1]), right: Math.max(from[1], to[1]) };
}

/** The part of a result that a range means. */
export function partOf({ columns, rows, table = null }: Copied, range: CellRange): Copied {
  const { top, bottom, left, right } = boundsOf(range);
  const part = <One>(all: readonly One[]): readonly One[] => all.slice(left, right + 1);
  return {
    columns: part(columns), rows: rows.slice(top, bottom + 1).map(part), table: table === null ? null : { ...table, columns: part(table.columns) },
  };
}

/** How many rows and characters one statement takes at most: a server takes 4 MB of one by default. */
const mostInserted = 500;
const longestInsert = 500_000;

/**
 * Statements that write the rows again: into the table that all columns stand in, by their names there, else into one that is called `result`. Names are in
 * backquotes, which every sql_mode takes.
 */
function inserts({ columns, rows, table = null }: Copied, modes: SqlModes): string {
  const into = table === null ? quoted('result') : `${quoted(table.database)}.${quoted(table.name)}`;
  const names = table === null ? columns.map(({ name }) => name) : table.columns;
  const head = `INSERT INTO ${into} (${names.map(quoted).join(', ')}) VALUES\n`;
  const statements: string[] = [];
  let lines: string[] = [];
  let length = 0;
  const finish = (): void => {
    if (lines.length > 0) statements.push(`${head}${lines.join(',\n')};\n`);
    lines = [];
    length = 0;
  };
  for (const row of rows) {
    const line = `(${row.map((cell, at) => literalOf(cell, columns[at], modes)).join(', ')})`;
    if (lines.length >= mostInserted || length + line.length > longestInsert) finish();
    lines.push(line);
    length += line.length;
  }
  finish();
  return statements.join('');
}

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

const inBytes: ReadonlySet<string> = new Set(['BLOB', 'VARBINARY', 'BINARY', 'BIT', 'GEOMETRY', 'VECTOR']);
const numeric: ReadonlySet<string> = new Set(['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INT', 'BIGINT', 'DECIMAL', 'FLOAT', 'DOUBLE', 'YEAR']);

function literalOf(cell: string | null, column: SqlColumn | undefined, modes: SqlModes): string {
  const type = column?.type ?? '';
  if (cell === null) return 'NULL';
  // No byte at all: `0x` is a name.
  if (inBytes.has(type) && /^0x[0-9A-F]*$/.test(cell)) return cell === '0x' ? "''" : cell;
  if (numeric.has(type) && /^[-+]?\d*\.?\d+(?:e[-+]?\d+)?$/i.test(cell)) return cell;
  return textLiteral(cell, modes);
}

const inText: Readonly<Record<string, string>> = { '\\': '\\\\', "'": "''", '\0': '\\0', '\n': '\\n', '\r': '\\r', '\u001a': '\\Z' };

function textLiteral(text: string, { noBackslashEscapes = false }: SqlModes): string {
  // eslint-disable-next-line no-control-regex -- bytes that a client may take for an end
  if (!noBackslashEscapes) return `'${text.replaceAll(/[\\'\0\n\r\u001a]/g, (found) => inText[found] ?? found)}'`;
  // Nothing stands for a NUL there.
  return text.includes('\0') ? `_utf8mb4 0x${hexOf(text)}` : `'${text.replaceAll("'", "''")}'`;
}

/** The bytes of a text in UTF-8. */
const hexOf = (text: string): string => encodeURIComponent(text)
  .replaceAll(/%([0-9A-F]{2})|([^])/g, (_, byte: string | undefined, plain: string) => byte ?? plain.charCodeAt(0).toString(16).toUpperCase());
