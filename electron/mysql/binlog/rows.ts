import type { ColumnValue, RowChange } from '../../../shared/domain/binlog/transaction';
import { Bytes, MalformedEvent } from './bytes';
import { eventTypes, type BinlogEvent } from './event';
import { jsonDiffText } from './json';
import { columnTypes } from './table-map';
import { readValue, skipValue, type Column } from './value';

/** A table of the transaction, its columns with all that is known of them. */
export interface DecodedTable {
  readonly database: string;
  readonly table: string;
  readonly columns: readonly Column[];
}

const kinds: Readonly<Record<number, RowChange['kind']>> = {
  [eventTypes.writeRowsV1]: 'insert', [eventTypes.writeRows]: 'insert',
  [eventTypes.updateRowsV1]: 'update', [eventTypes.updateRows]: 'update', [eventTypes.partialUpdateRows]: 'update',
  [eventTypes.deleteRowsV1]: 'delete', [eventTypes.deleteRows]: 'delete',
};

/** What a rows event does; null: it is none. */
export function changeKind(type: number): RowChange['kind'] | null {
  return kinds[type] ?? null;
}

export function tableIdOf({ body }: BinlogEvent): number {
  return new Bytes(body).uint(6);
}

/** USE_SQL_FOREIGN_KEY_F among the flags of a rows event, which every server of before 9.6 leaves unset. */
const serverKeysFlag = 1 << 4;

/**
 * Whether foreign keys that a rows event makes act are carried out by the server, not by the storage engine: what they change then stands in the log,
 * before this event. Each event says it of itself, whatever its server is set to today: one that is the copy of a source's event has the source's word.
 */
export function logsForeignKeys({ body }: BinlogEvent): boolean {
  const bytes = new Bytes(body);
  bytes.skip(6);
  return (bytes.uint(2) & serverKeysFlag) !== 0;
}

/** NO_FOREIGN_KEY_CHECKS_F of a rows event. */
const keysOffFlag = 1 << 1;

/** Whether a rows event was written with foreign_key_checks=0: no key acted. */
export function keysWereOff({ body }: BinlogEvent): boolean {
  const bytes = new Bytes(body);
  bytes.skip(6);
  return (bytes.uint(2) & keysOffFlag) !== 0;
}

/** Reads one value that is not NULL; with `isDiff` only the changes of a document stand there. */
type ReadValue<Value> = (bytes: Bytes, column: Column, isDiff: boolean) => Value;

/** One row of an event; what an image does not hold is undefined there, in the order of the table. */
export interface RowImages<Value> {
  readonly kind: RowChange['kind'];
  readonly before: readonly (Value | null | undefined)[] | null;
  readonly after: readonly (Value | null | undefined)[] | null;
}

/**
 * The rows of one event, one by one, each value read by `read`.
 *
 * @throws MalformedEvent where the bytes are not what the table map promises
 */
export function* rowImages<Value>(event: BinlogEvent, columns: readonly Column[], read: ReadValue<Value>): Generator<RowImages<Value>> {
  const opened = open(event, columns.length);
  if (opened === null) return;
  const { kind, bytes, first, second } = opened;
  const documents = columns.filter(({ type }) => type === columnTypes.json);
  const form = (present: readonly boolean[], isPartial: boolean): ImageForm =>
    ({ columns, present, count: present.filter(Boolean).length, documents, isPartial });
  const [old, now] = [form(first, false), form(second, event.type === eventTypes.partialUpdateRows)];
  while (bytes.left > 0) {
    const before = kind === 'insert' ? null : image(bytes, old, read);
    const after = kind === 'delete' ? null : image(bytes, now, read);
    yield { kind, before, after };
  }
}

/** A rows event up to its first row. */
interface Opened {
  readonly kind: RowChange['kind'];
  readonly bytes: Bytes;
  /** Which columns its images hold: of one that only comes or goes both are the same. */
  readonly first: readonly boolean[];
  readonly second: readonly boolean[];
}

/** null: it is no rows event. */
function open(event: BinlogEvent, widest: number): Opened | null {
  const kind = kinds[event.type];
  if (kind === undefined) return null;
  const bytes = new Bytes(event.body);
  bytes.skip(8);
  const isV1 = event.type === eventTypes.writeRowsV1 || event.type === eventTypes.updateRowsV1 || event.type === eventTypes.deleteRowsV1;
  if (!isV1) bytes.skip(bytes.uint(2) - 2);
  const width = bytes.lengthEncoded();
  if (width > widest) throw new MalformedEvent('rows wider than their table');
  const first = bytes.bitmap(width);
  return { kind, bytes, first, second: kind === 'update' ? bytes.bitmap(width) : first };
}

/** Whether every image of a rows event holds every column, and holds it as a whole. */
export function holdsWholeRows(event: BinlogEvent, columns: readonly Column[]): boolean {
  const opened = event.type === eventTypes.partialUpdateRows ? null : open(event, columns.length);
  return opened !== null && opened.first.length === columns.length && [opened.first, opened.second].every((present) => present.every(Boolean));
}

/** How many rows an event writes, without reading their values. */
export function countRows(event: BinlogEvent, columns: readonly Column[]): number {
  let rows = 0;
  for (const _ of rowImages(event, columns, passOver)) rows++;
  return rows;
}

/** Its end is what matters. */
function passOver(bytes: Bytes, column: Column, isDiff: boolean): 0 {
  if (isDiff) bytes.skip(bytes.uint(column.meta));
  else skipValue(bytes, column);
  return 0;
}

/** What all images of an event have alike. */
interface ImageForm {
  readonly columns: readonly Column[];
  readonly present: readonly boolean[];
  /** How many columns are present. */
  readonly count: number;
  readonly documents: readonly Column[];
  /** Documents may be given by their changes. */
  readonly isPartial: boolean;
}

/** One image: which of its columns are NULL, then the others. */
function image<Value>(bytes: Bytes, { columns, present, count, documents, isPartial }: ImageForm, read: ReadValue<Value>): (Value | null | undefined)[] {
  const hasPartialBits = isPartial && (bytes.lengthEncoded() & 1) === 1;
  const partial = hasPartialBits ? bytes.bitmap(documents.length) : [];
  const nulls = bytes.take((count + 7) >> 3);
  const values: (Value | null | undefined)[] = [];
  let at = 0;
  for (let i = 0; i < present.length; i++) {
    const column = columns[i];
    if (present[i] !== true || column === undefined) values.push(undefined);
    else if ((((nulls[at >> 3] as number) >> (at++ & 7)) & 1) === 1) values.push(null);
    else values.push(read(bytes, column, hasPartialBits && column.type === columnTypes.json && partial[documents.indexOf(column)] === true));
  }
  return values;
}

/** The longest text of a value that is shown. */
const valueLimit = 2_000;

/**
 * The rows of one event as they are shown, one by one. A value beyond what is shown ends in `…`.
 *
 * @throws MalformedEvent where the bytes are not what the table map promises
 */
export function* rowsOf(event: BinlogEvent, { database, table, columns }: DecodedTable): Generator<RowChange> {
  const key = columns.filter(({ isKey }) => isKey).map(({ name }) => name);
  for (const { kind, before, after } of rowImages(event, columns, shownValue)) {
    yield { database, table, kind, key, before: named(columns, before), after: named(columns, after) };
  }
}

interface Shown {
  readonly value: string;
  readonly changesOnly?: true;
}

function shownValue(bytes: Bytes, column: Column, isDiff: boolean): Shown {
  if (!isDiff) return { value: shown(readValue(bytes, column)) };
  return { value: shown(jsonDiffText(bytes.take(bytes.uint(column.meta)))), changesOnly: true };
}

function named(columns: readonly Column[], values: readonly (Shown | null | undefined)[] | null): ColumnValue[] | null {
  if (values === null) return null;
  return values.flatMap((value, i) => (value === undefined ? [] : [{ column: columns[i]?.name ?? '', ...(value ?? { value: null }) }]));
}

function shown(text: string): string {
  return text.length <= valueLimit ? text : `${text.slice(0, valueLimit)}…`;
}
