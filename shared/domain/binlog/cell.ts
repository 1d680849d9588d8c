import { canonicalJson } from './json-document';

/**
 * One value of a row, exactly, in a form that a log and a table share: null is NULL; a text is a number, a time, words or a document as the
 * server prints it; `hex` are bytes, of text in a character set that is not Unicode too, with what people read as its `text`, which decides
 * nothing; `document` is one of which some values are of types that its text does not tell; `changes` is one of which only the changes are known.
 */
export type Cell = string | null | { readonly hex: string; readonly text?: string } | TypedDocument | { readonly changes: string };

/** A document as the server prints it, with those of its values that read back from it as another type. */
export interface TypedDocument {
  readonly document: string;
  readonly typed: readonly TypedValue[];
}

export interface TypedValue {
  /** As the server takes it: `$."a b"[3]`. */
  readonly path: string;
  /** As CAST takes it; `TIMESTAMP(6)`, and what no CAST makes: `OTHER`. */
  readonly type: string;
}

/** The text of a document that is known as a whole; null: the cell is none. */
export function documentText(cell: Cell | undefined): string | null {
  if (typeof cell === 'string') return cell;
  return typeof cell === 'object' && cell !== null && 'document' in cell ? cell.document : null;
}

/** A row, or as much of it as is known, by the names of its columns. */
export type Image = ReadonlyMap<string, Cell>;

/**
 * What the values of a column are, which decides how they compare and how SQL writes them. `moment`: a TIMESTAMP, its text in UTC; other times have no
 * zone.
 */
export type CellKind = 'number' | 'float' | 'double' | 'time' | 'moment' | 'text' | 'bytes' | 'bits' | 'word' | 'json' | 'shape';

export interface CellForm {
  readonly kind: CellKind;
  /** Of text whose cells are bytes; null: its cells are text, or it is none. */
  readonly charset: string | null;
}

/** Whether values of both columns can be held against each other. */
export function comparableForms(a: CellForm, b: CellForm): boolean {
  return a.kind === b.kind && a.charset === b.charset;
}

/** Whether two values are the same, to the last bit; documents by what they hold: what types their values have is not always known. */
export function sameCell(kind: CellKind, a: Cell, b: Cell): boolean {
  if (a === null || b === null) return a === b;
  if (kind === 'json') {
    const [one, other] = [documentText(a), documentText(b)];
    return one !== null && other !== null && (one === other || canonicalJson(one) === canonicalJson(other));
  }
  if (typeof a === 'string' && typeof b === 'string') return a === b;
  if (typeof a === 'object' && typeof b === 'object' && 'hex' in a && 'hex' in b) return a.hex === b.hex;
  return false;
}

/** A value as people read it. */
export function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return '';
  if (cell === null) return 'NULL';
  if (typeof cell === 'string') return cell;
  if ('document' in cell) return cell.document;
  return 'hex' in cell ? (cell.text ?? `0x${cell.hex}`) : cell.changes;
}
