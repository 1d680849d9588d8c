import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DossierEntry, LostTransaction } from '../../../shared/domain/promotion/dossier/dossier';
import { EntryWriter } from '../../../electron/promotion/report/dossier/entry-writer';
import { LineFile } from '../../../electron/comparison/logged/spill';
import { DossierStore } from '../../../electron/promotion/report/dossier/store';

let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'antipode-search-')); });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const count = 5_000;
const lost = (number: number): LostTransaction => ({
  gtid: `7f3d0a52-0000-11f0-8000-000000000000:${number + 1}`, at: 0, thread: 7, invoker: null, maker: 'client', rows: 5, statements: number === 3 ? ['UPDATE "orders" SET note = \'x\''] : [],
});
const entry = (id: number): Omit<DossierEntry, 'id'> => ({
  database: 'd', table: id % 2 === 0 ? 'even' : 'odd', class: id % 3 === 0 ? 'insert-free' : 'delete-applies', default: 'apply', proof: { code: 'no-row', names: [] },
  key: [['id', String(id)]], before: [['id', String(id)], ['note', id === 77 ? 'Grüße\t"quoted" C:\\temp\nnext' : `note ${id}`], ['says', '"transaction":3']], after: null, today: null,
  changed: [], changes: [{ transaction: Math.floor(id / 5), kind: 'insert' }], order: id, gtids: '', transactions: 0, statements: [],
});

function filled(): DossierStore {
  const own = mkdtempSync(join(folder, 'store-'));
  const transactions = new LineFile(join(own, 'transactions'));
  const offsets = Array.from({ length: count / 5 }, (_, number) => transactions.append(lost(number)));
  transactions.flush();
  transactions.close();
  const entries = new EntryWriter(own);
  for (let id = 0; id < count; id += 1) entries.add(entry(id));
  const written = entries.finish({
    id: 'x', oldId: 'a', oldName: 'a', newId: 'b', newName: 'b', at: 0, set: '', transactions: { total: 0, read: 0, empty: 0, byServer: 0, byUs: 0, unreadable: 0 },
    changes: count, rows: count, cascading: [], stillWrites: false, isOther: false, setBack: 0,
  }, offsets);
  return new DossierStore(written);
}

it.each<[string, readonly number[]]>([
  ['note 4999', [4999]], ['NOTE 4998', [4998]], ['grüße', [77]], ['"quoted"', [77]], ['c:\\temp', [77]], ['000000:4', [15, 16, 17, 18, 19]], ['update "orders"', [15, 16, 17, 18, 19]],
  // What a line is made of is no value, nor is a value what it looks like.
  ['cascading', []], ['thread', []], ['proof', []], ['gtid', []],
])('%s is found where a value, a statement or a GTID holds it', async (sought, first) => {
  const store = filled();
  const { entries } = await store.page({ search: sought }, 0, 10_000);
  const ids = entries.map(({ id }) => id).sort((one, other) => one - other);
  expect(first.length === 0 ? ids : ids.slice(0, first.length)).toEqual(first);
  if (sought !== '000000:4') expect(ids).toHaveLength(first.length);
  store.dispose();
});

it('is looked for within the table and the class that are chosen, in their order', async () => {
  const store = filled();
  const { total, entries } = await store.page({ table: 'odd', class: 'insert-free', search: 'note 1' }, 0, 3);
  const wanted = Array.from({ length: count }, (_, id) => id).filter((id) => id % 2 === 1 && id % 3 === 0 && `note ${id}`.includes('note 1'));
  expect([total, entries.map(({ id }) => id)]).toEqual([wanted.length, wanted.slice(0, 3)]);
  store.dispose();
});

it('gives way to what is looked for next, answers others meanwhile, and is looked for again', async () => {
  const store = filled();
  let turns = 0;
  const turning = setInterval(() => { turns += 1; }, 0);
  const overtaken = store.page({ search: 'note' }, 0, 1).then(() => 'found', (thrown: { error?: { code: string } }) => thrown.error?.code);
  const next = store.page({ search: 'note 2' }, 0, 1);
  const wanted = Array.from({ length: count }, (_, id) => `note ${id}`).filter((text) => text.includes('note 2')).length;
  expect([await overtaken, (await next).total]).toEqual(['cancelled', wanted]);
  clearInterval(turning);
  expect(turns).toBeGreaterThan(0);
  expect((await store.page({ search: 'note' }, 0, 1)).total).toBe(count);
  store.dispose();
});
