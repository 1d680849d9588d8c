// Another delay of a read-only instance, as a task: its applier stands still for the change and runs again where it did; taken back, the delay it had.
import * as v from 'valibot';
import type { DelayChange } from '../../../shared/domain/operations/read-only/read-only';
import { restartWarning } from '../../../shared/domain/operations/read-only/restart';
import { message } from '../../../shared/i18n/message';
import { waitUntil } from '../../mysql/time';
import type { Session, Statement } from '../../mysql/types';
import { linkOf, refuseLosingDelay, setDelayOfStopped } from '../../replication/delay';
import { memoryKey } from '../../tasks/memory';
import { lockServers, type ServerLocks } from '../../tasks/server-lock';
import type { StepContext, TaskDefinition, TaskEngine, TaskKindHandler } from '../../tasks/types';
import { sourceOf, stopApplier, type RunDeps } from './run';

/** Its form in journals. */
export const delayInput = v.object({ instanceId: v.string(), from: v.number(), to: v.number() });
type DelayInput = v.InferOutput<typeof delayInput>;

export interface DelayDeps extends Omit<RunDeps, 'hold'> {
  /** Frozen on the user's word: it is not started then. */
  readonly isHeld: (instanceId: string) => boolean;
}

/** The link as it was found, before anything was changed; the delay is the one that comes back. */
export const linkFound = memoryKey('readOnlyLink', v.object({ applierRuns: v.boolean(), receiverRuns: v.boolean(), delaySeconds: v.number() }));
/** What a restart of the server would do to a link that stood; null: it ran. */
export const outlookFound = memoryKey('readOnlyOutlook', v.nullable(v.variant('stands', [
  v.object({ stands: v.literal(true) }),
  v.object({ stands: v.literal(false), why: v.picklist(['version', 'unloaded', 'refused']), version: v.string(), optionLines: v.array(v.string()) }),
])));
/** The change as it was made, seconds. */
export const delayChanged = memoryKey('readOnlyDelayChanged', v.object({ from: v.number(), to: v.number() }));

const hour = 3_600_000;
const runLimitMs = 5000;
/** Most changes of a delay that are shown. */
const mostShown = 5;

/** The task; every step may run again after a crash. */
export function delayDefinition({ fleet, clock, standing, isHeld }: DelayDeps, input: DelayInput): TaskDefinition {
  const { instanceId, from, to } = input;
  const { name } = fleet.instance(instanceId);
  let locks: ServerLocks | null = null;
  const on = (step: StepContext, use: (session: Session, run: (statement: Statement) => Promise<unknown>) => Promise<void>): Promise<void> =>
    fleet.withSession(instanceId, (session) => use(session, (statement) => step.sql(session, name, statement)), { signal: step.signal, queryTimeoutMs: hour });
  const onSource = sourceOf(fleet, instanceId);
  const set = (step: StepContext, seconds: number): Promise<void> => on(step, async (session, run) => {
    // 5.6 stops both for the change: where it ended half-way, what ran is started before the change as after it.
    await receive(step, session, name, run);
    await setDelayOfStopped(session, name, seconds, onSource, run);
    await receive(step, session, name, run);
  });
  const goOn = async (step: StepContext): Promise<'skipped' | void> => {
    if (step.recall(linkFound)?.applierRuns !== true || isHeld(instanceId)) return 'skipped';
    return on(step, async (session, run) => void await run(session.dialect.startReplica({ threads: 'applier' })));
  };
  return {
    kind: 'read-only-delay',
    name,
    instanceIds: [instanceId],
    input,
    open: async () => {
      locks = await lockServers([{ name, connect: (options) => fleet.connect(instanceId, options) }], { kind: 'read-only-delay', name }, clock);
    },
    check: async () => locks?.check(),
    close: async () => locks?.release(),
    steps: [
      {
        id: 'halt',
        title: message('readonly.step.halt', { server: name }),
        run: (step) => on(step, async (session, run) => {
          const { applierRuns, receiver, delaySeconds } = await linkOf(session, name);
          if (step.recall(linkFound) === undefined) {
            if (receiver !== 'stopped') await refuseLosingDelay(session, name, onSource);
            await step.remember(linkFound, { applierRuns, receiverRuns: receiver !== 'stopped', delaySeconds });
          }
          if (applierRuns) await stopApplier(session, name, run);
          if (step.recall(linkFound)?.applierRuns === true) return;
          // The delay may be all that holds back what waits.
          const outlook = await standing.keep(session, instanceId, run);
          await step.remember(outlookFound, outlook.stands ? outlook : { ...outlook, optionLines: [...outlook.optionLines] });
          const warning = restartWarning(name, outlook);
          if (warning !== null) step.log('warning', 'readonly.restart.starts', warning.params);
        }),
        undo: async (step) => void await goOn(step),
      },
      {
        id: 'delay',
        title: message('readonly.step.another-delay', { from, to }),
        async run(step) {
          await set(step, to);
          await step.remember(delayChanged, { from: step.recall(linkFound)?.delaySeconds ?? from, to });
        },
        undo: (step) => set(step, step.recall(linkFound)?.delaySeconds ?? from),
      },
      {
        id: 'go-on',
        title: message('readonly.step.go-on', { server: name }),
        run: goOn,
        undo: (step) => on(step, (session, run) => stopApplier(session, name, run)),
      },
    ],
    async ended() {
      await fleet.refresh(instanceId);
    },
  };
}

/** The receiver runs where it ran before the change. */
async function receive(step: StepContext, session: Session, name: string, run: (statement: Statement) => Promise<unknown>): Promise<void> {
  if (step.recall(linkFound)?.receiverRuns !== true || (await linkOf(session, name)).receiver !== 'stopped') return;
  await run(session.dialect.startReplica({ threads: 'receiver' }));
  await waitUntil(async () => (await linkOf(session, name)).receiver === 'running', { everyMs: 50, limitMs: runLimitMs, signal: step.signal });
}

/** It may go on from every step, or back: none depends on what the one before left in memory. */
export function delayHandler(deps: DelayDeps): TaskKindHandler<DelayInput> {
  return {
    kind: 'read-only-delay',
    input: delayInput,
    rebuild: async (input) => delayDefinition(deps, input),
    judge: async (view, { instanceId }) => ({
      verdict: view.steps.some(({ state }) => state === 'undoing' || state === 'undone' || state === 'undo-failed') ? 'can-undo' : 'can-resume',
      text: message('readonly.recover-delay', { server: deps.fleet.instance(instanceId).name }),
    }),
  };
}

/** The changes of the delay of an instance that were made here, the latest first. */
export function delayChangesOf(tasks: Pick<TaskEngine, 'list' | 'memory'>, instanceId: string): readonly DelayChange[] {
  return tasks.list()
    .filter(({ kind, state, instanceIds }) => kind === 'read-only-delay' && state === 'done' && instanceIds.includes(instanceId))
    .sort((a, b) => b.createdAt - a.createdAt).slice(0, mostShown)
    .flatMap(({ id, createdAt, endedAt }) => {
      const changed = tasks.memory(id).recall(delayChanged);
      return changed === undefined ? [] : [{ at: endedAt ?? createdAt, ...changed }];
    });
}
