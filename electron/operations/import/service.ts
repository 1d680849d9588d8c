import { resolve } from 'node:path';
import type { ImportFile, ImportPlan, ImportRequest } from '../../../shared/domain/operations/import/plan';
import type { RowsPlan, RowsRequest } from '../../../shared/domain/operations/import/rows/plan';
import { isUnresolved } from '../../../shared/domain/tasks/task';
import { failure } from '../../../shared/errors/codes';
import { audited } from '../../fleet/audited';
import type { Session } from '../../mysql/types';
import { PlanDrafts } from '../../tasks/plan-drafts';
import type { TaskEngine } from '../../tasks/types';
import { refusalRecorded, refuseLocked } from '../permission';
import { draftImport, type ImportDraft, type KnownScan } from './draft';
import { importInput } from './input';
import { draftRows, type KnownRows, type RowsDraft } from './rows/draft';
import { headOf, inspected } from './rows/inspect';
import { readTarget } from './rows/target';
import { lookAtDump } from './folder';
import { lookAt } from './source';
import { importDefinition, importVerdict, type ImportDeps } from './task';
import type { ImportService } from './types';

const operation = 'import';
/** As the server gives it to any client: its sql_mode, its time zone. */
const asAnyClient = { profile: 'user', timeoutMs: 10_000 } as const;

const withSignal = (signal: AbortSignal | undefined) => (signal === undefined ? asAnyClient : { ...asAnyClient, signal });

type Deps = Omit<ImportDeps, 'tasks'> & { readonly tasks: TaskEngine };

/** Files brought into servers: read whole and planned, then run by a durable task. */
export function createImport(deps: Deps): ImportService {
  const { fleet, audit, tasks } = deps;
  tasks.register({
    kind: 'import',
    input: importInput,
    rebuild: (input) => Promise.resolve(importDefinition(deps, input)),
    judge: (view, input, memory) => importVerdict(fleet, view, input, memory),
  });
  const drafts = statementDrafts(deps);
  const ofRows = rowDrafts(deps);
  const recorded = <Result>(instanceId: string, act: () => Promise<Result>): Promise<Result> =>
    refusalRecorded({ fleet, audit }, instanceId, operation, {}, act);
  /** Runs what a plan says, once. */
  const started = <Request>(
    of: PlanDrafts<Request, (Statements | Rows) & { readonly request: Request }>, planId: string, phrase: string, name: string, instanceId: string,
  ) => async () => {
    const { input } = await of.take(planId, phrase, () => refuseInterrupted(tasks, instanceId, name));
    const task = await tasks.start(importDefinition(deps, input));
    return { taskId: task.id };
  };
  return {
    plan: (request, signal) => recorded(request.instanceId, () => drafts.plan(request, signal)),
    planRows: (request, signal) => recorded(request.instanceId, () => ofRows.plan(request, signal)),
    inspect: (request, signal) => recorded(request.instanceId, async () => {
      const { instance } = await refuseLocked(fleet, request.instanceId, operation);
      const { database, table, form } = request;
      const file = await lookAt(resolve(request.path));
      const target = database === null || table === null ? null
        : await fleet.withSession(instance.id, (session) => readTarget(session, database, table), withSignal(signal));
      return inspected(file, await headOf(file, signal), form, target === null ? null : target.columns);
    }),
    execute: async (planId, phrase) => {
      if (ofRows.has(planId)) {
        const { plan } = ofRows.find(planId);
        const { name, file, database, table, scan } = plan;
        const detail = { file: file.path, bytes: file.size, table: `${database}.${table}`, rows: scan.records };
        return audited(audit, 'import.rows', name, detail, started(ofRows, planId, phrase, name, plan.instanceId));
      }
      const { plan } = drafts.find(planId);
      const detail = { file: plan.file.path, bytes: plan.file.size, statements: plan.scan.statements };
      return audited(audit, 'import.execute', plan.name, detail, started(drafts, planId, phrase, plan.name, plan.instanceId));
    },
  };
}

interface Statements extends ImportDraft {
  readonly plan: ImportPlan;
}
interface Rows extends RowsDraft {
  readonly plan: RowsPlan;
}

function statementDrafts(deps: Deps): PlanDrafts<ImportRequest, Statements> {
  const scans = new WeakMap<ImportRequest, KnownScan>();
  return new PlanDrafts<ImportRequest, Statements>({
    clock: deps.clock,
    draft: async (id, request, signal) => {
      const { draft, known } = await draftImport(...(await caseOf(deps, id, request, signal, { known: scans.get(request) ?? null, look: lookAtDump })));
      scans.set(request, known);
      return draft;
    },
    outdated: (shown, now) => (shown.basis === now.basis ? null : now.plan.name),
  });
}

function rowDrafts(deps: Deps): PlanDrafts<RowsRequest, Rows> {
  const scans = new WeakMap<RowsRequest, KnownRows>();
  return new PlanDrafts<RowsRequest, Rows>({
    clock: deps.clock,
    draft: async (id, request, signal) => {
      const { draft, known } = await draftRows(...(await caseOf(deps, id, request, signal, { known: scans.get(request) ?? null, look: lookAt })));
      scans.set(request, known);
      return draft;
    },
    outdated: (shown, now) => (shown.basis === now.basis ? null : now.plan.name),
  });
}

/** What a plan is made from: the file as it is now, and an instance whose role allows it. */
async function caseOf<Request extends { readonly instanceId: string; readonly path: string }, Known>(
  { fleet, clock }: Deps, id: string, request: Request, signal: AbortSignal | undefined,
  { known, look }: { readonly known: Known; readonly look: (path: string) => Promise<ImportFile> },
) {
  const { instance } = await refuseLocked(fleet, request.instanceId, operation);
  const file = await look(resolve(request.path));
  const options = withSignal(signal);
  const replicas = fleet.replicasOf(instance.id).map(({ name }) => name);
  const withSession = <Result>(use: (session: Session) => Promise<Result>): Promise<Result> => fleet.withSession(instance.id, use, options);
  return [withSession, { id, request, name: instance.name, file, replicas, clock, known, signal }] as const;
}

/** An import that was left half-way there goes on first, or is ended. */
function refuseInterrupted(tasks: TaskEngine, instanceId: string, name: string): void {
  const left = tasks.list().find((task) => task.kind === 'import' && task.instanceIds.includes(instanceId) && isUnresolved(task));
  if (left !== undefined) throw failure('has-task', { name, task: left.name });
}
