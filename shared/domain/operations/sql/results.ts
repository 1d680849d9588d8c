import type { SqlModes } from '../../sql/tokens';
import type { CellBounds, CopyFormat } from './copied';

/** Some rows that are looked at. */
export interface SeenOrder {
  readonly resultId: string;
  readonly from: number;
  readonly count: number;
}

/** A value of a result. */
export interface CellPlace {
  readonly resultId: string;
  readonly row: number;
  readonly column: number;
}

/** Cells that are copied; `range` null: all of them. */
export interface CopyOrder {
  readonly resultId: string;
  readonly range: CellBounds | null;
  readonly format: CopyFormat;
  /** Whether the names of the columns come first, in TSV and CSV. */
  readonly names: boolean;
  readonly modes: SqlModes;
}

/** A result that is written into a file. */
export interface ExportOrder {
  readonly resultId: string;
  /** By which is asked how far it is. */
  readonly exportId: string;
  readonly format: CopyFormat;
  readonly modes: SqlModes;
}
