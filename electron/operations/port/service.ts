import type { PortRequest } from '../../../shared/domain/operations/port/plan';
import { failure } from '../../../shared/errors/codes';
import { audited } from '../../fleet/audited';
import { dialectFor } from '../../mysql/dialect/dialect';
import { parseServerVersion } from '../../../shared/domain/fleet/version';
import { PlanDrafts } from '../../tasks/plan-drafts';
import type { TaskEngine } from '../../tasks/types';
import { refusalRecorded, refuseLocked } from '../permission';
import { draftPort, stepsOf, type PortDraft } from './draft';
import { portDefinition, portsText, portVerdict } from './task';
import type { PortDeps, PortService } from './types';
import { portInput } from './work';

/** The ports of servers: why they are what they are, changed with everybody who has to follow. */
export function createPort(deps: PortDeps & { readonly tasks: TaskEngine }): PortService {
  const { fleet, audit, clock, tasks } = deps;
  tasks.register({
    kind: 'port-change',
    input: portInput,
    rebuild: async (input) => {
      // The server may be away, or at another port: its words are those of the version that was last read.
      const version = fleet.view(input.instanceId).facts?.server.version ?? '8.0.31';
      return portDefinition(deps, input, stepsOf(input, dialectFor(parseServerVersion(version))));
    },
    judge: (view, input) => portVerdict(deps, view, input),
  });
  const drafts = new PlanDrafts<PortRequest, PortDraft>({
    clock,
    draft: async (id, request) => {
      await refuseLocked(fleet, request.instanceId, 'port');
      return draftPort(deps, id, request);
    },
    outdated: (shown, now) => (shown.basis === now.basis ? null : now.plan.name),
  });
  return {
    plan: (request, signal) => refusalRecorded(deps, request.instanceId, 'port', {}, () => drafts.plan(request, signal)),
    async execute(planId, phrase) {
      const { plan, input: shown } = drafts.find(planId);
      return audited(audit, 'port.execute', plan.name, { ports: portsText(shown) }, async () => {
        const { input, plan: fresh } = await drafts.take(planId, phrase, () => {
          const left = tasks.list().find((task) => task.kind === 'port-change' && task.state === 'interrupted' && task.instanceIds.includes(plan.instanceId));
          if (left !== undefined) throw failure('has-task', { name: plan.name, task: left.name });
        });
        const task = await tasks.start(portDefinition(deps, input, fresh.steps));
        return { taskId: task.id };
      });
    },
  };
}
