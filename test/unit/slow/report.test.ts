import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  hasPlaceholder, isHousekeeping, modesByDigest, modesOf, normalText, readingOf, statementItself, verbOf, withoutLiterals,
} from '../../../shared/domain/slow/normal';
import { compareReports, reportBetween, saidOfNone, type Naming } from '../../../shared/domain/slow/report';
import { bucketHigh, bucketsOf, percentile, type DigestRow, type DigestSnapshot } from '../../../shared/domain/slow/snapshot';
import { unwatchedOf } from '../../../shared/domain/slow/switches';

/** The bucket in which a server counts a latency, microseconds. */
const highs = Array.from({ length: 450 }, (_one, number) => bucketHigh(number));
const bucketOf = (micro: number): number => highs.findIndex((high) => micro < high);
const counted = (latencies: readonly number[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const one of latencies) counts[bucketOf(one)] = (counts[bucketOf(one)] ?? 0) + 1;
  return counts;
};
const exact = (latencies: readonly number[], share: number): number =>
  [...latencies].sort((a, b) => a - b)[Math.max(1, Math.ceil(share * latencies.length)) - 1] ?? 0;

describe('a percentile from buckets', () => {
  it('is that of 100,000 known latencies, too high by less than one bucket', () => {
    // Spread over seven powers of ten, the same each time.
    let state = 7;
    const latencies = Array.from({ length: 100_000 }, () => {
      state = (state * 48_271) % 2_147_483_647;
      return 10 ** (1 + 6 * (state / 2_147_483_647));
    });
    for (const share of [0.5, 0.9, 0.95, 0.99, 0.999]) {
      const [found, truth] = [percentile(bucketsOf(counted(latencies)), share) ?? 0, exact(latencies, share)];
      expect(found).toBeGreaterThanOrEqual(truth);
      expect(found / truth).toBeLessThan(10 ** (1 / 50) + 1e-9);
    }
  });

  it('is never below the truth, and in the same bucket, whatever they are', () => {
    const some = fc.array(fc.double({ min: 11, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 200 });
    const share = fc.double({ min: 0.01, max: 1, noNaN: true });
    fc.assert(fc.property(some, share, (latencies, part) => {
      const found = percentile(bucketsOf(counted(latencies)), part) ?? 0;
      expect(found).toBe(bucketHigh(bucketOf(exact(latencies, part))));
    }));
  });

  it('is nothing of nothing', () => expect(percentile([], 0.95)).toBeNull());
});

const naming: Naming = { textOf: normalText, idOf: (text) => text, isHousekeeping };
const row = (digest: string, count: number, time: number, change: Partial<DigestRow> = {}): DigestRow => ({
  digest, database: 'shop', text: `SELECT * FROM \`${digest}\``, max: time, firstSeen: 0, lastSeen: 0, buckets: null,
  counts: { count, time, lockTime: 0, errors: 0, rowsSent: count, rowsExamined: count, rowsAffected: 0, tmpTables: 0, tmpDiskTables: 0, noIndex: 0 }, ...change,
});
const snapshot = (at: number, rows: readonly DigestRow[], change: Partial<DigestSnapshot> = {}): DigestSnapshot => {
  const sum = (of: (one: DigestRow) => number): number => rows.reduce((total, one) => total + of(one), 0);
  return {
    at, startedAt: 0, rows, digests: rows.length, mostDigests: 1_000, unattributed: { count: 0, time: 0 },
    all: { count: sum(({ counts }) => counts.count), time: sum(({ counts }) => counts.time) }, ...change,
  };
};

describe('an interval', () => {
  it('is the difference of two snapshots, the most time first', () => {
    const report = reportBetween(snapshot(1_000, [row('a', 10, 1_000), row('b', 1, 50)]), snapshot(2_000, [row('a', 12, 1_300), row('b', 11, 950), row('c', 1, 100)]), naming);
    expect(report).toMatchObject({ interval: { from: 1_000, to: 2_000, begins: 'snapshot' }, count: 13, time: 1_300, unlisted: 0, unattributed: 0 });
    expect(report.statements.map(({ digest, count, time, average }) => [digest, count, time, average])).toEqual([['b', 10, 900, 90], ['a', 2, 300, 150], ['c', 1, 100, 100]]);
    expect(report.statements.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  });

  it('begins anew where the server restarted, was reset, or nothing earlier is known', () => {
    const after = snapshot(9_000_000, [row('a', 2, 20)]);
    expect(reportBetween(null, after, naming).interval).toEqual({ from: 0, to: 9_000_000, begins: 'start' });
    expect(reportBetween(snapshot(1_000, [row('a', 1, 10)], { startedAt: -6_000 }), after, naming)).toMatchObject({ interval: { begins: 'restart' }, count: 2 });
    expect(reportBetween(snapshot(1_000, [row('a', 5, 50)]), after, naming)).toMatchObject({ interval: { begins: 'restart' }, count: 2 });
  });

  it('says that nothing ran only where all that ran is known', () => {
    const nothing = reportBetween(snapshot(1_000, []), snapshot(2_000, []), naming);
    expect(saidOfNone(nothing)).toBe('slow.headline.none');
    const whole = { all: { count: 9, time: 900 } };
    expect(saidOfNone(reportBetween(snapshot(1_000, []), snapshot(2_000, [], whole), naming))).toBe('slow.headline.unseen');
    expect(saidOfNone(reportBetween(snapshot(1_000, []), snapshot(2_000, [], { ...whole, unattributed: { count: 9, time: 900 } }), naming))).toBe('slow.headline.unseen');
    expect(saidOfNone(reportBetween(snapshot(1_000, []), snapshot(2_000, [], { prepared: { count: 1, time: 1 } }), naming))).toBe('slow.headline.unseen');
  });

  it('counts on where the picoseconds of a server, in 64 bits, began anew; a clock that went back a little gives nothing', () => {
    const wraps = 2 ** 64 / 1e6;
    const report = reportBetween(snapshot(1_000, [row('a', 10, wraps - 400)]), snapshot(2_000, [row('a', 12, 600)]), naming);
    expect(report.statements[0]).toMatchObject({ count: 2, time: 1_000, average: 500 });
    const back = reportBetween(snapshot(1_000, [row('a', 10, 1_000)]), snapshot(2_000, [row('a', 12, 990)]), naming);
    expect(back.statements[0]).toMatchObject({ count: 2, time: 0 });
  });

  it('has the runs of prepared statements beside it, also where the digests were reset and they were not', () => {
    const prepared = (count: number, time: number): Partial<DigestSnapshot> => ({ prepared: { count, time } });
    const [first, second] = [snapshot(1_000, [row('a', 10, 1_000)], prepared(5, 500)), snapshot(2_000, [row('a', 11, 1_100)], prepared(9, 800))];
    expect(reportBetween(first, second, naming)).toMatchObject({ count: 5, time: 400, prepared: { count: 4, share: 0.75 }, unlisted: 0, unattributed: 0 });
    const reset = snapshot(2_000, [row('a', 1, 100)], prepared(9, 800));
    expect(reportBetween(first, reset, naming)).toMatchObject({ interval: { begins: 'restart' }, count: 5, time: 400, prepared: { count: 4, share: 0.75 } });
    expect(reportBetween(null, second, naming)).toMatchObject({ count: 20, time: 1_900, prepared: { count: 9 } });
    expect(reportBetween(second, snapshot(3_000, [row('a', 12, 1_200)]), naming)).toMatchObject({ count: 1, prepared: { count: 0, share: 0 } });
  });

  it('tells no percentile where the histogram holds a part of the runs, or was emptied since', () => {
    const with10 = row('a', 10, 100, { buckets: { 5: 10 } });
    expect(reportBetween(snapshot(1_000, [with10]), snapshot(2_000, [row('a', 14, 140, { buckets: { 5: 10, 9: 4 } })]), naming).statements[0]?.p95).toBe(bucketHigh(9));
    expect(reportBetween(snapshot(1_000, [with10]), snapshot(2_000, [row('a', 14, 140, { buckets: { 9: 1 } })]), naming).statements[0]?.p95).toBeNull();
    expect(reportBetween(null, snapshot(2_000, [row('a', 14, 140, { buckets: { 9: 1 } })]), naming).statements[0]?.p95).toBeNull();
  });

  it('counts a row anew that was thrown out of the table and came again', () => {
    const report = reportBetween(snapshot(1_000, [row('a', 9, 90), row('b', 1, 10)]), snapshot(2_000, [row('a', 2, 20), row('b', 99, 990)]), naming);
    expect(report.statements.find(({ digest }) => digest === 'a')).toMatchObject({ count: 2, time: 20 });
  });

  it('counts anew what was reset and has overtaken its old counts: one row, or all of them', () => {
    const before = snapshot(1_000, [row('a', 5, 50), row('b', 5, 50)]);
    const one = reportBetween(before, snapshot(9_000, [row('a', 9, 90, { firstSeen: 5_000 }), row('b', 6, 60)]), naming);
    expect(one.statements.map(({ digest, count }) => [digest, count])).toEqual([['a', 9], ['b', 1]]);
    const all = reportBetween(before, snapshot(9_000, [row('a', 9, 90, { firstSeen: 5_000 }), row('b', 8, 80, { firstSeen: 5_000 })]), naming);
    expect(all).toMatchObject({ interval: { begins: 'restart' }, count: 17 });
    // A second that was rounded up is no reset.
    const rounded = reportBetween(snapshot(1_985, [row('a', 5, 50)]), snapshot(9_000, [row('a', 7, 70, { firstSeen: 2_000 })]), naming);
    expect(rounded).toMatchObject({ interval: { begins: 'snapshot' }, count: 2 });
  });

  it('says nothing of a statement that was there before, below those that were listed', () => {
    const before = snapshot(100_000, [row('a', 1, 10)], { digests: 50 });
    const old = reportBetween(before, snapshot(200_000, [row('a', 2, 20), row('old', 7, 700)]), naming);
    expect(old.statements.map(({ digest }) => digest)).toEqual(['a']);
    expect(old.unlisted).toBeGreaterThan(0.9);
    const fresh = reportBetween(before, snapshot(200_000, [row('a', 2, 20), row('fresh', 7, 700, { firstSeen: 150_000 })]), naming);
    expect(fresh.statements.map(({ digest }) => digest)).toEqual(['fresh', 'a']);
  });

  it('tells the part without a digest, and a table that is nearly full', () => {
    const before = snapshot(1_000, [row('a', 1, 10)]);
    const after = snapshot(2_000, [row('a', 2, 60)], { all: { count: 3, time: 110 }, unattributed: { count: 1, time: 50 }, digests: 800 });
    expect(reportBetween(before, after, naming)).toMatchObject({ unattributed: 0.5, nearlyFull: true });
    expect(reportBetween(before, { ...after, digests: 799 }, naming).nearlyFull).toBe(false);
  });

  it('takes its percentiles from its own part of the histogram', () => {
    const before = snapshot(1_000, [row('a', 100, 1_000, { buckets: { 10: 100 } })]);
    const report = reportBetween(before, snapshot(2_000, [row('a', 200, 90_000, { buckets: { 10: 104, 150: 96 } })]), naming);
    expect(report.statements[0]).toMatchObject({ p95: bucketHigh(150), p99: bucketHigh(150) });
    expect(reportBetween(snapshot(1_000, [row('a', 100, 1_000)]), snapshot(2_000, [row('a', 200, 90_000, { buckets: { 10: 104 } })]), naming).statements[0]?.p95).toBeNull();
  });

  it('is never negative, and parts never make more than the whole', () => {
    const rows = fc.uniqueArray(fc.record({ digest: fc.constantFrom('a', 'b', 'c', 'd'), count: fc.nat(50), time: fc.nat(5_000) }), { selector: ({ digest }) => digest });
    fc.assert(fc.property(rows, rows, (one, other) => {
      const [before, after] = [one, other].map((some, at) => snapshot(1_000 * (at + 1), some.map(({ digest, count, time }) => row(digest, count, time))));
      const report = reportBetween(before ?? null, after ?? snapshot(0, []), naming);
      for (const { count, time, share } of report.statements) expect(count > 0 && time >= 0 && share >= 0 && share <= 1).toBe(true);
      expect(report.unlisted).toBeLessThanOrEqual(1);
    }));
  });

  it('is compared with another one', () => {
    const now = reportBetween(null, snapshot(2_000, [row('a', 10, 3_000), row('b', 10, 100), row('c', 10, 1_000), row('d', 2, 900)]), naming);
    const before = reportBetween(null, snapshot(1_000, [row('a', 10, 1_000), row('c', 10, 1_100), row('d', 10, 10)]), naming);
    expect(compareReports(now, before).map(({ statement, change, averageBefore }) => [statement.digest, change, averageBefore]))
      .toEqual([['a', 'slower', 100], ['c', 'same', 110], ['d', 'same', 1], ['b', 'unlisted', null]]);
    // What the server saw first since then is new, and nothing else is called so.
    const fresh = reportBetween(null, snapshot(9_000, [row('b', 10, 100, { firstSeen: 5_000 })]), naming);
    expect(compareReports(fresh, before)[0]?.change).toBe('new');
  });
});

describe('the text of a statement', () => {
  it.each([
    ['SELECT `a` FROM `d` . `t` WHERE `id` IN (...) AND `sleep` (?) = ? ', 'SELECT a FROM d.t WHERE id IN (?) AND sleep(?) = ?'],
    ['SELECT `a` FROM `d` . `t` WHERE `id` IN (?) AND `sleep` (?) = ?', 'SELECT a FROM d.t WHERE id IN (?) AND sleep(?) = ?'],
    ['INSERT INTO `t` VALUES (...) /* , ... */ ', 'INSERT INTO t VALUES (?)'],
    ['INSERT INTO `t` VALUES (?)', 'INSERT INTO t VALUES (?)'],
    ['INSERT INTO `t` VALUES (?) , (?) , (?)', 'INSERT INTO t VALUES (?)'],
    ['SELECT `CONCAT_WS` (?, `f` (?) , `f` (?) , `g` (?, ?) , `h` ( `a` ))', 'SELECT CONCAT_WS(?, f(?), f(?), g(?), h(a))'],
    ['SELECT * FROM `odd name` WHERE `x` = - ?', 'SELECT * FROM `odd name` WHERE x = ?'],
  ])('%s', (digestText, normal) => {
    expect(normalText(digestText)).toBe(normal);
    expect(normalText(normal)).toBe(normal);
  });

  it('never fails, and comes to rest', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
      expect(typeof normalText(text)).toBe('string');
      expect(typeof verbOf(text)).toBe('string');
    }));
  });

  it('is told without its literals, and without its comments', () => {
    expect(withoutLiterals("SELECT /* 'pw' */ * FROM t WHERE a = 'x''y' AND b IN (1, 0x1F) -- c")).toBe('SELECT  * FROM t WHERE a = ? AND b IN (?, ?) ');
  });

  it.each([['SELECT `a` FROM `t`', false], ['SHOW GLOBAL STATUS', true], ['SELECT * FROM `performance_schema` . `threads`', true], ['SELECT @@`version`', true], ['COMMIT', true], ['SELECT NOW (?) , @@GLOBAL . `port`', true], ['SELECT @@`sql_mode` , `a` FROM `t`', false], ['SELECT `cat` . `name` AS `TABLE_CATALOG` FROM `x`', true], ['SELECT `showing` FROM `t`', false]])('%s serves an application or the server', (text, own) => {
    expect(isHousekeeping(text)).toBe(own);
  });

  it.each([
    ['EXECUTE SELECT `a` FROM `t`', 'SELECT `a` FROM `t`'], ['PREPARE (SELECT ?)', '(SELECT ?)'], ['EXECUTE `p` USING @x', 'EXECUTE `p` USING @x'], ['PREPARE selected FROM ?', 'PREPARE selected FROM ?'],
  ])('%s stands for %s', (text, itself) => expect(statementItself(text)).toBe(itself));

  it('serves the server also where it was prepared', () => expect(['EXECUTE SELECT @@port', 'EXECUTE SHOW STATUS', 'EXECUTE SELECT 1'].map(isHousekeeping)).toEqual([true, true, false]));

  it.each([['(SELECT 1)', 'SELECT'], ['/* x */ with a as (select 1) select 2', 'WITH'], ["'x'", ''], ['', '']])('%s begins with %s', (sql, verb) => expect(verbOf(sql)).toBe(verb));
});

describe('what keeps a server from telling', () => {
  const on = { performanceSchema: true, digestConsumer: true, uncountedKinds: 0, countsEverybody: true, mostDigests: 1_000, slowLog: true, longQuerySeconds: 10, logOutput: 'FILE', hasHistograms: true, canPersist: true };
  it.each([
    [{}, []], [{ performanceSchema: false, slowLog: false }, ['performance-schema blocks', 'log-table notes']], [{ digestConsumer: false }, ['digests blocks']],
    [{ mostDigests: 0 }, ['table-size blocks']], [{ slowLog: false, hasHistograms: false }, ['slow-log notes', 'no-histograms notes']],
  ])('%j', (change, found) => {
    expect(unwatchedOf({ ...on, ...change }).map(({ cause, severity }) => `${cause} ${severity}`)).toEqual(found);
  });

  it('is turned on in the words of the series', () => {
    expect(unwatchedOf({ ...on, slowLog: false })[0]?.cure).toContain('SET PERSIST slow_query_log');
    expect(unwatchedOf({ ...on, slowLog: false, canPersist: false })[0]?.cure).toContain('SET GLOBAL slow_query_log');
  });
});

describe('where the literals of a statement end', () => {
  const escaped = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const doubled = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  const texts = fc.array(fc.string({ unit: fc.constantFrom('\\', "'", 'x', ' ', '%'), maxLength: 8 }), { minLength: 1, maxLength: 5 });

  it('is found whether a backslash escapes or not, and no secret is left', () => {
    fc.assert(fc.property(texts, fc.constantFrom(escaped, doubled), (some, quoted) => {
      const sql = some.map((text, at) => `c${at} = ${quoted(`${text}secret${text}`)}`).join(' AND ');
      expect(withoutLiterals(sql)).not.toContain('secret');
      const modes = modesOf(sql);
      if (modes !== null && quoted === doubled) expect(withoutLiterals(sql)).toBe(some.map((_text, at) => `c${at} = ?`).join(' AND '));
    }), { numRuns: 3_000 });
  });

  it('hides what follows the first doubtful one of a text that is cut, and of one where neither reading is whole', () => {
    const cut = "SELECT a FROM t WHERE b = 7 AND p = 'C:\\' AND q = 'secret...";
    expect(withoutLiterals("SELECT a FROM t WHERE p = 'C:\\' AND q = `a AND r = \\' secret '")).toBe('SELECT a FROM t WHERE p = ?');
    expect(withoutLiterals("SELECT a FROM t WHERE p = 'a\\nb' AND q = 'secret...")).toBe('SELECT a FROM t WHERE p = ? AND q = ?');
    expect([modesOf(cut), withoutLiterals(cut)]).toEqual([null, 'SELECT a FROM t WHERE b = ? AND p = ?']);
    expect(hasPlaceholder("SELECT a FROM t WHERE p = 'C:\\' AND q = ?")).toBe(true);
  });

  it('is told by the digest of the server too, and so is what names stand in double quotes', () => {
    const digest = 'SELECT `a` FROM `t` WHERE `b` = ? AND `odd ``name` = ?';
    expect(modesByDigest('SELECT "a" FROM t WHERE "b" = \'x\' AND "odd `name" = 3', digest)).toEqual({ ansiQuotes: true });
    expect(modesByDigest('SELECT a FROM t WHERE b = "x\\" AND `odd ``name` = "y"', digest)).toEqual({ noBackslashEscapes: true });
    expect(modesByDigest("SELECT a FROM t WHERE b = 'it\\'s' AND `odd ``name` = 2", digest)).toEqual({});
    expect(modesByDigest("SELECT a FROM t WHERE b = 'C:\\'", 'of another form')).toEqual({ noBackslashEscapes: true });
  });

  it('is that of the reading of its bytes in which quotes stand in their places', () => {
    expect(readingOf(["a = '縗' AND b = 'x'", "a = '¿\\' AND b = 'x'"])).toBe("a = '縗' AND b = 'x'");
    expect(readingOf(["a = '閠", "a = 'ét'"])).toBe("a = 'ét'");
    expect(readingOf(["a = 'x", "b = 'y"])).toBe("a = 'x");
  });
});
