import { onlyHere, type OnlyHere } from '../../analysis/only-here';
import { countOf, executedOf } from '../../analysis/input';
import type { InstanceFacts, ReplicaChannel } from '../../fleet/facts';
import type { InstanceView } from '../../fleet/view';
import { parseGtidSet, type GtidSet } from '../../gtid/set';
import type { Following, UnsecuredPart } from './failback';

/** Both servers of a failback, as they were read just now: the old primary first, its successor second. */
export interface FailbackReading {
  /** null: one of both was not reached, or could not be read. */
  readonly servers: BothServers | null;
  /** One of both is not watched; then what was read of it counts for nothing. */
  readonly isUnwatched: boolean;
}

/** What was read of both. */
export interface BothServers {
  readonly oldUuid: string;
  /** Servers that replicate from the one at the old address, its successor apart. */
  readonly replicas: number;
  readonly unsecured: readonly UnsecuredPart[];
  /** How the old primary follows its successor, and the other way round. */
  readonly oldFollows: Following;
  readonly successorFollows: Following;
  /** null: one of both does not number its transactions. */
  readonly divergence: OnlyHere | null;
  /** Transactions that the successor has and the old primary lacks. */
  readonly behind: number | null;
  /** Of those, how many are the old primary's own: it has forgotten them, see {@link forgotten}. */
  readonly setBack: number;
  /** The successor still has the binary log of everything that the old primary lacks. */
  readonly logThere: boolean;
}

type View = Pick<InstanceView, 'facts' | 'health' | 'paused'>;

/** What a reading of both servers says for a failback. */
export function readingOf(old: View, successor: View): FailbackReading {
  const facts = (view: View): InstanceFacts | null => (view.health.state === 'reachable' ? view.facts : null);
  const isUnwatched = old.paused !== null || successor.paused !== null;
  const [mine, theirs] = [facts(old), facts(successor)];
  if (mine === null || theirs === null || mine.server.uuid === null || theirs.server.uuid === null) return { servers: null, isUnwatched };
  const link = channelTo(mine, theirs.server.uuid);
  const [own, other] = [executedOf(mine), executedOf(theirs)];
  return {
    isUnwatched,
    servers: {
      oldUuid: mine.server.uuid,
      replicas: mine.replicas.filter(({ uuid }) => uuid !== theirs.server.uuid).length,
      unsecured: unsecuredOf(mine, link),
      oldFollows: followingOf(link),
      successorFollows: followingOf(channelTo(theirs, mine.server.uuid)),
      divergence: onlyHere({ facts: mine }, { facts: theirs }),
      behind: own === null || other === null ? null : countOf(other.subtract(own)),
      setBack: own === null || other === null ? 0 : countOf(forgotten(own, other, mine.server.uuid)),
      logThere: own !== null && parseGtidSet(theirs.gtid.purged).isSubsetOf(own),
    },
  };
}

/**
 * Transactions that a server made itself, that another one has, and that it lacks: it was restored from a copy of before, or lost the end of its log as it
 * crashed. It does not take them from anybody, since they bear its own server_id, and what it wrote since may bear their numbers.
 */
export const forgotten = (own: GtidSet, other: GtidSet, uuid: string): GtidSet => other.subtract(own).onlyFrom(uuid);

const channelTo = ({ channels }: InstanceFacts, uuid: string): ReplicaChannel | null => channels.find(({ sourceUuid }) => sourceUuid === uuid) ?? null;

function followingOf(channel: ReplicaChannel | null): Following {
  if (channel === null) return 'no';
  return channel.receiver === 'running' && channel.applier === 'running' ? 'running' : 'stopped';
}

/** A binary log that is kept for ever says 0; what a server does not say counts against it. */
function unsecuredOf({ server, channels }: InstanceFacts, link: ReplicaChannel | null): readonly UnsecuredPart[] {
  const closed = server.superReadOnly ?? server.readOnly;
  const active = channels.some((channel) => channel !== link && (channel.receiver !== 'stopped' || channel.applier === 'running'));
  return [
    ...(closed ? [] : ['writes' as const]),
    ...(active ? ['channels' as const] : []),
    ...(server.eventScheduler === 'ON' ? ['events' as const] : []),
    ...(server.logBin && server.binlogExpireSeconds !== 0 ? ['log' as const] : []),
  ];
}
