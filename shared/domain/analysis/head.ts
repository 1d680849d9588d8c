import type { Member } from './input';
import { hearsSource, lagOf } from './lag';
import { primariesOf, type Relations } from './role';
import type { HeadLag } from '../fleet/lag';
import type { LinkState, SyncLink } from '../fleet/topology';

const halted: readonly LinkState[] = ['connecting', 'broken', 'stopped', 'not-synchronised'];

/**
 * Lag to the primary at the head, for a replica whose source is a replica itself; null for every other. Seconds rest on
 * the commit times of the head (its transactions carry them down the chain), transactions on the head's own set. A link
 * that stands still anywhere on the way makes it `not-replicating`: the replica may have all that its source has and
 * still fall behind.
 */
export function headLagOf(member: Member, link: SyncLink | null, relations: Relations): HeadLag | null {
  const channel = member.current?.facts.channels.find((one) => one.name === link?.channel);
  if (member.current === null || channel === undefined || link?.sourceId == null || relations.circular.has(member.instance.id)) return null;
  const [headId] = primariesOf(member.instance.id, relations);
  const head = headId === undefined ? undefined : relations.members.get(headId);
  if (headId === undefined || head === undefined || headId === link.sourceId) return null;
  const way = wayTo(headId, link.sourceId, relations);
  const lag = lagOf({
    channel,
    replica: member.current,
    replicaHealth: member.health.state,
    source: [head.current, head.previous].filter((sample) => sample !== null),
    sourceHealth: head.health.state,
    throughSource: { heard: hearsSource(channel) && way.every(({ replicaId, channel: name }) => heard(relations.members.get(replicaId), name)) },
  });
  const stands = way.some(({ state }) => halted.includes(state));
  return { headId, lag: stands ? { ...lag, state: 'not-replicating', seconds: null, measure: null } : lag };
}

function heard(member: Member | undefined, channelName: string): boolean {
  const channel = member?.current?.facts.channels.find((one) => one.name === channelName);
  return member?.health.state === 'reachable' && channel !== undefined && hearsSource(channel);
}

/** The links from the head down to an instance. */
function wayTo(headId: string, id: string, { linksOf }: Relations): readonly SyncLink[] {
  const way: SyncLink[] = [];
  const seen = new Set<string>();
  for (let at: string | null = id; at !== null && at !== headId && !seen.has(at); ) {
    seen.add(at);
    const up: SyncLink | undefined = linksOf.get(at)?.[0];
    if (up !== undefined) way.push(up);
    at = up?.sourceId ?? null;
  }
  return way;
}
