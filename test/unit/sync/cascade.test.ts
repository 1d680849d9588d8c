import { describe, expect, it } from 'vitest';
import { beyondScope, beyondSource } from '../../../shared/domain/sync/cascade';
import { filtersForScope } from '../../../shared/domain/scope/filters';
import type { Scope } from '../../../shared/domain/scope/scope';
import { noFilters } from '../../fixtures/facts';

const of = (...databases: readonly (readonly [string, readonly string[] | null])[]): Scope => ({ kind: 'partial', databases: databases.map(([database, tables]) => ({ database, tables })) });
const whole: Scope = { kind: 'instance' };
const source = filtersForScope(of(['a_b', null], ['c', ['t']]));

describe('what a source that is a partial standby does not hold', () => {
  it.each([
    ['a primary holds everything', whole, [], []],
    ['a whole standby holds everything', whole, [noFilters], []],
    ['the whole instance is more than a part', whole, [source], ['%.%']],
    ['the same part', of(['a_b', null], ['c', ['t']]), [source], []],
    ['a table of a database that is whole there', of(['a_b', ['x']]), [source], []],
    ['a database of which only a table is there', of(['c', null]), [source], ['c.%']],
    ['a database that only looks alike to a wildcard', of(['axb', null]), [source], ['axb.%']],
    ['filters of somebody else’s making', of(['a_b', null]), [{ ...noFilters, ignoreDb: ['x'] }], ['a\\_b.%', 'antipode.%']],
  ] as const)('%s', (_what, scope, filters, expected) => {
    expect(beyondSource(scope, filters)).toEqual(expected);
  });
});

describe('what a source’s own sync task leaves out', () => {
  const held = of(['a_b', null], ['c', ['t', 'u']]);
  it.each([
    ['a whole one leaves out nothing', whole, whole, []],
    ['the whole instance is more than a part', whole, held, ['*.*']],
    ['the same part', held, held, []],
    ['less than that', of(['c', ['u']]), held, []],
    ['a table of a database that is whole there', of(['a_b', ['x']]), held, []],
    ['a whole database of which only tables are there', of(['c', null]), held, ['c.*']],
    ['another table of it', of(['c', ['t', 'v']]), held, ['c.v']],
    ['another database', of(['d', ['t']], ['e', null]), held, ['d.t', 'e.*']],
  ] as const)('%s', (_what, wanted, source, expected) => {
    expect(beyondScope(wanted, source)).toEqual(expected);
  });
});
