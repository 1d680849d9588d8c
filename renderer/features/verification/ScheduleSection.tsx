import type { ReactElement } from 'react';
import { useText } from '../../stores/language';
import { useScheduleOf } from '../../stores/schedules';
import { useSyncOfStandby } from '../../stores/tasks';
import { Section } from '../../ui/Page';
import { formKey, ScheduleFacts, ScheduleForm } from '../../ui/Schedule';
import classes from './verification.module.css';

/** When a link is compared by itself: set here, with its next run, how the last one went, and what was missed. */
export function ScheduleSection({ sourceId, standbyId }: { sourceId: string; standbyId: string }): ReactElement {
  const t = useText();
  const sync = useSyncOfStandby(standbyId);
  const subject = sync?.spec.sourceId === sourceId ? sync.id : undefined;
  const schedule = useScheduleOf('verification', subject);
  return (
    <Section title={t('schedules.title')} boxed>
      {subject === undefined
        ? <p className={classes.note}>{t('schedules.no-task')}</p>
        : <ScheduleForm key={formKey(subject, schedule)} kind="verification" subject={subject} schedule={schedule} label={t('schedules.repeats')} />}
      {schedule === undefined ? null : <ScheduleFacts schedule={schedule} />}
    </Section>
  );
}
