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
  readonly nullWords: SomeFields;
  /** Fields that say bytes as 0x… and come in as that text, of columns of bytes. */
  readonly hexWords: SomeFields;
}

interface SomeFields {
  readonly count: number;
  readonly line: number;
}

interface ScanCase {
  readonly file: ImportFile;
  readonly form: RowsForm;
  readonly takers: readonly (Taker | null)[];
  readonly packet: number;
  readonly fromByte: number;
  readonly signal: AbortSignal | undefined;
  /** Which fields go into columns of bytes. */
  readonly ofBytes: readonly boolean[];
}

const word = Buffer.from(saidNull);
const isWord = ({ bytes, quoted }: RawField): boolean => !quoted && bytes.length === word.length && word.equals(bytes);

/** As clients, and results that are saved as CSV, write bytes. */
const isHex = (bytes: Uint8Array): boolean =>
  bytes.length >= 4 && bytes.length % 2 === 0 && bytes[0] === 0x30 && bytes[1] === 0x78 && /^0x[0-9a-f]+$/i.test(Buffer.from(bytes).toString('latin1'));

const none: SomeFields = { count: 0, line: 0 };
const andOf = (known: SomeFields, line: number, more: number): SomeFields =>
  (more === 0 ? known : { count: known.count + more, line: known.count === 0 ? line : known.line });

/** Reads a whole file and judges each of its records from a place on. Throws as `plainBytes`. */
export async function scanRows({ file, form, takers, packet, fromByte, signal, ofBytes }: ScanCase): Promise<ScannedRows> {
  const hash = createHash('sha256');
  const refused: RefusedRow[] = [];
  let unread: RefusedRow | null = null;
  const countsWord = !form.nulls.includes(saidNull);
  const anyBytes = ofBytes.includes(true);
  let [nullWords, hexWords]: [SomeFields, SomeFields] = [none, none];
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
        if (countsWord) nullWords = andOf(nullWords, line, record.fields.filter((field, i) => takers[i] != null && isWord(field)).length);
        if (anyBytes) hexWords = andOf(hexWords, line, record.fields.filter(({ bytes }, i) => ofBytes[i] === true && isHex(bytes)).length);
        continue;
      }
      refusedCount += 1;
      const row: RefusedRow = { record: number, line, at, ...judged };
      if (refused.length < mostNamed) refused.push(row);
      if (record.last) unread = row;
    }
  }
  return { plainBytes, lines, records, refusedCount, refused, unread, hash: hash.digest('hex'), begins, nullWords, hexWords };
}
