import type { AccountChoice } from '../accounts/shared-accounts';
import type { AppError } from '../../errors/codes';
import type { Message } from '../../i18n/message';
import type { CheckReport } from '../checks/check';
import type { Lag } from '../fleet/lag';
import type { Scope } from '../scope/scope';
import type { LeftOut, PassedStatements, RefusedRights } from '../scope/left-out';
import type { NamedObject } from '../scope/named-objects';
import type { PartialScope, ScopePart } from '../scope/change';
import type { TaskView } from '../tasks/task';
import type { NeedsVerification, Verified } from '../verification/state';

/** How the first copy is made. `auto` lets the app propose. */
export const seedChoices = ['auto', 'copy', 'clone', 'adopt'] as const;
export type SeedChoice = (typeof seedChoices)[number];
export type Seed = Exclude<SeedChoice, 'auto'>;

/** Sync policy of the form (S9, S10). */
export type SyncPolicy = 'immediately' | 'after-creation';

/**
 * State of a sync task, the durable job that checks, seeds, starts and then owns a sync link.
 * `created`: saved, never started. `replicating`/`stopped`: the link stands and its threads run or do not.
 */
export type SyncTaskState =
  | 'created' | 'checking' | 'running' | 'waiting' | 'pausing' | 'paused' | 'cancelled' | 'failed' | 'interrupted' | 'replicating' | 'stopped' | 'superseded';

/** What a sync task is to do. */
export interface SyncSpec {
  readonly name: string;
  readonly sourceId: string;
  readonly standbyId: string;
  readonly scope: Scope;
  readonly seed: SeedChoice;
  /** Checks of level `warn` that miss do not stop it. */
  readonly acceptWarnings: boolean;
  /** The user typed the standby's name and agreed that its databases are erased. */
  readonly eraseTarget: boolean;
  /** The first copy reads no faster than this, MB per second; absent: as fast as both servers bear. */
  readonly copyRateMb?: number | undefined;
  /**
   * What the first copy does with ordinary accounts that both servers have and that differ; absent: they become what they are on the
   * source. Those that administer the standby are kept either way.
   */
  readonly accounts?: AccountChoice | undefined;
  /** The standby applies everything so many seconds later on purpose, once its link stands; absent: at once. */
  readonly delaySeconds?: number | undefined;
}

/** What of a sync task can be changed until its link stands: all but the pair. */
export type SyncEdit = Omit<SyncSpec, 'sourceId' | 'standbyId'>;

export interface SyncTaskView {
  readonly id: string;
  readonly spec: SyncSpec;
  readonly state: SyncTaskState;
  /** The seed that was proposed or chosen; null before checks ran. */
  readonly seed: Seed | null;
  /** The run under way or the last one. */
  readonly task: TaskView | null;
  readonly lastReport: CheckReport | null;
  readonly lag: Lag | null;
  readonly createdAt: number;
  /** What was taken out of its scope and stays on the standby, no longer protected. */
  readonly released: readonly ScopePart[];
  /** Filters that a restart of the standby took away are set again by themselves. */
  readonly restoresFilters: boolean;
  /** The filters in force on the standby are not those of the scope. */
  readonly filtersLost: boolean;
  /** The scope that a change under way leads to; null: none is under way. */
  readonly changingTo: PartialScope | null;
  /** What its first copy left out, and the standby has not since. */
  readonly leftOut: readonly LeftOut[];
  /** Rights on what was left out before, and is there by now, that the standby would not take. */
  readonly refusedRights: readonly RefusedRights[];
  /** What was left out before, and is there by now, with rights that may be others than on the source: it is behind, or somebody operates there. */
  readonly waitingRights: readonly NamedObject[];
  /** Statements on that which the standby did not run: all of them counted, the last of them told. */
  readonly passed: PassedStatements;
  /** Transactions were passed over since both sides were last found equal; null: none. */
  readonly needsVerification: NeedsVerification | null;
  /** Both sides were last found equal by a comparison that the user ordered; null: by none. */
  readonly verified: Verified | null;
  readonly error: AppError | null;
  readonly can: {
    readonly start: boolean;
    readonly edit: boolean;
    readonly pause: boolean;
    readonly resume: boolean;
    readonly cancel: boolean;
    readonly remove: boolean;
    readonly setCopyRate: boolean;
    readonly changeScope: boolean;
    readonly reapplyFilters: boolean;
    readonly skipTransaction: boolean;
    readonly verify: boolean;
  };
}

/** A sync task as it is told when something of it changed. Its report, which is large, is with it only where there is another one than was told before. */
export type SyncTaskNews = Omit<SyncTaskView, 'lastReport'> & { readonly lastReport?: SyncTaskView['lastReport'] };

/** `copied`: every row is on the standby. `compared`: and was found equal to the source's, at one position. */
export const copiedObjectStates = ['waiting', 'copying', 'copied', 'compared'] as const;

/** One table of a first copy (or of the comparison after a clone or a restored backup). */
export interface CopiedObject {
  readonly database: string;
  readonly table: string;
  readonly state: (typeof copiedObjectStates)[number];
  /** Rows that are there; once it is compared, as counted on both sides. */
  readonly rows: number;
  /** As the source's statistics say; null: they say nothing. */
  readonly estimatedRows: number | null;
  /** Bytes that came from the source. */
  readonly bytes: number;
}

/** Which seed fits and why, with an estimate. */
export interface SeedProposal {
  readonly seed: Seed;
  readonly reason: Message;
  readonly estimateSeconds: number | null;
  readonly bytes: number | null;
  /** Every other seed and why it does not fit or is second. */
  readonly alternatives: readonly { readonly seed: Seed; readonly possible: boolean; readonly reason: Message }[];
  /** Databases on the standby that would be erased. */
  readonly erases: readonly string[];
}

/** The sync task that owns the link to a standby: the newest that is not superseded or cancelled; undefined: it has none. */
export function syncOfStandby(syncs: Iterable<SyncTaskView>, standbyId: string): SyncTaskView | undefined {
  let newest: SyncTaskView | undefined;
  for (const sync of syncs) {
    if (sync.spec.standbyId !== standbyId || sync.state === 'superseded' || sync.state === 'cancelled') continue;
    if (newest === undefined || sync.createdAt > newest.createdAt) newest = sync;
  }
  return newest;
}
