import { describe, expect, it } from 'vitest';
import type { PartialScope } from '../../../shared/domain/scope/change';
import { databasesInPart, partedFrom, type ScopeCatalogue } from '../../../shared/domain/scope/parted';

const scope: PartialScope = {
  kind: 'partial', databases: [{ database: 'crm', tables: ['t0', 't1'] }, { database: 'shop', tables: null }, { database: 'antipode', tables: ['x'] }],
};
/** `tables`: `database.table` with its collation. */
const has = (crm: string, tables: Readonly<Record<string, string>> = {}): ScopeCatalogue => {
  const keyed = Object.entries(tables).map(([name, collation]) => [name.replace('.', '\0'), collation] as const);
  return { defaults: new Map([['crm', crm], ['shop', 'latin1_swedish_ci']]), tables: new Set(keyed.map(([key]) => key)), collations: new Map(keyed) };
};
const look = (before: ScopeCatalogue, standby: ScopeCatalogue, after = before) => partedFrom(scope, { before, standby, after });
const nothing = { defaults: [], otherText: [], missing: [] };

describe('character sets of databases that a standby has in part', () => {
  it('are those of databases that are chosen by single tables alone', () => {
    expect(databasesInPart(scope)).toEqual(['crm']);
    expect(databasesInPart({ kind: 'partial', databases: [{ database: 'crm', tables: ['a'] }, { database: 'crm', tables: null }] })).toEqual([]);
  });

  it('are carried where the source has another default', () => {
    expect(look(has('utf8mb4_bin'), has('latin1_swedish_ci')).defaults).toEqual([{ database: 'crm', collation: 'utf8mb4_bin' }]);
    expect(look(has('utf8mb4_bin'), has('utf8mb4_bin'))).toEqual(nothing);
  });

  it('are one under both names of utf8mb3', () => {
    expect(look(has('utf8_general_ci', { 'crm.t0': 'utf8_bin' }), has('utf8mb3_general_ci', { 'crm.t0': 'utf8mb3_bin' }))).toEqual(nothing);
  });

  it('are left for the next time where the source changed while both were read', () => {
    const after = has('utf8mb4_bin', { 'crm.t0': 'utf8mb4_bin' });
    expect(look(has('latin1_bin', { 'crm.t0': 'latin1_bin' }), after, after)).toEqual(nothing);
  });

  it('name the tables in scope that were made in another one', () => {
    const source = has('utf8mb4_bin', { 'crm.t1': 'utf8mb4_bin', 'crm.t0': 'utf8mb4_bin', 'crm.t2': 'utf8mb4_bin' });
    expect(look(source, has('utf8mb4_bin', { 'crm.t0': 'latin1_bin', 'crm.t1': 'utf8mb4_0900_ai_ci', 'crm.t2': 'latin1_bin' })).otherText)
      .toEqual([{ database: 'crm', name: 't0' }, { database: 'crm', name: 't1' }]);
  });
});

describe('tables that came into a scope past the filters', () => {
  it('are those in scope that the source has and the standby has not', () => {
    const source = has('utf8mb4_bin', { 'shop.new': 'utf8mb4_bin', 'crm.t1': 'utf8mb4_bin', 'crm.other': 'utf8mb4_bin', 'hr.staff': 'utf8mb4_bin' });
    expect(look(source, has('utf8mb4_bin')).missing).toEqual([{ database: 'crm', name: 't1' }, { database: 'shop', name: 'new' }]);
  });

  it('are not those that the source dropped meanwhile', () => {
    expect(look(has('utf8mb4_bin', { 'shop.gone': 'utf8mb4_bin' }), has('utf8mb4_bin'), has('utf8mb4_bin')).missing).toEqual([]);
  });

  it('are not those whose names a standby keeps in lower case', () => {
    expect(look(has('utf8mb4_bin', { 'shop.Orders': 'utf8mb4_bin' }), has('utf8mb4_bin', { 'shop.orders': 'utf8mb4_bin' })).missing).toEqual([]);
  });
});
