import { message, type Message } from '../../i18n/message';
import type { TaskState } from '../tasks/task';
import type { ScheduleView } from './schedule';

/** How the last run went, in a word or two; one that was started goes by where its task stands. */
export function outcomeText({ lastOutcome, lastTask }: Pick<ScheduleView, 'lastOutcome' | 'lastTask'>): Message {
  if (lastOutcome === null) return message('schedules.last.never');
  if (lastOutcome.kind !== 'started') return message(`schedules.outcome.${lastOutcome.kind}`);
  return lastTask === null ? message('schedules.outcome.started') : taskText(lastTask.state);
}

function taskText(state: TaskState): Message {
  switch (state) {
    case 'pending':
    case 'running':
    case 'waiting':
    case 'pausing':
    case 'cancelling':
    case 'undoing':
      return message('schedules.outcome.running');
    case 'done':
    case 'failed':
    case 'paused':
    case 'cancelled':
    case 'interrupted':
      return message(`schedules.outcome.${state}`);
    default:
      return state satisfies never;
  }
}
