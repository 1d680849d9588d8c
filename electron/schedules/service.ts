import { randomUUID } from 'node:crypto';
import { nextRunOf } from '../../shared/domain/schedules/due';
import { isTimeZone, patternFault, patternFaultText, tidyPattern } from '../../shared/domain/schedules/pattern';
import {
  localTime, zoneOf, type Schedule, type ScheduleKind, type ScheduleOrder, type ScheduleOutcome, type ScheduleView,
} from '../../shared/domain/schedules/schedule';
import { endedStates, type TaskState, type TaskView } from '../../shared/domain/tasks/task';
import { errorOf, failure } from '../../shared/errors/codes';
import { message } from '../../shared/i18n/message';
import { translator } from '../../shared/i18n/translate';
import { audited, recordedAfter } from '../fleet/audited';
import { Runner } from './runner';
import { Serving } from './serving';
import { ScheduleStore, type Claim } from './store';
import type { ScheduleDeps, ScheduledWork, Schedules, ScheduleSubject } from './types';

/** See {@link Schedules}. Nothing runs before `start`. */
export function createSchedules(deps: ScheduleDeps): Schedules {
  return new ScheduleBook(deps);
}

class ScheduleBook implements Schedules {
  readonly #store: ScheduleStore;
  readonly #serving: Serving;
  readonly #runner: Runner;
  readonly #works = new Map<ScheduleKind, ScheduledWork>();
  readonly #listeners = new Set<(schedules: readonly ScheduleView[]) => void>();
  readonly #stopTasks: () => void;
  readonly #next = new Map<string, { readonly key: string; readonly at: number | null }>();
  #told = '[]';
  /** Where the tasks of last runs stand, as far as was told. */
  readonly #taskStates = new Map<string, TaskState>();
  /** By schedule, why the run that ended last failed; null: it did not. */
  readonly #lastFailures = new Map<string, string | null>();
  #isWatching = false;
  /** Why nothing could be done the last time, so that it is told once. */
  #trouble: string | null = null;

  constructor(private readonly deps: ScheduleDeps) {
    this.#store = new ScheduleStore(deps.dataFolder);
    this.#serving = new Serving(deps.dataFolder);
    this.#runner = new Runner({
      timer: deps.timer, clock: deps.clock, nextAt: () => this.#nextAt(), pass: () => this.#pass(), failed: ({ code, detail }) => this.#failed(detail ?? code),
    });
    this.#stopTasks = deps.tasks.onChange((task) => this.#taskChanged(task));
  }

  register(kind: ScheduleKind, work: ScheduledWork): void {
    this.#works.set(kind, work);
  }

  start(): void {
    this.#isWatching = true;
    this.#told = JSON.stringify(this.list());
    this.#runner.start();
  }

  onChange(listener: (schedules: readonly ScheduleView[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  serve(): () => void {
    this.#serving.take();
    return () => this.#serving.release();
  }

  list(): readonly ScheduleView[] {
    return this.#store.list().flatMap((schedule) => {
      const subject = this.#subjectOf(schedule);
      return subject === null ? [] : [this.#view(schedule, subject)];
    });
  }

  async save(id: string | null, order: ScheduleOrder): Promise<ScheduleView> {
    const { audit, clock } = this.deps;
    const work = this.#works.get(order.kind);
    if (work === undefined) throw failure('invalid-input', { field: 'kind', reason: order.kind });
    const subject = work.subject(order.subject);
    if (subject === null) throw failure('not-found', { kind: 'task', name: order.subject });
    const old = id === null ? null : this.#get(id);
    if (old !== null && (old.kind !== order.kind || old.subject !== order.subject)) throw failure('invalid-input', { field: 'subject', reason: order.subject });
    refuseUnreadable(order);
    const pattern = tidyPattern(order.pattern);
    const { timeZone, enabled, catchUp, rowsPerSecond } = order;
    const detail = { pattern, timeZone, enabled, catchUp, ...(rowsPerSecond === undefined ? {} : { rowsPerSecond: rowsPerSecond ?? '–' }) };
    return audited(audit, 'schedule.save', subject.name, detail, () => {
      const now = clock();
      const fresh = { id: id ?? randomUUID(), createdAt: now, lastRunAt: null, lastTaskId: null, lastOutcome: null };
      this.#store.put(fresh.id, (known, others) => {
        if (known === null && id !== null) throw failure('not-found', { kind: 'schedule', name: id });
        const isSame = others.some((one) => one.kind === order.kind && one.subject === order.subject);
        if (work.single && isSame) throw failure('name-taken', { kind: 'schedule', name: subject.name });
        return { ...(known ?? fresh), ...order, pattern, consideredUntil: now, missed: null };
      });
      this.#tell();
      return this.#view(this.#get(fresh.id), subject);
    });
  }

  async remove(id: string): Promise<void> {
    const schedule = this.#get(id);
    const name = this.#subjectOf(schedule)?.name ?? schedule.subject;
    await audited(this.deps.audit, 'schedule.remove', name, { pattern: schedule.pattern, timeZone: schedule.timeZone }, async () => {
      this.#store.remove(id);
      await this.#works.get(schedule.kind)?.removed?.(schedule.subject);
    });
    this.#tell();
  }

  async close(): Promise<void> {
    this.#stopTasks();
    this.#listeners.clear();
    await this.#runner.close();
    this.#serving.release();
  }

  /** Starts what is due, and counts what was missed. */
  async #pass(): Promise<void> {
    const { clock } = this.deps;
    const missed: { readonly name: string; readonly instanceId: string | null; readonly count: number }[] = [];
    for (const schedule of this.#store.list()) {
      const subject = this.#subjectOf(schedule);
      if (subject === null) {
        if (this.#works.has(schedule.kind)) await this.#forget(schedule);
        continue;
      }
      if (!this.#isDue(schedule) || this.#serving.isOther()) continue;
      const claim = this.#store.claim(schedule.id, this.#zoneOf(schedule), clock(), subject.rests);
      if (claim === null) continue;
      if (claim.passed.missed !== null) missed.push({ name: subject.name, instanceId: instanceOf(subject), count: claim.passed.missed.count });
      if (claim.passed.runAt !== null) await this.#run(claim, claim.passed.runAt, subject);
    }
    const [first] = missed;
    if (first !== undefined) {
      const count = missed.reduce((sum, one) => sum + one.count, 0);
      this.deps.alert('warning', first.instanceId, message('schedules.alert.missed', { name: first.name, count, others: missed.length - 1 }));
    }
    this.#trouble = null;
    this.#tell();
  }

  async #run({ schedule, before: outcomeBefore }: Claim, dueAt: number, subject: ScheduleSubject): Promise<void> {
    const { audit, clock, alert } = this.deps;
    const settle = (outcome: ScheduleOutcome): void => this.#store.settle(schedule.id, outcome);
    const work = this.#works.get(schedule.kind);
    const before = this.#taskOf(schedule);
    // One that was left half-way by a program that is gone does nothing more by itself; whether it is in the way is for the work to say.
    const runs = before !== null && !endedStates.includes(before.state) && before.state !== 'interrupted';
    if (work === undefined) return;
    if (runs) {
      settle({ kind: 'skipped', at: clock(), dueAt, taskId: before.id });
      if (outcomeBefore?.kind === 'skipped') return;
      alert('info', instanceOf(subject), message('schedules.alert.skipped', { kind: schedule.kind, name: subject.name }));
      return;
    }
    let task: TaskView;
    try {
      task = await audited(audit, 'schedule.run', subject.name, { pattern: schedule.pattern }, () => work.start(schedule));
    } catch (thrown) {
      const error = errorOf(thrown);
      settle({ kind: 'refused', at: clock(), dueAt, error });
      // Told once, and not every hour of a night; the schedule goes on saying so.
      const isKnown = outcomeBefore?.kind === 'refused' && outcomeBefore.error.code === error.code;
      if (!isKnown) alert('warning', instanceOf(subject), message('schedules.alert.refused', { kind: schedule.kind, name: subject.name }));
      return;
    }
    settle({ kind: 'started', at: clock(), dueAt, taskId: task.id });
  }

  /** What it was of is gone, and it goes too. */
  async #forget({ id, kind, subject, pattern, timeZone }: Schedule): Promise<void> {
    this.#store.remove(id);
    await this.#works.get(kind)?.removed?.(subject);
    recordedAfter(this.deps.audit, 'schedule.remove', subject, { pattern, timeZone });
  }

  #failed(why: string): void {
    if (this.#trouble === why) return;
    this.#trouble = why;
    this.deps.alert('warning', null, message('schedules.alert.trouble', { detail: why }));
  }

  #isDue(schedule: Schedule): boolean {
    if (schedule.lastOutcome?.kind === 'starting') return true;
    const now = this.deps.clock();
    const next = this.#nextOf(schedule);
    return next !== null && (next <= now || schedule.consideredUntil > now);
  }

  /** What is due already is not waited for: it is another's, or was tried. */
  #nextAt(): number | null {
    const now = this.deps.clock();
    const ahead = this.#store.list().map((schedule) => this.#nextOf(schedule)).filter((at) => at !== null && at > now);
    return ahead.reduce<number | null>((first, at) => (at !== null && (first === null || at < first) ? at : first), null);
  }

  /** The first run that was not looked at yet; worked out anew only where it may be another. */
  #nextOf(schedule: Schedule): number | null {
    const zone = this.#zoneOf(schedule);
    const { id, pattern, enabled, consideredUntil } = schedule;
    const key = [pattern, zone, enabled, consideredUntil].join('|');
    const known = this.#next.get(id);
    if (known?.key === key) return known.at;
    const at = nextRunOf(schedule, zone, consideredUntil);
    this.#next.set(id, { key, at });
    return at;
  }

  /** Of the many words of a task, those that change where it stands. */
  #taskChanged({ id, state, error }: TaskView): void {
    if (!this.#isWatching || this.#taskStates.get(id) === state) return;
    const schedule = this.#store.list().find(({ lastTaskId }) => lastTaskId === id);
    const subject = schedule === undefined ? null : this.#subjectOf(schedule);
    if (schedule === undefined || subject === null) return;
    this.#taskStates.set(id, state);
    this.#tell();
    if (!endedStates.includes(state)) return;
    const before = this.#lastFailures.get(schedule.id);
    this.#lastFailures.set(schedule.id, state === 'failed' ? (error?.code ?? '') : null);
    // As one that is refused: once, and not every hour of a night.
    if (state !== 'failed' || before === (error?.code ?? '')) return;
    this.deps.alert('warning', instanceOf(subject), message('schedules.alert.failed', { kind: schedule.kind, name: subject.name }));
  }

  /** Tells the fronts where something is other than they know it. */
  #tell(): void {
    const views = this.list();
    const now = JSON.stringify(views);
    if (now === this.#told) return;
    this.#told = now;
    for (const listener of [...this.#listeners]) listener(views);
    this.#runner.rearm();
  }

  #view(schedule: Schedule, { name, instanceIds, rests }: ScheduleSubject): ScheduleView {
    const { consideredUntil: _, ...kept } = schedule;
    const zone = this.#zoneOf(schedule);
    const task = this.#taskOf(schedule);
    const now = this.deps.clock();
    const next = this.#nextOf(schedule);
    return {
      ...kept, name, instanceIds, zone, rests, nextRunAt: rests ? null : next === null || next > now ? next : nextRunOf(schedule, zone, now),
      lastTask: task === null ? null : { state: task.state, error: task.error },
    };
  }

  #taskOf({ lastTaskId }: Schedule): TaskView | null {
    if (lastTaskId === null) return null;
    try {
      return this.deps.tasks.get(lastTaskId);
    } catch (thrown) {
      if (errorOf(thrown).code === 'not-found') return null;
      throw thrown;
    }
  }

  #subjectOf({ kind, subject }: Schedule): ScheduleSubject | null {
    return this.#works.get(kind)?.subject(subject) ?? null;
  }

  #zoneOf(schedule: Schedule): string {
    return zoneOf(schedule, this.deps.localZone());
  }

  #get(id: string): Schedule {
    const found = this.#store.list().find((one) => one.id === id);
    if (found === undefined) throw failure('not-found', { kind: 'schedule', name: id });
    return found;
  }
}

const instanceOf = ({ instanceIds }: ScheduleSubject): string | null => instanceIds.at(-1) ?? null;

/** @throws Failure `invalid-input` */
function refuseUnreadable({ pattern, timeZone }: ScheduleOrder): void {
  const fault = patternFault(pattern);
  if (fault !== null) throw failure('invalid-input', { field: 'pattern', reason: translator('en').message(patternFaultText(fault)) });
  if (timeZone !== localTime && !isTimeZone(timeZone)) throw failure('invalid-input', { field: 'timeZone', reason: timeZone });
}
