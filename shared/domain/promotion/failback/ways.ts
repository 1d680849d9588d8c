import { message, type Message } from '../../../i18n/message';
import type { SeedProposal } from '../../sync/sync';
import type { RejoinWay, WayVerdict } from './failback';
import type { BothServers } from './reading';

/** What the ways are judged by. */
export interface WayFacts {
  readonly servers: BothServers;
  /** The identity of the server that was the primary; null: it was never read. */
  readonly formerUuid: string | null;
  /** What a first copy would be; null: that could not be told. */
  readonly proposal: Pick<SeedProposal, 'seed' | 'reason' | 'estimateSeconds' | 'alternatives'> | null;
}

/** Every way to rejoin with its verdict, the best first. */
export function waysOf(facts: WayFacts): readonly WayVerdict[] {
  return [followVerdict(facts), seedVerdict('copy', facts), seedVerdict('clone', facts)];
}

/** The way that is gone where the user says nothing: to follow, else what the seed's own proposal says. null: none can be. */
export function bestWay(verdicts: readonly WayVerdict[], proposed: RejoinWay | null): RejoinWay | null {
  const possible = verdicts.filter((verdict) => verdict.possible).map(({ way }) => way);
  if (possible.includes('follow')) return 'follow';
  return proposed !== null && possible.includes(proposed) ? proposed : (possible[0] ?? null);
}

/** Whether another server answers at the address of the one that burnt. */
export function isOtherServer({ oldUuid }: Pick<BothServers, 'oldUuid'>, formerUuid: string | null): boolean {
  return formerUuid !== null && formerUuid.toLowerCase() !== oldUuid.toLowerCase();
}

function followVerdict({ servers, formerUuid }: WayFacts): WayVerdict {
  const no = (reason: Message): WayVerdict => ({ way: 'follow', possible: false, reason, estimateSeconds: null });
  if (isOtherServer(servers, formerUuid)) return no(message('failback.way.other-server'));
  if (servers.divergence === null) return no(message('failback.way.no-gtids'));
  if (servers.divergence.count > 0) return no(message('failback.way.divergent', { n: servers.divergence.count }));
  if (!servers.logThere) return no(message('failback.way.purged'));
  return { way: 'follow', possible: true, reason: message('failback.way.follows', { n: servers.behind ?? 0 }), estimateSeconds: null };
}

function seedVerdict(seed: 'copy' | 'clone', { proposal }: WayFacts): WayVerdict {
  if (proposal === null) return { way: seed, possible: seed === 'copy', reason: message('failback.way.seed-unread'), estimateSeconds: null };
  if (proposal.seed === seed) return { way: seed, possible: true, reason: proposal.reason, estimateSeconds: proposal.estimateSeconds };
  const other = proposal.alternatives.find((one) => one.seed === seed);
  return { way: seed, possible: other?.possible ?? false, reason: other?.reason ?? message('failback.way.seed-unread'), estimateSeconds: null };
}
