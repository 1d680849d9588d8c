import { MalformedEvent, type Bytes } from './bytes';
import { decimalBytes, readDecimal } from './decimal';
import { jsonText } from './json';
import { doubleText, floatText } from './number';
import { columnTypes as types } from './table-map';
import { readDate, readDatetime2, readOldDatetime, readOldTime, readOldTimestamp, readTime2, readTimestamp2, readYear } from './temporal';
import { decodeText, hexText } from './text';

/** A column with all that is known of it, to read its values. */
export interface Column {
  readonly type: number;
  readonly meta: number;
  readonly name: string;
  readonly isUnsigned: boolean;
  /** Character set, `binary` for bytes; null: not known, its values show as bytes. */
  readonly charset: string | null;
  readonly words: readonly string[] | null;
  readonly isKey: boolean;
}

/** One value of a row image, that is not NULL, as text. */
export function readValue(bytes: Bytes, column: Column): string {
  const { type, meta } = column;
  switch (type) {
    case types.tiny:
      return integer(bytes, 1, column);
    case types.short:
      return integer(bytes, 2, column);
    case types.int24:
      return integer(bytes, 3, column);
    case types.long:
      return integer(bytes, 4, column);
    case types.longlong:
      return (column.isUnsigned ? bytes.uint64() : bytes.take(8).readBigInt64LE()).toString();
    case types.newdecimal:
      return readDecimal(bytes, meta >> 8, meta & 0xff);
    case types.float:
      return floatText(bytes.take(4).readFloatLE());
    case types.double:
      return doubleText(bytes.take(8).readDoubleLE());
    case types.bit:
      return bits(bytes.take((meta + 7) >> 3), meta);
    case types.year:
      return readYear(bytes);
    case types.date:
    case types.newdate:
      return readDate(bytes);
    case types.time:
      return readOldTime(bytes);
    case types.datetime:
      return readOldDatetime(bytes);
    case types.timestamp:
      return readOldTimestamp(bytes);
    case types.time2:
      return readTime2(bytes, meta);
    case types.datetime2:
      return readDatetime2(bytes, meta);
    case types.timestamp2:
      return readTimestamp2(bytes, meta);
    case types.enum:
      return enumWord(bytes.uint(meta), column.words);
    case types.set:
      return setWords(bytes.take(meta), column.words);
    case types.string:
    case types.varString:
    case types.varchar:
    case types.tinyBlob:
    case types.blob:
    case types.mediumBlob:
    case types.longBlob:
      return column.charset === 'binary' ? hexText(storedBytes(bytes, column)) : decodeText(storedBytes(bytes, column), column.charset);
    case types.json:
      return jsonText(bytes.take(bytes.uint(meta)));
    case types.geometry:
    case types.vector:
      return hexText(bytes.take(bytes.uint(meta)));
    default:
      throw new MalformedEvent(`a column of type ${String(type)}`);
  }
}

/** Passes a value over that is not NULL, as far as that needs less than to read it. */
export function skipValue(bytes: Bytes, column: Column): void {
  const { type, meta } = column;
  const width = widths[type];
  if (width !== undefined) bytes.skip(width);
  else if (lengthBefore.has(type)) bytes.skip(bytes.uint(meta));
  else if (type === types.string || type === types.varString || type === types.varchar) bytes.skip(bytes.uint(meta > 0xff ? 2 : 1));
  else if (type === types.newdecimal) bytes.skip(decimalBytes(meta >> 8, meta & 0xff));
  else if (type === types.datetime2) bytes.skip(5 + ((meta + 1) >> 1));
  else if (type === types.timestamp2) bytes.skip(4 + ((meta + 1) >> 1));
  else readValue(bytes, column);
}

const widths: Readonly<Record<number, number>> = {
  [types.tiny]: 1, [types.short]: 2, [types.int24]: 3, [types.long]: 4, [types.longlong]: 8, [types.float]: 4, [types.double]: 8, [types.year]: 1,
};
/** Types whose values stand behind a length of as many bytes as their form says. */
const lengthBefore: ReadonlySet<number> = new Set([
  types.tinyBlob, types.blob, types.mediumBlob, types.longBlob, types.json, types.geometry, types.vector,
]);

function integer(bytes: Bytes, length: number, { isUnsigned }: Column): string {
  return String(isUnsigned ? bytes.uint(length) : bytes.int(length));
}

function bits(bytes: Buffer, count: number): string {
  const digits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return `b'${digits.slice(digits.length - count)}'`;
}

/** 0 is the empty word of a value that was refused. */
function enumWord(index: number, words: readonly string[] | null): string {
  if (index === 0) return '';
  return words?.[index - 1] ?? String(index);
}

function setWords(bytes: Buffer, words: readonly string[] | null): string {
  let mask = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) mask = (mask << 8n) | BigInt(bytes[i] as number);
  if (words === null) return mask.toString();
  return words.filter((_, i) => ((mask >> BigInt(i)) & 1n) === 1n).join(',');
}

/** The bytes of a text, or of a column of bytes, as the table holds them. */
export function storedBytes(bytes: Bytes, { type, meta, charset }: Column): Buffer {
  const isShort = type === types.string || type === types.varString || type === types.varchar;
  const stored = bytes.take(bytes.uint(isShort ? (meta > 0xff ? 2 : 1) : meta));
  // The log leaves the zeros out that a BINARY(n) ends in.
  return charset === 'binary' && type === types.string ? Buffer.concat([stored, Buffer.alloc(Math.max(0, meta - stored.length))]) : stored;
}
