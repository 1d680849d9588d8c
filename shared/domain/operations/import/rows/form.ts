// Files of delimited rows: in which form they are, as it is found and as it is chosen.
import type { ImportFile } from '../plan';

export const rowEncodings = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'gbk', 'gb18030'] as const;
export type RowEncoding = (typeof rowEncodings)[number];

/** `any`: a line feed, with a carriage return before it or without. */
export const lineEnds = ['lf', 'crlf', 'any', 'cr'] as const;
export type LineEnd = (typeof lineEnds)[number];

/** `backslash`: as SELECT … INTO OUTFILE, `mysqldump --tab` and `mysql --batch` write; `\N` is NULL there. */
export const escapeWays = ['none', 'backslash'] as const;
export type EscapeWay = (typeof escapeWays)[number];

export const decimalMarks = ['point', 'comma'] as const;
export type DecimalMark = (typeof decimalMarks)[number];

export const quoteMarks = ['"', "'"] as const;
export type QuoteMark = (typeof quoteMarks)[number];

/** What may stand between two fields: one character of ASCII that is neither a letter, a digit, nor part of a number, a quote or a line. */
// eslint-disable-next-line no-control-regex -- Hive and its like separate fields by U+0001
export const delimiterPattern = /^[\t !#$%&()*,/:;<=>?@[\]^_`{|}~\u0001-\u0008\u000b\u000c\u000e-\u001f]$/;

/** How a file is read. */
export interface RowsForm {
  readonly encoding: RowEncoding;
  readonly delimiter: string;
  readonly quote: QuoteMark | null;
  readonly escape: EscapeWay;
  readonly lineEnd: LineEnd;
  /** Whether the first record names the columns. */
  readonly header: boolean;
  /** Of numbers. */
  readonly decimal: DecimalMark;
  /** Texts of fields without quotes that are NULL; the empty one among them where an empty field is. */
  readonly nulls: readonly string[];
}

/** What is chosen of a form; the rest is found. */
export type RowsFormWish = { readonly [Part in keyof RowsForm]?: RowsForm[Part] | undefined };

/** How phpMyAdmin, Workbench and mysql --batch write NULL. */
export const saidNull = 'NULL';

/** What of a form changes values where it is guessed wrongly, and shows in none of them. */
export const guessedParts = ['decimal', 'escape', 'quote', 'nulls'] as const;
export type GuessedPart = (typeof guessedParts)[number];

/** What of such was not chosen, and is not what it is in most files. */
export function guessedIn({ decimal, escape, quote, nulls }: RowsForm, wish: RowsFormWish): readonly GuessedPart[] {
  const unusual: Readonly<Record<GuessedPart, boolean>> = {
    decimal: decimal === 'comma', escape: escape === 'backslash', quote: quote === "'", nulls: nulls.includes(saidNull),
  };
  return guessedParts.filter((part) => unusual[part] && wish[part] === undefined);
}

/** `certain`: a byte order mark says so, or only ASCII is there; `guess`: other encodings read it as well. */
export type EncodingConfidence = 'certain' | 'likely' | 'guess';

/** What makes a row one that is not sent, or that the server would take for something else. */
export const rowRefusals = [
  'field-count', 'quote-unclosed', 'quote-inside', 'too-long', 'encoding', 'not-number', 'not-whole', 'decimals', 'out-of-range', 'not-moment', 'fraction',
  'not-date', 'not-time', 'not-year', 'not-member', 'not-bits', 'not-hex', 'not-shape', 'null', 'server', 'changed',
] as const;
export type RowRefusal = (typeof rowRefusals)[number];

/** As texts select by it. */
export const whyParam = (why: RowRefusal): string => why.replaceAll('-', '');

/** A row that is refused: the values of it are in no plan, journal or log. */
export interface RefusedRow {
  /** From 1 on, the header not counted. */
  readonly record: number;
  readonly line: number;
  /** Where in the plain bytes it begins. */
  readonly at: number;
  /** Of the table; null: the row as a whole. */
  readonly column: string | null;
  readonly why: RowRefusal;
}

/** Whether a column keeps bytes, by its type: where hexadecimal digits may stand for them. */
export const isOfBytes = (type: string): boolean => /^(?:var)?binary|^(?:tiny|medium|long)?blob/i.test(type);

/** A column of the table that rows go into. */
export interface TargetColumn {
  readonly name: string;
  /** As the server declares it. */
  readonly type: string;
  readonly nullable: boolean;
  /** Whether a row may leave it out. */
  readonly optional: boolean;
  readonly generated: boolean;
  readonly invisible: boolean;
  readonly numbered: boolean;
  readonly charset: string | null;
  /** The one system of coordinates that it takes; null: any. */
  readonly srid: number | null;
}

/** One of the first rows, cut short for the eye; null: NULL. */
export interface PreviewRow {
  readonly record: number;
  readonly line: number;
  readonly fields: readonly (string | null)[];
  /** What is wrong with the record itself, whatever table it goes into. */
  readonly why: RowRefusal | null;
}

/** What the beginning of a file shows, and where its columns would go. */
export interface RowsInspection {
  readonly file: ImportFile;
  /** What was found, with what was chosen in place of it. */
  readonly form: RowsForm;
  /** What was found alone: what a choice can be taken back to. */
  readonly found: RowsForm;
  readonly confidence: EncodingConfidence;
  /** Parts of the form that are guesses which a plan warns of. */
  readonly guessed: readonly GuessedPart[];
  readonly bom: boolean;
  /** The names of the header; empty without one. */
  readonly names: readonly string[];
  /** Fields of a record: as many as the first one has. */
  readonly width: number;
  readonly preview: readonly PreviewRow[];
  /** Whether the preview is all of the file. */
  readonly whole: boolean;
  /** Of the table that was asked for; null: none was, or it is not there. */
  readonly columns: readonly TargetColumn[] | null;
  /** For each field the column that it would go into; null: it is left out. Empty where there is no table. */
  readonly mapping: readonly (string | null)[];
}

/** Rows and characters of a field that a preview shows, and fields of a record. */
export const previewRows = 50;
export const previewCharacters = 200;
export const mostFields = 4_096;
