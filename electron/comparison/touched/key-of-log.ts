// Keys of rows as a binary log holds them, as the literals by which both sides are asked for those rows.
import type { Cell } from '../../../shared/domain/binlog/cell';
import type { ComparedKey, DescribedColumn } from '../compared-table';
import { literalOf, type KeyValue } from '../key-range';
import { formOf } from '../row-hash';

/** A row image of the log, in the order of its columns; undefined: it does not hold that one. */
export type LoggedImage = readonly (Cell | undefined)[] | null;

/** Where the columns of a key stand in the images of a table; null: the log does not have all of them. */
export function placesOf({ columns }: ComparedKey, logged: readonly { readonly name: string }[]): readonly number[] | null {
  const places = columns.map(({ name }) => logged.findIndex((column) => column.name.toLowerCase() === name.toLowerCase()));
  return places.includes(-1) ? null : places;
}

/** The key that an image has; a column that it leaves out is as it was in `otherwise`. null: it is not known exactly. */
export function keyOfImage({ columns }: ComparedKey, places: readonly number[], image: LoggedImage, otherwise: LoggedImage = null): KeyValue | null {
  const literals: string[] = [];
  for (const [at, column] of columns.entries()) {
    const place = places[at] ?? -1;
    const cell = image?.[place] ?? otherwise?.[place];
    const literal = cell === undefined || cell === null ? null : literalOfCell(column, cell);
    if (literal === null) return null;
    literals.push(literal);
  }
  return literals;
}

/** A value of the log as the literal that stands for exactly it; null: there is none. */
function literalOfCell(column: DescribedColumn, cell: Exclude<Cell, null>): string | null {
  const form = formOf(column);
  if (typeof cell === 'object') return form === 'bytes' && 'hex' in cell ? literalOf(column, cell.hex) : null;
  switch (form) {
    case 'exact':
      return literalOf(column, cell);
    case 'bytes':
      return literalOf(column, Buffer.from(cell, 'utf8').toString('hex').toUpperCase());
    case 'float':
      // A FLOAT is printed in the digits that tell it from other FLOATs; what is compared is the number behind them.
      return literalOf(column, numberText(column.type === 'float' ? Math.fround(Number(cell)) : Number(cell)));
    case 'bit':
      return cell;
    case 'choice':
    case 'long':
    case 'json':
      return null;
    default: {
      const never: never = form;
      return never;
    }
  }
}

/** With the sign of -0. */
function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
