import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { basisOf, hasReached, isBeyond, levelsOf, settingOf, stepsOf, undoSettingOf, type GtidLink, type GtidMember, type GtidServer, type GtidTopology } from '../../../shared/domain/operations/gtid-change';
import { canBePlanned, gtidPreconditions, membersOf } from '../../../shared/domain/operations/gtid-change-preconditions';
import { dialectFor } from '../../../electron/mysql/dialect/dialect';
import { settingStatements, undoStatements } from '../../../electron/operations/gtid/settings';
import { parseServerVersion } from '../../../shared/domain/fleet/version';
import { translator } from '../../../shared/i18n/translate';
import { gtidRequest } from '../../../shared/contract/inputs';

const A = '00000000-0000-0000-0000-00000000000a';
const B = '00000000-0000-0000-0000-00000000000b';

const link = (sourceId: string | null, change: Partial<GtidLink> = {}): GtidLink => ({ channel: '', sourceId, source: sourceId ?? 'db9:3306', autoPosition: false, trouble: null, delaySeconds: 0, assignsGtids: false, ...change });
const server = (id: string, change: Partial<GtidServer> = {}): GtidServer => ({
  id, name: id, uuid: id === 'a' ? A : B, version: '8.4.3', online: true, mode: 'OFF', consistency: 'OFF', executed: '', anonymous: 0, links: [], strangers: [], missing: [], configLines: [],
  persisted: { mode: null, consistency: null }, ...change,
});
const topology = (servers: readonly GtidServer[], change: Partial<GtidTopology> = {}): GtidTopology => ({ sourceId: 'a', servers, away: [], unknown: [], ...change });
const pair = (source: Partial<GtidServer> = {}, replica: Partial<GtidServer> = {}, follows: Partial<GtidLink> = {}): GtidTopology => topology([server('a', source), server('b', { links: [link('a', follows)], ...replica })]);
const member = (change: Partial<GtidMember> = {}): GtidMember => ({ id: 'a', name: 'a', mode: 'OFF', consistency: 'OFF', persisted: { mode: null, consistency: null }, configLines: [], links: [], ...change });

describe('what must hold before', () => {
  const on = { mode: 'ON', consistency: 'ON' } as const;
  const cases: readonly [string, GtidTopology, string, 'pass' | 'warn' | 'fail', string?][] = [
    ['a pair that replicates', pair(), 'replication', 'pass'],
    ['a replica that does not answer', topology([server('a')], { away: [{ id: 'b', name: 'b', error: { code: 'tcp-refused', params: { host: 'db2', port: 3306 }, detail: 'ECONNREFUSED' } }] }), 'reachable', 'fail', 'b (ECONNREFUSED)'],
    ['an instance that was never read and does not answer', topology([server('a')], { unknown: ['c'] }), 'reachable', 'warn', 'c'],
    ['all of them read', pair(), 'reachable', 'pass', '2'],
    ['5.7.6 and newer', pair({ version: '5.7.44' }), 'versions', 'pass', '5.7.44, 8.4.3'],
    ['a 5.6 among them', pair({}, { version: '5.6.51', online: false }), 'versions', 'fail', 'b (5.6.51)'],
    ['a replica that is not registered', pair({ strangers: ['10.0.0.9:3306 (repl, server_id 7)'] }), 'registered', 'fail', 'a → 10.0.0.9:3306'],
    ['a source that is not registered', topology([server('b', { links: [link(null)] })]), 'registered', 'fail', 'db9:3306 → b'],
    ['a circle', topology([server('a', { links: [link('b')] }), server('b', { links: [link('a')] })]), 'order', 'fail', 'a, b'],
    ['a replica with two sources', topology([server('a'), server('c'), server('b', { links: [link('a'), link('c', { channel: 'c' })] })]), 'order', 'pass'],
    ['replication that has stopped', pair({}, {}, { trouble: 'Duplicate entry' }), 'replication', 'fail', 'b: Duplicate entry'],
    ['a replica that is late on purpose', pair({}, {}, { delaySeconds: 3600 }), 'replication', 'warn', '3600 s'],
    ['a login without the rights', pair({ missing: ['SYSTEM_VARIABLES_ADMIN'] }), 'privileges', 'fail', 'a: SYSTEM_VARIABLES_ADMIN'],
    ['equal histories', pair({ executed: `${A}:1-9` }, { executed: `${A}:1-9` }), 'history', 'pass'],
    ['a replica that lacks a GTID of its source', pair({ executed: `${A}:1-9` }, { executed: `${A}:1-8` }), 'history', 'fail', 'b − 00000000…:9'],
    ['a replica that has a GTID of its source to come', pair({ executed: `${A}:1-9` }, { executed: `${A}:1-10` }), 'history', 'fail', 'b + 00000000…:10'],
    ['a replica with GTIDs of its own', pair({}, { executed: `${B}:1-3` }), 'history', 'warn', 'b + 00000000…:1-3'],
    ['a set that is no set', pair({ executed: 'nonsense' }), 'history', 'fail'],
    ['histories while GTIDs are made', pair({ mode: 'ON_PERMISSIVE', executed: `${A}:1-9` }, { mode: 'ON_PERMISSIVE', executed: '' }), 'history', 'pass'],
    ['a replica that makes GTIDs by itself', pair({}, {}, { assignsGtids: true }), 'assign', 'fail', 'b'],
    ['an anonymous transaction under way', pair({ anonymous: 3 }), 'anonymous', 'warn', 'a: 3'],
    ['everything on already', pair(on, on, { autoPosition: true }), 'needed', 'fail'],
    ['everything on, but a replica by position', pair(on, on), 'needed', 'pass'],
  ];
  it.each(cases)('%s', (_what, given, id, status, measured) => {
    const found = gtidPreconditions(given).find((one) => one.id === id);
    expect(found?.status).toBe(status);
    if (measured !== undefined && found !== undefined) expect(translator('en').message(found.measured)).toContain(measured);
    for (const language of ['en', 'zh-CN'] as const) {
      const t = translator(language);
      for (const one of gtidPreconditions(given)) for (const text of [one.title, one.measured, ...(one.remedy === null ? [] : [one.remedy])]) expect(t.message(text)).not.toMatch(/[{}]/);
    }
  });

  it('steps are named only where every server can take them', () => {
    expect(canBePlanned(pair())).toBe(true);
    expect(canBePlanned(pair({}, { online: false }))).toBe(false);
    expect(canBePlanned(topology([server('b', { links: [link(null)] })]))).toBe(false);
    expect(canBePlanned(topology([server('a', { links: [link('b')] }), server('b', { links: [link('a')] })]))).toBe(false);
    expect(canBePlanned(topology([server('a')], { away: [{ id: 'b', name: 'b', error: { code: 'cancelled', params: { what: '' } } }] }))).toBe(false);
  });
});

describe('the ladder', () => {
  const all = ['warn', 'watch', 'enforce', 'off-permissive', 'on-permissive', 'drain', 'on', 'auto-position', 'confirm'];
  const follows = [{ channel: '', sourceId: 'a', autoPosition: false }];
  it.each([
    ['everything off', [member(), member({ id: 'b', links: follows })], all],
    ['one server alone', [member()], all.filter((step) => step !== 'auto-position')],
    ['consistency on already', [member({ consistency: 'ON' })], ['off-permissive', 'on-permissive', 'drain', 'on', 'confirm']],
    ['consistency at WARN', [member({ consistency: 'WARN' })], ['watch', 'enforce', 'off-permissive', 'on-permissive', 'drain', 'on', 'confirm']],
    ['begun by somebody: one further than the other', [member({ mode: 'ON_PERMISSIVE', consistency: 'ON' }), member({ id: 'b', mode: 'OFF_PERMISSIVE', consistency: 'ON' })], ['on-permissive', 'drain', 'on', 'confirm']],
    ['all ON, a replica by position', [member({ mode: 'ON', consistency: 'ON' }), member({ id: 'b', mode: 'ON', consistency: 'ON', links: follows })], ['auto-position', 'confirm']],
  ] as const)('%s', (_what, members, steps) => {
    expect(stepsOf(members)).toEqual(steps);
  });

  it('goes back one rung at a time, and never below where the server stood', () => {
    const steps = ['warn', 'enforce', 'off-permissive', 'on-permissive', 'on'] as const;
    const way = (before: GtidMember): string[] => steps.map((step) => `${settingOf(step, before)?.value ?? '—'}/${undoSettingOf(step, before)?.value ?? '—'}${undoSettingOf(step, before)?.last === true ? '!' : ''}`);
    expect(way(member())).toEqual(['WARN/OFF!', 'ON/WARN', 'OFF_PERMISSIVE/OFF!', 'ON_PERMISSIVE/OFF_PERMISSIVE', 'ON/ON_PERMISSIVE']);
    expect(way(member({ consistency: 'WARN', mode: 'OFF_PERMISSIVE' }))).toEqual(['—/—', 'ON/WARN!', '—/—', 'ON_PERMISSIVE/OFF_PERMISSIVE!', 'ON/ON_PERMISSIVE']);
    expect(way(member({ consistency: 'ON', mode: 'ON' }))).toEqual(['—/—', '—/—', '—/—', '—/—', '—/—']);
  });

  it('leaves a server alone that is there, or beyond', () => {
    const setting = settingOf('on-permissive', member());
    if (setting === null) throw new Error('no setting');
    const at = (mode: GtidMember['mode'], way: 'up' | 'down'): boolean => isBeyond(setting, { mode, consistency: 'ON' }, way);
    expect(['OFF', 'OFF_PERMISSIVE', 'ON_PERMISSIVE', 'ON'].map((mode) => at(mode as GtidMember['mode'], 'up'))).toEqual([false, false, true, true]);
    expect(['OFF', 'OFF_PERMISSIVE', 'ON_PERMISSIVE', 'ON'].map((mode) => at(mode as GtidMember['mode'], 'down'))).toEqual([true, true, true, false]);
  });

  it('sets it for good where the server can keep it, and leaves nothing persisted that was not', () => {
    const sql = (version: string, before: GtidMember, step: 'off-permissive' | 'on', way: 'up' | 'down'): string[] => {
      const setting = way === 'up' ? settingOf(step, before) : undoSettingOf(step, before);
      if (setting === null) return [];
      const dialect = dialectFor(parseServerVersion(version));
      return (way === 'up' ? settingStatements(dialect, setting) : undoStatements(dialect, before, setting)).map((statement) => statement.sql);
    };
    expect(sql('8.4.3', member(), 'on', 'up')).toEqual(["SET PERSIST gtid_mode = 'ON'"]);
    expect(sql('5.7.44', member(), 'on', 'up')).toEqual(["SET GLOBAL gtid_mode = 'ON'"]);
    expect(sql('8.4.3', member(), 'on', 'down')).toEqual(["SET PERSIST gtid_mode = 'ON_PERMISSIVE'"]);
    expect(sql('8.4.3', member(), 'off-permissive', 'down')).toEqual(["SET GLOBAL gtid_mode = 'OFF'", 'RESET PERSIST IF EXISTS gtid_mode']);
    expect(sql('8.4.3', member({ persisted: { mode: 'OFF', consistency: null } }), 'off-permissive', 'down')).toEqual(["SET PERSIST gtid_mode = 'OFF'"]);
    expect(sql('8.4.3', member({ persisted: { mode: 'ON', consistency: null } }), 'off-permissive', 'down')).toEqual(["SET GLOBAL gtid_mode = 'OFF'", "SET PERSIST_ONLY gtid_mode = 'ON'"]);
    expect(sql('5.7.44', member(), 'off-permissive', 'down')).toEqual(["SET GLOBAL gtid_mode = 'OFF'"]);
  });
});

describe('the order of servers', () => {
  it('is from the sources down, whatever order they come in', () => {
    const servers = [server('c', { links: [link('b')] }), server('d', { links: [link('a')] }), server('b', { links: [link('a')] }), server('a')];
    expect(levelsOf(servers)?.map((level) => level.map(({ id }) => id))).toEqual([['a'], ['d', 'b'], ['c']]);
    expect(membersOf(topology(servers)).map(({ id }) => id)).toEqual(['a', 'd', 'b', 'c']);
  });

  it('is none where they follow each other', () => {
    expect(levelsOf([server('a', { links: [link('b')] }), server('b', { links: [link('a')] })])).toBeNull();
    expect(levelsOf([server('a', { links: [link('a')] })])).toBeNull();
  });
});

it.each([
  [{ file: 'binlog.000009', position: 900 }, { file: 'binlog.000010', position: 4 }, false],
  [{ file: 'binlog.000010', position: 4 }, { file: 'binlog.000009', position: 900 }, true],
  [{ file: 'binlog.999999', position: 4 }, { file: 'binlog.1000000', position: 4 }, false],
  [{ file: 'binlog.000010', position: 157 }, { file: 'binlog.000010', position: 157 }, true],
  [{ file: 'binlog.000010', position: 156 }, { file: 'binlog.000010', position: 157 }, false],
  [{ file: '', position: 0 }, { file: 'binlog.000001', position: 4 }, false],
  [{ file: 'nonsense', position: 10 }, { file: 'nonsense', position: 4 }, false],
])('an applier at %j has reached %j: %s', (at, wanted, reached) => {
  expect(hasReached(at, wanted)).toBe(reached);
});

describe('a plan is outdated', () => {
  const base = basisOf(pair());
  it.each([
    ['by a server that moved', pair({ mode: 'OFF_PERMISSIVE' })],
    ['by another server at the same place', pair({ uuid: B })],
    ['by a replica that follows by GTID now', pair({}, {}, { autoPosition: true })],
    ['by a server that joined', topology([...pair().servers, server('c', { links: [link('a')] })])],
    ['by a server that went away', topology([server('a')], { away: [{ id: 'b', name: 'b', error: { code: 'cancelled', params: { what: '' } } }] })],
  ])('%s', (_what, now) => {
    expect(basisOf(now)).not.toBe(base);
  });
  it('but not by transactions that went on', () => {
    expect(basisOf(pair({ executed: `${A}:1-9`, anonymous: 7 }))).toBe(base);
    expect(basisOf(topology([...pair().servers].reverse()))).toBe(base);
  });
});

describe('the watch for violations', () => {
  it.each([[0, true], [604_800, true], [604_801, false], [-1, false], [1.5, false]])('of %s s: %s', (watchSeconds, allowed) => {
    expect(v.safeParse(gtidRequest, { instanceId: 'i1', watchSeconds }).success).toBe(allowed);
  });
});
