import type { ReplicaChannel } from '../../../shared/domain/fleet/facts';
import { lostLog, replicaStanding, type KeptLog, type ReplicaStanding } from '../../../shared/domain/operations/port/replica';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { Reading } from '../../mysql/reading';
import type { SourceSettings } from '../../mysql/dialect/replication';
import { readChannels } from '../../mysql/status/channels';
import type { Session } from '../../mysql/types';
import { failoverStatements, readFailoverLists } from '../../replication/failover-lists';
import { executedOn } from '../../replication/gtid';
import type { StepContext } from '../../tasks/types';
import type { PortDeps } from './types';
import { threadsKey, type PortInput } from './work';

type Replica = PortInput['replicas'][number];
type Servers = { readonly fleet: Pick<PortDeps['fleet'], 'withSession' | 'instance'> };

interface Threads {
  readonly receiver: boolean;
  readonly applier: boolean;
}

const limits = { timeoutMs: 5000, queryTimeoutMs: 30_000 };
const connectLimitMs = 30_000;

async function channelOf(session: Session, name: string): Promise<ReplicaChannel | null> {
  const { channels } = await readChannels(new Reading(session, { timeoutMs: 15_000 }), null);
  return channels.find((one) => one.name === name) ?? null;
}

/** What a server still has of its log. */
export async function keptLog(session: Session): Promise<KeptLog> {
  const rows = await session.query<{ Log_name: string }>(session.dialect.showBinaryLogs());
  const [gtids] = await session.query<{ purged: string }>('SELECT @@GLOBAL.gtid_purged AS purged');
  return { files: rows.map(({ Log_name: name }) => name), purged: gtids?.purged ?? '' };
}

/** Where a replica stands, read from it; the threads that ran before are known where it was pointed anew. */
export async function standingOf({ fleet }: Servers, step: StepContext, replica: Replica, { to, uuid }: PortInput): Promise<ReplicaStanding> {
  if (to.port === null) return 'right';
  const kept = step.recall(threadsKey(replica.id)) ?? { receiver: true, applier: false };
  const channel = await fleet.withSession(replica.id, (session) => channelOf(session, replica.channel), limits);
  return replicaStanding(channel, { port: to.port, uuid, receives: kept.receiver, applies: kept.applier });
}

/**
 * Points a channel to the new port of its source, which is the same server: where it follows by position it goes on there. Threads that
 * stood still before stand still after it, and nothing is applied before the receiver has met the server itself. Heartbeat and key are given again: a
 * change of port forgets the one, and a source that was restarted has forgotten whom it knows by caching_sha2_password. One that is there is left alone.
 */
export async function pointToPort(deps: Servers, step: StepContext, replica: Replica, input: PortInput): Promise<void> {
  const { to: { port }, from } = input;
  if (port === null) return;
  await deps.fleet.withSession(replica.id, async (session) => {
    const before = await channelOf(session, replica.channel);
    if (before === null) throw failure('not-a-standby', { name: replica.name });
    const recalled = step.recall(threadsKey(replica.id));
    const kept = recalled ?? { receiver: before.receiver !== 'stopped', applier: before.applier === 'running' };
    const { admin, replication } = deps.fleet.instance(input.instanceId);
    const work = new Pointing(step, session, replica, input, new Set([before.sourceHost, admin.host, ...(replication === null ? [] : [replication.host])]));
    if (before.sourcePort !== port) {
      // Another way than the port that is left: somebody forwards it, and goes on doing so.
      if (before.sourcePort !== from.port) {
        step.log('warning', 'port.log.forwarded', { name: replica.name, port: before.sourcePort });
        return;
      }
      await refuseLost(deps, session, before, replica, input);
      await step.remember(threadsKey(replica.id), kept);
      await work.point(port, before);
    }
    if (from.port !== null) await work.list(from.port, port);
    await work.start(kept, before.sourcePort !== port || recalled !== undefined);
  }, limits);
}

/** Its relay logs go with the change: what it has not applied must be there to be sent again. */
async function refuseLost({ fleet }: Servers, session: Session, channel: ReplicaChannel, { name }: Replica, { instanceId }: PortInput): Promise<void> {
  const lost = lostLog(channel, (await executedOn(session)).toLine(), await fleet.withSession(instanceId, keptLog, limits));
  if (lost === null) return;
  const [step, detail] = lost.kind === 'gtids' ? ['purged', lost.gtids] : ['binary-log', lost.file];
  throw failure('step-failed', { step, server: name }, { server: name, detail });
}

/** One channel on its way to another port. */
class Pointing {
  constructor(
    private readonly step: StepContext,
    private readonly session: Session,
    private readonly replica: Replica,
    private readonly input: PortInput,
    /** The names by which the source is known. */
    private readonly hosts: ReadonlySet<string>,
  ) {}

  private async channel(): Promise<ReplicaChannel> {
    const channel = await channelOf(this.session, this.replica.channel);
    if (channel === null) throw failure('not-a-standby', { name: this.replica.name });
    return channel;
  }

  private async sql(statement: Parameters<StepContext['sql']>[2]): Promise<void> {
    await this.step.sql(this.session, this.replica.name, statement);
  }

  /** Stops it, and names the port; the place where it goes on is read when it stands still. */
  async point(port: number, before: ReplicaChannel): Promise<void> {
    const { dialect } = this.session;
    const { channel } = this.replica;
    await this.sql(dialect.stopReplica({ channel }));
    await this.sql(dialect.changeReplicationSource({ port, ...settingsOf(await channelOf(this.session, channel) ?? before) }, channel));
  }

  /**
   * What else its channel may turn to: a connection failover list that names the source by its old port leads nowhere. The new entry comes first, so that
   * the list is never without one. A list that follows a group is kept by the server.
   */
  async list(from: number, to: number): Promise<void> {
    const { session, replica: { channel } } = this;
    const { sources, managed } = await readFailoverLists(session);
    const own = sources.filter((one) => one.channel === channel && this.hosts.has(one.host) && !managed.includes(channel));
    for (const old of own.filter(({ port }) => port === from)) {
      const isThere = own.some(({ host, port, networkNamespace }) => host === old.host && port === to && networkNamespace === old.networkNamespace);
      const changes = [{ remove: [], add: isThere ? null : { ...old, port: to }, switchOff: false }, { remove: [old], add: null, switchOff: false }];
      for (const statement of changes.flatMap((change) => failoverStatements(session.dialect, channel, change))) await this.sql(statement);
    }
  }

  /** The receiver first: the applier follows when it has met the server itself. `isOurs`: it was pointed there by this task. */
  async start(kept: Threads, isOurs: boolean): Promise<void> {
    const { step, session: { dialect }, replica: { name, channel }, input: { uuid, to, from } } = this;
    if (!kept.receiver) {
      if (kept.applier) step.log('warning', 'port.log.unproven', { name, port: to.port ?? 0 });
      return;
    }
    let now = await this.channel();
    if (now.receiver === 'stopped') await this.sql(dialect.startReplica({ threads: 'receiver', channel }));
    // Connected it is called before it has asked whom it met.
    const hasMet = ({ receiver, sourceUuid }: ReplicaChannel): boolean => receiver === 'running' && sourceUuid !== null;
    if (!hasMet(now)) {
      await step.waitFor(message('port.wait.replica', { name }), async () => {
        now = await this.channel();
        return hasMet(now);
      }, { everyMs: 250, limitMs: connectLimitMs });
    }
    if (now.sourceUuid?.toLowerCase() !== uuid.toLowerCase()) {
      // What it was sent goes away with its relay logs, and it stands still where it was.
      if (isOurs && from.port !== null) {
        await this.point(from.port, now);
        if (to.port !== null) await this.list(to.port, from.port);
      }
      throw failure('different-server', { name: this.input.name, expected: uuid, uuid: now.sourceUuid ?? '?' }, { detail: now.sourceUuid ?? '?' });
    }
    if (kept.applier && now.applier !== 'running') await this.sql(dialect.startReplica({ threads: 'applier', channel }));
  }
}

function settingsOf(channel: ReplicaChannel): SourceSettings {
  return {
    ...(channel.heartbeatPeriodSeconds === null ? {} : { heartbeatSeconds: channel.heartbeatPeriodSeconds }),
    ...(channel.tls ? {} : { getPublicKey: true }),
    ...(channel.autoPosition || channel.relaySourceLogFile === null || channel.execSourceLogPosition === null
      ? {} : { logFile: channel.relaySourceLogFile, logPosition: channel.execSourceLogPosition }),
  };
}
