import type { ColumnValue, RowChange } from '../../../shared/domain/binlog/transaction';
import { Bytes } from './bytes';
import { eventTypes, type BinlogEvent } from './event';
import { jsonDiffText } from './json';
import { columnTypes } from './table-map';
import { readValue, type Column } from './value';

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

/** The longest text of a value that is shown. */
const valueLimit = 2_000;

/**
 * The rows of one event, one by one. A value beyond what is shown ends in `…`.
 *
 * @throws MalformedEvent where the bytes are not what the table map promises
 */
export function* rowsOf(event: BinlogEvent, { database, table, columns }: DecodedTable): Generator<RowChange> {
  const kind = kinds[event.type];
  if (kind === undefined) return;
  const bytes = new Bytes(event.body);
  bytes.skip(8);
  const isV1 = event.type === eventTypes.writeRowsV1 || event.type === eventTypes.updateRowsV1 || event.type === eventTypes.deleteRowsV1;
  if (!isV1) bytes.skip(bytes.uint(2) - 2);
  const width = bytes.lengthEncoded();
  const first = bytes.bitmap(width);
  const second = kind === 'update' ? bytes.bitmap(width) : first;
  const isPartial = event.type === eventTypes.partialUpdateRows;
  while (bytes.left > 0) {
    const before = kind === 'insert' ? null : image(bytes, columns, first, false);
    const after = kind === 'delete' ? null : image(bytes, columns, second, isPartial);
    yield { database, table, kind, key: columns.filter(({ isKey }) => isKey).map(({ name }) => name), before, after };
  }
}

/** One image: which of its columns are NULL, then the others. With `isPartial`, documents may be given by their changes. */
function image(bytes: Bytes, columns: readonly Column[], present: readonly boolean[], isPartial: boolean): ColumnValue[] {
  const documents = columns.filter(({ type }) => type === columnTypes.json);
  const hasPartialBits = isPartial && (bytes.lengthEncoded() & 1) === 1;
  const partial = hasPartialBits ? bytes.bitmap(documents.length) : [];
  const nulls = bytes.bitmap(present.filter(Boolean).length);
  let at = 0;
  const values: ColumnValue[] = [];
  present.forEach((isPresent, i) => {
    const column = columns[i];
    if (!isPresent || column === undefined) return;
    const isNull = nulls[at++] === true;
    const isDiff = column.type === columnTypes.json && partial[documents.indexOf(column)] === true;
    if (isNull) values.push({ column: column.name, value: null });
    else if (isDiff) values.push({ column: column.name, value: shown(jsonDiffText(bytes.take(bytes.uint(column.meta)))), changesOnly: true });
    else values.push({ column: column.name, value: shown(readValue(bytes, column)) });
  });
  return values;
}

function shown(text: string): string {
  return text.length <= valueLimit ? text : `${text.slice(0, valueLimit)}…`;
}
