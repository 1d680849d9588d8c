import type { CellRange } from '../../../../shared/domain/operations/sql/copied';

/** A key that was pressed on a grid: with Shift, and with Ctrl or Cmd. */
interface PressedKey {
  readonly key: string;
  readonly isMore: boolean;
  readonly isCommand: boolean;
}

interface GridSize {
  readonly rows: number;
  readonly columns: number;
}

const page = 15;

/** What is selected after a key: arrows and their kin move, with Shift the selection grows, Ctrl+A takes all. null: the key means nothing here. */
export function movedRange(range: CellRange | null, { key, isMore, isCommand }: PressedKey, { rows, columns }: GridSize): CellRange | null {
  if (rows === 0 || columns === 0) return null;
  const [lastRow, lastColumn] = [rows - 1, columns - 1];
  if (isCommand && key.toLowerCase() === 'a') return { from: [0, 0], to: [lastRow, lastColumn] };
  const [row, column] = range?.to ?? [0, 0];
  const to = target(key, isCommand, { row, column, lastRow, lastColumn });
  if (to === null) return null;
  if (range === null) return { from: [0, 0], to: isMore ? to : [0, 0] };
  return { from: isMore ? range.from : to, to };
}

interface Place {
  readonly row: number;
  readonly column: number;
  readonly lastRow: number;
  readonly lastColumn: number;
}

function target(key: string, isCommand: boolean, { row, column, lastRow, lastColumn }: Place): CellRange['to'] | null {
  switch (key) {
    case 'ArrowDown': return [isCommand ? lastRow : Math.min(row + 1, lastRow), column];
    case 'ArrowUp': return [isCommand ? 0 : Math.max(row - 1, 0), column];
    case 'ArrowRight': return [row, isCommand ? lastColumn : Math.min(column + 1, lastColumn)];
    case 'ArrowLeft': return [row, isCommand ? 0 : Math.max(column - 1, 0)];
    case 'PageDown': return [Math.min(row + page, lastRow), column];
    case 'PageUp': return [Math.max(row - page, 0), column];
    case 'Home': return [isCommand ? 0 : row, 0];
    case 'End': return [isCommand ? lastRow : row, lastColumn];
    default: return null;
  }
}
