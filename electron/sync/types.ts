import type { CheckReport, CheckResult, MissingObject } from '../../shared/domain/checks/check';
import type { CheckRequest } from '../../shared/domain/checks/request';
import type { InstanceView } from '../../shared/domain/fleet/view';
import type { PartialScope, ScopeChangePlan } from '../../shared/domain/scope/change';
import type { StoppedAt } from '../../shared/domain/scope/border';
import type { Protection } from '../../shared/domain/scope/protection';
import type { ComparisonListener } from '../../shared/domain/verification/state';
import type { Scope } from '../../shared/domain/scope/scope';
import type { SkipPlan, SkipResult } from '../../shared/domain/sync/skip';
import type { CopiedObject, SeedProposal, SyncEdit, SyncSpec, SyncTaskNews, SyncTaskView } from '../../shared/domain/sync/sync';
import type { TaskView } from '../../shared/domain/tasks/task';
import type { ObjectList } from '../copy/rows/object-list';
import type { Fleet } from '../fleet/types';
import type { AuditLog } from '../storage/types';
import type { LeftOutRecord } from '../replication/left-out';
import type { StandingLinks } from '../replication/standing';
import type { TaskEngine } from '../tasks/types';
import type { AfterPromotion } from './after-promotion';
import type { Alert } from './link/filter-guard';

/** What a user orders of the scope of a partial task. */
export interface ScopeOrder {
  readonly id: string;
  readonly scope: PartialScope;
  /** What is taken out is dropped on the standby, instead of staying there as it is. */
  readonly dropRemoved: boolean;
}

/** Changes of what a partial sync task carries, while it carries it. */
export interface ScopeService {
  /** What a scope lacks to be whole: ends of foreign keys, what views and programs name, and what those need in turn. */
  missing(sourceId: string, standbyId: string, scope: Scope): Promise<readonly MissingObject[]>;
  plan(order: ScopeOrder, signal?: AbortSignal): Promise<ScopeChangePlan>;
  /** What the standby of a sync task protects and what not, from both catalogues as they are now. */
  coverage(id: string): Promise<Protection>;
  /** What of the transaction at which the applier stopped reaches over the border of the scope, or was left out; null: nothing of that kind. */
  border(id: string, signal?: AbortSignal): Promise<StoppedAt | null>;
  /** Sets the filters of the scope again, after a restart of the standby took them away, and starts replication. */
  reapply(id: string): Promise<SyncTaskView>;
  /** Whether filters that are gone are set again without a word of the user's. */
  restoreByItself(id: string, on: boolean): Promise<SyncTaskView>;
  /** Starts the change as a run of the sync task. `phrase`: the task's name where the plan asks for it. */
  change(order: ScopeOrder & { readonly acceptWarnings: boolean; readonly phrase: string | null }): Promise<SyncTaskView>;
}

/** What a user orders of a standby whose applier stopped at a transaction. */
export interface SkipOrder {
  readonly id: string;
  /** The transaction that the user saw. */
  readonly gtid: string;
  /** The name of the standby. */
  readonly phrase: string;
}

/** Going past a transaction that a standby cannot apply, and the proof that both sides hold the same again. */
export interface SkipService {
  plan(id: string, signal?: AbortSignal): Promise<SkipPlan>;
  /** Throws `plan-outdated` where the applier stands at another transaction by now, `not-skippable` where it may not go on. */
  skip(order: SkipOrder): Promise<SkipResult>;
  /** Compares both sides at one position, as a run of the sync task. */
  verify(id: string, first?: string | null): Promise<SyncTaskView>;
}

/** The sync tasks as they stand, and whoever wants to know when one of them changes. */
export interface SyncTasks {
  list(): readonly SyncTaskView[];
  get(id: string): SyncTaskView;
  byName(name: string): SyncTaskView;
  /** The task that owns the link to `standbyId`, if any. */
  forStandby(standbyId: string): SyncTaskView | null;
  /** `news`: the same as far as it is to be told, its report only where it is another one. */
  onChange(listener: (sync: SyncTaskView, news: SyncTaskNews) => void): () => void;
}

/** What speaks for and against a link, before there is one. */
export interface SyncChecks {
  propose(sourceId: string, standbyId: string, scope: Scope): Promise<SeedProposal>;
  check(request: CheckRequest, signal?: AbortSignal): Promise<CheckReport>;
  checkOne(request: CheckRequest, checkId: string): Promise<CheckResult>;
  /** Applies the remedy's SQL of a fixable check and runs the check again. */
  fix(request: CheckRequest, checkId: string): Promise<CheckResult>;
}

/** What a user orders of sync tasks. */
export interface SyncOrders {
  /** Registers `standbyId` as a standby (or read-only instance) of `sourceId`; nothing changes on a server (S10). */
  addStandby(sourceId: string, standbyId: string): Promise<InstanceView>;
  /** `eraseConfirmation` is the standby's name, typed, where databases on it will be erased. */
  create(spec: SyncSpec, start: boolean, eraseConfirmation: string | null): Promise<SyncTaskView>;
  /** Changes what the next run does; throws `task-state` while one runs or once the link stands. Nothing changes on a server. */
  edit(id: string, edit: SyncEdit, eraseConfirmation: string | null): Promise<SyncTaskView>;
  /** Changes the speed limit of the first copy, MB per second (null: none), at once and while it runs. */
  setCopyRate(id: string, copyRateMb: number | null): Promise<SyncTaskView>;
  start(id: string): Promise<SyncTaskView>;
  pause(id: string): Promise<SyncTaskView>;
  resume(id: string): Promise<SyncTaskView>;
  cancel(id: string): Promise<SyncTaskView>;
  remove(id: string, phrase: string, stopReplication: boolean): Promise<void>;
  /** Resolves when the run under way has ended (link confirmed, failed, cancelled). */
  whenSettled(id: string): Promise<SyncTaskView>;
}

/** Sync tasks: from registering a standby to a link that runs. */
export interface SyncService extends SyncTasks, SyncChecks, SyncOrders {
  /** The tables of the copy that runs or ran last, by name; empty where none was begun. */
  objects(id: string): readonly CopiedObject[];
  readonly scopes: ScopeService;
  readonly skips: SkipService;
}

/** The comparison of both sides of a link, as a run of its own. */
export interface Verifier {
  start(syncId: string, spec: SyncSpec, first?: string | null): Promise<TaskView>;
  /** The tables of the comparison that this process began last for a sync task. */
  objects(syncId: string): ObjectList | undefined;
  onCompared(listener: ComparisonListener): () => void;
  /** Tells it what first copies left out. */
  knowLeftOut(of: (syncId: string) => LeftOutRecord): void;
  /** Tells it the accounts that passed over transactions were about. */
  knowPassedAccounts(of: (syncId: string) => readonly string[]): void;
  knowHeld(of: (standbyId: string) => boolean): void;
  /** Tells it the scope of a link that stands by a sync task; null: by none. */
  knowFilters(of: (standbyId: string) => Scope | null): void;
}

export interface SyncDeps {
  readonly dataFolder: string;
  readonly fleet: Fleet;
  readonly tasks: TaskEngine;
  readonly audit: AuditLog;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly verification: Verifier;
  /** Told what people must know at once: filters of a partial standby that are gone. */
  readonly alert: Alert;
  /** Links that the user made stand still. */
  readonly standing: Pick<StandingLinks, 'release' | 'forget'>;
}

/** The sync service with what the composition root needs besides. */
export interface Sync extends SyncService {
  onRemoved(listener: (id: string) => void): () => void;
  /** The scope of the link to a standby; whole instance where no task owns it. */
  scopeOf(standbyId: string): Scope;
  isHeld(standbyId: string): boolean;
  /** Whether the user holds the link to a standby: while it is held nothing but the user starts it again. */
  hold(standbyId: string, held: boolean): void;
  /** What a promotion does to the tasks. */
  readonly afterPromotion: AfterPromotion;
  close(): void;
}
