import { describe, expect, it } from 'vitest';
import type { Chunk, TableToCopy } from '../../../electron/copy/rows/chunks';
import { keptObjects, ObjectList } from '../../../electron/copy/rows/object-list';
import { readMemory } from '../../../electron/tasks/memory';
import { loneStep } from '../../fixtures/lone-step';

const table = (database: string, name: string, rows = 10): TableToCopy => ({ database, table: name, columns: [{ name: 'id', type: 'int' }], stored: [], key: null, holdsRows: true, rows, bytes: 100 });
const part = (of: TableToCopy, where = ''): Chunk => ({ table: of, where, rows: of.rows, bytes: of.bytes });

const big = table('shop', 'big', 100);
const low = part(big, 'id < 50');
const high = part(big, 'id >= 50');
const small = part(table('shop', 'a small one'));
const own = part(table('antipode', 'heartbeat'));

function begun(): ObjectList {
  const list = new ObjectList();
  list.begin([high, low, small, own], 'waiting');
  return list;
}

const states = (list: ObjectList): unknown => list.list().map(({ table: name, state, rows }) => [name, state, rows]);

describe('the list of tables of a copy', () => {
  it('is by name, without our own tables, and nothing is there at first', () => {
    expect(begun().list()).toEqual([
      { database: 'shop', table: 'a small one', state: 'waiting', rows: 0, estimatedRows: 10, bytes: 0 },
      { database: 'shop', table: 'big', state: 'waiting', rows: 0, estimatedRows: 100, bytes: 0 },
    ]);
  });

  it('counts a table as copied once its last part is there, also where a part is begun again', () => {
    const list = begun();
    list.moved(low, 30, 300);
    expect(states(list)).toEqual([['a small one', 'waiting', 0], ['big', 'copying', 30]]);
    list.restarted(low, 30);
    list.moved(low, 49, 490);
    list.finished(low);
    expect(states(list)).toEqual([['a small one', 'waiting', 0], ['big', 'copying', 49]]);
    list.moved(high, 51, 510);
    list.finished(high);
    list.finished(small);
    list.finished(own);
    expect(states(list)).toEqual([['a small one', 'copied', 0], ['big', 'copied', 100]]);
    expect(list.list()[1]?.bytes).toBe(300 + 490 + 510);
  });

  it('counts a table as compared only where every part was found equal, with the rows that were counted', () => {
    const list = begun();
    for (const chunk of [low, high, small]) list.finished(chunk);
    list.beginComparison([low, high, small]);
    list.compared(low, 48);
    list.compared(small, 7);
    expect(states(list)).toEqual([['a small one', 'compared', 7], ['big', 'copied', 48]]);
    list.compared(high, 52);
    expect(states(list)).toEqual([['a small one', 'compared', 7], ['big', 'compared', 100]]);
  });

  it('knows the tables of a comparison that no copy of ours came before', () => {
    const list = new ObjectList();
    list.beginComparison([low, high, own]);
    expect(states(list)).toEqual([['big', 'copied', 0]]);
    list.compared(low, 1);
    list.compared(own, 1);
    list.compared(high, 2);
    expect(states(list)).toEqual([['big', 'compared', 3]]);
  });

  it('is read from the memory of the task as it was kept, and is empty where the copy was taken away', async () => {
    const list = begun();
    const step = loneStep();
    expect(keptObjects(step)).toEqual([]);
    list.moved(low, 5, 50);
    await list.keep(step);
    expect(keptObjects(step)).toEqual(list.list());
    list.moved(low, 1, 10);
    // It was kept a moment ago.
    await list.keep(step, true);
    expect(keptObjects(step)[1]?.rows).toBe(5);
    await list.keep(step);
    expect(keptObjects(step)[1]?.rows).toBe(6);
    await list.forget(step);
    expect([keptObjects(step), list.list()]).toEqual([[], []]);
  });

  it('takes a memory of another form for none', () => {
    expect(keptObjects({ recall: (key) => readMemory(key, [['shop', [['t', 'flying', 1, 1, 1]]]], 'orders') })).toEqual([]);
  });
});
