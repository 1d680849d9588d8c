import { series, seriesGroups, seriesOf, type SeriesGroup, type SeriesId } from '../../../shared/domain/monitoring/series';

/** One chart: series of one unit, on one axis. */
export interface ChartSpec {
  readonly id: string;
  readonly series: readonly SeriesId[];
}

/** The names of the six charts that come first. */
const overviewIds = ['load', 'connections', 'writes', 'lag', 'buffer-pool', 'disk'] as const;
export type OverviewId = (typeof overviewIds)[number];

const overview: Readonly<Record<OverviewId, readonly SeriesId[]>> = {
  'load': ['qps', 'tps'],
  'connections': ['connections', 'threads_running'],
  'writes': ['writes', 'write_transactions'],
  'lag': ['lag_seconds'],
  'buffer-pool': ['buffer_pool_hit', 'buffer_pool_dirty'],
  'disk': ['innodb_read_bytes', 'innodb_written_bytes'],
};
export const overviewCharts: readonly (ChartSpec & { readonly id: OverviewId })[] = overviewIds.map((id) => ({ id, series: overview[id] }));

/** Lines that can be told from each other in one chart. */
const mostLines = 4;

/** Every series, by group: those of one unit share a chart, in the order of the catalogue. */
export const groupCharts: readonly { readonly group: SeriesGroup; readonly charts: readonly ChartSpec[] }[] = seriesGroups.map((group) => {
  const byUnit = new Map<string, SeriesId[]>();
  for (const { id, unit } of series.filter((one) => one.group === group)) byUnit.set(unit, [...(byUnit.get(unit) ?? []), id]);
  const charts = [...byUnit.values()].flatMap((ids) =>
    Array.from({ length: Math.ceil(ids.length / mostLines) }, (_, at) => ids.slice(at * mostLines, (at + 1) * mostLines)));
  return { group, charts: charts.map((ids) => ({ id: ids.join('+'), series: ids })) };
});

/** What an axis reaches at least, by unit: an idle server is a flat line at its foot. */
export function axisFloor(id: SeriesId): { readonly atLeast: number; readonly atMost?: number; readonly base: 1000 | 1024 } {
  switch (seriesOf(id).unit) {
    case 'share':
      return { atLeast: 1, atMost: 100, base: 1000 };
    case 'bytes':
    case 'bytes_per_second':
      return { atLeast: 1024, base: 1024 };
    case 'count':
      return { atLeast: 4, base: 1000 };
    case 'per_second':
    case 'seconds':
    case 'milliseconds':
      return { atLeast: 1, base: 1000 };
  }
}
