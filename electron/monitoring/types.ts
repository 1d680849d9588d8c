import type { LivePoint, Mark, MonitoringRange, MonitoringView } from '../../shared/domain/monitoring/monitoring';
import type { RawSample, SeriesValues } from '../../shared/domain/monitoring/rates';
import type { SeriesId } from '../../shared/domain/monitoring/series';
import type { Threshold } from '../../shared/domain/monitoring/thresholds';

export interface RangeRequest {
  readonly series: readonly SeriesId[];
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly maxPoints: number;
}

/** Samples the instances, keeps their values, and tells which are past a threshold. */
export interface MonitoringService {
  /** From now on every instance that the fleet reads is sampled: at the fleet's interval, or each second where it is watched or marked. */
  start(): void;
  /** @throws Failure `not-found` */
  view(instanceId: string): MonitoringView;
  range(instanceId: string, request: RangeRequest): Promise<MonitoringRange>;
  /** A sample each second for the next minute. */
  watch(instanceId: string): MonitoringView;
  unwatch(instanceId: string): void;
  setMarked(instanceId: string, on: boolean): MonitoringView;
  marks(instanceIds: readonly string[], from: number, to: number): readonly Mark[];
  thresholds(): readonly Threshold[];
  setThresholds(thresholds: readonly Threshold[]): readonly Threshold[];
  /** One sample of the raw values, now, kept nowhere; null: it failed, see `view`. */
  sampleOnce(instanceId: string): Promise<RawSample | null>;
  /** Values of one second from now, kept nowhere. @throws Failure where the instance cannot be read */
  valuesNow(instanceId: string): Promise<SeriesValues>;
  /** Calls back with each point of an instance that is watched; returns how to stop. */
  onLivePoint(listener: (point: LivePoint) => void): () => void;
  /** Writes what is not on the disk yet, and ends its sessions. */
  close(): Promise<void>;
}
