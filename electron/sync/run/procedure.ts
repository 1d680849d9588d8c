// The procedure of a sync task, step by step, each with its way back.
import * as v from 'valibot';
import type { CheckReport } from '../../../shared/domain/checks/check';
import { checksStepId } from '../../../shared/domain/sync/state';
import type { Seed, SyncSpec } from '../../../shared/domain/sync/sync';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { verifyAtPosition } from '../../comparison/verify';
import { createdObjects } from '../../copy/created-objects';
import type { ObjectList } from '../../copy/rows/object-list';
import { setDelayOfStopped } from '../../replication/delay';
import { loggedLink, onSource, onStandby, sourceOf, standbyOf } from '../../replication/link-context';
import type { PairLocks } from '../../replication/pair-locks';
import { untilRunning } from '../../replication/threads';
import type { Statement } from '../../mysql/types';
import { memoryKey } from '../../tasks/memory';
import type { Step, StepContext, TaskMemory } from '../../tasks/types';
import { memory } from '../memory';
import { adopt } from '../seed/adopt';
import { clone } from '../seed/clone';
import { removeClone } from '../seed/clone-undo';
import type { CopySeed } from '../seed/copy';
import { prepareStandby, undoPrepare } from '../seed/prepare-standby';
import { proposeSeed } from '../seed/proposal';
import { readPair, refusePair, refuseSeed } from '../seed/refusals';
import { eraseTarget, giveTimeToReturn, restoreTarget } from '../seed/standby-settings';
import { ensureAccount, removeAccount } from './account';
import type { SyncContext } from './context';
import { confirmLink, ensureProofTable, startLink, undoLink } from './steps';
import type { RunDeps } from './context';

/** What the steps of one run share. */
export interface SyncRun {
  readonly deps: RunDeps;
  readonly syncId: string;
  readonly spec: SyncSpec;
  readonly context: SyncContext;
  readonly objects: ObjectList;
  readonly locks: PairLocks;
  readonly copy: CopySeed;
  /** An undo on the standby; the first one gives it time to return from a restart, which may be why there is an undo at all. */
  readonly onReturn: (undo: (step: StepContext) => Promise<void>) => (step: StepContext) => Promise<void>;
}

/** Checks whose warnings the user took, separated by commas, as they are in the audit log. */
export const acceptedWarnings = memoryKey('acceptedWarnings', v.string());
const hour = 3_600_000;

/** See `SyncRun.onReturn`. */
export function waitingOnce(context: SyncContext): SyncRun['onReturn'] {
  let gaveTime = false;
  return (undo) => async (step) => {
    if (!gaveTime) await giveTimeToReturn(context, step);
    gaveTime = true;
    await undo(step);
  };
}

function namesOf({ context }: SyncRun): { readonly source: string; readonly standby: string } {
  return { source: sourceOf(context).name, standby: standbyOf(context).name };
}

function seedOf(step: TaskMemory): Seed {
  const seed = step.recall(memory.seed);
  if (seed === undefined) throw failure('internal', { detail: 'the seed was not chosen' });
  return seed;
}

/** Everything that speaks against it, read from the servers now. */
async function examine({ deps, syncId, spec, context }: SyncRun, step: StepContext, seed: Seed): Promise<void> {
  const reading = await readPair(deps.fleet, spec, step.signal);
  refusePair(deps.fleet, spec, reading);
  refuseSeed(standbyOf(context).name, spec, seed, reading);
  const { sourceId, standbyId, scope, eraseTarget: erases, accounts } = spec;
  const report = await deps.runChecks({ sourceId, standbyId, scope, seed, eraseTarget: erases, accounts }, step.signal);
  deps.checked(syncId, report, seed);
  refuseReport(report, spec.acceptWarnings);
  await step.remember(memory.linkVerifies, report.results.some(({ id, status }) => id === 'conn.repl.tls' && status === 'pass'));
  const ids = warningsOf(report);
  // Warnings that the user took are in the audit log by name, once for each set of them.
  if (ids === '' || step.recall(acceptedWarnings) === ids) return;
  deps.accepted(spec, ids);
  await step.remember(acceptedWarnings, ids);
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

/** The checks that warn, separated by commas; '' where none does. */
export function warningsOf(report: CheckReport): string {
  return report.results.filter(({ status }) => status === 'warn').map(({ id }) => id).join(', ');
}

export function checksStep(run: SyncRun): Step {
  const { deps, spec } = run;
  return {
    id: checksStepId,
    title: message('sync.step.checks'),
    async run(step) {
      const seed = spec.seed === 'auto' ? (await proposeSeed(deps.fleet, spec, step.signal)).seed : spec.seed;
      await step.remember(memory.seed, seed);
      await examine(run, step, seed);
    },
  };
}

export function accountStep(run: SyncRun): Step {
  const { context } = run;
  return {
    id: 'account',
    title: message('sync.step.account', { server: namesOf(run).source }),
    async run(step) {
      await ensureAccount(context, step);
      await ensureProofTable(context, step);
    },
    undo: (step) => removeAccount(context, step),
  };
}

export function eraseStep(run: SyncRun): Step {
  const { context, onReturn } = run;
  return {
    id: 'erase',
    title: message('sync.step.erase', { server: namesOf(run).standby }),
    async run(step) {
      const seed = seedOf(step);
      // The checks again, silently: between them and here the user may have slept a night.
      await examine(run, step, seed);
      // A clone replaces everything by itself.
      if (seed === 'copy') await eraseTarget(context, step);
    },
    undo: onReturn((step) => restoreTarget(context, step)),
    undoLimitMs: hour,
  };
}

export function seedStep(run: SyncRun): Step {
  const { context, copy, objects, onReturn } = run;
  return {
    id: 'seed',
    title: message('sync.step.seed', namesOf(run)),
    run: (step) => seed(run, step),
    undo: onReturn(async (step) => {
      await copy.close();
      await removeClone(context, step);
      await restoreTarget(context, step);
      context.leftOut?.copied([], []);
      await objects.forget(step);
    }),
    undoLimitMs: hour,
  };
}

async function seed(run: SyncRun, step: StepContext): Promise<void> {
  const { spec, context, copy, locks } = run;
  const way = seedOf(step);
  switch (way) {
    case 'copy':
      if (!spec.eraseTarget && step.recall(createdObjects) === undefined) await examine(run, step, way);
      await copy.seed(step);
      return;
    case 'clone':
      if (!spec.eraseTarget && step.recall(memory.cloneBegun) === undefined) await examine(run, step, way);
      await clone(context, step);
      // The restart of the standby has ended the connection that held its lock.
      await locks.retake();
      return;
    case 'adopt':
      await adopt(context, step);
      return;
    default:
      way satisfies never;
  }
}

export function compareStep({ copy }: SyncRun): Step {
  return {
    id: 'compare',
    title: message('sync.step.compare'),
    async run(step) {
      if (seedOf(step) === 'copy') await copy.compare(step);
      else step.log('info', 'sync.log.comparedLater');
    },
  };
}

export function prepareStep(run: SyncRun): Step {
  const { context, onReturn } = run;
  return {
    id: 'prepare',
    title: message('sync.step.prepare', { server: namesOf(run).standby }),
    async run(step) {
      const way = seedOf(step);
      await prepareStandby(context, step, way, way === 'copy' ? (step.recall(memory.position) ?? null) : null);
    },
    undo: onReturn((step) => undoPrepare(context, step)),
  };
}

export function linkStep(run: SyncRun): Step {
  const { context, onReturn } = run;
  return {
    id: 'link',
    title: message('sync.step.link', namesOf(run)),
    run: (step) => startLink(context, step),
    undo: onReturn((step) => undoLink(context, step)),
  };
}

export function verifyStep(run: SyncRun): Step {
  return {
    id: 'verify',
    title: message('sync.step.verify', namesOf(run)),
    async run(step) {
      if (seedOf(step) === 'copy') step.log('info', 'sync.log.comparedBefore');
      else await verifyAtPosition(run.context, step);
    },
  };
}

export function confirmStep({ context }: SyncRun): Step {
  return { id: 'confirm', title: message('sync.step.confirm'), run: (step) => confirmLink(context, step) };
}

/** Last, as everything before it would wait the delay out. Its way back is the link's. */
export function delayStep({ context, spec: { delaySeconds = 0 } }: SyncRun): Step {
  return {
    id: 'delay',
    title: message('sync.step.delay', { seconds: delaySeconds }),
    run: (step) => onStandby(context, step, async (session, name) => {
      const run = (statement: Statement): Promise<unknown> => step.sql(session, name, statement);
      await run(session.dialect.stopReplica({ threads: 'applier' }));
      await setDelayOfStopped(session, name, delaySeconds, (use) => onSource(context, step, use), run);
      await run(session.dialect.startReplica());
      await untilRunning(loggedLink(context, step.signal), step, session, name);
    }),
  };
}

export function finishStep({ deps, syncId, spec }: SyncRun): Step {
  return {
    id: 'finish',
    title: message('sync.step.finish'),
    // The link stands and carries: from here it is ended by removing the task, not by taking steps back.
    pointOfNoReturn: true,
    async run() {
      await deps.fleet.setIntent(spec.standbyId, { kind: 'replica', sourceId: spec.sourceId });
      deps.linked(syncId);
      await deps.fleet.refresh(spec.standbyId);
    },
  };
}
