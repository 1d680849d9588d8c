import type { InstanceView } from '../../shared/domain/fleet/view';

/** Points kept per instance: ten minutes at one reading a second. */
const capacity = 600;
const windowMs = 10 * 60_000;
/** Without a reading for longer than this nothing is known of the time between. */
export const silenceMs = 30_000;

interface Ring {
  readonly at: Float64Array;
  readonly seconds: Float64Array;
  next: number;
  length: number;
}

/** A reading: milliseconds since the epoch, and seconds of lag; NaN where the standby was not replicating or unknown. */
export interface LagPoint {
  readonly at: number;
  readonly seconds: number;
}

/**
 * The last ten minutes of lag of every standby, kept outside React in rings of fixed size; views read it when they draw.
 * It starts with this window and is not stored.
 */
export class LagHistory {
  readonly #rings = new Map<string, Ring>();

  /** Takes the lag of every view that has one. A reading already held (same moment) is not taken twice. */
  record(views: readonly InstanceView[], at: number): void {
    for (const { instance, lag } of views) {
      if (lag === null) continue;
      let ring = this.#rings.get(instance.id);
      if (ring === undefined) {
        ring = { at: new Float64Array(capacity), seconds: new Float64Array(capacity), next: 0, length: 0 };
        this.#rings.set(instance.id, ring);
      }
      const moment = lag.standbyAt > 0 ? lag.standbyAt : at;
      const lastIndex = (ring.next + capacity - 1) % capacity;
      if (ring.length > 0 && (ring.at[lastIndex] ?? 0) >= moment) continue;
      ring.at[ring.next] = moment;
      ring.seconds[ring.next] = lag.state === 'caught-up' ? (lag.seconds ?? 0) : lag.state === 'behind' ? (lag.seconds ?? Number.NaN) : Number.NaN;
      ring.next = (ring.next + 1) % capacity;
      ring.length = Math.min(ring.length + 1, capacity);
    }
  }

  /** Readings of the ten minutes before `now`, oldest first. */
  read(instanceId: string, now: number): readonly LagPoint[] {
    const ring = this.#rings.get(instanceId);
    if (ring === undefined) return [];
    const points: LagPoint[] = [];
    for (let i = 0; i < ring.length; i += 1) {
      const slot = (ring.next - ring.length + i + capacity) % capacity;
      const at = ring.at[slot] ?? 0;
      if (at >= now - windowMs) points.push({ at, seconds: ring.seconds[slot] ?? Number.NaN });
    }
    return points;
  }
}

export const lagHistory = new LagHistory();
