import { describe, expect, it } from 'vitest';
import { goneFrom } from '../../../shared/domain/scope/filters';

describe('what a scope names and nobody has', () => {
  const there = new Map([['shop', new Set(['orders', 'items'])], ['empty', new Set<string>()]]);
  const of = (...databases: readonly { readonly database: string; readonly tables: readonly string[] | null }[]): ReturnType<typeof goneFrom> => goneFrom({ kind: 'partial', databases }, there);

  it('is the first of it, a database before its tables', () => {
    expect(goneFrom({ kind: 'instance' }, new Map())).toBeNull();
    expect(of({ database: 'shop', tables: null }, { database: 'empty', tables: null })).toBeNull();
    expect(of({ database: 'shop', tables: ['items', 'orders'] })).toBeNull();
    expect(of({ database: 'shop', tables: ['orders', 'Items'] })).toEqual({ kind: 'table', name: 'shop.Items' });
    expect(of({ database: 'empty', tables: ['t'] }, { database: 'gone', tables: ['t'] })).toEqual({ kind: 'table', name: 'empty.t' });
    expect(of({ database: 'gone', tables: ['t'] })).toEqual({ kind: 'database', name: 'gone' });
  });
});
