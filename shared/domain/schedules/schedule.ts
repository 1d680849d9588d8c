import type { AppError } from '../../errors/codes';
import type { TaskState } from '../tasks/task';

/** What can be done on a schedule. */
export const scheduleKinds = ['verification', 'backup'] as const;
export type ScheduleKind = (typeof scheduleKinds)[number];

/** The time zone that means the one of the workstation on which it runs, whatever that is then. */
export const localTime = 'local';

/** A schedule as its user orders it. */
export interface ScheduleOrder {
  readonly kind: ScheduleKind;
  /** The id of what it is done to; of a verification the sync task that owns the link. */
  readonly subject: string;
  /** Five fields of cron: minute, hour, day of the month, month, day of the week. */
  readonly pattern: string;
  /** An IANA name, or {@link localTime}. */
  readonly timeZone: string;
  readonly enabled: boolean;
  /** A run that came due while nothing could start it is started once it can be; of several, one. */
  readonly catchUp: boolean;
  /** Of a comparison: rows per second of each side at most; null or absent: as fast as the load of the servers lets it. */
  readonly rowsPerSecond?: number | null | undefined;
}

/**
 * How a run that came due went. `starting`: it was claimed by a process that has not told more yet. `skipped`: the run before, which is
 * named, was not over. Moments are milliseconds since the epoch.
 */
export type ScheduleOutcome =
  | { readonly kind: 'starting'; readonly at: number; readonly dueAt: number }
  | { readonly kind: 'started'; readonly at: number; readonly dueAt: number; readonly taskId: string }
  | { readonly kind: 'skipped'; readonly at: number; readonly dueAt: number; readonly taskId: string }
  | { readonly kind: 'refused'; readonly at: number; readonly dueAt: number; readonly error: AppError };

/** Runs that nobody was there to start, and that were not made up for. */
export interface Missed {
  /** At most {@link mostCounted}. */
  readonly count: number;
  /** When the first of them was due. */
  readonly since: number;
}

/** Missed runs are counted up to here; more are as many. */
export const mostCounted = 1000;

/** A schedule as it is kept. Moments are milliseconds since the epoch. */
export interface Schedule extends ScheduleOrder {
  readonly id: string;
  readonly createdAt: number;
  /** What came due up to here was started, skipped, or counted as missed. */
  readonly consideredUntil: number;
  /** The last run that was started, and its task. */
  readonly lastRunAt: number | null;
  readonly lastTaskId: string | null;
  readonly lastOutcome: ScheduleOutcome | null;
  /** Null: none since the last run. */
  readonly missed: Missed | null;
}

/** A schedule as every front shows it. */
export interface ScheduleView extends Omit<Schedule, 'consideredUntil'> {
  /** What it is done to, for people. */
  readonly name: string;
  readonly instanceIds: readonly string[];
  /** The IANA name of the zone in force. */
  readonly zone: string;
  /** Null: it is off, or rests. */
  readonly nextRunAt: number | null;
  /** What it is done to is out of use for now, as a link that was switched over: nothing runs, nothing is missed. */
  readonly rests: boolean;
  /** Where the task of the last run stands; null: none was started, or its record is gone. */
  readonly lastTask: { readonly state: TaskState; readonly error: AppError | null } | null;
}

/** The zone that a schedule runs in, on a workstation in a zone. */
export function zoneOf({ timeZone }: Pick<ScheduleOrder, 'timeZone'>, workstation: string): string {
  return timeZone === localTime ? workstation : timeZone;
}
