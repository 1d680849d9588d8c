import type { Message } from '../../shared/i18n/message';
import type { Schedule, ScheduleKind, ScheduleOrder, ScheduleView } from '../../shared/domain/schedules/schedule';
import type { TaskView } from '../../shared/domain/tasks/task';
import type { AuditLog } from '../storage/types';
import type { TaskEngine } from '../tasks/types';

/** What a schedule is of. */
export interface ScheduleSubject {
  /** For people. */
  readonly name: string;
  /** The instances that it concerns; what is told of it is told of the last. */
  readonly instanceIds: readonly string[];
  /** It is out of use for now: nothing runs, and nothing is missed. */
  readonly rests: boolean;
}

/** How one kind of work is done on a schedule. The service that does it registers this where services meet. */
export interface ScheduledWork {
  /** Null: there is no such thing any more, and its schedules are removed. */
  subject(id: string): ScheduleSubject | null;
  /**
   * Starts a run and returns once it is under way.
   *
   * @throws Failure where it is refused; that is told, and the next run is tried as ever
   */
  start(schedule: Schedule): Promise<TaskView>;
  /** Its schedule is gone, by its user or with its subject: what was kept for it alone goes too. */
  removed?(id: string): Promise<void>;
  /** A subject has at most one schedule of this kind. */
  readonly single: boolean;
}

/** Calls once, after a time; the answer takes it back. */
export interface Timer {
  after(ms: number, act: () => void): () => void;
}

export interface ScheduleDeps {
  readonly dataFolder: string;
  readonly tasks: Pick<TaskEngine, 'get' | 'onChange'>;
  readonly audit: Pick<AuditLog, 'append'>;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly timer: Timer;
  /** The IANA name of this workstation's time zone. */
  readonly localZone: () => string;
  readonly alert: (severity: 'warning' | 'info', instanceId: string | null, text: Message) => void;
}

/** Work that is started at set times, by the one process of a data folder that is there for it. */
export interface ScheduleService {
  /** Oldest first. */
  list(): readonly ScheduleView[];
  /**
   * Adds a schedule, or changes the one with this id. What came due before is not made up for.
   *
   * @throws Failure `invalid-input`; `not-found`; `name-taken` where its subject has one already, and may have no other
   */
  save(id: string | null, order: ScheduleOrder): Promise<ScheduleView>;
  /** @throws Failure `not-found` */
  remove(id: string): Promise<void>;
  /**
   * From now on this process is the one that serves the data folder without a window: while it lives, windows leave the runs to it. The
   * answer ends that.
   *
   * @throws Failure `already-served`
   */
  serve(): () => void;
}

/** The same with what the place needs where services meet. */
export interface Schedules extends ScheduleService {
  register(kind: ScheduleKind, work: ScheduledWork): void;
  /** From now on this process starts what is due. */
  start(): void;
  onChange(listener: (schedules: readonly ScheduleView[]) => void): () => void;
  /** Resolves when what it was starting is started. */
  close(): Promise<void>;
}
