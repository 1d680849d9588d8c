import type { Cell, CellForm } from '../../../shared/domain/binlog/cell';
import type { JsonChange } from '../../../shared/domain/binlog/json-document';
import type { Bytes } from './bytes';
import { jsonChanges, jsonChangesText, jsonDocument } from './json';
import { columnTypes as types } from './table-map';
import { decodeText, hexText } from './text';
import { readValue, storedBytes, type Column } from './value';

/** Character sets whose texts are Unicode: they travel as text and come back as the same bytes. */
const unicode: readonly string[] = ['utf8mb4', 'utf8mb3', 'utf8', 'ascii'];
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** How values of a character set are held; null: it is not known, so that its values cannot be held against any. */
export function textForm(charset: string | null): CellForm | null {
  if (charset === null) return null;
  if (charset === 'binary') return { kind: 'bytes', charset: null };
  return { kind: 'text', charset: unicode.includes(charset) ? null : charset };
}

const forms: Readonly<Record<number, CellForm['kind']>> = {
  [types.tiny]: 'number', [types.short]: 'number', [types.int24]: 'number', [types.long]: 'number', [types.longlong]: 'number',
  [types.newdecimal]: 'number', [types.year]: 'number', [types.float]: 'float', [types.double]: 'double', [types.bit]: 'bits',
  [types.date]: 'time', [types.newdate]: 'time', [types.time]: 'time', [types.datetime]: 'time', [types.timestamp]: 'moment', [types.time2]: 'time',
  [types.datetime2]: 'time', [types.timestamp2]: 'moment', [types.enum]: 'word', [types.set]: 'word', [types.json]: 'json', [types.geometry]: 'shape',
  [types.vector]: 'shape',
};

/** How the values of a column of the log are held; null: too little is known of it. */
export function formOf({ type, charset, words }: Column): CellForm | null {
  const kind = forms[type];
  if (kind === undefined) return textForm(charset);
  return kind === 'word' && words === null ? null : { kind, charset: null };
}

/** A value with the changes of its document, where the log holds only those. */
export interface LoggedCell {
  readonly cell: Cell;
  readonly changes: readonly JsonChange[] | null;
}

/** Reads one value exactly. */
export function readCell(bytes: Bytes, column: Column, isDiff: boolean): LoggedCell {
  if (isDiff) {
    const changes = jsonChanges(bytes.take(bytes.uint(column.meta)));
    return { cell: { changes: jsonChangesText(changes) }, changes };
  }
  return { cell: cellOf(bytes, column), changes: null };
}

/** Reads one value exactly that is logged as a whole. */
export function cellOf(bytes: Bytes, column: Column): Cell {
  const { type, charset } = column;
  if (type === types.geometry || type === types.vector) return { hex: bytes.take(bytes.uint(column.meta)).toString('hex').toUpperCase() };
  if (type === types.json) {
    const read = jsonDocument(bytes.take(bytes.uint(column.meta)));
    return read.typed.length === 0 ? read.document : read;
  }
  if (forms[type] !== undefined) return readValue(bytes, column);
  const stored = storedBytes(bytes, column);
  return (charset !== null && unicode.includes(charset) ? asText(stored) : null) ?? bytesCell(stored, charset === 'binary' ? null : charset);
}

/** Bytes exactly, with what people read where they are text of a character set that is known. */
export function bytesCell(bytes: Buffer, charset: string | null): Cell {
  const hex = hexText(bytes);
  const text = charset === null ? hex : decodeText(bytes, charset);
  return text === hex ? { hex: hex.slice(2) } : { hex: hex.slice(2), text };
}

/** null: the bytes are none of its character set. */
function asText(stored: Buffer): string | null {
  try {
    return utf8.decode(stored);
  } catch (thrown) {
    if (thrown instanceof TypeError) return null;
    throw thrown;
  }
}
