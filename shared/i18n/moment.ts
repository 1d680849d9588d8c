import type { MessageParams } from './message';

const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/;

const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * A moment (ms since the epoch) with its zone, as the language writes it: to the millisecond, or to the second. Formats are kept: making one takes
 * longer than its use.
 */
export function formatMoment(language: string, timeZone: string, at: number, toTheSecond = false): string {
  const name = `${language} ${timeZone} ${String(toTheSecond)}`;
  let found = formats.get(name);
  if (found === undefined) {
    found = new Intl.DateTimeFormat(language, {
      year: 'numeric',
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      ...(toTheSecond ? {} : { fractionalSecondDigits: 3 }),
      hourCycle: 'h23',
      timeZone,
      timeZoneName: 'short',
    });
    formats.set(name, found);
  }
  return zoneLast(found, at);
}

/** A moment with its zone after the time, as a reader of either language looks for it: Chinese patterns put it between the day and the hour. */
export function zoneLast(format: Intl.DateTimeFormat, at: number): string {
  const parts = format.formatToParts(at);
  const zone = parts.findIndex(({ type }) => type === 'timeZoneName');
  const name = parts[zone];
  if (name === undefined || zone === parts.length - 1) return parts.map(({ value }) => value).join('');
  // With the zone goes the space that kept it from the hour.
  return `${parts.filter((_, index) => index !== zone && index !== zone + 1).map(({ value }) => value).join('')} ${name.value}`;
}

/**
 * Params as their reader has them: moments travel as ISO instants, since neither the engine nor a message knows the reader's
 * zone. `written`: a moment (ms since the epoch) for that reader; one that was sent without milliseconds means the second. Everything else stays
 * as it is. Pure.
 */
export function momentsIn(params: MessageParams, written: (at: number, toTheSecond: boolean) => string): MessageParams {
  const shown = (value: string | number): string | number => {
    const at = typeof value === 'string' && instant.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(at) ? value : written(at, typeof value === 'string' && !value.includes('.'));
  };
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, shown(value)]));
}

const minute = 60_000;

/** The moment (ms since the epoch) at which the day of `at` begins in a zone: the first minute that is of the same date there, whatever clocks do. Pure. */
export function startOfDay(timeZone: string, at: number): number {
  const date = new Intl.DateTimeFormat('en', { year: 'numeric', month: 'numeric', day: 'numeric', timeZone });
  const today = date.format(at);
  // A day has 25 hours at most, or two more where a zone moves; a minute before its beginning is of another date.
  let [before, within] = [Math.floor(at / minute) - 27 * 60, Math.floor(at / minute)];
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2);
    if (date.format(middle * minute) === today) within = middle;
    else before = middle;
  }
  return within * minute;
}
