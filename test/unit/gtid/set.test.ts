import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatGtid,
  GtidSet,
  GtidSetError,
  gtidSetOf,
  parseGtid,
  parseGtidSet,
  tryParseGtidSet,
} from '../../../shared/domain/gtid/set';

const A = '0a000000-0000-0000-0000-00000000000a';
const B = 'b0000000-0000-0000-0000-00000000000b';
const C = 'ff000000-0000-0000-0000-0000000000ff';
const MAX = 9_223_372_036_854_775_806n;

describe('reading', () => {
  it.each([
    ['nothing', '', ''],
    ['white space only', ' \t\n\v\f\r ', ''],
    ['commas only', ' , ,, ', ''],
    ['one transaction', `${A}:7`, `${A}:7`],
    ['an interval', `${A}:1-5`, `${A}:1-5`],
    ['an interval of one', `${A}:5-5`, `${A}:5`],
    ['adjacent intervals', `${A}:1-5:6-9`, `${A}:1-9`],
    ['overlapping intervals out of order', `${A}:8-12:1-5:4-9`, `${A}:1-12`],
    ['intervals apart', `${A}:1-5:7-9`, `${A}:1-5:7-9`],
    ['a uuid named twice', `${A}:1,${B}:4,${A}:2`, `${A}:1-2,${B}:4`],
    ['uuids out of order', `${C}:1,${A}:1`, `${A}:1,${C}:1`],
    ['upper case', `${B.toUpperCase()}:3`, `${B}:3`],
    ['no dashes', `${B.replaceAll('-', '')}:3`, `${B}:3`],
    ['braces', `{${B}}:3`, `${B}:3`],
    ['newlines between uuids, as the server prints', `${A}:1-5,\n${B}:1`, `${A}:1-5,${B}:1`],
    ['space around every token', ` , ${A} : 1 - 5 : tag : 3 , , ${B} : 2 ,`, `${A}:1-5:tag:3,${B}:2`],
    ['a uuid without interval', A, ''],
    ['a uuid and tag without interval', `${A}:tag`, ''],
    ['tags following each other', `${A}:one:two:3`, `${A}:two:3`],
    ['a tag in upper case', `${A}:TaG_1:3`, `${A}:tag_1:3`],
    ['a tag starting with _', `${A}:_1:3`, `${A}:_1:3`],
    ['a tag of 32', `${A}:${'t'.repeat(32)}:3`, `${A}:${'t'.repeat(32)}:3`],
    ['untagged before tagged', `${A}:b:1:a:1,${A}:9`, `${A}:9:a:1:b:1`],
    ['a tag that does not reach the next uuid', `${A}:t:1,${B}:2`, `${A}:t:1,${B}:2`],
    ['leading zeros', `${A}:007-010`, `${A}:7-10`],
    ['an end below the start: empty', `${A}:5-3`, ''],
    ['an end of zero: empty', `${A}:5-0`, ''],
    ['the largest number', `${A}:9223372036854775806`, `${A}:9223372036854775806`],
    ['the largest interval', `${A}:1-9223372036854775806`, `${A}:1-9223372036854775806`],
  ])('accepts %s', (_name, text, expected) => {
    expect(parseGtidSet(text).toLine()).toBe(expected);
  });

  it.each([
    ['a word', 'hello', 'uuid-expected', 0],
    ['a short uuid', A.slice(0, -1), 'uuid-expected', 35],
    ['a uuid with one dash', `${A.slice(0, 8)}-${A.slice(9).replaceAll('-', '')}:1`, 'uuid-expected', 13],
    ['a uuid whose first dash is missing', `${A.slice(0, 8)}${A.slice(9)}:1`, 'uuid-expected', 12],
    ['braces without dashes', `{${A.replaceAll('-', '')}}:1`, 'uuid-expected', 9],
    ['an open brace', `{${A}:1`, 'uuid-expected', 37],
    ['nothing after a colon', `${A}:`, 'tag-or-number-expected', 37],
    ['two colons', `${A}::1`, 'tag-or-number-expected', 37],
    ['a colon at the end', `${A}:1:`, 'tag-or-number-expected', 39],
    ['a colon behind a tag', `${A}:tag:`, 'tag-or-number-expected', 41],
    ['a negative number', `${A}:-1`, 'tag-or-number-expected', 37],
    ['a plus sign', `+${A}:1`, 'uuid-expected', 0],
    ['zero', `${A}:0`, 'number-out-of-range', 37],
    ['zero as start', `${A}:0-5`, 'number-out-of-range', 37],
    ['2^63 - 1', `${A}:9223372036854775807`, 'number-out-of-range', 37],
    ['an end of 2^63 - 1', `${A}:1-9223372036854775807`, 'number-out-of-range', 39],
    ['2^64 + 1', `${A}:18446744073709551617`, 'number-out-of-range', 37],
    ['a number of a million digits', `${A}:${'9'.repeat(1_000_000)}`, 'number-out-of-range', 37],
    ['an open interval', `${A}:1-`, 'number-expected', 39],
    ['an interval of three', `${A}:1-2-3`, 'separator-expected', 40],
    ['hexadecimal', `${A}:0x10`, 'number-out-of-range', 37],
    ['a fraction', `${A}:1.5`, 'separator-expected', 38],
    ['a tag of 33', `${A}:${'t'.repeat(33)}:3`, 'tag-too-long', 69],
    ['a tag that is not ascii', `${A}:täg:1`, 'separator-expected', 38],
    ['a tag that starts with a digit', `${A}:1ag:1`, 'separator-expected', 38],
    ['a tag with a dash', `${A}:t-g:1`, 'separator-expected', 38],
    ['no comma', `${A}:1 ${B}:1`, 'separator-expected', 39],
    ['a semicolon', `${A}:1;${B}:1`, 'separator-expected', 38],
    ['NUL', `${A}:1\0`, 'separator-expected', 38],
    ['a space of another alphabet', `${A}:1\u00a0`, 'separator-expected', 38],
    ['a quote', `'${A}:1'`, 'uuid-expected', 0],
    ['digits of another alphabet', `${A}:٣`, 'tag-or-number-expected', 37],
  ])('refuses %s and says where', (_name, text, reason, position) => {
    const error = tryParseGtidSet(text);
    expect(error).toBeInstanceOf(GtidSetError);
    expect(error).toMatchObject({ reason, position });
    expect(() => parseGtidSet(text)).toThrow(GtidSetError);
  });
});

describe('operations', () => {
  const set = parseGtidSet;

  it('prints as the server does: a newline after each comma', () => {
    expect(set(`${B}:4,${A}:3:1:t:2`).toString()).toBe(`${A}:1:3:t:2,\n${B}:4`);
    expect(JSON.stringify({ set: set(`${A}:1,${B}:1`) })).toBe(`{"set":"${A}:1,${B}:1"}`);
  });

  it('unites, subtracts, intersects', () => {
    const left = set(`${A}:1-10:20-30,${B}:1-5:t:1-3`);
    const right = set(`${A}:5-25,${B}:t:3-4,${C}:1`);
    expect(left.union(right).toLine()).toBe(`${A}:1-30,${B}:1-5:t:1-4,${C}:1`);
    expect(left.subtract(right).toLine()).toBe(`${A}:1-4:26-30,${B}:1-5:t:1-2`);
    expect(left.intersect(right).toLine()).toBe(`${A}:5-10:20-25,${B}:t:3`);
    expect(left.subtract(left).isEmpty()).toBe(true);
  });

  it('tells subsets, equality and members', () => {
    const whole = set(`${A}:1-100,${B}:t:1-5`);
    expect(set('').isSubsetOf(set(''))).toBe(true);
    expect(set('').isSubsetOf(whole)).toBe(true);
    expect(whole.isSubsetOf(set(''))).toBe(false);
    expect(set(`${A}:1:100`).isSubsetOf(whole)).toBe(true);
    expect(set(`${A}:100-101`).isSubsetOf(whole)).toBe(false);
    expect(set(`${B}:1`).isSubsetOf(whole)).toBe(false);
    expect(set(`${A}:1-3:4-9`).equals(set(`${A}:1-9`))).toBe(true);
    expect(set(`${A}:1-9`).equals(set(`${A}:t:1-9`))).toBe(false);
    expect(whole.contains({ uuid: A.toUpperCase(), gno: 100n })).toBe(true);
    expect(whole.contains({ uuid: A, gno: 101n })).toBe(false);
    expect(whole.contains({ uuid: A, gno: 0n })).toBe(false);
    expect(whole.contains({ uuid: B.replaceAll('-', ''), tag: 'T', gno: 5n })).toBe(true);
    expect(whole.contains({ uuid: B, gno: 5n })).toBe(false);
  });

  it('counts, also what no double can hold', () => {
    expect(set('').count()).toBe(0n);
    expect(set(`${A}:1-3:7,${B}:t:1-6`).count()).toBe(10n);
    expect(set(`${A}:1-${MAX.toString()},${B}:1-${MAX.toString()}`).count()).toBe(2n * MAX);
    expect(set(`${A}:1-3:7,${B}:t:1-6`).intervalCount()).toBe(3);
  });

  it('takes apart by server', () => {
    const whole = set(`${A}:1-3:7:t:1,${B}:2`);
    expect(whole.uuids()).toEqual([A, B]);
    expect(whole.hasTags()).toBe(true);
    expect(set(`${A}:t,${A}:1`).hasTags()).toBe(false);
    expect(whole.byUuid()).toEqual([
      { uuid: A, tag: '', intervals: [[1n, 3n], [7n, 7n]], count: 4n },
      { uuid: A, tag: 't', intervals: [[1n, 1n]], count: 1n },
      { uuid: B, tag: '', intervals: [[2n, 2n]], count: 1n },
    ]);
    expect(whole.onlyFrom(A.toUpperCase()).toLine()).toBe(`${A}:1-3:7:t:1`);
    expect(whole.notFrom(A).toLine()).toBe(`${B}:2`);
  });

  it('knows the next number as the server does: holes first', () => {
    expect(set('').nextGno(A)).toBe(1n);
    expect(set(`${A}:1-5`).nextGno(A)).toBe(6n);
    expect(set(`${A}:2-5`).nextGno(A)).toBe(1n);
    expect(set(`${A}:1-5:7`).nextGno(A)).toBe(6n);
    expect(set(`${A}:1-5`).nextGno(A, 'tag')).toBe(1n);
    expect(set(`${A}:1-${MAX.toString()}`).nextGno(A)).toBeUndefined();
  });

  it('shortens for display and counts what it leaves out', () => {
    expect(set('').shorten()).toBe('');
    expect(set(`${A}:1-5`).shorten()).toBe('0a000000…:1-5');
    expect(set(`${A}:1:3:5:7-9,${B}:t:1,${C}:1`).shorten()).toBe('0a000000…:(+2):5:7-9, b0000000…:t:1, (+1)');
  });

  it('reads and prints single transactions', () => {
    expect(parseGtid(` ${A.toUpperCase()}:TAG:5 `)).toEqual({ uuid: A, tag: 'tag', gno: 5n });
    expect(formatGtid(parseGtid(`${A}:tag:5`))).toBe(`${A}:tag:5`);
    expect(() => parseGtid(`${A}:1-2`)).toThrow(GtidSetError);
    expect(() => parseGtid('')).toThrow(GtidSetError);
    expect(gtidSetOf(A, 3n).toLine()).toBe(`${A}:3`);
    expect(gtidSetOf(A, 3n, 5n, 'x').toLine()).toBe(`${A}:x:3-5`);
  });

  it('enumerates lazily', () => {
    const first = [];
    for (const gtid of set(`${A}:1-${MAX.toString()}`).gtids()) {
      first.push(formatGtid(gtid));
      if (first.length === 2) break;
    }
    expect(first).toEqual([`${A}:1`, `${A}:2`]);
  });

  // What grows with the square of the intervals runs into the limit of the test.
  it('hold at 10,000 intervals', () => {
    const text = (offset: number): string =>
      `${A}:${Array.from({ length: 10_000 }, (_, i) => `${(i * 4 + offset).toString()}-${(i * 4 + offset + 1).toString()}`).join(':')}`;
    const left = parseGtidSet(text(1));
    const right = parseGtidSet(text(2));
    expect(left.intervalCount()).toBe(10_000);
    expect(left.union(right).count()).toBe(30_000n);
    expect(left.intersect(right).count()).toBe(10_000n);
    expect(left.subtract(right).count()).toBe(10_000n);
    expect(left.isSubsetOf(right)).toBe(false);
    expect(parseGtidSet(left.toString()).equals(left)).toBe(true);
  });
});

describe('properties', () => {
  // A small world, so that sets really overlap: each set is also held as a plain Set of names.
  const source = fc.constantFrom(A, B, `${A}:t1`, `${A}:_`, `${B}:zz`);
  const interval = fc.tuple(fc.integer({ min: 1, max: 24 }), fc.integer({ min: -2, max: 5 }));
  const model = fc.array(fc.tuple(source, fc.array(interval, { maxLength: 6 })), { maxLength: 8 }).map((blocks) => {
    const members = new Set<string>();
    const text = blocks
      .map(([key, intervals]) => `${key}${intervals.map(([s, n]) => `:${String(s)}-${String(Math.max(0, s + n))}`).join('')}`)
      .join(',');
    for (const [key, intervals] of blocks) {
      for (const [s, n] of intervals) for (let g = s; g <= s + n; g++) members.add(`${key}:${String(g)}`);
    }
    return { set: parseGtidSet(text), members };
  });
  const membersOf = (set: GtidSet): Set<string> => new Set([...set.gtids()].map(formatGtid));

  it('agree with plain sets', () => {
    fc.assert(
      fc.property(model, model, (a, b) => {
        expect(membersOf(a.set)).toEqual(a.members);
        expect(membersOf(a.set.union(b.set))).toEqual(new Set([...a.members, ...b.members]));
        expect(membersOf(a.set.subtract(b.set))).toEqual(new Set([...a.members].filter((m) => !b.members.has(m))));
        expect(membersOf(a.set.intersect(b.set))).toEqual(new Set([...a.members].filter((m) => b.members.has(m))));
        expect(a.set.isSubsetOf(b.set)).toBe([...a.members].every((m) => b.members.has(m)));
        expect(a.set.count()).toBe(BigInt(a.members.size));
        expect(a.set.equals(b.set)).toBe(a.members.size === b.members.size && [...a.members].every((m) => b.members.has(m)));
      }),
      { numRuns: 500 },
    );
  });

  it('read back what they print', () => {
    fc.assert(
      fc.property(model, ({ set }) => {
        expect(parseGtidSet(set.toString()).equals(set)).toBe(true);
        expect(parseGtidSet(set.toString()).toString()).toBe(set.toString());
      }),
    );
  });

  it('hold the laws of sets', () => {
    fc.assert(
      fc.property(model, model, model, ({ set: a }, { set: b }, { set: c }) => {
        expect(a.union(b).equals(b.union(a))).toBe(true);
        expect(a.subtract(b).union(a.intersect(b)).equals(a)).toBe(true);
        expect(a.subtract(b.union(c)).equals(a.subtract(b).subtract(c))).toBe(true);
        expect(a.isSubsetOf(a.union(b))).toBe(true);
        expect(a.intersect(b).isSubsetOf(b)).toBe(true);
      }),
    );
  });

  it('never throw anything but GtidSetError, whatever the text', () => {
    const alphabet = fc.constantFrom(':', '-', ',', ' ', '\n', '{', '}', '0', '9', 'a', 'f', 'z', '_', '\0', 'é', A, B);
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 12 }).map((parts) => parts.join('')), (text) => {
        const result = tryParseGtidSet(text);
        if (result instanceof GtidSetError) {
          expect(result.position).toBeGreaterThanOrEqual(0);
          expect(result.position).toBeLessThanOrEqual(text.length);
        } else {
          expect(result).toBeInstanceOf(GtidSet);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
