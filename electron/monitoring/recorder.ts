import { secondsCovered, type RawSample, type SeriesValues } from '../../shared/domain/monitoring/rates';
import { seriesIds } from '../../shared/domain/monitoring/series';
import { errorOf, type AppError } from '../../shared/errors/codes';
import type { Row } from './ring-file';
import type { RingStore } from './ring-store';

/** How long rows wait for the disk: a crash loses no more. Longer where nobody looks, so that a large fleet costs few writes. */
const waitWatchedMs = 5_000;
const waitMs = 30_000;
/** A fleet is written at this many instances a second at most: each costs the opening of a file, however few its rows are. */
const writesPerSecond = 20;
/** Longer than this nothing waits that could be written. */
const longestWaitMs = 150_000;
/** Rows that are kept while the disk takes none. */
const mostRows = 300;

interface Waiting {
  rows: Row[];
  /** Milliseconds by a clock that does not jump. */
  since: number;
  /** A share of the wait, so that not all instances are written at one moment. */
  readonly spread: number;
  lastSecond: number;
  error: AppError | null;
}

/** Gathers rows of values in memory and hands them to the ring files, some seconds at a time. */
export class Recorder {
  readonly #waiting = new Map<string, Waiting>();

  /** `random`: 0 to 1. */
  constructor(
    private readonly store: RingStore,
    private readonly steady: () => number,
    private readonly random: () => number,
  ) {}

  /** Keeps the values of a sample for each second that it speaks for. */
  async note(instanceId: string, before: RawSample | null, now: RawSample, values: SeriesValues, longestMs: number): Promise<void> {
    const waiting = this.#of(instanceId);
    const { first, last } = secondsCovered(before, now, longestMs);
    if (last < waiting.lastSecond) await this.#clockSetBack(instanceId, last, waiting);
    const row = Float32Array.from(seriesIds, (id) => values[id] ?? NaN);
    if (waiting.rows.length === 0) waiting.since = this.steady();
    for (let second = first; second <= last; second += 1) waiting.rows.push({ second, values: row });
    waiting.rows = waiting.rows.slice(-mostRows);
    waiting.lastSecond = last;
  }

  /** Writes what has waited for its time. Never throws: see {@link errorOf}. */
  async flushDue(isWatched: (instanceId: string) => boolean): Promise<void> {
    const unwatchedMs = Math.max(waitMs, (this.#waiting.size / writesPerSecond) * 1_000);
    const due = [...this.#waiting].filter(([id, { rows, since, spread }]) =>
      rows.length > 0 && this.steady() - since >= (isWatched(id) ? waitWatchedMs : Math.min(longestWaitMs, unwatchedMs * spread)));
    await Promise.all(due.map(([id]) => this.flush(id)));
  }

  async flushAll(): Promise<void> {
    await Promise.all([...this.#waiting.keys()].map((id) => this.flush(id)));
  }

  /** Writes what waits. What cannot be written goes on waiting, up to some minutes of it. */
  async flush(instanceId: string): Promise<void> {
    const waiting = this.#waiting.get(instanceId);
    if (waiting === undefined || waiting.rows.length === 0) return;
    const rows = waiting.rows;
    waiting.rows = [];
    try {
      await this.store.append(instanceId, rows);
      waiting.error = null;
    } catch (thrown) {
      waiting.error = errorOf(thrown);
      waiting.rows = [...rows, ...waiting.rows].slice(-mostRows);
      waiting.since = this.steady();
    }
  }

  /** Why values are not kept at present; null: they are. */
  errorOf(instanceId: string): AppError | null {
    return this.#waiting.get(instanceId)?.error ?? null;
  }

  forget(instanceId: string): void {
    this.#waiting.delete(instanceId);
  }

  async #clockSetBack(instanceId: string, second: number, waiting: Waiting): Promise<void> {
    await this.flush(instanceId);
    await this.store.forgetAfter(instanceId, second, waiting.lastSecond).catch((thrown: unknown) => {
      waiting.error = errorOf(thrown);
    });
  }

  #of(instanceId: string): Waiting {
    let waiting = this.#waiting.get(instanceId);
    if (waiting === undefined) {
      waiting = { rows: [], since: this.steady(), spread: 0.75 + this.random() / 2, lastSecond: 0, error: null };
      this.#waiting.set(instanceId, waiting);
    }
    return waiting;
  }
}
