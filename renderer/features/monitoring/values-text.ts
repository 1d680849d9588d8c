import { seriesOf, type SeriesId } from '../../../shared/domain/monitoring/series';
import { numberFormat } from '../../../shared/i18n/numbers';
import type { Translator } from '../../../shared/i18n/translate';
import type { TickFormat } from '../../charts/ticks';
import { formatBytes } from '../../ui/format';

function digits(value: number): number {
  const size = Math.abs(value);
  return size === 0 || size >= 100 ? 0 : size >= 1 ? 1 : size >= 0.1 ? 2 : 3;
}

/** A value with its unit, as exact as it is useful; a dash where nothing is known. */
export function valueText(t: Translator, id: SeriesId, value: number): string {
  if (!Number.isFinite(value)) return '–';
  const { unit } = seriesOf(id);
  if (unit === 'bytes') return formatBytes(t.language, value);
  if (unit === 'bytes_per_second') return t('monitoring.page.per-second', { value: formatBytes(t.language, value) });
  const number = numberFormat(t.language, { maximumFractionDigits: Number.isInteger(value) ? 0 : digits(value) }).format(value);
  if (unit === 'count') return number;
  if (unit === 'share') return `${number}%`;
  if (unit === 'per_second') return t('monitoring.page.per-second', { value: number });
  return t(unit === 'seconds' ? 'common.duration.s' : 'common.duration.ms', { n: number });
}

/** A value at an axis: short. */
export function axisText(t: Translator, id: SeriesId, value: number): string {
  const { unit } = seriesOf(id);
  const bytes = formatBytes(t.language, value).replace(/[.,]0 /, ' ');
  if (unit === 'bytes') return bytes;
  if (unit === 'bytes_per_second') return t('monitoring.page.per-second', { value: bytes });
  const number = numberFormat(t.language, { notation: value >= 10_000 ? 'compact' : 'standard', maximumFractionDigits: 2 }).format(value);
  if (unit === 'share') return `${number}%`;
  return unit === 'seconds' || unit === 'milliseconds' ? t(unit === 'seconds' ? 'common.duration.s' : 'common.duration.ms', { n: number }) : number;
}

const parts: Readonly<Record<TickFormat, Intl.DateTimeFormatOptions>> = {
  second: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  minute: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  day: { month: 'short', day: 'numeric' },
};

const formats = new Map<string, Intl.DateTimeFormat>();

/** A moment at a time axis. Formats are kept: making one costs more than drawing a chart. */
export function tickText(language: string, timeZone: string, at: number, format: TickFormat): string {
  const name = `${language} ${timeZone} ${format}`;
  let found = formats.get(name);
  if (found === undefined) {
    found = new Intl.DateTimeFormat(language, { ...parts[format], timeZone });
    formats.set(name, found);
  }
  return found.format(at);
}
