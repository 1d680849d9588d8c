import { Progress as Bar, UnstyledButton } from '@mantine/core';
import { useId, useState } from 'react';
import type { ReactElement } from 'react';
import type { Progress, StepState, StepView } from '../../shared/domain/tasks/task';
import type { Translator } from '../../shared/i18n/translate';
import { useNow } from '../stores/clock';
import { useNumber, useText } from '../stores/language';
import { ErrorNotice } from './ErrorNotice';
import { formatBytes, formatDuration } from './format';
import { IconAlertOctagonFilled, IconArrowBackUp, IconChevronRight, IconCircleCheckFilled, IconCircleDashed, IconCircleMinus, IconLoader2 } from './icons';
import { SqlBlock } from './SqlBlock';
import type { Tone } from './StatusBadge';
import classes from './StepList.module.css';

const looks: Record<StepState, { Icon: typeof IconLoader2; tone: Tone }> = {
  'pending': { Icon: IconCircleDashed, tone: 'mute' },
  'running': { Icon: IconLoader2, tone: 'busy' },
  'done': { Icon: IconCircleCheckFilled, tone: 'good' },
  'failed': { Icon: IconAlertOctagonFilled, tone: 'bad' },
  'undoing': { Icon: IconLoader2, tone: 'busy' },
  'undone': { Icon: IconArrowBackUp, tone: 'mute' },
  'undo-failed': { Icon: IconAlertOctagonFilled, tone: 'bad' },
  'skipped': { Icon: IconCircleMinus, tone: 'mute' },
};

/** An amount of a progress with its unit, e.g. `12.4 MiB` or `41,200 rows`. */
function amountText(t: Translator, amount: number, unit: Progress['unit']): string {
  return t(`common.unit.${unit}`, { n: unit === 'bytes' ? formatBytes(t.language, amount) : new Intl.NumberFormat(t.language, { maximumFractionDigits: 0 }).format(amount) });
}

/** How far a step is: bar where a total is known, amounts, rate, time left. */
export function ProgressLine({ progress, label }: { progress: Progress; label: string }): ReactElement {
  const t = useText();
  const { done, total, unit, rate, etaSeconds, text } = progress;
  const percent = total === null || total <= 0 ? null : Math.min(100, (done / total) * 100);
  const bits = [
    total === null ? amountText(t, done, unit) : t('common.step.of', { done: amountText(t, done, unit), total: amountText(t, total, unit) }),
    rate === null ? null : t('common.step.rate', { n: amountText(t, rate, unit) }),
    etaSeconds === null ? null : t('common.step.eta', { time: formatDuration(t, Math.max(1, etaSeconds) * 1000) }),
  ].filter((bit) => bit !== null);
  return (
    <div className={classes.progress}>
      {percent === null ? null : <Bar value={percent} size={4} aria-label={label} />}
      <div className={classes.amounts}>
        {text === null ? null : <span>{t.message(text)}</span>}
        <span>{bits.join(' · ')}</span>
      </div>
    </div>
  );
}

function Running({ since }: { since: number }): ReactElement {
  const t = useText();
  const now = useNow();
  return <>{formatDuration(t, Math.max(0, now - since))}</>;
}

function Step({ step, index }: { step: StepView; index: number }): ReactElement {
  const t = useText();
  const number = useNumber();
  const [open, setOpen] = useState(step.state === 'failed');
  const panel = useId();
  const { Icon, tone } = looks[step.state];
  const title = t.message(step.title);
  const hasSql = step.sql.length > 0;
  const head = (
    <>
      <Icon size={15} className={classes.icon} data-tone={tone} aria-hidden />
      <span className={classes.title}>
        <span className={classes.number}>{number(index + 1)}</span> {title}
        <span className="visually-hidden">, {t(`common.step.${step.state}`)}</span>
      </span>
      <span className={classes.time}>
        {step.state === 'running' && step.startedAt !== null ? <Running since={step.startedAt} /> : step.ms === null ? null : formatDuration(t, step.ms)}
      </span>
      {hasSql ? <IconChevronRight size={14} className={classes.chevron} data-open={open || undefined} aria-hidden /> : <span className={classes.chevron} />}
    </>
  );
  return (
    <>
      {step.pointOfNoReturn ? (
        <li className={classes.noReturn}>
          <span>{t('common.step.no-return')}</span>
        </li>
      ) : null}
      <li className={classes.step} data-state={step.state} aria-current={step.state === 'running' ? 'step' : undefined}>
        {hasSql ? (
          <UnstyledButton className={classes.head} aria-expanded={open} aria-controls={panel} onClick={() => setOpen(!open)}>
            {head}
          </UnstyledButton>
        ) : (
          <div className={classes.head}>{head}</div>
        )}
        {step.progress !== null && step.state === 'running' ? <ProgressLine progress={step.progress} label={title} /> : null}
        {step.error === null ? null : (
          <div className={classes.more}>
            <ErrorNotice error={step.error} />
          </div>
        )}
        <div id={panel} hidden={!open} className={classes.more}>
          {open ? <SqlBlock statements={step.sql} /> : null}
        </div>
      </li>
    </>
  );
}

/** The steps of a task with their states, times, progress, statements (folded) and the line of no return. */
export function StepList({ steps, label }: { steps: readonly StepView[]; label: string }): ReactElement {
  return (
    <ol className={classes.list} aria-label={label}>
      {steps.map((step, index) => (
        <Step key={step.id} step={step} index={index} />
      ))}
    </ol>
  );
}
