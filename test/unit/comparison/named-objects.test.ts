import { describe, expect, it } from 'vitest';
import { unknownName } from '../../../electron/comparison/named-objects';
import type { Scope } from '../../../shared/domain/scope/scope';

const side = (databases: readonly string[], ...tables: readonly string[]) => ({
  databases, tables: tables.map((one) => ({ database: one.split('.')[0] ?? '', name: one.split('.')[1] ?? '' })),
});
const scope = (...databases: readonly (readonly [string, readonly string[] | null])[]): Scope => ({
  kind: 'partial', databases: databases.map(([database, tables]) => ({ database, tables })),
});
const [here, there] = [side(['shop', 'empty'], 'shop.orders'), side(['shop', 'there'], 'shop.orders', 'shop.old')];

describe('a scope that somebody wrote down', () => {
  it.each([
    ['everything', { kind: 'instance' } as const, null],
    ['a database', scope(['shop', null]), null],
    // That only one side has it is a difference, and found as one.
    ['a database of one side', scope(['there', null]), null],
    ['a table of one side', scope(['shop', ['orders', 'old']]), null],
    ['a database without tables', scope(['empty', null]), null],
    ['a database of neither', scope(['shop', null], ['shopp', null]), { kind: 'database', name: 'shopp' }],
    ['a table of neither', scope(['shop', ['orders', 'order']]), { kind: 'table', name: 'shop.order' }],
    ['a table in a database of neither', scope(['shopp', ['orders']]), { kind: 'table', name: 'shopp.orders' }],
    ['another letter case', scope(['Shop', null]), { kind: 'database', name: 'Shop' }],
  ] as const)('names %s', (_, wanted, unknown) => expect(unknownName(wanted, [here, there])).toEqual(unknown));
});
