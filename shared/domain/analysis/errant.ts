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
  /** Suspected in two comparisons of different readings, and not made by the source: errant. */
  readonly confirmed: GtidSet;
  /** The same of the source's own uuid: it has not shown them yet (they wait for an acknowledgement), or has lost them. */
  readonly unshown: GtidSet;
}

/**
 * Transactions that a standby has and its source has not, without false alarms: the standby's reading must be over
 * before the source's begins (a source only gains transactions), and what is missing must be missing again in a second,
 * later pair of readings. While the pair stays the same, so does what was found. What the source itself has made came from it: under
 * semi-synchronous replication a standby may have executed it before the source counts it as done.
 */
export function suspectErrant(link: SyncLink, replica: Member, source: Member | null, before: Suspicion | undefined): Suspicion | undefined {
  if (source?.current == null || link.state === 'not-synchronised') return source === null ? undefined : before;
  const pair = comparable(replica, source.current);
  if (pair === null) return before;
  const [standbySet, sourceSet] = [executedOf(pair.facts), executedOf(source.current.facts)];
  if (standbySet === null || sourceSet === null || !countsTransactions(source.current.facts)) return before;
  const suspected = standbySet.subtract(sourceSet);
  const read = { standbyEndedAt: pair.endedAt, sourceStartedAt: source.current.startedAt, suspected };
  const nothing = { ...read, confirmed: GtidSet.empty, unshown: GtidSet.empty };
  if (suspected.isEmpty() || before === undefined) return nothing;
  const bothNew = pair.endedAt > before.standbyEndedAt && source.current.startedAt > before.sourceStartedAt;
  if (!bothNew) return before;
  const again = suspected.intersect(before.suspected);
  const own = source.current.facts.server.uuid === null ? GtidSet.empty : again.onlyFrom(source.current.facts.server.uuid);
  return { ...read, confirmed: again.subtract(own), unshown: own };
}

/** The newest reading of the standby that was over before the source's began. */
function comparable(replica: Member, source: Sample): Sample | null {
  return [replica.current, replica.previous].find((sample) => sample !== null && sample.endedAt < source.startedAt) ?? null;
}
