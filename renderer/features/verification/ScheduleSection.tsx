import { useState } from 'react';
import type { ReactElement } from 'react';
import type { ScheduleView } from '../../../shared/domain/schedules/schedule';
import { useText } from '../../stores/language';
import { loadSchedules, useScheduleOf, useSchedulesError } from '../../stores/schedules';
import { useSyncOfStandby } from '../../stores/tasks';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { Section } from '../../ui/Page';
import { formKey, ScheduleFacts, ScheduleForm } from '../../ui/Schedule';
import { Waiting } from '../../ui/Waiting';
import { RateInput } from './RateInput';
import classes from './verification.module.css';

/** When a link is compared by itself: set here, with its next run, how the last one went, and what was missed. */
export function ScheduleSection({ sourceId, standbyId }: { sourceId: string; standbyId: string }): ReactElement {
  const t = useText();
  const sync = useSyncOfStandby(standbyId);
  const subject = sync?.spec.sourceId === sourceId ? sync.id : undefined;
  const schedule = useScheduleOf('verification', subject);
  const error = useSchedulesError();
  if (schedule === null) {
    return (
      <Section title={t('schedules.title')} boxed>
        {error === null ? <Waiting>{t('schedules.loading')}</Waiting> : <ErrorNotice error={error} onRetry={() => void loadSchedules()} />}
      </Section>
    );
  }
  return (
    <Section title={t('schedules.title')} boxed>
      {subject === undefined
        ? <p className={classes.note}>{t('schedules.no-task')}</p>
        : <Form key={formKey(subject, schedule)} subject={subject} schedule={schedule} />}
      {schedule === undefined ? null : <ScheduleFacts schedule={schedule} />}
    </Section>
  );
}

/** When it is compared, and how fast. */
function Form({ subject, schedule }: { subject: string; schedule: ScheduleView | undefined }): ReactElement {
  const t = useText();
  const before = schedule?.rowsPerSecond ?? null;
  const [rate, setRate] = useState(before);
  const more = { fields: <RateInput rate={rate} onChange={setRate} />, isChanged: rate !== before, isFaulty: false, order: { rowsPerSecond: rate } };
  return <ScheduleForm kind="verification" subject={subject} schedule={schedule} label={t('schedules.repeats')} more={more} />;
}
