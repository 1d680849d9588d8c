import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { ReactElement } from 'react';
import type { AbsentSeries, MonitoringRange } from '../../../shared/domain/monitoring/monitoring';
import { api } from '../../api';
import type { CallError } from '../../api';
import type { TimeWindow } from '../../charts/columns';
import { Cursor, useCursor, useDragged } from '../../charts/cursor';
import { zoneOffset } from '../../charts/ticks';
import { useNowWhile } from '../../stores/clock';
import { useFleet, useInstance } from '../../stores/fleet';
import { useText, useTimeZone } from '../../stores/language';
import type { InstanceSlotProps } from '../../stores/registry';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { formatDuration, formatExact } from '../../ui/format';
import { Section } from '../../ui/Page';
import { TimeText } from '../../ui/TimeText';
import { ChartCard } from './ChartCard';
import { groupCharts, overviewCharts } from './chart-specs';
import type { Shown } from './chart-models';
import { exportCsv, exportPng } from './export';
import { Marks } from './Marks';
import { MissingRights } from './MissingRights';
import { hasValues } from './range-values';
import { showWindow, spans, windowOf, type ShownTime } from './shown-time';
import { Toolbar, type ComparedWith } from './Toolbar';
import { useMonitoring, useThresholds, type Comparison } from './useMonitoring';
import { ValuesTable } from './ValuesTable';
import classes from './Monitoring.module.css';

const none: readonly AbsentSeries[] = [];
const days = { day: spans['24h'], week: 7 * spans['24h'] } as const;

function comparisonOf(instanceId: string, comparedWith: ComparedWith): Comparison | null {
  if (comparedWith === '') return null;
  if (comparedWith === 'day' || comparedWith === 'week') return { instanceId, shiftMs: days[comparedWith] };
  return { instanceId: comparedWith, shiftMs: 0 };
}

/** What an instance does and did: six charts first, then all series by group; one crosshair over all. */
export function Monitoring({ instanceId }: InstanceSlotProps): ReactElement {
  const t = useText();
  const timeZone = useTimeZone();
  const name = useInstance(instanceId)?.instance.name ?? instanceId;
  const byId = useFleet((state) => state.byId);
  const [cursor] = useState(() => new Cursor());
  const [shownTime, setShownTime] = useState<ShownTime>({ live: true, spanMs: spans['1h'] });
  const [comparedWith, setComparedWith] = useState<ComparedWith>('');
  const [asTable, setAsTable] = useState(false);
  const [failed, setFailed] = useState<CallError | null>(null);
  const { from, to } = windowOf(shownTime, useNowWhile(shownTime.live));
  const comparison = useMemo(() => comparisonOf(instanceId, comparedWith), [instanceId, comparedWith]);
  const { view, range, compared, marks, error, setView } = useMonitoring(instanceId, { from, to }, shownTime.live, comparison);
  const thresholds = useThresholds();
  const otherName = comparedWith === 'day' || comparedWith === 'week' ? t(`monitoring.page.compare.${comparedWith}`) : (byId.get(comparedWith)?.instance.name ?? '');
  const zoneOffsetMs = zoneOffset(timeZone, Math.floor(from / spans['1h']) * spans['1h']);
  const shown = useMemo((): Shown => ({
    t, timeZone, zoneOffsetMs, instanceId, window: { from, to }, range, marks, thresholds,
    compared: compared === null || comparison?.instanceId !== compared.instanceId ? null : { range: compared, shiftMs: comparison.shiftMs, name: otherName },
  }), [t, timeZone, zoneOffsetMs, instanceId, from, to, range, marks, thresholds, compared, comparison, otherName]);
  const absent = view?.absent ?? none;
  const mark = async (on: boolean): Promise<void> => {
    const answer = await api.monitoring.setMarked({ instanceId, on });
    setFailed(answer.ok ? null : answer.error);
    if (answer.ok) setView(answer.value);
  };
  const save = async (format: 'png' | 'csv'): Promise<void> => setFailed(await (format === 'csv' ? exportCsv : exportPng)(shown, name));
  const onZoom = (window: TimeWindow): void => setShownTime(showWindow(window, Date.now()));
  const isEmpty = range !== null && !hasValues(range);
  return (
    <div className={classes.page}>
      <div className={classes.head}>
        <Status shown={shown} cursor={cursor} intervalMs={view?.intervalMs ?? null} live={shownTime.live} />
        <Toolbar
          instanceId={instanceId} shownTime={shownTime} onTime={setShownTime} comparedWith={comparedWith} onCompare={setComparedWith}
          asTable={asTable} onTable={setAsTable} view={view} onMarked={(on) => void mark(on)} onExport={(format) => void save(format)}
        />
      </div>
      {[failed, error].map((one, at) => (one === null ? null : <ErrorNotice key={at} error={one} />))}
      {view?.error == null ? null : (
        <ErrorNotice error={view.error} safe={t('monitoring.page.kept')}>
          {view.lastSampleAt === null ? null : <div>{t('monitoring.page.last-sample')} <TimeText at={view.lastSampleAt} /></div>}
        </ErrorNotice>
      )}
      {view?.notice == null ? null : <p className={classes.notice}>{t.message(view.notice)}</p>}
      <MissingRights absent={absent} name={name} />
      <Marks marks={marks} instanceId={instanceId} />
      {isEmpty ? <Nothing live={shownTime.live} onLive={() => setShownTime({ live: true, spanMs: spans['1h'] })} failing={view?.error != null} /> : null}
      {asTable ? <ValuesTable shown={shown} absent={absent} /> : null}
      {asTable || (isEmpty && view?.lastSampleAt == null) ? null : <Charts shown={shown} absent={absent} cursor={cursor} onZoom={onZoom} />}
    </div>
  );
}

function Charts({ shown, absent, cursor, onZoom }: {
  shown: Shown; absent: readonly AbsentSeries[]; cursor: Cursor; onZoom: (window: TimeWindow) => void;
}): ReactElement {
  const { t } = shown;
  return (
    <>
      <Section title={t('monitoring.page.overview')}>
        <div className={classes.grid}>
          {overviewCharts.map(({ id, series }) => (
            <ChartCard key={id} title={t(`monitoring.page.overview.${id}`)} series={series} shown={shown} absent={absent} cursor={cursor} onZoom={onZoom} />
          ))}
        </div>
      </Section>
      {groupCharts.map(({ group, charts }) => (
        <Section key={group} title={t(`monitoring.group.${group}`)}>
          <div className={classes.grid}>
            {charts.map(({ id, series }) => <ChartCard key={id} title={null} series={series} shown={shown} absent={absent} cursor={cursor} onZoom={onZoom} />)}
          </div>
        </Section>
      ))}
    </>
  );
}

/** Where the crosshair is, or up to when, and how fine what is shown is: always in one place. */
function Status({ shown: { t, timeZone, window, range, compared }, cursor, intervalMs, live }: {
  shown: Shown; cursor: Cursor; intervalMs: number | null; live: boolean;
}): ReactElement {
  const at = useCursor(cursor);
  const dragged = useDragged(cursor);
  const moment = at ?? (dragged ?? window).to;
  return (
    <div className={classes.status}>
      <span className={classes.moment}>{formatExact(t.language, timeZone, Math.floor(moment))}</span>
      <span className={classes.note}>{at !== null ? t('monitoring.page.at-crosshair') : live ? t('monitoring.page.newest') : t('monitoring.page.paused')}</span>
      <span className={classes.note}>{noteOf(t, range, intervalMs)}</span>
      {compared === null ? null : <span className={classes.note}>{t('monitoring.page.compared', { name: compared.name })}</span>}
    </div>
  );
}

function noteOf(t: Shown['t'], range: MonitoringRange | null, intervalMs: number | null): string {
  if (range === null) return t('common.loading');
  // Whole seconds without a fraction.
  const length = (ms: number): string => (ms % 1_000 === 0 && ms < 60_000 ? t('common.duration.s', { n: ms / 1_000 }) : formatDuration(t, ms));
  const step = t('monitoring.page.step', { step: length(range.stepMs) });
  return intervalMs === null ? step : `${step} · ${t('monitoring.page.interval', { interval: length(intervalMs) })}`;
}

/** No value lies in what is shown: why, and what to do. */
function Nothing({ live, failing, onLive }: { live: boolean; failing: boolean; onLive: () => void }): ReactElement {
  const t = useText();
  if (live) return <EmptyState title={t('monitoring.page.empty.title')} text={t(failing ? 'monitoring.page.empty.failing' : 'monitoring.page.empty.text')} />;
  return <EmptyState title={t('monitoring.page.empty.past')} text={t('monitoring.page.empty.past-text')} action={<Button variant="filled" onClick={onLive}>{t('monitoring.page.live')}</Button>} />;
}
