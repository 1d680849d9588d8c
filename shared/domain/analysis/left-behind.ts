// What an emergency left behind: old primaries whose place an instance took, and that did not come home yet.
import { onlyHere } from './only-here';
import type { InstanceView } from '../fleet/view';

export interface LeftBehind {
  readonly old: InstanceView;
  /** Milliseconds since the epoch since when it is not seen any more; null: it is seen. */
  readonly goneSince: number | null;
  /** Transactions that it had and its successor lacks, as both were last read: while it is gone it may have had more. null: not known. */
  readonly atRisk: number | null;
}

/** The old primaries that `successor` took over from, those that are gone first. */
export function leftBehindBy(successor: InstanceView, instances: readonly InstanceView[]): readonly LeftBehind[] {
  const found = instances.flatMap((old): readonly LeftBehind[] => {
    const { intent } = old.instance;
    if (intent.kind !== 'fenced' || intent.successorId !== successor.instance.id) return [];
    const { state, failingSince } = old.health;
    // A start of the program sees it fail anew; it was gone by the time it was replaced at the latest.
    const goneSince = state === 'reachable' ? null : Math.min(failingSince ?? intent.since, intent.since);
    return [{ old, goneSince, atRisk: onlyHere(old, successor)?.count ?? null }];
  });
  return found.sort((a, b) => Number(a.goneSince === null) - Number(b.goneSince === null));
}
