import { describe, expect, it } from 'vitest';
import { keysActed } from '../../../electron/backup/restore/later/keys';
import type { SpilledChange } from '../../../electron/comparison/logged/collect';
import type { LoggedTable } from '../../../electron/mysql/binlog/logged-tables';
import type { ActingRules } from '../../../shared/domain/operations/rollback/acting';

const column = (name: string, isKey: boolean): LoggedTable['columns'][number] => ({ type: 3, meta: 0, name, isUnsigned: false, charset: null, words: null, isKey });
const number = { kind: 'number', charset: null } as const;
const orders: LoggedTable = {
  index: 0, database: 'shop', table: 'orders', named: 'by-log', key: [0], isHidden: [false, false], forms: [number, number],
  columns: [column('id', true), column('customer_id', false)],
};
const change = (kind: SpilledChange['kind'], before: SpilledChange['before'], after: SpilledChange['after'], more: Partial<SpilledChange> = {}): SpilledChange => (
  { transaction: 0, order: 0, table: 0, kind, before, after, ...more }
);
const gone = (more?: Partial<SpilledChange>): SpilledChange => change('delete', ['1', '7'], null, more);
const cascade: ActingRules = { onDelete: true, onUpdate: new Set(['ID']) };
const onDelete: ActingRules = { onDelete: true, onUpdate: new Set() };

describe('foreign keys, while a log is followed', () => {
  const cases: readonly [what: string, rules: ActingRules | null, change: SpilledChange, act: boolean][] = [
    ['carry a delete on, where they did', cascade, gone(), true],
    ['rest where nothing of the table acts: its rows may be gone only because they were off', null, gone(), false],
    ['rest where they were off', cascade, gone({ keysOff: true }), false],
    ['rest where the log holds what they did', cascade, gone({ logsKeys: true }), false],
    ['carry a change of what is referred to on', cascade, change('update', ['1', '7'], ['2', '7']), true],
    ['rest where no other table follows such a change', onDelete, change('update', ['1', '7'], ['2', '7']), false],
    ['rest where another column is changed: its own parent may not be there', cascade, change('update', ['1', '7'], ['1', '8']), false],
    ['rest where a row is new', cascade, change('insert', null, ['1', '7']), false],
  ];
  it.each(cases)('%s', (_what, rules, one, act) => {
    expect(keysActed(rules, one, orders)).toBe(act);
  });
});
