import { parseGtidSet, type GtidSet } from '../gtid/set';
import { statedLoss } from './loss';
import type { Loss } from './promotion';

/** The old primary as it was read after the promotion, and the new one. */
export interface ReturnedReading {
  readonly old: GtidSet;
  /** When the reading of it began, milliseconds since the epoch. */
  readonly readAt: number;
  /** It refuses every write, those of privileged accounts too. */
  readonly closed: boolean;
  /** What the new primary has, read after the promotion. */
  readonly successor: GtidSet;
  readonly successorUuid: string | null;
}

/**
 * The loss as it must be told once the old primary was read again; null: nothing to be told anew. It only ever grows: what was
 * known lost stays lost, also where a crash took it from the old primary. A server that holds what the new primary made since has been
 * created anew from it and is no witness any more; and only one that still has all that the standby had of it can prove a number.
 */
export function revisedLoss(told: Loss, promotionSet: GtidSet, { old, readAt, closed, successor, successorUuid }: ReturnedReading): Loss | null {
  const since = successor.subtract(promotionSet);
  if (!old.intersect(since).isEmpty()) return null;
  const known = parseGtidSet(told.set);
  const lost = known.union(old.subtract(promotionSet).subtract(successor));
  const theirs = successorUuid === null ? promotionSet : promotionSet.notFrom(successorUuid);
  const isProven = told.kind === 'exact' || (closed && known.isSubsetOf(old) && theirs.isSubsetOf(old));
  const now = statedLoss(lost, { isProven, wasSeen: true, unseenFrom: readAt, filtered: told.filtered });
  return now.kind === told.kind && lost.equals(known) ? null : now;
}
