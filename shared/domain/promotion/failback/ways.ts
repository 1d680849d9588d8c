import { message, type Message } from '../../../i18n/message';
import type { SeedProposal } from '../../sync/sync';
import type { RejoinWay, WayVerdict } from './failback';
import type { BothServers } from './reading';
import type { UndoState } from './undo';

/** Transactions a second, cautiously: fetched across regions and applied; read from the log, compared row by row and taken back. */
const perSecond = { follow: 500, undo: 50 } as const;

const secondsFor = (way: keyof typeof perSecond, transactions: number): number => Math.ceil(transactions / perSecond[way]) + 1;

/** What the ways are judged by. */
export interface WayFacts {
  readonly servers: BothServers;
  /** The identity of the server that was the primary; null: it was never read. */
  readonly formerUuid: string | null;
  /** The link carries everything; an undoing cannot tell what others own. */
  readonly isWhole: boolean;
  /** What was begun of an undoing; null: nothing. */
  readonly undo: UndoState | null;
  /** What a first copy would be; null: that could not be told. */
  readonly proposal: Pick<SeedProposal, 'seed' | 'reason' | 'estimateSeconds' | 'alternatives'> | null;
}

/** Every way to rejoin with its verdict, the best first. */
export function waysOf(facts: WayFacts): readonly WayVerdict[] {
  return [followVerdict(facts), undoVerdict(facts), seedVerdict('copy', facts), seedVerdict('clone', facts)];
}

/** The way that is gone: the one that was chosen. Once an undoing is through there is nothing left but to follow. */
export function wayOf(verdicts: readonly WayVerdict[], chosen: RejoinWay | null, proposed: RejoinWay | null): RejoinWay | null {
  const canFollow = verdicts.some(({ way, possible }) => way === 'follow' && possible);
  return chosen === null || (chosen === 'undo' && canFollow) ? bestWay(verdicts, proposed) : chosen;
}

/**
 * The way that is gone where the user says nothing: to follow, else what the seed's own proposal says. null: none can be. An undoing is gone
 * on the user's word alone.
 */
export function bestWay(verdicts: readonly WayVerdict[], proposed: RejoinWay | null): RejoinWay | null {
  const possible = verdicts.filter((verdict) => verdict.possible).map(({ way }) => way);
  if (possible.includes('follow')) return 'follow';
  return proposed !== null && possible.includes(proposed) ? proposed : (possible.find((way) => way !== 'undo') ?? null);
}

/** Whether another server answers at the address of the one that burnt. */
export function isOtherServer({ oldUuid }: Pick<BothServers, 'oldUuid'>, formerUuid: string | null): boolean {
  return formerUuid !== null && formerUuid.toLowerCase() !== oldUuid.toLowerCase();
}

function followVerdict({ servers, formerUuid, undo }: WayFacts): WayVerdict {
  const no = (reason: Message): WayVerdict => ({ way: 'follow', possible: false, reason, estimateSeconds: null });
  if (isOtherServer(servers, formerUuid)) return no(message('failback.way.other-server'));
  // Its rows and its numbers may not belong together.
  if (undo === 'resetting') return no(message('failback.way.undo-broken'));
  if (servers.divergence === null) return no(message('failback.way.no-gtids'));
  if (servers.setBack > 0) return no(message('failback.way.set-back', { n: servers.setBack }));
  if (servers.divergence.count > 0) return no(message('failback.way.divergent', { n: servers.divergence.count }));
  if (!servers.logThere) return no(message('failback.way.purged'));
  return {
    way: 'follow', possible: true, reason: message('failback.way.follows', { n: servers.behind ?? 0 }),
    estimateSeconds: servers.behind === null ? null : secondsFor('follow', servers.behind),
  };
}

/** Whether what only the old primary has may be undone there. What its binary log holds of it is read, and may refuse, as it is done. */
function undoVerdict({ servers, formerUuid, isWhole, undo }: WayFacts): WayVerdict {
  const no = (reason: Message): WayVerdict => ({ way: 'undo', possible: false, reason, estimateSeconds: null });
  if (isOtherServer(servers, formerUuid)) return no(message('failback.way.other-server'));
  if (servers.divergence === null) return no(message('failback.way.no-gtids'));
  if (undo === 'resetting') return { way: 'undo', possible: true, reason: message('failback.way.undo-broken'), estimateSeconds: null };
  if (servers.setBack > 0) return no(message('failback.way.set-back', { n: servers.setBack }));
  if (servers.divergence.count === 0) return no(message('failback.way.nothing-to-undo'));
  if (!isWhole) return no(message('failback.way.undo-partial'));
  if (servers.replicas > 0) return no(message('failback.way.undo-replicas', { n: servers.replicas }));
  if (!servers.logThere) return no(message('failback.way.purged'));
  return {
    way: 'undo', possible: true, reason: message('failback.way.undoes', { n: servers.divergence.count }),
    // Undone it has to follow as well.
    estimateSeconds: servers.behind === null ? null : secondsFor('undo', servers.divergence.count) + secondsFor('follow', servers.behind),
  };
}

function seedVerdict(seed: 'copy' | 'clone', { proposal }: WayFacts): WayVerdict {
  if (proposal === null) return { way: seed, possible: seed === 'copy', reason: message('failback.way.seed-unread'), estimateSeconds: null };
  if (proposal.seed === seed) return { way: seed, possible: true, reason: proposal.reason, estimateSeconds: proposal.estimateSeconds };
  const other = proposal.alternatives.find((one) => one.seed === seed);
  return { way: seed, possible: other?.possible ?? false, reason: other?.reason ?? message('failback.way.seed-unread'), estimateSeconds: null };
}
