// Read-only instances of a primary, the delayed ones among them: what is shown of each, and how far one is to run on.
import type { InstanceView } from '../../fleet/view';
import { parseServerVersion } from '../../fleet/version';
import { nameOnServer } from '../../sql/variable-names';
import type { Lag } from '../../fleet/lag';
import type { RestartOutlook } from './restart';

/** What a user notes of a read-only instance. */
export interface ReadOnlyNote {
  /** How much of the reads it is meant to take, in the user's own words. */
  readonly weight: string;
  /** More lag than this is marked, seconds beyond a wanted delay; null: none is. */
  readonly lagLimitSeconds: number | null;
}

/** A delay that was changed: the way back is the one that it had, seconds. */
export interface DelayChange {
  /** When it was done, milliseconds since the epoch. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

/** The delay that the last change took away; null: none was changed here, or it has another by now. */
export function delayBefore({ delaySeconds, delayChanges: [last] }: Pick<ReadOnlyView, 'delaySeconds' | 'delayChanges'>): number | null {
  return last !== undefined && last.to === delaySeconds && last.from !== delaySeconds ? last.from : null;
}

/** A read-only instance under its primary. */
export interface ReadOnlyView extends ReadOnlyNote {
  readonly instanceId: string;
  readonly name: string;
  readonly reachable: boolean;
  /** It is not watched, on somebody's word. */
  readonly isPaused: boolean;
  /** SOURCE_DELAY, seconds; 0: none. */
  readonly delaySeconds: number;
  /** The changes of its delay that were made here, the latest first. */
  readonly delayChanges: readonly DelayChange[];
  /** Until the next transaction would be applied, seconds; null: none waits. */
  readonly remainingDelaySeconds: number | null;
  readonly receiver: 'running' | 'connecting' | 'stopped';
  readonly applier: 'running' | 'stopped';
  /** What the applier stopped at by itself; null: nothing. */
  readonly applierError: string | null;
  readonly lag: Lag | null;
  /** Lag beyond the wanted delay, seconds; null: not known. */
  readonly lagSeconds: number | null;
  readonly overLimit: boolean;
  /**
   * Its applier stands, and nothing is known to keep a restart of its server from starting it again: the line of the option file that would.
   * null: it runs, or stays as it is.
   */
  readonly startsByItself: string | null;
}

export const nothingNoted: ReadOnlyNote = { weight: '', lagLimitSeconds: null };

/** Lag beyond the delay that is wanted: seconds behind a source include it. */
export function lagBeyondDelay(lag: Pick<Lag, 'state' | 'seconds'> | null, delaySeconds: number): number | null {
  if (lag === null || lag.seconds === null || lag.state === 'unknown' || lag.state === 'not-replicating') return null;
  return Math.max(0, lag.seconds - delaySeconds);
}

/** What is shown of a read-only instance, from its last reading. `kept`: its start after a restart was put off. */
export function readOnlyView(
  { instance, facts, health, lag, paused }: Pick<InstanceView, 'instance' | 'facts' | 'health' | 'lag' | 'paused'>, note: ReadOnlyNote,
  { kept, delayChanges }: { readonly kept: boolean; readonly delayChanges: readonly DelayChange[] },
): ReadOnlyView {
  const channel = facts?.channels[0];
  const delaySeconds = channel?.delaySeconds ?? 0;
  const lagSeconds = lagBeyondDelay(lag, delaySeconds);
  return {
    instanceId: instance.id, name: instance.name, reachable: health.state === 'reachable', isPaused: paused !== null, delaySeconds, delayChanges,
    remainingDelaySeconds: channel?.remainingDelaySeconds ?? null, receiver: channel?.receiver ?? 'stopped', applier: channel?.applier ?? 'stopped',
    applierError: channel?.applierError?.text ?? null, lag, lagSeconds, ...note,
    overLimit: note.lagLimitSeconds !== null && lagSeconds !== null && lagSeconds > note.lagLimitSeconds,
    // The server's own word stands before what is noted here: another workstation may have started it, or this one died in between.
    startsByItself: channel?.applier === 'stopped' && !(facts?.startKept ?? kept) ? lineToStand(facts) : null,
  };
}

/** null: its version is not known. */
function lineToStand(facts: InstanceView['facts']): string | null {
  if (facts === null) return null;
  return nameOnServer(parseServerVersion(facts.server.version, facts.server.versionComment), 'skip_replica_start');
}

/** A transaction that a primary committed and its delayed replica has not applied. */
export interface PendingTransaction {
  readonly gtid: string;
  /** When it was committed, milliseconds since the epoch; before 8.0.1 when its first statement began, to the second. */
  readonly at: number;
  /** When the replica applies it if nothing is done. */
  readonly dueAt: number;
  /** A statement that it consists of; null: rows alone. */
  readonly statement: string | null;
  /** It changes definitions, or takes tables away. */
  readonly isDdl: boolean;
  readonly tables: readonly { readonly database: string; readonly table: string; readonly kinds: readonly ('insert' | 'update' | 'delete')[] }[];
}

/** What waits in the log of the primary for a read-only instance. */
export interface PendingPage {
  /** In the order of the log; the last of those that were looked for. */
  readonly transactions: readonly PendingTransaction[];
  /** How many were found, and how many wait in all. */
  readonly found: number;
  readonly total: number;
  /** A part of the log is not there any more. */
  readonly isPurged: boolean;
  /** By this workstation's clock, milliseconds since the epoch. */
  readonly readAt: number;
  /** Clock of the primary, which times its commits, less that of this workstation, milliseconds; 0 where it could not be measured. */
  readonly clockAheadMs: number;
}

/** How long until a transaction is applied, milliseconds: it is due by the clock that timed it, and `now` is by the one of this workstation. */
export function leftUntilDue({ dueAt }: Pick<PendingTransaction, 'dueAt'>, { clockAheadMs }: Pick<PendingPage, 'clockAheadMs'>, now: number): number {
  return Math.max(0, dueAt - (now + clockAheadMs));
}

/** How far a read-only instance is to run on. */
export type RunTarget =
  | { readonly kind: 'before' | 'after'; readonly gtid: string }
  /** Up to the last transaction before the first one that was committed later, milliseconds since the epoch. */
  | { readonly kind: 'time'; readonly at: number };

/** Where that is, from the log. */
export interface RunPlan {
  /** The last one that it applies; null: it applies none. */
  readonly last: PendingTransaction | null;
  /** The first one that it does not; null: there is none yet. */
  readonly first: PendingTransaction | null;
  /** How many it applies. */
  readonly count: number;
  readonly delaySeconds: number;
  /** What a restart of its server would do to it while it stands there. */
  readonly restart: RestartOutlook;
  readonly sql: readonly { readonly server: string; readonly sql: string }[];
}

/** A read-only instance that was stopped at once. */
export interface Frozen {
  /** From the order to the proof that its applier stands still, milliseconds. */
  readonly ms: number;
  /** gtid_executed, as it stays. */
  readonly executed: string;
  readonly restart: RestartOutlook;
}

/** Whether a run ends at a transaction: before it, after it, or not there (null). Asked of each in the order of the log, never of times alone. */
export function endsAt(target: RunTarget, { gtid, at }: Pick<PendingTransaction, 'gtid' | 'at'>): 'before' | 'after' | null {
  if (target.kind === 'time') return at > target.at ? 'before' : null;
  return gtid === target.gtid ? target.kind : null;
}

/** A transaction in one line: its statement, or what it does to which tables. */
export function transactionWords({ statement, tables }: Pick<PendingTransaction, 'statement' | 'tables'>): string {
  if (statement !== null) return statement.replaceAll(/\s+/g, ' ');
  return tables.map(({ database, table, kinds }) => `${kinds.join('+')} ${database}.${table}`).join(', ');
}
