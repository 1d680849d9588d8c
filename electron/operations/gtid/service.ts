import { failure } from '../../../shared/errors/codes';
import type { GtidRequest } from '../../../shared/domain/operations/gtid-change';
import type { GtidService } from './types';
import { audited } from '../../fleet/audited';
import { PlanDrafts } from '../../tasks/plan-drafts';
import type { TaskEngine } from '../../tasks/types';
import { gtidDefinition, type GtidDeps } from './definition';
import { gtidChangeVerdict } from './recovery';
import { draftGtidPlan, type GtidDraft } from './plan';
import { gtidInput } from './work';

/**
 * The guided online change to GTID: a plan over the whole topology, and a durable task that carries it out. Registers with
 * the task engine how an interrupted one is judged and taken up again.
 */
export function createGtidChange(deps: GtidDeps & { readonly tasks: TaskEngine }): GtidService {
  deps.tasks.register({
    kind: 'gtid-change',
    input: gtidInput,
    rebuild: async (input) => gtidDefinition(deps, input, new Map(), true),
    judge: (view, input) => gtidChangeVerdict(deps.fleet, view, input),
  });
  const drafts = new PlanDrafts<GtidRequest, GtidDraft>({
    clock: deps.clock,
    draft: (id, request, signal) => draftGtidPlan(deps, id, request, signal),
    outdated: (shown, now) => (shown.basis === now.basis ? null : 'members'),
  });

  return {
    plan: (request, signal) => drafts.plan(request, signal),

    async execute(planId, phrase) {
      const { sourceName, watchSeconds, servers } = drafts.find(planId).plan;
      return audited(deps.audit, 'gtid.execute', sourceName, { watchSeconds, servers: servers.map(({ name }) => name).join(', ') }, async () => {
        const { input, sql } = await drafts.take(planId, phrase, (shown) => refuseInterrupted(deps.tasks, shown));
        const task = await deps.tasks.start(gtidDefinition(deps, input, sql, false));
        return { taskId: task.id };
      });
    },
  };
}

/** A change that was interrupted on one of the servers goes on or back first. */
function refuseInterrupted(tasks: TaskEngine, { input: { sourceName, members } }: GtidDraft): void {
  const isOfThem = ({ instanceIds }: { readonly instanceIds: readonly string[] }): boolean => members.some(({ id }) => instanceIds.includes(id));
  const left = tasks.list().find((task) => task.kind === 'gtid-change' && task.state === 'interrupted' && isOfThem(task));
  if (left !== undefined) throw failure('has-task', { name: sourceName, task: left.name });
}
