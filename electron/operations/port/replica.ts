import { parseGtidSet } from '../../../shared/domain/gtid/set';
import type { ReplicaChannel } from '../../../shared/domain/fleet/facts';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { Reading } from '../../mysql/reading';
import type { SourceSettings } from '../../mysql/dialect/replication';
import { readChannels } from '../../mysql/status/channels';
import type { Session } from '../../mysql/types';
import { gtidStanding } from '../../replication/gtid';
import type { StepContext } from '../../tasks/types';
import type { PortDeps } from './types';
import { threadsKey, type PortInput } from './work';

type Replica = PortInput['replicas'][number];

const limits = { timeoutMs: 5000, queryTimeoutMs: 30_000 };
const connectLimitMs = 30_000;

async function channelOf(session: Session, name: string): Promise<ReplicaChannel | null> {
  const { channels } = await readChannels(new Reading(session, { timeoutMs: 15_000 }), null);
  return channels.find((one) => one.name === name) ?? null;
}

/**
 * Points a channel to the new port of its source, which is the same server: where it follows by position it goes on there. Threads that
 * stood still before stand still after it. Heartbeat and key are given again: a change of port forgets the one, and a source that was
 * restarted has forgotten whom it knows by caching_sha2_password.
 */
export async function pointToPort({ fleet }: PortDeps, step: StepContext, replica: Replica, { instanceId, to, from }: PortInput): Promise<void> {
  const port = to.port;
  if (port === null) return;
  const purged = await fleet.withSession(instanceId, async (session) => {
    const [row] = await session.query<{ purged: string }>('SELECT @@GLOBAL.gtid_purged AS purged');
    return parseGtidSet(row?.purged ?? '');
  }, limits);
  await fleet.withSession(replica.id, async (session) => {
    const sql = (statement: Parameters<StepContext['sql']>[2]): Promise<unknown> => step.sql(session, replica.name, statement);
    const { dialect } = session;
    const before = await channelOf(session, replica.channel);
    if (before === null) throw failure('not-a-standby', { name: replica.name });
    const kept = step.recall(threadsKey(replica.id)) ?? { receiver: before.receiver !== 'stopped', applier: before.applier === 'running' };
    if (before.sourcePort !== port) {
      // Its relay logs go with the change: what it has not applied must be there to be sent again.
      if (before.autoPosition && !purged.isSubsetOf((await gtidStanding(session)).executed)) throw failure('step-failed',
        { step: 'purged', server: replica.name });
      // Another way than the port that is left: somebody forwards it, and goes on doing so.
      if (before.sourcePort !== from.port) {
        step.log('warning', 'port.log.forwarded', { name: replica.name, port: before.sourcePort });
        return;
      }
      await step.remember(threadsKey(replica.id), kept);
      await sql(dialect.stopReplica({ channel: replica.channel }));
      await sql(dialect.changeReplicationSource({ port, ...settingsOf(await channelOf(session, replica.channel) ?? before) }, replica.channel));
    }
    if (kept.receiver && kept.applier) await sql(dialect.startReplica({ channel: replica.channel }));
    else if (kept.receiver) await sql(dialect.startReplica({ threads: 'receiver', channel: replica.channel }));
    else if (kept.applier) await sql(dialect.startReplica({ threads: 'applier', channel: replica.channel }));
    if (!kept.receiver) return;
    await step.waitFor(message('port.wait.replica', { name: replica.name }), async () => (await channelOf(session, replica.channel))?.receiver === 'running', {
      everyMs: 250, limitMs: connectLimitMs,
    });
  }, limits);
}

function settingsOf(channel: ReplicaChannel): SourceSettings {
  return {
    ...(channel.heartbeatPeriodSeconds === null ? {} : { heartbeatSeconds: channel.heartbeatPeriodSeconds }),
    ...(channel.tls ? {} : { getPublicKey: true }),
    ...(channel.autoPosition || channel.relaySourceLogFile === null || channel.execSourceLogPosition === null
      ? {} : { logFile: channel.relaySourceLogFile, logPosition: channel.execSourceLogPosition }),
  };
}
