// Which rows of a log are compared, and what is compared whole instead.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cell } from '../../../shared/domain/binlog/cell';
import { cascadesFrom, mostKeys, worthByKey } from '../../../shared/domain/verification/touched';
import type { ComparedKey, DescribedColumn } from '../../../electron/comparison/compared-table';
import { keyOfImage, placesOf } from '../../../electron/comparison/touched/key-of-log';

const column = (name: string, type: string, charset: string | null = null): DescribedColumn => ({
  name, type, charset, declared: type, collation: null, nullable: false, generated: false, extra: '',
});
const keyOf = (...columns: DescribedColumn[]): ComparedKey => ({ index: 'PRIMARY', columns });

describe('the key of a row image', () => {
  it.each<[string, DescribedColumn, Cell, string]>([
    ['a number', column('a', 'bigint'), '18446744073709551615', '18446744073709551615'],
    ['a time', column('a', 'datetime'), '2024-02-29 12:00:00.000001', "'2024-02-29 12:00:00.000001'"],
    ['text', column('a', 'varchar', 'utf8mb4'), 'é\'"', "_utf8mb4 X'C3A92722'"],
    ['text of another character set', column('a', 'varchar', 'latin1'), { hex: 'E9', text: 'é' }, "_latin1 X'E9'"],
    ['bytes', column('a', 'binary'), { hex: '00FF' }, "X'00FF'"],
    ['a DOUBLE', column('a', 'double'), '-0', '-0e0'],
    ['a FLOAT, by the number behind its digits', column('a', 'float'), '1.1', '1.100000023841858e0'],
    ['bits', column('a', 'bit'), "b'101'", "b'101'"],
  ])('is that of %s', (_what, one, cell, literal) => expect(keyOfImage(keyOf(one), [0], [cell])).toEqual([literal]));

  it('takes what an image leaves out from the one before', () => {
    const key = keyOf(column('a', 'int'), column('b', 'int'));
    expect(keyOfImage(key, [0, 2], [undefined, 'x', '7'], ['1', 'y', '6'])).toEqual(['1', '7']);
  });

  it.each<[string, DescribedColumn, Cell | undefined]>([
    ['a column that no image holds', column('a', 'int'), undefined], ['NULL', column('a', 'int'), null],
    ['a word, of which the log has no number', column('a', 'enum', 'utf8mb4'), 'x'], ['bytes where there should be a number', column('a', 'int'), { hex: '00' }],
  ])('is not known from %s', (_what, one, cell) => expect(keyOfImage(keyOf(one), [0], [cell])).toBeNull());

  it('is found by the names of its columns, whatever their letter case, and is not where one is gone', () => {
    const logged = [{ name: 'b' }, { name: 'A' }];
    expect(placesOf(keyOf(column('a', 'int'), column('b', 'int')), logged)).toEqual([1, 0]);
    expect(placesOf(keyOf(column('c', 'int')), logged)).toBeNull();
  });
});

it('looks rows up by key as long as that costs less than reading all of them', () => {
  expect([worthByKey(2_000, 10), worthByKey(2_001, 8_000), worthByKey(2_001, 8_004), worthByKey(mostKeys + 1, 1e9)]).toEqual([true, false, true, false]);
});

it('follows foreign keys that change rows along, over any number of steps and in circles', () => {
  const keys = [{ parent: 'a', child: 'b' }, { parent: 'b', child: 'c' }, { parent: 'c', child: 'a' }, { parent: 'x', child: 'y' }];
  expect([...cascadesFrom(['a'], keys)].sort()).toEqual(['a', 'b', 'c']);
  expect([...cascadesFrom([], keys)]).toEqual([]);
  const names = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  fc.assert(fc.property(fc.array(fc.record({ parent: names, child: names })), fc.array(names), (some, from) => {
    const reached = cascadesFrom(from, some);
    // Closed: whatever a reached table, or one of the first, takes along is reached; and nothing is without one that takes it along.
    for (const { parent, child } of some) if (reached.has(parent) || from.includes(parent)) expect(reached.has(child)).toBe(true);
    for (const child of reached) expect(some.some((one) => one.child === child && (from.includes(one.parent) || reached.has(one.parent)))).toBe(true);
  }));
});
