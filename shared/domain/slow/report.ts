// What was slow in an interval: the difference of two snapshots.
import type { Unwatched } from './switches';
import { bucketsOf, percentile, type DigestCounts, type DigestRow, type DigestSnapshot } from './snapshot';

export interface SlowStatement extends DigestCounts {
  /** One id for one statement on every series: of its normal text and its database. */
  readonly id: string;
  readonly digest: string;
  readonly database: string;
  readonly text: string;
  /** Its part of the time of all statements of the interval, 0…1. */
  readonly share: number;
  /** Microseconds. */
  readonly average: number;
  /** Of the interval, microseconds; null: this server keeps no histogram. */
  readonly p95: number | null;
  readonly p99: number | null;
  /** Since the server began to count, microseconds. */
  readonly max: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** It serves the server and those who watch it, not an application. */
  readonly housekeeping: boolean;
}

interface SlowInterval {
  /** By the server's clock, milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  /** `start`: since the server started, as nothing earlier is known. `restart`: the server restarted, or was told to forget, in between. */
  readonly begins: 'snapshot' | 'start' | 'restart';
}

export interface SlowReport {
  /** `log`: of the statements that the slow query log holds, and of no other; what it does not tell is 0. */
  readonly source: 'digests' | 'log';
  readonly interval: SlowInterval;
  readonly statements: readonly SlowStatement[];
  /** All statements of the interval. Microseconds. */
  readonly count: number;
  readonly time: number;
  /** The parts of the time, 0…1: of statements without a digest, and of those that are not listed. */
  readonly unattributed: number;
  readonly unlisted: number;
  /** Runs of prepared statements that the server counts by no digest, and their part of the time. */
  readonly prepared: { readonly count: number; readonly share: number };
  readonly digests: number;
  readonly mostDigests: number;
  /** The table of digests is nearly full: what is new goes without a digest soon. */
  readonly nearlyFull: boolean;
}

/** How a statement of one interval compares with another one. */
export interface Compared {
  readonly statement: SlowStatement;
  /** `new`: the server saw it first after the other interval; `unlisted`: it was not listed there. `slower`: its average is higher by half and more. */
  readonly change: 'new' | 'unlisted' | 'slower' | 'faster' | 'same';
  /** Of the other interval, microseconds; null: it did not run there. */
  readonly averageBefore: number | null;
}

/** What the page and the terminal show. */
export interface SlowView {
  readonly report: SlowReport | null;
  /** Statements of the report beside an earlier interval of the same length; null: not asked for, or nothing earlier is known. */
  readonly before: SlowInterval | null;
  readonly compared: readonly Compared[];
  /** Why there is nothing, or less than there could be. */
  readonly unwatched: readonly Unwatched[];
  /** The moments of the snapshots that are kept, milliseconds since the epoch. */
  readonly snapshots: readonly number[];
}

/** The names of one statement. `idOf`: a hash, passed in. */
export interface Naming {
  readonly textOf: (digestText: string) => string;
  readonly idOf: (text: string) => string;
  readonly isHousekeeping: (digestText: string) => boolean;
}

const keyOf = ({ digest, database }: Pick<DigestRow, 'digest' | 'database'>): string => `${database}\0${digest}`;

/** Before 8.0 a server tells in whole seconds, up or down, when it saw a statement first. */
const seenWithinMs = 1_000;
/** A server tells in whole seconds for how long it runs. */
const startWithinMs = 5_000;

/** Whether a statement was surely seen for the first time after a moment. */
const isSince = ({ firstSeen }: Pick<DigestRow, 'firstSeen'>, at: number): boolean => firstSeen > at + seenWithinMs;

/** Whether counts of `after` go on from those of `before`. */
function goesOn(before: DigestSnapshot | null, after: DigestSnapshot): before is DigestSnapshot {
  if (before === null || before.all.count > after.all.count || Math.abs(before.startedAt - after.startedAt) > startWithinMs) return false;
  // Counts that were reset and have overtaken the old ones: everything is seen for the first time.
  return before.rows.length === 0 || after.rows.length === 0 || after.rows.some((row) => !isSince(row, before.at));
}

/** What is said where no statement of an application is listed: that none ran only where all that ran is known. */
export function saidOfNone({ unattributed, unlisted, prepared }: SlowReport): 'slow.headline.none' | 'slow.headline.unseen' {
  return unattributed < 0.001 && unlisted < 0.01 && prepared.count === 0 ? 'slow.headline.none' : 'slow.headline.unseen';
}

/** The difference of two snapshots, the one with the most time first. `before`: null where nothing earlier is known. */
export function reportBetween(before: DigestSnapshot | null, after: DigestSnapshot, naming: Naming): SlowReport {
  const base = goesOn(before, after) ? before : null;
  const earlier = new Map((base?.rows ?? []).map((row) => [keyOf(row), row]));
  const unattributed = Math.max(0, after.unattributed.time - (base?.unattributed.time ?? 0));
  const merged = new Map<string, Counted>();
  for (const row of after.rows) {
    const one = statementOf(row, earlier.get(keyOf(row)), { base, naming });
    if (one === null) continue;
    const other = merged.get(one.id);
    merged.set(one.id, other === undefined ? one : together(other, one));
  }
  const listed = [...merged.values()].reduce((sum, { time }) => sum + time, 0);
  // A server counts on between two of our statements: the whole is never less than its parts.
  const prepared = preparedSince(before, after);
  const time = Math.max(after.all.time - (base?.all.time ?? 0), listed + unattributed) + prepared.time;
  const part = (of: number): number => (time === 0 ? 0 : Math.max(0, of / time));
  const statements = [...merged.values()].map((one) => ({ ...one, share: part(one.time) })).sort((one, other) => other.time - one.time);
  return {
    source: after.log === undefined ? 'digests' : 'log',
    interval: {
      from: base?.at ?? after.startedAt, to: after.at, begins: base !== null ? 'snapshot' : before === null ? 'start' : 'restart',
    },
    statements, count: after.all.count - (base?.all.count ?? 0) + prepared.count, time,
    unattributed: part(unattributed), unlisted: part(time - listed - unattributed - prepared.time),
    prepared: { count: prepared.count, share: part(prepared.time) },
    digests: after.digests, mostDigests: after.mostDigests, nearlyFull: after.mostDigests > 0 && after.digests >= 0.8 * after.mostDigests,
  };
}

/** They are counted apart from the digests, and go on where those were reset. */
function preparedSince(before: DigestSnapshot | null, { prepared: now, startedAt }: DigestSnapshot): NonNullable<DigestSnapshot['prepared']> {
  const then = before !== null && Math.abs(before.startedAt - startedAt) <= startWithinMs ? before.prepared : undefined;
  if (now === undefined) return { count: 0, time: 0 };
  return then === undefined || then.count > now.count ? now : { count: now.count - then.count, time: Math.max(0, now.time - then.time) };
}

/** Before the whole is known. */
type Counted = Omit<SlowStatement, 'share'>;

interface Within {
  readonly base: DigestSnapshot | null;
  readonly naming: Naming;
}

const countsBy = (of: (name: keyof DigestCounts) => number): DigestCounts => ({
  count: of('count'), time: of('time'), lockTime: of('lockTime'), errors: of('errors'), rowsSent: of('rowsSent'), rowsExamined: of('rowsExamined'),
  rowsAffected: of('rowsAffected'), tmpTables: of('tmpTables'), tmpDiskTables: of('tmpDiskTables'), noIndex: of('noIndex'),
});

/** What ran of one digest; null: nothing did. */
function statementOf(row: DigestRow, before: DigestRow | undefined, { base, naming }: Within): Counted | null {
  // A row that counts less than before, or was seen first since, was thrown out of the table and came again.
  const cameAgain = before !== undefined && (before.counts.count > row.counts.count || (base !== null && isSince(row, base.at)));
  const since = before === undefined || cameAgain ? null : before;
  // One that was there before but below those that were listed: nothing tells how much of it belongs to the interval.
  const mayBeOlder = base !== null && base.rows.length < base.digests && row.firstSeen < base.at - seenWithinMs;
  if (before === undefined && mayBeOlder) return null;
  const counts = countsBy((name) => grown(row.counts[name], since?.counts[name] ?? 0, name === 'time' || name === 'lockTime'));
  if (counts.count === 0) return null;
  const text = naming.textOf(row.text);
  return {
    ...counts, id: naming.idOf(`${row.database}\0${text}`), digest: row.digest, database: row.database, text,
    average: counts.time / counts.count,
    ...quantiles(row, since), max: row.max, firstSeen: row.firstSeen, lastSeen: row.lastSeen,
    housekeeping: naming.isHousekeeping(row.text),
  };
}

/** A server adds up picoseconds in 64 bits: times of 213 days begin anew, while what is counted goes on. */
const wrapsAt = 2 ** 64 / 1e6;

function grown(now: number, then: number, isTime: boolean): number {
  if (now >= then) return now - then;
  // Far below, it began anew; a little below, a clock of the server went back.
  return isTime && then - now > wrapsAt / 2 ? now - then + wrapsAt : 0;
}

/** Counts and histograms are not read at one moment, and not kept under one lock. */
const mostlyIn = 0.95;

function quantiles(row: DigestRow, since: DigestRow | null): Pick<SlowStatement, 'p95' | 'p99'> {
  if (row.buckets === null || (since !== null && since.buckets === null)) return { p95: null, p99: null };
  const counts = Object.fromEntries(Object.entries(row.buckets).map(([number, count]) => [number, count - (since?.buckets?.[number] ?? 0)]));
  // Histograms can be emptied by themselves; then those of a part would be told as of all.
  const inBuckets = Object.values(counts);
  const runs = row.counts.count - (since?.counts.count ?? 0);
  if (inBuckets.some((count) => count < 0) || inBuckets.reduce((sum, count) => sum + count, 0) < mostlyIn * runs) return { p95: null, p99: null };
  const buckets = bucketsOf(counts);
  return { p95: percentile(buckets, 0.95), p99: percentile(buckets, 0.99) };
}

/** One statement that a server keeps under two digests. */
function together(one: Counted, other: Counted): Counted {
  const counts = countsBy((name) => one[name] + other[name]);
  const most = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : Math.max(a, b));
  return {
    ...one, ...counts, average: counts.time / counts.count,
    p95: most(one.p95, other.p95), p99: most(one.p99, other.p99), max: Math.max(one.max, other.max),
    firstSeen: Math.min(one.firstSeen, other.firstSeen), lastSeen: Math.max(one.lastSeen, other.lastSeen),
  };
}

/** Statements that run too seldom to say anything of their average. */
const tooFew = 5;

export function compareReports(now: SlowReport, before: SlowReport): readonly Compared[] {
  const earlier = new Map(before.statements.map((one) => [one.id, one]));
  return now.statements.map((statement) => {
    const other = earlier.get(statement.id);
    if (other === undefined) return { statement, change: isSince(statement, before.interval.to) ? 'new' : 'unlisted', averageBefore: null };
    const enough = statement.count >= tooFew && other.count >= tooFew;
    const change = !enough ? 'same' : statement.average >= 1.5 * other.average ? 'slower' : statement.average <= other.average / 1.5 ? 'faster' : 'same';
    return { statement, change, averageBefore: other.average };
  });
}
