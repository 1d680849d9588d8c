// The beginning of a file of rows, as a window or a terminal shows it before anything is chosen.
import type { ImportFile } from '../../../../shared/domain/operations/import/plan';
import { proposedMapping } from '../../../../shared/domain/operations/import/rows/mapping';
import {
  guessedIn, mostFields, previewCharacters, previewRows, type PreviewRow, type RowsForm, type RowsFormWish, type RowsInspection, type TargetColumn,
} from '../../../../shared/domain/operations/import/rows/form';
import type { RawField, RawRecord } from '../../../../shared/domain/operations/import/rows/splitter';
import { plainBytes } from '../source';
import { encodingOf, formOf, recordsOf, type Head } from './detect';
import { isBlank } from './reading';
import { isText, shownText, textReader } from './text';
import { isNullField } from './values';

/** Plain bytes that are looked at. */
const headBytes = 1024 * 1024;

/** Reads the beginning of a file. Throws as `plainBytes`. */
export async function headOf(file: ImportFile, signal: AbortSignal | undefined): Promise<Head> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const { bytes } of plainBytes(file, signal)) {
    pieces.push(bytes);
    length += bytes.length;
    if (length > headBytes) return { bytes: Buffer.concat(pieces).subarray(0, headBytes), whole: false };
  }
  return { bytes: Buffer.concat(pieces), whole: true };
}

/** What the beginning of a file shows, and where its columns would go; `columns`: of the table, null where there is none. */
export function inspected(file: ImportFile, head: Head, wish: RowsFormWish, columns: readonly TargetColumn[] | null): RowsInspection {
  const known = (columns ?? []).map(({ name }) => name);
  const form = formOf(head, wish, known);
  const { confidence, bom } = encodingOf(head);
  const reader = textReader(form.encoding);
  const all = recordsOf(Buffer.concat([reader.take(head.bytes), reader.end()]), head.whole, form);
  const [first] = all.filter(({ raw }) => raw.length > 0);
  const width = Math.min(first?.fields.length ?? 0, mostFields);
  const records = all.filter((record) => !isBlank(record, width, form.escape));
  const names = form.header ? (first?.fields ?? []).slice(0, mostFields).map(({ bytes }) => shownText(bytes, form.encoding).slice(0, previewCharacters)) : [];
  const rows = records.slice(form.header ? 1 : 0);
  return {
    file, form, found: formOf(head, {}, known), confidence, guessed: guessedIn(form, wish), bom, names, width,
    preview: rows.slice(0, previewRows).map((record, i) => shown(record, i + 1, form, width)),
    whole: head.whole && rows.length <= previewRows, columns, mapping: columns === null ? [] : proposedMapping(names, width, columns),
  };
}

function shown(record: RawRecord, number: number, form: RowsForm, width: number): PreviewRow {
  const { line, fields, why } = record;
  const isWrong = fields.some(({ bytes }) => !isText(bytes, form.encoding));
  return {
    record: number, line, fields: fields.slice(0, mostFields).map((field) => shownField(field, form)),
    why: why ?? (fields.length === width ? (isWrong ? 'encoding' : null) : 'field-count'),
  };
}

function shownField(field: RawField, form: RowsForm): string | null {
  const text = shownText(field.bytes.subarray(0, previewCharacters * 4), form.encoding).slice(0, previewCharacters);
  return isNullField(field, text, form.nulls) ? null : text;
}
