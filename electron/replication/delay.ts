// The delay of a link whose applier stands still.
import { canEndDelay } from '../../shared/domain/promotion/applier-wait';
import { failure } from '../../shared/errors/codes';
import { waitUntil } from '../mysql/time';
import type { Session, Statement } from '../mysql/types';
import { linkStatus, type ReplicaStatus } from './status';

/** For how long a receiver that was just started may have come to no verdict. */
const verdictLimitMs = 5000;
/** What a link of ours has; 5.6 forgets it with every change. */
const heartbeatSeconds = 2;

/**
 * Sets SOURCE_DELAY while the applier is stopped, and leaves it stopped. With both threads stopped a server deletes its relay logs: from 5.7 on the
 * receiver goes on, and is started where it did not. 5.6 takes the change with neither running, and fetches everything anew afterwards: there the
 * source has to answer. Manual: "CHANGE REPLICATION SOURCE TO Statement".
 *
 * @throws Failure `receiver-needed` where what was received would be lost
 */
export async function setDelayOfStopped(session: Session, name: string, seconds: number, run: (statement: Statement) => Promise<unknown>): Promise<void> {
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
  if (before.receiver !== 'running') throw failure('receiver-needed', { name }, { server: name, detail: before.receiverError });
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
