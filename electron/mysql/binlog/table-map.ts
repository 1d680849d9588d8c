import { Bytes, MalformedEvent } from './bytes';
import { decodeText } from './text';

/** Column types as a table map names them. Reference: `enum_field_types` in the server's `field_types.h`. */
export const columnTypes = {
  tiny: 1, short: 2, long: 3, float: 4, double: 5, null: 6, timestamp: 7, longlong: 8, int24: 9, date: 10, time: 11, datetime: 12, year: 13, newdate: 14,
  varchar: 15, bit: 16, timestamp2: 17, datetime2: 18, time2: 19, vector: 242, json: 245, newdecimal: 246, enum: 247, set: 248,
  tinyBlob: 249, mediumBlob: 250, longBlob: 251, blob: 252, varString: 253, string: 254, geometry: 255,
} as const;

const types = columnTypes;

/** One column as the source had it when it wrote the event. What it did not write is null. */
export interface MappedColumn {
  readonly type: number;
  /** What the type needs to be read: a length, digits, a number of bytes. */
  readonly meta: number;
  readonly name: string | null;
  readonly isUnsigned: boolean | null;
  /** Id of the collation; 63 is binary. */
  readonly collation: number | null;
  /** The words of an ENUM or SET. */
  readonly words: readonly string[] | null;
  readonly isKey: boolean | null;
}

export interface TableMap {
  readonly id: number;
  readonly database: string;
  readonly table: string;
  readonly columns: readonly MappedColumn[];
  /** Signs as an older 8.0 would mean what is written, where that is another thing; null: it can mean one thing only. */
  readonly olderSigns: readonly (boolean | null)[] | null;
}

const metaBytes: Readonly<Record<number, 1 | 2>> = {
  [types.float]: 1, [types.double]: 1, [types.varchar]: 2, [types.bit]: 2, [types.newdecimal]: 2, [types.vector]: 1, [types.json]: 1, [types.geometry]: 1,
  [types.tinyBlob]: 1, [types.blob]: 1, [types.mediumBlob]: 1, [types.longBlob]: 1, [types.timestamp2]: 1, [types.datetime2]: 1, [types.time2]: 1,
  [types.string]: 2, [types.varString]: 2, [types.enum]: 2, [types.set]: 2,
};
/** A multi-valued index: its form is of no use to anyone but the server. */
const typedArray = 244;

/** The table of a TABLE_MAP event, without the rest of it. */
export function tableNameOf(body: Buffer): Pick<TableMap, 'database' | 'table'> {
  const bytes = new Bytes(body);
  bytes.skip(6);
  return readName(bytes);
}

function readName(bytes: Bytes): Pick<TableMap, 'database' | 'table'> {
  // Flags.
  bytes.skip(2);
  const name = (): string => {
    const text = bytes.take(bytes.uint(1)).toString('utf8');
    bytes.skip(1);
    return text;
  };
  return { database: name(), table: name() };
}

/** One form of one table: a TABLE_MAP event without the number that the server gives the table each time it opens it. */
export const tableFormOf = (body: Buffer): string => body.toString('latin1', 6);

/** Reads a TABLE_MAP event. `charsetOf`: the character set of a collation, for the names in it. */
export function readTableMap(body: Buffer, charsetOf: (collation: number) => string | null): TableMap {
  const bytes = new Bytes(body);
  const id = bytes.uint(6);
  const { database, table } = readName(bytes);
  const rawTypes = bytes.take(bytes.lengthEncoded());
  const metas = new Bytes(bytes.take(bytes.lengthEncoded()));
  const shapes = [...rawTypes].map((type) => shapeOf(type, metas));
  bytes.skip((rawTypes.length + 7) >> 3);
  const { of, olderSigns } = readOptional(bytes, shapes.map(({ type }) => type), charsetOf);
  return { id, database, table, columns: shapes.map((shape, i) => ({ ...shape, ...of(i) })), olderSigns };
}

function shapeOf(type: number, metas: Bytes): Pick<MappedColumn, 'type' | 'meta'> {
  if (type === typedArray) throw new MalformedEvent('a column of type TYPED_ARRAY');
  const size = metaBytes[type] ?? 0;
  if (size < 2) return { type, meta: size === 0 ? 0 : metas.uint(1) };
  if (type === types.varchar) return { type, meta: metas.uint(2) };
  const [first, second] = [metas.uint(1), metas.uint(1)];
  if (type === types.bit) return { type, meta: second * 8 + first };
  if (type !== types.string) return { type, meta: first * 256 + second };
  // A CHAR hides the upper bits of its length in its type; an ENUM or SET says here what it is.
  if ((first & 0x30) !== 0x30) return { type: first | 0x30, meta: second | (((first & 0x30) ^ 0x30) << 4) };
  return { type: first, meta: second };
}

type Optional = Omit<MappedColumn, 'type' | 'meta'>;

const fields = {
  signedness: 1, defaultCharset: 2, columnCharset: 3, columnName: 4, setWords: 5, enumWords: 6, primaryKey: 8,
  primaryKeyWithPrefix: 9, enumSetDefaultCharset: 10, enumSetColumnCharset: 11,
} as const;

/** Seen on 9.7: a VECTOR has a character set there. */
const character: readonly number[] = [types.string, types.varString, types.varchar, types.blob, types.vector];

/** The optional metadata (8.0.1+; names, words and keys only with `binlog_row_metadata = FULL`), by column. */
function readOptional(
  bytes: Bytes,
  columns: readonly number[],
  charsetOf: (collation: number) => string | null,
): { readonly of: (column: number) => Optional; readonly olderSigns: TableMap['olderSigns'] } {
  const found = new Map<number, Bytes>();
  while (bytes.left > 0) {
    const type = bytes.uint(1);
    found.set(type, new Bytes(bytes.take(bytes.lengthEncoded())));
  }
  const of = (wanted: readonly number[]): number[] => columns.flatMap((type, i) => (wanted.includes(type) ? [i] : []));
  const { signs, olderSigns } = readSigns(found.get(fields.signedness)?.buffer, columns);
  const collations = readCollations(found, of(character), fields.defaultCharset, fields.columnCharset);
  const wordCollations = readCollations(found, of([types.enum, types.set]), fields.enumSetDefaultCharset, fields.enumSetColumnCharset);
  const names = found.get(fields.columnName);
  const nameOf = columns.map(() => (names === undefined ? null : names.take(names.lengthEncoded()).toString('utf8')));
  const words = new Map<number, string[]>();
  for (const [field, type] of [[fields.setWords, types.set], [fields.enumWords, types.enum]] as const) {
    const list = found.get(field);
    if (list === undefined) continue;
    for (const column of of([type])) {
      const charset = charsetOf(wordCollations.get(column) ?? -1);
      words.set(column, Array.from({ length: list.lengthEncoded() }, () => decodeText(list.take(list.lengthEncoded()), charset)));
    }
  }
  const keys = readKeys(found);
  return {
    of: (column) => ({
      name: nameOf[column] ?? null,
      isUnsigned: signs?.[column] ?? null,
      collation: collations.get(column) ?? null,
      words: words.get(column) ?? null,
      isKey: keys === null ? null : keys.has(column),
    }),
    olderSigns,
  };
}

/** By column, true: unsigned; null: a column without a sign. */
type Signs = readonly (boolean | null)[];

const numeric: readonly number[] = [types.tiny, types.short, types.int24, types.long, types.longlong, types.newdecimal, types.float, types.double];

/**
 * One bit for each column of numbers. Seen on 8.0.31 and 9.7: a YEAR has one too, which is set; seen on 8.0.15: it has none. What
 * is written tells by its length, by the bit of the YEAR and by the bits that are left; where it does not, both are given.
 */
function readSigns(bits: Buffer | undefined, columns: readonly number[]): { readonly signs: Signs | null; readonly olderSigns: Signs | null } {
  if (bits === undefined) return { signs: null, olderSigns: null };
  const bit = (i: number): boolean => (((bits[i >> 3] ?? 0) << (i & 7)) & 0x80) !== 0;
  const read = (withYear: boolean): Signs | null => {
    let count = 0;
    const signs = columns.map((type) => (numeric.includes(type) || (withYear && type === types.year) ? bit(count++) : null));
    const isWhole = bits.length === (count + 7) >> 3 && Array.from({ length: bits.length * 8 - count }, (_, i) => bit(count + i)).every((left) => !left);
    return isWhole && signs.every((sign, i) => columns[i] !== types.year || sign !== false) ? signs : null;
  };
  const [today, older] = [read(true), columns.includes(types.year) ? read(false) : null];
  return { signs: today ?? older, olderSigns: today === null ? null : older };
}

/** Either one for all with exceptions by number, or one for each. */
function readCollations(found: ReadonlyMap<number, Bytes>, columns: readonly number[], withDefault: number, each: number): Map<number, number> {
  const collations = new Map<number, number>();
  const defaults = found.get(withDefault);
  if (defaults !== undefined) {
    const common = defaults.lengthEncoded();
    for (const column of columns) collations.set(column, common);
    while (defaults.left > 0) {
      const column = columns[defaults.lengthEncoded()];
      const collation = defaults.lengthEncoded();
      if (column !== undefined) collations.set(column, collation);
    }
  }
  const list = found.get(each);
  if (list !== undefined) for (const column of columns) collations.set(column, list.lengthEncoded());
  return collations;
}

function readKeys(found: ReadonlyMap<number, Bytes>): Set<number> | null {
  const [plain, prefixed] = [found.get(fields.primaryKey), found.get(fields.primaryKeyWithPrefix)];
  // Names are there only where keys would be: a table without one has no such field.
  if (plain === undefined && prefixed === undefined) return found.has(fields.columnName) ? new Set() : null;
  const keys = new Set<number>();
  while (plain !== undefined && plain.left > 0) keys.add(plain.lengthEncoded());
  while (prefixed !== undefined && prefixed.left > 0) {
    keys.add(prefixed.lengthEncoded());
    prefixed.lengthEncoded();
  }
  return keys;
}
