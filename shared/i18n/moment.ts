import type { MessageParams } from './message';

const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z$/;

/** A moment (ms since the epoch) to the millisecond with its zone, as the language writes it. */
export function formatMoment(language: string, timeZone: string, at: number): string {
  return new Intl.DateTimeFormat(language, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
    timeZone,
    timeZoneName: 'short',
  }).format(at);
}

/**
 * Params as a reader in a zone has them: moments travel as ISO instants, since neither the engine nor a message knows the
 * reader's zone. Everything else stays as it is. Pure.
 */
export function momentsIn(params: MessageParams, language: string, timeZone: string): MessageParams {
  const shown = (value: string | number): string | number => {
    const at = typeof value === 'string' && instant.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(at) ? value : formatMoment(language, timeZone, at);
  };
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, shown(value)]));
}
