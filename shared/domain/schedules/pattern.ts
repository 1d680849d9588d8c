// When a pattern of cron comes due. It is read in a time zone; a time of day that a change of clocks leaves out runs at the first moment
// after it, and one that comes twice runs once, so that "daily at 02:30" is once a day on every day of the year.
import { Cron } from 'croner';
import { message, type Message } from '../../i18n/message';

/** The fields of a pattern, in order. */
const patternFields = ['minute', 'hour', 'day', 'month', 'weekday'] as const;
type PatternField = (typeof patternFields)[number];

/** Characters of the longest pattern that is taken. */
export const longestPattern = 120;

/** Why a pattern is none. `never`: it is well formed and has no day, as 30 February. */
export type PatternFault =
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'field'; readonly field: PatternField; readonly value: string }
  | { readonly kind: 'never' };

/** What is wrong with a pattern; null: nothing. */
export function patternFault(pattern: string): PatternFault | null {
  const fields = fieldsOf(pattern);
  if (fields.length !== patternFields.length || pattern.length > longestPattern) return { kind: 'count', count: fields.length };
  for (const [at, field] of patternFields.entries()) {
    const value = fields[at] ?? '';
    if (!isRead(patternFields.map((_, index) => (index === at ? value : '*')).join(' '))) return { kind: 'field', field, value };
  }
  return nextRun(pattern, 'UTC', 0) === null ? { kind: 'never' } : null;
}

/** The same in words. */
export function patternFaultText(fault: PatternFault): Message {
  switch (fault.kind) {
    case 'count':
      return message('schedules.fault.count', { count: fault.count });
    case 'field':
      return message('schedules.fault.field', { field: fault.field, value: fault.value });
    case 'never':
      return message('schedules.fault.never');
    default:
      return fault satisfies never;
  }
}

/** Whether a time zone has this IANA name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The first run after a moment (ms since the epoch); null: there is none. The pattern has no fault. */
export function nextRun(pattern: string, zone: string, after: number): number | null {
  return cron(pattern, zone).nextRun(new Date(after))?.getTime() ?? null;
}

/** The last run up to a moment, itself included; null: there is none. The pattern has no fault. */
export function lastRun(pattern: string, zone: string, until: number): number | null {
  return cron(pattern, zone).previousRuns(1, new Date(until + 1))[0]?.getTime() ?? null;
}

/** The first run after `after`, and how many there are up to `until`, counted to `most`. */
export function runsBetween(
  pattern: string, zone: string, after: number, until: number, most: number,
): { readonly first: number; readonly count: number } | null {
  const runs = cron(pattern, zone);
  let count = 0;
  let first: number | null = null;
  for (let at = runs.nextRun(new Date(after)); at !== null && at.getTime() <= until && count < most; at = runs.nextRun(at)) {
    first ??= at.getTime();
    count += 1;
  }
  return first === null ? null : { first, count };
}

/** A pattern with one space between its fields. */
export function tidyPattern(pattern: string): string {
  return fieldsOf(pattern).join(' ');
}

function fieldsOf(pattern: string): readonly string[] {
  return pattern.split(/\s+/u).filter((field) => field !== '');
}

function cron(pattern: string, timezone: string): Cron {
  return new Cron(tidyPattern(pattern), { timezone, mode: '5-part', fixedTimeRule: 'no-wildcard' });
}

/** Whether a pattern can be read; see {@link patternFault} for more. */
export function isRead(pattern: string): boolean {
  try {
    cron(pattern, 'UTC');
    return true;
  } catch {
    return false;
  }
}
