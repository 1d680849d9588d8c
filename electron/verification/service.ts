import { randomUUID } from 'node:crypto';
import { parseGtidSet } from '../../shared/domain/gtid/set';
import type { ComparisonListener } from '../../shared/domain/verification/state';
import { lastProof, verdictOf, type Proof, type VerificationResult, type VerificationSummary } from '../../shared/domain/verification/result';
import type { RepairPlan } from '../../shared/domain/verification/repair';
import { wholeInstance, type Scope } from '../../shared/domain/scope/scope';
import type { SyncSpec } from '../../shared/domain/sync/sync';
import { endedStates, type TaskView } from '../../shared/domain/tasks/task';
import { failure } from '../../shared/errors/codes';
import { Findings } from '../comparison/findings';
import type { ObjectList } from '../copy/rows/object-list';
import { audited } from '../fleet/audited';
import { nothingLeftOut, type LeftOutRecord } from '../replication/left-out';
import { planLifeMs } from '../tasks/plan-drafts';
import { coversScope, scopeText, summaryOf, VerificationHistory } from './history';
import { draftRepair, repairHandler, repairRun, type RepairDraft } from './repair';
import { mutableScope, mutableSpec } from './spec';
import { refuseOtherKind, verifyHandler, verifyRun, type VerifyRunDeps } from './task';
import type { VerificationDeps, VerificationService, VerifyOrder } from './types';

/** A comparison that has no position yet. */
const nothingYet = {
  scope: '', equal: null, gtidSet: '', errant: '', method: 'position', touchedSince: null, pauseMs: 0, ms: 0, tableCount: 0, rowCount: 0, differing: 0,
} as const;

/** Comparisons of the two sides of a link, each a task of its own, and repairs of what they found. */
export class Verification implements VerificationService {
  private readonly lists = new Map<string, ObjectList>();
  private readonly listeners = new Set<ComparisonListener>();
  private readonly drafts = new Map<string, RepairDraft>();
  private readonly kept: VerificationHistory;
  private readonly run: VerifyRunDeps;
  private leftOut: (syncId: string) => LeftOutRecord = () => nothingLeftOut;
  private passedAccounts: (syncId: string) => readonly string[] = () => [];
  private isHeld: (standbyId: string) => boolean = () => false;
  private filterScope: (standbyId: string) => Scope | null = () => null;

  constructor(private readonly deps: VerificationDeps) {
    const { fleet, clock, dataFolder } = deps;
    this.kept = new VerificationHistory(dataFolder);
    const verified = (syncId: string, gtidSet: string): void => {
      for (const listener of this.listeners) listener.verified(syncId, gtidSet);
    };
    const differs = (syncId: string, tables: string): void => {
      for (const listener of this.listeners) listener.differs(syncId, tables);
    };
    // Two servers that no sync task links were never copied by one.
    const leftOut = (syncId: string): LeftOutRecord => (syncId === '' ? nothingLeftOut : this.leftOut(syncId));
    const passedAccounts = (syncId: string): readonly string[] => this.passedAccounts(syncId);
    const isHeld = (standbyId: string): boolean => this.isHeld(standbyId);
    const filterScope = (standbyId: string): Scope | null => this.filterScope(standbyId);
    const ended = (summary: VerificationSummary): void => this.kept.add(summary);
    this.run = { fleet, clock, objects: this.lists, verified, differs, leftOut, passedAccounts, isHeld, filterScope, ended };
    deps.tasks.register(verifyHandler(this.run));
    deps.tasks.register(repairHandler(this.run));
  }

  /** Starts the comparison of a link that runs; `first`: what was written since this set comes before all else. */
  start(syncId: string, spec: SyncSpec, first: string | null = null): Promise<TaskView> {
    return this.deps.tasks.start(verifyRun(this.run, { syncId, spec: mutableSpec(spec), part: null, touchedSince: null, first }));
  }

  async compare({ sourceId, standbyId, scope, touchedSince, rowsPerSecond = null }: VerifyOrder): Promise<TaskView> {
    const { audit, fleet } = this.deps;
    const { syncId, spec } = this.link(sourceId, standbyId);
    const names = { source: fleet.instance(sourceId).name, scope: scope === null ? '' : scopeText(scope) };
    return audited(audit, 'verification.compare', fleet.instance(standbyId).name, names, async () => {
      if (sourceId === standbyId) throw failure('source-is-target', { name: fleet.instance(sourceId).name });
      // Of what the link does not carry both sides may hold what they like.
      if (scope !== null && !coversScope(spec.scope, scope)) {
        throw failure('scope-beyond-source', { source: fleet.instance(standbyId).name, task: spec.name, beyond: scopeText(scope) });
      }
      if (touchedSince !== null) refuseUnreadable(touchedSince);
      const part = scope === null || scopeText(scope) === scopeText(spec.scope) ? null : mutableScope(scope);
      return this.deps.tasks.start(verifyRun(this.run, { syncId, spec: mutableSpec(spec), part, touchedSince, rowsPerSecond }));
    });
  }

  async pause(id: string): Promise<TaskView> {
    refuseOtherKind(this.deps.tasks.get(id).kind, id);
    await this.deps.tasks.pause(id);
    return this.deps.tasks.get(id);
  }

  async resume(id: string): Promise<TaskView> {
    const { tasks } = this.deps;
    const { kind, state } = tasks.get(id);
    refuseOtherKind(kind, id);
    await (state === 'interrupted' ? tasks.resumeInterrupted(id) : tasks.resume(id));
    return tasks.get(id);
  }

  history(): readonly VerificationSummary[] {
    return this.kept.list();
  }

  result(id: string): VerificationResult {
    const { tasks, clock } = this.deps;
    const task = tasks.get(id);
    refuseOtherKind(task.kind, id);
    const findings = new Findings(tasks.memory(id));
    const [sourceId = '', standbyId = ''] = task.instanceIds;
    const known = this.kept.list().find((one) => one.id === id);
    const ended = endedStates.includes(task.state);
    const head = known ?? summaryOf(findings, { id, sourceId, standbyId, scope: '', endedAt: task.endedAt ?? clock() }) ?? {
      ...nothingYet, id, sourceId, standbyId, at: task.createdAt, endedAt: clock(),
    };
    // What was not read to its end is equal as far as it goes, which is no verdict; a difference is one at once.
    const equal = known?.equal ?? (verdictOf(findings.tables) === false ? false : null);
    return { ...head, equal: ended && known !== undefined ? known.equal : equal, tables: findings.tables, rows: findings.rows };
  }

  proof(sourceId: string, standbyId: string): Proof | null {
    return lastProof(this.kept.list(), { sourceId, standbyId, scope: scopeText(this.link(sourceId, standbyId).spec.scope) });
  }

  async planRepair(id: string): Promise<RepairPlan> {
    const { sourceId, standbyId, tables, rows } = this.result(id);
    const { clock, fleet } = this.deps;
    const { syncId, spec } = this.link(sourceId, standbyId);
    for (const [old, { plan }] of this.drafts) if (plan.expiresAt < clock()) this.drafts.delete(old);
    const draft = await draftRepair({ fleet, spec }, { id: randomUUID(), verificationId: id, syncId, now: clock(), lifeMs: planLifeMs }, { tables, rows });
    this.drafts.set(draft.plan.id, draft);
    return draft.plan;
  }

  async repair(planId: string, phrase: string): Promise<{ readonly taskId: string }> {
    const { audit, tasks, clock } = this.deps;
    const draft = this.drafts.get(planId);
    if (draft === undefined) throw failure('not-found', { kind: 'plan', name: planId });
    const { plan, input } = draft;
    const reseeded = plan.reseeded.map(({ database, table }) => `${database}.${table}`).join(', ');
    return audited(audit, 'verification.repair', plan.phrase, { rows: plan.rows, reseeded }, async () => {
      if (plan.expiresAt < clock()) throw failure('plan-expired', { seconds: planLifeMs / 1000 });
      if (phrase !== plan.phrase) throw failure('confirm-mismatch', { expected: plan.phrase });
      if (plan.rows === 0 && plan.reseeded.length === 0) throw failure('precondition-failed', { count: 1, first: 'rows' });
      // A second click finds none.
      this.drafts.delete(planId);
      const task = await tasks.start(repairRun(this.run, input));
      return { taskId: task.id };
    });
  }

  /** The tables of the comparison that this process began last for a sync task; undefined: none. */
  objects(syncId: string): ObjectList | undefined {
    return this.lists.get(syncId);
  }

  /** Tells it what first copies left out, so that a statement on that does not end a comparison. */
  knowLeftOut(of: (syncId: string) => LeftOutRecord): void {
    this.leftOut = of;
  }

  /** Tells it which links the user has stopped, so that none is started again after a comparison. */
  knowHeld(of: (standbyId: string) => boolean): void {
    this.isHeld = of;
  }

  /** Tells it what the links carry that stand by a sync task, so that none is started with filters of others, nor without its own. */
  knowFilters(of: (standbyId: string) => Scope | null): void {
    this.filterScope = of;
  }

  /** Tells it the accounts that passed over transactions were about, so that they are compared too. */
  knowPassedAccounts(of: (syncId: string) => readonly string[]): void {
    this.passedAccounts = of;
  }

  /** Told what comparisons found. */
  onCompared(listener: ComparisonListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The link between two servers as its sync task has it; without one, all of both. */
  private link(sourceId: string, standbyId: string): { readonly syncId: string; readonly spec: SyncSpec } {
    const { fleet, owner } = this.deps;
    const own = owner(standbyId);
    if (own !== null && own.spec.sourceId === sourceId) return { syncId: own.id, spec: own.spec };
    const name = `${fleet.instance(sourceId).name} → ${fleet.instance(standbyId).name}`;
    return { syncId: '', spec: { name, sourceId, standbyId, scope: wholeInstance, seed: 'adopt', acceptWarnings: false, eraseTarget: false } };
  }
}

/** @throws Failure `invalid-input` */
function refuseUnreadable(gtidSet: string): void {
  try {
    parseGtidSet(gtidSet);
  } catch (thrown) {
    throw failure('invalid-input', { field: 'touchedSince', reason: thrown instanceof Error ? thrown.message : String(thrown) });
  }
}
