import { oneCharsetName } from '../../sql/charset-name';
import { charsetOf, namedCollations } from './definition';
import type { CharsetTarget, ColumnFacts, KeyFacts, ServerLimits, TableFacts } from './facts';
import { isFixed, isText, lengthBytes, mostBytes, recordBytes, textBytes } from './storage';

/** Why a server would not take the definition of a table, with the error that it would give. */
export type LimitProblem =
  | { readonly kind: 'column-too-long'; readonly errno: 1074; readonly column: string; readonly most: number }
  | { readonly kind: 'row-too-long'; readonly errno: 1118; readonly bytes: number; readonly most: number }
  | { readonly kind: 'page-too-small'; readonly errno: 1118; readonly bytes: number; readonly most: number }
  | { readonly kind: 'key-too-long'; readonly errno: 1071 | 1709; readonly key: string; readonly bytes: number; readonly most: number }
  | { readonly kind: 'merge'; readonly errno: 1168 }
  | { readonly kind: 'expression'; readonly errno: 1253; readonly collation: string };

const atLeast = ({ version }: ServerLimits, major: number, minor: number, patch: number): boolean =>
  (version.major - major || version.minor - minor || version.patch - patch) >= 0;

const mostRecordBytes = 65_535;
const mostKeyBytes = 3072;

/** Whether the conversion touches a column. */
export function isConverted(column: ColumnFacts, { charset, collation, binary }: CharsetTarget): boolean {
  if (!isText(column)) return false;
  const wanted = wantedCollation(column, { collation, binary });
  return oneCharsetName(column.charset ?? '') !== oneCharsetName(charset) || oneCharsetName(column.collation ?? '') !== oneCharsetName(wanted);
}

/** What compares bytes goes on doing so: with another collation it would take for equal what it told apart. */
export function wantedCollation(column: Pick<ColumnFacts, 'collation'>, { collation, binary }: Pick<CharsetTarget, 'collation' | 'binary'>): string {
  return binary !== null && /_bin$/.test(column.collation ?? '') ? binary : collation;
}

/** What the definition of a table comes to with its texts in another character set, against what the server takes. In the order in which it complains. */
export function limitProblems(table: TableFacts, target: CharsetTarget, limits: ServerLimits): readonly LimitProblem[] {
  if (table.engine === 'MRG_MYISAM') return [{ kind: 'merge', errno: 1168 }];
  const bytesOf = (column: ColumnFacts): number | null => (isConverted(column, target) ? target.bytes : null);
  const long = table.columns.filter((column) => column.type === 'varchar' && bytesOf(column) !== null
    && (column.characters ?? 0) * target.bytes > mostRecordBytes);
  if (long.length > 0) return long.map(({ name }) => ({ kind: 'column-too-long', errno: 1074, column: name, most: Math.floor(
    mostRecordBytes / target.bytes) }));
  const strange = namedCollations(table.definition).filter((collation) => oneCharsetName(charsetOf(collation)) !== oneCharsetName(target.charset)
    && collation !== 'binary'
    && oneCharsetName(charsetOf(collation)) !== 'utf8mb4');
  return [
    ...strange.map((collation): LimitProblem => ({ kind: 'expression', errno: 1253, collation })),
    ...keyProblems(table, bytesOf, limits),
    ...rowProblems(table, bytesOf, limits),
  ];
}

type BytesOf = (column: ColumnFacts) => number | null;

function rowProblems(table: TableFacts, bytesOf: BytesOf, limits: ServerLimits): readonly LimitProblem[] {
  const nulls = table.columns.filter(({ nullable }) => nullable).length;
  const record = table.columns.reduce((sum, column) => sum + recordBytes(column, bytesOf(column)), 0) + Math.ceil(nulls / 8);
  if (record > mostRecordBytes) return [{ kind: 'row-too-long', errno: 1118, bytes: record, most: mostRecordBytes }];
  if (table.engine !== 'InnoDB' || !limits.strict || !atLeast(limits, 5, 7, 0)) return [];
  const { bytes, most } = pageBytes(table, bytesOf, limits);
  return bytes >= most ? [{ kind: 'page-too-small', errno: 1118, bytes, most: most - 1 }] : [];
}

/** What of a long text stays with its row at most where the rest is kept apart: its head of 768 bytes is counted in old formats by newer servers only. */
function keptInRow({ rowFormat }: TableFacts, limits: ServerLimits): number {
  return (rowFormat === 'COMPACT' || rowFormat === 'REDUNDANT') && atLeast(limits, 8, 0, 19) ? 768 : 40;
}

/** Bytes of the longest row in its page, of which it has half (`dict_index_too_big_for_tree` of the server). COMPRESSED has a page of its own. */
function pageBytes(table: TableFacts, bytesOf: BytesOf, limits: ServerLimits): { readonly bytes: number; readonly most: number } {
  const redundant = table.rowFormat === 'REDUNDANT';
  const half = Math.floor((limits.pageSize - (redundant ? 138 : 132)) / 2);
  const columns = table.columns.filter((column) => !column.generated || / STORED\b/i.test(column.line));
  const own = table.keys.some(({ name }) => name === 'PRIMARY') ? 13 : 19;
  const nulls = Math.ceil(columns.filter(({ nullable }) => nullable).length / 8);
  const kept = keptInRow(table, limits);
  const bytes = columns.reduce((sum, column) => {
    const size = storedBytes(column, bytesOf(column));
    if (isFixed(column, size)) return sum + size + (redundant ? 2 : 0);
    const inRow = size >= kept ? kept : size;
    return sum + inRow + (redundant ? 2 : size >= kept && kept === 40 ? 1 : lengthBytes(size));
  }, redundant ? 6 + own + 6 : 5 + own + nulls);
  return { bytes, most: half };
}

function storedBytes(column: ColumnFacts, characterBytes: number | null): number {
  if (column.type === 'char' || column.type === 'varchar' || column.type === 'varbinary' || column.type === 'binary') return textBytes(column, characterBytes);
  return /text$|blob$|^json$|^geom|^point|^line|^poly|^multi|^vector/.test(column.type) ? mostRecordBytes : recordBytes(column, characterBytes);
}

function keyProblems(table: TableFacts, bytesOf: BytesOf, limits: ServerLimits): readonly LimitProblem[] {
  return table.keys.filter(({ kind, parts }) => kind === 'btree' && parts.every(({ column }) => column !== null)).flatMap((key): readonly LimitProblem[] => {
    const parts = key.parts.map((part) => partBytes(table, part, bytesOf));
    const { most, errno } = mostOfPart(table, limits);
    const longest = Math.max(...parts);
    if (longest > most) return [{ kind: 'key-too-long', errno, key: key.name, bytes: longest, most }];
    const whole = parts.reduce((sum, bytes) => sum + bytes, 0);
    const mostOfAll = table.engine === 'InnoDB' ? mostKeyBytes : 1000;
    return whole > mostOfAll ? [{ kind: 'key-too-long', errno: 1071, key: key.name, bytes: whole, most: mostOfAll }] : [];
  });
}

function partBytes({ columns }: TableFacts, { column: name, prefix }: KeyFacts['parts'][number], bytesOf: BytesOf): number {
  const column = columns.find((one) => one.name === name);
  if (column === undefined) return 0;
  if (!isText(column) && column.type !== 'varbinary' && column.type !== 'binary'
    && mostBytes(column.type.replace('blob', 'text')) === null) return recordBytes(column, null);
  if (column.type === 'enum' || column.type === 'set') return recordBytes(column, null);
  if (prefix === null) return textBytes(column, bytesOf(column));
  const now = column.characters === null || column.characters === 0 ? 1 : Math.max(1, Math.round((column.octets ?? 0) / column.characters));
  // The prefix of a TEXT is counted in characters, of which the server does not tell the size beside.
  return prefix * (bytesOf(column) ?? now);
}

/** Most bytes of one part of a key. Manual: "InnoDB Limits"; 5.7 leaves it to InnoDB, which says 1709. */
function mostOfPart({ engine, rowFormat }: TableFacts, limits: ServerLimits): { readonly most: number; readonly errno: 1071 | 1709 } {
  if (engine !== 'InnoDB') return { most: 1000, errno: 1071 };
  if (!limits.longKeys) return { most: 767, errno: 1071 };
  if (rowFormat === 'COMPACT' || rowFormat === 'REDUNDANT') return { most: 767, errno: atLeast(limits, 8, 0, 0) ? 1071 : 1709 };
  return { most: limits.pageSize >= 16_384 ? mostKeyBytes : limits.pageSize >= 8192 ? 1536 : 768, errno: 1071 };
}
