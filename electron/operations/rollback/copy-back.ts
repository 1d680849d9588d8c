// Chosen rows of a table made what they are in its copy: acts as of an undo, guarded by the rows as they are now, tried before anything is changed.
import { createHash } from 'node:crypto';
import type { Image } from '../../../shared/domain/binlog/cell';
import type { RowDifference } from '../../../shared/domain/operations/rollback/compare';
import type { NewName } from '../../../shared/domain/operations/rollback/names';
import { inverseOf, type UndoAct } from '../../../shared/domain/operations/rollback/undo';
import { mostUndone, mostUndoneBytes } from '../../../shared/domain/operations/rollback/undo-plan';
import type { SingleChange } from '../../../shared/domain/promotion/dossier/net';
import { isSystemSchema } from '../../../shared/domain/scope/scope';
import { failure } from '../../../shared/errors/codes';
import { copiedInsertSql, copiedUpdateSql, deleteSql, insertSql, printedValue, updateSql } from '../../comparison/logged/sql';
import { inOneOffset } from '../../comparison/logged/tables-today';
import type { LiveSession } from '../../mysql/session/session';
import { differingKeys, differingRows, openMoment, pairOf, type ComparedPair, type DifferingRow } from './compare';
import { isTransactional, weigh, type Acting, type UndoObstruction, type UndoReading } from './undo-reading';
import { nameOf } from './undo-around';

interface CopyBackChoice {
  readonly pair: NewName;
  readonly differences: readonly RowDifference[];
  /** null: all that differ so. */
  readonly rows: readonly string[] | null;
}

/** Rows that only the original has go first, so that those which come, or come back otherwise, find room. */
const order: readonly RowDifference[] = ['extra', 'changed', 'missing'];

/** @throws Failure `rollback-not-comparable`, `rollback-too-many`, `rollback-too-large`, `rollback-moved`: a chosen row does not differ so any more */
export async function readCopyBack(session: LiveSession, { pair: name, differences, rows }: CopyBackChoice): Promise<UndoReading> {
  await openMoment(session);
  const pair = await pairOf(session, name);
  const { original } = pair;
  const chosen = rows === null ? null : new Set(rows);
  const acts: Acting[] = [];
  // What was shown is what is written over, or nothing is.
  const stamp = createHash('sha256');
  let length = 0;
  const tooLarge = (): Error => failure('rollback-too-large', { megabytes: Math.round(mostUndoneBytes / 1_000_000) });
  for (const difference of order.filter((one) => differences.includes(one))) {
    const keys = await differingKeys(session, pair, difference, mostUndone + 1, chosen);
    if (acts.length + keys.length > mostUndone) throw failure('rollback-too-many', { most: mostUndone });
    // Before any of them is read.
    if (length + keys.reduce((sum, { bytes }) => sum + bytes, 0) > mostUndoneBytes) throw tooLarge();
    for await (const row of differingRows(session, pair, difference, keys)) {
      chosen?.delete(row.id);
      const change = changeOf(row);
      stamp.update(JSON.stringify([row.id, [...row.now ?? []], [...row.back ?? []]]));
      length += lengthOf(row.now) + lengthOf(row.back);
      if (length > mostUndoneBytes) throw tooLarge();
      const act = inverseOf(change, original);
      if (act !== 'nothing') acts.push({ logged: original, change: () => change, act, sql: act === 'partial-image' ? null : copyBackSql(pair, act, row.back) });
    }
  }
  // One that was chosen and does not differ any more, or not so, is not left out without a word.
  if (chosen !== null && chosen.size > 0) throw failure('rollback-moved', { name: session.label, table: nameOf(original) }, { server: session.label });
  const obstructions: UndoObstruction[] = [
    ...(isSystemSchema(original.database, session.version) ? [{ why: 'system', what: nameOf(original) } as const] : []),
    ...(await isTransactional(session, original) ? [] : [{ why: 'engine', what: nameOf(original) } as const]),
  ];
  // What a row that comes back had below it comes back by itself, or not at all: no foreign key acts here.
  const statements = await weigh(session, new Map([[nameOf(original), { today: original, cascades: null }]]), obstructions.length > 0 ? [] : acts);
  await session.run('COMMIT');
  return { obstructions, others: [], inOneOffset: await inOneOffset(session, [original]), stamp: stamp.digest('hex'), statements, close: () => undefined };
}

/** As if what came between the two had been logged. */
function changeOf({ now, back }: DifferingRow): SingleChange {
  const kind = now === null ? 'delete' : back === null ? 'insert' : 'update';
  return { kind, before: back, after: now, documents: new Map() };
}

/**
 * Documents are copied by the server, with the types of their values; what else there is the statement holds as it was shown. Either way the row is
 * known by its documents as the server prints them.
 */
export function copyBackSql({ original, copy }: ComparedPair, act: UndoAct, back: Image | null): string {
  if (act.kind === 'delete') return deleteSql(original, act.found, printedValue);
  const isCopied = [...(act.kind === 'insert' ? act.row : act.set).keys()].some((name) => original.columns.get(name)?.form.kind === 'json');
  if (act.kind === 'insert') return isCopied ? copiedInsertSql(original, copy, act.row) : insertSql(original, act.row);
  // A row keeps its key here: it is by that that both were held against each other.
  return isCopied && back !== null ? copiedUpdateSql(original, act.found, act.set, { copy, row: back }) : updateSql(original, act.found, act.set, printedValue);
}

function lengthOf(image: Image | null): number {
  return image === null ? 0 : [...image.values()].reduce((sum, cell) => sum + (typeof cell === 'string' ? cell.length : JSON.stringify(cell).length), 0);
}
