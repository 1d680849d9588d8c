import { missingRights } from '../../../shared/domain/accounts/rights';
import {
  consistencyLevels, type AwayServer, type GtidConsistency, type GtidLink, type GtidServer, type GtidTopology,
} from '../../../shared/domain/operations/gtid-change';
import type { InstanceFacts, ReplicaChannel } from '../../../shared/domain/fleet/facts';
import { type Instance } from '../../../shared/domain/fleet/instance';
import { errorOf } from '../../../shared/errors/codes';
import type { FleetServers } from '../../fleet/types';
import { configLine } from '../../mysql/dialect/config-line';
import { keptGrants } from '../../mysql/accounts/privileges';
import { numberOf, Reading, textOf } from '../../mysql/reading';
import { readFacts } from '../../mysql/status/status';
import type { Session } from '../../mysql/types';
import { registeredSource, instanceByUuid } from '../../replication/chain';
import { chainHead } from '../../../shared/domain/fleet/source';

const readLimitMs = 8000;

interface Read {
  readonly facts: InstanceFacts;
  readonly server: Omit<GtidServer, 'id' | 'name' | 'links' | 'strangers'>;
  readonly assigning: ReadonlySet<string>;
}

/**
 * Reads the topology that an instance belongs to, from the servers: up by their channels, down by the replicas that are
 * connected and by those the fleet knows of, which may be cut off. Whoever belongs to it and does not answer is named.
 */
export async function readTopology(fleet: FleetServers, instanceId: string, signal?: AbortSignal): Promise<GtidTopology> {
  const reads = new Map<string, Read>();
  const away = new Map<string, AwayServer>();
  const unknown: string[] = [];
  const read = async (id: string): Promise<boolean> => {
    try {
      reads.set(id, await readServer(fleet, id, signal));
      return true;
    } catch (thrown) {
      signal?.throwIfAborted();
      away.set(id, { id, name: fleet.instance(id).name, error: errorOf(thrown) });
      return false;
    }
  };

  // Servers that nobody has read yet could be replicas that are cut off: nothing but they themselves would tell.
  const neverRead = fleet.instances().filter(({ id }) => id !== instanceId && fleet.view(id).facts === null);
  await Promise.all([read(instanceId), ...neverRead.map(async ({ id, name }) => {
    if (await read(id)) return;
    if (!linked(fleet, id)) {
      away.delete(id);
      unknown.push(name);
    }
  })]);

  const members = new Set<string>();
  let wave = [instanceId];
  while (wave.length > 0) {
    for (const id of wave) members.add(id);
    await Promise.all(wave.filter((id) => !reads.has(id) && !away.has(id)).map(read));
    wave = [...new Set(wave.flatMap((id) => neighbours(fleet, id, reads)))].filter((id) => !members.has(id));
  }
  const servers = [...members].flatMap((id) => (reads.has(id) ? [serverOf(fleet, id, reads)] : []));
  const joined = together(instanceId, servers, (id) => away.has(id));
  return { sourceId: headOf(instanceId, joined), servers: joined, away: [...away.values()].filter(({ id }) => members.has(id)), unknown };
}

/** Known as a replica or source of somebody by an earlier reading or by the user's word. */
function linked(fleet: FleetServers, id: string): boolean {
  return fleet.view(id).sourceId !== null || fleet.instance(id).intent.kind === 'replica' || fleet.replicasOf(id).length > 0;
}

function neighbours(fleet: FleetServers, id: string, reads: ReadonlyMap<string, Read>): string[] {
  const found = fleet.replicasOf(id).map((replica) => replica.id);
  const known = reads.get(id);
  if (known === undefined) {
    const { sourceId } = fleet.view(id);
    return sourceId === null ? found : [...found, sourceId];
  }
  for (const channel of known.facts.channels) found.push(...idOf(registeredSource(fleet, id, channel)));
  for (const { uuid } of known.facts.replicas) found.push(...idOf(instanceByUuid(fleet, uuid)));
  for (const [other, { facts }] of reads) if (facts.channels.some((channel) => registeredSource(fleet, other, channel)?.id === id)) found.push(other);
  return found;
}

const idOf = (instance: Instance | null): string[] => (instance === null ? [] : [instance.id]);

function serverOf(fleet: FleetServers, id: string, reads: ReadonlyMap<string, Read>): GtidServer {
  const { facts, server, assigning } = reads.get(id) as Read;
  const links = facts.channels.map((channel): GtidLink => {
    const source = registeredSource(fleet, id, channel);
    return {
      channel: channel.name, sourceId: source?.id ?? null, source: source?.name ?? `${channel.sourceHost}:${channel.sourcePort}`,
      autoPosition: channel.autoPosition,
      trouble: troubleOf(channel), delaySeconds: channel.delaySeconds, assignsGtids: assigning.has(channel.name),
    };
  });
  // A replica that names no uuid may still be one of ours: those whose channels point here account for as many.
  const pointsHere = ([otherId, other]: readonly [string, Read]): boolean =>
    other.facts.channels.some((channel) => registeredSource(fleet, otherId, channel)?.id === id);
  const ours = [...reads].filter(pointsHere).length;
  const named = facts.replicas.filter(({ uuid }) => instanceByUuid(fleet, uuid) !== null).length;
  const strangers = facts.replicas.filter(({ uuid }) => uuid !== null && instanceByUuid(fleet, uuid) === null);
  const nameless = facts.replicas.filter(({ uuid }) => uuid === null).slice(Math.max(0, ours - named));
  return {
    id, name: fleet.instance(id).name, ...server, links,
    strangers: [...strangers, ...nameless].map(({ host, port, user, serverId }) => `${host ?? '?'}${port === null ? '' : `:${port}`} (${user}, server_id ` +
      `${serverId ?? '?'})`),
  };
}

/** The server's own words for why a channel does not replicate; null: it does. */
function troubleOf({ name, receiver, applier, receiverError, applierError }: ReplicaChannel): string | null {
  if (receiver === 'running' && applier === 'running') return null;
  const text = applierError?.text ?? receiverError?.text ?? `receiver ${receiver}, applier ${applier}`;
  return name === '' ? text : `${name}: ${text}`;
}

/** What hangs together with the asked server; one that is only meant to be a replica and follows nobody is left out. */
function together(instanceId: string, servers: readonly GtidServer[], isAway: (id: string) => boolean): readonly GtidServer[] {
  const inside = new Set([instanceId]);
  const touches = ({ id, links }: GtidServer): boolean =>
    links.some(({ sourceId }) => sourceId !== null && (inside.has(sourceId) || isAway(sourceId))) ||
    servers.some((other) => inside.has(other.id) && other.links.some(({ sourceId }) => sourceId === id));
  for (let grew = true; grew; ) {
    const next = servers.filter((server) => !inside.has(server.id) && touches(server));
    for (const { id } of next) inside.add(id);
    grew = next.length > 0;
  }
  return servers.filter(({ id }) => inside.has(id));
}

/** Up the first channel, within the topology. */
function headOf(instanceId: string, servers: readonly GtidServer[]): string {
  const byId = new Map(servers.map((server) => [server.id, server]));
  return chainHead(instanceId, (id) => {
    const source = byId.get(id)?.links[0]?.sourceId ?? null;
    return source !== null && byId.has(source) ? source : null;
  });
}

function readServer(fleet: FleetServers, id: string, signal: AbortSignal | undefined): Promise<Read> {
  const options = { timeoutMs: readLimitMs, queryTimeoutMs: readLimitMs, ...(signal === undefined ? {} : { signal }) };
  return fleet.withSession(id, async (session) => {
    const facts = await readFacts(session, signal);
    const reading = new Reading(session, { timeoutMs: readLimitMs, ...(signal === undefined ? {} : { signal }) });
    const { dialect } = session;
    const { server } = facts;
    const persisted = await readPersisted(reading, session);
    return {
      facts,
      assigning: await readAssigning(reading, session),
      server: {
        uuid: server.uuid, version: server.version, online: dialect.features.hasOnlineGtidMode, mode: server.gtidMode,
        consistency: consistencyOf(server.enforceGtidConsistency),
        executed: facts.gtid.executed, anonymous: await readAnonymous(reading), persisted, configLines: configLinesOf(session, facts),
        missing: [
          ...(await missingPrivileges(reading, facts)),
          ...facts.unread.filter(({ fact }) => fact === 'channels' || fact === 'replicas').map(({ reason }) => reason),
        ],
      },
    };
  }, options);
}

function consistencyOf(text: string): GtidConsistency {
  return consistencyLevels.find((level) => level === text) ?? 'OFF';
}

/** Ongoing_anonymous_transaction_count of a server; null before 5.7.6, which does not count them. */
export async function readAnonymous(reading: Reading): Promise<number | null> {
  const [row] = await reading.rows("SHOW GLOBAL STATUS LIKE 'Ongoing_anonymous_transaction_count'");
  return row === undefined ? null : numberOf(row['Value']);
}

async function readPersisted(reading: Reading, { dialect }: Session): Promise<GtidServer['persisted']> {
  if (!dialect.features.hasSetPersist) return { mode: null, consistency: null };
  const rows = await reading.rows("SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value FROM performance_schema.persisted_variables " +
    "WHERE VARIABLE_NAME IN ('gtid_mode', 'enforce_gtid_consistency')");
  const valueOf = (name: string): string | null => textOf(rows.find((row) => textOf(row['name']) === name)?.['value']);
  return { mode: valueOf('gtid_mode'), consistency: valueOf('enforce_gtid_consistency') };
}

async function readAssigning(reading: Reading, { dialect }: Session): Promise<ReadonlySet<string>> {
  if (!dialect.features.hasAssignGtids) return new Set();
  const rows = await reading.rows("SELECT CHANNEL_NAME AS name FROM performance_schema.replication_applier_configuration " +
    "WHERE ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS_TYPE <> 'OFF'");
  return new Set(rows.map((row) => textOf(row['name']) ?? ''));
}

async function missingPrivileges(reading: Reading, facts: InstanceFacts): Promise<string[]> {
  const { dialect } = reading.session;
  const purposes = ['set-variables', 'watch-replication', ...(facts.channels.length > 0 ? (['control-replication'] as const) : [])] as const;
  return missingRights(await keptGrants(reading), purposes.flatMap((purpose) => dialect.privilegesFor(purpose)));
}

/** What an option file needs: everything before 5.7.6, the outcome before 8.0 (which has no SET PERSIST), nothing after. */
function configLinesOf({ dialect }: Session, facts: InstanceFacts): readonly string[] {
  if (dialect.features.hasSetPersist) return [];
  const lines = [configLine('gtid_mode', 'ON'), configLine('enforce_gtid_consistency', 'ON')];
  if (dialect.features.hasOnlineGtidMode) return lines;
  if (!facts.server.logBin) lines.push(configLine('log_bin', 'binlog'));
  if (!facts.server.logReplicaUpdates) lines.push(configLine(dialect.variableName('log_replica_updates'), 'ON'));
  return lines;
}
