import type { CharsetRequest } from '../../../shared/domain/operations/charset/plan';
import { isUnresolved } from '../../../shared/domain/tasks/task';
import { failure } from '../../../shared/errors/codes';
import { audited } from '../../fleet/audited';
import { PlanDrafts } from '../../tasks/plan-drafts';
import type { TaskEngine } from '../../tasks/types';
import { refusalRecorded, refuseLocked } from '../permission';
import { draftCharset, type CharsetDraft } from './draft';
import { charsetInput } from './input';
import { readOverview } from './read';
import { charsetDefinition, charsetVerdict, plannedAgain, type CharsetDeps } from './task';
import type { CharsetService } from './types';

const readLimits = { timeoutMs: 5000, queryTimeoutMs: 60_000 };

/** The character sets of servers: seen, planned over definitions and rows, changed by a durable task. */
export function createCharset(deps: CharsetDeps & { readonly tasks: TaskEngine }): CharsetService {
  const { fleet, audit, clock, tasks } = deps;
  tasks.register({
    kind: 'charset',
    input: charsetInput,
    rebuild: async (input) => charsetDefinition(deps, input, await plannedAgain(fleet, input)),
    judge: (view, input, memory) => charsetVerdict(fleet, view, input, memory),
  });
  const drafts = new PlanDrafts<CharsetRequest, CharsetDraft>({
    clock,
    draft: async (id, request, signal) => {
      const { instance } = await refuseLocked(fleet, request.instanceId, 'character-set');
      const { name } = instance;
      const replicas = fleet.replicasOf(instance.id).length;
      return fleet.withSession(instance.id, (session) => draftCharset(session, { id, request, name, replicas, now: clock(), signal }),
        signal === undefined ? readLimits : { ...readLimits, signal });
    },
    outdated: (shown, now) => (shown.basis === now.basis ? null : now.plan.name),
  });
  return {
    overview: (instanceId, signal) => {
      const { name } = fleet.instance(instanceId);
      return fleet.withSession(instanceId, (session) => readOverview(session, instanceId, name), signal === undefined ? readLimits : { ...readLimits, signal });
    },
    plan: (request, signal) => refusalRecorded(deps, request.instanceId, 'character-set', {}, () => drafts.plan(request, signal)),
    async execute(planId, phrase) {
      const { plan } = drafts.find(planId);
      const tables = plan.components.reduce((sum, one) => sum + one.tables.length, 0);
      return audited(audit, 'charset.execute', plan.name, { charset: plan.collation, tables }, async () => {
        const { input, plan: fresh } = await drafts.take(planId, phrase, () => refuseInterrupted(tasks, plan.instanceId, plan.name));
        const task = await tasks.start(charsetDefinition(deps, input, fresh.steps));
        return { taskId: task.id };
      });
    },
  };
}

/** A change that was left half-way there goes on first. */
function refuseInterrupted(tasks: TaskEngine, instanceId: string, name: string): void {
  const left = tasks.list().find((task) => task.kind === 'charset' && task.instanceIds.includes(instanceId) && isUnresolved(task));
  if (left !== undefined) throw failure('has-task', { name, task: left.name });
}
