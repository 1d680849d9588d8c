// The schedules of a data folder, in `schedules.json`. Every change is made under the document's lock on what is on the disk then, which
// is what lets several processes share it: of those that find a run due, one claims it.
import * as v from 'valibot';
import { considered, passedRuns, withoutLostStart, type Passed } from '../../shared/domain/schedules/due';
import { isRead, isTimeZone } from '../../shared/domain/schedules/pattern';
import { localTime, scheduleKinds, type Schedule, type ScheduleOutcome } from '../../shared/domain/schedules/schedule';
import { openDocument } from '../storage/document';
import type { Document } from '../storage/types';
import { appError } from '../tasks/records';

const moment = v.pipe(v.number(), v.finite());
const when = { at: moment, dueAt: moment };
const outcome = v.variant('kind', [
  v.object({ kind: v.literal('starting'), ...when }),
  v.object({ kind: v.literal('started'), ...when, taskId: v.string() }),
  v.object({ kind: v.literal('skipped'), ...when, taskId: v.string() }),
  v.object({ kind: v.literal('refused'), ...when, error: appError }),
]);
const schema = v.object({
  schedules: v.array(v.object({
    id: v.string(), kind: v.picklist(scheduleKinds), subject: v.string(), pattern: v.pipe(v.string(), v.check(isRead)),
    timeZone: v.pipe(v.string(), v.check((name) => name === localTime || isTimeZone(name))), enabled: v.boolean(), catchUp: v.boolean(),
    createdAt: moment, consideredUntil: moment, lastRunAt: v.nullable(moment), lastTaskId: v.nullable(v.string()), lastOutcome: v.nullable(outcome),
    missed: v.nullable(v.object({ count: v.number(), since: moment })),
    rowsPerSecond: v.optional(v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1)))),
  })),
});
type Kept = v.InferOutput<typeof schema>['schedules'][number];

/** What a process has claimed. */
export interface Claim {
  readonly schedule: Schedule;
  /** How the run before went. */
  readonly before: ScheduleOutcome | null;
  readonly passed: Passed;
}

export class ScheduleStore {
  readonly #document: Document<v.InferOutput<typeof schema>>;

  constructor(dataFolder: string) {
    this.#document = openDocument({ dataFolder, name: 'schedules', version: 1, schema, empty: { schedules: [] } });
  }

  list(): readonly Schedule[] {
    return this.#document.get().schedules;
  }

  /** Adds a schedule, or changes the one with this id: `make` gets it as it is on the disk (null: it is not there) with the others, or throws. */
  put(id: string, make: (known: Schedule | null, others: readonly Schedule[]) => Schedule): void {
    this.#document.update(({ schedules }) => {
      const known = schedules.find((one) => one.id === id) ?? null;
      const made = kept(make(known, schedules.filter((one) => one !== known)));
      return { schedules: known === null ? [...schedules, made] : schedules.map((one) => (one === known ? made : one)) };
    });
  }

  remove(id: string): void {
    this.#document.update((old) => (old.schedules.some((one) => one.id === id) ? { schedules: old.schedules.filter((one) => one.id !== id) } : old));
  }

  /** Takes what has come due of a schedule, so that no other process does; null: nothing has, or another was first. */
  claim(id: string, zone: string, now: number, rests: boolean): Claim | null {
    let claim: Claim | null = null;
    this.#change(id, (old) => {
      const schedule = withoutLostStart(old, now);
      const passed = passedRuns(schedule, zone, now);
      if (passed === null) return schedule;
      const next = considered(schedule, passed, now, rests);
      claim = { schedule: next, before: schedule.lastOutcome, passed: rests ? { runAt: null, missed: null } : passed };
      return next;
    });
    return claim;
  }

  /** What became of a run that this process claimed. One that was removed meanwhile stays so. */
  settle(id: string, lastOutcome: ScheduleOutcome): void {
    const more = lastOutcome.kind === 'started' ? { lastRunAt: lastOutcome.at, lastTaskId: lastOutcome.taskId } : {};
    this.#change(id, (schedule) => ({ ...schedule, ...more, lastOutcome }));
  }

  #change(id: string, change: (schedule: Schedule) => Schedule): void {
    this.#document.update((old) => {
      const found = old.schedules.find((one) => one.id === id);
      const next = found === undefined ? undefined : change(found);
      return next === undefined || next === found ? old : { schedules: old.schedules.map((one) => (one.id === id ? kept(next) : one)) };
    });
  }
}

/** In the form of the file, which has room for nothing else. */
function kept(schedule: Schedule): Kept {
  const { lastOutcome, missed } = schedule;
  return { ...schedule, lastOutcome: lastOutcome === null ? null : { ...lastOutcome }, missed: missed === null ? null : { ...missed } };
}
