import type { StartCharacters } from '../../../../shared/domain/operations/import/lead-bytes';
import type { ImportErrorWay } from '../../../../shared/domain/operations/import/plan';
import type { RowsFormWish, RowsInspection } from '../../../../shared/domain/operations/import/rows/form';
import type { RowMode } from '../../../../shared/domain/operations/import/rows/plan';

/** What a file holds. */
export const fileKinds = ['statements', 'rows'] as const;
type FileKind = (typeof fileKinds)[number];

/** What is chosen of an import before its file is read whole. */
export interface ImportWish {
  readonly path: string | null;
  readonly kind: FileKind;
  readonly onError: ImportErrorWay;
  readonly fromByte: number;
  /** Of statements; null: those that the file names. */
  readonly database: string | null;
  /** In which they begin; null: as the file says itself. */
  readonly characters: StartCharacters | null;
  /** Of rows. */
  readonly table: { readonly database: string; readonly table: string } | null;
  readonly form: RowsFormWish;
  /** For each field its column; null: as it was found. */
  readonly mapping: readonly (string | null)[] | null;
  /** Columns of bytes whose fields are hexadecimal digits. */
  readonly hex: readonly string[];
  readonly mode: RowMode;
}

export const nothingWished: ImportWish = {
  path: null, kind: 'statements', onError: 'stop', fromByte: 0, database: null, characters: null, table: null, form: {}, mapping: null, hex: [], mode: 'insert',
};

/** What a file holds by its name, a compressed one by the name within; it can be said otherwise. */
function kindOf(path: string): FileKind {
  return /\.(?:csv|tsv|tab|txt)(?:\.(?:gz|zst))?$/i.test(path) ? 'rows' : 'statements';
}

/** Another file: what was chosen of the form of the last one says nothing of it. */
export function withFile(wish: ImportWish, path: string): ImportWish {
  return { ...wish, path, kind: kindOf(path), fromByte: 0, characters: null, form: {}, mapping: null, hex: [] };
}

/** Which field goes where: as chosen, or as it was found. */
export function mappingOf({ mapping }: ImportWish, inspection: RowsInspection): readonly (string | null)[] {
  return mapping?.length === inspection.width ? mapping : inspection.mapping;
}
