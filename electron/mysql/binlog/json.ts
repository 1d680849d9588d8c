import type { TypedDocument, TypedValue } from '../../../shared/domain/binlog/cell';
import type { JsonChange } from '../../../shared/domain/binlog/json-document';
import { Bytes, MalformedEvent } from './bytes';
import { readDecimal } from './decimal';
import { doubleText } from './number';
import { packedTimeText } from './temporal';

/** As deep as the server lets a document be. */
const maxDepth = 100;
/** No more than this of a document is read: offsets could point at one value again and again. */
const maxValues = 200_000;

const literals: Readonly<Record<number, string>> = { 0: 'null', 1: 'true', 2: 'false' };
/** Column types that stand inside a document as they are. */
const opaque: Readonly<Record<number, 'date' | 'time' | 'datetime'>> = { 10: 'date', 11: 'time', 7: 'datetime', 12: 'datetime' };
const newDecimal = 246;
const casts = { date: 'DATE', time: 'TIME(6)', datetime: 'DATETIME(6)' } as const;
const timestamp = 7;
/** Numbers up to here read back from text as signed ones, those beyond as unsigned ones; seen on every series. */
const highestSigned = 9223372036854775806n;
/** Values whose types are told one by one. */
const mostTyped = 1_000;
/** What no CAST makes, or nobody can ask for by its path. */
const other = 'OTHER';

/**
 * A document in the server's binary form, as text as the server prints it. Reference: the comment at the head of
 * `json_binary.h`.
 */
export function jsonText(bytes: Buffer): string {
  return jsonDocument(bytes).document;
}

/** The same with the values whose type the text does not tell. */
export function jsonDocument(bytes: Buffer): TypedDocument {
  // What an IGNOREd error leaves of a document.
  if (bytes.length === 0) return { document: 'null', typed: [] };
  const reader = new JsonReader();
  const document = reader.value(bytes[0] as number, bytes.subarray(1), { depth: 0, path: '$' });
  return { document, typed: reader.typed };
}

interface Place {
  readonly depth: number;
  readonly path: string;
}

class JsonReader {
  readonly typed: TypedValue[] = [];
  private values = 0;

  /** The text of a value leaves its type open. */
  private note({ path }: Place, type: string): void {
    // Too many for a statement: what is left is said to be of a type that none makes.
    const isAskable = this.typed.length < mostTyped && !path.includes('.""');
    if (this.typed.length <= mostTyped) this.typed.push({ path, type: isAskable ? type : other });
  }

  private number(value: bigint, isUnsigned: boolean, place: Place): string {
    if (isUnsigned !== (value > highestSigned)) this.note(place, isUnsigned ? 'UNSIGNED' : 'SIGNED');
    return value.toString();
  }

  value(type: number, data: Buffer, place: Place): string {
    const { depth } = place;
    if (depth > maxDepth || ++this.values > maxValues) throw new MalformedEvent('a document beyond its limits');
    const bytes = new Bytes(data);
    switch (type) {
      case 0x00:
      case 0x01:
      case 0x02:
      case 0x03:
        return this.container(data, (type & 1) === 1, type < 2, place);
      case 0x04:
        return literal(bytes.uint(1));
      case 0x05:
        return String(bytes.int(2));
      case 0x06:
        return this.number(BigInt(bytes.uint(2)), true, place);
      case 0x07:
        return String(bytes.int(4));
      case 0x08:
        return this.number(BigInt(bytes.uint(4)), true, place);
      case 0x09:
        return this.number(bytes.take(8).readBigInt64LE(), false, place);
      case 0x0a:
        return this.number(BigInt(bytes.uint64()), true, place);
      case 0x0b: {
        const text = doubleText(bytes.take(8).readDoubleLE());
        return /^-?\d+$/.test(text) ? `${text}.0` : text;
      }
      case 0x0c:
        return JSON.stringify(bytes.take(variableLength(bytes)).toString('utf8'));
      case 0x0f: {
        const kind = bytes.uint(1);
        return this.opaque(kind, bytes.take(variableLength(bytes)), place);
      }
      default:
        throw new MalformedEvent(`a value of type ${String(type)} in a document`);
    }
  }

  /** Offsets count from the first byte behind the container's type; small values stand in place of their offset. */
  private container(data: Buffer, isLarge: boolean, isObject: boolean, { depth, path }: Place): string {
    const size = isLarge ? 4 : 2;
    const head = new Bytes(data);
    const count = head.uint(size);
    const whole = head.uint(size);
    if (whole > data.length) throw new MalformedEvent('a document that is cut');
    const within = data.subarray(0, whole);
    const bytes = new Bytes(within);
    bytes.skip(2 * size);
    if (count * (size + 1) > bytes.left) throw new MalformedEvent('a document that is cut');
    const keys = isObject ? Array.from({ length: count }, () => pieceAt(within, bytes.uint(size), bytes.uint(2))) : [];
    const names = keys.map((key) => JSON.stringify(key.toString('utf8')));
    const items = Array.from({ length: count }, (_, i) => {
      const type = bytes.uint(1);
      const isInlined = type >= 0x04 && type <= (isLarge ? 0x08 : 0x06);
      const slot = bytes.take(size);
      const place = { depth: depth + 1, path: isObject ? `${path}.${names[i] as string}` : `${path}[${String(i)}]` };
      const text = this.value(type, isInlined ? slot : within.subarray(slot.readUIntLE(0, size)), place);
      return isObject ? `${names[i] as string}: ${text}` : text;
    });
    return isObject ? `{${items.join(', ')}}` : `[${items.join(', ')}]`;
  }

  private opaque(type: number, data: Buffer, place: Place): string {
    if (type === newDecimal) {
      const bytes = new Bytes(data);
      const [precision, scale] = [bytes.uint(1), bytes.uint(1)];
      this.note(place, `DECIMAL(${String(precision)},${String(scale)})`);
      return readDecimal(bytes, precision, scale);
    }
    const kind = opaque[type];
    this.note(place, kind === undefined ? other : type === timestamp ? 'TIMESTAMP(6)' : casts[kind]);
    if (kind !== undefined) return JSON.stringify(packedTimeText(kind, new Bytes(data).take(8).readBigInt64LE()));
    return JSON.stringify(`base64:type${String(type)}:${data.toString('base64')}`);
  }
}

function pieceAt(data: Buffer, at: number, length: number): Buffer {
  if (at + length > data.length) throw new MalformedEvent('a key beyond its document');
  return data.subarray(at, at + length);
}

function literal(value: number): string {
  const text = literals[value];
  if (text === undefined) throw new MalformedEvent('a literal that is none');
  return text;
}

/** Seven bits in each byte, the highest says that more follow. */
function variableLength(bytes: Bytes): number {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes.uint(1);
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return length;
  }
  throw new MalformedEvent('a length without an end');
}

const operations: Readonly<Record<number, JsonChange['operation']>> = { 0: 'REPLACE', 1: 'INSERT', 2: 'REMOVE' };

/** What `binlog_row_value_options = PARTIAL_JSON` keeps of a document: what was changed in it, and where. */
export function jsonChanges(data: Buffer): readonly JsonChange[] {
  const bytes = new Bytes(data);
  const changes: JsonChange[] = [];
  while (bytes.left > 0) {
    const operation = operations[bytes.uint(1)];
    if (operation === undefined) throw new MalformedEvent('a change of a document of an unknown kind');
    const path = bytes.take(bytes.lengthEncoded()).toString('utf8');
    const { document, typed } = operation === 'REMOVE' ? { document: null, typed: [] } : jsonDocument(bytes.take(bytes.lengthEncoded()));
    changes.push({ operation, path, value: document, ...(typed.length > 0 ? { isTyped: true } : {}) });
  }
  return changes;
}

/** The same as one text. */
export function jsonDiffText(data: Buffer): string {
  return jsonChangesText(jsonChanges(data));
}

export function jsonChangesText(changes: readonly JsonChange[]): string {
  return changes.map(({ operation, path, value }) => (value === null ? `${operation} ${path}` : `${operation} ${path}: ${value}`)).join('; ');
}
