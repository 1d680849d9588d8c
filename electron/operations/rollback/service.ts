import type { RollbackRecord } from '../../../shared/domain/operations/rollback/record';
import type { Plan } from '../../../shared/domain/tasks/plan';
import { endedStates, type TaskView } from '../../../shared/domain/tasks/task';
import { failure } from '../../../shared/errors/codes';
import { audited } from '../../fleet/audited';
import { actorName } from '../../storage/actor';
import { PlanDrafts } from '../../tasks/plan-drafts';
import type { TaskEngine } from '../../tasks/types';
import { refusalRecorded, refuseLocked } from '../permission';
import { draftBeside, type BesideDraft, type BesideRequest } from './beside-plan';
import { RollbackBook } from './book';
import { rollbackDefinition, rollbackVerdict } from './definition';
import { latestTransactions, transactionAt } from './log-reading';
import type { RollbackService } from './types';
import { draftUndo, type UndoDraft, type UndoRequest } from './undo-plan';
import { readWindow, type ReadBackups } from './window';
import { rollbackInput, type RollbackDeps, type RollbackInput } from './work';

/** Rollback of chosen transactions, and the log of every rollback. See {@link RollbackService}. */
export function createRollback(deps: RollbackDeps & { readonly tasks: TaskEngine; readonly backups: ReadBackups }): RollbackService {
  const { fleet, tasks, audit, clock } = deps;
  const book = new RollbackBook(deps.dataFolder);
  tasks.register({
    kind: 'rollback',
    input: rollbackInput,
    rebuild: async (input) => rollbackDefinition(deps, book, input, true),
    judge: (view, input, memory) => rollbackVerdict(deps, book, view, input, memory),
  });
  const allowed = async (instanceId: string): Promise<string> => (await refuseLocked(fleet, instanceId, 'rollback')).instance.name;
  const drafts = {
    undo: new PlanDrafts<UndoRequest, UndoDraft>({
      clock, draft: async (id, request, signal) => draftUndo(deps, id, await allowed(request.instanceId), request, signal), outdated,
    }),
    beside: new PlanDrafts<BesideRequest, BesideDraft>({
      clock, draft: async (id, request, signal) => draftBeside(deps, id, await allowed(request.instanceId), request, signal), outdated,
    }),
  };
  const begin = async (input: RollbackInput): Promise<TaskView> => {
    book.add(recordOf(input, clock()));
    const task = await tasks.start(rollbackDefinition(deps, book, input, false));
    book.noteTask(input.id, task.id);
    return task;
  };
  const owner = (instanceId: string) => ({ fleet, instanceId, name: fleet.instance(instanceId).name });

  return {
    window: (instanceId, signal) => readWindow(owner(instanceId), deps.backups, clock(), signal),
    transactions: (instanceId, filter, most, signal) => latestTransactions(owner(instanceId), filter, most, signal),
    transactionAt: (instanceId, at, signal) => transactionAt(owner(instanceId), at, signal),
    planUndo: (instanceId, gtids, signal) =>
      refusalRecorded(deps, instanceId, 'rollback', {}, () => drafts.undo.plan({ kind: 'undo', instanceId, gtids: [...new Set(gtids)] }, signal)),
    planBeside: (order, signal) => refusalRecorded(deps, order.instanceId, 'rollback', {}, () => drafts.beside.plan({ kind: 'beside', ...order }, signal)),

    async execute(planId, phrase, acceptWarnings) {
      const mayBegin = ({ plan }: UndoDraft | BesideDraft): void => {
        refuseInterrupted(tasks, plan.instanceId, plan.name);
        refuseUnaccepted(plan, acceptWarnings);
      };
      if (drafts.undo.has(planId)) {
        const { plan } = drafts.undo.find(planId);
        return audited(audit, 'rollback.undo', plan.name, { gtids: plan.gtids.join(', ') }, async () => {
          const { basis, plan: { instanceId, name, gtids } } = await drafts.undo.take(planId, phrase, mayBegin);
          return begin({ id: planId, instanceId, name, way: 'undo', gtids: [...gtids], shown: basis });
        });
      }
      const { plan } = drafts.beside.find(planId);
      const what = plan.names.map((one) => `${one.database}.${one.table} → ${one.newDatabase}.${one.newTable}`).join(', ').slice(0, 2000);
      return audited(audit, 'rollback.beside', plan.name, { gtid: plan.moment.gtid, what }, async () => {
        const { plan: { instanceId, name, moment, names } } = await drafts.beside.take(planId, phrase, mayBegin);
        return begin({ id: planId, instanceId, name, way: 'backward', gtid: moment.gtid, at: moment.at, names: names.map((one) => ({ ...one })) });
      });
    },

    records: (instanceId) => book.list(instanceId === null ? null : fleet.instance(instanceId).id),
  };
}

function recordOf(input: RollbackInput, at: number): RollbackRecord {
  const { id, instanceId, name, way } = input;
  return {
    id, instanceId, name, at, actor: actorName(), way, taskId: '', outcome: null, end: null,
    ...(input.way === 'undo' ? { gtids: input.gtids, moment: null, names: [] } : { gtids: [], moment: { gtid: input.gtid, at: input.at }, names: input.names }),
  };
}

/** One that was interrupted there goes on or back first. */
function refuseInterrupted(tasks: TaskEngine, instanceId: string, name: string): void {
  const left = tasks.list().find(({ kind, state, instanceIds }) => kind === 'rollback' && !endedStates.includes(state) && instanceIds.includes(instanceId));
  if (left !== undefined) throw failure('has-task', { name, task: left.name });
}

function refuseUnaccepted(plan: Plan, acceptWarnings: boolean): void {
  const warned = plan.preconditions.filter(({ status }) => status === 'warn');
  if (acceptWarnings || warned.length === 0) return;
  throw failure('warnings-not-accepted', { count: warned.length, first: warned[0]?.id ?? '' });
}

/** What a plan stood on is not so any more. */
const outdated = (shown: Outdatable, now: Outdatable): string | null => (shown.basis === now.basis ? null : now.plan.name);

interface Outdatable {
  readonly basis: string;
  readonly plan: { readonly name: string };
}
