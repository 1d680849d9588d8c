import { Button, Checkbox, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { patternFault, patternFaultText } from '../../shared/domain/schedules/pattern';
import { patternOf, presetOf, presetText, weekdays, type Preset, type Weekday } from '../../shared/domain/schedules/preset';
import { localTime, type ScheduleKind, type ScheduleOrder, type ScheduleView } from '../../shared/domain/schedules/schedule';
import { outcomeText } from '../../shared/domain/schedules/told';
import { message, type Message } from '../../shared/i18n/message';
import { api, type Result } from '../api';
import { useAct } from '../stores/act';
import { useText, useTimeZone } from '../stores/language';
import { loadSchedules } from '../stores/schedules';
import { useSettings } from '../stores/settings';
import { ErrorNotice } from './ErrorNotice';
import { formatMinute } from './format';
import { Facts } from './Page';
import { StatusBadge } from './StatusBadge';
import { TimeText } from './TimeText';
import classes from './Schedule.module.css';

const choices = ['off', 'hourly', 'daily', 'weekly', 'cron'] as const;
type Choice = (typeof choices)[number];

/** What is entered: the fields of every choice, so that going from one to another loses nothing. */
interface Entered {
  readonly choice: Choice;
  readonly time: string;
  readonly day: Weekday;
  readonly pattern: string;
  readonly catchUp: boolean;
}

/** What is set beside the times, and saved with them. */
interface More {
  readonly fields: ReactNode;
  readonly isChanged: boolean;
  readonly isFaulty: boolean;
  /** Saves it, before the times are; absent: it is part of the order. */
  save?(): Promise<Result<unknown>>;
  /** What is ordered with the times. */
  readonly order?: Pick<ScheduleOrder, 'rowsPerSecond'>;
}

interface ScheduleFormProps {
  readonly kind: ScheduleKind;
  readonly subject: string;
  readonly schedule: ScheduleView | undefined;
  /** What is done by itself. */
  readonly label: string;
  readonly more?: More;
}

/** Tells one state of a schedule from another, for the key of its form: one that was changed elsewhere is entered anew. */
export function formKey(subject: string, schedule: ScheduleView | undefined): string {
  return schedule === undefined ? subject : [schedule.id, schedule.pattern, schedule.enabled, schedule.catchUp, schedule.timeZone, schedule.rowsPerSecond ?? ''].join(' ');
}

function entered(schedule: ScheduleView | undefined): Entered {
  const empty = { choice: 'off', time: '03:00', day: 'sun', pattern: '0 3 * * *', catchUp: false } as const;
  if (schedule === undefined) return empty;
  const { pattern, enabled, catchUp } = schedule;
  const preset = presetOf(pattern);
  // Hourly at another minute than the first is a pattern here.
  const kind = preset.kind === 'hourly' && preset.minute !== 0 ? 'cron' : preset.kind;
  const time = preset.kind === 'daily' || preset.kind === 'weekly' ? preset.time : empty.time;
  return { choice: enabled ? kind : 'off', time, day: preset.kind === 'weekly' ? preset.day : empty.day, pattern, catchUp };
}

/** What a choice other than off stands for. */
function presetEntered(choice: Exclude<Choice, 'off'>, { time, day, pattern }: Entered): Preset {
  switch (choice) {
    case 'hourly':
      return { kind: 'hourly', minute: 0 };
    case 'daily':
      return { kind: 'daily', time };
    case 'weekly':
      return { kind: 'weekly', day, time };
    case 'cron':
      return { kind: 'cron', pattern };
    default:
      return choice satisfies never;
  }
}

type PatternEntered = { readonly pattern: string } | { readonly fault: Message };

/** The pattern of what is entered, or what is wrong with it; off keeps what there was. */
function patternEntered(now: Entered, schedule: ScheduleView | undefined): PatternEntered {
  if (now.choice === 'off') return { pattern: schedule?.pattern ?? now.pattern };
  const preset = presetEntered(now.choice, now);
  const made = patternOf(preset);
  if (made === null) return { fault: message('schedules.fault.time') };
  const fault = patternFault(made);
  return fault === null ? { pattern: made } : { fault: patternFaultText(fault) };
}

/** When something is done by itself, set. */
export function ScheduleForm({ kind, subject, schedule, label, more }: ScheduleFormProps): ReactElement {
  const t = useText();
  const title = useId();
  const zone = useSettings((state) => schedule?.zone ?? state.info?.timeZone ?? '');
  const [before] = useState(() => entered(schedule));
  const [now, setNow] = useState(before);
  const { busy, error, act } = useAct<'save'>();
  const { choice } = now;
  const made = patternEntered(now, schedule);
  const fault = 'fault' in made ? t.message(made.fault) : null;
  const isMoved = now.catchUp !== before.catchUp || ('pattern' in made && made.pattern !== schedule?.pattern);
  const isChanged = choice !== before.choice || (choice !== 'off' && (isMoved || more?.isChanged === true));
  const isFaulty = fault !== null || (choice !== 'off' && more?.isFaulty === true);
  const timeZone = schedule?.timeZone ?? localTime;
  const save = (pattern: string): void => void act<unknown>('save', async () => {
    const saved = choice !== 'off' && more?.isChanged === true ? (await more.save?.() ?? null) : null;
    if (saved?.ok === false) return saved;
    return api.schedules.save({ id: schedule?.id ?? null, kind, subject, pattern, timeZone, enabled: choice !== 'off', catchUp: now.catchUp, ...more?.order });
  }, () => void loadSchedules());
  return (
    <>
      {error === null ? null : <ErrorNotice error={error} />}
      <form className={classes.schedule} onSubmit={(event) => { event.preventDefault(); if ('pattern' in made && isChanged && !isFaulty) save(made.pattern); }}>
        <div className={classes.repeats}>
          <span id={title}>{label}</span>
          <SegmentedControl
            aria-labelledby={title} value={choice} data={choices.map((one) => ({ value: one, label: t(`schedules.choice.${one}`) }))}
            onChange={(next) => setNow({ ...now, choice: choices.find((one) => one === next) ?? 'off' })}
          />
        </div>
        {choice === 'weekly' ? (
          <Select
            label={t('schedules.day')} w={140} value={now.day} data={weekdays.map((one) => ({ value: one, label: t(`schedules.day.${one}`) }))}
            onChange={(next) => setNow({ ...now, day: weekdays.find((one) => one === next) ?? now.day })}
          />
        ) : null}
        {choice === 'daily' || choice === 'weekly'
          ? <TextInput className={classes.time} label={t('schedules.time')} value={now.time} error={fault !== null} onChange={(event) => setNow({ ...now, time: event.currentTarget.value })} />
          : null}
        {choice === 'cron'
          ? <TextInput className={classes.pattern} label={t('schedules.pattern')} value={now.pattern} error={fault !== null} spellCheck={false} onChange={(event) => setNow({ ...now, pattern: event.currentTarget.value })} />
          : null}
        <Button type="submit" variant="filled" disabled={isFaulty || !isChanged} loading={busy === 'save'}>{t('schedules.save')}</Button>
        {choice === 'off' ? null : (
          <>
            {fault === null
              ? <p className={classes.zone}>{t(timeZone === localTime ? 'schedules.zone' : 'schedules.zone.fixed', { zone })}</p>
              : <p className={classes.zone} role="alert">{fault}</p>}
            <Checkbox
              label={t('schedules.catch-up')} description={t('schedules.catch-up.hint')} checked={now.catchUp}
              onChange={(event) => setNow({ ...now, catchUp: event.currentTarget.checked })}
            />
            {more === undefined ? null : <div className={classes.more}>{more.fields}</div>}
          </>
        )}
      </form>
    </>
  );
}

/** How a schedule stands: when it runs next, how the last run went, and what was missed. */
export function ScheduleFacts({ schedule }: { schedule: ScheduleView }): ReactElement {
  const t = useText();
  const reader = useTimeZone();
  const { pattern, zone, nextRunAt, rests, lastOutcome, missed } = schedule;
  return (
    <>
      <Facts
        rows={[
          { name: t('schedules.when'), value: t('schedules.when.zoned', { when: t.message(presetText(pattern)), zone }) },
          { name: t('schedules.next'), value: nextRunAt === null ? t(rests ? 'schedules.next.rests' : 'schedules.next.off') : <TimeText at={nextRunAt} show="minute" /> },
          { name: t('schedules.last'), value: <LastRun schedule={schedule} /> },
          ...(missed === null ? [] : [{
            name: t('schedules.missed'),
            value: <StatusBadge tone="warn" plain>{t('schedules.missed.value', { count: missed.count, since: formatMinute(t.language, reader, missed.since) })}</StatusBadge>,
          }]),
        ]}
      />
      {lastOutcome?.kind === 'refused' ? <div className={classes.refused}><ErrorNotice error={lastOutcome.error} /></div> : null}
    </>
  );
}

function LastRun({ schedule }: { schedule: ScheduleView }): ReactElement {
  const t = useText();
  const { lastOutcome, lastTask } = schedule;
  const text = t.message(outcomeText(schedule));
  if (lastOutcome === null) return <>{text}</>;
  const state = lastOutcome.kind === 'started' ? lastTask?.state : undefined;
  const tone = lastOutcome.kind === 'refused' || state === 'failed' || state === 'interrupted' ? 'bad' : lastOutcome.kind === 'skipped' || state === 'cancelled' ? 'warn' : state === 'done' ? 'good' : 'mute';
  return <span className={classes.outcome}><TimeText at={lastOutcome.at} show="minute" /> <StatusBadge tone={tone} plain>{text}</StatusBadge></span>;
}
