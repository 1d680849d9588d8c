import { randomUUID } from 'node:crypto';
import { isExecutable } from '../../shared/domain/tasks/plan';
import { outdated } from '../../shared/domain/promotion/basis';
import type { PromotionRequest } from '../../shared/domain/promotion/promotion';
import { failure, type AppError } from '../../shared/errors/codes';
import { Crew, handOf, reading } from '../replication/servers';
import { emergencyDefinition, switchoverDefinition } from './definitions';
import type { EmergencyInput, EmergencyWork } from './emergency/context';
import { closeClients, fence, fenceStatements, isFenced, persistFence, prepareFence } from './steps/fence';
import { judgeEmergency, judgeSwitchover } from './judge';
import { draftPlan, PLAN_LIFE_MS, type Draft } from './plan/draft';
import { Reports } from './report/reports';
import { lockServers } from '../tasks/server-lock';
import type { SwitchoverInput } from './switchover/context';
import type { PromotionDeps, PromotionService } from './types';

export type { PromotionDeps } from './types';

/**
 * The promotion service: planned switchover, emergency promotion, fencing. It changes roles only through the task
 * engine, and registers with it how an interrupted promotion is judged and taken up again.
 */
export function createPromotion(deps: PromotionDeps): PromotionService {
  const reports = new Reports(deps.dataFolder, deps.audit);
  const drafts = new Map<string, Draft>();
  /** Emergency promotions of this run, so that the user's word "stop waiting" reaches the drain. */
  const running = new Map<string, EmergencyWork>();

  deps.tasks.register({
    kind: 'switchover',
    rebuild: async (input) => switchoverDefinition(deps, reports, input as unknown as SwitchoverInput, new Map(), true).definition,
    judge: (view, input, memory) => judgeSwitchover(deps.fleet, view, input as unknown as SwitchoverInput, memory),
  });
  deps.tasks.register({
    kind: 'promotion',
    rebuild: async (input) => emergencyDefinition(deps, reports, input as unknown as EmergencyInput, new Map()).definition,
    judge: (view, input) => judgeEmergency(deps.fleet, view, input as unknown as EmergencyInput),
  });

  function refuse(action: string, target: string, error: Error & { error: AppError }): never {
    deps.audit.append({ action, target, outcome: 'refused', detail: { code: error.error.code } });
    throw error;
  }

  function forgetExpired(): void {
    for (const [id, { plan }] of drafts) if (plan.expiresAt < deps.clock()) drafts.delete(id);
  }

  /** One promotion at a time in a cluster: none that waits to be acknowledged, none that was interrupted. */
  function refusePending(clusterIds: readonly string[], target: string): void {
    const pending = reports.pendingFor(clusterIds);
    if (pending !== null) refuse('promotion.execute', target, failure('promotion-pending', { name: pending.standbyName }));
    const left = deps.tasks.list().find((task) => (task.kind === 'switchover' || task.kind === 'promotion') && task.state === 'interrupted' && task.instanceIds.some((id) => clusterIds.includes(id)));
    if (left !== undefined) refuse('promotion.execute', target, failure('has-task', { name: target, task: left.name }));
  }

  /** Reads everything again and compares it with what the plan showed. */
  async function stillStands(draft: Draft): Promise<Draft> {
    const target = draft.plan.phrase ?? '';
    const fresh = await draftPlan(deps, reports, draft.plan.id, draft.request);
    const failed = fresh.plan.preconditions.filter((precondition) => precondition.status === 'fail');
    const [first] = failed;
    if (first !== undefined) refuse('promotion.execute', target, failure('precondition-failed', { count: failed.length, first: first.id }));
    const reason = outdated(draft.basis, fresh.basis);
    if (reason !== null) refuse('promotion.execute', target, failure('plan-outdated', { what: reason }));
    return fresh;
  }

  return {
    async plan(request: PromotionRequest) {
      forgetExpired();
      const draft = await draftPlan(deps, reports, randomUUID(), request);
      drafts.set(draft.plan.id, draft);
      return draft.plan;
    },

    async execute(planId, phrase) {
      const draft = drafts.get(planId);
      if (draft === undefined) throw failure('not-found', { kind: 'plan', name: planId });
      const target = draft.plan.phrase ?? '';
      if (draft.plan.expiresAt < deps.clock()) {
        drafts.delete(planId);
        refuse('promotion.execute', target, failure('plan-expired', { seconds: PLAN_LIFE_MS / 1000 }));
      }
      if (phrase !== draft.plan.phrase) refuse('promotion.execute', target, failure('confirm-mismatch', { expected: target }));
      refusePending(draft.input.clusterIds, target);
      if (!isExecutable(draft.plan)) {
        const failed = draft.plan.preconditions.filter((precondition) => precondition.status === 'fail');
        refuse('promotion.execute', target, failure('precondition-failed', { count: failed.length, first: failed[0]?.id ?? '' }));
      }
      const fresh = await stillStands(draft);
      // A plan runs once: a second click finds none.
      if (!drafts.delete(planId)) throw failure('not-found', { kind: 'plan', name: planId });
      if (fresh.kind === 'planned') {
        const { definition } = switchoverDefinition(deps, reports, fresh.input, fresh.sql, false);
        return { taskId: (await deps.tasks.start(definition)).id };
      }
      const { definition, work } = emergencyDefinition(deps, reports, withShownLoss(fresh.input, draft), fresh.sql);
      const task = await deps.tasks.start(definition);
      running.set(task.id, work);
      void deps.tasks.whenEnded(task.id).finally(() => running.delete(task.id)).catch(() => undefined);
      return { taskId: task.id };
    },

    async stopWaiting(taskId, phrase) {
      const work = running.get(taskId);
      if (work === undefined) throw failure('not-found', { kind: 'task', name: taskId });
      const expected = work.input.standbyName;
      if (phrase !== expected) refuse('promotion.stop-waiting', expected, failure('confirm-mismatch', { expected }));
      const drain = deps.tasks.get(taskId).steps.find((step) => step.id === 'drain');
      if (drain?.state === 'done') throw failure('task-state', { name: expected, state: drain.state, action: 'stop-waiting' });
      work.discardOrdered = true;
      deps.audit.append({ action: 'promotion.stop-waiting', target: expected, outcome: 'done', detail: { task: taskId, left: drain?.progress === null || drain === undefined ? null : (drain.progress.total ?? 0) - drain.progress.done } });
    },

    async acknowledge(reportId) {
      if (!reports.acknowledge(reportId, deps.clock())) throw failure('not-found', { kind: 'report', name: reportId });
      deps.audit.append({ action: 'promotion.acknowledge', target: reportId, outcome: 'done', detail: {} });
    },

    reports: () => reports.list(),
    reportForTask: (taskId) => reports.forTask(taskId),

    async fence(instanceId, phrase) {
      const { name } = deps.fleet.instance(instanceId);
      if (phrase !== name) refuse('promotion.fence', name, failure('confirm-mismatch', { expected: name }));
      const crew = new Crew(deps.fleet);
      const locks = await lockServers([{ name, connect: (options) => deps.fleet.connect(instanceId, options) }], { kind: 'fence', name }, deps.clock);
      try {
        const hand = handOf(crew, reading, instanceId, name);
        await prepareFence(hand);
        await fence(hand, await fenceStatements(hand));
        const lines = await persistFence(hand);
        const closed = await closeClients(crew, hand);
        if (!(await isFenced(hand))) throw failure('step-failed', { step: 'fence', server: name }, { server: name });
        deps.audit.append({ action: 'promotion.fence', target: name, outcome: 'done', detail: { closedSessions: closed, configLines: lines.join('; ') } });
      } finally {
        await crew.close();
        await locks.release();
      }
      await deps.fleet.refresh(instanceId);
    },
  };
}

/** The loss that is reported is never less than the one that was shown and confirmed. */
function withShownLoss(input: EmergencyInput, draft: Draft): EmergencyInput {
  const { loss } = draft.plan;
  return input.notReceived === null && loss.notReceived !== null
    ? { ...input, notReceived: loss.notReceived, notReceivedSet: loss.notReceivedSet, sourceSeenAt: loss.sourceSeenAt }
    : input;
}
