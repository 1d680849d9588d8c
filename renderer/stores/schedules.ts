import { create } from 'zustand';
import type { ScheduleKind, ScheduleView } from '../../shared/domain/schedules/schedule';
import { api } from '../api';
import { wholeOf } from './whole';

/** What is started at set times, as the engine tells it. */
const useSchedules = create<{ readonly schedules: readonly ScheduleView[] }>(() => ({ schedules: [] }));

const whole = wholeOf<{ readonly schedules: readonly ScheduleView[] }>((make) => useSchedules.setState(make), async () => {
  const answer = await api.schedules.list();
  return (before) => ({ schedules: answer.ok ? answer.value : before.schedules });
});

/** Asks for all of them; at start and after missed events. */
export const loadSchedules = (): Promise<void> => whole.load();

export function putSchedules(schedules: readonly ScheduleView[]): void {
  whole.change(() => ({ schedules }));
}

/** The schedule of a thing; undefined: it has none. */
export function useScheduleOf(kind: ScheduleKind, subject: string | undefined): ScheduleView | undefined {
  return useSchedules((state) => state.schedules.find((one) => one.kind === kind && one.subject === subject));
}
