import type { Plan } from '../../../tasks/plan';
import type { ImportErrorWay, ImportFile } from '../plan';
import type { GuessedPart, RefusedRow, RowsForm, RowsFormWish } from './form';

/** What becomes of a row whose key is taken: refused, left out, or put in place of the one that is there. */
export const rowModes = ['insert', 'ignore', 'replace'] as const;
export type RowMode = (typeof rowModes)[number];

/** Whose beginning is looked at; with a table, where its columns would go. */
export interface RowsInspectionRequest {
  readonly instanceId: string;
  readonly path: string;
  readonly database: string | null;
  readonly table: string | null;
  readonly form: RowsFormWish;
}

/** Rows of a file that are to go into a table. */
export interface RowsRequest {
  readonly instanceId: string;
  readonly path: string;
  readonly database: string;
  readonly table: string;
  readonly form: RowsForm;
  /** Parts of it that nobody chose. */
  readonly guessed?: readonly GuessedPart[] | undefined;
  /** For each field of a record the column that it goes into; null: it is left out. */
  readonly mapping: readonly (string | null)[];
  /** Columns of bytes in whose fields hexadecimal digits stand for them; of the others the text is the bytes. */
  readonly hex?: readonly string[] | undefined;
  readonly mode: RowMode;
  readonly onError: ImportErrorWay;
  /** Where in the plain bytes the first record that is sent begins; 0: at the beginning. */
  readonly fromByte: number;
}

/** What all of a file comes to, read whole. */
export interface RowsScan {
  readonly plainBytes: number;
  readonly lines: number;
  /** From the place on where it begins, without the header and lines that are empty. */
  readonly records: number;
  /** Records that are refused before they are sent. */
  readonly refusedCount: number;
  /** The first ones. */
  readonly refused: readonly RefusedRow[];
  /** The record at which reading ends before the file does: nothing behind it can be told apart; null: all of the file was read. */
  readonly unread: RefusedRow | null;
  /** Of its plain bytes, SHA-256. */
  readonly hash: string;
}

/** What an import of rows comes to, before it is done. */
export interface RowsPlan extends Plan {
  readonly kind: 'import-rows';
  readonly instanceId: string;
  readonly name: string;
  readonly file: ImportFile;
  readonly database: string;
  readonly table: string;
  readonly form: RowsForm;
  readonly mapping: readonly (string | null)[];
  readonly mode: RowMode;
  readonly onError: ImportErrorWay;
  readonly fromByte: number;
  readonly scan: RowsScan;
  readonly replicas: readonly string[];
}

/** Rows of an import that goes on after refusals are kept in a file of their own, as they were: so many bytes of them at most. */
export const keptRowsBytes = 16 * 1024 * 1024;
