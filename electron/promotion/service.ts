import { outdated } from '../../shared/domain/promotion/basis';
import type { PromotionRequest } from '../../shared/domain/promotion/promotion';
import { errorOf, failure } from '../../shared/errors/codes';
import { audited, type AuditDetail } from '../fleet/audited';
import { ServerSessions, serverOf, reading } from '../replication/servers';
import { PlanDrafts } from '../tasks/plan-drafts';
import { lockServers, type LockTarget, type ServerLocks } from '../tasks/server-lock';
import { emergencyDefinition, switchoverDefinition } from './definitions';
import { letGoByHand } from './by-hand';
import { Cures } from './cure/service';
import { emergencyInput, type EmergencyInput, type EmergencyWork } from './emergency/context';
import { emergencyVerdict, switchoverVerdict } from './recovery';
import { draftPlan, type Draft } from './plan/draft';
import { Reports } from './report/reports';
import { reviseReports } from './report/revise';
import { fenceForGood } from './steps/fence-alone';
import { switchoverInput } from './switchover/context';
import type { PromotionDeps, PromotionService } from './types';

export type { PromotionDeps } from './types';

/**
 * The promotion service: planned switchover, emergency promotion, fencing. It changes roles only through the task
 * engine, and registers with it how an interrupted promotion is judged and taken up again.
 */
export function createPromotion(deps: PromotionDeps): PromotionService {
  const reports = new Reports(deps.dataFolder, deps.audit);
  /** Emergency promotions of this run, so that the user's word "stop waiting" reaches the drain. */
  const running = new Map<string, EmergencyWork>();
  registerKinds(deps, reports);
  const drafts = new PlanDrafts<PromotionRequest, Draft>({
    clock: deps.clock,
    draft: (id, request) => draftPlan(deps, reports, id, request),
    outdated: (shown, now) => outdated(shown.basis, now.basis),
  });

  const cures = new Cures(deps, (planId) => drafts.find(planId).plan.preconditions);

  async function start(fresh: Draft, shown: Draft): Promise<string> {
    if (fresh.kind === 'planned') {
      const { definition } = switchoverDefinition(deps, reports, fresh.input, fresh.sql, false);
      return (await deps.tasks.start(definition)).id;
    }
    const { definition, work } = emergencyDefinition(deps, reports, withShownLoss(fresh.input, shown), fresh.sql);
    const { id } = await deps.tasks.start(definition);
    running.set(id, work);
    void deps.tasks.whenEnded(id).finally(() => running.delete(id)).catch(() => undefined);
    return id;
  }

  function acknowledge(reportId: string, detail: Readonly<Record<string, string>>): Promise<void> {
    return audited(deps.audit, 'promotion.acknowledge', reportId, detail, () => {
      if (!reports.acknowledge(reportId, deps.clock())) throw failure('not-found', { kind: 'report', name: reportId });
    });
  }

  return {
    plan: (request) => drafts.plan(request),

    async execute(planId, phrase) {
      const shown = drafts.find(planId);
      const target = shown.plan.phrase ?? '';
      return audited(deps.audit, 'promotion.execute', target, { kind: shown.plan.kind }, async () => {
        const fresh = await drafts.take(planId, phrase, (draft) => refusePending(deps, reports, draft, target));
        // Its report was shown with the plan whose word was typed.
        if (fresh.kind === 'emergency' && fresh.pendingReportId !== null) await acknowledge(fresh.pendingReportId, { by: 'plan', plan: planId });
        return { taskId: await start(fresh, shown) };
      });
    },

    async stopWaiting(taskId, phrase) {
      const work = running.get(taskId);
      if (work === undefined) throw failure('not-found', { kind: 'task', name: taskId });
      const expected = work.input.standbyName;
      const drain = deps.tasks.get(taskId).steps.find((step) => step.id === 'drain');
      const left = drain?.progress === null || drain === undefined ? null : (drain.progress.total ?? 0) - drain.progress.done;
      await audited(deps.audit, 'promotion.stop-waiting', expected, { task: taskId, left }, () => {
        refuseOtherWord(expected, phrase);
        if (drain?.state === 'done') throw failure('task-state', { name: expected, state: drain.state, action: 'stop-waiting' });
        work.discardOrdered = true;
      });
    },

    planCure: (order) => cures.plan(order),
    cure: (planId, phrase) => cures.execute(planId, phrase),

    async acknowledge(reportId) {
      await acknowledge(reportId, {});
    },

    reports: () => reports.list(),
    reviseReports: () => reviseReports(deps.fleet, reports),
    reportForTask: (taskId) => reports.forTask(taskId),

    async fence(instanceId, phrase) {
      const { name } = deps.fleet.instance(instanceId);
      await audited(deps.audit, 'promotion.fence', name, {}, async (note) => {
        refuseOtherWord(name, phrase);
        note(await fenceAlone(deps, instanceId));
      });
      await deps.fleet.refresh(instanceId);
    },
  };
}

/** How an interrupted promotion is built again, and judged. */
function registerKinds(deps: PromotionDeps, reports: Reports): void {
  deps.tasks.register({
    kind: 'switchover',
    input: switchoverInput,
    rebuild: async (input) => switchoverDefinition(deps, reports, input, new Map(), true).definition,
    judge: (view, input, memory) => switchoverVerdict(deps.fleet, view, input, memory),
    word: ({ standbyName }) => standbyName,
    letGo: (_view, { id, sourceId, standbyId, sourceName: source, standbyName: standby }, run) =>
      letGoByHand(deps, { id, sourceId, standbyId, names: { source, standby }, run }),
  });
  deps.tasks.register({
    kind: 'promotion',
    input: emergencyInput,
    rebuild: async (input) => emergencyDefinition(deps, reports, input, new Map()).definition,
    judge: (view, input) => emergencyVerdict(deps.fleet, view, input),
    word: ({ standbyName }) => standbyName,
    letGo: (_view, { id, oldPrimaryId, standbyId, oldPrimaryName: source, standbyName: standby }, run) =>
      letGoByHand(deps, { id, sourceId: oldPrimaryId, standbyId, names: { source, standby }, run }),
  });
}

function refuseOtherWord(expected: string, phrase: string): void {
  if (phrase !== expected) throw failure('confirm-mismatch', { expected });
}

/**
 * One promotion at a time in a cluster: none that was interrupted, and no emergency after one whose report its plan did not show, which
 * keeps a second click and a second operator from promoting twice.
 */
function refusePending(deps: PromotionDeps, reports: Reports, draft: Draft, target: string): void {
  const { clusterIds } = draft.input;
  const pending = draft.kind === 'emergency' ? reports.pendingFor(clusterIds) : null;
  if (draft.kind === 'emergency' && pending !== null && pending.id !== draft.pendingReportId) throw failure('promotion-pending', { name: pending.standbyName });
  const ofThis = deps.tasks.list().filter((task) => task.instanceIds.some((id) => clusterIds.includes(id)));
  const left = ofThis.find((task) => (task.kind === 'switchover' || task.kind === 'promotion') && task.state === 'interrupted');
  if (left !== undefined) throw failure('has-task', { name: target, task: left.name });
}

/** The lock of a server, or who holds it. */
async function lockUnlessHeld(target: LockTarget, clock: () => number): Promise<{ readonly locks: ServerLocks | null; readonly beside: string | null }> {
  try {
    return { locks: await lockServers([target], { kind: 'fence', name: target.name }, clock), beside: null };
  } catch (thrown) {
    const error = errorOf(thrown);
    if (error.code !== 'lock-held') throw thrown;
    return { locks: null, beside: error.params.holder };
  }
}

/** Fences one server, on the user's word and outside of any promotion; what is recorded of it. */
async function fenceAlone({ fleet, clock }: PromotionDeps, instanceId: string): Promise<AuditDetail> {
  const { name } = fleet.instance(instanceId);
  const sessions = new ServerSessions(fleet);
  // An advisory lock never keeps a fence down: who holds it is told, and the fence goes up beside it.
  const { locks, beside } = await lockUnlessHeld({ name, connect: (options) => fleet.connect(instanceId, options) }, clock);
  try {
    const server = serverOf(sessions, reading, instanceId, name);
    const { closed, configLines } = await fenceForGood(sessions, server);
    return { closedSessions: closed, configLines: configLines.join('; '), ...(beside === null ? {} : { beside }) };
  } finally {
    await sessions.close();
    await locks?.release();
  }
}

/** The loss that is reported is never less than the one that was shown and confirmed. */
function withShownLoss(input: EmergencyInput, draft: Draft): EmergencyInput {
  const { loss } = draft.plan;
  return input.notReceived === null && loss.notReceived !== null
    ? { ...input, notReceived: loss.notReceived, notReceivedSet: loss.notReceivedSet, sourceSeenAt: loss.sourceSeenAt, unseenFrom: loss.stated.unseenFrom }
    : input;
}
