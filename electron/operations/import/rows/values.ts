// A field of a file as SQL gives it to a column: to the byte what LOAD DATA would store, or the reason for which it is refused. What the server would
// take and silently make something else of (a rounded number, a year of two digits, the number of a member) is refused here, before it is sent.
import type { RowRefusal, RowsForm, TargetColumn } from '../../../../shared/domain/operations/import/rows/form';
import type { RawField } from '../../../../shared/domain/operations/import/rows/splitter';
import { quoteId } from '../../../mysql/quote';
import { charsetOf, encodedText, isText } from './text';

/** SQL in bytes, one to a character; or why there is none. */
type Value = { readonly sql: string } | { readonly why: RowRefusal };

/** What of its server decides how a value is written. */
export interface ValueContext {
  readonly form: Pick<RowsForm, 'encoding' | 'escape' | 'decimal' | 'nulls'>;
  /** A moment may name its offset (8.0.19). */
  readonly takesOffsets: boolean;
  /** A bad shape is an error, and no NULL (5.7). */
  readonly refusesShapes: boolean;
  /** A trigger may give what a row leaves NULL. */
  readonly hasTriggers: boolean;
  /** Hexadecimal digits stand for bytes. */
  readonly isHex?: boolean;
}

/** A column's way to take fields. */
export interface Taker {
  readonly column: string;
  take(field: RawField): Value;
}

const refused = (why: RowRefusal): Value => ({ why });
const bytesOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
const escapes: Readonly<Record<string, string>> = { "'": "\\'", '\\': '\\\\', '\0': '\\0' };
const quoted = (charset: string, text: string): string => `_${charset}'${text.replaceAll(/['\\\0]/g, (character) => escapes[character] ?? character)}'`;
/** Texts that a column reads as ASCII: numbers and moments. */
const ascii = (text: string): Value => ({ sql: quoted('utf8mb4', text) });
const trimmed = (text: string): string => text.replaceAll(/^ +| +$/g, '');

/** How a column takes the fields of a file. */
export function takerOf(column: TargetColumn, context: ValueContext): Taker {
  const value = valueOf(column, context);
  const refusesNull = !column.nullable && !column.numbered && (!context.hasTriggers || /^timestamp/i.test(column.type));
  const nulls = context.form.nulls.map((text) => encodedText(text, context.form.encoding));
  return {
    column: column.name,
    take: (field) => {
      const text = bytesOf(field.bytes);
      if (isNullField(field, text, nulls)) return refusesNull ? refused('null') : { sql: 'NULL' };
      return value(text, field.bytes);
    },
  };
}

/** The statement up to its rows, in bytes. */
export function rowsHead(verb: 'INSERT' | 'REPLACE', database: string, table: string, columns: readonly string[]): string {
  const names = `${verb} INTO ${quoteId(database)}.${quoteId(table)} (${columns.map(quoteId).join(', ')}) VALUES `;
  return Buffer.from(names).toString('latin1');
}

/** Whether a field is NULL: as the server writes it, or as it was said that NULL is written. */
export function isNullField({ quoted, isNull }: RawField, text: string, nulls: readonly string[]): boolean {
  return isNull || (!quoted && nulls.includes(text));
}

type Way = (text: string, bytes: Uint8Array) => Value;

function valueOf({ type, srid }: TargetColumn, context: ValueContext): Way {
  const [, word = '', inside = ''] = /^(\w+)\s*(?:\(([^]*?)\)(?: *unsigned| *zerofill| *signed)*$)?/i.exec(type) ?? [];
  const { form } = context;
  const digits = inside.split(',').map(Number);
  switch (word.toLowerCase()) {
    case 'tinyint': case 'smallint': case 'mediumint': case 'int': case 'integer': case 'bigint':
      return (text) => numberOf(text, form.decimal, 0, 'not-whole');
    case 'decimal': case 'numeric':
      return (text) => numberOf(text, form.decimal, digits[1] ?? 0, 'decimals');
    case 'float': case 'double': case 'real': {
      const scale = inside.includes(',') ? (digits[1] ?? 0) : null;
      return (text) => floatOf(text, form.decimal, scale, word.toLowerCase() === 'float');
    }
    case 'date':
      return dateOf;
    case 'datetime': case 'timestamp':
      return (text) => momentOf(text, digits[0] ?? 0, context.takesOffsets);
    case 'time':
      return (text) => timeOf(text, digits[0] ?? 0);
    case 'year':
      return (text) => (/^\d{4}$/.test(trimmed(text)) ? ascii(trimmed(text)) : refused('not-year'));
    case 'binary': case 'varbinary': case 'tinyblob': case 'blob': case 'mediumblob': case 'longblob':
      return context.isHex === true ? hexOf : (text) => ({ sql: quoted('binary', text) });
    case 'enum': case 'set': {
      const members = membersOf(type);
      return (text, bytes) => (isIndex(text, members) ? refused('not-member') : textOf(text, bytes, form.encoding));
    }
    case 'bit':
      return (text) => bitsOf(text, digits[0] ?? 1, form.escape);
    case 'geometry': case 'point': case 'linestring': case 'polygon': case 'multipoint': case 'multilinestring': case 'multipolygon':
    case 'geometrycollection': case 'geomcollection':
      return (text, bytes) => shapeOf(text, bytes, context, srid);
    case 'vector':
      return (text) => (text.trimStart().startsWith('[') ? { sql: `STRING_TO_VECTOR(${quoted('utf8mb4', text)})` } : { sql: quoted('binary', text) });
    default:
      return (text, bytes) => textOf(text, bytes, form.encoding);
  }
}

function textOf(text: string, bytes: Uint8Array, encoding: RowsForm['encoding']): Value {
  return isText(bytes, encoding) ? { sql: quoted(charsetOf[encoding], text) } : refused('encoding');
}

/** With a point for its mark, as the server reads it; null: it is no number. */
function plainNumber(text: string, decimal: RowsForm['decimal']): string | null {
  const pattern = decimal === 'comma' ? /^[-+]?(?:\d+,?\d*|,\d+)(?:[eE][-+]?\d{1,5})?$/ : /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,5})?$/;
  const bare = trimmed(text);
  return pattern.test(bare) ? bare.replace(',', '.') : null;
}

/** How many digits behind the point a number has that say something. */
function scaleOf(number: string): number {
  const [, whole = '', fraction = '', exponent = '0'] = /^[-+]?(\d*)\.?(\d*)(?:[eE]([-+]?\d+))?$/.exec(number) ?? [];
  const digits = `${whole}${fraction}`;
  const bare = digits.replace(/0+$/, '');
  return bare.replace(/^0+/, '') === '' ? 0 : Math.max(0, fraction.length - Number(exponent) - (digits.length - bare.length));
}

function numberOf(text: string, decimal: RowsForm['decimal'], scale: number, why: 'not-whole' | 'decimals'): Value {
  const number = plainNumber(text, decimal);
  if (number === null) return refused('not-number');
  return scaleOf(number) > scale ? refused(why) : ascii(number);
}

function floatOf(text: string, decimal: RowsForm['decimal'], scale: number | null, isSingle: boolean): Value {
  const number = plainNumber(text, decimal);
  if (number === null) return refused('not-number');
  const value = isSingle ? Math.fround(Number(number)) : Number(number);
  const isLost = value === 0 && /[1-9]/.test(number.replace(/[eE].*/, ''));
  if (isLost || !Number.isFinite(value)) return refused('out-of-range');
  return scale !== null && scaleOf(number) > scale ? refused('decimals') : ascii(number);
}

/** Whether a fraction of a second has digits that a column does not keep. */
const isFiner = (fraction: string | undefined, kept: number): boolean => (fraction ?? '').replace(/0+$/, '').length > kept;

function dateOf(text: string): Value {
  const bare = trimmed(text);
  if (/^(?:\d{4}-\d{1,2}-\d{1,2}|\d{8})$/.test(bare)) return ascii(bare);
  const [, date] = /^(\d{4}-\d{1,2}-\d{1,2})[ T]0?0:00(?::00(?:\.0+)?)?$/.exec(bare) ?? [];
  return date === undefined ? refused('not-date') : ascii(date);
}

function momentOf(text: string, kept: number, takesOffsets: boolean): Value {
  const bare = trimmed(text);
  const parts = /^\d{4}-\d{1,2}-\d{1,2}(?:[ T]\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.(\d+))?)?([-+]\d\d:\d\d)?)?$/.exec(bare) ?? /^(?:\d{8}|\d{14}(?:\.(\d+))?)()$/.exec(bare);
  if (parts === null) return refused('not-moment');
  const [, fraction, offset = ''] = parts;
  if (offset !== '' && !takesOffsets) return refused('not-moment');
  return isFiner(fraction, kept) ? refused('fraction') : ascii(bare);
}

function timeOf(text: string, kept: number): Value {
  const bare = trimmed(text);
  const parts = /^-?(?:\d{1,2} )?\d{1,3}:\d{2}(?::\d{2}(?:\.(\d+))?)?$/.exec(bare) ?? /^-?\d{6,7}(?:\.(\d+))?$/.exec(bare);
  if (parts === null) return refused('not-time');
  return isFiner(parts[1], kept) ? refused('fraction') : ascii(bare);
}

/** What the server would take for the number of a member. */
function isIndex(text: string, members: readonly string[]): boolean {
  return /^\s*[-+]?\d+\s*$/.test(text) && !members.includes(text.trimEnd());
}

/** The members of an ENUM or a SET as the server declares it; a quote in one is doubled there. */
function membersOf(type: string): readonly string[] {
  return [...type.matchAll(/'((?:[^']|'')*)'/g)].map(([, member = '']) => member.replaceAll("''", "'"));
}

/** `0` and `1` are those; of more digits it would be a guess whether they count in twos or tens. */
function bitsOf(text: string, width: number, escape: RowsForm['escape']): Value {
  const bits = /^b'([01]+)'$/i.exec(text)?.[1] ?? /^0b([01]+)$/i.exec(text)?.[1] ?? (/^[01]$/.test(text) && (escape === 'none' || width < 6) ? text : undefined);
  if (bits !== undefined) return bits.replace(/^0+(?=.)/, '').length > width ? refused('not-bits') : { sql: `b'${bits}'` };
  if (escape === 'backslash') return { sql: `X'${Buffer.from(text, 'latin1').toString('hex')}'` };
  const [, hex] = /^0x([\da-f]+)$/i.exec(text) ?? [];
  return hex === undefined ? refused('not-bits') : { sql: `X'${hex.padStart(hex.length + (hex.length % 2), '0')}'` };
}

/** `0x2A`, `X'2A'` or `2A`; of an odd count of digits it would be a guess where the missing one stands. */
function hexOf(text: string): Value {
  const [, digits] = /^(?:0x|x'(?=[^']*'$))?((?:[\da-f]{2})*)'?$/i.exec(trimmed(text)) ?? [];
  const isClosed = /^x'/i.test(trimmed(text)) === trimmed(text).endsWith("'");
  return digits === undefined || !isClosed ? refused('not-hex') : { sql: `X'${digits}'` };
}

/** As well-known text, with its system or in that of the column; or as the server keeps it, where it wrote the file itself. */
function shapeOf(text: string, bytes: Uint8Array, { form, refusesShapes }: ValueContext, srid: number | null): Value {
  const [, given, shape] = /^\s*(?:SRID=(\d{1,10});)?\s*([A-Za-z]{5,}[^]*)$/.exec(text) ?? [];
  if (shape === undefined) return form.escape === 'backslash' ? { sql: quoted('binary', text) } : refused('not-shape');
  if (!isText(bytes, 'utf-8')) return refused('not-shape');
  const system = given ?? (srid === null ? '0' : String(srid));
  const sql = `ST_GeomFromText(${quoted('utf8mb4', shape)}, ${system})`;
  // An old server makes NULL of what it cannot read; a text is no shape to it, which it says.
  return { sql: refusesShapes ? sql : `IFNULL(${sql}, _binary'?')` };
}
