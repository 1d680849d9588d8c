import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ComparedKey, DescribedColumn, DescribedTable } from '../../../electron/comparison/compared-table';
import { planComparison } from '../../../electron/comparison/compared-table';
import { isKey, literalOf, rangeCondition } from '../../../electron/comparison/key-range';
import { repairStatements } from '../../../electron/comparison/repair';
import { floatOf } from '../../../electron/comparison/row-hash';

const column = (name: string, type: string, change: Partial<DescribedColumn> = {}): DescribedColumn =>
  ({ name, type, declared: type, nullable: false, charset: null, collation: null, generated: false, extra: '', ...change });
const table = (change: Partial<DescribedTable> = {}): DescribedTable => ({
  database: 'd', table: 't', columns: [column('id', 'int'), column('v', 'varchar', { charset: 'utf8mb4', collation: 'utf8mb4_bin', nullable: true })],
  keys: [{ name: 'PRIMARY', columns: ['id'] }], unique: ['id'], holdsRows: true, rows: 1, bytes: 1, created: null, ...change,
});

it('reads a number back from its text to the last bit, whatever its size and sign', () => {
  const text = (value: number): string => {
    const size = Math.abs(value);
    const sign = value < 0 || Object.is(value, -0) ? '-' : '';
    if (size >= 1e-4 || size === 0) return `${sign}${size}`;
    return size >= 1e-290 ? `${sign}s${size * 2 ** 980}` : `${sign}t${size * 2 ** 1023 * 2 ** 100}`;
  };
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => Object.is(floatOf(text(value)), value)), { numRuns: 2000 });
  for (const value of [0, -0, 5e-324, -5e-324, 2.2250738585072014e-308, 1e-290, 1e-4, 9.999e-5]) expect(Object.is(floatOf(text(value)), value)).toBe(true);
});

describe('a literal', () => {
  it.each([
    [column('a', 'int'), '-7', '-7'],
    [column('a', 'bigint'), '18446744073709551615', '18446744073709551615'],
    [column('a', 'double'), '-0', '-0e0'],
    [column('a', 'double'), '0.1', '0.1e0'],
    [column('a', 'datetime'), '0000-00-00 00:00:00', "'0000-00-00 00:00:00'"],
    [column('a', 'varchar', { charset: 'latin1' }), 'E927', "_latin1 X'E927'"],
    [column('a', 'varbinary'), '5C27', "X'5C27'"],
    [column('a', 'enum', { charset: 'latin1' }), '2', '2'],
    [column('a', 'json'), '7B7D', "CAST(_utf8mb4 X'7B7D' AS JSON)"],
  ])('of %j stands for exactly its value', (one, value, expected) => expect(literalOf(one, value)).toBe(expected));
  it('of NULL is NULL', () => expect(literalOf(column('a', 'int'), null)).toBe('NULL'));
});

describe('a range', () => {
  const key: ComparedKey = { index: 'PRIMARY', columns: [column('a`b', 'int'), column('c', 'int')] };
  it('compares column by column, so that an index is used', () => {
    expect(rangeCondition(key, { after: ['1', '2'], upTo: ['3', '4'] }))
      .toBe('`a``b` >= 1 AND (`a``b` > 1 OR (`c` > 2)) AND `a``b` <= 3 AND (`a``b` < 3 OR (`c` <= 4))');
    expect(rangeCondition(key, { after: null, upTo: null })).toBe('');
  });
  it('holds each pair of keys in exactly one of two neighbours', () => {
    const cut = fc.tuple(fc.nat(3), fc.nat(3));
    const value = (text: string, a: number, c: number): boolean => {
      const js = text.replaceAll('`a``b`', String(a)).replaceAll('`c`', String(c)).replaceAll(' AND ', ' && ').replaceAll(' OR ', ' || ');
      const tokens = js.match(/[()]|&&|\|\||\d+ (?:>=|<=|>|<) \d+/g) ?? [];
      return evaluate(tokens);
    };
    fc.assert(fc.property(cut, cut, ([x, y], [a, c]) => {
      const at = [String(x), String(y)];
      return value(rangeCondition(key, { after: null, upTo: at }), a, c) !== value(rangeCondition(key, { after: at, upTo: null }), a, c);
    }));
  });
  it('finds a text key to the byte', () => {
    const text: ComparedKey = { index: 'k', columns: [column('n', 'varchar', { charset: 'utf8mb4', collation: 'utf8mb4_general_ci' })] };
    expect(isKey(text, ["_utf8mb4 X'41'"])).toBe("`n` = _utf8mb4 X'41' AND CAST(`n` AS BINARY) = X'41'");
  });
});

/** Comparisons joined by && and ||, && first. */
function evaluate(tokens: string[]): boolean {
  const any = (): boolean => {
    let left = all();
    while (tokens[0] === '||') {
      tokens.shift();
      const right = all();
      left = left || right;
    }
    return left;
  };
  const all = (): boolean => {
    let left = one();
    while (tokens[0] === '&&') {
      tokens.shift();
      const right = one();
      left = left && right;
    }
    return left;
  };
  const one = (): boolean => {
    const token = tokens.shift() ?? '';
    if (token === '(') {
      const inside = any();
      tokens.shift();
      return inside;
    }
    const [a = '', sign = '', b = ''] = token.split(' ');
    const [x, y] = [Number(a), Number(b)];
    return sign === '>' ? x > y : sign === '<' ? x < y : sign === '>=' ? x >= y : x <= y;
  };
  return any();
}

describe('how a table is compared', () => {
  it('follows from both definitions', () => expect(planComparison(table(), table())).toMatchObject({ key: { index: 'PRIMARY' } }));
  it('is by content where the key is not the same on both sides', () => expect(planComparison(table(), table({ keys: [] }))).toMatchObject({ key: null }));
  it('names columns that are not the same', () => {
    const other = table({ columns: [column('id', 'int'), column('v', 'text', { charset: 'utf8mb4' }), column('w', 'int')] });
    expect(planComparison(table(), other)).toBe('v: varchar utf8mb4 / text utf8mb4; w: – / int');
  });
  it('leaves out the hidden key that only the standby made', () => {
    const hidden = column('my_row_id', 'bigint', { extra: 'auto_increment INVISIBLE' });
    expect(planComparison(table(), table({ columns: [...table().columns, hidden] }))).toMatchObject({ database: 'd' });
  });
});

describe('a repair', () => {
  const plan = planComparison(table(), table());
  if (typeof plan === 'string') throw new Error(plan);
  const row = { locator: '`id` = 1', copies: 1 };
  it('inserts, updates or deletes, and writes nothing where nothing differs', () => {
    const sql = (source: string[] | null, standby: string[] | null): unknown => {
      const made = repairStatements(plan, { ...row, source, standby });
      return typeof made === 'string' ? made : made.map((one) => one.sql);
    };
    expect(sql(['1', "X'61'"], null)).toEqual(["INSERT INTO `d`.`t` (`id`, `v`) VALUES (1, X'61')"]);
    expect(sql(null, ['1', 'NULL'])).toEqual(['DELETE FROM `d`.`t` WHERE `id` = 1']);
    expect(sql(['1', "X'61'"], ['1', 'NULL'])).toEqual(["UPDATE `d`.`t` SET `v` = X'61' WHERE `id` = 1"]);
    expect(sql(['1', 'NULL'], ['1', 'NULL'])).toEqual([]);
  });
  it('takes a row away before it comes back where values of unique keys may change places', () => {
    const unique = { ...plan, unique: ['id', 'v'] };
    expect(repairStatements(unique, { ...row, source: ['1', "X'61'"], standby: ['1', "X'62'"] })).toMatchObject([{ order: 0 }, { order: 2 }]);
  });
  it('does not write generated columns', () => {
    const generated = { ...plan, standby: plan.standby.map((one) => ({ ...one, generated: one.name === 'v' })) };
    expect(repairStatements(generated, { ...row, source: ['1', "X'61'"], standby: ['1', "X'62'"] })).toBe('generated');
  });
});
