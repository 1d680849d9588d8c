import type { AppError } from '../../errors/codes';
import type { ChannelFilters, InstanceFacts, InstanceHealth, ReplicaChannel } from '../fleet/facts';
import { GtidSet, tryParseGtidSet } from '../gtid/set';
import type { Instance } from '../fleet/instance';
import { isNarrowed } from '../scope/live-filters';
import type { Breach } from '../monitoring/thresholds';
import type { Comparison } from '../verification/state';

/** One reading and the moments (this workstation's clock, milliseconds) between which it was taken. */
export interface Sample {
  readonly facts: InstanceFacts;
  readonly startedAt: number;
  readonly endedAt: number;
}

/**
 * The filters that a sync task wants in force; null: none. Nothing is told of them while it is at work: `changing` on those of a part,
 * `linking` on a link of a whole instance, which is to have none.
 */
export type ExpectedFilters = ChannelFilters | null | 'changing' | 'linking';

/** Whether readings guard filters: those of a part, which a restart of its standby takes away. */
export function guardsFilters(expected: ExpectedFilters | undefined): boolean {
  if (expected === undefined || expected === null || expected === 'linking') return false;
  return expected === 'changing' || isNarrowed(expected);
}

/** One registered instance as the analyses see it. */
/** Where a partial standby and the scope of its task parted: tables by name, `database.table`. */
export interface ScopeFindings {
  /** Renamed out of the scope: here, and standing still. */
  readonly strayed: readonly string[];
  /** In another character set or collation than on the source. */
  readonly otherText: readonly string[];
  /** In scope and not here. */
  readonly missing: readonly string[];
}

export const noScopeFindings: ScopeFindings = { strayed: [], otherText: [], missing: [] };

export interface Member {
  readonly instance: Instance;
  readonly health: InstanceHealth;
  /** Why it could not be read the last time; null while it can, or before the first attempt. */
  readonly error: AppError | null;
  /** Why nothing could be concluded from what was read: a fault of this program. */
  readonly fault?: string;
  /** The newest reading, kept while the server is away. */
  readonly current: Sample | null;
  /** The reading before it. */
  readonly previous: Sample | null;
  /** undefined: no sync task speaks for it. */
  readonly expectedFilters?: ExpectedFilters;
  /** Where it and the scope of its sync task parted. */
  readonly scopeFindings?: ScopeFindings;
  /** What comparisons of its link found, as its sync task keeps it. */
  readonly comparison?: Comparison;
  /** Thresholds of monitoring that its values are past. */
  readonly breaches?: readonly Breach[];
  /** It is not watched, on somebody's word. */
  readonly isPaused?: boolean;
  /** Connections that this engine opened to hold the server's lock. */
  readonly ownLocks?: ReadonlySet<number>;
}

/** From when on things are called a problem. */
export interface Thresholds {
  readonly lagWarningSeconds: number;
  readonly clockSkewMs: number;
  readonly relayLogBytes: number;
  /** A certificate that ends within so many days is told. */
  readonly certificateDays: number;
  /** How long a restart is told. */
  readonly restartNoticeSeconds: number;
}

export const defaultThresholds: Omit<Thresholds, 'lagWarningSeconds'> = {
  clockSkewMs: 1000,
  relayLogBytes: 2 ** 30,
  certificateDays: 30,
  restartNoticeSeconds: 600,
};

const parsed = new WeakMap<InstanceFacts, { readonly executed: GtidSet | null; readonly purged: GtidSet | null }>();
const received = new WeakMap<ReplicaChannel, GtidSet | null>();

/** gtid_executed of a reading as a set, parsed once; null where it is no GTID set. */
export function executedOf(facts: InstanceFacts): GtidSet | null {
  return setsOf(facts).executed;
}

/** gtid_purged of a reading as a set, parsed once; null where it is no GTID set. */
export function purgedOf(facts: InstanceFacts): GtidSet | null {
  return setsOf(facts).purged;
}

/** Retrieved_Gtid_Set of a channel as a set, parsed once; null where it is no GTID set. */
export function receivedOf(channel: ReplicaChannel): GtidSet | null {
  let set = received.get(channel);
  if (set === undefined) {
    set = setOf(channel.received);
    received.set(channel, set);
  }
  return set;
}

/** What a replica has, applied or waiting in its relay log; null where either is no GTID set. */
export function holdingsOf(facts: InstanceFacts, channel: ReplicaChannel): GtidSet | null {
  const [executed, waiting] = [executedOf(facts), receivedOf(channel)];
  return executed === null || waiting === null ? null : executed.union(waiting);
}

/** True where transactions are numbered on this server, so that sets of them mean something. */
export function countsTransactions(facts: InstanceFacts): boolean {
  return facts.server.gtidMode === 'ON' || facts.server.gtidMode === 'ON_PERMISSIVE';
}

/** The number of transactions of a set as far as a number goes. */
export function countOf(set: GtidSet): number {
  return Number(set.count());
}

/** True for a server that was read just now and takes writes of ordinary accounts. */
export function isWritable(member: Member): boolean {
  const server = member.current?.facts.server;
  return member.health.state === 'reachable' && server !== undefined && !server.readOnly && server.superReadOnly !== true;
}

/** The server's identity: as last read, else as registered. */
export function uuidOf(member: Member): string | null {
  return (member.current?.facts.server.uuid ?? member.instance.serverUuid)?.toLowerCase() ?? null;
}

function setsOf(facts: InstanceFacts): { readonly executed: GtidSet | null; readonly purged: GtidSet | null } {
  let sets = parsed.get(facts);
  if (sets === undefined) {
    sets = { executed: setOf(facts.gtid.executed), purged: setOf(facts.gtid.purged) };
    parsed.set(facts, sets);
  }
  return sets;
}

function setOf(text: string): GtidSet | null {
  const set = tryParseGtidSet(text);
  return set instanceof GtidSet ? set : null;
}
