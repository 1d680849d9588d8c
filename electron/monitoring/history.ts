import { bandWidth, fold, type Bands } from '../../shared/domain/monitoring/fold';
import { resolutions, type MonitoringRange } from '../../shared/domain/monitoring/monitoring';
import { rangePlan } from '../../shared/domain/monitoring/range-plan';
import { seriesIds } from '../../shared/domain/monitoring/series';
import type { RingStore } from './ring-store';
import type { RangeRequest } from './types';

/** Reads a range of what is kept of an instance; `now`: milliseconds since the epoch. */
export async function readRange(store: RingStore, instanceId: string, request: RangeRequest, now: number): Promise<MonitoringRange> {
  const plan = rangePlan(request, now);
  const ring = resolutions[plan.ring];
  const bands = plan.steps === 0 ? [] : await store.read(instanceId, ring.id, plan.firstStep, plan.firstStep + plan.steps * plan.joined - 1);
  const joined = plan.joined === 1 ? bands : Array.from({ length: plan.steps }, (_, at) => join(bands.slice(at * plan.joined, (at + 1) * plan.joined)));
  const series = request.series.map((id) => {
    const column = seriesIds.indexOf(id) * bandWidth;
    const pick = (place: number): Float32Array => Float32Array.from(joined, (step) => step?.[column + place] ?? NaN);
    return { id, min: pick(0), avg: pick(1), max: pick(2) };
  });
  return { instanceId, from: plan.firstStep * ring.stepMs, stepMs: ring.stepMs * plan.joined, steps: plan.steps, resolution: ring.id, series };
}

function join(steps: readonly (Bands | null)[]): Bands | null {
  const present = steps.filter((step) => step !== null);
  return present.length === 0 ? null : fold(present, seriesIds.length);
}
