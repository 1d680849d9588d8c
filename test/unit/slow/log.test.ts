// What a server logged as slow, counted by statement; and what one statement cost over time.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logDigest, loggedForm, nearerMoment, placeAfter, withLogged, type LoggedStatement } from '../../../shared/domain/slow/log';
import { normalText } from '../../../shared/domain/slow/normal';
import { reportBetween, type Naming } from '../../../shared/domain/slow/report';
import { bucketHigh, bucketOf, type DigestRow, type DigestSnapshot } from '../../../shared/domain/slow/snapshot';
import { logsToTable, unwatchedOf, type WatchSwitches } from '../../../shared/domain/slow/switches';
import { evenly, trendPoint } from '../../../shared/domain/slow/trend';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const line = (at: number, sql: string, time: number, change: Partial<LoggedStatement> = {}): LoggedStatement =>
  ({ place: `p${at}`, mark: `m${at}`, at, database: 'shop', sql, time, lockTime: 1, rowsSent: 2, rowsExamined: 3, ...change });
const naming: Naming = { textOf: normalText, idOf: (text) => text, isHousekeeping: () => false };
const start = { time: 'p0', seen: 0 };

describe('the slow query log', () => {
  const statements = fc.array(fc.record({ kind: fc.integer({ min: 0, max: 5 }), time: fc.integer({ min: 0, max: 1e9 }) }), { maxLength: 60 });

  it('read in pieces counts what it counts at once, and the difference is what was logged in between', () => {
    fc.assert(fc.property(statements, statements, (first, second) => {
      const lines = (some: typeof first, from: number): LoggedStatement[] => some.map(({ kind, time }, at) => line(from + at, `SELECT c${kind} FROM t WHERE id = ${at}`, time));
      const [one, other] = [lines(first, 1_000), lines(second, 9_000)];
      const before = withLogged(null, one, { at: 5_000, place: placeAfter(start, one), hash });
      const after = withLogged(before, other, { at: 20_000, place: placeAfter(before.log ?? start, other), hash });
      const whole = withLogged(null, [...one, ...other], { at: 20_000, place: placeAfter(start, [...one, ...other]), hash });
      expect(after.all).toEqual(whole.all);
      expect(new Map(after.rows.map((row) => [row.digest, row]))).toEqual(new Map(whole.rows.map((row) => [row.digest, row])));
      const report = reportBetween(before, after, naming);
      for (const kind of new Set(second.map((each) => each.kind))) {
        const mine = second.filter((each) => each.kind === kind);
        const found = report.statements.find(({ text }) => text.includes(`c${kind} `));
        expect([found?.count, found?.time]).toEqual([mine.length, mine.reduce((sum, { time }) => sum + time, 0)]);
      }
    }));
  });

  it('counts one statement as one, however its keywords and literals are written, and two tables as two', () => {
    const of = (sql: string, database = 'shop'): string => loggedForm(sql, database, hash).digest;
    expect(of("select a from t where b = 'x' and c in (1, 2, 3)")).toBe(of('SELECT a FROM t WHERE b = 7 AND c IN (4)'));
    expect(of('SELECT a FROM t WHERE a <> 5')).toBe(of('SELECT `a` FROM `t` WHERE `a` != ?'));
    expect(normalText('SELECT `a` <= ? , `b` <> ? , `c` := ? , `d` <=> - ? , `e` ->> ?')).toBe('SELECT a <= ?, b != ?, c := ?, d <=> ?, e ->> ?');
    expect(of('SELECT a FROM t')).not.toBe(of('SELECT a FROM u'));
    expect(of('SELECT a FROM t')).not.toBe(of('SELECT a FROM t', 'crm'));
    expect(of('SELECT `a` FROM `t` WHERE `b` = 5')).toBe(logDigest(normalText('SELECT `a` FROM `t` WHERE `b` = ?'), 'shop', hash));
  });

  it('keeps no literal, and tells very long statements apart by their beginning', () => {
    const row = withLogged(null, [line(1, `SELECT 'secret' /* password */ FROM t -- ${'x'.repeat(99)}`, 5)], { at: 2, place: start, hash });
    expect(JSON.stringify(row)).not.toMatch(/secret|password/);
    const long = (cut: number): string => loggedForm(`SELECT * FROM t WHERE ${'a = 1 OR '.repeat(cut)}`, '', hash).digest;
    expect(long(5_000)).toBe(long(5_001));
  });

  it('is read on past as many lines as were read', () => {
    const at = (place: string): LoggedStatement => line(1, 'SELECT 1', 1, { place });
    expect(placeAfter(start, [])).toEqual(start);
    const first = placeAfter(start, [at('a'), at('b'), at('b')]);
    expect(first).toEqual({ time: 'p0', seen: 3, last: 'm1' });
    expect(placeAfter(first, [])).toEqual(first);
    expect(placeAfter(first, [line(7, 'SELECT 1', 1, { place: 'a' })])).toEqual({ time: 'p0', seen: 4, last: 'm7' });
  });

  it('is told by the lines of its last minute, whose order is not that of their moments', () => {
    const at = (place: string): LoggedStatement => line(1, 'SELECT 1', 1, { place });
    const from = { time: '2026-11-29 00:00:00', seen: 9 };
    expect(nearerMoment(from, [at('2026-11-30 00:00:31.000001'), at('2026-11-30 00:00:30.999999')])).toBe('2026-11-29 23:59:31.000001');
    expect(nearerMoment(from, [at('2026-11-30 00:00:31')])).toBe('2026-11-29 23:59:31');
    expect([nearerMoment(from, []), nearerMoment(from, [at('2026-11-29 00:00:40')]), nearerMoment(from, [at('')])]).toEqual([null, null, null]);
  });

  it('puts a latency into the bucket that a server would', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 9e9, noNaN: true }), (micro) => {
      const bucket = bucketOf(micro);
      expect(micro).toBeLessThan(bucketHigh(bucket));
      if (bucket > 0) expect(micro).toBeGreaterThanOrEqual(bucketHigh(bucket - 1));
    }));
  });

  const switches: WatchSwitches = {
    performanceSchema: false, digestConsumer: null, uncountedKinds: 0, countsEverybody: true, mostDigests: 0, slowLog: true, longQuerySeconds: 1, logOutput: 'FILE', hasHistograms: false, canPersist: false,
  };
  it('is read where it goes to a table, whatever else it goes to; else what turns that on is told', () => {
    expect(['TABLE', 'FILE,TABLE', 'table', 'FILE', 'NONE', 'TABLE,NONE', ''].map((logOutput) => logsToTable({ ...switches, logOutput }))).toEqual([true, true, true, false, false, false, false]);
    expect(logsToTable({ ...switches, logOutput: 'TABLE', slowLog: false })).toBe(false);
    expect(unwatchedOf(switches).map(({ cause, cure }) => [cause, cure])).toEqual([
      ['performance-schema', '[mysqld]\nperformance_schema = ON'],
      ['log-table', "SET GLOBAL log_output = 'TABLE,FILE';\nSET GLOBAL long_query_time = 1;\nSET GLOBAL slow_query_log = ON;"],
    ]);
    expect(unwatchedOf({ ...switches, logOutput: 'TABLE' }).map(({ cause }) => cause)).toEqual(['performance-schema']);
  });
});

const row = (digest: string, count: number, time: number, change: Partial<DigestRow> = {}): DigestRow => ({
  digest, database: 'shop', text: digest, max: time, firstSeen: 0, lastSeen: 0, buckets: null,
  counts: { count, time, lockTime: 0, errors: 0, rowsSent: 0, rowsExamined: 0, rowsAffected: 0, tmpTables: 0, tmpDiskTables: 0, noIndex: 0 }, ...change,
});
const snapshot = (at: number, rows: readonly DigestRow[], change: Partial<DigestSnapshot> = {}): DigestSnapshot => ({
  at, startedAt: 0, rows, digests: rows.length, mostDigests: 100, unattributed: { count: 0, time: 0 },
  all: { count: rows.reduce((sum, { counts }) => sum + counts.count, 0), time: 1 }, ...change,
});

describe('a trend', () => {
  const of = { digest: 'a', database: 'shop' };
  const other = row('b', 50, 50);

  it('has what ran between two snapshots, nothing where it did not run, and a gap where nothing is known', () => {
    const first = snapshot(60_000, [row('a', 10, 1_000), other]);
    expect(trendPoint(first, snapshot(120_000, [row('a', 14, 1_800), other]), of)).toEqual({ from: 60_000, to: 120_000, count: 4, average: 200, p95: null });
    expect(trendPoint(first, snapshot(120_000, [row('a', 10, 1_000), row('b', 60, 60)]), of)).toMatchObject({ count: 0, average: null });
    expect(trendPoint(snapshot(60_000, [other]), snapshot(120_000, [other, row('a', 3, 30, { firstSeen: 90_000 })]), of)).toMatchObject({ count: 3, average: 10 });
    // Others pushed it out of those that are listed: whether it ran is not known.
    expect(trendPoint(first, snapshot(120_000, [row('b', 99, 99)], { digests: 500, all: { count: 999, time: 9 } }), of)).toBeNull();
    // The server restarted in between.
    expect(trendPoint(first, snapshot(120_000, [row('a', 2, 20)], { startedAt: 90_000 }), of)).toBeNull();
  });

  it('is read from a few snapshots, evenly over time, the first and the last among them', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 1e6 }), { minLength: 1, maxLength: 300 }), fc.integer({ min: 2, max: 50 }), (some, most) => {
      const moments = [...some].sort((one, next) => one - next);
      const found = evenly(moments, most);
      expect([found[0], found.at(-1)]).toEqual([moments[0], moments.at(-1)]);
      expect(found.length).toBeLessThanOrEqual(most + 1);
      expect(found).toEqual([...found].sort((one, next) => one - next));
      expect(found.every((moment) => moments.includes(moment))).toBe(true);
    }));
  });
});
