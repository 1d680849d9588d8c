import { oneCharsetName } from '../../sql/charset-name';
import { asBytes, charsetOf, withCharset } from './definition';
import type { CharsetTarget, ColumnFacts, ServerLimits, TableFacts } from './facts';
import { isConverted, limitProblems, wantedCollation, type LimitProblem } from './limits';
import { isText, lengthBytes, textBytes } from './storage';

/** `copy`: the table is written anew, and meanwhile read but not written; `inplace`, `metadata`: nobody waits. */
export type ConversionAlgorithm = 'copy' | 'inplace' | 'metadata';

/** What is done to one table; statements without the name of their table in front. */
export interface TableConversion {
  readonly algorithm: ConversionAlgorithm;
  /** One or, where texts are read anew as UTF-8, two changes one after the other: first to bytes, then to text. */
  readonly changes: readonly string[];
  /** The change that makes the definition what it was. */
  readonly back: readonly string[];
  readonly columns: readonly { readonly name: string; readonly from: string; readonly to: string; readonly reread: boolean }[];
  readonly problems: readonly (LimitProblem | RereadProblem)[];
}

/** Why the bytes of a column cannot be taken for UTF-8 by this way. */
export interface RereadProblem {
  readonly kind: 'reread';
  readonly errno: 0;
  readonly column: string;
  readonly reason: 'not-text' | 'key' | 'generated' | 'other-charset';
}

/** The changes that convert a table. `reread`: columns whose bytes are UTF-8 under another name. null: nothing of it changes. */
export function conversionOf(table: TableFacts, target: CharsetTarget, limits: ServerLimits, reread: readonly string[] = []): TableConversion | null {
  const columns = table.columns.filter((column) => isConverted(column, target) || (reread.includes(column.name) && isText(column)));
  const isDefault = oneCharsetName(table.collation) === oneCharsetName(target.collation);
  if (columns.length === 0 && isDefault) return null;
  const rereadColumns = columns.filter(({ name }) => reread.includes(name));
  const wanted = (column: ColumnFacts): string => wantedCollation(column, target);
  const modify = columns.map((column) => `MODIFY COLUMN ${withCharset(column.line, target.charset, wanted(column))}`);
  const before = columns.map((column) => `MODIFY COLUMN ${withCharset(column.line, column.charset ?? '', column.collation ?? '')}`);
  const algorithm = algorithmOf(table, columns, target, limits, rereadColumns.length > 0);
  const tail = algorithm === 'copy' ? 'ALGORITHM=COPY, LOCK=SHARED' : 'ALGORITHM=INPLACE, LOCK=NONE';
  const backTail = columns.length === 0 ? tail : 'ALGORITHM=COPY, LOCK=SHARED';
  const bytes = rereadColumns.map((column) => `MODIFY COLUMN ${asBytes(column) ?? column.line}`);
  return {
    algorithm,
    changes: [
      ...(bytes.length === 0 ? [] : [[...bytes, 'ALGORITHM=COPY, LOCK=SHARED'].join(', ')]),
      [...modify, `DEFAULT CHARACTER SET ${target.charset} COLLATE ${target.collation}`, tail].join(', '),
    ],
    back: [
      // Its bytes are UTF-8 by then; what it was is those bytes under the old name.
      ...(bytes.length === 0 ? [] : [[...rereadColumns.map((column) => `MODIFY COLUMN ${widened(column, target.bytes)}`), backTail].join(', ')]),
      [...before, `DEFAULT CHARACTER SET ${charsetOf(table.collation)} COLLATE ${table.collation}`, backTail].join(', '),
    ],
    columns: columns.map((column) => ({
      name: column.name, from: column.collation ?? '', to: wanted(column), reread: rereadColumns.includes(column),
    })),
    problems: [...limitProblems(table, target, limits), ...rereadColumns.flatMap((column) => rereadProblem(table, column) ?? [])],
  };
}

const widened = (column: ColumnFacts, bytes: number): string => asBytes({ ...column, octets: (column.characters ?? 0) * bytes }) ?? column.line;

/** Texts become bytes and text again: a full-text key, an expression and members of an ENUM cannot follow that. */
function rereadProblem(table: TableFacts, column: ColumnFacts): RereadProblem | null {
  const of = (reason: RereadProblem['reason']): RereadProblem => ({ kind: 'reread', errno: 0, column: column.name, reason });
  if (asBytes(column) === null) return of('not-text');
  if (oneCharsetName(column.charset ?? '') !== 'latin1') return of('other-charset');
  if (column.generated || table.columns.some((one) => one.generated && one.line.includes(`\`${column.name}\``))) return of('generated');
  return table.keys.some(({ kind, parts }) => kind === 'fulltext' && parts.some((part) => part.column === column.name)) ? of('key') : null;
}

/** From 8.0 on utf8 becomes utf8mb4 without a copy where no key orders the column and its length needs no further byte. */
function algorithmOf(
  table: TableFacts, columns: readonly ColumnFacts[], target: CharsetTarget, { version }: ServerLimits, rereads: boolean,
): ConversionAlgorithm {
  if (columns.length === 0) return 'metadata';
  if (rereads || version.major < 8 || table.engine !== 'InnoDB' || table.partitioned || table.columns.some(({ generated }) => generated)) return 'copy';
  const isEasy = (column: ColumnFacts): boolean => {
    const isIndexed = table.keys.some(({ parts }) => parts.some((part) => part.column === column.name || part.column === null));
    const isWider = oneCharsetName(column.charset ?? '') === 'utf8mb3' && target.charset === 'utf8mb4';
    const sameLength = column.type !== 'varchar' || lengthBytes(textBytes(column, null)) === lengthBytes(textBytes(column, target.bytes));
    return isWider && sameLength && !isIndexed && ['varchar', 'char', 'tinytext', 'text', 'mediumtext', 'longtext'].includes(column.type);
  };
  return columns.every(isEasy) ? 'inplace' : 'copy';
}

/** Bytes per second that a copy of a table was assumed to write; what it really takes is told while it runs. */
const assumedRate = 20 * 1024 * 1024;

/** Seconds that a conversion may take, by the size of its table. */
export function estimatedSeconds({ bytes }: Pick<TableFacts, 'bytes'>, { algorithm, changes }: Pick<TableConversion, 'algorithm' | 'changes'>): number {
  return algorithm === 'copy' ? Math.max(1, Math.round((bytes * changes.length) / assumedRate)) : 1;
}
