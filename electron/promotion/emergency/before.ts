import { parseGtidSet, type GtidSet } from '../../../shared/domain/gtid/set';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { limit, sleep } from '../../mysql/time';
import type { Step, StepContext } from '../../tasks/types';
import { serverOf } from '../../replication/servers';
import { startApplier } from './applier';
import { attempt, type EmergencyWork, type FenceOutcome } from './context';
import { readEvents } from '../../replication/events';
import { closeClients, endBeforeReadLock, fence, fenceStatements, persistFence, prepareFence, readBeforeFence, unfence } from '../steps/fence';
import { fenceWaiting, prepareSemiSync, restoreSemiSync } from '../steps/semi-sync';
import { openOrCloseAgain, takeOpeningBack } from '../steps/close-again';
import { persistOpen } from '../steps/open';
import { refuseBarred } from '../steps/opening-trial';
import { probeToken, proveRestarted } from '../switchover/before';
import { preparedXa } from '../plan/blockers';
import { linkStatus, type ReplicaStatus } from '../../replication/status';
import { executedOn } from '../../replication/gtid';
import { hasReadAllRelayLog } from '../../../shared/domain/fleet/facts';
import { tellLoss, VERIFY_LIMIT_MS } from './loss';
import { note } from '../report/notes';
import { memory, notedScope } from '../memory';

const STOP_LIMIT_MS = 10_000;
/** How often the drain looks. */
const LOOK_MS = 200;
/** An applier that has read its whole relay log and does not move for so long has no complete transaction left. */
const STILL_MS = 3000;
/** The fence was sent long before anybody asks whether it took. */
const FENCED_LIMIT_MS = 1000;

/** 1. The receiver stops: what was received stands still. */
export function stopReceiverStep(work: EmergencyWork): Step {
  return {
    id: 'stop-receiver',
    title: message('promotion.step.stop-receiver'),
    async run(context) {
      const standby = work.standby(context);
      const status = await linkStatus(await standby.reader());
      if (status === null) throw failure('not-a-standby', { name: standby.name });
      // Before anything is touched, on either server.
      await refuseBarred(work.sessions, standby);
      // While the sync task still owns the link: recording the promotion supersedes it.
      await context.remember(memory.scope, work.deps.scopeOf(standby.id));
      await context.remember(memory.channel, status.channel);
      await context.remember(memory.receiverRan, status.receiver !== 'stopped');
      await context.remember(memory.applierRan, status.applierRuns);
      await standby.sql('control', (await standby.dialect()).stopReplica({ threads: 'receiver', channel: status.channel }), [], { timeoutMs: STOP_LIMIT_MS });
      await prepareSemiSync(context, null, standby);
    },
    async undo(context) {
      const standby = work.standby(context);
      await restoreSemiSync(context, standby);
      if (context.recall(memory.receiverRan) !== true) return;
      await standby.sql('control', (await standby.dialect()).startReplica({ threads: 'receiver', channel: channelOf(context) }));
      await proveRestarted(context, standby, 'stop-receiver', ['receiver']);
    },
  };
}

function channelOf(context: StepContext): string {
  return context.recall(memory.channel) ?? '';
}

/** 2. The old primary is fenced if it can be: tried beside the rest, never waited for, verified at the end. */
export function fenceSourceStep(work: EmergencyWork): Step {
  return {
    id: 'fence-source',
    title: message('promotion.step.fence-source'),
    run(context) {
      startFencing(work, context);
      return Promise.resolve();
    },
    async undo(context) {
      const { oldPrimaryId, oldPrimaryName } = work.input;
      const noted = context.recall(memory.sourceFenced);
      const outcome = await work.fencing;
      const before = outcome?.kind === 'fenced' ? outcome.before : noted;
      if (oldPrimaryId === null || before === undefined) return;
      await unfence(work.sessions, serverOf(work.sessions, context, oldPrimaryId, oldPrimaryName), before, true);
    },
  };
}

function startFencing(work: EmergencyWork, context: StepContext): void {
  const { oldPrimaryId, oldPrimaryName } = work.input;
  if (oldPrimaryId === null) return;
  const source = serverOf(work.sessions, context, oldPrimaryId, oldPrimaryName);
  work.fencing = attempt(async () => {
    const before = await readBeforeFence(source);
    await context.remember(memory.sourceFenced, before);
    await prepareFence(source);
    const statements = await fenceStatements(source);
    await endBeforeReadLock(source);
    await fenceWaiting(work.sessions, source, () => fence(source, statements));
    for (const line of await persistFence(source)) await note(context, message('promotion.note.config-line', { server: source.name, line }));
    await closeClients(work.sessions, source);
    // Behind the fence nobody but a replica changes them.
    work.sourceEvents = await readEvents(source).catch(() => work.sourceEvents);
    return before;
  });
}

/** 3. What was received is applied, or thrown away on the user's word with the count. */
export function drainStep(work: EmergencyWork): Step {
  return { id: 'drain', title: message('promotion.step.drain'), run: (context) => drain(work, context) };
}

async function drain(work: EmergencyWork, context: StepContext): Promise<void> {
  const standby = work.standby(context);
  const started = performance.now();
  const first = await lookAt(work, context);
  // An applier that was only stopped goes on; one with an error cannot.
  if (!first.rest.isEmpty() && !work.discardOrdered && !first.status.applierRuns && first.status.applierError === '') {
    await startApplier(standby, notedScope(context), channelOf(context));
  }
  const total = Number(first.rest.count());
  let still = { rest: first.rest, since: performance.now() };
  for (let now = first; ; now = await lookAt(work, context)) {
    const left = Number(now.rest.count());
    if (left === 0) return;
    const spent = (performance.now() - started) / 1000;
    const rate = spent > 0 ? (total - left) / spent : null;
    context.progress({
      text: message('promotion.progress.drain', { left, seconds: Math.max(0, Math.round(work.input.timeoutSeconds - spent)) }), done: total - left, total,
      unit: 'transactions', rate, etaSeconds: rate === null || rate === 0 ? null : left / rate,
    });
    if (work.discardOrdered) return discard(context, now.rest);
    if (!now.rest.equals(still.rest)) still = { rest: now.rest, since: performance.now() };
    if (isIncomplete(now.status) && performance.now() - still.since > STILL_MS) return lose(context, now.rest);
    // An applier whose commit waits for room on the disk is told as such.
    if (spent >= work.input.timeoutSeconds) await refuseBarred(work.sessions, standby);
    if (spent >= work.input.timeoutSeconds) throw failure(
      'step-timeout',
      { step: 'drain', seconds: work.input.timeoutSeconds },
      { server: standby.name, ...(now.status.applierError === '' ? {} : { detail: now.status.applierError }) },
    );
    context.checkpoint();
    await sleep(LOOK_MS, context.signal);
  }
}

async function lookAt(work: EmergencyWork, context: StepContext): Promise<{ readonly rest: GtidSet; readonly status: ReplicaStatus }> {
  const standby = work.standby(context);
  const status = await linkStatus(await standby.reader());
  if (status === null) throw failure('not-a-standby', { name: standby.name });
  return { status, rest: parseGtidSet(status.received).subtract(await executedOn(standby)) };
}

/** Everything complete is applied; what is left arrived in part only (before 5.7 a GTID counts as received at its beginning). */
function isIncomplete(status: ReplicaStatus): boolean {
  return status.applierRuns && hasReadAllRelayLog(status);
}

async function discard(context: StepContext, rest: GtidSet): Promise<void> {
  await context.remember(memory.discarded, rest.toLine());
}

async function lose(context: StepContext, rest: GtidSet): Promise<void> {
  await context.remember(memory.incomplete, rest.toLine());
}

/** What the standby opens without; the applier may have come to some of it before it stopped. */
async function tellLeftOut(context: StepContext, server: string, executed: GtidSet): Promise<void> {
  for (const kind of ['discarded', 'incomplete'] as const) {
    const rest = parseGtidSet(context.recall(memory[kind]) ?? '').subtract(executed);
    if (!rest.isEmpty()) await note(context, message(`promotion.note.${kind}`, { count: Number(rest.count()), set: rest.toLine(), server }));
  }
}

/**
 * 4. Replication stops and the promotion set is written down. A step of its own, before the point of no return: an
 * applier that hangs in a lock can hold STOP REPLICA up, and then there is still a way back.
 */
export function stopEmergencyStep(work: EmergencyWork): Step {
  return {
    id: 'stop',
    title: message('promotion.step.stop'),
    async run(context) {
      const standby = work.standby(context);
      // What came since the first look: here there is a way back still.
      await refuseBarred(work.sessions, standby);
      await standby.sql('control', (await standby.dialect()).stopReplica(), [], { timeoutMs: STOP_LIMIT_MS });
      const executed = await executedOn(standby);
      await context.remember(memory.promotionSet, executed.toLine());
      // The intent is on disk before the first statement that opens.
      await context.remember(memory.openingAt, work.deps.clock());
      await tellLeftOut(context, standby.name, executed);
    },
    async undo(context) {
      // One that was stopped before stays as it was.
      if (context.recall(memory.applierRan) === false) return;
      const standby = work.standby(context);
      await startApplier(standby, notedScope(context), channelOf(context));
      await proveRestarted(context, standby, 'stop', ['applier']);
    },
  };
}

/** The standby opens, a row is written and read back. No way back from here. */
export function openEmergencyStep(work: EmergencyWork): Step {
  return {
    id: 'open',
    title: message('promotion.step.open'),
    pointOfNoReturn: true,
    takeBack: (context) => takeOpeningBack(context, work.standby(context), parseGtidSet(context.recall(memory.promotionSet) ?? '')),
    async run(context) {
      const standby = work.standby(context);
      // The standby may have been restarted since, and with it its replication.
      await standby.sql('control', (await standby.dialect()).stopReplica(), [], { timeoutMs: STOP_LIMIT_MS });
      const before = parseGtidSet(context.recall(memory.promotionSet) ?? '');
      const canGoBack = async (): Promise<boolean> => work.fencing !== null && (await limit(work.fencing, FENCED_LIMIT_MS, () => missed)).kind === 'fenced';
      await openOrCloseAgain(context, standby, { token: probeToken, before, canGoBack });
      await context.remember(memory.openedAt, work.deps.clock());
      // They came by replication, and hold their rows until somebody decides.
      const prepared = await preparedXa((sql) => standby.sql('control', sql));
      if (prepared !== null && prepared.length > 0) await note(context, message('promotion.note.xa-left', { server: standby.name, count: prepared.length }));
      for (const line of await persistOpen(standby)) await note(context, message('promotion.note.config-line', { server: standby.name, line }));
    },
  };
}

const missed: FenceOutcome = { kind: 'missed', reason: '' };

/** 9. The old primary's fence is verified; the report says loudly what this cluster lacks now. */
export function verifyFenceStep(work: EmergencyWork): Step {
  return {
    id: 'verify-fence',
    title: message('promotion.step.verify-fence'),
    async run(context) {
      const { oldPrimaryName } = work.input;
      // A run after a crash tries once more.
      if (work.fencing === null) startFencing(work, context);
      const outcome = work.fencing === null ? missed : await limit(work.fencing, VERIFY_LIMIT_MS, () => missed);
      await tellLoss(work, context, outcome.kind === 'missed' ? outcome.reason : '');
      if (!hasStandby(work)) await note(context, message('promotion.note.no-standby', { primary: work.input.standbyName }));
      if (work.input.closesWayBack) await note(context, message('promotion.note.no-way-back', { source: oldPrimaryName, primary: work.input.standbyName }));
    },
  };
}

/** Whether a replica in another region follows the new primary by now. */
function hasStandby({ deps: { fleet }, input }: EmergencyWork): boolean {
  const { regionId } = fleet.instance(input.standbyId);
  return fleet.replicasOf(input.standbyId).some((replica) => replica.regionId !== regionId);
}
