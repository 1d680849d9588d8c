import { describe, expect, it } from 'vitest';
import type { PartialScope } from '../../../shared/domain/scope/change';
import { databasesInPart, differingText, type Collations } from '../../../shared/domain/scope/database-defaults';

const scope: PartialScope = {
  kind: 'partial', databases: [{ database: 'crm', tables: ['t0', 't1'] }, { database: 'shop', tables: null }, { database: 'antipode', tables: ['x'] }],
};
const has = (crm: string, tables: Readonly<Record<string, string>> = {}): Collations => ({
  databases: new Map([['crm', crm], ['shop', 'latin1_swedish_ci']]),
  tables: new Map(Object.entries(tables).map(([name, collation]) => [`crm\0${name}`, collation])),
});
const look = (before: Collations, standby: Collations, after = before) => differingText(scope, { before, standby, after });

describe('character sets of databases that a standby has in part', () => {
  it('are those of databases that are chosen by single tables alone', () => {
    expect(databasesInPart(scope)).toEqual(['crm']);
    expect(databasesInPart({ kind: 'partial', databases: [{ database: 'crm', tables: ['a'] }, { database: 'crm', tables: null }] })).toEqual([]);
  });

  it('are carried where the source has another default', () => {
    expect(look(has('utf8mb4_bin'), has('latin1_swedish_ci')).carry).toEqual([{ database: 'crm', collation: 'utf8mb4_bin' }]);
    expect(look(has('utf8mb4_bin'), has('utf8mb4_bin')).carry).toEqual([]);
  });

  it('are one under both names of utf8mb3', () => {
    expect(look(has('utf8_general_ci', { t0: 'utf8_bin' }), has('utf8mb3_general_ci', { t0: 'utf8mb3_bin' }))).toEqual({ carry: [], tables: [] });
  });

  it('are left for the next time where the source changed while both were read', () => {
    expect(look(has('latin1_bin', { t0: 'latin1_bin' }), has('utf8mb4_bin', { t0: 'utf8mb4_bin' }), has('utf8mb4_bin', { t0: 'utf8mb4_bin' }))).toEqual({ carry: [], tables: [] });
  });

  it('a database or table that only one side has is not theirs to tell', () => {
    expect(look(has('utf8mb4_bin', { t0: 'utf8mb4_bin' }), { databases: new Map(), tables: new Map() })).toEqual({ carry: [], tables: [] });
  });

  it('name the tables in scope that were made in another one', () => {
    const seen = look(has('utf8mb4_bin', { t1: 'utf8mb4_bin', t0: 'utf8mb4_bin', t2: 'utf8mb4_bin' }), has('utf8mb4_bin', { t0: 'latin1_bin', t1: 'utf8mb4_0900_ai_ci', t2: 'latin1_bin' }));
    expect(seen.tables).toEqual([{ database: 'crm', name: 't0' }, { database: 'crm', name: 't1' }]);
  });
});
