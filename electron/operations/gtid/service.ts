import { randomUUID } from 'node:crypto';
import { isExecutable } from '../../../shared/domain/tasks/plan';
import { failure } from '../../../shared/errors/codes';
import type { GtidService } from './types';
import { audited } from '../../fleet/audited';
import type { TaskEngine } from '../../tasks/types';
import { gtidDefinition, type GtidDeps } from './definition';
import { judgeGtidChange } from './judge';
import { draftGtidPlan, planLifeMs, type GtidDraft } from './plan';
import type { GtidInput } from './work';

/**
 * The guided online change to GTID: a plan over the whole topology, and a durable task that carries it out. Registers with
 * the task engine how an interrupted one is judged and taken up again.
 */
export function createGtidChange(deps: GtidDeps & { readonly tasks: TaskEngine }): GtidService {
  const drafts = new Map<string, GtidDraft>();
  deps.tasks.register({
    kind: 'gtid-change',
    rebuild: async (input) => gtidDefinition(deps, input as unknown as GtidInput, new Map(), true),
    judge: (view, input) => judgeGtidChange(deps.fleet, view, input as unknown as GtidInput),
  });

  function refuseUnfit({ plan }: GtidDraft): void {
    if (isExecutable(plan)) return;
    const failed = plan.preconditions.filter(({ status }) => status === 'fail');
    throw failure('precondition-failed', { count: failed.length, first: failed[0]?.id ?? '' });
  }

  return {
    async plan(request, signal) {
      for (const [id, { plan }] of drafts) if (plan.expiresAt < deps.clock()) drafts.delete(id);
      const draft = await draftGtidPlan(deps, randomUUID(), request, signal);
      drafts.set(draft.plan.id, draft);
      return draft.plan;
    },

    async execute(planId, phrase) {
      const draft = drafts.get(planId);
      if (draft === undefined) throw failure('not-found', { kind: 'plan', name: planId });
      const { sourceName, watchSeconds } = draft.plan;
      return audited(deps.audit, 'gtid.execute', sourceName, { watchSeconds, servers: draft.plan.servers.map(({ name }) => name).join(', ') }, async () => {
        if (draft.plan.expiresAt < deps.clock()) throw failure('plan-expired', { seconds: planLifeMs / 1000 });
        if (phrase !== sourceName) throw failure('confirm-mismatch', { expected: sourceName });
        refuseUnfit(draft);
        const left = deps.tasks.list().find((task) => task.kind === 'gtid-change' && task.state === 'interrupted' && task.instanceIds.some((id) => draft.input.members.some((member) => member.id === id)));
        if (left !== undefined) throw failure('has-task', { name: sourceName, task: left.name });
        // The servers are the truth: read again, and held against what the plan showed.
        const fresh = await draftGtidPlan(deps, planId, draft.request);
        refuseUnfit(fresh);
        if (fresh.basis !== draft.basis) throw failure('plan-outdated', { what: 'members' });
        // A plan runs once: a second click finds none.
        if (!drafts.delete(planId)) throw failure('not-found', { kind: 'plan', name: planId });
        const task = await deps.tasks.start(gtidDefinition(deps, fresh.input, fresh.sql, false));
        return { taskId: task.id };
      });
    },
  };
}
