import { Button, SegmentedControl, Select, Switch, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { saidOfNone, type Compared, type SlowReport, type SlowStatement, type SlowView } from '../../../shared/domain/slow/report';
import type { Unwatched } from '../../../shared/domain/slow/switches';
import { api } from '../../api';
import type { CallError } from '../../api';
import { useText, useTimeZone } from '../../stores/language';
import type { InstanceSlotProps } from '../../stores/registry';
import { CopyButton } from '../../ui/CopyText';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { formatClock, formatDay, formatDuration } from '../../ui/format';
import { IconRefresh } from '../../ui/icons';
import { StatusIcon } from '../../ui/StatusBadge';
import { Waiting } from '../../ui/Waiting';
import { StatementTable } from './StatementTable';
import classes from './slow.module.css';

const intervals = ['15', '60', '1440', '10080', 'start'] as const;
type Interval = (typeof intervals)[number];
const comparisons = ['none', 'same', 'day', 'week'] as const;
type Comparison = (typeof comparisons)[number];

const renewMs = 60_000;

const minutesOf = (interval: Interval): number | null => (interval === 'start' ? null : Number(interval));

function backOf(comparison: Comparison, interval: Interval): number | null {
  switch (comparison) {
    case 'none':
      return null;
    case 'same':
      return minutesOf(interval);
    case 'day':
      return 1_440;
    case 'week':
      return 10_080;
    default:
      return comparison satisfies never;
  }
}

/** What statements cost on an instance, by digest: read when the tab opens, each minute, and when it is asked for. */
export function SlowTab({ instanceId }: InstanceSlotProps): ReactElement {
  const t = useText();
  const [interval, setInterval] = useState<Interval>('60');
  const [comparison, setComparison] = useState<Comparison>('none');
  const { view, error, reading, read } = useSlow(instanceId, interval, comparison);
  return (
    <div className={classes.page}>
      <div className={classes.bar}>
        <SegmentedControl
          size="xs" value={interval} aria-label={t('slow.interval')}
          data={intervals.map((one) => ({ value: one, label: t(`slow.interval.${one}`) }))}
          onChange={(next) => setInterval(intervals.find((one) => one === next) ?? '60')}
        />
        <span className={classes.light} aria-hidden>{t('slow.compare')}</span>
        <Select
          size="xs" w={150} value={comparison} aria-label={t('slow.compare')}
          allowDeselect={false} disabled={interval === 'start'} data={comparisons.map((one) => ({ value: one, label: t(`slow.compare.${one}`) }))}
          onChange={(next) => setComparison(comparisons.find((one) => one === next) ?? 'none')}
        />
        <Button size="compact-sm" variant="default" leftSection={<IconRefresh size={14} />} loading={reading} onClick={read}>{t('common.refresh')}</Button>
      </div>
      {error === null ? null : <ErrorNotice error={error} onRetry={read} />}
      {view === null ? (error === null ? <Waiting>{t('slow.loading')}</Waiting> : null) : <Shown key={instanceId} instanceId={instanceId} minutes={minutesOf(interval)} view={view} compares={comparison !== 'none' && interval !== 'start'} />}
    </div>
  );
}

/** The view of an interval; kept on screen while the next one is read. */
function useSlow(id: string, interval: Interval, comparison: Comparison): {
  readonly view: SlowView | null; readonly error: CallError | null; readonly reading: boolean; readonly read: () => void;
} {
  const [view, setView] = useState<SlowView | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [reading, setReading] = useState(false);
  const [attempt, setAttempt] = useState(0);
  // Open, it is read each minute: so often a snapshot is kept.
  useEffect(() => {
    const timer = globalThis.setInterval(() => setAttempt((before) => before + 1), renewMs);
    return () => globalThis.clearInterval(timer);
  }, []);
  useEffect(() => {
    const stop = new AbortController();
    setReading(true);
    void api.slow.view({ id, minutes: minutesOf(interval), back: backOf(comparison, interval) }, { signal: stop.signal }).then((answer) => {
      if (stop.signal.aborted) return;
      setReading(false);
      setError(answer.ok ? null : answer.error);
      if (answer.ok) setView(answer.value);
    });
    return () => stop.abort();
  }, [id, interval, comparison, attempt]);
  return { view, error, reading, read: () => setAttempt(attempt + 1) };
}

function Shown({ instanceId, minutes, view, compares }: { instanceId: string; minutes: number | null; view: SlowView; compares: boolean }): ReactElement {
  const t = useText();
  const [filter, setFilter] = useState('');
  const [all, setAll] = useState(false);
  const { report, unwatched } = view;
  const notes = unwatched.map((one) => <Note key={one.cause} unwatched={one} />);
  if (report === null) return <EmptyState title={t('slow.empty.title')} text={<span className={classes.notes}>{notes}</span>} />;
  const wanted = filter.trim().toLowerCase();
  const shown = report.statements.filter((one) => (all || !one.housekeeping) && `${one.database} ${one.text}`.toLowerCase().includes(wanted));
  const hidden = all ? [] : report.statements.filter(({ housekeeping }) => housekeeping);
  const changes = new Map<string, Compared>(view.compared.map((one) => [one.statement.id, one]));
  return (
    <>
      <Headline report={report} />
      <div className={classes.bar}>
        <TextInput size="xs" w={260} value={filter} placeholder={t('slow.filter')} aria-label={t('slow.filter')} onChange={(event) => setFilter(event.currentTarget.value)} />
        <Switch size="xs" checked={all} label={t('slow.housekeeping')} onChange={(event) => setAll(event.currentTarget.checked)} />
        {compares && view.before === null ? <span className={classes.light}>{t('slow.compare.unknown')}</span> : null}
      </div>
      {shown.length === 0 ? <p className={classes.light}>{t(wanted === '' ? saidOfNone(report) : 'slow.filter.none')}</p> : <StatementTable instanceId={instanceId} source={report.source} minutes={minutes} statements={shown} changes={view.before === null ? null : changes} />}
      {hidden.length === 0 ? null : <p className={classes.light}>{t('slow.housekeeping.hidden', { count: hidden.length, share: percent(hidden) })}</p>}
      <div className={classes.notes}>{notes}</div>
    </>
  );
}

const percent = (statements: readonly SlowStatement[]): string => (100 * statements.reduce((sum, { share }) => sum + share, 0)).toFixed(1);

/** The interval in one sentence, and what of it is not seen. */
function Headline({ report }: { report: SlowReport }): ReactElement {
  const t = useText();
  const timeZone = useTimeZone();
  const { interval, count, time, unattributed, unlisted, prepared, source } = report;
  const mine = report.statements.filter(({ housekeeping }) => !housekeeping).slice(0, 3);
  const moment = (at: number): string => `${formatDay(t.language, timeZone, at)} ${formatClock(t.language, timeZone, at)}`;
  const said = { count, time: formatDuration(t, time / 1000), length: formatDuration(t, interval.to - interval.from), top: mine.length, share: percent(mine) };
  return (
    <div className={classes.headline}>
      <p className={classes.sentence}>{mine.length === 0 ? t(saidOfNone(report)) : t('slow.headline', said)}</p>
      {source === 'log' ? <p className={classes.light}>{t('slow.source.log')}</p> : null}
      <p className={classes.light}>{t(source === 'log' && interval.begins === 'start' ? 'slow.from.log' : `slow.from.${interval.begins}`, { from: moment(interval.from), to: moment(interval.to) })}</p>
      {unattributed < 0.001 ? null : <p className={classes.warn}><StatusIcon tone="warn" /> {t('slow.unattributed', { share: (100 * unattributed).toFixed(1) })}</p>}
      {prepared.count === 0 ? null : <p className={classes.warn}><StatusIcon tone="warn" /> {t('slow.prepared', { share: (100 * prepared.share).toFixed(1), count: prepared.count })}</p>}
      {unlisted < 0.01 ? null : <p className={classes.light}>{t('slow.unlisted', { share: (100 * unlisted).toFixed(1) })}</p>}
      {report.nearlyFull ? <p className={classes.warn}><StatusIcon tone="warn" /> {t('slow.nearly-full', { digests: report.digests, most: report.mostDigests })}</p> : null}
    </div>
  );
}

/** What keeps the server from telling, with what turns it on: changing it is left to the user. */
function Note({ unwatched: { cause, cure } }: { unwatched: Unwatched }): ReactElement {
  const t = useText();
  return (
    <div className={classes.note}>
      <span>{t(`slow.unwatched.${cause}`)}</span>
      {cure === '' ? null : <span className={classes.cure}><pre tabIndex={0} aria-label={t('slow.unwatched.cure')}>{cure}</pre><CopyButton text={cure} what={t('slow.unwatched.cure')} /></span>}
    </div>
  );
}
