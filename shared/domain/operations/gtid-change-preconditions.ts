import { message, type Message } from '../../i18n/message';
import { levelsOf, stepsOf, type GtidMember, type GtidServer, type GtidTopology } from './gtid-change';
import { GtidSetError, tryParseGtidSet } from '../gtid/set';
import type { Precondition } from '../tasks/plan';

type Verdict = Pick<Precondition, 'status'> & { readonly measured: Message };

const sql = {
  reachable: 'SELECT 1',
  replicas: "SELECT … FROM performance_schema.threads WHERE PROCESSLIST_COMMAND LIKE 'Binlog Dump%'",
  status: 'SHOW REPLICA STATUS',
  version: 'SELECT @@version',
  grants: 'SHOW GRANTS',
  executed: 'SELECT @@GLOBAL.gtid_executed',
  mode: 'SELECT @@GLOBAL.gtid_mode, @@GLOBAL.enforce_gtid_consistency',
  assign: 'SELECT ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS_TYPE FROM performance_schema.replication_applier_configuration',
  anonymous: "SHOW GLOBAL STATUS LIKE 'Ongoing_anonymous_transaction_count'",
} as const;

const list = (items: readonly string[]): string => items.join('; ');

/** Everything that must hold before the first step, each with what was measured; pure, over one reading of the topology. */
export function gtidPreconditions(topology: GtidTopology): readonly Precondition[] {
  const { servers, away } = topology;
  const of = (id: PreconditionId, statement: string, verdict: Verdict): Precondition => ({
    id, title: message(`gtid.precondition.${id}.title`), ...verdict,
    remedy: verdict.status === 'pass' ? null : message(`gtid.precondition.${id}.remedy`), sql: statement,
  });
  const rows = [of('reachable', sql.reachable, reachable(topology)), of('versions', sql.version, versions(servers))];
  rows.push(of('registered', sql.replicas, registered(servers)), of('order', sql.status, order(servers)), of('replication', sql.status, replication(servers)));
  rows.push(of('privileges', sql.grants, privileges(servers)), of('history', sql.executed, history(servers)), of('assign', sql.assign, assign(servers)));
  rows.push(of('anonymous', sql.anonymous, anonymous(servers)));
  // What cannot be read yet may need it.
  if (away.length === 0) rows.push(of('needed', sql.mode, needed(servers)));
  return rows;
}

type PreconditionId = 'reachable' | 'versions' | 'registered' | 'order' | 'replication' | 'privileges' | 'history' | 'assign' | 'anonymous' | 'needed';

/** Steps can be named and run only where every server answers, knows the online change, and they follow each other in order. */
export function canBePlanned({ servers, away }: GtidTopology): boolean {
  return away.length === 0 && servers.every(({ online, links }) => online && links.every(({ sourceId }) => sourceId !== null)) && levelsOf(servers) !== null;
}

/** The servers as the task will remember them; sources first. Call only where {@link canBePlanned}. */
export function membersOf({ servers }: GtidTopology): readonly GtidMember[] {
  return (levelsOf(servers) ?? []).flat().map(({ id, name, mode, consistency, persisted, configLines, links }) => ({
    id, name, mode, consistency, persisted, configLines,
    links: links.flatMap(({ channel, sourceId, autoPosition }) => (sourceId === null ? [] : [{ channel, sourceId, autoPosition }])),
  }));
}

function reachable({ servers, away, unknown }: GtidTopology): Verdict {
  if (away.length > 0) {
    return {
      status: 'fail',
      measured: message('gtid.precondition.reachable.away', { names: list(away.map(({ name, error }) => `${name} (${error.detail ?? error.code})`)) }),
    };
  }
  if (unknown.length > 0) return { status: 'warn', measured: message('gtid.precondition.reachable.unknown', { names: list(unknown) }) };
  return { status: 'pass', measured: message('gtid.precondition.reachable.all', { count: servers.length }) };
}

function versions(servers: readonly GtidServer[]): Verdict {
  const old = servers.filter(({ online }) => !online);
  if (old.length > 0) {
    return { status: 'fail', measured: message('gtid.precondition.versions.old', { names: list(old.map(({ name, version }) => `${name} (${version})`)) }) };
  }
  return { status: 'pass', measured: message('gtid.precondition.versions.ok', { versions: [...new Set(servers.map(({ version }) => version))].join(', ') }) };
}

function registered(servers: readonly GtidServer[]): Verdict {
  const strangers = servers.flatMap(({ name, strangers: replicas, links }) => [
    ...replicas.map((replica) => `${name} → ${replica}`),
    ...links.filter(({ sourceId }) => sourceId === null).map(({ source }) => `${source} → ${name}`),
  ]);
  return strangers.length > 0
    ? { status: 'fail', measured: message('gtid.precondition.registered.not', { names: list(strangers) }) }
    : { status: 'pass', measured: message('gtid.precondition.registered.all') };
}

function order(servers: readonly GtidServer[]): Verdict {
  if (levelsOf(servers) === null) {
    return { status: 'fail', measured: message('gtid.precondition.order.circle', { names: servers.map(({ name }) => name).join(', ') }) };
  }
  return { status: 'pass', measured: message('gtid.precondition.order.ok') };
}

function replication(servers: readonly GtidServer[]): Verdict {
  const broken = servers.flatMap(({ name, links }) => links.filter(({ trouble }) => trouble !== null).map(({ trouble }) => `${name}: ${trouble ?? ''}`));
  if (broken.length > 0) return { status: 'fail', measured: message('gtid.precondition.replication.broken', { names: list(broken) }) };
  const delayed = servers.filter(({ links }) => links.some(({ delaySeconds }) => delaySeconds > 0));
  if (delayed.length > 0) {
    const longest = Math.max(...delayed.flatMap(({ links }) => links.map(({ delaySeconds }) => delaySeconds)));
    return {
      status: 'warn', measured: message('gtid.precondition.replication.delayed', { names: delayed.map(({ name }) => name).join(', '), seconds: longest }),
    };
  }
  return { status: 'pass', measured: message('gtid.precondition.replication.ok', { count: servers.reduce((sum, { links }) => sum + links.length, 0) }) };
}

function privileges(servers: readonly GtidServer[]): Verdict {
  const lacking = servers.filter(({ missing }) => missing.length > 0);
  if (lacking.length > 0) {
    return {
      status: 'fail',
      measured: message('gtid.precondition.privileges.missing', { names: list(lacking.map(({ name, missing }) => `${name}: ${missing.join(', ')}`)) }),
    };
  }
  return { status: 'pass', measured: message('gtid.precondition.privileges.ok') };
}

/**
 * GTIDs of former times. While no server makes any, the sets stand still and can be compared: what a source has and its
 * replica lacks would be asked for again by auto-positioning; what a replica has under its source's name would be skipped.
 */
function history(servers: readonly GtidServer[]): Verdict {
  if (servers.some(({ mode }) => mode !== 'OFF')) return { status: 'pass', measured: message('gtid.precondition.history.later') };
  const fails: string[] = [];
  const warns: string[] = [];
  const byId = new Map(servers.map((server) => [server.id, server]));
  for (const replica of servers) {
    for (const { sourceId } of replica.links) {
      const source = sourceId === null ? undefined : byId.get(sourceId);
      if (source === undefined) continue;
      const [theirs, ours] = [tryParseGtidSet(source.executed), tryParseGtidSet(replica.executed)];
      if (theirs instanceof GtidSetError || ours instanceof GtidSetError) {
        fails.push(`${replica.name}: ${theirs instanceof GtidSetError ? theirs.message : ''}${ours instanceof GtidSetError ? ours.message : ''}`);
        continue;
      }
      const lacking = theirs.subtract(ours);
      const own = ours.subtract(theirs);
      const ahead = source.uuid === null ? own : own.onlyFrom(source.uuid);
      if (!lacking.isEmpty()) fails.push(`${replica.name} − ${lacking.shorten()}`);
      if (!ahead.isEmpty()) fails.push(`${replica.name} + ${ahead.shorten()}`);
      else if (!own.isEmpty()) warns.push(`${replica.name} + ${own.shorten()}`);
    }
  }
  if (fails.length > 0) return { status: 'fail', measured: message('gtid.precondition.history.differs', { names: list(fails) }) };
  if (warns.length > 0) return { status: 'warn', measured: message('gtid.precondition.history.own', { names: list(warns) }) };
  return { status: 'pass', measured: message('gtid.precondition.history.same') };
}

function assign(servers: readonly GtidServer[]): Verdict {
  const assigning = servers.filter(({ links }) => links.some(({ assignsGtids }) => assignsGtids)).map(({ name }) => name);
  return assigning.length > 0
    ? { status: 'fail', measured: message('gtid.precondition.assign.on', { names: assigning.join(', ') }) }
    : { status: 'pass', measured: message('gtid.precondition.assign.off') };
}

function anonymous(servers: readonly GtidServer[]): Verdict {
  const busy = servers.filter((server) => (server.anonymous ?? 0) > 0);
  if (busy.length > 0) {
    return {
      status: 'warn',
      measured: message('gtid.precondition.anonymous.some', { names: list(busy.map(({ name, anonymous: count }) => `${name}: ${count ?? 0}`)) }),
    };
  }
  return { status: 'pass', measured: message('gtid.precondition.anonymous.none') };
}

function needed(servers: readonly GtidServer[]): Verdict {
  const measured = message('gtid.precondition.needed.stands', {
    names: list(servers.map(({ name, mode, consistency }) => `${name}: ${mode}, ${consistency}`)),
  });
  const members = servers.map(({ id, name, mode, consistency, persisted, configLines, links }): GtidMember => ({
    id, name, mode, consistency, persisted, configLines, links: links.map((link) => ({ ...link, sourceId: link.sourceId ?? '' })),
  }));
  return stepsOf(members).every((step) => step === 'confirm')
    ? { status: 'fail', measured: message('gtid.precondition.needed.not') }
    : { status: 'pass', measured };
}
