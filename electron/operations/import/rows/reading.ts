// The records of a file of rows in their order, each with what it comes to in its table.
import type { ImportFile } from '../../../../shared/domain/operations/import/plan';
import type { RowRefusal, RowsForm } from '../../../../shared/domain/operations/import/rows/form';
import { RecordSplitter, type RawRecord } from '../../../../shared/domain/operations/import/rows/splitter';
import { textBytes } from './text';
import type { Taker } from './values';

/** Records that were read together, with how much of the file was read for them. */
export interface RecordPiece {
  readonly records: readonly NumberedRecord[];
  readonly stored: number;
}

/** A record with its number, from 1 on; the header, and lines that are empty, have none. */
export interface NumberedRecord extends RawRecord {
  readonly number: number;
}

export interface RecordOptions {
  /** Bytes of a record at most. */
  readonly longest: number;
  /** Fields that a record is to have. */
  readonly width: number;
  readonly signal: AbortSignal | undefined;
  /** Told all bytes of the text. */
  readonly onBytes?: (bytes: Uint8Array) => void;
  /** Told the record that names the columns. */
  readonly onHeader?: (record: RawRecord) => void;
}

/** A line with nothing on it is no record, but for the one field of a table as a server writes it. */
export function isBlank({ raw, why }: RawRecord, width: number, escape: RowsForm['escape']): boolean {
  return raw.length === 0 && why === null && (width > 1 || escape === 'none');
}

/** The records of a file, piece by piece. Throws as `plainBytes`. */
export async function* recordsIn(file: ImportFile, form: RowsForm, options: RecordOptions): AsyncGenerator<RecordPiece> {
  const splitter = new RecordSplitter(form, options.longest);
  let [isHeader, number] = [form.header, 0];
  const numbered = (found: readonly RawRecord[]): readonly NumberedRecord[] => {
    const records: NumberedRecord[] = [];
    for (const record of found) {
      if (isBlank(record, options.width, form.escape)) continue;
      if (isHeader) {
        isHeader = false;
        options.onHeader?.(record);
        continue;
      }
      number += 1;
      records.push({ ...record, number });
    }
    return records;
  };
  let stored = 0;
  for await (const piece of textBytes(file, form.encoding, options.signal)) {
    ({ stored } = piece);
    options.onBytes?.(piece.bytes);
    const records = numbered(splitter.push(piece.bytes));
    if (records.length > 0) yield { records, stored };
  }
  const records = numbered(splitter.end());
  if (records.length > 0) yield { records, stored };
}

/** The values of a row as SQL, in brackets; or why it is refused, and for which column. */
export type JudgedRow = { readonly sql: string } | { readonly why: RowRefusal; readonly column: string | null };

/** What a record comes to; `takers`: of each field, null: it is left out. */
export function judgedRow(record: RawRecord, takers: readonly (Taker | null)[], longest: number): JudgedRow {
  if (record.why !== null) return { why: record.why, column: null };
  if (record.fields.length !== takers.length) return { why: 'field-count', column: null };
  const values: string[] = [];
  for (const [i, field] of record.fields.entries()) {
    const taker = takers[i];
    if (taker === null || taker === undefined) continue;
    const value = taker.take(field);
    if ('why' in value) return { why: value.why, column: taker.column };
    values.push(value.sql);
  }
  const sql = `(${values.join(', ')})`;
  return sql.length > longest ? { why: 'too-long', column: null } : { sql };
}
