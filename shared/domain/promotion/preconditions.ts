import { message, type Message } from '../../i18n/message';
import { filterLines } from '../checks/filters';
import type { ChannelFilters, InstanceFacts, ReplicaChannel, WriteWait } from '../fleet/facts';
import type { GtidSet } from '../gtid/set';
import type { LockHolder } from '../tasks/lock-holder';
import type { Precondition } from '../tasks/plan';
import type { Scope } from '../scope/scope';
import { filtersMatch } from '../scope/filters';
import { applierWaits, type ApplierWait } from './applier-wait';
import { endOfDelay, startOf, withCures } from './link-cures';
import { sourceWrites } from './source-writes';
import { compared, type KnownDifference } from './compared';
import { driftPrecondition } from './settings-drift';
import { nothingKeptAway } from './narrowed';
import { endSession, obstaclesOf, sessionText, type OpeningReading } from './opening';
import { lockPrecondition, type Squatter } from './lock-precondition';
import type { Blocker, Bystander, DriftItem } from './promotion';
import type { LinkProtection } from '../fleet/link-protection';
import { atLeast, formatVersion, parseServerVersion, replicationOrder } from '../fleet/version';

/** How the login of the reverse link was tried just now, from the source to the standby's replication endpoint. */
export type ReverseLogin =
  | { readonly outcome: 'connected'; readonly protection: LinkProtection; readonly givenUp: string | null; readonly filters: ChannelFilters | null }
  | { readonly outcome: 'failed'; readonly detail: string | null }
  /** The account is made on the source first and tried then, before anything is fenced. */
  | { readonly outcome: 'account-to-be-made' }
  /** The link's account is not on the standby (a partial copy brings none): it is made there first and tried then. */
  | { readonly outcome: 'account-missing'; readonly user: string }
  /** Not while somebody else works on the servers: a trial changes the receiver's settings for a moment. */
  | { readonly outcome: 'not-tried' }
  /** The source follows another server, so that its only channel cannot be borrowed (before 5.7). */
  | { readonly outcome: 'not-testable' };

/** Everything that the preconditions of a planned switchover are decided over; all of it read for this plan. */
export interface PlannedReading {
  readonly standbyName: string;
  readonly sourceName: string;
  readonly difference: KnownDifference | null;
  readonly standby: InstanceFacts;
  /** null: the source could not be read; `sourceError` says why. */
  readonly source: InstanceFacts | null;
  readonly sourceError: string;
  /** Its commits stand still: nothing else was asked of it then, and `source` is null. */
  readonly standing: WriteWait | null;
  /** On the standby and not on the source, in two samples, the standby read first each time. */
  readonly errant: GtidSet;
  /** Executed on the source and not on the standby. */
  readonly backlog: GtidSet;
  /** Milliseconds in which the backlog should be applied; null: cannot be told. */
  readonly catchUpMs: number | null;
  readonly budgetSeconds: number;
  readonly scope: Scope;
  /** The filters in the source's option file, where it takes them from there only (before 5.7.3); else null. */
  readonly sourceFilters: ChannelFilters | null;
  readonly acceptPartial: boolean;
  readonly reverse: ReverseLogin;
  readonly blockers: readonly Blocker[];
  /** What would keep the standby from being opened. */
  readonly opening: OpeningReading | null;
  /** Locks that sessions hold on the standby. */
  readonly standbyLocks: readonly Blocker[];
  /** Sessions that the applier of the standby waits for. */
  readonly waits: readonly ApplierWait[];
  readonly drift: readonly DriftItem[];
  readonly bystanders: readonly Bystander[];
  /** Rights that the administrative logins lack, as `server: RIGHT`. */
  readonly missingRights: readonly string[];
  /** Who holds the operation lock of one of the servers; null: nobody. */
  readonly lockHolder: LockHolder | null;
  /** Holders of the lock's name that could not operate. */
  readonly squatters: readonly Squatter[];
  readonly words: PlannedWords;
}

/** Statements and names as the servers of this pair know them: they changed between 5.6 and 9.x. */
export interface PlannedWords {
  /** SHOW REPLICA STATUS, to the standby. */
  readonly replicaStatus: string;
  /** SHOW REPLICAS, to the source. */
  readonly replicas: string;
  /** The variable log_replica_updates, on the standby. */
  readonly replicaUpdates: string;
  /** What the filters of a part are read from, on the standby. */
  readonly filters: string;
  /** The trial of the reverse login, on the source. */
  readonly reverseLogin: string;
}

const VARIABLE = (name: string) => `SELECT @@GLOBAL.${name}`;

interface Verdict {
  readonly status: Precondition['status'];
  readonly measured: Message;
  readonly params?: Readonly<Record<string, string | number>>;
}

/** Ids of the preconditions of a planned switchover; each has a title and a remedy in the catalogues. */
export type PreconditionId =
  | 'standby-reachable'
  | 'source-reachable'
  | 'source-writes'
  | 'link-direct'
  | 'receiver'
  | 'applier'
  | 'auto-position'
  | 'errant'
  | 'gtid-mode'
  | 'binlog'
  | 'replica-updates'
  | 'standby-read-only'
  | 'source-is-primary'
  | 'scope'
  | 'way-back'
  | 'reverse-login'
  | 'backlog'
  | 'rights'
  | 'lock'
  | 'xa-prepared'
  | 'blockers'
  | 'opening'
  | 'standby-locks'
  | 'applier-waits'
  | 'filters'
  | 'drift'
  | 'bystanders';

/** Makes a precondition of what was measured; a pass needs no remedy. */
function precondition(id: Exclude<PreconditionId, 'filters' | 'applier-waits' | 'drift'>, sql: string, verdict: Verdict): Precondition {
  return {
    id,
    title: message(`promotion.precondition.${id}.title`),
    status: verdict.status,
    measured: verdict.measured,
    remedy: verdict.status === 'pass' ? null : message(`promotion.precondition.${id}.remedy`, verdict.params),
    sql,
  };
}

const value = (text: string | number): Message => message('promotion.measured.value', { value: String(text) });
const none: Message = message('promotion.measured.none');
const passIf = (ok: boolean, otherwise: 'fail' | 'warn' = 'fail'): Precondition['status'] => (ok ? 'pass' : otherwise);

/** The channel by which a replica follows the server of this uuid. */
function channelTo(replica: InstanceFacts, sourceUuid: string | null): ReplicaChannel | null {
  if (sourceUuid === null) return null;
  return replica.channels.find((channel) => channel.sourceUuid?.toLowerCase() === sourceUuid.toLowerCase()) ?? null;
}

/** A server that takes part in replication as a replica: any channel that is not stopped on purpose, or any at all. */
const followsSomebody = (facts: InstanceFacts): boolean => facts.channels.length > 0;

/**
 * The preconditions of a planned switchover, decided over what was read for it (safety.md, "Planned switchover"). A
 * `fail` means that the switchover could lose something, could not be taken back, or would leave no standby behind.
 */
export function plannedPreconditions(reading: PlannedReading): Precondition[] {
  const { standby, source } = reading;
  const answered = ({ rttMs }: InstanceFacts): Verdict => ({ status: 'pass', measured: message('promotion.measured.reachable', { ms: rttMs.toFixed(1) }) });
  const reachable = precondition('standby-reachable', 'SELECT 1', answered(standby));
  if (source === null) {
    const away = precondition('source-reachable', 'SELECT 1', {
      status: 'fail', measured: message('promotion.measured.unreachable', { detail: reading.sourceError }), params: { source: reading.sourceName },
    });
    return [reachable, reading.standing === null ? away : sourceWrites(reading.sourceName, reading.standing)];
  }
  const channel = channelTo(standby, source.server.uuid) ?? standby.channels[0] ?? null;
  return [
    reachable,
    precondition('source-reachable', 'SELECT 1', answered(source)),
    sourceWrites(reading.sourceName, source.writeStalls === undefined ? 'unread' : null),
    linkDirect(reading, source),
    ...linkState(reading, channel),
    ...standbyState(reading),
    sourceIsPrimary(reading, source),
    ...sets(reading, source),
    wayBack(reading, source),
    reverseLogin(reading),
    ...surroundings(reading),
  ];
}

function linkDirect(reading: PlannedReading, source: InstanceFacts): Precondition {
  const direct = channelTo(reading.standby, source.server.uuid);
  const only = reading.standby.channels.length === 1;
  const seen = reading.standby.channels.map((channel) => `${channel.sourceHost}:${channel.sourcePort}`).join(', ');
  return precondition('link-direct', reading.words.replicaStatus, {
    status: passIf(direct !== null && only),
    measured: seen === '' ? none : message('promotion.measured.follows', { sources: seen }),
    params: { standby: reading.standbyName, source: reading.sourceName },
  });
}

function linkState(reading: PlannedReading, channel: ReplicaChannel | null): Precondition[] {
  const standby = { standby: reading.standbyName };
  const link = { instanceId: reading.opening?.instanceId ?? null, standby: reading.standby, channel };
  return [
    withCures(precondition('receiver', reading.words.replicaStatus, {
      status: passIf(channel?.receiver === 'running' && channel.receiverError === null),
      measured: channel === null ? none : threadText(channel.receiver, channel.receiverError?.text ?? ''),
      params: standby,
    }), startOf(link, 'receiver')),
    withCures(precondition('applier', reading.words.replicaStatus, {
      status: passIf(channel?.applier === 'running' && channel.applierError === null && channel.delaySeconds === 0),
      measured: channel === null
        ? none
        : channel.delaySeconds > 0
          ? message('promotion.measured.delayed', { seconds: channel.delaySeconds })
          : threadText(channel.applier, channel.applierError?.text ?? ''),
      params: standby,
    }), [...startOf(link, 'applier'), ...endOfDelay(link)]),
    precondition('auto-position', reading.words.replicaStatus, {
      status: passIf(channel?.autoPosition === true), measured: value(channel?.autoPosition === true ? 'ON' : 'OFF'), params: standby,
    }),
  ];
}

function threadText(state: 'running' | 'connecting' | 'stopped', error: string): Message {
  return error === '' ? message(`promotion.measured.thread.${state}`) : message('promotion.measured.thread.error', { state, error });
}

function standbyState({ standby, standbyName, words }: PlannedReading): Precondition[] {
  const { server } = standby;
  const readOnly = server.superReadOnly ?? server.readOnly;
  return [
    precondition('binlog', VARIABLE('log_bin'), {
      status: passIf(server.logBin), measured: value(server.logBin ? 'ON' : 'OFF'), params: { standby: standbyName },
    }),
    precondition('replica-updates', VARIABLE(words.replicaUpdates), {
      status: passIf(server.logReplicaUpdates), measured: value(server.logReplicaUpdates ? 'ON' : 'OFF'), params: { standby: standbyName },
    }),
    precondition('standby-read-only', VARIABLE(server.superReadOnly === null ? 'read_only' : 'super_read_only'), {
      status: readOnly ? 'pass' : server.readOnly ? 'warn' : 'fail',
      measured: message('promotion.measured.read-only', {
        readOnly: server.readOnly ? 'ON' : 'OFF', superReadOnly: server.superReadOnly === null ? '—' : server.superReadOnly ? 'ON' : 'OFF',
      }),
      params: { standby: standbyName },
    }),
  ];
}

function sourceIsPrimary({ sourceName }: PlannedReading, source: InstanceFacts): Precondition {
  const follows = followsSomebody(source);
  return precondition('source-is-primary', `${VARIABLE('read_only')}`, {
    // Closed for administrators too it takes no row of the journal, by which the standby proves that it applies and writes.
    status: follows || source.server.superReadOnly === true ? 'fail' : source.server.readOnly ? 'warn' : 'pass',
    measured: follows
      ? message('promotion.measured.follows', { sources: source.channels.map((channel) => `${channel.sourceHost}:${channel.sourcePort}`).join(', ') })
      : message('promotion.measured.read-only', {
        readOnly: source.server.readOnly ? 'ON' : 'OFF', superReadOnly: source.server.superReadOnly === null ? '—' : source.server.superReadOnly ? 'ON' : 'OFF',
      }),
    params: { source: sourceName },
  });
}

function sets(reading: PlannedReading, source: InstanceFacts): Precondition[] {
  const modes = [source.server.gtidMode, reading.standby.server.gtidMode];
  const backlog = Number(reading.backlog.count());
  const tooMuch = reading.catchUpMs !== null && reading.catchUpMs > reading.budgetSeconds * 1000;
  return [
    precondition('gtid-mode', VARIABLE('gtid_mode'), { status: passIf(modes.every((mode) => mode === 'ON')), measured: value(modes.join(' / ')) }),
    precondition('errant', 'SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, ?)', {
      status: passIf(reading.errant.isEmpty()),
      measured: reading.errant.isEmpty()
        ? none
        : message('promotion.measured.transactions', { count: Number(reading.errant.count()), set: reading.errant.shorten() }),
      params: { standby: reading.standbyName, source: reading.sourceName },
    }),
    precondition('backlog', 'SELECT GTID_SUBTRACT(?, @@GLOBAL.gtid_executed)', {
      status: tooMuch ? 'fail' : reading.catchUpMs === null && backlog > 0 ? 'warn' : 'pass',
      measured: reading.catchUpMs === null
        ? message('promotion.measured.backlog-unknown', { count: backlog })
        : message('promotion.measured.backlog', { count: backlog, seconds: (reading.catchUpMs / 1000).toFixed(1) }),
      params: { seconds: reading.budgetSeconds },
    }),
  ];
}

function wayBack(reading: PlannedReading, source: InstanceFacts): Precondition {
  const standbyVersion = parseServerVersion(reading.standby.server.version, reading.standby.server.versionComment);
  const sourceVersion = parseServerVersion(source.server.version, source.server.versionComment);
  // After the switchover the source is the replica: it must not be the older one.
  const order = replicationOrder(standbyVersion, sourceVersion);
  return precondition('way-back', 'SELECT VERSION()', {
    status: passIf(order !== 'older'),
    measured: message('promotion.measured.versions', { source: formatVersion(sourceVersion), standby: formatVersion(standbyVersion) }),
    params: { source: reading.sourceName, standby: reading.standbyName },
  });
}

function connectedText({ protection, givenUp }: Extract<ReverseLogin, { readonly outcome: 'connected' }>): Message {
  if (givenUp !== null) return message('promotion.measured.connected-unverified', { reason: givenUp });
  return message(protection.tls ? 'promotion.measured.connected-tls' : 'promotion.measured.connected-plain');
}

function reverseLogin({ reverse, sourceName, standbyName, words }: PlannedReading): Precondition {
  const sql = words.reverseLogin;
  const params = { source: sourceName, standby: standbyName };
  switch (reverse.outcome) {
    case 'connected':
      return precondition('reverse-login', sql, { status: 'pass', measured: connectedText(reverse) });
    case 'failed':
      return precondition('reverse-login', sql, {
        status: 'fail', measured: reverse.detail === null ? message('promotion.measured.no-answer') : value(reverse.detail), params,
      });
    case 'account-to-be-made':
      return precondition('reverse-login', sql, { status: 'warn', measured: message('promotion.measured.account-to-be-made'), params });
    case 'account-missing':
      return precondition('reverse-login', sql, {
        status: 'warn', measured: message('promotion.measured.account-missing', { user: reverse.user, server: standbyName }), params,
      });
    case 'not-tried':
      return precondition('reverse-login', sql, { status: 'warn', measured: message('promotion.measured.not-tried'), params });
    case 'not-testable':
      return precondition('reverse-login', sql, { status: 'fail', measured: message('promotion.measured.not-testable'), params });
    default:
      return reverse satisfies never;
  }
}

function surroundings(reading: PlannedReading): Precondition[] {
  const xa = reading.blockers.filter((blocker) => blocker.kind === 'xa-prepared');
  const inTheWay = reading.blockers.filter(({ kind }) => kind !== 'xa-prepared' && kind !== 'client-session');
  const uneasy = reading.bystanders.filter(({ fate }) => fate !== 'stays' && fate !== 'stays-behind' && fate !== 're-pointed');
  return [
    canFollowInPart(reading)
      ? scopePrecondition(reading.words.filters, reading.scope.kind === 'partial', reading.acceptPartial)
      : precondition('scope', reading.words.filters, {
          status: 'fail',
          measured: message('promotion.measured.scope-unfilterable', { source: reading.sourceName, lines: filterLines(reading.scope).join('; ') }),
        }),
    nothingKeptAway({ ...reading, wayBack: filtersOfWayBack(reading), sql: reading.words.filters }, 'planned', false),
    compared(reading.difference, 'planned', { standby: reading.standbyName, source: reading.sourceName }),
    precondition('rights', 'SHOW GRANTS', {
      status: passIf(reading.missingRights.length === 0),
      measured: reading.missingRights.length === 0 ? message('promotion.measured.nothing-missing') : value(reading.missingRights.join(', ')),
    }),
    lockPrecondition('lock', reading.lockHolder, reading.squatters),
    precondition('xa-prepared', 'XA RECOVER', { status: passIf(xa.length === 0), measured: message('promotion.measured.sessions', { count: xa.length }) }),
    precondition('blockers', 'SELECT … FROM information_schema.INNODB_TRX', {
      status: passIf(inTheWay.length === 0, 'warn'), measured: message('promotion.measured.sessions', { count: inTheWay.length }),
    }),
    opening(reading.opening, reading.standbyName),
    standbyLocks(reading.standbyLocks, reading.standbyName, reading.opening?.instanceId ?? null),
    applierWaits(reading.waits, reading.standbyName, reading.opening?.instanceId ?? null),
    driftPrecondition('planned', reading.drift, reading.opening?.instanceId ?? null),
    precondition('bystanders', reading.words.replicas, {
      status: passIf(uneasy.length === 0, 'warn'),
      measured: reading.bystanders.length === 0 ? none : value(reading.bystanders.map((bystander) => bystander.name).join(', ')),
      params: { names: uneasy.map((bystander) => bystander.name).join(', ') },
    }),
  ];
}

/** What the trial of the way back showed; null: it came to no link. */
const filtersOfWayBack = ({ reverse }: PlannedReading): ChannelFilters | null => (reverse.outcome === 'connected' ? reverse.filters : null);

/**
 * A global read lock keeps the standby from applying and from being written to; under a backup lock the server refuses to
 * stop the applier. Table locks hold up what they lock.
 */
export function standbyLocks(locks: readonly Blocker[], standby: string, instanceId: string | null): Precondition {
  const bars = locks.some(({ kind }) => kind === 'read-lock' || kind === 'backup-lock');
  const named = locks.map((lock) => (lock.connectionId === 0 ? lock.statement : `${lock.kind} ${sessionText(lock)}`));
  const cures = instanceId === null ? [] : locks.flatMap((lock) => endSession(instanceId, lock));
  return withCures(precondition('standby-locks', 'SELECT … FROM performance_schema.metadata_locks', {
    status: locks.length === 0 ? 'pass' : bars ? 'fail' : 'warn',
    measured: locks.length === 0 ? none : value(named.join(', ')),
    params: { standby },
  }), cures);
}

/**
 * Whether the standby would take writes once it is opened, as far as a read-only server lets that be known. Locks have a line of
 * their own where the server names them.
 */
export function opening(reading: OpeningReading | null, standby: string): Precondition {
  const namesLocks = reading?.locks.some(({ kind }) => kind === 'read-lock' || kind === 'backup-lock') === true;
  const obstacles = reading === null ? [] : obstaclesOf(reading).filter(({ kind }) => kind !== 'lock' || !namesLocks);
  const cures = obstacles.flatMap((obstacle) => obstacle.cures);
  return withCures(precondition('opening', 'SHOW GLOBAL VARIABLES', {
    status: obstacles.length === 0 ? 'pass' : obstacles.some(({ bars }) => bars) ? 'fail' : 'warn',
    measured: obstacles.length === 0 ? none : value(obstacles.map(({ found }) => found).join(', ')),
      params: { standby },
  }), cures);
}

/** The reverse link of a part needs its filters: set at run time from 5.7.3 on, before in the option file already. */
function canFollowInPart({ scope, source, sourceFilters }: PlannedReading): boolean {
  if (scope.kind === 'instance' || source === null || atLeast(parseServerVersion(source.server.version, source.server.versionComment), 5, 7, 3)) return true;
  return sourceFilters !== null && filtersMatch(scope, sourceFilters);
}

/** A partial standby becomes a primary only where the user accepts that the rest is not on it. */
export function scopePrecondition(sql: string, partial: boolean, accepted: boolean): Precondition {
  return precondition('scope', sql, {
    status: !partial ? 'pass' : accepted ? 'warn' : 'fail',
    measured: message(partial ? 'promotion.measured.scope-partial' : 'promotion.measured.scope-whole'),
  });
}
