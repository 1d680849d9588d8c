import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { scopeDifference } from '../../../shared/domain/scope/change';
import { checksStepId } from '../../../shared/domain/sync/state';
import type { TaskView } from '../../../shared/domain/tasks/task';
import type { Step, TaskDefinition, TaskKindHandler, Verdict } from '../../tasks/types';
import { ObjectList } from '../../copy/rows/object-list';
import { retryAfterRestart } from '../../replication/retry';
import { PairLocks } from '../../replication/pair-locks';
import { deadRunMs } from '../run/definition';
import { carryStep, checksStep, clearStep, compareStep, confirmStep, dropStep, filtersStep, haltStep, seedStep, type ScopeRun } from './procedure';
import { reachSnapshot } from './steps';
import { CopySeed } from '../seed/copy';
import type { SyncContext } from '../run/context';
import type { ScopeRunDeps } from './context';
import type { ScopeRunInput } from './context';
import { scopeRunInput } from './context';

/** The steps of one change: without additions nothing is copied, and nothing is dropped but on the user's word. */
function scopeSteps(run: ScopeRun): readonly Step[] {
  const { input, copies, removed } = run;
  return [
    checksStep(run),
    haltStep(run),
    ...(input.inTheWay.length > 0 ? [clearStep(run)] : []),
    ...(copies ? [seedStep(run), compareStep(run)] : []),
    filtersStep(run),
    carryStep(run),
    ...(input.dropRemoved && removed.length > 0 ? [dropStep(run)] : []),
    confirmStep(run),
  ];
}

/**
 * Changes the scope of a link that runs. Without additions the applier stops for a moment, gets its filters and goes on.
 * With additions a snapshot of them is taken at a position G while the applier stands still; it goes on, still by the old
 * filters, exactly to G; the copy is made and compared there; then the filters change and it goes on from G. The record
 * of the task changes only where there is no way back any more.
 */
export function scopeRun(deps: ScopeRunDeps, input: ScopeRunInput, { goesOn = false }: { readonly goesOn?: boolean } = {}): TaskDefinition {
  const { syncId, spec, to } = input;
  const from = spec.scope;
  if (from.kind !== 'partial') throw failure('scope-not-partial', { name: spec.name });
  const { added, removed } = scopeDifference(from, to);
  const objects = new ObjectList();
  deps.objects.set(syncId, objects);
  const leftOut = deps.leftOut(syncId);
  // Frozen or paused by the user meanwhile, it applies nothing more, not even up to the snapshot.
  const isHeld = (): boolean => deps.isHeld(spec.standbyId);
  const before: SyncContext = { fleet: deps.fleet, spec, leftOut, isHeld };
  const after: SyncContext = {
    fleet: deps.fleet, spec: { ...spec, scope: to }, isHeld, objects, already: from, leftOut, copyRateMb: () => deps.copyRateMb(syncId),
  };
  const locks = new PairLocks(before, 'scope', deps.clock, goesOn ? deadRunMs : 0);
  const copy = new CopySeed(after, () => locks.retake(), (step, gtidSet) => reachSnapshot({ before, after }, step, gtidSet));
  const steps = scopeSteps({ deps, input, before, after, from, removed, copies: added.length > 0, objects, copy });
  return {
    kind: 'scope',
    name: spec.name,
    instanceIds: [spec.sourceId, spec.standbyId],
    sharedInstanceIds: [spec.sourceId],
    input,
    steps: steps.map((step) => (step.id === checksStepId ? step : retryAfterRestart(before, locks, step))),
    open: () => locks.take(),
    check: () => locks.check(),
    async close() {
      await copy.close();
      await locks.release();
    },
  };
}

/** Builds an interrupted change again, and says where it stands. */
export function scopeHandler(deps: ScopeRunDeps): TaskKindHandler<ScopeRunInput> {
  return {
    kind: 'scope',
    input: scopeRunInput,
    rebuild: async (input) => scopeRun(deps, input, { goesOn: true }),
    judge: async (view, { spec }) => judge(view, deps.fleet.instance(spec.standbyId).name),
  };
}

function judge(view: TaskView, standby: string): Verdict {
  const state = (id: string): string => view.steps.find((step) => step.id === id)?.state ?? 'pending';
  if (state('carry') !== 'pending') return { verdict: 'can-resume', text: message('sync.scope.recover.carry', { standby }) };
  if (view.steps.some((step) => step.state === 'undo-failed' || step.state === 'undoing' || step.state === 'undone')) return {
    verdict: 'can-undo', text: message('sync.scope.recover.undo', { standby }),
  };
  if (state('halt') === 'pending') return { verdict: 'can-resume', text: message('sync.scope.recover.untouched', { standby }) };
  return { verdict: 'can-resume', text: message(state('seed') === 'pending' ? 'sync.scope.recover.halted' : 'sync.scope.recover.copying', { standby }) };
}
