import { countsTransactions, executedOf, type Member, type Sample } from './input';
import { GtidSet } from '../gtid/set';
import type { SyncLink } from '../fleet/topology';

/** What is remembered of one link between two looks at it. */
export interface Suspicion {
  /** End of the standby's reading and beginning of the source's that the sets were last compared by. */
  readonly standbyEndedAt: number;
  readonly sourceStartedAt: number;
  /** On the standby and not on the source at that comparison. */
  readonly suspected: GtidSet;
  /** Suspected in two comparisons of different readings: errant. */
  readonly confirmed: GtidSet;
}

/**
 * Transactions that a standby has and its source has not, without false alarms: the standby's reading must be over
 * before the source's begins (a source only gains transactions), and what is missing must be missing again in a second,
 * later pair of readings. While the pair stays the same, so does what was found.
 */
export function suspectErrant(link: SyncLink, replica: Member, source: Member | null, before: Suspicion | undefined): Suspicion | undefined {
  if (source?.current == null || link.state === 'not-synchronised') return source === null ? undefined : before;
  const pair = comparable(replica, source.current);
  if (pair === null) return before;
  const [standbySet, sourceSet] = [executedOf(pair.facts), executedOf(source.current.facts)];
  if (standbySet === null || sourceSet === null || !countsTransactions(source.current.facts)) return before;
  const suspected = standbySet.subtract(sourceSet);
  const read = { standbyEndedAt: pair.endedAt, sourceStartedAt: source.current.startedAt, suspected };
  if (suspected.isEmpty()) return { ...read, confirmed: GtidSet.empty };
  if (before === undefined) return { ...read, confirmed: GtidSet.empty };
  const bothNew = pair.endedAt > before.standbyEndedAt && source.current.startedAt > before.sourceStartedAt;
  if (!bothNew) return before;
  return { ...read, confirmed: suspected.intersect(before.suspected) };
}

/** The newest reading of the standby that was over before the source's began. */
function comparable(replica: Member, source: Sample): Sample | null {
  return [replica.current, replica.previous].find((sample) => sample !== null && sample.endedAt < source.startedAt) ?? null;
}
