import { replicationEndpoint } from '../../../shared/domain/fleet/instance';
import { directoryOf, sourceOfChannel } from '../../../shared/domain/fleet/source';
import { replicationOrder } from '../../../shared/domain/fleet/version';
import { parseGtidSet, type GtidSet } from '../../../shared/domain/gtid/set';
import { verdictOnReplica, wantedThreads, type ReplicaVerdict, type Threads, type ThreadsReading } from '../../../shared/domain/promotion/other-replica';
import { executedOn } from '../../replication/gtid';
import type { Server } from '../../replication/servers';
import { replicaStatus, type ReplicaStatus } from '../../replication/status';
import { startThreads } from '../../replication/threads';
import type { StepContext } from '../../tasks/types';
import { memory } from '../memory';
import { changeFailover, failoverFor } from './failover';
import type { Ground } from './settling';

/** What came of pointing a replica at the new primary. */
export type Pointed =
  | { readonly kind: 'pointed'; readonly channel: string; readonly threads: Threads; readonly delaySeconds: number }
  /** It follows nobody. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'older' }
  /** It has several channels, and none of them is known to follow a server that is replaced. */
  | { readonly kind: 'several' }
  | { readonly kind: 'ahead' | 'gap'; readonly set: GtidSet };

/** The threads of a link, in the words of the decision. */
export function threadsOf({ receiver, receiverErrno, applierRuns, applierErrno }: ReplicaStatus): ThreadsReading {
  return { receiver, receiverFailed: receiverErrno !== 0, applierRuns, applierFailed: applierErrno !== 0 };
}

/**
 * Points a replica of the old primary at the new one, with the threads, the delay and the login that its link has. Where it cannot follow,
 * or its applier does not let itself be stopped, it goes on as it was.
 */
export async function pointAt(ground: Ground, sibling: Server): Promise<Pointed> {
  const { deps, context, primary } = ground;
  const links = await replicaStatus(await sibling.reader());
  if (links.length === 0) return { kind: 'nothing' };
  const { host, port } = replicationEndpoint(deps.fleet.instance(primary.id));
  const status = links.find((link) => link.host === host && link.port === port) ?? replacedLink(ground, sibling, links);
  if (status === null) return { kind: 'several' };
  const dialect = await sibling.dialect();
  // The plan may have been made before its version was known.
  if (replicationOrder((await primary.dialect()).version, dialect.version) === 'older') return { kind: 'older' };
  const { channel, delaySeconds } = status;
  const threads = await rememberThreads(context, sibling.id, status);
  if (status.host === host && status.port === port) return { kind: 'pointed', channel, threads, delaySeconds };
  // The receiver first: what it holds stands still, and what it holds must be on the new primary.
  await sibling.sql('control', dialect.stopReplica({ threads: 'receiver', channel }));
  const goOn = async (): Promise<void> => {
    if (threads.receiver) await sibling.sql('control', dialect.startReplica({ threads: 'receiver', channel }));
  };
  const verdict = await judge(primary, sibling, channel);
  if (verdict.kind !== 'follows') {
    await goOn();
    return verdict;
  }
  try {
    await sibling.sql('control', dialect.stopReplica({ channel }));
  } catch (thrown) {
    // One that is locked for a backup does not let its applier be stopped.
    await goOn();
    throw thrown;
  }
  // User, password, TLS and delay of the link stay as they are: the account is on the new primary too.
  await sibling.sql('control', dialect.changeReplicationSource({ host, port, autoPosition: true }, channel));
  await changeFailover(sibling, channel, await failoverFor(ground, sibling, channel));
  await startThreads(sibling, channel, threads);
  return { kind: 'pointed', channel, threads, delaySeconds };
}

/** Of several links the one that follows a server that is replaced, by uuid where the receiver has seen one. */
function replacedLink({ deps, work }: Ground, sibling: Server, links: readonly ReplicaStatus[]): ReplicaStatus | null {
  const directory = directoryOf(deps.fleet.instances());
  const source = ({ sourceUuid, host, port, receiver }: ReplicaStatus): string | null =>
    sourceOfChannel({ sourceUuid, sourceHost: host, sourcePort: port, receiver }, sibling.id, directory);
  const only = links.length === 1 ? links[0] : undefined;
  return only ?? links.find((link) => work.replacedIds.includes(source(link) ?? '')) ?? null;
}

async function judge(primary: Server, sibling: Server, channel: string): Promise<ReplicaVerdict> {
  const frozen = (await replicaStatus(await sibling.reader())).find((link) => link.channel === channel);
  const executed = await executedOn(sibling);
  const purged = parseGtidSet((await primary.text('control', 'SELECT @@GLOBAL.gtid_purged')) ?? '');
  return verdictOnReplica({ executed, held: parseGtidSet(frozen?.received ?? ''), primaryExecuted: await executedOn(primary), primaryPurged: purged });
}

/** Which threads are wanted is written down before the first is stopped: a run after a crash finds both standing still. */
async function rememberThreads(context: StepContext, id: string, status: ReplicaStatus): Promise<Threads> {
  const known = context.recall(memory.threads)?.[id];
  if (known !== undefined) return known;
  const threads = wantedThreads(threadsOf(status));
  await context.remember(memory.threads, { ...context.recall(memory.threads), [id]: threads });
  return threads;
}
