import { message, type Message } from '../../i18n/message';
import { uuidOf, type Member, type Sample, type Thresholds } from './input';
import { hearsSource, lagOf } from './lag';
import type { ConnectedReplica, ReplicaChannel, ReplicationError } from '../fleet/facts';
import { formatEndpoint } from '../fleet/instance';
import { directoryOf, endpointKey, sourceOfChannel, type Directory } from '../fleet/source';
import type { Lag } from '../fleet/lag';
import type { LinkState, SyncLink, Topology, UnregisteredServer } from '../fleet/topology';

/** The registered, by what replication knows them by, and as members. */
interface Registered extends Directory {
  readonly byId: ReadonlyMap<string, Member>;
}

/** The registered, by what replication knows them by: a server is what it was last read to be, whatever it was registered as. */
export function registeredIn(members: readonly Member[]): Directory {
  return directoryOf(members.map((member) => {
    const { id, admin, replication } = member.instance;
    return { id, admin, replication, serverUuid: uuidOf(member) };
  }));
}

function registeredOf(members: readonly Member[], directory: Directory): Registered {
  return { byId: new Map(members.map((member) => [member.instance.id, member])), ...directory };
}

/** Every sync link, as the replicas' facts and the user's intent tell them, and the servers at their ends that are not registered. */
export function topologyOf(
  members: readonly Member[], thresholds: Thresholds, behindSince: ReadonlyMap<string, number> = new Map(), now = 0, known = registeredIn(members),
): Topology {
  const directory = registeredOf(members, known);
  const links = members.flatMap((member) => linksOf(member, directory, thresholds, behindSince, now));
  return { links, unregistered: strangersOf(members, links, known) };
}

/** Who is not registered, by what was noted of each: the same whoever noted it first, so that what parts of a fleet noted can be put together. */
export function unregisteredOf(notes: Iterable<UnregisteredServer>): readonly UnregisteredServer[] {
  const found = new Map<string, UnregisteredServer>();
  for (const note of notes) {
    const known = found.get(note.key);
    found.set(note.key, known === undefined ? note : together(known, note));
  }
  return [...found.values()].sort((one, other) => (one.key < other.key ? -1 : 1));
}

function together(one: UnregisteredServer, other: UnregisteredServer): UnregisteredServer {
  return { ...(comesBefore(one, other) ? one : other), seenFrom: [...new Set([...one.seenFrom, ...other.seenFrom])].sort() };
}

/** What one that pulls a log told of itself says more than where a link looks for it. */
function comesBefore(one: UnregisteredServer, other: UnregisteredServer): boolean {
  if (one.relation !== other.relation) return one.relation === 'replica';
  return one.host === other.host ? (one.port ?? 0) <= (other.port ?? 0) : one.host < other.host;
}

function linksOf(member: Member, directory: Registered, thresholds: Thresholds, behindSince: ReadonlyMap<string, number>, now: number): SyncLink[] {
  const { instance, current } = member;
  if (current !== null && current.facts.channels.length > 0) {
    return current.facts.channels.map((channel) => channelLink(member, current, channel, directory, thresholds, behindSince, now));
  }
  if (instance.intent.kind !== 'replica') return [];
  const source = directory.byId.get(instance.intent.sourceId);
  if (source === undefined) return [];
  const endpoint = source.instance.replication ?? source.instance.admin;
  const unread = current === null;
  return [{
    id: `${instance.id}/`,
    sourceId: source.instance.id,
    sourceHost: endpoint.host,
    sourcePort: endpoint.port,
    sourceUuid: uuidOf(source),
    replicaId: instance.id,
    channel: '',
    state: unread ? 'unknown' : 'not-synchronised',
    reason: message(unread ? 'fleet.link.unread' : 'fleet.link.not-synchronised'),
    lag: noLag(current, source.current),
    tls: null,
  }];
}

function noLag(replica: Sample | null, source: Sample | null): Lag {
  return {
    state: replica === null ? 'unknown' : 'not-replicating',
    seconds: null, measure: null, toReceive: null, toApply: null, bytes: null,
    standbyAt: replica?.facts.sampledAt ?? 0,
    sourceAt: source?.facts.sampledAt ?? null,
  };
}

function channelLink(
  member: Member, current: Sample, channel: ReplicaChannel, directory: Registered,
  thresholds: Thresholds, behindSince: ReadonlyMap<string, number>, now: number,
): SyncLink {
  const source = directory.byId.get(sourceOfChannel(channel, member.instance.id, directory) ?? '') ?? null;
  const id = `${member.instance.id}/${channel.name}`;
  const lag = lagOf({
    channel,
    replica: current,
    replicaHealth: member.health.state,
    source: source === null ? [] : [source.current, source.previous].filter((sample) => sample !== null),
    sourceHealth: source?.health.state ?? 'unknown',
  });
  const since = behindSince.get(id);
  const [state, reason] = judge(member, channel, source, lag, thresholds, since === undefined ? 0 : (now - since) / 1000);
  return {
    id,
    sourceId: source?.instance.id ?? null,
    sourceHost: channel.sourceHost,
    sourcePort: channel.sourcePort,
    sourceUuid: channel.sourceUuid === '' ? null : channel.sourceUuid,
    replicaId: member.instance.id,
    channel: channel.name,
    state,
    reason,
    lag,
    tls: channel.tls,
  };
}

/** By what a link is later than the user wants: by time, or by transactions that have not come for as long. null: it is not. */
export function laggingBy(lag: Lag, delaySeconds: number, missingForSeconds: number, thresholds: Thresholds): 'time' | 'transactions' | null {
  const limit = thresholds.lagWarningSeconds + delaySeconds;
  if (lag.seconds !== null && lag.seconds >= limit) return 'time';
  return (lag.toReceive ?? 0) > 0 && missingForSeconds >= limit ? 'transactions' : null;
}

function judge(
  member: Member,
  channel: ReplicaChannel,
  source: Member | null,
  lag: Lag,
  thresholds: Thresholds,
  missingForSeconds: number,
): [LinkState, Message | null] {
  if (member.isPaused === true) return ['unknown', message('fleet.link.replica-paused')];
  if (member.health.state !== 'reachable') return ['unknown', message('fleet.link.replica-unreachable')];
  if (channel.applierError !== null) return ['broken', message('fleet.link.applier-error', errorParams(channel.applierError))];
  if (channel.receiver === 'stopped' && channel.receiverError !== null) {
    return ['broken', message('fleet.link.receiver-error', errorParams(channel.receiverError))];
  }
  if (channel.receiver === 'stopped') return ['stopped', message(channel.applier === 'stopped' ? 'fleet.link.stopped' : 'fleet.link.receiver-stopped')];
  if (channel.applier === 'stopped') return ['stopped', message('fleet.link.applier-stopped')];
  if (channel.receiver === 'connecting') {
    return [
      'connecting',
      channel.receiverError === null ? message('fleet.link.connecting') : message('fleet.link.connecting-error', errorParams(channel.receiverError)),
    ];
  }
  if (source !== null && source.health.state !== 'reachable' && !hearsSource(channel)) return ['unknown', unheard(source)];
  const by = laggingBy(lag, channel.delaySeconds, missingForSeconds, thresholds);
  if (by !== null) {
    return [
      'lagging',
      by === 'time' ? message('fleet.link.lagging', { seconds: lag.seconds ?? 0 }) : message('fleet.link.missing', { transactions: lag.toReceive ?? 0 }),
    ];
  }
  return ['healthy', null];
}

/** Why nothing is known of a source that its replica has not heard from either. */
function unheard({ isPaused, health }: Member): Message {
  if (isPaused === true) return message('fleet.link.source-paused');
  return message(health.state === 'unreachable' ? 'fleet.link.source-unreachable' : 'fleet.link.source-unread');
}

function errorParams(error: ReplicationError): { errno: number; error: string } {
  return { errno: error.errno, error: error.text };
}

/** The servers at the ends of these members' links that are not registered. */
export function strangersOf(members: readonly Member[], links: readonly SyncLink[], directory: Directory): readonly UnregisteredServer[] {
  const notes: UnregisteredServer[] = [];
  const note = (server: Omit<UnregisteredServer, 'seenFrom'>, seenFrom: string): void => void notes.push({ ...server, seenFrom: [seenFrom] });
  for (const link of links) {
    if (link.sourceId !== null) continue;
    const uuid = link.sourceUuid?.toLowerCase() ?? null;
    note(
      { key: uuid ?? formatEndpoint({ host: link.sourceHost, port: link.sourcePort }), host: link.sourceHost, port: link.sourcePort, uuid, relation: 'source' },
      link.replicaId,
    );
  }
  // Only old servers leave it to this: for the others it is never put together.
  let known: ReadonlyMap<string, readonly (Member | undefined)[]> | null = null;
  const followersOf = (id: string): readonly (Member | undefined)[] => {
    known ??= followersIn(members, links);
    return known.get(id) ?? [];
  };
  for (const member of members) {
    const connected = member.current?.facts.replicas ?? [];
    if (connected.length === 0) continue;
    for (const replica of connected) {
      if (isRegistered(replica, () => followersOf(member.instance.id), directory)) continue;
      const key = replicaKey(replica);
      if (key !== null) {
        note({ key, host: replica.host ?? '', port: replica.port, uuid: replica.uuid?.toLowerCase() ?? null, relation: 'replica' }, member.instance.id);
      }
    }
  }
  return unregisteredOf(notes);
}

/** Who follows whom, by the links. */
function followersIn(members: readonly Member[], links: readonly SyncLink[]): ReadonlyMap<string, readonly (Member | undefined)[]> {
  const byId = new Map(members.map((member) => [member.instance.id, member]));
  const followersOf = new Map<string, (Member | undefined)[]>();
  for (const { sourceId, replicaId } of links) {
    if (sourceId === null) continue;
    const followers = followersOf.get(sourceId);
    if (followers === undefined) followersOf.set(sourceId, [byId.get(replicaId)]);
    else followers.push(byId.get(replicaId));
  }
  return followersOf;
}

/** Whether a connected replica is a registered one: by uuid, by the server id of one that follows here, by its endpoint. */
function isRegistered(replica: ConnectedReplica, followers: () => readonly (Member | undefined)[], directory: Directory): boolean {
  if (replica.uuid !== null && replica.uuid !== '') return directory.byUuid.has(replica.uuid.toLowerCase());
  if (replica.serverId !== null && followers().some((follower) => follower?.current?.facts.server.serverId === replica.serverId)) return true;
  return replica.host !== null && replica.port !== null && directory.byEndpoint.has(endpointKey({ host: replica.host, port: replica.port }));
}

function replicaKey(replica: ConnectedReplica): string | null {
  if (replica.uuid !== null && replica.uuid !== '') return replica.uuid.toLowerCase();
  if (replica.host !== null && replica.host !== '') return `${replica.host}:${replica.port ?? '?'}`;
  return replica.serverId === null ? null : `server_id ${replica.serverId}`;
}
