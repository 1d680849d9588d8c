// The procedure of a change of scope, step by step, each with its way back.
import { scopeCheckIds } from '../../../shared/domain/checks';
import { reportOfChange } from '../../../shared/domain/checks/narrowing';
import type { StoppedAt } from '../../../shared/domain/scope/border';
import type { PartialScope, ScopePart } from '../../../shared/domain/scope/change';
import { checksStepId } from '../../../shared/domain/sync/state';
import { errorOf } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import type { ObjectList } from '../../copy/rows/object-list';
import { startApplier, stopApplier } from '../../replication/applier';
import { onStandby, sourceOf, standbyOf } from '../../replication/link-context';
import { linkRunsOn } from '../../replication/threads';
import type { Step, StepContext } from '../../tasks/types';
import { warningsOf, refuseReport } from '../run/procedure';
import { confirmLink } from '../run/steps';
import type { CopySeed } from '../seed/copy';
import { readPair } from '../seed/refusals';
import { closeAgain, giveTimeToReturn, restoreTarget } from '../seed/standby-settings';
import { borderOf } from './border';
import { refuseScopeChange } from './refusals';
import { droppedObjects, dropObjects, turnFilters, type ScopeContexts } from './steps';
import type { ScopeRunDeps } from './context';
import type { ScopeRunInput } from './context';

/** What the steps of one change share. */
export interface ScopeRun extends ScopeContexts {
  readonly deps: ScopeRunDeps;
  readonly input: ScopeRunInput;
  readonly from: PartialScope;
  /** Taken out of the scope. */
  readonly removed: readonly ScopePart[];
  /** Something is added, and copied. */
  readonly copies: boolean;
  readonly objects: ObjectList;
  readonly copy: CopySeed;
}

const hour = 3_600_000;

function standbyName({ before }: ScopeRun): string {
  return standbyOf(before).name;
}

export function checksStep(run: ScopeRun): Step {
  const { deps, input } = run;
  const { syncId, spec, to } = input;
  return {
    id: checksStepId,
    title: message('sync.scope.step.checks'),
    async run(step) {
      refuseScopeChange(deps.fleet, spec, input, await readPair(deps.fleet, spec, step.signal));
      const { sourceId, standbyId } = spec;
      // What is dropped as it leaves the scope does not stand beside it afterwards.
      const dropped = input.dropRemoved ? run.removed : [];
      const read = await deps.runChecks({ sourceId, standbyId, scope: to, seed: 'copy', eraseTarget: true, only: scopeCheckIds, dropped }, step.signal);
      const report = reportOfChange(read, run.copies);
      deps.reported(syncId, report);
      refuseReport(report, input.acceptWarnings);
      const warned = warningsOf(report);
      if (warned !== '') deps.accepted(spec, warned);
    },
  };
}

export function haltStep(run: ScopeRun): Step {
  const { before, deps } = run;
  return {
    id: 'halt',
    title: message('sync.scope.step.halt', { standby: standbyName(run) }),
    run: (step) => stopApplier(before, step),
    async undo(step) {
      await giveTimeToReturn(before, step);
      // Frozen or paused meanwhile, it gets its filters and no more.
      await startApplier(before, step);
      await deps.fleet.refresh(before.spec.standbyId);
    },
    undoLimitMs: hour,
  };
}

export function clearStep(run: ScopeRun): Step {
  const { after, input } = run;
  return {
    id: 'clear',
    title: message('sync.scope.step.clear', { standby: standbyName(run) }),
    run: (step) => dropObjects(after, step, input.inTheWay),
    undo: (step) => restoreTarget(after, step),
    undoLimitMs: hour,
  };
}

export function seedStep(run: ScopeRun): Step {
  const { before, after, copy, objects } = run;
  return {
    id: 'seed',
    title: message('sync.scope.step.seed', { source: sourceOf(before).name, standby: standbyName(run) }),
    async run(step) {
      // On from an interruption somebody may have started it.
      await stopApplier(before, step);
      await copy.seed(step);
    },
    async undo(step) {
      await giveTimeToReturn(after, step);
      await copy.close();
      await restoreTarget(after, step);
      after.leftOut?.copied([], []);
      await objects.forget(step);
    },
    undoLimitMs: hour,
  };
}

export function compareStep({ copy }: ScopeRun): Step {
  return { id: 'compare', title: message('sync.step.compare'), run: (step) => copy.compare(step) };
}

export function filtersStep(run: ScopeRun): Step {
  return {
    id: 'filters',
    title: message('sync.scope.step.filters', { standby: standbyName(run) }),
    run: (step) => turnFilters(run, step, run.copies),
    // The filters of before come back with the link, once what was copied is gone.
    undo: (step) => stopApplier(run.after, step),
  };
}

export function carryStep(run: ScopeRun): Step {
  const { deps, input, after, removed } = run;
  return {
    id: 'carry',
    title: message('sync.scope.step.carry', { standby: standbyName(run) }),
    pointOfNoReturn: true,
    async run(step) {
      deps.scopeChanged(input.syncId, input.to, input.dropRemoved ? [] : removed);
      // Where it stops at once at the next border, what was taken out goes all the same; the stop is told once that is done.
      await nextBorder(run, step, () => startApplier(after, step));
    },
  };
}

/** Where the applier stopped behind a change that is made, at a border of the new scope; null: nowhere. Throws what is none. */
async function nextBorder({ deps, input, after }: ScopeRun, step: StepContext, work: () => Promise<void>): Promise<StoppedAt | null> {
  try {
    await work();
    return null;
  } catch (thrown) {
    const next = errorOf(thrown).code === 'step-failed' ? await borderOf(deps.fleet, after.spec, deps.leftOut(input.syncId).list(), step.signal) : null;
    if (next === null) throw thrown;
    return next;
  }
}

export function dropStep(run: ScopeRun): Step {
  const { after, from, input } = run;
  return {
    id: 'drop',
    title: message('sync.scope.step.drop', { standby: standbyName(run) }),
    async run(step) {
      const { objects: left, databases } = await onStandby(after, step, (session) => droppedObjects(session, from, input.to));
      await dropObjects(after, step, left, databases);
      await closeAgain(after, step);
    },
  };
}

export function confirmStep(run: ScopeRun): Step {
  const { after, deps } = run;
  return {
    id: 'confirm',
    title: message('sync.step.confirm'),
    async run(step) {
      const isHeld = (): boolean => deps.isHeld(after.spec.standbyId);
      const next = isHeld() ? null : await nextBorder(run, step, async () => {
        // A standby that was restarted on the way starts nothing by itself.
        if (!(await onStandby(after, step, linkRunsOn))) await startApplier(after, step);
        if (isHeld()) return;
        await confirmLink(after, step);
      });
      // The change is made: what the link met behind it is a stop of its own, and told with its cure as any other.
      if (next !== null) step.log('warning', 'sync.scope.log.stopped-again', { standby: standbyName(run), gtid: next.gtid });
      if (isHeld()) step.log('info', 'sync.scope.log.stays-paused', { standby: standbyName(run) });
      await deps.fleet.refresh(after.spec.standbyId);
    },
  };
}
