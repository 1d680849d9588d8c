import { basename } from 'node:path';
import { piecewise, type CopyFormat } from '../../../../shared/domain/operations/sql/copied';
import type { ExportedRows, SqlRow } from '../../../../shared/domain/operations/sql/run';
import type { SqlModes } from '../../../../shared/domain/sql/tokens';
import { failure } from '../../../../shared/errors/codes';
import { placeFile } from '../../../storage/placed-file';
import { textOf } from '../values';
import type { KeptResult } from './store';

/** As many rows, or bytes of them, are written at a time. */
const rowsAtOnce = 500;
const bytesAtOnce = 1_000_000;
/** The longest value that is written as text. */
const longestWritten = 67_108_864;

/**
 * Writes the rows of a result into a file, also while they still come: it goes on until the last of them. The file is there under its name only when it is
 * done; one that was there before stays where something fails, and gives it its permissions else.
 *
 * @throws Failure `cancelled`, `value-too-large`, `storage-full`, `file-unwritable`, `result-gone`
 */
export async function exportRows(
  result: KeptResult, path: string, { format, modes }: { readonly format: CopyFormat; readonly modes: SqlModes }, told: (rows: number) => void,
  signal: AbortSignal | undefined,
): Promise<ExportedRows> {
  const { file } = result;
  const copy = piecewise(result, format, modes);
  const rows = await placeFile(path, async (target) => {
    await target.writeFile(copy.head);
    let at = 0;
    let reader: Awaited<ReturnType<typeof file.reader>> | null = null;
    for (;;) {
      await file.more(at, signal);
      if (signal?.aborted === true) throw failure('cancelled', { what: basename(path) });
      if (at >= file.rows && file.isClosed && !file.isWhole) throw failure('result-gone', { row: at + 1 });
      if (at >= file.rows) break;
      reader ??= await file.reader(at);
      const some = await nextRows(result, reader, at);
      await target.writeFile(copy.rows(some, at === 0));
      at += some.length;
      told(at);
    }
    await target.writeFile(copy.tail);
    return at;
  });
  return { path, rows, isWhole: file.isWhole };
}

async function nextRows({ file, columns }: KeptResult, reader: Awaited<ReturnType<KeptResult['file']['reader']>>, at: number): Promise<readonly SqlRow[]> {
  const rows: SqlRow[] = [];
  let bytes = 0;
  while (rows.length < rowsAtOnce && bytes < bytesAtOnce && at + rows.length < file.rows) {
    const values = await file.row(reader, longestWritten);
    rows.push(values.map((value, column) => {
      if (value === null) return null;
      const known = columns[column] ?? { name: '', type: 'BLOB' };
      if (value.length > longestWritten) throw failure('value-too-large', { row: at + rows.length + 1, column: known.name, bytes: value.length });
      bytes += value.length;
      return textOf(value.begins, known, false);
    }));
  }
  return rows;
}

/** Writes one value as its bytes are, piece by piece. */
export async function saveValue({ file, columns }: KeptResult, row: number, column: number, path: string, signal: AbortSignal | undefined): Promise<number> {
  if (columns[column] === undefined) throw failure('invalid-input', { field: 'column', reason: String(column) });
  const reader = await file.reader(row);
  await reader.skip(column);
  const value = await reader.next(0);
  const length = value?.length ?? 0;
  const begin = reader.place - length;
  return placeFile(path, async (target) => {
    for (let done = 0; done < length;) {
      if (signal?.aborted === true) throw failure('cancelled', { what: basename(path) });
      const piece = await file.piece(begin + done, Math.min(bytesAtOnce, length - done));
      await target.writeFile(piece);
      done += piece.length;
    }
    return length;
  });
}
