// What became of each row of a range, brought back on a copy: rows that go first, then those that come, are the table as it was; no value of a unique key
// is met twice on the way, what was rolled back does not count, and a log whose images do not follow each other is no ground for it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CellKind } from '../../../shared/domain/binlog/cell';
import { insertsSql } from '../../../electron/comparison/logged/sql';
import type { TodayColumn, TodayTable } from '../../../electron/comparison/logged/tables-today';
import type { LoggedTable } from '../../../electron/mysql/binlog/logged-tables';
import type { Column } from '../../../electron/mysql/binlog/value';
import { readAsKept } from '../../../electron/operations/rollback/beside-changes';
import { BrokenChain, isWrittenAsAWhole, NetChanges, type NetRow } from '../../../electron/operations/rollback/net-changes';

const todayOf = (kinds: Readonly<Record<string, CellKind>>, key: readonly string[] = ['id'], generated: readonly string[] = []): TodayTable => ({
  database: 'd', table: 't', key, kinds: new Map(Object.entries(kinds).filter(([name]) => !generated.includes(name))),
  columns: new Map(Object.entries(kinds).map(([name, kind]): [string, TodayColumn] =>
    [name, { name, form: { kind, charset: null }, select: '', isGenerated: generated.includes(name) }])),
  uniques: [], parents: [], children: [], triggers: new Set(),
});
const loggedOf = (today: TodayTable, index = 0): LoggedTable => ({
  index, database: 'd', table: 't', forms: [...today.columns.values()].map(({ form }) => form), isHidden: [...today.columns].map(() => false), named: 'by-log',
  columns: [...today.columns.keys()].map((name): Column => ({ type: 3, meta: 0, name, isUnsigned: false, charset: null, words: null, isKey: false })),
  key: today.key.map((name) => [...today.columns.keys()].indexOf(name)),
});
const today = todayOf({ id: 'number', u: 'number' });
const logged = loggedOf(today);
type Row = readonly [string, string];

async function inFolder(use: (net: NetChanges) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'net-'));
  const net = new NetChanges(folder);
  try {
    await use(net);
  } finally {
    net.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function gathered(rows: AsyncIterable<NetRow>): Promise<readonly Row[]> {
  const all: Row[] = [];
  for await (const { image } of rows) all.push([String(image.get('id')), String(image.get('u'))]);
  return all;
}

const text = (rows: ReadonlyMap<string, string>): string => JSON.stringify([...rows].sort());

describe('rows of a copy that go and come', () => {
  it('leave the table as it was: 300 histories with unique values, keys that move, and transactions that were rolled back', async () => {
    const order = fc.tuple(fc.nat(2), fc.nat(4), fc.nat(4), fc.nat(6), fc.nat(9));
    await fc.assert(fc.asyncProperty(fc.array(order, { maxLength: 40 }), async (orders) => inFolder(async (net) => {
      const [now, changes] = [new Map([['0', '0'], ['3', '5']]), { counted: 0 }];
      const then = new Map(now);
      for (const [kind, id, to, u, chance] of orders) {
        const [from, key, value] = [String(id), String(to), String(u)];
        const was = now.get(from);
        const others = [...now].filter(([one]) => one !== from);
        const isFree = !others.some(([one, other]) => (kind === 2 && one === key) || other === value);
        const before = kind === 0 ? null : was === undefined ? undefined : [from, was];
        const after = kind === 1 ? null : kind === 0 ? [from, value] : [key, value];
        if (before === undefined || (kind === 0 && was !== undefined) || (after !== null && !isFree)) continue;
        const isTakenBack = chance === 0;
        net.put(logged, today, isTakenBack ? 1 : 0, [before, after]);
        if (isTakenBack) continue;
        if (JSON.stringify(before) !== JSON.stringify(after)) changes.counted++;
        if (before !== null) now.delete(from);
        if (after !== null) now.set(after[0] as string, after[1] as string);
      }
      for (const [id, u] of await gathered(net.going((transaction) => transaction === 0))) {
        expect(now.get(id)).toBe(u);
        now.delete(id);
      }
      for (const [id, u] of await gathered(net.coming())) {
        expect(now.has(id) || [...now.values()].includes(u)).toBe(false);
        now.set(id, u);
      }
      expect(text(now)).toBe(text(then));
      expect(net.changed).toBe(changes.counted);
    })), { numRuns: 300 });
  }, 60_000);

  it('are none where the log does not tell of a row what it told of it before', () => inFolder(async (net) => {
    net.put(logged, today, 0, [null, ['1', '1']]);
    net.put(logged, today, 0, [['1', '2'], ['1', '3']]);
    await expect(gathered(net.going(() => true))).rejects.toBeInstanceOf(BrokenChain);
  }));

  it('hold what the server does not compute, in whatever form the log told of the table', () => inFolder(async (net) => {
    const computed = todayOf({ id: 'number', u: 'number', sum: 'number' }, ['id'], ['sum']);
    net.put(loggedOf(computed), computed, 0, [['1', '1', 0], ['1', '2', 0]]);
    net.put(loggedOf(computed, 1), computed, 0, [['1', '2', 0], ['1', '4', 0]]);
    const rows: NetRow[] = [];
    for await (const row of net.going(() => true)) rows.push(row);
    for await (const row of net.coming()) rows.push(row);
    expect(rows.map(({ logged: { index }, image }) => [index, ...image])).toEqual([[1, ['id', '1'], ['u', '4']], [0, ['id', '1'], ['u', '1']]]);
  }));

  it('are told apart by a key that the server computes', () => inFolder(async (net) => {
    const computed = todayOf({ id: 'number', u: 'number' }, ['id'], ['id']);
    net.put(loggedOf(computed), computed, 0, [['1', '10'], ['1', '11']]);
    net.put(loggedOf(computed), computed, 0, [['2', '20'], ['3', '30']]);
    expect(await gathered(net.going(() => true))).toEqual(expect.arrayContaining([['1', '11'], ['3', '30']]));
    expect([...await gathered(net.coming())].sort()).toEqual([['1', '10'], ['2', '20']]);
    expect(insertsSql(computed, [new Map([['id', '1'], ['u', '10']])])).toBe('INSERT INTO `d`.`t` (`u`) VALUES (10)');
  }));

  it('are not made of what no statement writes again: the empty word of what was refused, and bytes that are no text', () => inFolder(async (net) => {
    const words = todayOf({ id: 'number', w: 'word', t: 'text' });
    const put = (...row: Parameters<NetChanges['put']>[3][0] & object): boolean => net.put(loggedOf(words), words, 0, [null, row]);
    expect([put('1', '', 'a'), put('1', 'x', { hex: 'FF' }), put('1', 'x', 'a'), put('2', null, null)]).toEqual([false, false, true, true]);
  }));

  it.each([
    ['a key and plain values', todayOf({ id: 'number', a: 'text' }), true], ['no key', todayOf({ a: 'number' }, []), false],
    ['a document', todayOf({ id: 'number', a: 'json' }), false], ['a document that is computed', todayOf({ id: 'number', a: 'json' }, ['id'], ['a']), true],
    ['a shape', todayOf({ id: 'number', a: 'shape' }), false],
  ])('need a table with %s', (_name, table, is) => {
    expect(isWrittenAsAWhole(table, loggedOf(table))).toBe(is);
  });

  it('need a log that tells of every column', () => {
    expect(isWrittenAsAWhole(todayOf({ id: 'number', a: 'number' }), logged)).toBe(false);
  });
});

describe('a log that is read again for tables whose rows are not held as a whole', () => {
  const logOf = (misplaced: readonly string[], closed: string[], name: string): { changes: { misplaced: ReadonlySet<string> }; close: () => void } =>
    ({ changes: { misplaced: new Set(misplaced) }, close: () => { closed.push(name); } });

  it('is closed once, before the second reading, whether that fails or not', async () => {
    const closed: string[] = [];
    const asked: string[][] = [];
    const read = (second: () => ReturnType<typeof logOf>) => async (oneByOne: ReadonlySet<string>): Promise<ReturnType<typeof logOf>> => {
      asked.push([...oneByOne]);
      return Promise.resolve(oneByOne.size === 0 ? logOf(['t'], closed, 'first') : second());
    };
    await expect(readAsKept(read(() => { throw new Error('gone'); }))).rejects.toThrow('gone');
    expect([closed, asked]).toEqual([['first'], [[], ['t']]]);
    const log = await readAsKept(read(() => logOf([], closed, 'second')));
    expect(closed).toEqual(['first', 'first']);
    log.close();
    expect(closed).toEqual(['first', 'first', 'second']);
  });

  it('is not read again where nothing is misplaced', async () => {
    const closed: string[] = [];
    await readAsKept(async () => Promise.resolve(logOf([], closed, 'only')));
    expect(closed).toEqual([]);
  });
});
