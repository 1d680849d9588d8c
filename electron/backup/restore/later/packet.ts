// How long the statements are that make changes of a log again: a server takes none that is as long as its max_allowed_packet. Pure.
import { documentText } from '../../../../shared/domain/binlog/cell';
import { numbersIn } from '../../../../shared/domain/binlog/json-document';
import type { SpilledCell, SpilledChange } from '../../../comparison/logged/collect';
import type { LoggedTable } from '../../../mysql/binlog/logged-tables';
import { literal } from '../../../mysql/quote';

/** What stands around a value, beside the name of its column. */
const around = 60;
/** What a condition on the type of a value within a document takes beside its path. */
const aroundType = 80;
/** Numbers of a document whose types are asked for one by one. */
const mostNumbers = 1_000;

type Columns = Pick<LoggedTable, 'columns' | 'forms' | 'key'>;

/** About how many bytes the longest statement has that a change takes by itself: rather a few too many. */
export function statementBytes({ kind, before, after }: SpilledChange, table: Columns): number {
  const all = table.columns.map((_column, i) => i);
  const sum = (columns: readonly number[], of: (i: number) => number): number => columns.reduce((total, i) => total + nameBytes(table, i) + of(i), around);
  if (kind === 'insert') return sum(all, (i) => writtenBytes(table, i, after?.[i]));
  const changed = kind === 'delete' ? all : all.filter((i) => JSON.stringify(before?.[i]) !== JSON.stringify(after?.[i]));
  // A row without a key is known by all of it, and a document then by what it prints too.
  const isKeyless = table.key.length === 0;
  const found = isKeyless ? all : [...new Set([...table.key, ...changed])];
  const guard = sum(found, (i) => comparedBytes(before?.[i]) + (isKeyless && table.forms[i]?.kind === 'json' ? exactBytes(table, i, before?.[i]) : 0));
  return guard + sum(table.key, (i) => comparedBytes(before?.[i])) + (kind === 'delete' ? 0 : sum(changed, (i) => writtenBytes(table, i, after?.[i])));
}

const nameBytes = ({ columns }: Columns, i: number): number => around + 2 * Buffer.byteLength(columns[i]?.name ?? '');

/** What is compared of a document besides: what it prints, and the types of its numbers. */
function exactBytes(table: Columns, i: number, cell: SpilledCell | undefined): number {
  const text = cell === 0 ? null : documentText(cell);
  if (text === null) return 0;
  const numbers = /\d/.test(text) ? (numbersIn(text) ?? []).slice(0, mostNumbers) : [];
  return comparedBytes(cell) + numbers.reduce((total, { path }) => total + aroundType + nameBytes(table, i) + 2 * Buffer.byteLength(path), 0);
}

/** As a value is written. */
function writtenBytes({ forms }: Columns, i: number, cell: SpilledCell | undefined): number {
  return typeof cell === 'string' && forms[i]?.kind !== 'json' ? Buffer.byteLength(literal(cell)) : comparedBytes(cell);
}

/** As it is compared: texts and documents by their bytes, two digits each. */
function comparedBytes(cell: SpilledCell | undefined): number {
  if (cell === null || cell === undefined || cell === 0) return 0;
  if (typeof cell === 'string') return 2 * Buffer.byteLength(cell);
  if ('hex' in cell) return cell.hex.length;
  if ('changes' in cell) return 0;
  return 2 * Buffer.byteLength(cell.document) + cell.typed.reduce((total, { path }) => total + aroundType + 2 * Buffer.byteLength(path), 0);
}
