import { replicationEndpoint } from '../../../shared/domain/fleet/instance';
import type { PlannedSql } from '../../../shared/domain/tasks/plan';
import { parseServerVersion } from '../../../shared/domain/fleet/version';
import { dialectFor, type Dialect } from '../../mysql/dialect/dialect';
import { plain } from '../../mysql/statement';
import type { Statement } from '../../mysql/types';
import { loginName, plantedStatements } from '../steps/account';
import { CLIENT_SESSIONS } from '../../replication/client-sessions';
import type { StepSql } from '../definitions';
import { runsEvents } from '../emergency/after';
import { delayChange } from '../emergency/end-delay';
import { EVENTS, eventStatements } from '../../replication/events';
import { FENCE_LIMIT_SECONDS, fenceStatementsOf, persistedFence } from '../steps/fence';
import { EXECUTED } from '../../replication/gtid';
import { settingsFor } from '../../replication/link-settings';
import { loginStatements } from '../../replication/login';
import { HINDERING, persistedOpen } from '../steps/open';
import { openingTrial } from '../steps/opening-trial';
import { JOURNAL_BEGIN, JOURNAL_OPENED } from '../steps/promotion-journal';
import type { Particulars } from './particulars';
import type { PromotionDeps } from '../types';
import { resetting } from '../../replication/reset';
import { narrowing } from '../../replication/filters';
import { PROBE_WRITE, PROBE_READ } from '../steps/write-probe';
import { trialStatements } from '../../replication/trial-login';
import { carriedSource, noSemiSync, sourceSwitch, standbySides, type WaitingSide } from '../../../shared/domain/promotion/semi-sync';
import { wantedThreads, type Threads } from '../../../shared/domain/promotion/other-replica';
import type { ReplicaSurroundings } from '../../../shared/domain/promotion/surroundings';
import { failoverStatements } from '../../replication/failover-lists';
import { lastingSettings, SEMI_SYNC_PLUGINS } from '../../replication/semi-sync';
import { starting } from '../../replication/threads';
import { failoverAround } from '../steps/failover';
import type { SourceSettings } from '../../mysql/dialect/replication';

interface Server {
  readonly id: string;
  readonly name: string;
  readonly dialect: Dialect;
  /** The channel that it replicates on; the default one where it follows nobody. */
  readonly channel: string;
}

/** A server in the words of its version; null: it has not been read. */
function serverOf(deps: PromotionDeps, read: Particulars, id: string): Server | null {
  const facts = deps.fleet.view(id).facts;
  const version = read.versions.get(id) ?? (facts === null ? null : parseServerVersion(facts.server.version, facts.server.versionComment));
  if (version === null) return null;
  return { id, name: deps.fleet.instance(id).name, dialect: dialectFor(version), channel: facts?.channels[0]?.name ?? '' };
}

const on = (server: Server, ...statements: ReadonlyArray<string | Statement>): PlannedSql[] =>
  statements.map((statement) => ({ server: server.name, sql: typeof statement === 'string' ? statement : statement.redacted }));

/** A set that no server has: in its place a plan writes `…`, for what is not known before the step runs. */
const SET = '00000000-0000-0000-0000-000000000000:1';
const LOCK = "SELECT GET_LOCK('antipode', …)";
const KILL = 'KILL CONNECTION …';

/** The wait for a set that is not known yet, for as long as is left. */
const waitFor = (server: Server): Statement =>
  plain(server.dialect.waitForGtids(SET, 1).statement.redacted.replace(`'${SET}', 1`, "'…', …"));

/** The link of the old primary as it will be: like the one that the standby has now. null: that was not read. */
function wayBack(deps: PromotionDeps, standbyId: string, read: Particulars): SourceSettings | null {
  return read.shape === null ? null : settingsFor(deps.fleet.instance(standbyId), read.shape, { user: loginName(read), password: '' });
}

/** CHANGE REPLICATION SOURCE of the old primary. */
function reverseLink(deps: PromotionDeps, source: Server, standbyId: string, read: Particulars, channel: string): readonly Statement[] {
  const settings = wayBack(deps, standbyId, read);
  return settings === null ? [] : [source.dialect.changeReplicationSource(settings, channel)];
}

/** The trial of the reverse login, on a channel that is borrowed for it. */
function trial(deps: PromotionDeps, { dialect }: Server, standbyId: string, read: Particulars): readonly Statement[] {
  const settings = wayBack(deps, standbyId, read);
  return settings === null ? [] : trialStatements(dialect, settings, read.trialChannel);
}

/** The threads that run, or would if they could, run again. */
const threadsOf = (replica: ReplicaSurroundings | undefined): Threads =>
  replica === undefined ? { receiver: true, applier: true } : wantedThreads(replica.threads);

/** Re-pointed replicas get a new source; those that keep their link are only asked and waited for. */
function siblings(deps: PromotionDeps, primary: Server, read: Particulars, untrustedIds: readonly string[]): PlannedSql[] {
  const { around } = read;
  const failover = (id: string, dialect: Dialect, channel: string): readonly Statement[] => {
    const lists = around.replicas.find((one) => one.id === id)?.failover;
    return lists === undefined ? [] : failoverStatements(dialect, channel, failoverAround(deps.fleet, primary.id, untrustedIds, lists, channel));
  };
  const { siblingIds, keptIds, behindIds } = read.fates;
  const { host, port } = replicationEndpoint(deps.fleet.instance(primary.id));
  const each = (ids: readonly string[], statements: (replica: Server) => readonly Statement[]): PlannedSql[] =>
    ids.flatMap((id) => {
      const replica = serverOf(deps, read, id);
      return replica === null ? [] : on(replica, ...statements(replica), waitFor(replica));
    });
  return [
    ...each(siblingIds, ({ id, dialect, channel }) => [
      dialect.stopReplica({ threads: 'receiver', channel }),
      dialect.stopReplica({ channel }),
      dialect.changeReplicationSource({ host, port, autoPosition: true }, channel),
      ...failover(id, dialect, channel),
      ...starting(dialect, channel, threadsOf(around.replicas.find((one) => one.id === id))),
    ]),
    ...each([...keptIds, ...behindIds], ({ id, dialect, channel }) => [dialect.showReplicaStatus(), ...failover(id, dialect, channel)]),
  ];
}

/** Until a replica answers the standby waits for none. */
function quiet({ dialect }: Server, { around }: Particulars): readonly Statement[] {
  const { source } = around.standby.semiSync;
  return source?.enabled === true ? [dialect.setGlobal(...sourceSwitch(source, false))] : [];
}

/** And then as the old primary did. */
function waiting(dialect: Dialect, wanted: WaitingSide | null, side: WaitingSide | null): readonly Statement[] {
  if (wanted?.enabled !== true || side === null) return [];
  return lastingSettings(dialect, [...(wanted === side ? [] : carriedSource(wanted, side)), sourceSwitch(side, true)]).statements;
}

/** The SQL of a planned switchover of this pair, step by step, in each server's own words. */
export function switchoverSql(deps: PromotionDeps, read: Particulars, sourceId: string, standbyId: string): StepSql {
  const [s, t] = [serverOf(deps, read, sourceId), serverOf(deps, read, standbyId)];
  if (s === null || t === null) return new Map();
  return new Map<string, readonly PlannedSql[]>([
    ['prepare', preparation(deps, read, s, t)],
    ['warm-up', [...on(s, EXECUTED), ...on(t, waitFor(t)), ...on(s, s.dialect.setLockWaitTimeout(FENCE_LIMIT_SECONDS)), ...on(t, ...openingTrial(t.dialect))]],
    ['fence', on(s, ...fenceStatementsOf(s.dialect), CLIENT_SESSIONS, KILL)],
    ['catch-up', [...on(s, EXECUTED, EXECUTED), ...on(t, waitFor(t))]],
    ['stop', [...on(t, t.dialect.stopReplica()), ...on(s, ...(s.dialect.features.hasSetPersist ? [s.dialect.setPersist('super_read_only', true)] : []))]],
    ['open', on(t, t.dialect.setGlobal('read_only', false), HINDERING, PROBE_WRITE, PROBE_READ, ...persistedOpen(t.dialect).statements)],
    ['events', [...on(t, JOURNAL_BEGIN, JOURNAL_OPENED), ...on(s, EVENTS), ...on(t, EVENTS, ...eventStatements(read.events), ...scheduler(t, read))]],
    ['follow', following(deps, read, s, t)],
    ['reset', on(t, ...resetting(t.dialect, { partial: read.scope.kind === 'partial' }))],
    [
      'siblings',
      [...siblings(deps, t, read, []), ...on(t, ...waiting(t.dialect, read.around.source?.semiSync.source ?? null, read.around.standby.semiSync.source))],
    ],
    ['roles', on(t, ...read.retiring.map((account) => t.dialect.dropAccount(account)))],
  ]);
}

function preparation(deps: PromotionDeps, read: Particulars, s: Server, t: Server): PlannedSql[] {
  const login = { user: loginName(read), password: '', requireTls: read.shape?.tls ?? false };
  return [
    ...on(s, LOCK, EXECUTED, EVENTS, SEMI_SYNC_PLUGINS, ...read.ownSchema, JOURNAL_BEGIN),
    ...on(s, ...read.lastingLogin),
    ...on(s, ...(read.login === null ? loginStatements(s.dialect, login, read.loginHosts) : [])),
    ...on(t, LOCK, EXECUTED, SEMI_SYNC_PLUGINS, ...quiet(t, read)),
    ...on(t, ...(read.plantsLogin ? plantedStatements(t.dialect, login, read.loginHosts) : [])),
    ...on(s, ...trial(deps, s, t.id, read)),
  ];
}

/** The scheduler of the new primary runs as that of the old one did. */
function scheduler(t: Server, { scheduler: { source, standby } }: Particulars): readonly Statement[] {
  if ((source !== 'ON' && source !== 'OFF') || source === standby || standby === 'DISABLED') return [];
  return t.dialect.setLasting('event_scheduler', source).statements;
}

function following(deps: PromotionDeps, read: Particulars, s: Server, t: Server): PlannedSql[] {
  const { dialect } = s;
  const channel = read.shape?.channel ?? '';
  return on(
    s,
    ...persistedFence(dialect),
    ...(read.scheduler.source === 'ON' ? dialect.setLasting('event_scheduler', 'OFF').statements : []),
    ...lastingSettings(dialect, standbySides(read.around.source?.semiSync ?? noSemiSync, read.around.standby.semiSync)).statements,
    ...narrowing(dialect, read.scope).statements,
    ...reverseLink(deps, s, t.id, read, channel),
    dialect.startReplica({ channel }),
    // Before 5.7.8 clients waited behind the read lock, and are closed before it is let go.
    ...(dialect.features.hasSuperReadOnly ? [] : [CLIENT_SESSIONS, KILL, dialect.unlock()]),
    waitFor(s),
  );
}

/** The SQL of an emergency promotion, step by step. */
export function emergencySql(deps: PromotionDeps, read: Particulars, sourceId: string | null, standbyId: string, endsDelay: number): StepSql {
  const t = serverOf(deps, read, standbyId);
  const s = sourceId === null ? null : serverOf(deps, read, sourceId);
  if (t === null) return new Map();
  const { dialect } = t;
  const channel = read.shape?.channel ?? '';
  const fence = (at: Server): PlannedSql[] =>
    on(at, at.dialect.setLockWaitTimeout(FENCE_LIMIT_SECONDS), ...fenceStatementsOf(at.dialect), ...persistedFence(at.dialect), CLIENT_SESSIONS, KILL);
  const starts = read.events.some(({ state }) => state === 'enabled') && runsEvents(read.scheduler.source) && read.scheduler.standby === 'OFF';
  return new Map<string, readonly PlannedSql[]>([
    ['end-delay', endsDelay > 0 ? on(t, ...delayChange(dialect, 0, channel)) : []],
    ['stop-receiver', on(t, ...openingTrial(dialect), dialect.stopReplica({ threads: 'receiver', channel }), SEMI_SYNC_PLUGINS, ...quiet(t, read))],
    ['fence-source', s === null ? [] : fence(s)],
    ['drain', on(t, dialect.showReplicaStatus(), EXECUTED)],
    ['stop', on(t, ...openingTrial(dialect), dialect.stopReplica(), EXECUTED)],
    [
      'open',
      on(
        t,
        dialect.stopReplica(),
        dialect.setGlobal('read_only', false),
        HINDERING,
        PROBE_WRITE,
        ...read.ownSchema,
        PROBE_READ,
        ...persistedOpen(dialect).statements,
      ),
    ],
    ['record', on(t, JOURNAL_BEGIN, JOURNAL_OPENED)],
    ['reset', on(t, ...resetting(dialect, { partial: read.scope.kind === 'partial' }))],
    [
      'siblings',
      [
        ...siblings(deps, t, read, sourceId === null ? [] : [sourceId]),
        ...on(t, ...waiting(dialect, read.around.standby.semiSync.source, read.around.standby.semiSync.source)),
      ],
    ],
    ['events', on(t, EVENTS, ...eventStatements(read.events), ...(starts ? dialect.setLasting('event_scheduler', 'ON').statements : []))],
    ['verify-fence', s === null ? [] : on(s, `SELECT @@GLOBAL.${s.dialect.features.hasSuperReadOnly ? 'super_read_only' : 'read_only'}`)],
  ]);
}
