import { describe, expect, it } from 'vitest';
import { missingFrom, type ForeignKeyReading, type ProgramReading, type TableReading } from '../../../shared/domain/checks';
import { widenedScope, type PartialScope } from '../../../shared/domain/scope/change';
import { factsWith } from '../checks/fixture';

const table = (database: string, name: string, isView = false): TableReading => ({ database, name, engine: isView ? null : 'InnoDB', rowFormat: null, rows: 0, bytes: 0, options: '' });
const key = (child: string, parent: string): ForeignKeyReading => {
  const [[database = '', name = ''], [parentDatabase = '', parentTable = '']] = [child.split('.'), parent.split('.')];
  return { database, table: name, name: 'fk', parentDatabase, parentTable, onUpdate: 'NO ACTION', onDelete: 'CASCADE' };
};
const program = (kind: ProgramReading['kind'], database: string, name: string, body: string, of: string | null = null): ProgramReading => ({ kind, database, name, definer: '', body, table: of, status: null });

const facts = factsWith({
  sourceTables: [table('shop', 'orders'), table('shop', 'items'), table('shop', 'stock'), table('log', 'entries'), table('log', 'kinds'), table('hr', 'staff'), table('hr', 'v', true), table('far', 'away')],
  sourceForeignKeys: [key('shop.items', 'shop.orders'), key('shop.orders', 'hr.staff'), key('log.entries', 'log.kinds')],
  sourcePrograms: [
    program('trigger', 'shop', 'tr', 'BEGIN INSERT INTO log.entries VALUES (1); END', 'stock'),
    program('view', 'hr', 'v', 'select 1 from `far`.`away`'),
    program('procedure', 'shop', 'p', 'BEGIN SELECT * FROM hr.v; CALL calc.sum_up(); END'),
    program('function', 'calc', 'sum_up', 'RETURN 1'),
  ],
});
const partial = (databases: Record<string, readonly string[] | null>): PartialScope => ({ kind: 'partial', databases: Object.entries(databases).map(([database, tables]) => ({ database, tables })) });
const missing = (scope: PartialScope): string[] => missingFrom(facts, scope).map(({ database, table: name }) => `${database}.${name ?? '*'}`).sort();

describe('what a partial scope lacks to be whole', () => {
  it('are both ends of its foreign keys, and theirs in turn', () => {
    expect(missing(partial({ shop: ['items'] }))).toEqual(['hr.staff', 'shop.orders']);
    expect(missing(partial({ hr: ['staff'] }))).toEqual(['shop.items', 'shop.orders']);
  });
  it('is what a trigger writes to, and what that refers to', () => {
    expect(missing(partial({ shop: ['stock'] }))).toEqual(['log.entries', 'log.kinds']);
  });
  it('is the whole database of a view or a routine, and what those name', () => {
    expect(missing(partial({ shop: null }))).toEqual(['calc.*', 'far.away', 'hr.*', 'hr.staff', 'log.entries', 'log.kinds']);
  });
  it('is nothing where it is whole, and once all of it was taken in', () => {
    expect(missing(partial({ far: null }))).toEqual([]);
    const scope = partial({ shop: null });
    expect(missing(widenedScope(scope, missingFrom(facts, scope)))).toEqual([]);
    expect(missingFrom(facts, { kind: 'instance' })).toEqual([]);
  });
});
