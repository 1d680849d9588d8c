import { createHash } from 'node:crypto';
import type { ImportFile } from '../../../../shared/domain/operations/import/plan';
import { mostNamed } from '../../../../shared/domain/operations/import/plan';
import { saidNull, type RefusedRow, type RowsForm } from '../../../../shared/domain/operations/import/rows/form';
import type { RawField } from '../../../../shared/domain/operations/import/rows/splitter';
import type { RowsScan } from '../../../../shared/domain/operations/import/rows/plan';
import { judgedRow, recordsIn } from './reading';
import type { Taker } from './values';

/** Bytes that a statement of rows has besides the longest of them. */
export const headReserve = 64 * 1024;

/** What a whole file comes to, and whether a record begins where it is to go on. */
export interface ScannedRows extends RowsScan {
  readonly begins: boolean;
  /** Fields that say NULL without quotes, and come in as that word: how many, and the line of the first one. */
  readonly nullWords: { readonly count: number; readonly line: number };
}

interface ScanCase {
  readonly file: ImportFile;
  readonly form: RowsForm;
  readonly takers: readonly (Taker | null)[];
  readonly packet: number;
  readonly fromByte: number;
  readonly signal: AbortSignal | undefined;
}

const word = Buffer.from(saidNull);
const isWord = ({ bytes, quoted }: RawField): boolean => !quoted && bytes.length === word.length && word.equals(bytes);

/** Reads a whole file and judges each of its records from a place on. Throws as `plainBytes`. */
export async function scanRows({ file, form, takers, packet, fromByte, signal }: ScanCase): Promise<ScannedRows> {
  const hash = createHash('sha256');
  const refused: RefusedRow[] = [];
  let unread: RefusedRow | null = null;
  const countsWord = !form.nulls.includes(saidNull);
  let nullWords = { count: 0, line: 0 };
  let [plainBytes, lines, records, refusedCount, begins] = [0, 0, 0, 0, fromByte === 0];
  const onBytes = (bytes: Uint8Array): void => {
    hash.update(bytes);
    plainBytes += bytes.length;
  };
  for await (const piece of recordsIn(file, form, { longest: packet, width: takers.length, signal, onBytes })) {
    for (const record of piece.records) {
      const { number, at, line } = record;
      lines = line;
      begins ||= at === fromByte;
      if (at < fromByte) continue;
      records += 1;
      const judged = judgedRow(record, takers, packet - headReserve);
      if (!('why' in judged)) {
        const words = countsWord ? record.fields.filter((field, i) => takers[i] != null && isWord(field)).length : 0;
        if (words > 0) nullWords = { count: nullWords.count + words, line: nullWords.count === 0 ? line : nullWords.line };
        continue;
      }
      refusedCount += 1;
      const row: RefusedRow = { record: number, line, at, ...judged };
      if (refused.length < mostNamed) refused.push(row);
      if (record.last) unread = row;
    }
  }
  return { plainBytes, lines, records, refusedCount, refused, unread, hash: hash.digest('hex'), begins, nullWords };
}
