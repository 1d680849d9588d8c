// The delay of a link whose applier stands still.
import { canEndDelay } from '../../shared/domain/promotion/applier-wait';
import { failure } from '../../shared/errors/codes';
import { waitUntil } from '../mysql/time';
import type { Session, Statement } from '../mysql/types';
import { onlyInRelayLog } from './relay-log';
import { linkStatus, type ReplicaStatus } from './status';

/** For how long a receiver that was just started may have come to no verdict. */
const verdictLimitMs = 5000;
/** What a link of ours has; 5.6 forgets it with every change. */
const heartbeatSeconds = 2;

/** Runs something on the source of the link. */
export type OnSource = <Result>(use: (source: Session) => Promise<Result>) => Promise<Result>;
type Run = (statement: Statement) => Promise<unknown>;

/**
 * Refuses another delay where it would lose something: 5.6 deletes its relay logs with the change, and its source may have purged by now what
 * stands in them. Changes nothing.
 *
 * @throws Failure `receiver-needed`, `delay-needs-log`; where the source does not answer
 */
export async function refuseLosingDelay(session: Session, name: string, onSource: OnSource): Promise<void> {
  if (canEndDelay(session.version)) return;
  const { receiver, receiverError } = await linkOf(session, name);
  if (receiver !== 'running') throw failure('receiver-needed', { name }, { server: name, detail: receiverError });
  const [lost, source] = await onSource(async (other) => [await onlyInRelayLog(other, session), other.label] as const);
  if (!lost.isEmpty()) throw failure('delay-needs-log', { name, source, gtids: lost.shorten() }, { server: name, detail: lost.toLine() });
}

/**
 * Sets SOURCE_DELAY while the applier is stopped, and leaves it stopped. With both threads stopped a server deletes its relay logs: from 5.7 on the
 * receiver goes on, and is started where it did not. 5.6 takes the change with neither running, and fetches everything anew afterwards: there the
 * source has to answer and to hold it all. Manual: "CHANGE REPLICATION SOURCE TO Statement".
 *
 * @throws Failure `receiver-needed`, `delay-needs-log` where what was received would be lost; where a source of 5.6 does not answer
 */
export async function setDelayOfStopped(session: Session, name: string, seconds: number, onSource: OnSource, run: Run): Promise<void> {
  const { dialect } = session;
  const before = await linkOf(session, name);
  if (before.delaySeconds === seconds) return;
  const channel = dialect.features.hasChannels ? before.channel : undefined;
  if (canEndDelay(session.version)) {
    if (before.receiver === 'stopped') await run(dialect.startReplica({ threads: 'receiver', ...(channel === undefined ? {} : { channel }) }));
    const now = await settled(session, name);
    if (now.receiver === 'stopped') throw failure('receiver-needed', { name }, { server: name, detail: now.receiverError });
    await run(dialect.changeReplicationSource({ delaySeconds: seconds }, channel));
    return;
  }
  await refuseLosingDelay(session, name, onSource);
  await run(dialect.stopReplica({ threads: 'receiver' }));
  await run(dialect.changeReplicationSource({ delaySeconds: seconds, heartbeatSeconds }));
  await run(dialect.startReplica({ threads: 'receiver' }));
}

async function settled(session: Session, name: string): Promise<ReplicaStatus> {
  let now = await linkOf(session, name);
  await waitUntil(async () => {
    now = await linkOf(session, name);
    return now.receiver === 'running' || now.receiverErrno !== 0;
  }, { everyMs: 50, limitMs: verdictLimitMs });
  return now;
}

/** The only link of a server. */
export async function linkOf(session: Session, name: string): Promise<ReplicaStatus> {
  const status = await linkStatus(session);
  if (status === null) throw failure('not-a-standby', { name }, { server: name });
  return status;
}
