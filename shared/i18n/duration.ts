import { numberFormat } from './numbers';
import type { Translator } from './translate';

const digits = (language: string, value: number, fraction: number): string =>
  numberFormat(language, { minimumFractionDigits: fraction, maximumFractionDigits: fraction }).format(value);

/** A duration with units, as exact as it is useful: `0.40 ms`, `38 ms`, `4.2 s`, `3 min 05 s`, `2 h 10 min`, `3 d 4 h`. */
export function formatDuration(t: Translator, ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < 1) return t('common.duration.ms', { n: digits(t.language, whole, 2) });
  if (whole < 999.5) return t('common.duration.ms', { n: digits(t.language, whole, 0) });
  const seconds = whole / 1000;
  if (seconds < 9.95) return t('common.duration.s', { n: digits(t.language, seconds, 1) });
  if (seconds < 119.5) return t('common.duration.s', { n: digits(t.language, seconds, 0) });
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) return t('common.duration.min-s', { m: minutes, s: String(Math.round(seconds) % 60).padStart(2, '0') });
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return t('common.duration.h-min', { h: hours, m: String(minutes % 60).padStart(2, '0') });
  return hours % 24 === 0 ? t('common.duration.d', { d: hours / 24 }) : t('common.duration.d-h', { d: Math.floor(hours / 24), h: hours % 24 });
}
