import { csvOf } from '../../../shared/domain/monitoring/range-text';
import { seriesIds } from '../../../shared/domain/monitoring/series';
import { api } from '../../api';
import type { CallError } from '../../api';
import { inkOf } from '../../charts/LineChart';
import { pictureOf } from '../../charts/picture';
import { formatExact } from '../../ui/format';
import { drawnOf, modelOf, type Shown } from './chart-models';
import { groupCharts, overviewCharts } from './chart-specs';
import { newestIn } from './range-values';
import { mostPoints } from './useMonitoring';
import { valueText } from './values-text';

const fileName = (name: string): string => `monitoring-${name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')}`;

/** Saves the values of the window where the user says, as the terminal writes them. null: no failure. */
export async function exportCsv({ instanceId, window }: Shown, name: string): Promise<CallError | null> {
  const [from, to] = [Math.floor(window.from), Math.ceil(window.to)];
  const range = await api.monitoring.range({ instanceId, series: [...seriesIds], from, to, maxPoints: mostPoints });
  if (!range.ok) return range.error;
  const saved = await api.app.saveText({ suggestedName: `${fileName(name)}.csv`, text: csvOf(range.value) });
  return saved.ok ? null : saved.error;
}

/** Saves all charts as one picture, in the colours of the window. */
export async function exportPng(shown: Shown, name: string): Promise<CallError | null> {
  const { t, timeZone, window } = shown;
  const specs = [
    ...overviewCharts.map(({ id, series }) => ({ title: t(`monitoring.page.overview.${id}`), series })),
    ...groupCharts.flatMap(({ group, charts }) => charts.map(({ series }) => ({ title: t(`monitoring.group.${group}`), series }))),
  ];
  const parts = specs.map(({ title, series }) => {
    const drawn = drawnOf(series, shown);
    const legend = drawn.map(({ id, line }) => `${line.name} ${valueText(t, id, newestIn(line.values, window))}`).join('   ');
    return { title, legend, model: modelOf(drawn, shown) };
  });
  const style = getComputedStyle(document.body);
  const ink = { ...inkOf(document.body), ground: style.getPropertyValue('--a-panel').trim(), strong: style.getPropertyValue('--a-text').trim() };
  const title = `${name}   ${formatExact(t.language, timeZone, Math.floor(window.from))} – ${formatExact(t.language, timeZone, Math.ceil(window.to))}`;
  const saved = await api.app.savePng({ suggestedName: `${fileName(name)}.png`, base64: pictureOf(title, parts, ink) });
  return saved.ok ? null : saved.error;
}
