import { countOf, countsTransactions, executedOf } from './input';
import type { InstanceView } from '../fleet/view';

/** What an old primary holds that its successor lacks, as both were last read. */
export interface OnlyHere {
  readonly count: number;
  /** The GTIDs. */
  readonly set: string;
  /** Of the older of both readings, milliseconds since the epoch. */
  readonly at: number;
}

/**
 * The transactions of `old` that `successor` has not; null where one of them was not read, or does not number its
 * transactions. Read first the old one (fenced, it gains nothing), then the successor: what is missing is missing then.
 */
export function onlyHere(old: Pick<InstanceView, 'facts'>, successor: Pick<InstanceView, 'facts'> | undefined): OnlyHere | null {
  const [mine, theirs] = [old.facts, successor?.facts ?? null];
  if (mine === null || theirs === null || !countsTransactions(mine) || !countsTransactions(theirs)) return null;
  const [own, other] = [executedOf(mine), executedOf(theirs)];
  if (own === null || other === null) return null;
  const set = own.subtract(other);
  return { count: countOf(set), set: set.toLine(), at: Math.min(mine.sampledAt, theirs.sampledAt) };
}
