import * as v from 'valibot';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import type { CheckReport } from '../../../shared/domain/checks/check';
import { scopeCheckIds } from '../../../shared/domain/checks';
import { partialScope } from '../../../shared/contract/inputs';
import { scopeDifference, type PartialScope, type ScopePart } from '../../../shared/domain/scope/change';
import { checksStepId } from '../../../shared/domain/sync/state';
import type { TaskView } from '../../../shared/domain/tasks/task';
import type { Json, Step, TaskDefinition, TaskKindHandler } from '../../tasks/types';
import { ObjectList } from '../../copy/rows/object-list';
import { onStandby, sourceOf, standbyOf, type Ground } from '../run/context';
import { confirmLink } from '../run/steps';
import { outlive } from '../run/retry';
import { readPair } from '../seed/refusals';
import { specSchema } from '../records';
import { PairLocks } from '../run/pair-locks';
import { refuseReport, type RunDeps } from '../run/definition';
import { refuseScopeChange } from './refusals';
import { carryOn, droppedObjects, dropObjects, haltApplier, reachSnapshot, turnFilters, type ScopeGrounds } from './steps';
import { CopySeed } from '../seed/copy';
import { closeAgain, giveTimeToReturn, restoreTarget } from '../seed/standby-settings';
import { linkRunsOn } from '../../replication/threads';

/** What a change of scope needs besides what a run needs. */
export interface ScopeRunDeps extends RunDeps {
  readonly reported: (syncId: string, report: CheckReport) => void;
  /** The link carries the new scope from now on. `removed` stays on the standby. */
  readonly scopeChanged: (syncId: string, scope: PartialScope, removed: readonly ScopePart[]) => void;
}

const named = v.object({ database: v.string(), name: v.string(), isView: v.boolean() });
const inputSchema = v.object({
  syncId: v.string(),
  /** As it was when the change was ordered. */
  spec: specSchema,
  to: partialScope,
  /** Left on the standby by something earlier; the user agreed that it makes way. */
  inTheWay: v.array(named),
  dropRemoved: v.boolean(),
  acceptWarnings: v.boolean(),
});

/** What a change of scope is built from, again after a crash as well. */
export type ScopeRunInput = v.InferOutput<typeof inputSchema>;

const hour = 3_600_000;
/** How long the connections of a run that died may go on holding its locks. */
const deadRunMs = 20_000;

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
  const before: Ground = { fleet: deps.fleet, spec };
  const after: Ground = { fleet: deps.fleet, spec: { ...spec, scope: to }, objects, already: from, copyRateMb: () => deps.copyRateMb(syncId) };
  const grounds: ScopeGrounds = { before, after };
  const [source, standby] = [sourceOf(before), standbyOf(before)];
  const locks = new PairLocks(before, 'scope', deps.clock, goesOn ? deadRunMs : 0);
  const copy = new CopySeed(after, () => locks.retake(), (step, gtidSet) => reachSnapshot(grounds, step, gtidSet));
  const copies = added.length > 0;

  const steps: Step[] = [
    {
      id: checksStepId,
      title: message('sync.scope.step.checks'),
      async run(step) {
        refuseScopeChange(deps.fleet, spec, input, await readPair(deps.fleet, spec, step.signal));
        const report = await deps.runChecks({ sourceId: spec.sourceId, standbyId: spec.standbyId, scope: to, seed: 'copy', eraseTarget: true, only: scopeCheckIds }, step.signal);
        deps.reported(syncId, report);
        refuseReport(report, input.acceptWarnings);
        const warned = report.results.filter(({ status }) => status === 'warn').map(({ id }) => id).join(', ');
        if (warned !== '') deps.accepted(spec, warned);
      },
    },
    {
      id: 'halt',
      title: message('sync.scope.step.halt', { standby: standby.name }),
      run: (step) => haltApplier(before, step),
      async undo(step) {
        await giveTimeToReturn(before, step);
        await carryOn(before, step);
        await deps.fleet.refresh(standby.id);
      },
      undoLimitMs: hour,
    },
  ];
  if (input.inTheWay.length > 0) {
    steps.push({
      id: 'clear',
      title: message('sync.scope.step.clear', { standby: standby.name }),
      run: (step) => dropObjects(after, step, input.inTheWay),
      undo: (step) => restoreTarget(after, step),
      undoLimitMs: hour,
    });
  }
  if (copies) {
    steps.push(
      {
        id: 'seed',
        title: message('sync.scope.step.seed', { source: source.name, standby: standby.name }),
        async run(step) {
          // On from an interruption somebody may have started it.
          await haltApplier(before, step);
          await copy.seed(step);
        },
        async undo(step) {
          await giveTimeToReturn(after, step);
          await copy.close();
          await restoreTarget(after, step);
          await objects.forget(step);
        },
        undoLimitMs: hour,
      },
      { id: 'compare', title: message('sync.step.compare'), run: (step) => copy.compare(step) },
    );
  }
  steps.push(
    {
      id: 'filters',
      title: message('sync.scope.step.filters', { standby: standby.name }),
      run: (step) => turnFilters(grounds, step, copies),
      // The filters of before come back with the link, once what was copied is gone.
      undo: (step) => haltApplier(after, step),
    },
    {
      id: 'carry',
      title: message('sync.scope.step.carry', { standby: standby.name }),
      pointOfNoReturn: true,
      async run(step) {
        deps.scopeChanged(syncId, to, input.dropRemoved ? [] : removed);
        await carryOn(after, step);
      },
    },
  );
  if (input.dropRemoved && removed.length > 0) {
    steps.push({
      id: 'drop',
      title: message('sync.scope.step.drop', { standby: standby.name }),
      async run(step) {
        const { objects: left, databases } = await onStandby(after, step, (session) => droppedObjects(session, from, to));
        await dropObjects(after, step, left, databases);
        await closeAgain(after, step);
      },
    });
  }
  steps.push({
    id: 'confirm',
    title: message('sync.step.confirm'),
    async run(step) {
      // A standby that was restarted on the way starts nothing by itself.
      if (!(await onStandby(after, step, linkRunsOn))) await carryOn(after, step);
      await confirmLink(after, step);
      await deps.fleet.refresh(standby.id);
    },
  });

  return {
    kind: 'scope',
    name: spec.name,
    instanceIds: [spec.sourceId, spec.standbyId],
    sharedInstanceIds: [spec.sourceId],
    input: json(input),
    steps: steps.map((step) => (step.id === checksStepId ? step : outlive(before, locks, step))),
    open: () => locks.take(),
    check: () => locks.check(),
    async close() {
      await copy.close();
      await locks.release();
    },
  };
}

/** Builds an interrupted change again, and says where it stands. */
export function scopeHandler(deps: ScopeRunDeps): TaskKindHandler {
  const inputOf = (input: Json): ScopeRunInput => {
    const parsed = v.safeParse(inputSchema, input);
    if (!parsed.success) throw failure('internal', { detail: 'the journal of a change of scope has an unknown form' });
    return parsed.output;
  };
  return {
    kind: 'scope',
    rebuild: async (input) => scopeRun(deps, inputOf(input), { goesOn: true }),
    judge: async (view, input) => judge(view, deps.fleet.instance(inputOf(input).spec.standbyId).name),
  };
}

function judge(view: TaskView, standby: string): Awaited<ReturnType<TaskKindHandler['judge']>> {
  const state = (id: string): string => view.steps.find((step) => step.id === id)?.state ?? 'pending';
  if (state('carry') !== 'pending') return { verdict: 'can-resume', text: message('sync.scope.recover.carry', { standby }) };
  if (view.steps.some((step) => step.state === 'undo-failed' || step.state === 'undoing' || step.state === 'undone')) return { verdict: 'can-undo', text: message('sync.scope.recover.undo', { standby }) };
  if (state('halt') === 'pending') return { verdict: 'can-resume', text: message('sync.scope.recover.untouched', { standby }) };
  return { verdict: 'can-resume', text: message(state('seed') === 'pending' ? 'sync.scope.recover.halted' : 'sync.scope.recover.copying', { standby }) };
}

/** A plain copy: what a journal keeps. */
function json(input: ScopeRunInput): Json {
  return JSON.parse(JSON.stringify(input)) as Json;
}

