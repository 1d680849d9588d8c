import type { ErrorCode } from '../../errors/codes';
import { clusterMates, type Found, type ProblemContext } from './context';
import { countOf, executedOf, isWritable, uuidOf, type Member } from './input';
import { replicationProblems } from './problems-replication';
import { writeStallOf } from './write-stall';
import type { InstanceFacts } from '../fleet/facts';
import { formatEndpoint } from '../fleet/instance';
import type { Problem, Severity } from '../fleet/problem';
import { isReplicaRole, type Role } from '../fleet/role';
import { seriesOf } from '../monitoring/series';
import type { SyncLink } from '../fleet/topology';
import { atLeast, isMysql, MINIMUM_VERSION, parseServerVersion } from '../fleet/version';

const rank: Record<Severity, number> = { critical: 0, warning: 1, info: 2 };

/**
 * What is wrong with one instance, worst first, a closed set. Every finding rests on facts that were read; an instance
 * that is away keeps only what does not need its presence.
 */
export function problemsOf(member: Member, context: ProblemContext): Problem[] {
  const role = context.roles.get(member.instance.id) ?? 'unknown';
  const found = [...reachProblems(member), ...clusterProblems(member, role, context), ...comparisonProblems(member, role, context)];
  if (member.current !== null && member.health.state === 'reachable') {
    found.push(...serverProblems(member, role, context), ...replicationProblems(member, role, context));
  } else {
    found.push(...intentProblems(member, context));
  }
  return found
    .map(([code, severity, params]) => ({ code, severity, instanceId: member.instance.id, params }))
    .sort((a, b) => rank[a.severity] - rank[b.severity]);
}

const refusals: readonly ErrorCode[] = ['login-refused', 'host-not-allowed', 'host-blocked', 'auth-plugin-unsupported', 'password-expired'];
const strangers: readonly ErrorCode[] = ['product-unsupported', 'version-unsupported', 'not-mysql'];

function reachProblems({ instance, health, error, fault }: Member): Found[] {
  if (fault !== undefined) return [['unevaluated', 'critical', { fault }]];
  if (health.state !== 'unreachable') return [];
  const params = {
    endpoint: formatEndpoint(instance.admin), user: instance.user, error: error?.detail ?? error?.code ?? '', code: error?.code ?? '',
    since: health.failingSince ?? 0,
  };
  if (error !== null && refusals.includes(error.code)) return [['login-refused', 'critical', params]];
  if (error !== null && strangers.includes(error.code)) return [['product-unsupported', 'critical', { product: error.detail ?? error.code }]];
  return [['unreachable', 'critical', params]];
}

/** What the relation to other members makes a problem. */
function clusterProblems(member: Member, role: Role, context: ProblemContext): Found[] {
  const { instance } = member;
  const found: Found[] = [];
  if (isWritable(member) && instance.intent.kind === 'fenced' && role === 'fenced') {
    found.push(['fenced-writable', 'critical', { successor: nameOf(instance.intent.successorId, context) }]);
  }
  found.push(...lostProblems(member, role, context));
  const fence = member.current?.facts.server;
  if (role === 'fenced' && member.health.state === 'reachable' && fence?.readOnly === true && fence.superReadOnly === false) {
    found.push(['fence-partial', 'warning', {}]);
  }
  const rivals = takesWritesAsPrimary(member, context) ? writablePrimaries(member, context) : [];
  if (rivals.length > 0) found.push(['two-writable-members', 'critical', { others: rivals.join(', ') }]);
  if (context.relations.circular.has(instance.id)) {
    const others = clusterMates(member, context).filter((other) => context.relations.circular.has(other.instance.id));
    found.push(['replication-cycle', 'warning', { others: others.map((other) => other.instance.name).join(', ') }]);
  }
  const uuid = member.current?.facts.server.uuid?.toLowerCase() ?? null;
  const twins = uuid === null ? [] : (context.byUuid.get(uuid) ?? []).filter((id) => id !== instance.id);
  if (twins.length > 0) found.push(['duplicate-server-uuid', 'critical', { others: twins.map((id) => nameOf(id, context)).join(', '), uuid: uuid ?? '' }]);
  return found;
}

/**
 * What only a fenced old primary holds: lost to everybody else until somebody has dealt with it. Told from the sets alone, also while it is
 * away, and whether or not it refuses writes: fencing it makes nothing of this good.
 */
function lostProblems({ instance, current }: Member, role: Role, { members }: ProblemContext): Found[] {
  if (instance.intent.kind !== 'fenced' || role !== 'fenced' || current === null) return [];
  const successor = members.get(instance.intent.successorId);
  const [mine, theirs] = [executedOf(current.facts), successor?.current == null ? null : executedOf(successor.current.facts)];
  if (successor === undefined || mine === null || theirs === null) return [];
  const lost = mine.subtract(theirs);
  return lost.isEmpty() ? [] : [['lost-transactions', 'critical', { successor: successor.instance.name, count: countOf(lost), set: lost.toLine() }]];
}

/** What comparisons found of a replica's data: it holds whether its server can be reached or not. */
function comparisonProblems({ instance, comparison }: Member, role: Role, context: ProblemContext): Found[] {
  if (comparison === undefined || !isReplicaRole(role)) return [];
  const { differs, needsVerification } = comparison;
  const [link] = context.relations.linksOf.get(instance.id) ?? [];
  const source = nameOf(link?.sourceId ?? '', context);
  if (differs !== null) return [['content-differs', 'critical', { source, tables: differs.tables, at: differs.at }]];
  return needsVerification === null ? [] : [['needs-verification', 'warning', { source, count: needsVerification.gtids.length }]];
}

function writablePrimaries(member: Member, context: ProblemContext): string[] {
  return clusterMates(member, context)
    .filter((other) => takesWritesAsPrimary(other, context))
    .map((other) => other.instance.name);
}

/**
 * A writable primary, or one that came back: it follows the present primary, takes writes itself, and once was the primary, since there are
 * transactions of its own there.
 */
function takesWritesAsPrimary(member: Member, context: ProblemContext): boolean {
  if (!isWritable(member)) return false;
  const role = context.roles.get(member.instance.id) ?? 'unknown';
  if (role === 'primary') return true;
  const uuid = uuidOf(member);
  if (!isReplicaRole(role) || uuid === null) return false;
  return (context.relations.sources.get(member.instance.id) ?? []).some((id) => {
    const source = context.members.get(id);
    const set = source?.current == null ? null : executedOf(source.current.facts);
    return source !== undefined && isWritable(source) && set?.onlyFrom(uuid).isEmpty() === false;
  });
}

/** Registered as a replica and not (seen) replicating: told even while it is away. */
function intentProblems(member: Member, context: ProblemContext): Found[] {
  const link = (context.relations.linksOf.get(member.instance.id) ?? []).find((one) => one.state === 'not-synchronised');
  return link === undefined ? [] : [['not-synchronised', 'warning', { source: nameOf(link.sourceId ?? '', context) }]];
}

/** Of the server by itself. */
function serverProblems(member: Member, role: Role, context: ProblemContext): Found[] {
  const facts = member.current?.facts;
  if (facts === undefined) return [];
  const { server } = facts;
  const found: Found[] = [];
  const version = parseServerVersion(server.version, server.versionComment);
  if (!isMysql(version) || !atLeast(version, ...MINIMUM_VERSION)) found.push(['product-unsupported', 'critical', { product: server.version }]);
  const registered = member.instance.serverUuid?.toLowerCase() ?? null;
  if (registered !== null && server.uuid !== null && server.uuid.toLowerCase() !== registered) {
    found.push(['uuid-changed', 'critical', { was: registered, is: server.uuid.toLowerCase() }]);
  }
  const restartedAt = context.restartedAt.get(member.instance.id);
  if (restartedAt !== undefined && context.now - restartedAt < context.thresholds.restartNoticeSeconds * 1000) {
    found.push(['server-restarted', 'info', { at: restartedAt }]);
  }
  const stall = writeStallOf(facts, role);
  if (stall !== null) found.push(['writes-stalled', 'critical', { ...stall }]);
  found.push(...certificateProblems(facts, context));
  const serious: Severity = role === 'stand-alone' ? 'info' : 'warning';
  if (server.gtidMode !== 'ON') found.push(['gtid-off', serious, { mode: server.gtidMode }]);
  if (!server.logBin) found.push(['binlog-off', serious, {}]);
  if (facts.unread.length > 0) {
    found.push(['privilege-missing', 'warning', { facts: facts.unread.map(({ fact }) => fact).join(', '), reason: facts.unread[0]?.reason ?? '' }]);
  }
  found.push(...protectionProblems(member, role, context), ...breachProblems(member));
  return found;
}

/** Values that are past a threshold of monitoring, one problem for each series. */
function breachProblems({ breaches = [] }: Member): Found[] {
  return breaches.map(({ series, severity, when, limit, value, forSeconds, unknownSince }): Found => {
    const params = { series, when, limit, value: Number(value.toPrecision(4)), unit: seriesOf(series).unit, seconds: forSeconds };
    if (unknownSince === undefined) return ['threshold-crossed', severity, params];
    return ['threshold-unknown', 'info', { ...params, since: new Date(unknownSince).toISOString() }];
  });
}

const dayMs = 86_400_000;

/** Its own certificate: clients and replicas that verify it are refused from that moment on. */
function certificateProblems({ server }: InstanceFacts, { now, thresholds }: ProblemContext): Found[] {
  const at = server.certificateExpiresAt;
  if (at === null || at - now > thresholds.certificateDays * dayMs) return [];
  return [
    [
      'certificate-expiring', at <= now ? 'critical' : 'warning',
      { at: new Date(at).toISOString().slice(0, 10), days: Math.max(0, Math.floor((at - now) / dayMs)), expired: at <= now ? 'yes' : 'no' },
    ],
  ];
}

function protectionProblems(member: Member, role: Role, context: ProblemContext): Found[] {
  if (role !== 'primary' && role !== 'stand-alone') return [];
  const elsewhere = ({ replicaId }: SyncLink): boolean => context.members.get(replicaId)?.instance.regionId !== member.instance.regionId;
  const standbys = descendants(member.instance.id, context, () => true).filter(elsewhere);
  if (descendants(member.instance.id, context, carries).some(elsewhere)) return [];
  return [['unprotected', role === 'primary' ? 'warning' : 'info', { standbys: standbys.length }]];
}

/** Whether something arrives over a link, as far as can be seen. */
const carries = ({ state }: SyncLink): boolean => state === 'healthy' || state === 'lagging' || state === 'unknown';

/** Links that lead away from an instance, its replicas' replicas included; none behind one that is not wanted. */
function descendants(id: string, { relations }: ProblemContext, wanted: (link: SyncLink) => boolean): SyncLink[] {
  const out: SyncLink[] = [];
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const link of relations.linksFrom.get(next) ?? []) {
      if (out.includes(link) || !wanted(link)) continue;
      out.push(link);
      open.push(link.replicaId);
    }
  }
  return out;
}

function nameOf(id: string, { members }: Pick<ProblemContext, 'members'>): string {
  return members.get(id)?.instance.name ?? id;
}
