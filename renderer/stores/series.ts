/** Points kept: an hour of readings every few seconds. */
const capacity = 1200;

/** One reading: milliseconds since the epoch, and one value per line; NaN where nothing was known. */
export interface SeriesPoint {
  readonly at: number;
  readonly values: readonly number[];
}

interface Ring {
  readonly at: Float64Array;
  readonly values: readonly Float64Array[];
  next: number;
  length: number;
}

/**
 * Readings over time, kept outside React in rings of fixed size; views read them when they draw. They begin with this
 * window and are not stored.
 */
export class Series {
  readonly #rings = new Map<string, Ring>();

  /** `lines`: how many values a reading has. */
  constructor(private readonly lines: number) {}

  /** A reading no newer than the last one is not taken. */
  add(key: string, at: number, values: readonly number[]): void {
    let ring = this.#rings.get(key);
    if (ring === undefined) {
      ring = { at: new Float64Array(capacity), values: Array.from({ length: this.lines }, () => new Float64Array(capacity)), next: 0, length: 0 };
      this.#rings.set(key, ring);
    }
    if (ring.length > 0 && (ring.at[(ring.next + capacity - 1) % capacity] ?? 0) >= at) return;
    ring.at[ring.next] = at;
    for (const [line, column] of ring.values.entries()) column[ring.next] = values[line] ?? Number.NaN;
    ring.next = (ring.next + 1) % capacity;
    ring.length = Math.min(ring.length + 1, capacity);
  }

  /** Oldest first. */
  read(key: string): readonly SeriesPoint[] {
    const ring = this.#rings.get(key);
    if (ring === undefined) return [];
    return Array.from({ length: ring.length }, (_, index) => {
      const slot = (ring.next - ring.length + index + capacity) % capacity;
      return { at: ring.at[slot] ?? 0, values: ring.values.map((column) => column[slot] ?? Number.NaN) };
    });
  }

  clear(key: string): void {
    this.#rings.delete(key);
  }
}
