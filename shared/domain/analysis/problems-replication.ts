import { countOf, countsTransactions, executedOf, holdingsOf, isWritable, noScopeFindings, purgedOf, uuidOf, type Member } from './input';
import type { ProblemCode } from '../fleet/problem';
import { laggingBy } from './links';
import { clusterMates, type Found, type ProblemContext } from './context';
import type { InstanceFacts, ReplicaChannel } from '../fleet/facts';
import { formatEndpoint } from '../fleet/instance';
import { filterText, isNarrowed, logFilters, sameFilters } from '../scope/live-filters';
import { errorsPassedOver } from '../promotion/narrowed';
import { isReplicaRole, type Role } from '../fleet/role';
import type { SyncLink } from '../fleet/topology';
import { parseServerVersion, replicationOrder } from '../fleet/version';
import { nameOnServer } from '../sql/variable-names';

/** Problems of a server as a replica, and as the source of others. Needs a server that was read just now. */
export function replicationProblems(member: Member, role: Role, context: ProblemContext): Found[] {
  const facts = member.current?.facts;
  if (facts === undefined) return [];
  const found: Found[] = [];
  const own = context.relations.linksOf.get(member.instance.id) ?? [];
  for (const channel of facts.channels) {
    const link = own.find((one) => one.id === `${member.instance.id}/${channel.name}`);
    if (link === undefined) continue;
    const source = link.sourceId === null ? null : context.members.get(link.sourceId) ?? null;
    const sourceName = source?.instance.name ?? formatEndpoint({ host: link.sourceHost, port: link.sourcePort });
    const ofChannel: Found[] = [
      ...threadProblems(channel, sourceName),
      ...linkProblems(channel, link, sourceName, context),
      ...(source === null
        ? [['unknown-source', 'warning', { host: link.sourceHost, port: link.sourcePort }] as const]
        : [...pairProblems(facts, channel, source, context), ...oldPrimaryProblems(source, context)]),
      ...filterProblems(member, channel, role, sourceName),
      ...startProblems(member, facts, channel, sourceName),
      ...passedOverProblems(facts, role, sourceName),
      ...scopeProblems(member, sourceName),
    ];
    found.push(...ofChannel.map(([code, severity, params]): Found => [code, severity, { ...params, ...channelNamed(channel.name) }]));
  }
  found.push(...standbyProblems(member, facts, role, context), ...identityProblems(member, facts, context));
  if (facts.channels.length === 0) {
    const link = own.find((one) => one.state === 'not-synchronised');
    if (link !== undefined) found.push(['not-synchronised', 'warning', { source: context.members.get(link.sourceId ?? '')?.instance.name ?? '' }]);
  }
  found.push(...retentionProblems(member, facts, context), ...logFilterProblems(member, facts, role, context));
  return found;
}

/** Its source was replaced: nothing that the successor takes arrives here, however well the link runs. */
function oldPrimaryProblems({ instance: { intent, name } }: Member, { members }: ProblemContext): Found[] {
  if (intent.kind !== 'fenced') return [];
  return [['follows-old-primary', 'warning', { source: name, successor: members.get(intent.successorId)?.instance.name ?? '' }]];
}

/** What a source leaves out of its binary log reaches none of its replicas; of a standby it is so from the next switchover on. */
function logFilterProblems(member: Member, facts: InstanceFacts, role: Role, context: ProblemContext): Found[] {
  const left = logFilters(facts);
  const followed = context.relations.linksFrom.has(member.instance.id);
  return left === '' || (!followed && !isReplicaRole(role)) ? [] : [['binlog-filtered', followed ? 'critical' : 'warning', { live: left }]];
}

/** A server may follow several sources: a channel with a name tells what is told of it apart, see `problemKey`. */
const channelNamed = (name: string): { readonly channel?: string } => (name === '' ? {} : { channel: name });

function threadProblems(channel: ReplicaChannel, source: string): Found[] {
  const found: Found[] = [];
  const receiver = { source, errno: channel.receiverError?.errno ?? 0, error: channel.receiverError?.text ?? '' };
  // Stopped with an error is a fault; stopped without one was somebody's order.
  if (channel.receiver === 'stopped') found.push(['receiver-stopped', channel.receiverError === null ? 'warning' : 'critical', receiver]);
  if (channel.receiver === 'connecting') found.push(['receiver-connecting', channel.receiverError === null ? 'warning' : 'critical', receiver]);
  if (channel.applier === 'stopped') {
    const error = channel.applierError;
    found.push([
      'applier-stopped', error === null ? 'warning' : 'critical', { source, errno: error?.errno ?? 0, error: error?.text ?? '', at: error?.at ?? '' },
    ]);
  }
  return found;
}

function linkProblems(channel: ReplicaChannel, link: SyncLink, source: string, context: ProblemContext): Found[] {
  const { thresholds, now } = context;
  const found: Found[] = [];
  const since = context.behindSince.get(link.id);
  const by = laggingBy(link.lag, channel.delaySeconds, since === undefined ? 0 : (now - since) / 1000, thresholds);
  if (by !== null) {
    const transactions = (link.lag.toReceive ?? 0) + (link.lag.toApply ?? 0);
    found.push(['lagging', 'warning', { source, by, seconds: Math.round(link.lag.seconds ?? 0), transactions }]);
  }
  const before = context.tlsLost.get(link.id);
  if (before !== undefined) found.push(['tls-lost', 'warning', { source, before, moved: before === source ? 'no' : 'yes' }]);
  const { confirmed: errant, unshown } = context.suspicions.get(link.id) ?? {};
  if (errant !== undefined && !errant.isEmpty()) found.push(['errant-transactions', 'critical', { source, count: countOf(errant), set: errant.toLine() }]);
  if (unshown !== undefined && !unshown.isEmpty()) {
    const waiting = (link.sourceId === null ? undefined : context.members.get(link.sourceId)?.current?.facts.semiSyncWaiting) ?? 0;
    found.push(['source-lacks-own', waiting > 0 ? 'warning' : 'critical', { source, count: countOf(unshown), set: unshown.toLine(), waiting }]);
  }
  if (!channel.autoPosition) found.push(['not-auto-position', 'warning', { source }]);
  if ((channel.relayLogSpaceBytes ?? 0) >= thresholds.relayLogBytes) {
    found.push([
      'relay-logs-growing', 'warning', { bytes: channel.relayLogSpaceBytes ?? 0, gib: Math.round((channel.relayLogSpaceBytes ?? 0) / 2 ** 30 * 10) / 10 },
    ]);
  }
  return found;
}

function pairProblems(facts: InstanceFacts, channel: ReplicaChannel, source: Member, context: ProblemContext): Found[] {
  const found: Found[] = [];
  const theirs = source.current?.facts;
  const name = source.instance.name;
  // By the sets of both: 1236 is the number of other faults too, and its text is what somebody wrote.
  const gap = theirs === undefined ? 0 : purgedGap(facts, channel, theirs);
  if (gap > 0) found.push(['purged-gap', 'critical', { source: name, count: gap }]);
  if (theirs === undefined) return found;
  const skew = facts.clockOffsetMs === null || theirs.clockOffsetMs === null ? 0 : facts.clockOffsetMs - theirs.clockOffsetMs;
  if (Math.abs(skew) >= context.thresholds.clockSkewMs) found.push(['clock-skew', 'warning', { source: name, seconds: Math.round(Math.abs(skew) / 100) / 10 }]);
  const [mine, older] = [versionOf(facts), versionOf(theirs)];
  if (replicationOrder(older, mine) === 'older') {
    found.push(['version-order', 'critical', { source: name, version: facts.server.version, sourceVersion: theirs.server.version }]);
  }
  return found;
}

const versionOf = (facts: InstanceFacts) => parseServerVersion(facts.server.version, facts.server.versionComment);

/** How many transactions the replica needs and the source has thrown away. */
function purgedGap(facts: InstanceFacts, channel: ReplicaChannel, source: InstanceFacts): number {
  if (!countsTransactions(facts) || !countsTransactions(source) || !channel.autoPosition) return 0;
  const [purged, holdings] = [purgedOf(source), holdingsOf(facts, channel)];
  return purged === null || holdings === null ? 0 : countOf(purged.subtract(holdings));
}

/** An applier that goes on past errors: what failed is missing here, and no lag and no set of GTIDs shows it. */
function passedOverProblems(facts: InstanceFacts, role: Role, source: string): Found[] {
  const settings = errorsPassedOver(facts).join(', ');
  return settings === '' ? [] : [['errors-passed-over', role === 'standby' ? 'critical' : 'warning', { source, settings }]];
}

/**
 * The live filters against those that the sync task put in force: they vanish when a standby restarts. Where no task speaks for a
 * link, any filter on it is told: what it keeps away is missing here, and no lag and no set of GTIDs shows it.
 */
function filterProblems(member: Member, channel: ReplicaChannel, role: Role, source: string): Found[] {
  if (member.expectedFilters === undefined) {
    if (!isNarrowed(channel.filters)) return [];
    return [['filters-in-force', role === 'standby' ? 'critical' : 'warning', { source, live: filterText(channel.filters) }]];
  }
  if (member.expectedFilters === 'changing' || member.expectedFilters === 'linking' || sameFilters(channel.filters, member.expectedFilters)) return [];
  const [live, wanted] = [filterText(channel.filters), member.expectedFilters === null ? '' : filterText(member.expectedFilters)];
  return [['filter-drift', 'critical', { live: live === '' ? '—' : live, wanted: wanted === '' ? '—' : wanted }]];
}

/** A link that runs and that a restart of its server would leave stopped. That of a part is kept so by its sync task, which starts it with its filters. */
function startProblems({ expectedFilters }: Member, facts: InstanceFacts, channel: ReplicaChannel, source: string): Found[] {
  const isOfTask = expectedFilters !== undefined && expectedFilters !== null;
  if (facts.startKept !== true || isOfTask || channel.applier !== 'running' || channel.receiver === 'stopped') return [];
  return [['start-kept-off', 'info', { source, variable: nameOnServer(versionOf(facts), 'skip_replica_start') }]];
}

/**
 * Tables that left the scope by a new name: the standby holds them, and no change since. Tables of another character set: rows travel as bytes
 * and are another text in them. Tables that came into the scope past the filters: the standby has nothing of them.
 */
function scopeProblems({ scopeFindings = noScopeFindings }: Member, source: string): Found[] {
  const found: readonly [ProblemCode, readonly string[]][] = [
    ['strayed-tables', scopeFindings.strayed], ['collation-differs', scopeFindings.otherText], ['missing-tables', scopeFindings.missing],
  ];
  return found.filter(([, tables]) => tables.length > 0)
    .map(([code, tables]): Found => [code, 'critical', { source, count: tables.length, tables: someOf(tables) }]);
}

function someOf(names: readonly string[]): string {
  const some = names.slice(0, 8).join(', ');
  return names.length > 8 ? `${some} …` : some;
}

function standbyProblems(member: Member, facts: InstanceFacts, role: Role, context: ProblemContext): Found[] {
  if (!isReplicaRole(role)) return [];
  const found: Found[] = [];
  if (isWritable(member) && wasSynchronised(member, facts, context)) found.push(['writable-standby', 'warning', {}]);
  if ((facts.server.enabledEvents ?? 0) > 0 && facts.server.eventScheduler === 'ON' && facts.channels.length > 0) {
    found.push(['events-enabled-on-standby', 'warning', { count: facts.server.enabledEvents ?? 0 }]);
  }
  // super_read_only closes it to them too; a standby that takes everybody's writes has the larger problem above.
  const { readOnly, superReadOnly, privilegedSessions } = facts.server;
  const past = readOnly && superReadOnly !== true ? (privilegedSessions ?? []) : [];
  if (past.length > 0) {
    found.push(['privileged-sessions', 'warning', { count: past.length, accounts: past.slice(0, 10).join(', '), old: superReadOnly === null ? 'yes' : 'no' }]);
  }
  return found;
}

/** A replica that follows, or once followed (it holds its source's own transactions). A new, empty one may be open. */
function wasSynchronised(member: Member, facts: InstanceFacts, context: ProblemContext): boolean {
  if (facts.channels.length > 0) return true;
  if (member.instance.intent.kind !== 'replica') return false;
  const source = context.members.get(member.instance.intent.sourceId);
  const uuid = source === undefined ? null : uuidOf(source);
  return uuid !== null && executedOf(facts)?.onlyFrom(uuid).isEmpty() === false;
}

/** Two servers of one cluster under one server_id throw each other's events away. */
function identityProblems(member: Member, facts: InstanceFacts, context: ProblemContext): Found[] {
  const direct = new Set(context.relations.sources.get(member.instance.id) ?? []);
  const twins = clusterMates(member, context).filter((other) => other.current?.facts.server.serverId === facts.server.serverId
    && (direct.has(other.instance.id) || uuidOf(other) !== uuidOf(member)));
  return twins.length === 0
    ? []
    : [['duplicate-server-id', 'critical', { others: twins.map((twin) => twin.instance.name).join(', '), id: facts.server.serverId }]];
}

/** Binary logs that are thrown away before a replica has had them. */
function retentionProblems(member: Member, facts: InstanceFacts, context: ProblemContext): Found[] {
  const kept = facts.server.binlogExpireSeconds;
  if (kept === null || kept === 0 || !facts.server.logBin) return [];
  const found: Found[] = [];
  for (const link of context.relations.linksFrom.get(member.instance.id) ?? []) {
    const replica = context.members.get(link.replicaId);
    const backlog = Math.max(link.lag.seconds ?? 0, lastHeardSeconds(replica, link, context.now));
    if (backlog >= kept / 2) {
      found.push([
        'retention-short', backlog >= kept ? 'critical' : 'warning',
        {
          replica: replica?.instance.name ?? '', replicaId: link.replicaId, ...channelNamed(link.channel),
          hours: Math.round(kept / 360) / 10, backlogHours: Math.round(backlog / 360) / 10,
        },
      ]);
    }
  }
  return found;
}

/** How long ago the last transaction that a replica has was committed, while it receives nothing. */
function lastHeardSeconds(replica: Member | undefined, link: SyncLink, now: number): number {
  const channel = replica?.current?.facts.channels.find((one) => one.name === link.channel);
  const us = channel?.applierTiming?.lastQueuedOriginalCommitUs ?? channel?.applierTiming?.lastAppliedOriginalCommitUs ?? null;
  if (channel === undefined || us === null || channel.receiver === 'running' || (link.lag.toReceive ?? 0) === 0) return 0;
  return Math.max(0, now / 1000 - us / 1_000_000);
}
