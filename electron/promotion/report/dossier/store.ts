import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LossClass, LossDefault } from '../../../../shared/domain/promotion/dossier/classes';
import type {
  ClassCount, Dossier, DossierEntry, EntryFilter, EntryPage, LostTransaction, ShownEntry,
} from '../../../../shared/domain/promotion/dossier/dossier';
import { failure } from '../../../../shared/errors/codes';
import { search } from './search';
import { transactionsFile } from '../../../comparison/logged/collect';
import { LineFile } from '../../../comparison/logged/spill';

/** Entries of one table and class with the same default. */
export interface EntryGroup {
  readonly count: ClassCount;
  /** Where its entries begin among all of them in their order. */
  readonly start: number;
}

/** A dossier that was read, as its files and what memory holds of them: twenty-odd bytes of each entry. Crosses between threads. */
export interface WrittenDossier {
  readonly folder: string;
  readonly dossier: Dossier;
  readonly groups: readonly EntryGroup[];
  /** Where each entry stands in its file. */
  readonly offsets: Float64Array<ArrayBuffer>;
  /** Ids of all entries: group by group, in the order in which they happened. */
  readonly sorted: Uint32Array<ArrayBuffer>;
  /** Where each entry stands among all changes of the log, by id. */
  readonly orders: Uint32Array<ArrayBuffer>;
  readonly transactionOffsets: Float64Array<ArrayBuffer>;
}

/** Entries of one class that a filter lets through. */
export interface ClassIds {
  readonly class: LossClass;
  readonly default: LossDefault;
  readonly ids: Uint32Array;
}

/** The files of a dossier. */
export const entriesFile = (folder: string): string => join(folder, 'entries');

/** The entries of a dossier in a file of their own, to be looked through. */
export class DossierStore {
  readonly folder: string;
  readonly dossier: Dossier;
  private readonly entries: LineFile;
  private readonly transactions: LineFile;
  private last: { readonly key: string; readonly ids: Promise<Uint32Array>; readonly stop: AbortController } | null = null;

  constructor(private readonly written: WrittenDossier) {
    this.folder = written.folder;
    this.dossier = written.dossier;
    this.entries = new LineFile(entriesFile(this.folder), 'read');
    this.transactions = new LineFile(transactionsFile(this.folder), 'read');
  }

  get size(): number {
    return this.written.offsets.length;
  }

  entry(id: number): DossierEntry {
    if (!Number.isInteger(id) || id < 0 || id >= this.size) throw failure('not-found', { kind: 'row', name: String(id) });
    return this.entries.lineAt<DossierEntry>(this.written.offsets[id] as number);
  }

  shown(entry: DossierEntry): ShownEntry {
    const numbers = [...new Set(entry.changes.map(({ transaction }) => transaction))];
    return { ...entry, by: numbers.map((number) => this.transactions.lineAt<LostTransaction>(this.written.transactionOffsets[number] as number)) };
  }

  /** Entries that a filter lets through, in their order: by table and class, and within those as they happened. */
  async ids(filter: EntryFilter, signal?: AbortSignal): Promise<Uint32Array> {
    const found = await this.byGroup(filter, signal);
    return joined(found.map(({ ids }) => ids));
  }

  /** The same, group by group: what is sought is looked for once. */
  async byGroup(filter: EntryFilter, signal = new AbortController().signal): Promise<readonly ClassIds[]> {
    const groups = this.groupsOf(filter);
    const sought = filter.search ?? '';
    if (sought === '') return groups;
    const marked = new Uint8Array(this.size);
    for (const { ids } of groups) for (const id of ids) marked[id] = 1;
    const found = await search(this.entries, this.transactions, sought, (id) => marked[id] === 1, signal);
    marked.fill(0);
    for (const id of found) marked[id] = 1;
    return groups.map((group) => ({ ...group, ids: group.ids.filter((id) => marked[id] === 1) })).filter(({ ids }) => ids.length > 0);
  }

  private groupsOf({ class: lossClass, database, table }: EntryFilter): readonly ClassIds[] {
    const fits = (wanted: string | undefined, is: string): boolean => wanted === undefined || wanted === is;
    return this.written.groups.flatMap(({ count, start }) => (
      fits(lossClass, count.class) && fits(database, count.database) && fits(table, count.table)
        ? [{ class: count.class, default: count.default, ids: this.written.sorted.subarray(start, start + count.entries) }] : []
    ));
  }

  /** Ids of several groups in the order in which their changes happened: a parent before its children, and children gone before their parent. */
  inOrder(groups: readonly ClassIds[]): Uint32Array {
    const { orders } = this.written;
    return Uint32Array.from(joined(groups.map(({ ids }) => ids))).sort((a, b) => (orders[a] as number) - (orders[b] as number) || a - b);
  }

  /** Throws `cancelled` where another filter is looked for before this one has been. */
  async page(filter: EntryFilter, offset: number, limit: number): Promise<EntryPage> {
    const ids = await this.found(filter);
    return { total: ids.length, entries: [...ids.subarray(offset, offset + limit)].map((id) => this.shown(this.entry(id))) };
  }

  /** What was looked for last is kept: its pages come one by one. */
  private found(filter: EntryFilter): Promise<Uint32Array> {
    const key = JSON.stringify(filter);
    if (this.last?.key === key) return this.last.ids;
    this.last?.stop.abort(failure('cancelled', { what: filter.search ?? '' }));
    const stop = new AbortController();
    const ids = this.ids(filter, stop.signal);
    this.last = { key, ids, stop };
    ids.catch(() => {
      if (this.last?.stop === stop) this.last = null;
    });
    return ids;
  }

  dispose(): void {
    this.last?.stop.abort(failure('cancelled', { what: 'dossier' }));
    this.entries.close();
    this.transactions.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const all = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
