import type { Lag } from '../../shared/domain/fleet/lag';
import type { Translator } from '../../shared/i18n/translate';
import { formatDuration } from '../../shared/i18n/duration';
import { zoneLast } from '../../shared/i18n/moment';
import { numberFormat } from '../../shared/i18n/numbers';

export { formatDuration };
export { formatMoment as formatExact } from '../../shared/i18n/moment';

const digits = (language: string, value: number, fraction: number): string =>
  numberFormat(language, { minimumFractionDigits: fraction, maximumFractionDigits: fraction }).format(value);

/** How long ago a moment was, coarse: for reading at a glance. The future (a clock that is off) reads as now. */
export function formatAgo(t: Translator, at: number, now: number): string {
  const seconds = Math.floor((now - at) / 1000);
  if (seconds < 1) return t('common.ago.now');
  if (seconds < 60) return t('common.ago.s', { n: seconds });
  if (seconds < 3600) return t('common.ago.min', { n: Math.floor(seconds / 60) });
  if (seconds < 48 * 3600) return t('common.ago.h', { n: Math.floor(seconds / 3600) });
  return t('common.ago.d', { n: Math.floor(seconds / 86_400) });
}

/** Time of day to the second. */
export function formatClock(language: string, timeZone: string, at: number): string {
  return new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone }).format(at);
}

/** A moment to the minute with its day of the week and zone: for what is set to the minute. */
export function formatMinute(language: string, timeZone: string, at: number): string {
  return zoneLast(new Intl.DateTimeFormat(language, {
    weekday: 'short', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone, timeZoneName: 'short',
  }), at);
}

/** A day, with the year. */
export function formatDay(language: string, timeZone: string, at: number): string {
  return new Intl.DateTimeFormat(language, { year: 'numeric', month: 'short', day: 'numeric', timeZone }).format(at);
}

/** Bytes in binary units: `512 B`, `3.4 MiB`. */
export function formatBytes(language: string, bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${digits(language, value, unit === 0 || value >= 100 ? 0 : 1)} ${units[unit] ?? 'B'}`;
}

/** The time part of a lag with its unit, to the precision its measure allows; null where it is not known. */
export function formatLagTime(t: Translator, lag: Lag): string | null {
  if (lag.state === 'not-replicating' || lag.state === 'unknown' || lag.seconds === null) return null;
  if (lag.measure === 'applier-timestamps' && lag.seconds < 10) {
    return t('common.duration.s', { n: digits(t.language, lag.seconds, lag.seconds < 1 ? 2 : 1) });
  }
  return lag.seconds < 120 ? t('common.duration.s', { n: digits(t.language, lag.seconds, 0) }) : formatDuration(t, lag.seconds * 1000);
}

const shortUuid = (uuid: string): string => (uuid.length > 16 ? `${uuid.slice(0, 8)}…${uuid.slice(-4)}` : uuid);

/**
 * A GTID set short enough for a line: uuids shortened in the middle, at most the first and the last server, long
 * intervals cut in the middle. For the eye only: copying takes the whole set.
 */
export function shortenGtidSet(set: string): string {
  const parts = set.replaceAll(/\s+/g, '').split(',').filter((part) => part !== '');
  const short = parts.map((part) => {
    const [uuid = '', ...rest] = part.split(':');
    const intervals = rest.join(':');
    return `${shortUuid(uuid)}:${intervals.length > 36 ? `${intervals.slice(0, 16)}…${intervals.slice(-16)}` : intervals}`;
  });
  if (short.length <= 2) return short.join(', ');
  return `${short[0] ?? ''}, … ${short.at(-1) ?? ''} (${short.length})`;
}

/** A long text shortened in the middle to `length` characters. */
export function shortenMiddle(text: string, length: number): string {
  if (text.length <= length) return text;
  const head = Math.ceil((length - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (length - 1 - head))}`;
}
