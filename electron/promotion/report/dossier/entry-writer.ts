import { lossClasses } from '../../../../shared/domain/promotion/dossier/classes';
import type { ClassCount, Dossier, DossierEntry } from '../../../../shared/domain/promotion/dossier/dossier';
import { LineFile } from '../../../comparison/logged/spill';
import { entriesFile, type EntryGroup, type WrittenDossier } from './store';

function grown<Array extends Float64Array | Uint32Array>(from: Array, make: new (length: number) => Array): Array {
  const larger = new make(from.length * 2);
  larger.set(from);
  return larger;
}

/** Writes the entries of a dossier into their file as they are judged, and puts them in their order at the end. */
export class EntryWriter {
  readonly #file: LineFile;
  readonly #counts: { readonly count: ClassCount; entries: number }[] = [];
  readonly #groupOf = new Map<string, number>();
  #offsets = new Float64Array(1024);
  #groups = new Uint32Array(1024);
  #order = new Uint32Array(1024);
  #size = 0;

  constructor(private readonly folder: string) {
    this.#file = new LineFile(entriesFile(folder));
  }

  get size(): number {
    return this.#size;
  }

  add(entry: Omit<DossierEntry, 'id'>): void {
    if (this.#size === this.#offsets.length) {
      this.#offsets = grown(this.#offsets, Float64Array);
      this.#groups = grown(this.#groups, Uint32Array);
      this.#order = grown(this.#order, Uint32Array);
    }
    this.#groups[this.#size] = this.#group(entry);
    this.#order[this.#size] = entry.order;
    this.#offsets[this.#size] = this.#file.append({ ...entry, id: this.#size });
    this.#size++;
  }

  #group({ database, table, class: lossClass, default: applied }: Omit<DossierEntry, 'id'>): number {
    const key = JSON.stringify([database, table, lossClass, applied]);
    let group = this.#groupOf.get(key);
    if (group === undefined) {
      group = this.#counts.length;
      this.#groupOf.set(key, group);
      this.#counts.push({ count: { database, table, class: lossClass, default: applied, entries: 0 }, entries: 0 });
    }
    (this.#counts[group] as { entries: number }).entries++;
    return group;
  }

  /** `transactionOffsets`: where each transaction stands in its own file. */
  finish(dossier: Omit<Dossier, 'counts'>, transactionOffsets: readonly number[]): WrittenDossier {
    this.close();
    const counts = this.#counts.map(({ count, entries }) => ({ ...count, entries }));
    const groups: EntryGroup[] = [];
    let start = 0;
    for (const count of counts) {
      groups.push({ count, start });
      start += count.entries;
    }
    const told = [...counts].sort((a, b) => compare(a.database, b.database) || compare(a.table, b.table) || rank(a) - rank(b));
    return {
      folder: this.folder, dossier: { ...dossier, counts: told }, groups, offsets: this.#offsets.slice(0, this.#size), sorted: this.#sorted(),
      orders: this.#order.slice(0, this.#size), transactionOffsets: Float64Array.from(transactionOffsets),
    };
  }

  #sorted(): Uint32Array<ArrayBuffer> {
    const [group, order] = [this.#groups, this.#order];
    return Uint32Array.from({ length: this.#size }, (_, id) => id)
      .sort((a, b) => (group[a] as number) - (group[b] as number) || (order[a] as number) - (order[b] as number) || a - b);
  }

  /** May be called again. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.flush();
    this.#file.close();
  }

  #closed = false;
}

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
const rank = ({ class: lossClass }: ClassCount): number => lossClasses.indexOf(lossClass);
