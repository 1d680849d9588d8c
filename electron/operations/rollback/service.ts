import type { NewName } from '../../../shared/domain/operations/rollback/names';
import { copiesOf, type RollbackRecord } from '../../../shared/domain/operations/rollback/record';
import { pairStanding } from '../../../shared/domain/operations/rollback/swap';
import type { Plan } from '../../../shared/domain/tasks/plan';
import { endedStates, type TaskView } from '../../../shared/domain/tasks/task';
import { failure } from '../../../shared/errors/codes';
import { audited } from '../../fleet/audited';
import { actorName } from '../../storage/actor';
import type { AuditLog } from '../../storage/types';
import { PlanDrafts } from '../../tasks/plan-drafts';
import type { TaskEngine } from '../../tasks/types';
import { refusalRecorded, refuseLocked } from '../permission';
import { draftBeside } from './beside-draft';
import type { BesideDraft, BesideRequest } from './beside-plan';
import { RollbackBook } from './book';
import { rollbackDefinition, rollbackVerdict } from './definition';
import { compareTables } from './compare';
import { comparing, untilGivenUp } from './given-up';
import { latestTransactions, transactionAt } from './log-reading';
import { draftSwap, type SwapDraft, type SwapRequest } from './swap';
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
  const drafts = draftsOf(deps);
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

    async compare(recordId, table, signal) {
      const { instanceId } = book.get(recordId);
      const session = await fleet.connect(instanceId, comparing(signal));
      try {
        return await untilGivenUp([session], signal, () => compareTables(session, recordId, unswapped(book, recordId, table)));
      } finally {
        session.destroy();
      }
    },
    planCopyBack({ recordId, database, table, differences, rows }, signal) {
      const { instanceId } = book.get(recordId);
      const pair = unswapped(book, recordId, { database, table });
      return refusalRecorded(deps, instanceId, 'rollback', {}, () => drafts.undo.plan({ kind: 'undo', instanceId, pair, differences, rows }, signal));
    },
    planSwap(recordId, tables, signal) {
      const record = book.get(recordId);
      const names = tables === null ? copiesOf(record) : tables.map((one) => pairIn(book, recordId, one));
      if (names.length === 0) throw failure('not-found', { kind: 'rollback', name: recordId });
      const { instanceId } = record;
      const since = names.map((one) => pairStanding(book.list(null), record, one).since);
      return refusalRecorded(deps, instanceId, 'rollback', {}, () => drafts.swap.plan({ kind: 'swap', instanceId, recordId, names, since }, signal));
    },

    execute: (planId, phrase, acceptWarnings) => execute({ tasks, audit, drafts, begin }, planId, phrase, acceptWarnings),

    records: (instanceId) => book.list(instanceId === null ? null : fleet.instance(instanceId).id),
  };
}

function draftsOf(deps: RollbackDeps) {
  const { clock } = deps;
  const allowed = async (instanceId: string): Promise<string> => (await refuseLocked(deps.fleet, instanceId, 'rollback')).instance.name;
  return {
    undo: new PlanDrafts<UndoRequest, UndoDraft>({
      clock, draft: async (id, request, signal) => draftUndo(deps, id, await allowed(request.instanceId), request, signal), outdated,
    }),
    swap: new PlanDrafts<SwapRequest, SwapDraft>({
      clock, draft: async (id, request, signal) => draftSwap(deps, id, await allowed(request.instanceId), request, signal), outdated,
    }),
    beside: new PlanDrafts<BesideRequest, BesideDraft>({
      clock, draft: async (id, request, signal) => draftBeside(deps, id, await allowed(request.instanceId), request, signal), outdated,
    }),
  };
}

interface Execution {
  readonly tasks: TaskEngine;
  readonly audit: AuditLog;
  readonly drafts: ReturnType<typeof draftsOf>;
  readonly begin: (input: RollbackInput) => Promise<TaskView>;
}

async function execute({ tasks, audit, drafts, begin }: Execution, planId: string, phrase: string, acceptWarnings: boolean): Promise<TaskView> {
  const mayBegin = ({ plan }: UndoDraft | BesideDraft | SwapDraft): void => {
    refuseInterrupted(tasks, plan.instanceId, plan.name);
    refuseUnaccepted(plan, acceptWarnings);
  };
  if (drafts.undo.has(planId)) {
    const { plan, request: shown } = drafts.undo.find(planId);
    const [action, detail] = 'pair' in shown ? ['rollback.copy-back', { table: pairText(shown.pair) }] as const
      : ['rollback.undo', { gtids: shown.gtids.join(', ') }] as const;
    return audited(audit, action, plan.name, detail, async () => {
      const { basis, request, plan: { instanceId, name } } = await drafts.undo.take(planId, phrase, mayBegin);
      const input = { id: planId, instanceId, name, shown: basis };
      if (!('pair' in request)) return begin({ ...input, way: 'undo', gtids: [...request.gtids] });
      const { pair, differences, rows } = request;
      return begin({ ...input, way: 'copy-back', pair: { ...pair }, differences: [...differences], rows: rows === null ? null : [...rows] });
    });
  }
  if (drafts.swap.has(planId)) {
    const { plan } = drafts.swap.find(planId);
    return audited(audit, 'rollback.swap', plan.name, { what: plan.names.map(pairText).join(', ').slice(0, 2000) }, async () => {
      const { plan: { instanceId, name, names } } = await drafts.swap.take(planId, phrase, mayBegin);
      return begin({ id: planId, instanceId, name, way: 'swap', names: names.map((one) => ({ ...one })) });
    });
  }
  const { plan } = drafts.beside.find(planId);
  const what = plan.names.map(pairText).join(', ').slice(0, 2000);
  return audited(audit, 'rollback.beside', plan.name, { gtid: plan.moment.gtid, what }, async () => {
    const { plan: { instanceId, name, moment, names, backup } } = await drafts.beside.take(planId, phrase, mayBegin);
    const what = { id: planId, instanceId, name, gtid: moment.gtid, at: moment.at, names: names.map((one) => ({ ...one })) };
    return begin(backup === null ? { ...what, way: 'backward' } : { ...what, way: 'forward', backupId: backup.id });
  });
}

const pairText = (one: NewName): string => `${one.database}.${one.table} → ${one.newDatabase}.${one.newTable}`;

function pairIn(book: RollbackBook, recordId: string, { database, table }: Pick<NewName, 'database' | 'table'>): NewName {
  const found = copiesOf(book.get(recordId)).find((one) => one.database === database && one.table === table);
  if (found === undefined) throw failure('not-found', { kind: 'table', name: `${database}.${table}` });
  return found;
}

/** A pair of which the copy is what the table was at the moment: not once their names were swapped. */
function unswapped(book: RollbackBook, recordId: string, table: Pick<NewName, 'database' | 'table'>): NewName {
  const pair = pairIn(book, recordId, table);
  const { names } = pairStanding(book.list(null), book.get(recordId), pair);
  if (names === 'as-made') return pair;
  const [original, copy] = [`${pair.database}.${pair.table}`, `${pair.newDatabase}.${pair.newTable}`];
  throw failure('rollback-not-comparable', { table: original, copy, why: names });
}

function recordOf(input: RollbackInput, at: number): RollbackRecord {
  const { id, instanceId, name, way } = input;
  const what = { gtids: [] as readonly string[], moment: null as RollbackRecord['moment'], names: [] as readonly NewName[] };
  if (input.way === 'undo') what.gtids = input.gtids;
  else if (input.way === 'copy-back') what.names = [input.pair];
  else what.names = input.names;
  if (input.way === 'backward' || input.way === 'forward') what.moment = { gtid: input.gtid, at: input.at };
  return { id, instanceId, name, at, actor: actorName(), way, taskId: '', outcome: null, end: null, ...what };
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
