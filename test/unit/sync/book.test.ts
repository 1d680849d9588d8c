// The records of sync tasks, and who is told of what is written into them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Fleet } from '../../../electron/fleet/types';
import { SyncBook } from '../../../electron/sync/book';
import { newRecord, openRecords, type SyncRecord } from '../../../electron/sync/records';
import { createSync } from '../../../electron/sync/service';
import type { TaskEngine } from '../../../electron/tasks/types';
import { filtersForScope } from '../../../shared/domain/scope/filters';
import { failure } from '../../../shared/errors/codes';
import { instanceView } from '../../fixtures/renderer-fleet';
import { copySpec } from '../../fixtures/sync-spec';

const folders: string[] = [];
let dataFolder = '';
beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'antipode-sync-book-'));
  folders.push(dataFolder);
});
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

const views = [instanceView(1, { id: 'gz', region: 'r-gz', role: 'primary' }), instanceView(1, { id: 'sh', region: 'r-sh', role: 'standby', source: 'gz' })];
const viewOf = (id: string): ReturnType<Fleet['view']> => {
  const view = views.find(({ instance }) => instance.id === id);
  if (view === undefined) throw failure('not-found', { kind: 'instance', name: id });
  return view;
};
const noTasks: Pick<TaskEngine, 'get' | 'register' | 'onChange'> = {
  get: (id) => {
    throw failure('not-found', { kind: 'task', name: id });
  },
  register: () => undefined,
  onChange: () => () => undefined,
};
const partial = copySpec('orders', 'gz', 'sh', { scope: { kind: 'partial', databases: [{ database: 'shop', tables: null }] } });

function openBook() {
  const refreshed: string[] = [];
  const fleet: Pick<Fleet, 'view' | 'refresh'> = { view: viewOf, refresh: async (id) => (refreshed.push(id), viewOf(id)) };
  return { book: new SyncBook({ dataFolder, fleet, tasks: noTasks }), refreshed };
}

describe('the book of sync tasks', () => {
  it('is on disk before anybody is told, and tells the same once', () => {
    const { book } = openBook();
    const told: string[] = [];
    const written: string[] = [];
    book.onWrite(({ outcome }) => written.push(outcome));
    book.onChange(({ id, spec }) => told.push(`${spec.name} ${String(openRecords(dataFolder).get().tasks.some((kept) => kept.id === id))}`));
    book.add(newRecord('a', copySpec('orders', 'gz', 'sh'), 1));
    book.tell(book.record('a'));
    // Nothing of it can be seen.
    book.change('a', (record) => ({ ...record, held: true }));
    book.change('a', (record) => ({ ...record, outcome: 'superseded' }));
    expect(told).toEqual(['orders true', 'orders true']);
    expect(written).toEqual(['created', 'created', 'superseded']);
  });

  it('tells a report once, and of a task that was there before only another one', () => {
    const { book } = openBook();
    const report = { startedAt: 1, endedAt: 2, results: [], seed: null } as unknown as SyncRecord['lastReport'];
    const follow = (of: SyncBook): unknown[] => {
      const told: unknown[] = [];
      of.onChange((view, news) => told.push([view.lastReport !== null, 'lastReport' in news]));
      return told;
    };
    const told = follow(book);
    book.add({ ...newRecord('a', copySpec('orders', 'gz', 'sh'), 1), outcome: 'linked' }, () => undefined);
    const kept = openRecords(dataFolder);
    kept.update(({ tasks }) => ({ tasks: tasks.map((record) => ({ ...record, lastReport: report })) }));
    expect(kept.quarantined).toEqual([]);
    const again = openBook().book;
    const toldAgain = follow(again);
    again.tell(again.record('a'));
    again.change('a', (record) => ({ ...record, restoresFilters: true }));
    expect(told).toEqual([[false, true]]);
    expect(toldAgain).toEqual([[true, false], [true, false]]);
    again.change('a', (record) => ({ ...record, lastReport: null }));
    expect(toldAgain.at(-1)).toEqual([false, true]);
  });

  it('keeps nothing that is refused beside what is there', () => {
    const { book } = openBook();
    book.add(newRecord('a', copySpec('orders', 'gz', 'sh'), 1));
    const refuse = (others: readonly SyncRecord[]): void => {
      if (others.length > 0) throw failure('name-taken', { kind: 'sync', name: 'orders' });
    };
    expect(() => book.add(newRecord('b', copySpec('orders', 'gz', 'sh'), 1), refuse)).toThrow();
    expect(book.all().map(({ id }) => id)).toEqual(['a']);
  });

  it('asks the standby of a link, and of a link only, before it takes a command', async () => {
    const { book, refreshed } = openBook();
    book.add(newRecord('a', copySpec('orders', 'gz', 'sh'), 1));
    await book.acceptedNow('a', 'start');
    expect(refreshed).toEqual([]);
    book.change('a', (record) => ({ ...record, outcome: 'linked' }));
    await book.acceptedNow('a', 'pause');
    expect(refreshed).toEqual(['sh']);
    await expect(book.acceptedNow('a', 'start')).rejects.toMatchObject({ error: { code: 'task-state' } });
  });

  it('tells who has gone, and lists a task whose standby has', () => {
    const { book } = openBook();
    const gone: string[] = [];
    book.onRemoved((id) => gone.push(id));
    book.add(newRecord('a', copySpec('orders', 'gz', 'elsewhere'), 1));
    expect(book.list().map(({ lag }) => lag)).toEqual([null]);
    book.remove('a');
    expect(gone).toEqual(['a']);
    expect(() => book.get('a')).toThrow();
  });
});

describe('a partial link that a switchover turned round', () => {
  it('is held against its filters from that moment, and not only after the next start of the app', async () => {
    const expected = new Map<string, unknown>();
    const fleet: Pick<Fleet, 'instance' | 'instances' | 'view' | 'refresh' | 'secret' | 'setSecret' | 'guardRemoval' | 'onChange' | 'expectFilters' | 'noteComparison'> = {
      instance: (id) => viewOf(id).instance,
      instances: () => views.map(({ instance }) => instance),
      view: viewOf,
      refresh: async (id) => viewOf(id),
      secret: async () => null,
      setSecret: async () => undefined,
      guardRemoval: () => undefined,
      onChange: () => () => undefined,
      expectFilters: (id, filters) => void expected.set(id, filters),
      noteComparison: () => undefined,
    };
    openRecords(dataFolder).set({ tasks: [{ ...newRecord('forward', partial, 1), outcome: 'linked' }] });
    const audit = { append: () => undefined, list: () => [], export: () => '', verify: () => Promise.resolve({ state: 'intact', entries: 0, old: 0, torn: 0, brokenAt: null, missing: 0, end: null, waiting: 0 } as const) };
    const verification = { start: () => Promise.reject(new Error('nothing is compared here')), objects: () => undefined, onCompared: () => () => undefined, knowLeftOut: () => undefined, knowPassedAccounts: () => undefined, knowHeld: () => undefined, knowFilters: () => undefined };
    const standing = { release: () => Promise.resolve(), forget: () => undefined };
    const alert = (): void => undefined;
    const sync = createSync({ dataFolder, fleet: fleet as Fleet, tasks: noTasks as TaskEngine, audit, clock: () => 2, verification, alert, standing });
    await sync.afterPromotion.adoptReversedLink('gz', 'sh');
    expect(expected.get('gz')).toEqual(filtersForScope(partial.scope));
    sync.close();
  });
});
