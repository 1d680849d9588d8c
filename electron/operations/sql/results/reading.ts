import { copied, type CellBounds, type CopyFormat } from '../../../../shared/domain/operations/sql/copied';
import { longestSeen, longestShownValue, mostCopied, type SeenRows, type ShownValue, type SqlRow } from '../../../../shared/domain/operations/sql/run';
import type { SqlModes } from '../../../../shared/domain/sql/tokens';
import { failure } from '../../../../shared/errors/codes';
import { isBytes, textOf } from '../values';
import type { KeptResult } from './store';

/** Some rows as they are looked at: of long values the beginning. Fewer than asked for where there are no more yet. */
export async function seenRows({ file, columns }: KeptResult, from: number, count: number): Promise<SeenRows> {
  const end = Math.min(from + count, file.rows);
  if (from >= end) return { from, rows: [], long: [] };
  const reader = await file.reader(from);
  const rows: SqlRow[] = [];
  const long: { row: number; column: number; bytes: number }[] = [];
  for (let row = from; row < end; row += 1) {
    const values = await file.row(reader, longestSeen);
    rows.push(values.map((value, column) => {
      if (value === null) return null;
      const isCut = value.length > value.begins.length;
      if (isCut) long.push({ row, column, bytes: value.length });
      return textOf(value.begins, columns[column] ?? { type: 'BLOB' }, isCut);
    }));
  }
  return { from, rows, long };
}

/** One value, as far as it is shown. */
export async function shownValue({ file, columns }: KeptResult, row: number, column: number): Promise<ShownValue> {
  const known = columns[column];
  if (known === undefined) throw failure('invalid-input', { field: 'column', reason: String(column) });
  const reader = await file.reader(row);
  await reader.skip(column);
  const value = await reader.next(isBytes(known) ? longestShownValue / 2 : longestShownValue);
  if (value === null) return { text: null, bytes: 0, isCut: false };
  const isCut = value.length > value.begins.length;
  return { text: textOf(value.begins, known, isCut), bytes: value.length, isCut };
}

/** Cells as text for the clipboard; null: too much for it. */
export async function copiedCells(
  result: KeptResult, range: CellBounds | null, { format, names, modes }: { readonly format: CopyFormat; readonly names: boolean; readonly modes: SqlModes },
): Promise<string | null> {
  const { file, columns, table } = result;
  const { top, bottom, left, right } = range ?? { top: 0, bottom: file.rows - 1, left: 0, right: columns.length - 1 };
  const rows: SqlRow[] = [];
  let characters = 0;
  const reader = top <= bottom && top < file.rows ? await file.reader(top) : null;
  for (let row = top; reader !== null && row <= Math.min(bottom, file.rows - 1); row += 1) {
    const values = await file.row(reader, mostCopied * 3, left, right);
    characters += values.reduce((sum, value) => sum + (value?.length ?? 0) + 1, 0);
    // What is not ASCII is fewer characters than bytes, and never less than a third of them.
    if (characters > mostCopied * 3) return null;
    rows.push(values.map((value, at) => (value === null ? null : textOf(value.begins, columns[left + at] ?? { type: 'BLOB' }, false))));
  }
  const part = { columns: columns.slice(left, right + 1), table: table === null ? null : { ...table, columns: table.columns.slice(left, right + 1) }, rows };
  const text = copied(part, format, { names, modes });
  return text.length > mostCopied ? null : text;
}
