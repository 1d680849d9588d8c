import { message } from '../../../shared/i18n/message';
import type { StepContext } from '../../tasks/types';
import type { Chunk, TableToCopy } from './chunks';
import type { ObjectList } from './object-list';

/** The rate is that of the last seconds, so that a limit or a pause shows at once. */
const windowMs = 10_000;
const sampleMs = 250;

/**
 * Progress in the bytes that moved. How many there will be is told by the share of the work that is done: the server's own
 * figures are estimates, of tables that were filled just now by far too low.
 */
export class RowMeter {
  readonly #work: number;
  readonly #tables: number;
  readonly #part = new Map<Chunk, { rows: number; bytes: number; work: number }>();
  readonly #open = new Map<TableToCopy, number>();
  readonly #samples: { at: number; bytes: number }[] = [];
  #rows = 0;
  #done = 0;
  #bytes = 0;
  #kept = 0;

  constructor(
    private readonly step: StepContext,
    chunks: readonly Chunk[],
    private readonly objects?: ObjectList,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#work = chunks.reduce((sum, chunk) => sum + weightOf(chunk), 0);
    for (const chunk of chunks) this.#open.set(chunk.table, (this.#open.get(chunk.table) ?? 0) + 1);
    this.#tables = this.#open.size;
    this.#samples.push({ at: this.now(), bytes: 0 });
  }

  /** Bytes that came from the source so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Seconds that are left at the rate of the last seconds; null: it cannot be told yet. */
  get etaSeconds(): number | null {
    const rate = this.#rate();
    return rate === null || rate === 0 ? null : Math.round((this.#total() - this.#kept) / rate);
  }

  moved(chunk: Chunk, rows: number, bytes: number): void {
    this.#rows += rows;
    this.#bytes += bytes;
    this.#kept += bytes;
    this.objects?.moved(chunk, rows, bytes);
    const part = this.#part.get(chunk);
    const all = (part?.rows ?? 0) + rows;
    // The estimate of the rows may be far too low: a chunk is complete only when it has ended.
    this.#part.set(chunk, { rows: all, bytes: (part?.bytes ?? 0) + bytes, work: weightOf(chunk) * Math.min(0.99, all / Math.max(chunk.rows, 1)) });
    this.#tell();
  }

  /** What moved of a chunk was taken away again. */
  restarted(chunk: Chunk): void {
    const part = this.#part.get(chunk);
    const taken = part?.rows ?? 0;
    this.#rows -= taken;
    this.#kept -= part?.bytes ?? 0;
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

  /** The share of the work that is done, 0 to 1. */
  #share(): number {
    let sum = this.#done;
    for (const { work } of this.#part.values()) sum += work;
    return this.#work === 0 ? 1 : sum / this.#work;
  }

  #total(): number {
    const share = this.#share();
    // Too little has moved to go by: the server's own figure, until then.
    return share < 0.02 ? Math.max(this.#work, this.#kept) : Math.round(this.#kept / share);
  }

  #rate(): number | null {
    const at = this.now();
    const last = this.#samples.at(-1);
    if (last === undefined || at - last.at >= sampleMs) this.#samples.push({ at, bytes: this.#bytes });
    while ((this.#samples[1]?.at ?? at) < at - windowMs) this.#samples.shift();
    const first = this.#samples[0];
    if (first === undefined || at - first.at < 1000) return null;
    return ((this.#bytes - first.bytes) / (at - first.at)) * 1000;
  }

  #tell(): void {
    const rate = this.#rate();
    this.step.progress({
      text: message('sync.step.copied', { rows: this.#rows, tables: this.#tables - this.#open.size, allTables: this.#tables }),
      done: this.#kept,
      total: this.#total(),
      unit: 'bytes',
      rate: rate === null ? null : Math.round(rate),
      etaSeconds: this.etaSeconds,
    });
  }
}

/** Bytes of a small row: the server's estimate of the rows catches up sooner than its figure of the bytes. */
const smallRow = 64;

/** How much work a chunk is, in the server's estimated bytes: only its share of the whole counts. */
function weightOf(chunk: Chunk): number {
  return Math.max(chunk.bytes, chunk.rows * smallRow, 1);
}
