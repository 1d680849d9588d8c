// Receiver and applier of a link: whether they run, and the waits for it.
import { failure } from '../../shared/errors/codes';
import { message } from '../../shared/i18n/message';
import type { Threads } from '../../shared/domain/promotion/other-replica';
import type { Dialect } from '../mysql/dialect/dialect';
import type { Session, Statement } from '../mysql/types';
import type { StepContext } from '../tasks/types';
import { passedOutside, type LoggedLink } from './outside-statements';
import type { Server, Work } from './servers';
import { linkStatus, runs, type ReplicaStatus } from './status';
import { sleep } from '../mysql/time';

/** How often the threads are looked at where a step waits for them. */
const lookMs = 30;

/**
 * Waits until both threads of a channel run; `connecting` is not running.
 *
 * @throws Failure `step-failed` with the server's text once the applier has an error, or over the limit
 */
export async function waitForThreads(
  work: Work,
  server: Server,
  channel: string,
  options: { readonly step: string; readonly limitMs: number; readonly applierToo: boolean },
): Promise<ReplicaStatus> {
  const deadline = performance.now() + options.limitMs;
  let last = '';
  for (;;) {
    work.checkpoint();
    const status = await linkStatus(await server.reader(), channel);
    if (status !== null) {
      if (isServed(status) && (!options.applierToo || status.applierRuns)) return status;
      last = status.applierError !== '' ? status.applierError : status.receiverError;
      if (status.applierError !== '') break;
    }
    if (performance.now() > deadline) break;
    await sleep(lookMs, work.signal);
  }
  throw failure('step-failed', { step: options.step, server: server.name }, { server: server.name, ...(last === '' ? {} : { detail: last }) });
}

/** Whether the source sends its log: a receiver runs before it has asked for it, and an account without the right is refused after that. */
function isServed({ receiver, receivedFile }: ReplicaStatus): boolean {
  return receiver === 'running' && receivedFile !== '';
}

/** A receiver that has said nothing for so long is waited for openly. */
const quietMs = 3000;

/**
 * Waits until receiver and applier run, as long as it takes: a receiver that cannot connect is told with the server's text, once for
 * each reason, since its text counts its attempts.
 *
 * @throws Failure `step-failed` where the applier stops, or the source has no longer what is needed
 */
export async function untilRunning(link: LoggedLink, step: StepContext, session: Session, name: string): Promise<void> {
  const quietUntil = performance.now() + quietMs;
  for (;;) {
    const status = await linkStatus(session);
    if (status === null) throw failure('step-failed', { step: 'link', server: name }, { server: name });
    if (await passedOutside(link, step, session, name, status)) continue;
    refuseBroken(status, name);
    if (runs(status)) return;
    const shown = status.receiverError;
    if (shown === '' && performance.now() < quietUntil) {
      await sleep(100, step.signal);
      continue;
    }
    // START REPLICA returns once the applier runs: somebody has stopped it since, and nothing would start it again.
    if (status.receiver === 'running') throw failure('step-failed', { step: 'link', server: name }, { server: name, detail: 'Replica_SQL_Running: No' });
    if (shown !== '') step.log('warning', 'sync.log.receiver', { detail: shown });
    await step.waitFor(message('sync.step.waitReceiver', { server: name, detail: shown }), async () => {
      const now = await linkStatus(session);
      return now === null || runs(now) || now.receiver !== status.receiver || now.receiverErrno !== status.receiverErrno || now.applierError !== '';
    });
  }
}

/** Starts the threads that are wanted, and leaves the others as they are. */
export async function startThreads(server: Server, channel: string, threads: Threads): Promise<void> {
  for (const statement of starting(await server.dialect(), channel, threads)) await server.sql('control', statement);
}

/** The statements of `startThreads`. */
export function starting(dialect: Dialect, channel: string, { receiver, applier }: Threads): readonly Statement[] {
  if (receiver && applier) return [dialect.startReplica({ channel })];
  return receiver || applier ? [dialect.startReplica({ threads: receiver ? 'receiver' : 'applier', channel })] : [];
}

/** Whether receiver and applier of the only link run. */
export async function linkRunsOn(session: Session): Promise<boolean> {
  const status = await linkStatus(session);
  return status !== null && runs(status);
}

/** Whether they run, and the applier to no end that was set for it. */
export async function goesOnWithoutEnd(session: Session): Promise<boolean> {
  const status = await linkStatus(session);
  return status !== null && runs(status) && !status.hasEnd;
}

/** 1236: the source purged what the standby needs. A stopped applier will not start by itself either. */
export function refuseBroken(status: ReplicaStatus, name: string): void {
  const receiverGaveUp = status.receiver === 'stopped' && status.receiverErrno !== 0;
  const detail = status.applierError !== '' ? status.applierError : receiverGaveUp ? status.receiverError : '';
  if (detail !== '') throw failure('step-failed', { step: 'link', server: name }, { server: name, detail });
}
