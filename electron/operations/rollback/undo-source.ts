// Where the acts come from that write on live tables: the log, or a copy of another moment.
import type { RowDifference } from '../../../shared/domain/operations/rollback/compare';
import type { NewName } from '../../../shared/domain/operations/rollback/names';
import type { LiveSession } from '../../mysql/session/session';
import { readCopyBack } from './copy-back';
import { fromTransactionOn, type LogOwner } from './log-reading';
import { readUndo, type UndoReading } from './undo-reading';

/** Transactions that are taken back, or rows that are copied back. */
export type ActsOrder =
  | { readonly gtids: readonly string[] }
  | { readonly pair: NewName; readonly differences: readonly RowDifference[]; readonly rows: readonly string[] | null };

/** Reads what is to be written, and weighs it by what the server holds. `folder`: for what does not fit into memory. */
export async function openReading(
  folder: string, owner: LogOwner, order: ActsOrder, connect: () => Promise<LiveSession>, signal?: AbortSignal,
): Promise<UndoReading> {
  if ('pair' in order) return readCopyBack(await connect(), order);
  const { gtids } = order;
  const { set } = await fromTransactionOn(owner, gtids, signal);
  return readUndo(folder, { session: await connect(), dump: await connect(), gtids, range: set.toLine() }, signal);
}
