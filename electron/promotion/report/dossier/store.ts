import { rmSync } from 'node:fs';
import { lossClasses } from '../../../../shared/domain/promotion/dossier/classes';
import type {
  ClassCount, Dossier, DossierEntry, EntryFilter, EntryPage, LostTransaction, ShownEntry,
} from '../../../../shared/domain/promotion/dossier/dossier';
import { failure } from '../../../../shared/errors/codes';
import { search } from './search';
import { type LineFile } from './spill';

/** What memory holds of an entry: where it stands, what it is, and when it happened among the others. */
class Index {
  private offsets = new Float64Array(1024);
  private groups = new Uint32Array(1024);
  private order = new Uint32Array(1024);
  count = 0;

  add(offset: number, group: number, order: number): void {
    if (this.count === this.offsets.length) {
      this.offsets = grown(this.offsets, Float64Array);
      this.groups = grown(this.groups, Uint32Array);
      this.order = grown(this.order, Uint32Array);
    }
    this.offsets[this.count] = offset;
    this.groups[this.count] = group;
    this.order[this.count] = order;
    this.count++;
  }

  offsetOf(id: number): number {
    return this.offsets[id] as number;
  }

  isIn(id: number, groups: ReadonlySet<number>): boolean {
    return groups.has(this.groups[id] as number);
  }

  /** Ids of the entries of these groups. */
  of(groups: ReadonlySet<number>): Uint32Array {
    return Uint32Array.from({ length: this.count }, (_, i) => i).filter((id) => this.isIn(id, groups));
  }

  /** Group by group, in the order in which they happened. */
  sorted(ids: Uint32Array): Uint32Array {
    const { groups: group, order } = this;
    return ids.sort((a, b) => (group[a] as number) - (group[b] as number) || (order[a] as number) - (order[b] as number) || a - b);
  }
}

function grown<Array extends Float64Array | Uint32Array>(from: Array, make: new (length: number) => Array): Array {
  const larger = new make(from.length * 2);
  larger.set(from);
  return larger;
}

/** The entries of a dossier in a file of their own: memory holds twenty bytes of each. */
export class DossierStore {
  private readonly groups: { count: ClassCount; entries: number }[] = [];
  private readonly groupOf = new Map<string, number>();
  private readonly index = new Index();
  private last: { readonly key: string; readonly ids: Promise<Uint32Array>; readonly stop: AbortController } | null = null;
  dossier: Dossier | null = null;

  constructor(
    readonly folder: string,
    private readonly entries: LineFile,
    private readonly transactions: LineFile,
    private readonly transactionOffsets: readonly number[],
  ) {}

  add(entry: Omit<DossierEntry, 'id'>): void {
    const { database, table, class: lossClass } = entry;
    const key = JSON.stringify([database, table, lossClass, entry.default]);
    let group = this.groupOf.get(key);
    if (group === undefined) {
      group = this.groups.length;
      this.groupOf.set(key, group);
      this.groups.push({ count: { database, table, class: lossClass, default: entry.default, entries: 0 }, entries: 0 });
    }
    (this.groups[group] as { entries: number }).entries++;
    this.index.add(this.entries.append({ ...entry, id: this.index.count }), group, entry.order);
  }

  finish(dossier: Omit<Dossier, 'counts'>): Dossier {
    this.entries.flush();
    const counts = this.groups.map(({ count, entries }) => ({ ...count, entries }));
    this.dossier = { ...dossier, counts: counts.sort((a, b) => compare(a.database, b.database) || compare(a.table, b.table) || rank(a) - rank(b)) };
    return this.dossier;
  }

  get size(): number {
    return this.index.count;
  }

  entry(id: number): DossierEntry {
    if (!Number.isInteger(id) || id < 0 || id >= this.index.count) throw failure('not-found', { kind: 'row', name: String(id) });
    return this.entries.lineAt<DossierEntry>(this.index.offsetOf(id));
  }

  shown(entry: DossierEntry): ShownEntry {
    const numbers = [...new Set(entry.changes.map(({ transaction }) => transaction))];
    return { ...entry, by: numbers.map((number) => this.transactions.lineAt<LostTransaction>(this.transactionOffsets[number] as number)) };
  }

  /** Entries that a filter lets through, in their order: by table and class, and within those as they happened. */
  async ids(filter: EntryFilter, signal = new AbortController().signal): Promise<Uint32Array> {
    const groups = new Set(this.groupsOf(filter));
    if (filter.search === undefined || filter.search === '') return this.index.sorted(this.index.of(groups));
    return this.index.sorted(await search(this.entries, this.transactions, filter.search, (id) => this.index.isIn(id, groups), signal));
  }

  private groupsOf({ class: lossClass, database, table }: EntryFilter): number[] {
    const fits = (wanted: string | undefined, is: string): boolean => wanted === undefined || wanted === is;
    return this.groups.flatMap(({ count }, i) => (fits(lossClass, count.class) && fits(database, count.database) && fits(table, count.table) ? [i] : []));
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

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
const rank = ({ class: lossClass }: ClassCount): number => lossClasses.indexOf(lossClass);
