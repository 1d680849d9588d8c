import * as v from 'valibot';
import { Failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import type { TaskEngine, TaskKindHandler, Verdict } from '../../tasks/types';
import type { TaskView } from '../../../shared/domain/tasks/task';
import { readMark } from '../../copy/marker';
import { syncRun } from './definition';
import { linkStatus } from '../../replication/status';
import { specSchema } from '../../replication/sync-spec';
import type { RunDeps } from './context';
import type { RunInput } from './context';

/** The durable input of a run. How quick its copy may be stands with the task: it may change while a run goes on. */
export const runInput = v.object({ syncId: v.string(), spec: v.omit(specSchema, ['copyRateMb']) });

/** Builds an interrupted run again, and says from journal and servers where it stands. */
export function syncHandler(deps: RunDeps): TaskKindHandler<RunInput> {
  return {
    kind: 'sync',
    input: runInput,
    rebuild: async (input) => syncRun(deps, input, { goesOn: true }),
    judge: (view, input) => judge(deps, view, input),
  };
}

async function judge({ fleet }: RunDeps, view: TaskView, { spec }: RunInput): Promise<Verdict> {
  const standby = fleet.instance(spec.standbyId).name;
  const state = (id: string): string => view.steps.find((step) => step.id === id)?.state ?? 'pending';
  const untouched = (id: string): boolean => state(id) === 'pending' || state(id) === 'undone';
  if (state('finish') !== 'pending') {
    const status = await fleet.withSession(spec.standbyId, linkStatus);
    if (status !== null) return { verdict: 'can-resume', text: message('sync.recover.finish', { standby }) };
    return { verdict: 'needs-attention', text: message('sync.recover.linkGone', { standby }) };
  }
  if (view.steps.some((step) => step.state === 'undo-failed' || step.state === 'undoing' || step.state === 'undone')) {
    return { verdict: 'can-undo', text: message('sync.recover.undo', { standby }) };
  }
  if (untouched('seed') && untouched('erase')) return { verdict: 'can-resume', text: message('sync.recover.untouched', { standby }) };
  if (untouched('seed')) return { verdict: 'can-resume', text: message('sync.recover.erased', { standby }) };
  if (state('compare') === 'done') return { verdict: 'can-resume', text: message('sync.recover.seeded', { standby }) };
  const mark = await fleet.withSession(spec.standbyId, readMark);
  return {
    verdict: 'can-resume',
    text: mark === null ? message('sync.recover.seed', { standby }) : message('sync.recover.halfCopied', { standby, since: mark.startedAt }),
  };
}

/**
 * Takes back what the last run of a task left because a server was away then. Nothing is begun anew on top of it.
 *
 * @throws Failure what keeps it from being taken back still
 */
export async function finishUndo(tasks: TaskEngine, last: TaskView | null): Promise<void> {
  if (last?.state !== 'failed' || !missedUndo(last)) return;
  await tasks.undoInterrupted(last.id);
  const ended = await tasks.whenEnded(last.id);
  if (ended.error !== null && missedUndo(ended)) throw new Failure(ended.error);
}

function missedUndo({ steps }: TaskView): boolean {
  return steps.some(({ state }) => state === 'undo-failed');
}
