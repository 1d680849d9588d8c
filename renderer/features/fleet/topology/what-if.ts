import type { InstanceView } from '../../../../shared/domain/fleet/view';
import { transactionsAtRisk, type Lag } from '../../../../shared/domain/fleet/lag';
import { followsNow, isPartial, linkStandingOf, type StandingClock } from '../../../../shared/domain/analysis/standing';

/** A standby elsewhere that could take over from a lost primary. */
export interface Successor {
  readonly standby: InstanceView;
  readonly lag: Lag | null;
  /** Transactions that would be lost at most, as last seen; null: cannot be told. */
  readonly lostTransactions: number | null;
  /** Local replicas that go on behind it: what takes over is a pair. */
  readonly localReplicas: readonly InstanceView[];
}

interface LostPrimary {
  readonly primary: InstanceView;
  /** Best first: replicating before not, then the least not received. Empty: nobody. */
  readonly successors: readonly Successor[];
  /** Standbys elsewhere that are not watched: whether they could take over is not known. */
  readonly unwatched: readonly InstanceView[];
}

/** What would be if every server of a region were gone now. */
export interface RegionLoss {
  readonly lostPrimaries: readonly LostPrimary[];
  /** Primaries elsewhere that would be left without any DR standby. */
  readonly unprotected: readonly InstanceView[];
  /** Primaries elsewhere that would be left without one that is known: what protects them, there or elsewhere, is not watched. */
  readonly doubtful: readonly InstanceView[];
  /** Standbys and their local replicas in that region: they go with it. */
  readonly lostStandbys: readonly InstanceView[];
  /** Servers in that region that are not watched: what they are, and what would be lost with them, is not known. */
  readonly unwatched: readonly InstanceView[];
}

/** Concludes from the facts at hand; nothing is read. Only standbys of other regions count as successors, and only what is watched counts at all. */
export function regionLoss(regionId: string, instances: readonly InstanceView[], clock: StandingClock): RegionLoss {
  const here = (view: InstanceView): boolean => view.instance.regionId === regionId;
  const watched = instances.filter(({ paused }) => paused === null);
  const lostPrimaries = watched
    .filter((view) => here(view) && view.role === 'primary')
    .map((primary) => ({
      primary,
      unwatched: instances.filter((view) => view.paused !== null && view.role === 'standby' && view.sourceId === primary.instance.id && !here(view)),
      successors: watched
        .filter((view) => view.role === 'standby' && view.sourceId === primary.instance.id && !here(view))
        .map((standby) => ({ standby, lag: standby.lag, lostTransactions: standby.lag === null ? null : transactionsAtRisk(standby.lag), localReplicas: watched.filter((view) => view.role === 'local-replica' && view.sourceId === standby.instance.id && followsNow(view, clock)) }))
        .sort(
          (a, b) =>
            readiness(b, clock) - readiness(a, clock) ||
            (a.lostTransactions ?? Infinity) - (b.lostTransactions ?? Infinity) ||
            (a.lag?.toApply ?? Infinity) - (b.lag?.toApply ?? Infinity) ||
            a.standby.instance.name.localeCompare(b.standby.instance.name),
        ),
    }));
  const lostStandbys = watched.filter((view) => here(view) && (view.role === 'standby' || view.role === 'local-replica'));
  return { lostPrimaries, lostStandbys, ...leftAlone(regionId, instances), unwatched: instances.filter((view) => view.paused !== null && here(view)) };
}

/** Primaries elsewhere of whose standbys some are in the region and none elsewhere is known to be left. */
function leftAlone(regionId: string, instances: readonly InstanceView[]): Pick<RegionLoss, 'unprotected' | 'doubtful'> {
  const byId = new Map(instances.map((view) => [view.instance.id, view]));
  const alone = instances.filter((view) => view.role === 'primary' && view.instance.regionId !== regionId).flatMap((view) => {
    const standbys = view.protectedBy.map((id) => byId.get(id));
    const isThere = (one: InstanceView | undefined): boolean => one?.instance.regionId === regionId;
    if (!standbys.some(isThere) || standbys.some((one) => !isThere(one) && one?.paused == null)) return [];
    return [{ view, isKnown: view.paused === null && standbys.every((one) => one?.paused == null) }];
  });
  return {
    unprotected: alone.flatMap(({ view, isKnown }) => (isKnown ? [view] : [])),
    doubtful: alone.flatMap(({ view, isKnown }) => (isKnown ? [] : [view])),
  };
}

/** What is at hand and well comes first, then what has something wrong with it or is not known, then what holds a part, and what cannot be seen. */
function readiness({ standby, lag }: Successor, clock: StandingClock): number {
  if (standby.health.state !== 'reachable') return 0;
  if (isPartial(standby)) return 1;
  if (lag === null || lag.state === 'unknown') return 2;
  return lag.state === 'not-replicating' || linkStandingOf(standby, lag, clock).tone === 'bad' ? 3 : 4;
}
