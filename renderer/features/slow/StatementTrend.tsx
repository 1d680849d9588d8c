import { lazy, Suspense, useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import type { SlowStatement } from '../../../shared/domain/slow/report';
import type { TrendPoint } from '../../../shared/domain/slow/trend';
import { api } from '../../api';
import type { CallError } from '../../api';
import { useNumber, useText, useTimeZone } from '../../stores/language';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { formatClock, formatDay, formatDuration } from '../../ui/format';
import { Fold } from '../../ui/Fold';
import { Waiting } from '../../ui/Waiting';
import classes from './slow.module.css';

const TimeChart = lazy(() => import('../../charts/TimeChart'));

/** A day at least: a trend of a quarter of an hour is none. */
const leastMinutes = 1_440;
const minuteMs = 60_000;

/** How often one statement ran and how long it took, over time, as charts and as a table. `minutes`: the interval of the page; null: since the start. */
export function StatementTrend({ instanceId, statement, minutes }: { instanceId: string; statement: SlowStatement; minutes: number | null }): ReactElement {
  const t = useText();
  const { points, error } = useTrend(instanceId, statement, Math.max(leastMinutes, minutes ?? 44_640));
  if (error !== null) return <ErrorNotice error={error} />;
  if (points === null) return <Waiting>{t('slow.trend.loading')}</Waiting>;
  if (points.length < 2) return <p className={classes.light}>{t('slow.trend.none')}</p>;
  return <Charts points={points} />;
}

/** Read again when the statement has run since. */
function useTrend(id: string, { digest, database, lastSeen }: SlowStatement, minutes: number): {
  readonly points: readonly TrendPoint[] | null; readonly error: CallError | null;
} {
  const [points, setPoints] = useState<readonly TrendPoint[] | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    void api.slow.trend({ id, digest, database, minutes }, { signal: stop.signal }).then((answer) => {
      if (stop.signal.aborted) return;
      setError(answer.ok ? null : answer.error);
      if (answer.ok) setPoints(answer.value.points);
    });
    return () => stop.abort();
  }, [id, digest, database, minutes, lastSeen]);
  return { points, error };
}

const perMinute = ({ from, to, count }: TrendPoint): number => (count * minuteMs) / Math.max(1, to - from);

function Charts({ points }: { points: readonly TrendPoint[] }): ReactElement {
  const t = useText();
  const n = useNumber();
  const timeZone = useTimeZone();
  const clock = (at: number): string => formatClock(t.language, timeZone, at);
  const time = (micro: number): string => formatDuration(t, micro / 1000);
  const hasQuantiles = points.some(({ p95 }) => p95 !== null);
  const at = ({ from, to }: TrendPoint): number => (from + to) / 2;
  const times = points.map((one) => ({ at: at(one), values: [one.average ?? NaN, ...(hasQuantiles ? [one.p95 ?? NaN] : [])] }));
  const runs = points.map((one) => ({ at: at(one), values: [perMinute(one)] }));
  const rate = (value: number): string => n(value, value < 10 ? 1 : 0);
  return (
    <div>
      <div className={classes.trend}>
        <figure>
          <figcaption>{t('slow.trend.runs')}</figcaption>
          <Suspense fallback={null}><TimeChart points={runs} lines={[t('slow.trend.runs')]} label={t('slow.trend.runs')} format={rate} clock={clock} atLeast={1} /></Suspense>
        </figure>
        <figure>
          <figcaption>{t(hasQuantiles ? 'slow.trend.times' : 'slow.trend.average')}</figcaption>
          <Suspense fallback={null}>
            <TimeChart
              points={times} lines={[t('slow.column.average'), ...(hasQuantiles ? [t('slow.column.p95')] : [])]}
              label={t(hasQuantiles ? 'slow.trend.times' : 'slow.trend.average')} format={time} clock={clock} atLeast={1}
            />
          </Suspense>
        </figure>
      </div>
      <Fold title={t('slow.trend.table')}>
        <div className={classes.scroller} role="region" aria-label={t('slow.trend.table')} tabIndex={0}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">{t('slow.trend.until')}</th>
                <th scope="col" className={classes.figure}>{t('slow.column.count')}</th>
                <th scope="col" className={classes.figure}>{t('slow.column.average')}</th>
                {hasQuantiles ? <th scope="col" className={classes.figure}>{t('slow.column.p95')}</th> : null}
              </tr>
            </thead>
            <tbody>
              {[...points].reverse().map(({ to, count, average, p95 }) => (
                <tr key={to}>
                  <th scope="row">{`${formatDay(t.language, timeZone, to)} ${clock(to)}`}</th>
                  <td className={classes.figure}>{n(count)}</td>
                  <td className={classes.figure}>{average === null ? '–' : time(average)}</td>
                  {hasQuantiles ? <td className={classes.figure}>{p95 === null ? '–' : time(p95)}</td> : null}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Fold>
    </div>
  );
}
