import { create } from 'zustand';
import type { ScheduleKind, ScheduleView } from '../../shared/domain/schedules/schedule';
import { api } from '../api';
import type { CallError } from '../api';
import { wholeOf } from './whole';

/** What is started at set times, as the engine tells it. */
interface SchedulesState {
  readonly status: 'loading' | 'ready' | 'failed';
  readonly error: CallError | null;
  readonly schedules: readonly ScheduleView[];
}

export const useSchedules = create<SchedulesState>(() => ({ status: 'loading', error: null, schedules: [] }));

const whole = wholeOf<SchedulesState>((make) => useSchedules.setState(make), async () => {
  const answer = await api.schedules.list();
  if (answer.ok) return () => ({ status: 'ready', error: null, schedules: answer.value });
  return ({ status }) => ({ error: answer.error, status: status === 'ready' ? 'ready' : 'failed' });
});

/** Asks for all of them; at start and after missed events. */
export const loadSchedules = (): Promise<void> => whole.load();

export function putSchedules(schedules: readonly ScheduleView[]): void {
  whole.change(() => ({ status: 'ready', error: null, schedules }));
}

/** The schedule of a thing; undefined: it has none; null: not known yet, nothing may be entered over it. */
export function useScheduleOf(kind: ScheduleKind, subject: string | undefined): ScheduleView | undefined | null {
  return useSchedules((state) => (state.status === 'ready' ? state.schedules.find((one) => one.kind === kind && one.subject === subject) : null));
}

/** Why the schedules are not known, where they could not be read. */
export function useSchedulesError(): CallError | null {
  return useSchedules((state) => (state.status === 'failed' ? state.error : null));
}
