import { lazy, Suspense } from 'react';
import type { ReactElement } from 'react';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import type { TaskView } from '../../../../shared/domain/tasks/task';
import { useNow } from '../../../stores/clock';
import { useNumber, useText, useTimeZone } from '../../../stores/language';
import { gapMs, gapsOf } from '../../../stores/gaps';
import type { Gap } from '../../../stores/gaps';
import { lagHistory, silenceMs } from '../../../stores/lag-history';
import type { SeriesPoint } from '../../../stores/series';
import { backlogs, copyRates } from '../../../stores/task-rates';
import { formatBytes, formatClock, formatDuration } from '../../../ui/format';
import { Section } from '../../../ui/Page';

const TimeChart = lazy(() => import('../../../charts/TimeChart'));

/** What flows, over time: bytes per second of the copy while it runs, lag and backlog of the link from then on. */
export function TaskCharts({ sync, task }: { sync: SyncTaskView; task: TaskView | null }): ReactElement | null {
  const t = useText();
  const number = useNumber();
  const now = useNow();
  const zone = useTimeZone();
  const clock = (at: number): string => formatClock(t.language, zone, at);
  const rates = task === null ? [] : copyRates.read(task.id);
  const linked = sync.state === 'replicating' || sync.state === 'stopped';
  const lag = linked ? lagHistory.read(sync.spec.standbyId, now).map(({ at, seconds }) => ({ at, values: [seconds] })) : [];
  const backlog = linked ? backlogs.read(sync.spec.standbyId) : [];
  // A copy that pauses is no gap; a link of which nothing is known is one.
  const gapsIn = (points: readonly SeriesPoint[]): readonly Gap[] =>
    gapsOf(points.map(({ at, values }) => ({ at, value: values[0] ?? Number.NaN })), now, silenceMs);
  const charts = [
    { key: 'rate', points: rates, lines: [t('sync.chart.rate')], format: (value: number) => t('common.step.rate', { n: formatBytes(t.language, value) }), atLeast: 1024, base: 1024 as const, gaps: [] },
    { key: 'lag', points: lag, lines: [t('sync.chart.lag')], format: (value: number) => t('common.duration.s', { n: number(value, value < 10 ? 1 : 0) }), atLeast: 1, base: 1000 as const, gaps: gapsIn(lag) },
    { key: 'backlog', points: backlog, lines: [t('sync.chart.to-receive'), t('sync.chart.to-apply')], format: (value: number) => number(value), atLeast: 4, base: 1000 as const, gaps: gapsIn(backlog) },
    // What took less than a second has no course that could be drawn.
  ].filter(({ points }) => (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0) >= 1000);
  if (charts.length === 0) return null;
  return (
    <>
      {charts.map(({ key, points, lines, format, atLeast, base, gaps }) => (
        <Section key={key} title={t(`sync.chart.${key as 'rate' | 'lag' | 'backlog'}`)} boxed>
          <Suspense fallback={null}>
            <TimeChart points={points} lines={lines} label={t(`sync.chart.${key as 'rate' | 'lag' | 'backlog'}`)} format={format} clock={clock} atLeast={atLeast} base={base} gaps={gaps} gapLabel={t('sync.chart.gap', { time: formatDuration(t, gapMs(gaps, 0)) })} />
          </Suspense>
        </Section>
      ))}
    </>
  );
}
