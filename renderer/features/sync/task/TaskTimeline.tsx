import type { ReactElement } from 'react';
import type { TaskView } from '../../../../shared/domain/tasks/task';
import { useText } from '../../../stores/language';
import { TimeText } from '../../../ui/TimeText';
import { timelineOf } from './timeline';
import pageClasses from '../page.module.css';
import classes from './TaskTimeline.module.css';

/** What happened in the run of a task, newest first. */
export function TaskTimeline({ task }: { task: TaskView | null }): ReactElement {
  const t = useText();
  const events = task === null ? [] : timelineOf(task);
  if (events.length === 0) return <p className={pageClasses.nothing}>{t('sync.task.log-empty')}</p>;
  return (
    <ol className={classes.log} tabIndex={0} aria-label={t('sync.task.timeline')}>
      {events.map((event, index) => (
        <li key={events.length - index} data-level={event.level} data-kind={event.kind}>
          <span className={pageClasses.when}>
            <TimeText at={event.at} show="clock" />
          </span>
          <span>{event.kind === 'log' ? t.message(event.text) : t(`sync.timeline.${event.kind}`, { step: t.message(event.text) })}</span>
        </li>
      ))}
    </ol>
  );
}
