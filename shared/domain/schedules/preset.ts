import { message, type Message } from '../../i18n/message';
import { tidyPattern } from './pattern';

/** Days of the week as cron counts them, from Sunday. */
export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof weekdays)[number];

/** What most schedules are; everything else is a pattern of its own. */
export type Preset =
  | { readonly kind: 'hourly'; readonly minute: number }
  | { readonly kind: 'daily'; readonly time: string }
  | { readonly kind: 'weekly'; readonly day: Weekday; readonly time: string }
  | { readonly kind: 'cron'; readonly pattern: string };

/** The hour and minute of a time of day as `HH:MM`; null: it is none. */
export function timeOfDay(text: string): { readonly hour: number; readonly minute: number } | null {
  const [, hour = '', minute = ''] = /^\s*(\d{1,2}):(\d{2})\s*$/u.exec(text) ?? [];
  const time = { hour: Number(hour), minute: Number(minute) };
  return hour === '' || time.hour > 23 || time.minute > 59 ? null : time;
}

/** The pattern of a preset; null: its time of day is none. */
export function patternOf(preset: Preset): string | null {
  switch (preset.kind) {
    case 'hourly':
      return `${preset.minute} * * * *`;
    case 'daily':
    case 'weekly': {
      const time = timeOfDay(preset.time);
      return time === null ? null : `${time.minute} ${time.hour} * * ${preset.kind === 'daily' ? '*' : weekdays.indexOf(preset.day)}`;
    }
    case 'cron':
      return tidyPattern(preset.pattern);
    default:
      return preset satisfies never;
  }
}

/** The preset that a pattern is. */
export function presetOf(pattern: string): Preset {
  const [minute = '', hour = '', day, month, weekday = ''] = tidyPattern(pattern).split(' ');
  const isEveryDay = day === '*' && month === '*';
  if (!isEveryDay || !/^\d{1,2}$/u.test(minute)) return { kind: 'cron', pattern };
  if (hour === '*' && weekday === '*') return { kind: 'hourly', minute: Number(minute) };
  if (!/^\d{1,2}$/u.test(hour)) return { kind: 'cron', pattern };
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  if (weekday === '*') return { kind: 'daily', time };
  const named = weekdays.find((one, at) => one === weekday.toLowerCase() || String(at) === weekday || (at === 0 && weekday === '7'));
  return named === undefined ? { kind: 'cron', pattern } : { kind: 'weekly', day: named, time };
}

/** When it runs, for people: "daily at 03:00". */
export function presetText(pattern: string): Message {
  const preset = presetOf(pattern);
  switch (preset.kind) {
    case 'hourly':
      return message('schedules.when.hourly', { minute: String(preset.minute).padStart(2, '0') });
    case 'daily':
      return message('schedules.when.daily', { time: preset.time });
    case 'weekly':
      return message('schedules.when.weekly', { day: preset.day, time: preset.time });
    case 'cron':
      return message('schedules.when.cron', { pattern: preset.pattern });
    default:
      return preset satisfies never;
  }
}
