import { resolutions, watchLeaseMs, type LivePoint, type Mark, type MonitoringRange, type MonitoringView } from '../../shared/domain/monitoring/monitoring';
import type { Threshold } from '../../shared/domain/monitoring/thresholds';
import type { FleetServers } from '../fleet/types';
import { Choices } from './choices';
import type { MonitoringService, RangeRequest } from './types';

export interface MonitoringParts {
  readonly dataFolder: string;
  readonly fleet: FleetServers;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly pollSeconds: () => number;
}

export function createMonitoring(parts: MonitoringParts): MonitoringService {
  return new Monitoring(parts);
}

class Monitoring implements MonitoringService {
  readonly #parts: MonitoringParts;
  readonly #choices: Choices;
  readonly #listeners = new Set<(point: LivePoint) => void>();
  /** Until when an instance is watched. */
  readonly #watched = new Map<string, number>();

  constructor(parts: MonitoringParts) {
    this.#parts = parts;
    this.#choices = new Choices(parts.dataFolder);
  }

  view(instanceId: string): MonitoringView {
    this.#parts.fleet.instance(instanceId);
    const marked = this.#choices.isMarked(instanceId);
    const watched = (this.#watched.get(instanceId) ?? 0) > this.#parts.clock();
    const intervalMs = marked || watched ? 1_000 : this.#parts.pollSeconds() * 1_000;
    return { instanceId, marked, watched, intervalMs, lastSampleAt: null, error: null, absent: [], notice: null };
  }

  async range(instanceId: string, { series, from, to }: RangeRequest): Promise<MonitoringRange> {
    this.#parts.fleet.instance(instanceId);
    const [{ id: resolution, stepMs }] = resolutions;
    const steps = Math.min(3_600, Math.max(0, Math.ceil((to - from) / stepMs)));
    const gaps = (): Float32Array => new Float32Array(steps).fill(NaN);
    return { instanceId, from, stepMs, steps, resolution, series: series.map((id) => ({ id, min: gaps(), avg: gaps(), max: gaps() })) };
  }

  watch(instanceId: string): MonitoringView {
    this.#parts.fleet.instance(instanceId);
    this.#watched.set(instanceId, this.#parts.clock() + watchLeaseMs);
    return this.view(instanceId);
  }

  unwatch(instanceId: string): void {
    this.#watched.delete(instanceId);
  }

  setMarked(instanceId: string, on: boolean): MonitoringView {
    this.#parts.fleet.instance(instanceId);
    this.#choices.setMarked(instanceId, on);
    return this.view(instanceId);
  }

  marks(): readonly Mark[] {
    return [];
  }

  thresholds(): readonly Threshold[] {
    return this.#choices.thresholds();
  }

  setThresholds(thresholds: readonly Threshold[]): readonly Threshold[] {
    this.#choices.setThresholds(thresholds);
    return this.#choices.thresholds();
  }

  onLivePoint(listener: (point: LivePoint) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }
}
