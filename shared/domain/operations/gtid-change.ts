import type { AppError } from '../../errors/codes';
import type { Message } from '../../i18n/message';
import type { GtidMode } from '../fleet/facts';
import type { Plan, PlannedSql, PlannedStep } from '../tasks/plan';

/** The rungs of gtid_mode, from none to all; a server moves one at a time, all servers of a topology together. */
const gtidModes = ['OFF', 'OFF_PERMISSIVE', 'ON_PERMISSIVE', 'ON'] as const satisfies readonly GtidMode[];
export const consistencyLevels = ['OFF', 'WARN', 'ON'] as const;
export type GtidConsistency = (typeof consistencyLevels)[number];

/** One channel of a replica, as the change to GTID needs to know it. */
export interface GtidLink {
  /** Empty for the default channel. */
  readonly channel: string;
  /** Registered source; null: it is not registered, and `source` says where it is. */
  readonly sourceId: string | null;
  /** Its name, or `host:port`. */
  readonly source: string;
  readonly autoPosition: boolean;
  /** What stands in the way of replication now; null: both threads run. */
  readonly trouble: string | null;
  readonly delaySeconds: number;
  /** ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS is on. */
  readonly assignsGtids: boolean;
}

/** A server of the topology that was read. */
export interface GtidServer {
  readonly id: string;
  readonly name: string;
  readonly uuid: string | null;
  readonly version: string;
  /** gtid_mode can be changed at run time (5.7.6+). */
  readonly online: boolean;
  readonly mode: GtidMode;
  readonly consistency: GtidConsistency;
  readonly executed: string;
  /** Ongoing_anonymous_transaction_count; null before 5.7.6. */
  readonly anonymous: number | null;
  readonly links: readonly GtidLink[];
  /** Replicas that are connected and not registered, by address. */
  readonly strangers: readonly string[];
  /** Privileges the change needs and the login lacks. */
  readonly missing: readonly string[];
  /** Lines for the option file, so that the change outlives a restart (before 8.0), or is made at all (before 5.7.6). */
  readonly configLines: readonly string[];
  /** What SET PERSIST keeps now; null: nothing. */
  readonly persisted: { readonly mode: string | null; readonly consistency: string | null };
}

/** A server that belongs to the topology, by what is known of it, and does not answer. */
export interface AwayServer {
  readonly id: string;
  readonly name: string;
  readonly error: AppError;
}

/** A source and everything that replicates from it, or that it replicates from, as read now. */
export interface GtidTopology {
  /** The source: the server above the one that was asked for, or that one itself. */
  readonly sourceId: string;
  readonly servers: readonly GtidServer[];
  readonly away: readonly AwayServer[];
  /** Registered instances that were never read and do not answer: they might belong to it. */
  readonly unknown: readonly string[];
}

/** The steps of the change in their one order. Manual: "Enabling GTID Transactions Online". */
const gtidStepIds = ['warn', 'watch', 'enforce', 'off-permissive', 'on-permissive', 'drain', 'on', 'auto-position', 'confirm'] as const;
export type GtidStepId = (typeof gtidStepIds)[number];

/** What a server was before, and where it goes: the durable basis of the task and of its way back. */
export interface GtidMember {
  readonly id: string;
  readonly name: string;
  readonly mode: GtidMode;
  readonly consistency: GtidConsistency;
  readonly persisted: { readonly mode: string | null; readonly consistency: string | null };
  readonly configLines: readonly string[];
  readonly links: readonly { readonly channel: string; readonly sourceId: string; readonly autoPosition: boolean }[];
}

/** So long violations are watched for at most, seconds: a week. */
export const longestWatchSeconds = 604_800;

const modeOf: Partial<Record<GtidStepId, GtidMode>> = { 'off-permissive': 'OFF_PERMISSIVE', 'on-permissive': 'ON_PERMISSIVE', 'on': 'ON' };
const consistencyOf: Partial<Record<GtidStepId, GtidConsistency>> = { warn: 'WARN', enforce: 'ON' };
const rungOf = (mode: GtidMode): number => gtidModes.indexOf(mode);
const levelOf = (consistency: GtidConsistency): number => consistencyLevels.indexOf(consistency);

/** A change of one variable on one server; `last`: with it the server is back where it was before the task. */
export type GtidSetting =
  | { readonly variable: 'gtid_mode'; readonly value: GtidMode; readonly last: boolean }
  | { readonly variable: 'enforce_gtid_consistency'; readonly value: GtidConsistency; readonly last: boolean };

/** What a step sets on a server that stood as `before` says; null: nothing, it was there already. */
export function settingOf(step: GtidStepId, before: Pick<GtidMember, 'mode' | 'consistency'>): GtidSetting | null {
  const mode = modeOf[step];
  if (mode !== undefined) return rungOf(before.mode) < rungOf(mode) ? { variable: 'gtid_mode', value: mode, last: false } : null;
  const consistency = consistencyOf[step];
  if (consistency === undefined) return null;
  return levelOf(before.consistency) < levelOf(consistency) ? { variable: 'enforce_gtid_consistency', value: consistency, last: false } : null;
}

/** How that step is taken back: one rung down, never below where the server stood. */
export function undoSettingOf(step: GtidStepId, before: Pick<GtidMember, 'mode' | 'consistency'>): GtidSetting | null {
  const done = settingOf(step, before);
  if (done === null) return null;
  if (done.variable === 'gtid_mode') {
    const value = gtidModes[rungOf(done.value) - 1] ?? 'OFF';
    return { variable: 'gtid_mode', value, last: value === before.mode };
  }
  const value = consistencyLevels[levelOf(done.value) - 1] ?? 'OFF';
  return { variable: 'enforce_gtid_consistency', value, last: value === before.consistency };
}

/** Whether a server that stands at `now` has to be moved for a step forward (`up`) or back. */
export function isBeyond(setting: GtidSetting, now: { readonly mode: GtidMode; readonly consistency: GtidConsistency }, way: 'up' | 'down'): boolean {
  const [at, to] = setting.variable === 'gtid_mode' ? [rungOf(now.mode), rungOf(setting.value)] : [levelOf(now.consistency), levelOf(setting.value)];
  return way === 'up' ? at >= to : at <= to;
}

/** The steps that this topology needs: a rung that every server has passed already is left out. */
export function stepsOf(members: readonly GtidMember[]): readonly GtidStepId[] {
  const sets = (step: GtidStepId): boolean => members.some((member) => settingOf(step, member) !== null);
  return gtidStepIds.filter((step) => {
    switch (step) {
      case 'watch':
        return sets('enforce');
      case 'drain':
        return sets('on');
      case 'auto-position':
        return members.some(({ links }) => links.some(({ autoPosition }) => !autoPosition));
      case 'confirm':
        return true;
      case 'warn':
      case 'enforce':
      case 'off-permissive':
      case 'on-permissive':
      case 'on':
        return sets(step);
    }
  });
}

/** Servers from the sources down, each level after those it follows; null: they follow each other in a circle. */
export function levelsOf<Server extends { readonly id: string; readonly links: readonly { readonly sourceId: string | null }[] }>(
  servers: readonly Server[],
): readonly (readonly Server[])[] | null {
  const ids = new Set(servers.map(({ id }) => id));
  const levels: Server[][] = [];
  const placed = new Set<string>();
  while (placed.size < servers.length) {
    const level = servers.filter(
      ({ id, links }) => !placed.has(id) && links.every(({ sourceId }) => sourceId === null || !ids.has(sourceId) || placed.has(sourceId)),
    );
    if (level.length === 0) return null;
    levels.push(level);
    for (const { id } of level) placed.add(id);
  }
  return levels;
}

export interface BinlogPoint {
  readonly file: string;
  readonly position: number;
}

/** Whether an applier that stands at `at` has applied everything before `wanted`; files are told apart by their number. */
export function hasReached(at: BinlogPoint, wanted: BinlogPoint): boolean {
  const numberOf = (file: string): number => Number(file.slice(file.lastIndexOf('.') + 1));
  const [left, right] = [numberOf(at.file), numberOf(wanted.file)];
  if (!Number.isInteger(left) || !Number.isInteger(right)) return false;
  return left === right ? at.position >= wanted.position : left > right;
}

/** What of a topology must still be so when the word was typed. */
export function basisOf({ sourceId, servers, away }: GtidTopology): string {
  const lines = servers.map(({ id, uuid, mode, consistency, links }) => {
    const follows = links.map((link) => `${link.channel}<${link.sourceId ?? link.source}/${link.autoPosition}`).sort().join(' ');
    return `${id} ${uuid ?? ''} ${mode} ${consistency} ${follows}`;
  });
  return [sourceId, ...lines.sort(), ...away.map(({ id }) => id).sort()].join('\n');
}

/** One server of the plan, as it stands. */
export interface GtidPlanServer {
  readonly instanceId: string;
  readonly name: string;
  /** What it follows, by name; empty: nothing, it is a source. */
  readonly follows: readonly string[];
  /** null: it does not answer. */
  readonly now: {
    readonly version: string;
    readonly mode: GtidMode;
    readonly consistency: GtidConsistency;
    readonly anonymous: number | null;
    readonly autoPosition: boolean | null;
  } | null;
  /** Lines that its option file needs. */
  readonly configLines: readonly string[];
  /** Its version changes GTID mode by a restart only. */
  readonly needsRestart: boolean;
}

export interface GtidPlannedStep extends PlannedStep {
  readonly stepId: GtidStepId;
  /** What is waited for before it counts as done; null: nothing. */
  readonly wait: Message | null;
  /** How it is taken back. */
  readonly back: readonly PlannedSql[];
  readonly backText: Message;
}

/** The guided change to GTID of one topology, before it is made. */
export interface GtidPlan extends Plan {
  readonly steps: readonly GtidPlannedStep[];
  readonly sourceId: string;
  readonly sourceName: string;
  readonly watchSeconds: number;
  readonly servers: readonly GtidPlanServer[];
}

export interface GtidRequest {
  /** Any server of the topology. */
  readonly instanceId: string;
  /** How long statements that GTID would refuse are looked out for. 0: not at all. */
  readonly watchSeconds: number;
}
