import type { Readable } from 'node:stream';
import type { FieldPacket, Query, TypeCast } from 'mysql2';
import { ResultColumns, type ResultColumn } from '../types';

/** Geometries and vectors stay bytes; the driver would make objects of them that cannot be written back. */
export const keepBytes: TypeCast = (field, next) => (field.type === 'GEOMETRY' || field.type === 'VECTOR' ? field.buffer() : next());

/** Puts the columns of each result set among its rows, before the first. */
export function tellAnswers(command: Query, source: Readable): void {
  command.on('fields', (fields: FieldPacket[] | undefined) => {
    if (fields === undefined || source.destroyed) return;
    source.push(new ResultColumns(fields.map(columnOf)));
  });
}

function columnOf({ name, columnType, characterSet, schema, table, orgTable, orgName }: FieldPacket): ResultColumn {
  const column = { name, type: columnType ?? 0, charset: characterSet ?? 0 };
  if (schema === undefined || [schema, orgTable, orgName].includes('')) return column;
  return { ...column, origin: { database: schema, table: orgTable, alias: table, column: orgName } };
}

/** Wraps a function so that only its first call counts. */
export function endOnFirst<Argument>(action: (argument: Argument) => void): (argument: Argument) => void {
  let ended = false;
  return (argument) => {
    if (ended) return;
    ended = true;
    action(argument);
  };
}

/**
 * The rows of a stream, one by one, with back-pressure. When no row comes for `timeoutMs` while one is asked for, the
 * stream is destroyed with the error `late` makes; a consumer that takes its time is never late.
 */
export async function* rowsOf<Row>(source: Readable, timeoutMs: number, late: () => Error): AsyncGenerator<Row, void, undefined> {
  let askedAt = 0;
  const watch = Number.isFinite(timeoutMs)
    ? setInterval(() => {
        if (askedAt !== 0 && performance.now() - askedAt > timeoutMs) source.destroy(late());
      }, Math.max(20, Math.min(1_000, timeoutMs / 4)))
    : undefined;
  try {
    const rows = source[Symbol.asyncIterator]() as AsyncIterator<Row>;
    for (;;) {
      askedAt = performance.now();
      const next = await rows.next();
      askedAt = 0;
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    clearInterval(watch);
    source.destroy();
  }
}
