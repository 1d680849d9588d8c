import { InvalidArgumentError } from 'commander';
import { wholeInstance, type Scope, type ScopeDatabase } from '../../shared/domain/scope/scope';

/** A TCP port of an option. */
export function portNumber(text: string): number {
  return whole(text, 1, 65_535);
}

/** A whole number of an option between bounds. */
export function wholeNumber(minimum: number, maximum: number): (text: string) => number {
  return (text) => whole(text, minimum, maximum);
}

function whole(text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < minimum || value > maximum) throw new InvalidArgumentError(`${minimum}–${maximum}`);
  return value;
}

/** A length of time as `90s`, `30m`, `1h` or `2d`; milliseconds. */
export function duration(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const ms = Number(count) * (units[unit] ?? 0);
  if (ms === 0) throw new InvalidArgumentError('90s | 30m | 1h | 2d');
  return ms;
}

/** A moment, given as a date and time (of this workstation where it names no zone) or as a length of time ago; milliseconds since the epoch. */
export function instant(text: string): number {
  const at = /^\d+[smhd]$/.test(text) ? Date.now() - duration(text) : Date.parse(text);
  if (!Number.isFinite(at)) throw new InvalidArgumentError('2026-11-28T03:00:00Z | 2h');
  return Math.round(at);
}

const units: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** One of the words that an option knows. */
export function choice<Word extends string>(words: readonly Word[]): (text: string) => Word {
  return (text) => {
    const word = words.find((one) => one === text);
    if (word === undefined) throw new InvalidArgumentError(words.join(' | '));
    return word;
  };
}

/**
 * Scope from `db1,db2.table`; a comma, a dot or a backtick inside a name is written between backticks, a backtick there
 * doubled, as MySQL quotes identifiers.
 */
export function parseScope(text: string): Scope {
  const tables = new Map<string, Set<string> | null>();
  for (const [database, table] of items(text)) {
    if (table === undefined) tables.set(database, null);
    else if (tables.get(database) !== null) tables.set(database, (tables.get(database) ?? new Set()).add(table));
  }
  const databases: ScopeDatabase[] = [...tables].map(([database, chosen]) => ({ database, tables: chosen === null ? null : [...chosen] }));
  return databases.length === 0 ? wholeInstance : { kind: 'partial', databases };
}

function* items(text: string): Generator<[string, string | undefined]> {
  const name = /\s*(?:`((?:[^`]|``)+)`|([^`.,\s][^`.,]*))\s*/uy;
  let at = 0;
  const next = (): string => {
    name.lastIndex = at;
    const match = name.exec(text);
    if (match === null) throw new InvalidArgumentError('db1,db2.table');
    at = name.lastIndex;
    return match[1]?.replaceAll('``', '`') ?? (match[2] ?? '').trim();
  };
  while (at < text.length) {
    const database = next();
    let table: string | undefined;
    if (text[at] === '.') {
      at += 1;
      table = next();
    }
    yield [database, table];
    if (at < text.length && text[at] !== ',') throw new InvalidArgumentError('db1,db2.table');
    at += 1;
  }
}
