import { message } from '../../../shared/i18n/message';
import type { StepContext } from '../../tasks/types';
import type { Chunk, TableToCopy } from './chunks';
import type { ObjectList } from './object-list';

/** Progress in the server's estimated bytes: a chunk counts by the share of its rows that has moved. */
export class RowMeter {
  readonly #total: number;
  readonly #tables: number;
  readonly #part = new Map<Chunk, { rows: number; weight: number }>();
  readonly #open = new Map<TableToCopy, number>();
  readonly #began = performance.now();
  #rows = 0;
  #done = 0;
  #bytes = 0;

  constructor(
    private readonly step: StepContext,
    chunks: readonly Chunk[],
    private readonly objects?: ObjectList,
  ) {
    this.#total = chunks.reduce((sum, chunk) => sum + weightOf(chunk), 0);
    for (const chunk of chunks) this.#open.set(chunk.table, (this.#open.get(chunk.table) ?? 0) + 1);
    this.#tables = this.#open.size;
  }

  /** Bytes that came from the source so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Seconds that are left at the rate so far; null: it cannot be told yet. */
  get etaSeconds(): number | null {
    const rate = this.#rate();
    return rate === null || rate === 0 ? null : Math.round((this.#total - this.#current()) / rate);
  }

  moved(chunk: Chunk, rows: number, bytes: number): void {
    this.#rows += rows;
    this.#bytes += bytes;
    this.objects?.moved(chunk, rows, bytes);
    const all = (this.#part.get(chunk)?.rows ?? 0) + rows;
    // The estimate of the rows may be far too low: a chunk is complete only when it has ended.
    this.#part.set(chunk, { rows: all, weight: weightOf(chunk) * Math.min(0.99, all / Math.max(chunk.rows, 1)) });
    this.#tell();
  }

  /** What moved of a chunk was taken away again. */
  restarted(chunk: Chunk): void {
    const taken = this.#part.get(chunk)?.rows ?? 0;
    this.#rows -= taken;
    this.objects?.restarted(chunk, taken);
    this.#part.delete(chunk);
    this.#tell();
  }

  /** True where every other chunk of its table is there. */
  isLast(chunk: Chunk): boolean {
    return this.#open.get(chunk.table) === 1;
  }

  finished(chunk: Chunk): void {
    this.#part.delete(chunk);
    this.objects?.finished(chunk);
    this.#done += weightOf(chunk);
    const left = (this.#open.get(chunk.table) ?? 1) - 1;
    if (left === 0) this.#open.delete(chunk.table);
    else this.#open.set(chunk.table, left);
    this.#tell();
  }

  #current(): number {
    let sum = this.#done;
    for (const { weight } of this.#part.values()) sum += weight;
    return sum;
  }

  #rate(): number | null {
    const seconds = (performance.now() - this.#began) / 1000;
    return seconds > 1 ? this.#current() / seconds : null;
  }

  #tell(): void {
    const rate = this.#rate();
    this.step.progress({
      text: message('sync.step.copied', { rows: this.#rows, tables: this.#tables - this.#open.size, allTables: this.#tables }),
      done: Math.round(this.#current()),
      total: this.#total,
      unit: 'bytes',
      rate: rate === null ? null : Math.round(rate),
      etaSeconds: this.etaSeconds,
    });
  }
}

function weightOf(chunk: Chunk): number {
  return Math.max(chunk.bytes, 1);
}
