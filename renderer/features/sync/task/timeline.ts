import type { LogLine, TaskView } from '../../../../shared/domain/tasks/task';
import type { Message } from '../../../../shared/i18n/message';

/** One thing that happened in a task. `step`: a step began, or ended in so many milliseconds. */
export interface TimelineEvent {
  readonly at: number;
  readonly level: LogLine['level'];
  readonly text: Message;
  readonly kind: 'log' | 'step-began' | 'step-ended' | 'step-failed';
}

/** What happened in a task, newest first: its log, and the steps as they began and ended. */
export function timelineOf(task: TaskView): readonly TimelineEvent[] {
  const steps = task.steps.flatMap(({ title, startedAt, ms, error }): TimelineEvent[] => {
    if (startedAt === null) return [];
    const began: TimelineEvent = { at: startedAt, level: 'info', text: title, kind: 'step-began' };
    if (ms === null) return [began];
    return [began, { at: startedAt + ms, level: error === null ? 'info' : 'error', text: title, kind: error === null ? 'step-ended' : 'step-failed' }];
  });
  const log = task.log.map(({ at, level, text }): TimelineEvent => ({ at, level, text, kind: 'log' }));
  return [...steps, ...log].sort((a, b) => b.at - a.at);
}
