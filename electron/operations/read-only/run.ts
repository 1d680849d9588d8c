// A run of a read-only instance to a place in the log, as a task: held, without its delay, to the place and no further, and its delay again.
import * as v from 'valibot';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { Failure, failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { restartWarning } from '../../../shared/domain/operations/read-only/restart';
import type { FleetServers } from '../../fleet/types';
import { waitUntil } from '../../mysql/time';
import type { Session, Statement } from '../../mysql/types';
import { linkOf, setDelayOfStopped, type OnSource } from '../../replication/delay';
import { executedOn } from '../../replication/gtid';
import type { StandingLinks } from '../../replication/standing';
import { memoryKey } from '../../tasks/memory';
import { lockServers, type ServerLocks } from '../../tasks/server-lock';
import type { StepContext, TaskDefinition, TaskKindHandler } from '../../tasks/types';

export const runInput = v.object({
  instanceId: v.string(),
  /** Where the applier ends: before this transaction, or after it. */
  edge: v.picklist(['before', 'after']),
  gtid: v.string(),
  /** What it has to have executed then, as a set. */
  wanted: v.string(),
  delaySeconds: v.number(),
});
export type RunInput = v.InferOutput<typeof runInput>;

export interface RunDeps {
  readonly fleet: FleetServers;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Nothing but the user starts the link again. */
  readonly hold: (instanceId: string, held: boolean) => void;
  readonly standing: StandingLinks;
}

/** The delay that was found, seconds: it is the one that comes back. */
export const delayFound = memoryKey('readOnlyDelay', v.number());

const stopLimitMs = 10_000;
const hour = 3_600_000;

/** The statement that lets the applier go to the place. */
export function untilStatement(dialect: Session['dialect'], { edge, gtid }: Pick<RunInput, 'edge' | 'gtid'>): Statement {
  return dialect.startReplica({ threads: 'applier', until: edge === 'before' ? { beforeGtids: gtid } : { afterGtids: gtid } });
}

/** The task; every step may run again after a crash. */
export function runDefinition({ fleet, clock, hold, standing }: RunDeps, input: RunInput): TaskDefinition {
  const { instanceId, delaySeconds } = input;
  const { name } = fleet.instance(instanceId);
  let locks: ServerLocks | null = null;
  const on = (step: StepContext, use: (session: Session, run: (statement: Statement) => Promise<unknown>) => Promise<void>): Promise<void> =>
    fleet.withSession(instanceId, (session) => use(session, (statement) => step.sql(session, name, statement)), { signal: step.signal, queryTimeoutMs: hour });
  const wanted = (step: StepContext): number => step.recall(delayFound) ?? delaySeconds;
  const halt = (step: StepContext): Promise<void> => on(step, (session, run) => stopApplier(session, name, run));
  const delay = (step: StepContext, seconds: number): Promise<void> =>
    on(step, (session, run) => setDelayOfStopped(session, name, seconds, sourceOf(fleet, instanceId), run));
  const delayBack = (step: StepContext): Promise<void> =>
    delay(step, wanted(step)).catch((thrown: unknown) => { throw withoutItsDelay(thrown, wanted(step)); });
  return {
    kind: 'read-only',
    name,
    instanceIds: [instanceId],
    input,
    open: async () => {
      locks = await lockServers([{ name, connect: (options) => fleet.connect(instanceId, options) }], { kind: 'read-only', name }, clock);
    },
    check: async () => locks?.check(),
    close: async () => locks?.release(),
    steps: [
      {
        id: 'hold',
        title: message('readonly.step.hold', { server: name }),
        async run(step) {
          hold(instanceId, true);
          await halt(step);
          // Without its delay a restart of the server would apply all that waits, and the mistake with it.
          await on(step, async (session, run) => {
            const warning = restartWarning(name, await standing.keep(session, instanceId, run));
            if (warning !== null) step.log('warning', 'readonly.restart.starts', warning.params);
          });
          if (step.recall(delayFound) === undefined) await on(step, async (session) => step.remember(delayFound, (await linkOf(session, name)).delaySeconds));
          if (input.edge === 'before') await on(step, (session) => refuseApplied(session, name, input.gtid));
        },
      },
      {
        id: 'no-delay',
        title: message('readonly.step.no-delay', { seconds: delaySeconds }),
        run: (step) => (wanted(step) === 0 ? Promise.resolve('skipped' as const) : delay(step, 0)),
        async undo(step) {
          await halt(step);
          await delayBack(step);
        },
      },
      {
        id: 'run',
        title: message(`readonly.step.run-${input.edge}`, { gtid: input.gtid }),
        run: (step) => on(step, (session, run) => runOn(step, session, name, input, run)),
        undo: halt,
      },
      {
        id: 'delay',
        title: message('readonly.step.delay', { seconds: delaySeconds }),
        run: (step) => (wanted(step) === 0 ? Promise.resolve('skipped' as const) : delayBack(step)),
      },
    ],
    async ended() {
      await fleet.refresh(instanceId);
    },
  };
}

/** A change of a delay that is refused changes nothing; here it was to set again what the run has taken away, and that is missing now. */
function withoutItsDelay(thrown: unknown, seconds: number): unknown {
  if (!(thrown instanceof Failure)) return thrown;
  const { error } = thrown;
  const { detail, server } = error;
  const told = { ...(detail === undefined ? {} : { detail }), ...(server === undefined ? {} : { server }), cause: thrown };
  switch (error.code) {
    case 'delay-needs-log': return failure('delay-not-back', { how: 'log', seconds, ...error.params }, told);
    case 'receiver-needed': return failure('delay-not-back', { how: 'receiver', seconds, source: '', gtids: '', ...error.params }, told);
    default: return thrown;
  }
}

/** The source that a read-only instance has when it is asked for. */
export function sourceOf(fleet: Pick<FleetServers, 'view' | 'instance' | 'withSession'>, instanceId: string): OnSource {
  return (use) => {
    const { sourceId } = fleet.view(instanceId);
    if (sourceId === null) throw failure('not-a-standby', { name: fleet.instance(instanceId).name });
    return fleet.withSession(sourceId, use);
  };
}

/** Stops the applier and sees it stand still: of a large transaction a server may first finish what it began. */
export async function stopApplier(session: Session, name: string, run: (statement: Statement) => Promise<unknown>): Promise<void> {
  await run(session.dialect.stopReplica({ threads: 'applier' }));
  const stands = await waitUntil(async () => !(await linkOf(session, name)).applierRuns, { everyMs: 20, limitMs: stopLimitMs });
  if (!stands) throw failure('step-timeout', { step: 'hold', seconds: stopLimitMs / 1000 }, { server: name });
}

async function refuseApplied(session: Session, name: string, gtid: string): Promise<void> {
  if (parseGtidSet(gtid).isSubsetOf(await executedOn(session))) throw failure('already-applied', { gtid, name }, { server: name });
}

/** To the place and no further, proven by what was executed: all before it, and not it. */
async function runOn(step: StepContext, session: Session, name: string, input: RunInput, run: (statement: Statement) => Promise<unknown>): Promise<void> {
  const wanted = parseGtidSet(input.wanted);
  const end = parseGtidSet(input.gtid);
  const left = async (): Promise<number> => Number(wanted.subtract(await executedOn(session)).count());
  await stopApplier(session, name, run);
  if ((await left()) > 0) {
    const total = await left();
    await run(untilStatement(session.dialect, input));
    await waitUntil(async () => {
      step.checkpoint();
      const [status, rest] = [await linkOf(session, name), await left()];
      step.progress({ text: null, done: total - rest, total, unit: 'transactions', rate: null, etaSeconds: null });
      if (status.applierError !== '') throw failure('step-failed', { step: 'run', server: name }, { server: name, detail: status.applierError });
      return !status.applierRuns || rest === 0;
    }, { everyMs: 50, signal: step.signal });
    await stopApplier(session, name, run);
  }
  const executed = await executedOn(session);
  if (input.edge === 'before' && end.isSubsetOf(executed)) throw failure('already-applied', { gtid: input.gtid, name }, { server: name });
  if (!wanted.isSubsetOf(executed)) throw failure('step-failed', { step: 'run', server: name }, { server: name, detail: wanted.subtract(executed).toLine() });
  step.log('info', 'readonly.log.stands', { server: name, gtid: input.gtid });
}

/** It may go on from every step: none depends on what the one before left in memory. */
export function runHandler(deps: RunDeps): TaskKindHandler<RunInput> {
  return {
    kind: 'read-only',
    input: runInput,
    rebuild: async (input) => runDefinition(deps, input),
    judge: async (view, { instanceId }) => ({
      verdict: view.steps.some(({ state }) => state === 'undoing' || state === 'undone' || state === 'undo-failed') ? 'can-undo' : 'can-resume',
      text: message('readonly.recover', { server: deps.fleet.instance(instanceId).name }),
    }),
  };
}
