import { memo, type ReactElement } from 'react';
import type { SqlRow } from '../../../../shared/domain/operations/sql/run';
import classes from './sql.module.css';

/** What of a value is drawn. */
const longestDrawn = 300;

interface GridRowProps {
  /** Of the grid: the id of a cell is that of its grid, its row and its column. */
  readonly grid: string;
  readonly index: number;
  readonly start: number;
  readonly template: string;
  readonly columns: number;
  /** undefined: it is not here yet. */
  readonly row: SqlRow | undefined;
  /** Lengths of values that go on, by `row/column`; undefined: none of this row does. */
  readonly long: ReadonlyMap<string, number> | undefined;
  /** The columns of it that are selected; -1: none. */
  readonly left: number;
  readonly right: number;
  readonly nothing: string;
}

/** A row of a grid, drawn again only where something of it changed: a grid scrolls through many of them. */
export const GridRow = memo(function GridRow({ grid, index, start, template, columns, row, long, left, right, nothing }: GridRowProps): ReactElement {
  return (
    <div role="row" aria-rowindex={index + 2} className={classes.row} style={{ gridTemplateColumns: template, transform: `translateY(${String(start)}px)` }}>
      <span role="rowheader" className={classes.number} data-row={index} data-column={-1}>{index + 1}</span>
      {Array.from({ length: columns }, (_, at) => {
        const cell = row === undefined ? undefined : (row[at] ?? null);
        return (
          <span
            key={at} id={`${grid}-${String(index)}-${String(at)}`} role="gridcell" className={classes.cell} data-null={cell === null || undefined}
            data-row={index} data-column={at} aria-selected={at >= left && at <= right} title={cell?.slice(0, longestDrawn)}
          >
            {cell === null ? nothing : drawnText(cell, long?.has(`${String(index)}/${String(at)}`) === true)}
          </span>
        );
      })}
    </div>
  );
});

/** What is not here yet is a dot; what goes on says so. */
const drawnText = (cell: string | undefined, isLong: boolean): string => (
  cell === undefined ? '·' : cell.length > longestDrawn || isLong ? `${cell.slice(0, longestDrawn)}…` : cell
);
