import { checksStepId } from '../../../shared/domain/sync/state';
import { ObjectList } from '../../copy/rows/object-list';
import { PairLocks } from '../../replication/pair-locks';
import { retryAfterRestart } from '../../replication/retry';
import type { Step, TaskDefinition } from '../../tasks/types';
import { CopySeed } from '../seed/copy';
import {
  accountStep, checksStep, compareStep, confirmStep, delayStep, eraseStep, finishStep, linkStep, prepareStep, seedStep, verifyStep, waitingOnce, type SyncRun,
} from './procedure';
import type { RunDeps } from './context';
import type { RunInput } from './context';

/** How long the connections of a run that died may go on holding its locks: a busy server clears them away late. */
export const deadRunMs = 20_000;

/** The steps of one run of a sync task, from the checks to a link that was seen to work. */
function syncSteps(run: SyncRun): readonly Step[] {
  const { eraseTarget, seed } = run.spec;
  return [
    checksStep(run),
    accountStep(run),
    ...(eraseTarget && seed !== 'adopt' ? [eraseStep(run)] : []),
    seedStep(run),
    compareStep(run),
    prepareStep(run),
    linkStep(run),
    verifyStep(run),
    confirmStep(run),
    ...((run.spec.delaySeconds ?? 0) > 0 ? [delayStep(run)] : []),
    finishStep(run),
  ];
}

/** One run of a sync task. `goesOn`: built again after a crash. */
export function syncRun(deps: RunDeps, { syncId, spec }: RunInput, { goesOn = false }: { readonly goesOn?: boolean } = {}): TaskDefinition {
  const objects = new ObjectList();
  deps.objects.set(syncId, objects);
  const context = { fleet: deps.fleet, spec, objects, copyRateMb: () => deps.copyRateMb(syncId), leftOut: deps.leftOut(syncId) };
  const locks = new PairLocks(context, 'sync', deps.clock, goesOn ? deadRunMs : 0);
  const copy = new CopySeed(context, () => locks.retake());
  const steps = syncSteps({ deps, syncId, spec, context, objects, locks, copy, onReturn: waitingOnce(context) });
  return {
    kind: 'sync',
    name: spec.name,
    instanceIds: [spec.sourceId, spec.standbyId],
    // The source is only read: several standbys of it are seeded at once.
    sharedInstanceIds: [spec.sourceId],
    input: { syncId, spec },
    // What takes no longer than a moment, or must be seen at once, is not run again.
    steps: steps.map((step) => (step.id === checksStepId || step.pointOfNoReturn === true ? step : retryAfterRestart(context, locks, step))),
    pausable: true,
    queued: true,
    open: () => locks.take(),
    async close() {
      await copy.close();
      await locks.release();
    },
  };
}
