// Semi-synchronous replication when the roles change: a commit waits until a replica says that it has received it.

/** The side of a server that waits. */
export interface WaitingSide {
  /** How its variables are called: renamed in 8.0.26, with a plugin of its own. */
  readonly word: 'source' | 'master';
  readonly enabled: boolean;
  readonly timeoutMs: number;
  /** Replicas that have to answer; null: one, and it cannot be set (before 5.7.3). */
  readonly replicas: number | null;
  /** AFTER_SYNC or AFTER_COMMIT; null: it cannot be set (before 5.7.2). */
  readonly waitPoint: string | null;
  readonly waitsWithoutReplica: boolean;
  /** Commits wait now; off by itself after a time-out. */
  readonly active: boolean;
  /** Replicas that are connected and answer. */
  readonly clients: number;
  /** Sessions whose commit waits now. */
  readonly waiting: number;
}

/** The side of a server that answers. */
export interface AnsweringSide {
  readonly word: 'replica' | 'slave';
  readonly enabled: boolean;
}

/** Both sides; null: the server does not have the plugin. */
export interface SemiSync {
  readonly source: WaitingSide | null;
  readonly replica: AnsweringSide | null;
}

export const noSemiSync: SemiSync = { source: null, replica: null };

/** Replicas that have to answer. */
export const wantedReplicas = ({ replicas }: WaitingSide): number => replicas ?? 1;

/** Commits wait for an answer that nobody gives, and go on doing so for longer than a switchover may hang. */
export function waitsForNobody(side: WaitingSide | null, longestMs: number): boolean {
  return side !== null && side.enabled && side.active && side.clients < wantedReplicas(side) && side.timeoutMs > longestMs;
}

/** A variable to set, by its name on that server. */
export type Setting = readonly [name: string, value: string | number | boolean];

/** What the waiting side of the new primary is set to: as the old one had it. `enabled` comes last, once a replica answers. */
export function carriedSource(from: WaitingSide, to: WaitingSide): readonly Setting[] {
  const name = (suffix: string): string => `rpl_semi_sync_${to.word}_${suffix}`;
  const renamed = (now: string, was: string): string => name(to.word === 'source' ? now : was);
  return [
    [name('timeout'), from.timeoutMs],
    ...(from.replicas === null || to.replicas === null ? [] : [[renamed('wait_for_replica_count', 'wait_for_slave_count'), from.replicas] as const]),
    ...(from.waitPoint === null || to.waitPoint === null ? [] : [[name('wait_point'), from.waitPoint] as const]),
    [renamed('wait_no_replica', 'wait_no_slave'), from.waitsWithoutReplica],
  ];
}

export const sourceSwitch = ({ word }: WaitingSide, on: boolean): Setting => [`rpl_semi_sync_${word}_enabled`, on];
const replicaSwitch = ({ word }: AnsweringSide, on: boolean): Setting => [`rpl_semi_sync_${word}_enabled`, on];

/**
 * What the old primary is set to before it follows. It waits for nobody any more: as a standby it would wait with every transaction that it
 * applies, for replicas that are elsewhere now. It answers where the standby did.
 */
export function standbySides(source: SemiSync, standby: SemiSync): readonly Setting[] {
  return [
    ...(source.source?.enabled === true ? [sourceSwitch(source.source, false)] : []),
    ...(source.replica !== null && !source.replica.enabled && standby.replica?.enabled === true ? [replicaSwitch(source.replica, true)] : []),
  ];
}

/** Whether the new primary is to wait, and cannot. */
export function lacksWaitingSide(source: SemiSync, standby: SemiSync): boolean {
  return source.source?.enabled === true && standby.source === null;
}

/** Whether the old primary is to answer, and cannot. */
export function lacksAnsweringSide(source: SemiSync, standby: SemiSync): boolean {
  return standby.replica?.enabled === true && source.replica === null;
}
