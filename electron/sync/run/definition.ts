import * as v from 'valibot';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import type { CheckReport } from '../../../shared/domain/checks/check';
import { checksStepId } from '../../../shared/domain/sync/state';
import type { Seed, SyncSpec } from '../../../shared/domain/sync/sync';
import type { CheckRequest } from '../../../shared/domain/checks/request';
import type { Fleet } from '../../fleet/types';
import { memoryKey } from '../../tasks/memory';
import type { Step, StepContext, TaskDefinition, TaskMemory } from '../../tasks/types';
import { createdObjects } from '../../copy/created-objects';
import { ObjectList } from '../../copy/rows/object-list';
import { memory } from '../memory';
import { ensureAccount, removeAccount } from './account';
import { sourceOf, standbyOf, type Ground } from './context';
import { confirmLink, ensureProofTable, startLink, undoLink } from './steps';
import { outlive } from './retry';
import { readPair, refusePair, refuseSeed } from '../seed/refusals';
import { PairLocks } from './pair-locks';
import { prepareStandby, undoPrepare } from '../seed/prepare-standby';
import { proposeSeed } from '../seed/proposal';
import { adopt } from '../seed-adopt';
import { removeClone } from '../seed/clone-undo';
import { clone } from '../seed/clone';
import { CopySeed } from '../seed/copy';
import { eraseTarget, giveTimeToReturn, restoreTarget } from '../seed/standby-settings';
import { verifyAtPosition } from '../verification/at-position';

/** What a run needs of the service around it. */
export interface RunDeps {
  readonly fleet: Fleet;
  readonly clock: () => number;
  readonly runChecks: (request: CheckRequest, signal?: AbortSignal) => Promise<CheckReport>;
  /** Called with what the run found out; kept with the sync task. */
  readonly checked: (syncId: string, report: CheckReport, seed: Seed) => void;
  /** The user goes on in spite of the warnings of these checks, separated by commas. */
  readonly accepted: (spec: SyncSpec, checkIds: string) => void;
  /** The lists of tables of the runs of this process, by sync task. */
  readonly objects: Map<string, ObjectList>;
  /** The speed limit of a sync task's first copy as it is now, MB per second: it changes while a run goes on. */
  readonly copyRateMb: (syncId: string) => number | undefined;
  /** The link stands. */
  readonly linked: (syncId: string) => void;
}

/** What a run is built from, again after a crash as well; no secrets. */
export interface RunInput {
  readonly syncId: string;
  readonly spec: SyncSpec;
}

/** Checks whose warnings the user took, separated by commas, as they are in the audit log. */
export const acceptedWarnings = memoryKey('acceptedWarnings', v.string());
/** How long the connections of a run that died may go on holding its locks: a busy server clears them away late. */
const deadRunMs = 20_000;
const hour = 3_600_000;

/** The steps of one run of a sync task, from the checks to a link that was seen to work. */
export function syncRun(
  deps: RunDeps,
  { syncId, spec }: RunInput,
  { goesOn = false }: { /** Built again after a crash. */ readonly goesOn?: boolean } = {},
): TaskDefinition {
  const objects = new ObjectList();
  deps.objects.set(syncId, objects);
  const ground: Ground = { fleet: deps.fleet, spec, objects, copyRateMb: () => deps.copyRateMb(syncId) };
  const source = sourceOf(ground);
  const standby = standbyOf(ground);
  const locks = new PairLocks(ground, 'sync', deps.clock, goesOn ? deadRunMs : 0);
  const copy = new CopySeed(ground, () => locks.retake());

  const request = (seed: Seed): CheckRequest => ({
    sourceId: spec.sourceId, standbyId: spec.standbyId, scope: spec.scope, seed, eraseTarget: spec.eraseTarget,
  });

  /** Everything that speaks against it, read from the servers now. */
  const examine = async (step: StepContext, seed: Seed): Promise<void> => {
    const reading = await readPair(deps.fleet, spec, step.signal);
    refusePair(deps.fleet, spec, reading);
    refuseSeed(standby.name, spec, seed, reading);
    const report = await deps.runChecks(request(seed), step.signal);
    deps.checked(syncId, report, seed);
    refuseReport(report, spec.acceptWarnings);
    await acceptedOf(step, report);
  };

  /** Warnings that the user took are in the audit log by name, once for each set of them. */
  const acceptedOf = async (step: StepContext, report: CheckReport): Promise<void> => {
    const ids = report.results.filter(({ status }) => status === 'warn').map(({ id }) => id).join(', ');
    if (ids === '' || step.recall(acceptedWarnings) === ids) return;
    deps.accepted(spec, ids);
    await step.remember(acceptedWarnings, ids);
  };

  let gaveTime = false;
  /** An undo on the standby; the first one gives it time to return from a restart, which may be why there is an undo at all. */
  const onReturn = (undo: (step: StepContext) => Promise<void>) => async (step: StepContext): Promise<void> => {
    if (!gaveTime) await giveTimeToReturn(ground, step);
    gaveTime = true;
    await undo(step);
  };

  const steps: Step[] = [
    {
      id: checksStepId,
      title: message('sync.step.checks'),
      async run(step) {
        const seed = spec.seed === 'auto' ? (await proposeSeed(deps.fleet, spec, step.signal)).seed : spec.seed;
        await step.remember(memory.seed, seed);
        await examine(step, seed);
      },
    },
    {
      id: 'account',
      title: message('sync.step.account', { server: source.name }),
      async run(step) {
        await ensureAccount(ground, step);
        await ensureProofTable(ground, step);
      },
      undo: (step) => removeAccount(ground, step),
    },
  ];
  if (spec.eraseTarget && spec.seed !== 'adopt') {
    steps.push({
      id: 'erase',
      title: message('sync.step.erase', { server: standby.name }),
      async run(step) {
        const seed = seedOf(step);
        // The checks again, silently: between them and here the user may have slept a night.
        await examine(step, seed);
        // A clone replaces everything by itself.
        if (seed === 'copy') await eraseTarget(ground, step);
      },
      undo: onReturn((step) => restoreTarget(ground, step)),
      undoLimitMs: hour,
    });
  }
  steps.push(
    {
      id: 'seed',
      title: message('sync.step.seed', { source: source.name, standby: standby.name }),
      async run(step) {
        const seed = seedOf(step);
        switch (seed) {
          case 'copy':
            if (!spec.eraseTarget && step.recall(createdObjects) === undefined) await examine(step, seed);
            await copy.seed(step);
            return;
          case 'clone':
            if (!spec.eraseTarget && step.recall(memory.cloneBegun) === undefined) await examine(step, seed);
            await clone(ground, step);
            // The restart of the standby has ended the connection that held its lock.
            await locks.retake();
            return;
          case 'adopt':
            await adopt(ground, step);
            return;
          default:
            seed satisfies never;
        }
      },
      undo: onReturn(async (step) => {
        await copy.close();
        await removeClone(ground, step);
        await restoreTarget(ground, step);
        await objects.forget(step);
      }),
      undoLimitMs: hour,
    },
    {
      id: 'compare',
      title: message('sync.step.compare'),
      async run(step) {
        const seed = seedOf(step);
        if (seed === 'copy') await copy.compare(step);
        else step.log('info', 'sync.log.comparedLater');
      },
    },
    {
      id: 'prepare',
      title: message('sync.step.prepare', { server: standby.name }),
      async run(step) {
        const seed = seedOf(step);
        await prepareStandby(ground, step, seed, seed === 'copy' ? (step.recall(memory.position) ?? null) : null);
      },
      undo: onReturn((step) => undoPrepare(ground, step)),
    },
    {
      id: 'link',
      title: message('sync.step.link', { source: source.name, standby: standby.name }),
      run: (step) => startLink(ground, step),
      undo: onReturn((step) => undoLink(ground, step)),
    },
    {
      id: 'verify',
      title: message('sync.step.verify', { source: source.name, standby: standby.name }),
      async run(step) {
        if (seedOf(step) === 'copy') step.log('info', 'sync.log.comparedBefore');
        else await verifyAtPosition(ground, step);
      },
    },
    { id: 'confirm', title: message('sync.step.confirm'), run: (step) => confirmLink(ground, step) },
    {
      id: 'finish',
      title: message('sync.step.finish'),
      // The link stands and carries: from here it is ended by removing the task, not by taking steps back.
      pointOfNoReturn: true,
      async run() {
        await deps.fleet.setIntent(standby.id, { kind: 'replica', sourceId: source.id });
        deps.linked(syncId);
        await deps.fleet.refresh(standby.id);
      },
    },
  );

  return {
    kind: 'sync',
    name: spec.name,
    instanceIds: [spec.sourceId, spec.standbyId],
    // The source is only read: several standbys of it are seeded at once.
    sharedInstanceIds: [spec.sourceId],
    input: { syncId, spec } satisfies RunInput,
    // What takes no longer than a moment, or must be seen at once, is not run again.
    steps: steps.map((step) => (step.id === checksStepId || step.pointOfNoReturn === true ? step : outlive(ground, locks, step))),
    pausable: true,
    queued: true,
    open: () => locks.take(),
    async close() {
      await copy.close();
      await locks.release();
    },
  };
}

function seedOf(step: TaskMemory): Seed {
  const seed = step.recall(memory.seed);
  if (seed === undefined) throw failure('internal', { detail: 'the seed was not chosen' });
  return seed;
}

/** A check that fails stops the task; one that warns does unless the user took the warnings. */
export function refuseReport(report: CheckReport, acceptWarnings: boolean): void {
  const failed = report.results.filter(({ status }) => status === 'fail' || status === 'error');
  const [first] = failed;
  if (first !== undefined) throw failure('checks-failed', { count: failed.length, first: first.id });
  const warned = report.results.filter(({ status }) => status === 'warn');
  const [warning] = warned;
  if (warning !== undefined && !acceptWarnings) throw failure('warnings-not-accepted', { count: warned.length, first: warning.id });
}
