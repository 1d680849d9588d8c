import { resolve } from 'node:path';
import type { ImportRequest } from '../../../shared/domain/operations/import/plan';
import { isUnresolved } from '../../../shared/domain/tasks/task';
import { failure } from '../../../shared/errors/codes';
import { audited } from '../../fleet/audited';
import { PlanDrafts } from '../../tasks/plan-drafts';
import type { TaskEngine } from '../../tasks/types';
import { refusalRecorded, refuseLocked } from '../permission';
import { draftImport, type ImportDraft, type KnownScan } from './draft';
import { importInput } from './input';
import { lookAt } from './source';
import { importDefinition, importVerdict, type ImportDeps } from './task';
import type { ImportService } from './types';

const operation = 'import';
/** As the server gives it to any client: its sql_mode, its time zone. */
const asAnyClient = { profile: 'user', timeoutMs: 10_000 } as const;

/** Files of statements brought into servers: read whole and planned, then run by a durable task. */
export function createImport(deps: ImportDeps & { readonly tasks: TaskEngine }): ImportService {
  const { fleet, audit, clock, tasks } = deps;
  tasks.register({
    kind: 'import',
    input: importInput,
    rebuild: (input) => Promise.resolve(importDefinition(deps, input)),
    judge: (view, input, memory) => importVerdict(fleet, view, input, memory),
  });
  const scans = new WeakMap<ImportRequest, KnownScan>();
  const drafts = new PlanDrafts<ImportRequest, ImportDraft>({
    clock,
    draft: async (id, request, signal) => {
      const { instance } = await refuseLocked(fleet, request.instanceId, operation);
      const file = await lookAt(resolve(request.path));
      const options = signal === undefined ? asAnyClient : { ...asAnyClient, signal };
      const replicas = fleet.replicasOf(instance.id).map(({ name }) => name);
      const { draft, known } = await draftImport((use) => fleet.withSession(instance.id, use, options), {
        id, request, name: instance.name, file, replicas, clock, known: scans.get(request) ?? null, signal,
      });
      scans.set(request, known);
      return draft;
    },
    outdated: (shown, now) => (shown.basis === now.basis ? null : now.plan.name),
  });
  return {
    plan: (request, signal) => refusalRecorded({ fleet, audit }, request.instanceId, operation, {}, () => drafts.plan(request, signal)),
    execute: async (planId, phrase) => {
      const { plan } = drafts.find(planId);
      return audited(audit, 'import.execute', plan.name, { file: plan.file.path, bytes: plan.file.size, statements: plan.scan.statements }, async () => {
        const { input } = await drafts.take(planId, phrase, () => refuseInterrupted(tasks, plan.instanceId, plan.name));
        const task = await tasks.start(importDefinition(deps, input));
        return { taskId: task.id };
      });
    },
  };
}

/** An import that was left half-way there goes on first, or is ended. */
function refuseInterrupted(tasks: TaskEngine, instanceId: string, name: string): void {
  const left = tasks.list().find((task) => task.kind === 'import' && task.instanceIds.includes(instanceId) && isUnresolved(task));
  if (left !== undefined) throw failure('has-task', { name, task: left.name });
}
