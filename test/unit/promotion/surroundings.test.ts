import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { failoverChange, noFailover, type FailoverLists, type FailoverSource } from '../../../shared/domain/promotion/failover';
import { verdictOnReplica, wantedThreads } from '../../../shared/domain/promotion/other-replica';
import { carriedSource, noSemiSync, standbySides, waitsForNobody, type SemiSync, type WaitingSide } from '../../../shared/domain/promotion/semi-sync';
import { surroundingPreconditions, type ServerSurroundings, type SurroundingsReading } from '../../../shared/domain/promotion/surroundings';
import type { Fleet } from '../../../electron/fleet/types';
import { replicaSurroundings } from '../../../electron/promotion/plan/surroundings';
import { readSemiSync } from '../../../electron/replication/semi-sync';
import { translator } from '../../../shared/i18n/translate';
import { member } from '../../fixtures/facts';
import { fakeSession } from '../../fixtures/fake-session';

const S = '11111111-1111-1111-1111-111111111111';
const set = parseGtidSet;

describe('another replica', () => {
  const sets = { executed: set(`${S}:1-90`), held: set(`${S}:1-100`), primaryExecuted: set(`${S}:1-110`), primaryPurged: set(`${S}:1-80`) };
  it('follows where the new primary has all that it holds and keeps all that it needs', () => expect(verdictOnReplica(sets)).toEqual({ kind: 'follows' }));
  it('is ahead by what it has only received, too', () => expect(verdictOnReplica({ ...sets, held: set(`${S}:1-111`) })).toMatchObject({ kind: 'ahead' }));
  it('lacks what was purged though it waits in its relay log: that goes when it is pointed elsewhere', () => {
    const verdict = verdictOnReplica({ ...sets, primaryPurged: set(`${S}:1-95`) });
    expect([verdict.kind, verdict.kind === 'gap' ? verdict.set.toLine() : '']).toEqual(['gap', `${S}:91-95`]);
  });
  it.each([
    ['running', false, true, false, true, true], ['connecting', true, true, false, true, true], ['stopped', false, true, false, false, true],
    ['stopped', true, true, false, true, true], ['running', false, false, false, true, false], ['running', false, false, true, true, true],
  ] as const)('receiver %s (failed: %s), applier runs: %s (failed: %s)', (receiver, receiverFailed, applierRuns, applierFailed, wantsReceiver, wantsApplier) => {
    expect(wantedThreads({ receiver, receiverFailed, applierRuns, applierFailed })).toEqual({ receiver: wantsReceiver, applier: wantsApplier });
  });
});

describe('connection failover lists', () => {
  const entry = (host: string, channel = ''): FailoverSource => ({ channel, host, port: 3306, networkNamespace: '', weight: 50 });
  const ends = { primary: { host: 'new', port: 3306 }, untrusted: ({ host }: { host: string }) => host === 'old', isTrusted: ({ host }: { host: string }) => ['new', 'third'].includes(host) };
  const lists = (hosts: readonly string[], change: Partial<FailoverLists> = {}): FailoverLists => ({ sources: hosts.map((host) => entry(host)), switched: [''], managed: [], ...change });
  it('an untrusted server is taken off, the new primary put on', () => {
    expect(failoverChange(lists(['old', 'third']), '', ends)).toMatchObject({ remove: [{ host: 'old' }], add: { host: 'new' }, switchOff: false });
  });
  it('a server that nobody knows, or a list that the server keeps itself, switches it off', () => {
    expect(failoverChange(lists(['third', '10.0.0.9']), '', ends)).toMatchObject({ switchOff: true, add: null });
    expect(failoverChange(lists(['third'], { managed: [''] }), '', ends)).toMatchObject({ switchOff: true });
  });
  it('no list, no change', () => expect(failoverChange(noFailover, '', ends)).toEqual({ remove: [], add: null, switchOff: false }));
  it('never leaves a way to a server that is not trusted', () => {
    const hosts = fc.array(fc.constantFrom('old', 'new', 'third', 'alias'));
    fc.assert(fc.property(hosts, fc.boolean(), fc.boolean(), (names, on, managed) => {
      const given = lists(names, { switched: on ? [''] : [], managed: managed ? [''] : [] });
      const { remove, add, switchOff } = failoverChange(given, '', ends);
      const left = [...given.sources.filter((one) => !remove.includes(one)), ...(add === null ? [] : [add])];
      expect(left.some(ends.untrusted)).toBe(false);
      if (on && !switchOff) expect(left.every(ends.isTrusted) && !managed).toBe(true);
    }));
  });
});

const side = (change: Partial<WaitingSide> = {}): WaitingSide => ({ word: 'source', enabled: true, timeoutMs: 10_000, replicas: 1, waitPoint: 'AFTER_SYNC', waitsWithoutReplica: true, active: true, clients: 1, waiting: 0, ...change });
const both = (source: Partial<WaitingSide> | null, replica: boolean | null): SemiSync => ({ source: source === null ? null : side(source), replica: replica === null ? null : { word: 'replica', enabled: replica } });

describe('semi-synchronous replication', () => {
  it('a commit waits for nobody where fewer answer than are waited for', () => {
    expect(waitsForNobody(side({ clients: 0 }), 2000)).toBe(true);
    expect(waitsForNobody(side({ clients: 1, replicas: 2 }), 2000)).toBe(true);
    const calm = [null, side(), side({ clients: 0, enabled: false }), side({ clients: 0, active: false }), side({ clients: 0, timeoutMs: 1000 })];
    expect(calm.some((one) => waitsForNobody(one, 2000))).toBe(false);
  });
  it('the new primary is set as the old one was, in its own words', () => {
    expect(carriedSource(side({ replicas: 2 }), side({ word: 'master' }))).toEqual([
      ['rpl_semi_sync_master_timeout', 10_000], ['rpl_semi_sync_master_wait_for_slave_count', 2], ['rpl_semi_sync_master_wait_point', 'AFTER_SYNC'], ['rpl_semi_sync_master_wait_no_slave', true],
    ]);
    expect(carriedSource(side({ replicas: null, waitPoint: null }), side()).map(([name]) => name)).toEqual(['rpl_semi_sync_source_timeout', 'rpl_semi_sync_source_wait_no_replica']);
  });
  it('the new standby waits for nobody and answers as the old one did', () => {
    expect(standbySides(both({}, false), both({ enabled: false }, true))).toEqual([['rpl_semi_sync_source_enabled', false], ['rpl_semi_sync_replica_enabled', true]]);
    expect(standbySides(both({ enabled: false }, true), both(null, true))).toEqual([]);
    expect(standbySides(noSemiSync, both({}, true))).toEqual([]);
  });
  it.each([['source', 'replica', 'wait_for_replica_count', '9.7.0'], ['master', 'slave', 'wait_for_slave_count', '5.7.44']] as const)('is read by the names %s and %s', async (source, replica, count, version) => {
    const status = { [`Rpl_semi_sync_${source}_status`]: 'ON', [`Rpl_semi_sync_${source}_clients`]: '1', [`Rpl_semi_sync_${source}_wait_sessions`]: '3' };
    const variables = { enabled: 1, timeout: 7000, [count]: 2, wait_point: 'AFTER_SYNC', [`wait_no_${replica}`]: 1 };
    const session = fakeSession('s', (sql) => {
      if (sql.includes('PLUGINS')) return [source, replica].map((word) => ({ name: `rpl_semi_sync_${word}` }));
      if (sql.includes('STATUS')) return Object.entries(status).map(([name, Value]) => ({ Variable_name: name, Value }));
      return [{ ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [`rpl_semi_sync_${source}_${name}`, value])), [`rpl_semi_sync_${replica}_enabled`]: 0 }];
    }, version);
    const wanted = { source: side({ word: source, timeoutMs: 7000, replicas: 2, waiting: 3 }), replica: { word: replica, enabled: false } };
    expect(await readSemiSync(session)).toEqual(wanted);
  });
  it('a server without the plugin has neither side', async () => expect(await readSemiSync(fakeSession('s', () => [], '5.6.24'))).toEqual(noSemiSync));
});

describe('preconditions around a pair', () => {
  const server = (name: string, change: Partial<ServerSurroundings> = {}): ServerSurroundings => (
    { name, semiSync: noSemiSync, failover: noFailover, group: [], preparedXa: [], settings: { max_connections: '100', require_secure_transport: 'OFF' }, ...change }
  );
  const reading = (change: Partial<SurroundingsReading> = {}): SurroundingsReading => ({ kind: 'planned', source: server('s'), standby: server('t'), seen: { name: 's', settings: server('s').settings, clients: 90 }, standbyPurged: set(''), replicas: [], unread: [], unshown: set(''), longestWaitMs: 2000, ...change });
  const replica = { id: 'r', name: 'r', failover: noFailover, executed: set(`${S}:1-10`), threads: { receiver: 'running', receiverFailed: false, applierRuns: true, applierFailed: false }, delaySeconds: 0, tls: true } as const;
  const list: FailoverLists = { sources: [{ channel: '', host: 's', port: 1, networkNamespace: '', weight: 1 }], switched: [''], managed: [] };
  const secure = server('t', { settings: { max_connections: '100', require_secure_transport: 'ON' } });
  it('pass where nothing is there', () => expect(surroundingPreconditions(reading()).map(({ status }) => status)).toEqual(Array(7).fill('pass')));
  it('nobody is turned away who was let in before', () => {
    const before = { name: 's', settings: secure.settings, clients: 100 };
    for (const change of [{ standby: secure, seen: before, replicas: [replica] }, { unread: ['r'] }, {}]) {
      expect(surroundingPreconditions(reading(change)).find(({ id }) => id === 'clients')?.status).toBe('pass');
    }
  });
  it.each<readonly [string, string, Partial<SurroundingsReading>, 'warn' | 'fail']>([
    ['commits hang', 'semi-sync', { source: server('s', { semiSync: both({ clients: 0 }, null) }) }, 'fail'],
    ['the standby cannot wait', 'semi-sync', { source: server('s', { semiSync: both({}, null) }) }, 'warn'],
    ['the old primary cannot answer', 'semi-sync', { standby: server('t', { semiSync: both(null, true) }) }, 'warn'],
    ['a list', 'failover-lists', { replicas: [{ ...replica, failover: list }] }, 'warn'],
    ['a member of a group', 'group', { standby: server('t', { group: ['h:1 ONLINE'] }) }, 'fail'],
    ['a replica that lacks what was purged', 'other-replicas', { replicas: [replica], standbyPurged: set(`${S}:1-20`) }, 'warn'],
    ['a replica that is late on purpose', 'other-replicas', { replicas: [{ ...replica, delaySeconds: 60 }] }, 'warn'],
    ['a replica that was stopped', 'other-replicas', { replicas: [{ ...replica, threads: { ...replica.threads, applierRuns: false } }] }, 'warn'],
    ['more clients than it lets in', 'clients', { seen: { name: 's', settings: {}, clients: 101 } }, 'warn'],
    ['clients without TLS', 'clients', { standby: secure }, 'warn'],
    ['a replica without TLS', 'clients', { standby: secure, seen: { name: 's', settings: secure.settings, clients: 1 }, replicas: [{ ...replica, tls: false }] }, 'fail'],
    ['a replica without TLS in an emergency', 'clients', { kind: 'emergency', standby: secure, replicas: [{ ...replica, tls: false }] }, 'warn'],
    ['a replica that did not answer, and may be without TLS', 'clients', { standby: secure, seen: { name: 's', settings: secure.settings, clients: 1 }, unread: ['r'] }, 'warn'],
    ['an old primary that was never seen', 'clients', { kind: 'emergency', source: null, seen: null }, 'warn'],
    ['one that did not tell how many clients it had', 'clients', { kind: 'emergency', source: null, seen: { name: 's', settings: {}, clients: null } }, 'warn'],
    ['a dead primary that waited', 'semi-sync', { kind: 'emergency', source: null, seen: { name: 's', settings: { rpl_semi_sync_source_enabled: 'ON' }, clients: 1 } }, 'warn'],
    ['a dead primary of a group', 'group', { kind: 'emergency', source: null, seen: { name: 's', settings: { group_replication_group_name: 'g' }, clients: 1 } }, 'warn'],
    ['prepared XA', 'standby-xa', { standby: server('t', { preparedXa: ['x'] }) }, 'warn'],
    ['transactions on their way', 'source-complete', { unshown: set(`${S}:11`), source: server('s', { semiSync: both({ waiting: 1 }, null) }), standby: server('t', { semiSync: both({}, true) }) }, 'warn'],
    ['transactions that the source has lost', 'source-complete', { unshown: set(`${S}:11-12`) }, 'fail'],
  ])('%s', (_what, id, change, status) => {
    const found = surroundingPreconditions(reading(change)).find((one) => one.id === id);
    expect(found?.status).toBe(status);
    for (const language of ['en', 'zh-CN'] as const) for (const text of [found?.title, found?.measured, found?.remedy]) expect(text === null || text === undefined ? '' : translator(language).message(text)).not.toMatch(/[{}]|undefined|^$/);
  });
});

it('a replica that does not answer is named, and one without a link is none', async () => {
  const link = { Source_Host: 'db1', Replica_IO_Running: 'Yes', Replica_SQL_Running: 'Yes', Source_SSL_Allowed: 'Yes', Executed_Gtid_Set: '' };
  const fleet: Pick<Fleet, 'instance' | 'withSession'> = {
    instance: (id) => ({ ...member(2).instance, id, name: `replica ${id}` }),
    withSession: (id, use) => (id === 'silent' ? Promise.reject(new Error('no answer')) : use(fakeSession(id, (sql) => (sql.includes('STATUS') && id === 'a' ? [link] : []), '9.7.0'))),
  };
  const fates: Parameters<typeof replicaSurroundings>[1] = { siblingIds: ['a', 'silent'], keptIds: ['alone'], behindIds: [], olderIds: [] };
  expect(await replicaSurroundings(fleet as Fleet, fates)).toMatchObject({ replicas: [{ name: 'replica a' }], unread: ['replica silent'] });
});
