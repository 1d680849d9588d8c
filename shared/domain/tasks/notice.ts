import { message, type Message } from '../../i18n/message';
import type { TaskState, TaskView } from './task';

/**
 * What the desktop tells of a task whose state has changed: it ended, was interrupted, or needs something. null: nothing
 * that its user would want to be called for (a cancel is their own).
 */
export function taskNotice(before: TaskState | undefined, task: Pick<TaskView, 'name' | 'state'>): Message | null {
  if (before === undefined || before === task.state) return null;
  switch (task.state) {
    case 'done':
    case 'failed':
    case 'interrupted':
    case 'waiting':
      return message(`tasks.notice.${task.state}`, { name: task.name });
    case 'pending':
    case 'running':
    case 'pausing':
    case 'paused':
    case 'cancelling':
    case 'cancelled':
    case 'undoing':
      return null;
    default: {
      const never: never = task.state;
      return never;
    }
  }
}
