import { describe, expect, it } from 'vitest';
import { protectionOf, type Protection, type TableName } from '../../../shared/domain/scope/protection';
import type { Scope } from '../../../shared/domain/scope/scope';

const names = (...list: string[]): TableName[] => list.map((text) => ({ database: text.slice(0, text.indexOf('.')), name: text.slice(text.indexOf('.') + 1) }));
const partial = (databases: Record<string, readonly string[] | null>): Scope => ({ kind: 'partial', databases: Object.entries(databases).map(([database, tables]) => ({ database, tables })) });
const scope = partial({ shop: ['orders', 'items'], crm: null });
const look = (source: TableName[], standby: TableName[], more: { scope?: Scope; released?: string[] } = {}): Protection =>
  protectionOf({ scope: more.scope ?? scope, releasedParts: more.released === undefined ? [] : [{ database: 'shop', tables: more.released, except: [] }], sourceDatabases: [...new Set(source.map(({ database }) => database))], source, standby });
const states = ({ databases }: Protection): Record<string, string> => Object.fromEntries(databases.map(({ database, state }) => [database, state]));

describe('what a partial standby protects', () => {
  it('is told by database, what is wrong first', () => {
    const all = names('shop.orders', 'shop.items', 'shop.stock', 'crm.people', 'hr.staff');
    const seen = look(all, names('shop.orders', 'shop.items', 'crm.people'));
    expect(seen.databases).toEqual([
      { database: 'shop', state: 'part', protected: 2, unprotected: ['stock'] },
      { database: 'hr', state: 'none', protected: 0, unprotected: ['staff'] },
      { database: 'crm', state: 'all', protected: 1, unprotected: [] },
    ]);
    expect([seen.missing, seen.gone, seen.strayed, seen.released]).toEqual([[], [], [], []]);
  });
  it('counts a table that is created later as what it is now', () => {
    const later = look(names('shop.orders', 'shop.items', 'shop.later', 'crm.later'), names('shop.orders', 'shop.items', 'crm.later'));
    expect(states(later)).toEqual({ shop: 'part', crm: 'all' });
    expect(later.databases.find(({ database }) => database === 'shop')?.unprotected).toEqual(['later']);
  });
  it('does not take a table for protected that has not arrived', () => {
    const seen = look(names('shop.orders', 'crm.people'), names('shop.orders'));
    expect(seen.missing).toEqual(names('crm.people'));
    expect(states(seen)).toEqual({ shop: 'all', crm: 'none' });
  });
  it('names a table that was renamed out of the scope, and the chosen name that is gone', () => {
    const seen = look(names('shop.orders_2025', 'shop.items'), names('shop.orders_2025', 'shop.items'));
    expect(seen.strayed).toEqual(names('shop.orders_2025'));
    expect(seen.gone).toEqual(names('shop.orders'));
    expect(states(seen)).toEqual({ shop: 'part' });
  });
  it('tells what was left on purpose from what strayed', () => {
    const seen = look(names('shop.orders', 'shop.items', 'shop.stock'), names('shop.orders', 'shop.items', 'shop.stock'), { released: ['stock'] });
    expect([seen.strayed, seen.released]).toEqual([[], names('shop.stock')]);
  });
  it('takes what only the standby has for no stray', () => {
    expect(look(names('shop.orders'), names('shop.orders', 'own.notes')).strayed).toEqual([]);
  });
  it('is everything where the whole instance is synchronised, an empty database too', () => {
    const seen = protectionOf({ scope: { kind: 'instance' }, releasedParts: [], sourceDatabases: ['shop', 'empty'], source: names('shop.orders'), standby: names('shop.orders') });
    expect(states(seen)).toEqual({ shop: 'all', empty: 'all' });
  });
});
