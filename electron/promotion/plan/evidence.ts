import { errorOf } from '../../../shared/errors/codes';
import type { InstanceFacts, ReplicaChannel } from '../../../shared/domain/fleet/facts';
import type { ProbeOutcome, Witness } from '../../../shared/domain/promotion/evidence';
import type { ScheduledEvent } from '../../../shared/domain/promotion/events';
import type { FleetAccess, FleetObserved } from '../../fleet/types';
import { limit } from '../../mysql/time';
import { eventsOn } from '../../replication/events';
import { gtidStanding } from '../../replication/gtid';

/** How long one bystander may take to say what it sees. */
const WITNESS_LIMIT_MS = 4000;
const PROBE_LIMIT_MS = 3000;
/** read_only alone (before 5.7.8) does not close a server to accounts with SUPER. */
const CLOSED = 'SELECT @@GLOBAL.super_read_only AS closed';

/**
 * What a replica says of a source, from its facts. It speaks of the server that a channel of its follows, by uuid, and of no other: without
 * a channel that `follows` it says nothing.
 */
export function witnessOf(name: string, facts: InstanceFacts, follows: (channel: ReplicaChannel) => boolean = () => true): Witness {
  const channel = facts.channels.find(follows);
  return {
    name,
    receiver: channel?.receiver ?? 'stopped',
    errno: channel?.receiverError?.errno ?? 0,
    heartbeatAgeSeconds: channel?.lastHeartbeatAgeSeconds ?? null,
    heartbeatPeriodSeconds: channel?.heartbeatPeriodSeconds ?? null,
  };
}

/** Facts of other replicas, each under its own limit; one that does not answer is left out. */
export async function readBystanders(
  fleet: FleetAccess & FleetObserved,
  ids: readonly string[],
): Promise<readonly { readonly id: string; readonly facts: InstanceFacts }[]> {
  const readings = await Promise.all(
    ids.map(async (id) => {
      // A frozen server accepts the connection and then says nothing: the limit is on the whole reading.
      const over = new AbortController();
      const facts = await limit(fleet.readFacts(id, over.signal).catch(() => null), WITNESS_LIMIT_MS, () => {
        over.abort();
        return null;
      });
      return facts === null ? null : { id, facts };
    }),
  );
  return readings.filter((reading) => reading !== null);
}

/** What came of our own attempt to reach the source. */
export interface Probe {
  readonly outcome: ProbeOutcome;
  /** Its set and its uuid; null: it did not answer. */
  readonly executed: string | null;
  readonly uuid: string | null;
  /** When it was asked, milliseconds since the epoch: what it took after that is not in its set. null: it did not answer. */
  readonly askedAt: number | null;
  /** It refused every write, those of privileged accounts too, before its set was read. */
  readonly fenced: boolean;
  /** Its scheduled events; null: they could not be read. */
  readonly events: readonly ScheduledEvent[] | null;
}

/** Of a source that is not registered nobody can ask anything. */
export const unprobed: Probe = { outcome: 'unreachable', executed: null, uuid: null, askedAt: null, fenced: false, events: null };

/** Our own attempt to reach the source, and what it says of itself where it answers. */
export async function probeSource(fleet: FleetAccess & FleetObserved, sourceId: string, clock: () => number): Promise<Probe> {
  try {
    return await fleet.withSession(
      sourceId,
      async (session): Promise<Probe> => {
        const [row] = session.dialect.features.hasSuperReadOnly ? await session.query<{ closed: number | string }>(CLOSED) : [];
        const askedAt = clock();
        const { executed, uuid } = await gtidStanding(session);
        const events = await eventsOn(session).catch(() => null);
        return { outcome: 'answers', executed: executed.toLine(), uuid, askedAt, fenced: Number(row?.closed) === 1, events };
      },
      { timeoutMs: PROBE_LIMIT_MS, queryTimeoutMs: PROBE_LIMIT_MS },
    );
  } catch (thrown) {
    return { ...unprobed, outcome: outcomeOf(thrown) };
  }
}

function outcomeOf(thrown: unknown): ProbeOutcome {
  const { code } = errorOf(thrown);
  switch (code) {
    case 'login-refused':
    case 'host-not-allowed':
    case 'host-blocked':
    case 'auth-plugin-unsupported':
    case 'password-expired':
    case 'too-many-connections':
    case 'tls-untrusted':
    case 'tls-name-mismatch':
    case 'tls-expired':
      return 'login-refused';
    case 'tcp-refused':
      return 'connection-refused';
    case 'tcp-timeout':
    case 'query-timeout':
      return 'timed-out';
    default:
      return 'unreachable';
  }
}
