import type { Candidate } from '../../../shared/domain/promotion/promotion';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LockHolder } from '../../../shared/domain/tasks/lock-holder';
import type { InstanceFacts, ReplicaChannel } from '../../../shared/domain/fleet/facts';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { outdated, type PlanBasis } from '../../../shared/domain/promotion/basis';
import { emergencyPreconditions, headAbove, type EmergencyReading } from '../../../shared/domain/promotion/emergency';
import { carriedEvents, eventsAfterLoss, type EventChanges, type EventState, type ScheduledEvent, type SeenEvents } from '../../../shared/domain/promotion/events';
import { evidenceOf, verdictOf, witnessSays, type EvidenceReading, type Witness } from '../../../shared/domain/promotion/evidence';
import { forecastOutage, isSplit, lossOf, nothingElsewhere, ownTransactions, rankCandidates, type LossReading } from '../../../shared/domain/promotion/loss';
import { plannedPreconditions, type PlannedReading, type PlannedWords, type PreconditionId } from '../../../shared/domain/promotion/preconditions';
import { unverified } from '../../../shared/domain/fleet/link-protection';
import { translator } from '../../../shared/i18n/translate';
import { freeToOpen } from '../../fixtures/opening-reading';
import { wholeInstance, type Scope } from '../../../shared/domain/scope/scope';
import { filtersForScope } from '../../../shared/domain/scope/filters';

const part: Extract<Scope, { kind: 'partial' }> = { kind: 'partial', databases: [{ database: 'shop', tables: null }] };

const S = '11111111-1111-1111-1111-111111111111';
const T = '22222222-2222-2222-2222-222222222222';
/** The name of a group, which its members write under. */
const G = '33333333-3333-3333-3333-333333333333';
const set = parseGtidSet;

const channel = (change: Partial<ReplicaChannel> = {}): ReplicaChannel => ({
  name: '', sourceHost: 'db1', sourcePort: 3306, sourceUser: 'repl', sourceUuid: S, sourceServerId: 1, autoPosition: true, tls: true,
  receiver: 'running', receiverState: '', receiverError: null, applier: 'running', applierState: '', applierError: null, received: `${S}:1-10`,
  secondsBehind: 0, delaySeconds: 0, connectRetrySeconds: 1, heartbeatPeriodSeconds: 2, lastHeartbeatAgeSeconds: 1, applierTiming: null,
  sourceLogFile: null, readSourceLogPosition: null, relaySourceLogFile: null, execSourceLogPosition: null, relayLogSpaceBytes: null, workers: 4,
  filters: { doDb: [], ignoreDb: [], doTable: [], ignoreTable: [], wildDoTable: [], wildIgnoreTable: [], rewriteDb: [] },
  ...change,
});

const holder: LockHolder = { connectionId: 7, shared: false, who: 'alice', from: 'ws-2', login: null, since: 0, purpose: { kind: 'sync', name: 'orders' }, run: 'another' };

const facts = (server: Partial<InstanceFacts['server']> = {}, more: Partial<InstanceFacts> = {}): InstanceFacts => ({
  sampledAt: 1000, rttMs: 2, clockOffsetMs: 0,
  server: {
    uuid: S, serverId: 1, version: '9.7.0', versionComment: 'MySQL', hostname: 'h', port: 3306, uptimeSeconds: 100, readOnly: false, superReadOnly: false, logBin: true, logReplicaUpdates: true,
    binlogFormat: 'ROW', binlogRowImage: 'FULL', gtidMode: 'ON', enforceGtidConsistency: 'ON', eventScheduler: 'ON', characterSetServer: 'utf8mb4', collationServer: 'utf8mb4_0900_ai_ci', sqlMode: '',
    timeZone: 'SYSTEM', systemTimeZone: 'UTC', lowerCaseTableNames: 0, maxAllowedPacket: 1, replicaNetTimeoutSeconds: 10, binlogExpireSeconds: 0, skipReplicaStart: false, threadsRunning: 1, threadsConnected: 1, enabledEvents: 0, certificateExpiresAt: null, privilegedSessions: null,
    ...server,
  },
  gtid: { executed: `${S}:1-10`, purged: '' }, binlog: null, channels: [], replicas: [], lockHolders: [], unread: [], writeStalls: { settings: [], waits: [], holders: [] },
  ...more,
});

const standbyFacts = (server: Partial<InstanceFacts['server']> = {}, more: Partial<InstanceFacts> = {}): InstanceFacts =>
  facts({ uuid: T, serverId: 2, readOnly: true, superReadOnly: true, ...server }, { channels: [channel()], ...more });

const words: PlannedWords = { replicaStatus: 'SHOW REPLICA STATUS', replicas: 'SHOW REPLICAS', replicaUpdates: 'log_replica_updates', filters: 'SHOW REPLICA STATUS', reverseLogin: 'START REPLICA' };

const planned = (change: Partial<PlannedReading> = {}): PlannedReading => ({
  standbyName: 'standby', sourceName: 'primary', difference: null, standby: standbyFacts(), source: facts(), sourceError: '', standing: null, errant: set(''), backlog: set(''), catchUpMs: 0, budgetSeconds: 30, scope: wholeInstance, sourceFilters: null, acceptPartial: false,
  reverse: { outcome: 'connected', protection: unverified(true), givenUp: null, filters: null }, blockers: [], opening: freeToOpen, standbyLocks: [], waits: [], drift: [], bystanders: [], missingRights: [], lockHolder: null, squatters: [], words, ...change,
});

const blocker = (kind: PlannedReading['blockers'][number]['kind']): PlannedReading['blockers'][number] => ({ kind, connectionId: 1, user: 'u', host: 'h', seconds: 5, statement: '' });

describe('preconditions of a planned switchover', () => {
  test('a healthy pair passes every one', () => {
    expect(plannedPreconditions(planned()).filter((one) => one.status !== 'pass')).toEqual([]);
  });

  const cases: ReadonlyArray<readonly [string, Partial<PlannedReading>, PreconditionId | 'compared', 'fail' | 'warn']> = [
    ['the source does not answer', { source: null, sourceError: 'refused' }, 'source-reachable', 'fail'],
    ['commits of the source stand', { source: null, standing: { cause: 'disk', sessions: 1, seconds: 9, statement: 'INSERT' } }, 'source-writes', 'fail'],
    ['sessions of the source are not shown', { source: { ...facts(), writeStalls: undefined } }, 'source-writes', 'warn'],
    ['the standby follows another server', { standby: standbyFacts({}, { channels: [channel({ sourceUuid: T })] }) }, 'link-direct', 'fail'],
    ['the standby has two sources', { standby: standbyFacts({}, { channels: [channel(), channel({ name: 'b', sourceUuid: T })] }) }, 'link-direct', 'fail'],
    ['the standby follows nobody', { standby: standbyFacts({}, { channels: [] }) }, 'link-direct', 'fail'],
    ['the receiver is only connecting', { standby: standbyFacts({}, { channels: [channel({ receiver: 'connecting' })] }) }, 'receiver', 'fail'],
    ['the receiver runs with an error', { standby: standbyFacts({}, { channels: [channel({ receiverError: { errno: 1, text: 'x', at: null } })] }) }, 'receiver', 'fail'],
    ['the applier is stopped', { standby: standbyFacts({}, { channels: [channel({ applier: 'stopped' })] }) }, 'applier', 'fail'],
    ['the applier is delayed on purpose', { standby: standbyFacts({}, { channels: [channel({ delaySeconds: 3600 })] }) }, 'applier', 'fail'],
    ['positions by file', { standby: standbyFacts({}, { channels: [channel({ autoPosition: false })] }) }, 'auto-position', 'fail'],
    ['errant transactions', { errant: set(`${T}:1`) }, 'errant', 'fail'],
    ['GTID off at one end', { source: facts({ gtidMode: 'ON_PERMISSIVE' }) }, 'gtid-mode', 'fail'],
    ['no binary log on the standby', { standby: standbyFacts({ logBin: false }) }, 'binlog', 'fail'],
    ['the standby does not log what it applies', { standby: standbyFacts({ logReplicaUpdates: false }) }, 'replica-updates', 'fail'],
    ['a writable standby', { standby: standbyFacts({ readOnly: false, superReadOnly: false }) }, 'standby-read-only', 'fail'],
    ['read_only without super_read_only', { standby: standbyFacts({ superReadOnly: false }) }, 'standby-read-only', 'warn'],
    ['the source is itself a standby', { source: facts({ readOnly: true }, { channels: [channel({ sourceUuid: T })] }) }, 'source-is-primary', 'fail'],
    ['the source is read-only', { source: facts({ readOnly: true, superReadOnly: false }) }, 'source-is-primary', 'warn'],
    ['the source refuses administrators too', { source: facts({ readOnly: true, superReadOnly: true }) }, 'source-is-primary', 'fail'],
    ['partial scope, not accepted', { scope: part }, 'scope', 'fail'],
    ['a filter on the standby, set by hand', { standby: standbyFacts({}, { channels: [channel({ filters: { ...filtersForScope(wholeInstance), ignoreDb: ['logs'] } })] }) }, 'filters', 'fail'],
    ['an applier that goes on past errors', { standby: standbyFacts({ passesOver: ['replica_exec_mode = IDEMPOTENT'] }) }, 'filters', 'fail'],
    ['a primary whose applier would', { source: facts({ passesOver: ['replica_skip_errors = 1062'] }) }, 'filters', 'fail'],
    ['tables that differ', { difference: { kind: 'differs', tables: 'shop.t' } }, 'compared', 'fail'],
    ['transactions that were passed over', { difference: { kind: 'uncompared', count: 2 } }, 'compared', 'warn'],
    ['a filter on the standby, and the user takes a part', { acceptPartial: true, standby: standbyFacts({}, { channels: [channel({ filters: { ...filtersForScope(wholeInstance), doDb: ['logs'] } })] }) }, 'filters', 'fail'],
    ['a part whose filters are gone', { scope: part, acceptPartial: true }, 'filters', 'fail'],
    ['a primary that leaves a database out of its log', { source: facts({}, { binlog: { file: 'b', position: 4, doDb: 'shop', ignoreDb: '' } }) }, 'filters', 'fail'],
    ['a standby that will leave one out', { standby: standbyFacts({}, { binlog: { file: 'b', position: 4, doDb: '', ignoreDb: 'logs' } }) }, 'filters', 'fail'],
    ['a primary that would follow under filters', { reverse: { outcome: 'connected', protection: unverified(true), givenUp: null, filters: { ...filtersForScope(wholeInstance), ignoreTable: ['a.b'] } } }, 'filters', 'fail'],
    ['a session holds the applier up', { waits: [{ connectionId: 7, user: 'u', host: 'h', seconds: 9, statement: 'SELECT 1' }] }, 'applier-waits', 'warn'],
    ['partial scope, accepted, and an old primary without the filters in its option file', { scope: part, acceptPartial: true, source: facts({ version: '5.6.51' }) }, 'scope', 'fail'],
    ['partial scope, accepted, and an old primary with other filters in its option file', { scope: part, acceptPartial: true, source: facts({ version: '5.6.51' }), sourceFilters: filtersForScope({ ...part, databases: [] }) }, 'scope', 'fail'],
    ['partial scope, accepted, and an old primary with the filters in its option file', { scope: part, acceptPartial: true, source: facts({ version: '5.6.51' }), sourceFilters: filtersForScope(part) }, 'scope', 'warn'],
    ['partial scope, accepted', { scope: part, acceptPartial: true }, 'scope', 'warn'],
    ['the way back leads from new to old', { source: facts({ version: '8.4.3' }) }, 'way-back', 'fail'],
    ['the reverse login fails', { reverse: { outcome: 'failed', detail: 'Access denied' } }, 'reverse-login', 'fail'],
    ['the reverse login was not tried beside another operation', { reverse: { outcome: 'not-tried' } }, 'reverse-login', 'warn'],
    ['the reverse login cannot be tried', { reverse: { outcome: 'not-testable' } }, 'reverse-login', 'fail'],
    ['the account is not on the standby', { reverse: { outcome: 'account-missing', user: 'antipode_repl' } }, 'reverse-login', 'warn'],
    ['the account has to be made', { reverse: { outcome: 'account-to-be-made' } }, 'reverse-login', 'warn'],
    ['more backlog than time', { backlog: set(`${S}:11-5000`), catchUpMs: 60_000 }, 'backlog', 'fail'],
    ['backlog of unknown length', { backlog: set(`${S}:11`), catchUpMs: null }, 'backlog', 'warn'],
    ['rights are missing', { missingRights: ['primary: SUPER'] }, 'rights', 'fail'],
    ['somebody else works there', { lockHolder: holder }, 'lock', 'fail'],
    ['a prepared XA transaction', { blockers: [blocker('xa-prepared')] }, 'xa-prepared', 'fail'],
    ['a global read lock on the standby', { standbyLocks: [blocker('read-lock')] }, 'standby-locks', 'fail'],
    ['a backup lock on the standby', { standbyLocks: [blocker('backup-lock')] }, 'standby-locks', 'fail'],
    ['a table lock on the standby', { standbyLocks: [blocker('table-lock')] }, 'standby-locks', 'warn'],
    ['a running DDL', { blockers: [blocker('ddl')] }, 'blockers', 'warn'],
    ['drift', { drift: [{ kind: 'parameter', name: 'sql_mode', source: 'a', standby: 'b' }] }, 'drift', 'warn'],
    ['a replica that is not registered', { bystanders: [{ instanceId: null, name: 'x', fate: 'unregistered' }] }, 'bystanders', 'warn'],
  ];
  test.each(cases)('%s', (_what, change, id, status) => {
    const found = plannedPreconditions(planned(change)).find((one) => one.id === id);
    expect(found?.status).toBe(status);
    expect(found?.remedy).not.toBeNull();
    expect(found?.sql).not.toBe('');
    for (const language of ['en', 'zh-CN'] as const) {
      const t = translator(language);
      if (found === undefined || found.remedy === null) throw new Error('unreachable');
      for (const text of [found.title, found.measured, found.remedy]) expect(t.message(text)).not.toMatch(/[{}]|undefined|^$/);
    }
  });

  test('clients that are merely closed do not stand in the way', () => {
    expect(plannedPreconditions(planned({ blockers: [blocker('client-session')] })).find((one) => one.id === 'blockers')?.status).toBe('pass');
  });

  test('the way back is open from an older standby: the old primary would be the newer one', () => {
    const reading = planned({ standby: standbyFacts({ version: '8.4.3' }) });
    expect(plannedPreconditions(reading).find((one) => one.id === 'way-back')?.status).toBe('pass');
  });

  test('a 5.6 standby has no super_read_only: read_only is what it can have', () => {
    const reading = planned({ standby: standbyFacts({ superReadOnly: null, version: '5.6.24' }), source: facts({ superReadOnly: null, version: '5.6.24' }) });
    expect(plannedPreconditions(reading).find((one) => one.id === 'standby-read-only')?.status).toBe('pass');
  });
});

const witness = (change: Partial<Witness> = {}): Witness => ({ name: 'w', receiver: 'running', errno: 0, heartbeatAgeSeconds: 1, heartbeatPeriodSeconds: 2, ...change });
const gone = witness({ receiver: 'connecting', errno: 2003 });

describe('verdict from evidence', () => {
  const cases: ReadonlyArray<readonly [string, Partial<EvidenceReading>, string]> = [
    ['it answers and replication runs', { probe: 'answers' }, 'source-alive'],
    ['it answers and replication does not run', { probe: 'answers', standby: gone }, 'replication-broken'],
    ['it refuses the login: it is alive', { probe: 'login-refused', standby: witness({ receiver: 'stopped' }) }, 'replication-broken'],
    ['nobody hears it', { probe: 'connection-refused', standby: gone }, 'source-dead'],
    ['we time out, the standby lost it', { probe: 'timed-out', standby: gone }, 'source-dead'],
    ['we time out, another replica hears it', { probe: 'timed-out', standby: gone, others: [witness()] }, 'unreachable-only-from-here'],
    ['its host refuses us, and the standby still hears it', { probe: 'connection-refused' }, 'unreachable-only-from-here'],
    ['the standby is refused by it: it lives', { probe: 'timed-out', standby: witness({ receiver: 'connecting', errno: 1045 }) }, 'unreachable-only-from-here'],
    ['frozen: heartbeats ended long ago', { probe: 'timed-out', standby: witness({ heartbeatAgeSeconds: 60 }) }, 'source-dead'],
    ['heartbeats late, not yet too late', { probe: 'timed-out', standby: witness({ heartbeatAgeSeconds: 7 }) }, 'unknown'],
    ['no heartbeats known (5.6)', { probe: 'timed-out', standby: witness({ heartbeatAgeSeconds: null }) }, 'unknown'],
    ['the receiver was stopped by somebody', { probe: 'unreachable', standby: witness({ receiver: 'stopped' }) }, 'unknown'],
  ];
  test.each(cases)('%s', (_what, change, verdict) => {
    const reading: EvidenceReading = { sourceName: 'primary', probe: 'answers', standby: witness(), others: [], ...change };
    expect(verdictOf(reading)).toBe(verdict);
    for (const item of evidenceOf(reading)) expect(translator('zh-CN').message(item.text)).not.toMatch(/[{}]/);
  });

  test('an error of unknown kind while connecting speaks for nothing', () => {
    expect(witnessSays(witness({ receiver: 'connecting', errno: 0 }))).toBe('neither');
  });
});

const loss = (change: Partial<LossReading> = {}): LossReading => ({ sourceSet: set(`${S}:1-100`), sourceSeenAt: 1000, sourceUuid: S, sourceFenced: false, heardAt: null, elsewhere: nothingElsewhere, filtered: false, discardReceived: false, received: set(`${S}:1-90`), executed: set(`${S}:1-80`), now: 4000, ...change });

describe('loss, before the word is typed', () => {
  test('not received, not applied, seconds of blindness', () => {
    expect(lossOf(loss())).toEqual({ notReceived: 10, notReceivedSet: `${S}:91-100`, notApplied: 10, notAppliedSet: `${S}:81-90`, sourceSeenAt: 1000, blindSeconds: 3, heardAt: null, stated: { kind: 'at-least', count: 10, set: `${S}:91-100`, unseenFrom: 1000, filtered: false } });
  });
  test('a source that was never seen: unknown, not zero', () => {
    expect(lossOf(loss({ sourceSet: null, sourceSeenAt: null }))).toMatchObject({ notReceived: null, blindSeconds: null });
  });
  test('the standby may have received more than we last saw', () => {
    expect(lossOf(loss({ received: set(`${S}:1-150`), executed: set(`${S}:1-150`) }))).toMatchObject({ notReceived: 0, notApplied: 0 });
  });
  test('relay logs that were thrown away are no loss where their transactions are applied', () => {
    expect(lossOf(loss({ received: set(''), executed: set(`${S}:1-100`) }))).toMatchObject({ notReceived: 0 });
  });
  test('what the source wrote after it was last seen is not the standby\'s own', () => {
    expect(ownTransactions(loss({ received: set(''), executed: set(`${S}:1-150`) })).isEmpty()).toBe(true);
    expect(ownTransactions(loss({ executed: set(`${S}:1-80,${T}:1-3`) })).toLine()).toBe(`${T}:1-3`);
  });
  test('each side holds what the other lacks: split', () => {
    expect(isSplit(loss({ executed: set(`${S}:1-80,${T}:1`) }))).toBe(true);
    expect(isSplit(loss({ received: set(`${S}:1-100`), executed: set(`${S}:1-80,${T}:1`) }))).toBe(false);
    expect(isSplit(loss())).toBe(false);
  });
});

describe('candidates', () => {
  test('one that is further on and holds a part is no better choice', () => {
    const remedyOf = (best: Candidate): unknown => emergencyPreconditions(emergency({ candidates: [candidate('t', 7), best] })).find(({ id }) => id === 'most-advanced');
    expect(remedyOf(candidate('u', 0, true))).toMatchObject({ status: 'warn', remedy: { params: { best: 'other', holds: 'part' } } });
    expect(remedyOf(candidate('u', 0))).toMatchObject({ status: 'warn', remedy: { params: { best: 'other', holds: 'whole' } } });
  });

  test('the most advanced first, by what each holds, not by what it has applied', () => {
    const ranked = rankCandidates([
      { instanceId: 'a', received: set(`${S}:1-5`), executed: set(`${S}:1-5`), isPartial: false, problems: [] },
      { instanceId: 'b', received: set(`${S}:1-9`), executed: set(`${S}:1-2`), isPartial: false, problems: [] },
    ]);
    expect(ranked.map(({ instanceId, behindBest }) => [instanceId, behindBest])).toEqual([['b', 0], ['a', 4]]);
  });
  test('what holds a part comes behind all that hold the whole, and what it has more is told', () => {
    const ranked = rankCandidates([
      { instanceId: 'part', received: set(`${S}:1-9`), executed: set(`${S}:1-9`), isPartial: true, problems: [] },
      { instanceId: 'whole', received: set(`${S}:1-5`), executed: set(`${S}:1-5`), isPartial: false, problems: [] },
    ]);
    expect(ranked.map(({ instanceId, behindBest, isPartial }) => [instanceId, behindBest, isPartial])).toEqual([['whole', 4, false], ['part', 0, true]]);
  });
  test('none', () => expect(rankCandidates([])).toEqual([]));
});

const candidate = (instanceId: string, behindBest: number, isPartial = false): Candidate => ({ instanceId, received: '', applied: '', behindBest, isPartial, problems: [] });
const noRules = filtersForScope(wholeInstance);
const delayed = (delaySeconds: number, version = '9.7.0'): InstanceFacts => standbyFacts({ version }, { channels: [channel({ delaySeconds, receiver: 'connecting' })] });

const emergency = (change: Partial<EmergencyReading> = {}): EmergencyReading => ({
  standbyId: 't', standbyName: 'standby', sourceName: 'primary', difference: null, standby: standbyFacts({}, { channels: [channel({ receiver: 'connecting' })] }), head: null, verdict: 'source-dead',
  loss: loss({ received: set(`${S}:1-100`), executed: set(`${S}:1-100`) }), candidates: [], names: new Map([['u', 'other']]), discardReceived: false, opening: freeToOpen, waits: [], scope: wholeInstance, source: facts(), drift: [], acceptPartial: false, acceptSplit: false, endDelay: false, timeoutSeconds: 30,
  missingRights: [], lockHolder: null, squatters: [], pending: null, unsureEvents: [], statusSql: 'SHOW REPLICA STATUS', filtersSql: 'SHOW REPLICA STATUS', ...change,
});

describe('preconditions of an emergency promotion', () => {
  test('a dead source and a standby that has everything that was seen: nothing but what nobody has seen is left to be told', () => {
    expect(emergencyPreconditions(emergency()).filter((one) => one.status !== 'pass')).toMatchObject([{ id: 'loss-known', status: 'warn', measured: { params: { missing: 0, unseen: 3 } } }]);
  });
  test('behind a fence everything passes', () => {
    const read = emergency({ loss: loss({ received: set(`${S}:1-100`), executed: set(`${S}:1-100`), sourceFenced: true }) });
    expect(emergencyPreconditions(read).filter((one) => one.status !== 'pass')).toEqual([]);
  });
  const broken = standbyFacts({}, { channels: [channel({ applier: 'stopped', applierError: { errno: 1062, text: 'duplicate', at: null } })] });
  const cases: ReadonlyArray<readonly [string, Partial<EmergencyReading>, string, 'fail' | 'warn' | 'pass']> = [
    ['no standby', { standby: standbyFacts({}, { channels: [] }) }, 'is-standby', 'fail'],
    ['the source is a standby, and the primary above it lives', { head: { name: 'top', answers: true } }, 'source-is-primary', 'fail'],
    ['the source is a standby, and the primary above it is gone too', { head: { name: 'top', answers: false } }, 'source-is-primary', 'warn'],
    ['the source answers: a warning, not a bar', { verdict: 'source-alive' }, 'evidence', 'warn'],
    ['nobody can tell', { verdict: 'unknown' }, 'evidence', 'warn'],
    ['histories have split', { loss: loss({ executed: set(`${S}:1-80,${T}:1`) }) }, 'split', 'fail'],
    ['histories have split from a dead source, and the user takes it', { acceptSplit: true, loss: loss({ executed: set(`${S}:1-80,${T}:1`) }) }, 'split', 'warn'],
    ['… from a source that nobody can tell of', { verdict: 'unknown', acceptSplit: true, loss: loss({ executed: set(`${S}:1-80,${T}:1`) }) }, 'split', 'warn'],
    ['… from one that answers', { verdict: 'source-alive', acceptSplit: true, loss: loss({ executed: set(`${S}:1-80,${T}:1`) }) }, 'split', 'fail'],
    ['… from one that answers without replication', { verdict: 'replication-broken', acceptSplit: true, loss: loss({ executed: set(`${S}:1-80,${T}:1`) }) }, 'split', 'fail'],
    ['… from one that others hear', { verdict: 'unreachable-only-from-here', acceptSplit: true, loss: loss({ executed: set(`${S}:1-80,${T}:1`) }) }, 'split', 'fail'],
    ['… below a primary that answers', { head: { name: 'top', answers: true }, acceptSplit: true, loss: loss({ executed: set(`${S}:1-80,${T}:1`) }) }, 'split', 'fail'],
    ['a filter on the standby, set by hand', { standby: standbyFacts({}, { channels: [channel({ filters: { ...noRules, ignoreDb: ['logs'] } })] }) }, 'filters', 'fail'],
    ['an applier that goes on past errors', { standby: standbyFacts({ passesOver: ['slave_skip_errors = 1062'] }, { channels: [channel({ receiver: 'connecting' })] }) }, 'filters', 'fail'],
    ['tables that differ', { difference: { kind: 'differs', tables: 'shop.t' } }, 'compared', 'warn'],
    ['transactions that were passed over', { difference: { kind: 'uncompared', count: 2 } }, 'compared', 'warn'],
    ['… and the user takes it', { acceptPartial: true, standby: standbyFacts({}, { channels: [channel({ filters: { ...noRules, rewriteDb: ['a->b'] } })] }) }, 'filters', 'warn'],
    ['… on a second channel', { standby: standbyFacts({}, { channels: [channel(), channel({ name: 'b', filters: { ...noRules, wildIgnoreTable: ['x.%'] } })] }) }, 'filters', 'fail'],
    ['a part whose filters are gone', { scope: part, acceptPartial: true }, 'filters', 'warn'],
    ['a part with its filters', { scope: part, acceptPartial: true, standby: standbyFacts({}, { channels: [channel({ filters: filtersForScope(part) })] }) }, 'filters', 'pass'],
    ['a source that leaves a database out of its log', { source: facts({}, { binlog: { file: 'b', position: 4, doDb: '', ignoreDb: 'logs' } }) }, 'filters', 'fail'],
    ['a standby that will leave one out', { standby: standbyFacts({}, { channels: [channel()], binlog: { file: 'b', position: 4, doDb: 'shop', ignoreDb: '' } }) }, 'filters', 'warn'],
    ['a delay longer than the limit', { standby: delayed(3600), loss: loss({ received: set(`${S}:1-100`) }) }, 'drain', 'fail'],
    ['a delay within the limit', { standby: delayed(20), loss: loss({ received: set(`${S}:1-100`) }) }, 'drain', 'warn'],
    ['a delay that is ended', { standby: delayed(3600), endDelay: true, loss: loss({ received: set(`${S}:1-100`) }) }, 'drain', 'pass'],
    ['a delay that cannot be ended without a loss', { standby: delayed(3600, '5.6.51'), endDelay: true, loss: loss({ received: set(`${S}:1-100`) }) }, 'drain', 'fail'],
    ['a delay with nothing to apply', { standby: delayed(3600), loss: loss({ received: set(`${S}:1-100`), executed: set(`${S}:1-100`) }) }, 'drain', 'pass'],
    ['more arrives while the rest is to be discarded', { standby: standbyFacts(), verdict: 'source-alive', loss: loss({ received: set(`${S}:1-100`) }), discardReceived: true }, 'drain', 'fail'],
    ['… and none once the source is fenced', { standby: standbyFacts(), verdict: 'source-alive', loss: loss({ received: set(`${S}:1-100`), sourceFenced: true }), discardReceived: true }, 'drain', 'warn'],
    ['a session holds the applier up', { waits: [{ connectionId: 7, user: 'u', host: 'h', seconds: 9, statement: 'SELECT 1' }] }, 'applier-waits', 'warn'],
    ['transactions of its own', { loss: loss({ received: set(`${S}:1-100`), executed: set(`${S}:1-100,${T}:1`) }) }, 'own-transactions', 'warn'],
    ['other settings than the old primary had', { drift: [{ kind: 'parameter', name: 'max_connections', source: '900', standby: '100' }] }, 'drift', 'warn'],
    ['settings of the old primary that nobody read', { drift: null }, 'drift', 'warn'],
    ['another has more', { candidates: [candidate('u', 0), candidate('t', 7)] }, 'most-advanced', 'warn'],
    ['an applier with an error cannot drain', { standby: broken, loss: loss({ received: set(`${S}:1-100`) }) }, 'drain', 'fail'],
    ['unless the rest is to be discarded', { standby: broken, loss: loss({ received: set(`${S}:1-100`) }), discardReceived: true }, 'drain', 'warn'],
    ['a stopped applier is started', { standby: standbyFacts({}, { channels: [channel({ applier: 'stopped' })] }), loss: loss({ received: set(`${S}:1-100`) }) }, 'drain', 'pass'],
    ['a global read lock on the standby: it could not be opened', { opening: { ...freeToOpen, locks: [blocker('read-lock')] } }, 'standby-locks', 'fail'],
    ['never seen', { loss: loss({ sourceSet: null, sourceSeenAt: null }) }, 'loss-known', 'warn'],
    ['known loss', { loss: loss() }, 'loss-known', 'warn'],
    ['no binary log: it can still take over', { standby: standbyFacts({ logBin: false }) }, 'standby-binlog', 'warn'],
    ['partial, not accepted', { scope: part }, 'scope', 'fail'],
    ['an earlier promotion is not acknowledged, and its primary takes writes', { pending: { reportId: 'r', standbyName: 'other', endedAt: 0, lost: 3, isAlive: true } }, 'acknowledged', 'fail'],
    ['a fresh disaster after a promotion that nobody acknowledged', { pending: { reportId: 'r', standbyName: 'other', endedAt: 0, lost: null, isAlive: false } }, 'acknowledged', 'warn'],
    ['rights are missing', { missingRights: ['standby: SUPER'] }, 'emergency-rights', 'fail'],
    ['somebody else works there', { lockHolder: holder }, 'emergency-lock', 'fail'],
  ];
  test.each(cases)('%s', (_what, change, id, status) => {
    const found = emergencyPreconditions(emergency(change)).find((one) => one.id === id);
    expect(found?.status).toBe(status);
    const t = translator('en');
    for (const text of [found?.title, found?.measured, found?.remedy]) if (text !== null && text !== undefined) expect(t.message(text)).not.toMatch(/[{}]|undefined/);
  });
});

describe('the head of the chain above a source', () => {
  const chain = (links: Readonly<Record<string, string>>) => headAbove('source', 'standby', (id) => links[id] ?? null);
  test('none above a primary', () => expect(chain({ standby: 'source' })).toBeNull());
  test('the primary above a standby, and the one above that', () => {
    expect(chain({ source: 'top' })).toBe('top');
    expect(chain({ source: 'middle', middle: 'top' })).toBe('top');
  });
  test('a source that was last seen before a switchover followed the standby: nobody is above it', () => expect(chain({ source: 'standby' })).toBeNull());
  test('a ring ends', () => expect(chain({ source: 'a', a: 'b', b: 'a' })).toBe('b'));
});

describe('a plan is bound to its state', () => {
  const basis = (change: Partial<PlanBasis> = {}): PlanBasis => ({
    kind: 'emergency', standbyUuid: T, sourceUuid: S, link: 'db1:3306', standbyReadOnly: true, sourceReadOnly: null, members: ['o'], verdict: 'source-dead', errantSet: '', loss: lossOf(loss()), held: `${S}:1-90`, discardReceived: false, ...change,
  });
  const cases: ReadonlyArray<readonly [string, Partial<PlanBasis>, Partial<PlanBasis>, ReturnType<typeof outdated>]> = [
    ['nothing changed', {}, {}, null],
    ['another server answers there', {}, { standbyUuid: S }, 'identity'],
    ['the link leads elsewhere', {}, { link: null }, 'link'],
    ['the standby was opened', {}, { standbyReadOnly: false }, 'role'],
    ['planned: the primary was made read-only', { kind: 'planned', sourceReadOnly: false }, { kind: 'planned', sourceReadOnly: true }, 'role'],
    ['another replica joined', {}, { members: ['o', 'p'] }, 'members'],
    ['the source came back', {}, { verdict: 'source-alive' }, 'verdict'],
    ['the source died meanwhile', { verdict: 'source-alive' }, { verdict: 'source-dead' }, null],
    ['errant transactions appeared', {}, { errantSet: `${T}:1` }, 'errant'],
    ['more is lost than was shown', {}, { loss: lossOf(loss({ sourceSet: set(`${S}:1-101`) })) }, 'loss'],
    ['a source that answers wrote on', { verdict: 'source-alive' }, { verdict: 'source-alive', loss: lossOf(loss({ sourceSet: set(`${S}:1-5000`) })) }, null],
    ['a source that answers holds what came from elsewhere', { verdict: 'source-alive' }, { verdict: 'source-alive', loss: lossOf(loss({ sourceSet: set(`${S}:1-100,${T}:7`) })) }, 'loss'],
    ['a source that answers wrote on under the uuid of its group', { verdict: 'source-alive', held: `${S}:1-90,${G}:1-5` }, { verdict: 'source-alive', held: `${S}:1-90,${G}:1-5`, loss: lossOf(loss({ sourceSet: set(`${S}:1-100,${G}:1-9`) })) }, null],
    ['a source that answers, and a standby that lost what it had received', { verdict: 'source-alive' }, { verdict: 'source-alive', held: `${S}:1-80`, loss: lossOf(loss({ received: set('') })) }, 'loss'],
    ['a source that answered wrote on and died', { verdict: 'source-alive' }, { loss: lossOf(loss({ sourceSet: set(`${S}:1-101`) })) }, 'loss'],
    ['less is lost than was shown', {}, { loss: lossOf(loss({ received: set(`${S}:1-95`) })) }, null],
    ['more would be discarded than was shown', { discardReceived: true }, { discardReceived: true, loss: lossOf(loss({ received: set(`${S}:1-95`) })) }, 'loss'],
    ['planned: transactions went on flowing', { kind: 'planned' }, { kind: 'planned', loss: lossOf(loss({ sourceSet: set(`${S}:1-500`) })) }, null],
  ];
  test.each(cases)('%s', (_what, before, after, reason) => expect(outdated(basis(before), basis(after))).toBe(reason));
});

describe('scheduled events', () => {
  const event = (name: string, state: EventState): ScheduledEvent => ({ schema: 'app', name, definer: 'root@localhost', sqlMode: '', timeZone: 'SYSTEM', state, alteredAt: 50 });
  const replicated = ['a', 'b', 'c'].map((name) => event(name, 'side-disabled'));
  const states = ({ changes }: EventChanges): Record<string, EventState> => Object.fromEntries(changes.map(({ name, state }) => [name, state]));

  test('each gets the state it had on the source; one that only came there by replication stays as it is', () => {
    const found = carriedEvents([event('a', 'enabled'), event('b', 'disabled'), event('c', 'side-disabled'), event('gone', 'enabled'), event('off', 'disabled')], replicated);
    expect(states(found)).toEqual({ a: 'enabled', b: 'disabled' });
    expect(found).toMatchObject({ missing: ['app.gone'], unsure: [], chosen: [] });
  });
  test('what is as it should be is not touched', () => {
    expect(carriedEvents([event('a', 'enabled')], [event('a', 'enabled')]).changes).toEqual([]);
  });
  const seen = (...enabled: string[]): SeenEvents => ({ enabled: enabled.map((name) => `app.${name}`), at: 100_500 });
  test('a source that is gone: those that it was seen to run, and no other', () => {
    expect(states(eventsAfterLoss(replicated, null, seen('a', 'c'), []))).toEqual({ a: 'enabled', c: 'enabled' });
    expect(eventsAfterLoss(replicated, null, seen(), [])).toEqual({ changes: [], missing: [], unsure: [], chosen: [] });
    expect(eventsAfterLoss(replicated, null, seen('a', 'gone'), []).missing).toEqual(['app.gone']);
  });
  test('one that was changed after the last look, and all of a source that was never seen, are off unless they are chosen', () => {
    const changed = replicated.map((one) => (one.name === 'a' ? { ...one, alteredAt: 100 } : one));
    expect(eventsAfterLoss(changed, null, seen('a', 'b'), [])).toMatchObject({ changes: [{ name: 'b', state: 'enabled' }], unsure: ['app.a'] });
    expect(eventsAfterLoss(replicated, null, null, [])).toEqual({ changes: [], missing: [], unsure: ['app.a', 'app.b', 'app.c'], chosen: [] });
    expect(eventsAfterLoss(replicated, null, null, ['app.b', 'app.nothing'])).toMatchObject({ changes: [{ name: 'b' }], unsure: ['app.a', 'app.c'], chosen: ['app.b'] });
    expect(eventsAfterLoss([], null, null, []).unsure).toEqual([]);
  });
  test('a name that two events share is never chosen', () => {
    const twins = [{ ...event('b.c', 'side-disabled'), schema: 'a' }, { ...event('c', 'side-disabled'), schema: 'a.b' }];
    expect(eventsAfterLoss(twins, null, null, ['a.b.c'])).toMatchObject({ changes: [], unsure: ['a.b.c', 'a.b.c'] });
  });
  test('a source that answered is believed, whatever was seen before', () => {
    expect(states(eventsAfterLoss(replicated, [event('b', 'enabled')], seen('a', 'b', 'c'), ['app.a']))).toEqual({ b: 'enabled' });
  });
  test('no event is ever switched on that was neither seen to run nor chosen', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const stand = fc.array(fc.record({ name: fc.constantFrom(...names), state: fc.constantFrom<EventState>('enabled', 'disabled', 'side-disabled'), alteredAt: fc.option(fc.integer({ min: 90, max: 110 })) }));
    fc.assert(fc.property(stand, fc.option(fc.subarray(names)), fc.subarray(names), (events, ran, chosen) => {
      const standby = events.map((one) => ({ ...event(one.name, one.state), alteredAt: one.alteredAt }));
      const { changes } = eventsAfterLoss(standby, null, ran === null ? null : seen(...ran), chosen.map((name) => `app.${name}`));
      for (const { name, state, alteredAt } of changes) {
        expect(state).toBe('enabled');
        expect(chosen.includes(name) || (ran?.includes(name) === true && alteredAt !== null && alteredAt !== undefined && alteredAt < 100)).toBe(true);
      }
    }));
  });
});

test('the forecast grows with the round trips and with what is to be applied', () => {
  const near = forecastOutage({ sourceRttMs: 0.2, standbyRttMs: 0.2, catchUpMs: 0, fenceIsTwoStatements: false });
  expect(near).toBeLessThan(40);
  expect(forecastOutage({ sourceRttMs: 100, standbyRttMs: 0.2, catchUpMs: 0, fenceIsTwoStatements: false })).toBeGreaterThan(200);
  expect(forecastOutage({ sourceRttMs: 0.2, standbyRttMs: 0.2, catchUpMs: 500, fenceIsTwoStatements: true })).toBeGreaterThan(500);
});
