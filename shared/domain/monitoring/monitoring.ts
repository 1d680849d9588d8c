import type { AppError } from '../../errors/codes';
import type { Message } from '../../i18n/message';
import type { SeriesId } from './series';

/** How finely, and for how long, values are kept: the step and the number of steps of each ring. */
export const resolutions = [
  { id: 'second', stepMs: 1_000, steps: 3_600 },
  { id: 'minute', stepMs: 60_000, steps: 1_440 },
  { id: 'quarter', stepMs: 900_000, steps: 2_880 },
] as const;
export type ResolutionId = (typeof resolutions)[number]['id'];

/** Least, mean and greatest value of each step of a range; NaN: a gap, nothing is known of that step. All of one length. */
export interface SeriesPoints {
  readonly id: SeriesId;
  readonly min: Float32Array;
  readonly avg: Float32Array;
  readonly max: Float32Array;
}

/** Values of an instance over a range of time. Step `i` begins at `from + i * stepMs`, milliseconds since the epoch. */
export interface MonitoringRange {
  readonly instanceId: string;
  readonly from: number;
  readonly stepMs: number;
  readonly steps: number;
  /** The ring it was read from; several of its steps may be one step here, see `maxPoints`. */
  readonly resolution: ResolutionId;
  readonly series: readonly SeriesPoints[];
}

/** The newest values of an instance, as they reach an open page. A series that is absent has none: a gap. */
export interface LivePoint {
  readonly instanceId: string;
  /** Begin of its second, milliseconds since the epoch. */
  readonly at: number;
  readonly values: Readonly<Partial<Record<SeriesId, number>>>;
}

/** Why a series has no values on an instance. `grant`: the statement that gives the right. */
export type AbsentReason =
  | { readonly kind: 'privilege'; readonly grant: string }
  | { readonly kind: 'version'; readonly since: string }
  | { readonly kind: 'not-told' }
  | { readonly kind: 'not-replica' }
  | { readonly kind: 'not-logging' }
  | { readonly kind: 'not-read' };

export interface AbsentSeries {
  readonly id: SeriesId;
  readonly reason: AbsentReason;
}

/** How an instance is monitored at present. */
export interface MonitoringView {
  readonly instanceId: string;
  /** Read each second whether or not a page is open on it. */
  readonly marked: boolean;
  /** A page is open on it. */
  readonly watched: boolean;
  /** Milliseconds between two samples as things are now. */
  readonly intervalMs: number;
  readonly lastSampleAt: number | null;
  /** Why the last sample failed; null: it did not. */
  readonly error: AppError | null;
  readonly absent: readonly AbsentSeries[];
  /** Something of what was kept could not be read and was put aside, or cannot be written. */
  readonly notice: Message | null;
}

/** What a chart marks on its time axis. */
export interface Mark {
  readonly instanceId: string;
  readonly at: number;
  /** null: a moment, or not over yet. */
  readonly until: number | null;
  readonly kind: 'promotion' | 'task' | 'restart' | 'alert';
  readonly severity: 'critical' | 'warning' | 'info';
  readonly text: Message;
}

/** How long a page is served with a sample each second after it asked; it asks again well before. */
export const watchLeaseMs = 60_000;
