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

/**
 * A document in the server's binary form, as text as the server prints it. Reference: the comment at the head of
 * `json_binary.h`.
 */
export function jsonText(bytes: Buffer): string {
  // What an IGNOREd error leaves of a document.
  if (bytes.length === 0) return 'null';
  return new JsonReader().value(bytes[0] as number, bytes.subarray(1), 0);
}

class JsonReader {
  private values = 0;

  value(type: number, data: Buffer, depth: number): string {
    if (depth > maxDepth || ++this.values > maxValues) throw new MalformedEvent('a document beyond its limits');
    const bytes = new Bytes(data);
    switch (type) {
      case 0x00:
      case 0x01:
      case 0x02:
      case 0x03:
        return this.container(data, (type & 1) === 1, type < 2, depth);
      case 0x04:
        return literal(bytes.uint(1));
      case 0x05:
        return String(bytes.int(2));
      case 0x06:
        return String(bytes.uint(2));
      case 0x07:
        return String(bytes.int(4));
      case 0x08:
        return String(bytes.uint(4));
      case 0x09:
        return bytes.take(8).readBigInt64LE().toString();
      case 0x0a:
        return bytes.uint64().toString();
      case 0x0b: {
        const text = doubleText(bytes.take(8).readDoubleLE());
        return /^-?\d+$/.test(text) ? `${text}.0` : text;
      }
      case 0x0c:
        return JSON.stringify(bytes.take(variableLength(bytes)).toString('utf8'));
      case 0x0f: {
        const kind = bytes.uint(1);
        return opaqueText(kind, bytes.take(variableLength(bytes)));
      }
      default:
        throw new MalformedEvent(`a value of type ${String(type)} in a document`);
    }
  }

  /** Offsets count from the first byte behind the container's type; small values stand in place of their offset. */
  private container(data: Buffer, isLarge: boolean, isObject: boolean, depth: number): string {
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
    const items = Array.from({ length: count }, (_, i) => {
      const type = bytes.uint(1);
      const isInlined = type >= 0x04 && type <= (isLarge ? 0x08 : 0x06);
      const slot = bytes.take(size);
      const text = this.value(type, isInlined ? slot : within.subarray(slot.readUIntLE(0, size)), depth + 1);
      return isObject ? `${JSON.stringify((keys[i] as Buffer).toString('utf8'))}: ${text}` : text;
    });
    return isObject ? `{${items.join(', ')}}` : `[${items.join(', ')}]`;
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

function opaqueText(type: number, data: Buffer): string {
  if (type === newDecimal) {
    const bytes = new Bytes(data);
    const precision = bytes.uint(1);
    return readDecimal(bytes, precision, bytes.uint(1));
  }
  const kind = opaque[type];
  if (kind !== undefined) return JSON.stringify(packedTimeText(kind, new Bytes(data).take(8).readBigInt64LE()));
  return JSON.stringify(`base64:type${String(type)}:${data.toString('base64')}`);
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
    changes.push({ operation, path, value: operation === 'REMOVE' ? null : jsonText(bytes.take(bytes.lengthEncoded())) });
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
