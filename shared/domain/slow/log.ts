// What a server logged as slow in a table, counted by statement as the table of digests counts: only what it thought worth logging is there.
import { normalText, withoutLiterals } from './normal';
import { bucketOf, type DigestRow, type DigestSnapshot, type LogPlace } from './snapshot';

/** One line of mysql.slow_log; times in microseconds. */
export interface LoggedStatement {
  /** As the server prints it, with its fraction where it keeps one: where to read on. */
  readonly place: string;
  /** What tells it from another line of that moment, as far as it goes; nothing of its text. */
  readonly mark: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly database: string;
  /** As somebody ran it. Untrusted. */
  readonly sql: string;
  readonly time: number;
  readonly lockTime: number;
  readonly rowsSent: number;
  readonly rowsExamined: number;
}

/** Hashes a text to hexadecimal digits, 32 at least. */
export type Hash = (text: string) => string;

/** Statements that are kept one by one. */
const listed = 300;
/** Of a statement, characters that are kept: as many as a server may keep of a digest's text. */
const longestText = 8_192;
/** Lines may be so much older than one that stands before them. */
const disorderMs = 60_000;
/** What tells one very long statement from another. */
const tellingText = 1_024;

/** A logged statement in its normal form, and the name by which it is counted: keywords may be written in any case. */
export function loggedForm(sql: string, database: string, hash: Hash): { readonly digest: string; readonly text: string } {
  const text = normalText(withoutLiterals(sql)).slice(0, longestText);
  return { text, digest: logDigest(text, database, hash) };
}

/** The name of a statement in its normal form. */
export function logDigest(text: string, database: string, hash: Hash): string {
  return hash(`${database}\0${text.slice(0, tellingText).toUpperCase()}`).slice(0, 32);
}

/** A snapshot with what was logged since. `before`: null where nothing was read yet; `at`: by the server's clock, milliseconds since the epoch. */
export function withLogged(before: DigestSnapshot | null, logged: readonly LoggedStatement[], { at, place, hash }: {
  readonly at: number; readonly place: LogPlace; readonly hash: Hash;
}): DigestSnapshot {
  const rows = new Map<string, DigestRow>((before?.rows ?? []).map((row) => [row.digest, row]));
  for (const one of logged) {
    const { digest, text } = loggedForm(one.sql, one.database, hash);
    rows.set(digest, counted(rows.get(digest), one, { digest, text }));
  }
  const sorted = [...rows.values()].sort((one, other) => other.counts.time - one.counts.time);
  const time = logged.reduce((sum, one) => sum + one.time, 0);
  return {
    at, startedAt: before?.startedAt ?? Math.min(at, ...logged.map((one) => one.at)), log: place,
    rows: sorted.slice(0, listed), digests: (before?.digests ?? 0) - (before?.rows.length ?? 0) + sorted.length, mostDigests: 0,
    all: { count: (before?.all.count ?? 0) + logged.length, time: (before?.all.time ?? 0) + time }, unattributed: { count: 0, time: 0 },
  };
}

function counted(before: DigestRow | undefined, one: LoggedStatement, { digest, text }: { readonly digest: string; readonly text: string }): DigestRow {
  const bucket = String(bucketOf(one.time));
  const counts = before?.counts ?? nothing;
  const buckets = before?.buckets ?? {};
  return {
    digest, text, database: one.database, max: Math.max(before?.max ?? 0, one.time),
    firstSeen: Math.min(before?.firstSeen ?? one.at, one.at), lastSeen: Math.max(before?.lastSeen ?? one.at, one.at),
    buckets: { ...buckets, [bucket]: (buckets[bucket] ?? 0) + 1 },
    counts: {
      ...counts, count: counts.count + 1, time: counts.time + one.time, lockTime: counts.lockTime + one.lockTime,
      rowsSent: counts.rowsSent + one.rowsSent, rowsExamined: counts.rowsExamined + one.rowsExamined,
    },
  };
}

const nothing: DigestRow['counts'] = {
  count: 0, time: 0, lockTime: 0, errors: 0, rowsSent: 0, rowsExamined: 0, rowsAffected: 0, tmpTables: 0, tmpDiskTables: 0, noIndex: 0,
};

/** Where to read on after further lines. */
export function placeAfter({ time, seen, last }: LogPlace, logged: readonly LoggedStatement[]): LogPlace {
  const mark = logged.at(-1)?.mark ?? last;
  return { time, seen: seen + logged.length, ...(mark === undefined ? {} : { last: mark }) };
}

/**
 * Sessions take the time before they wait for their turn to write, so that the log is not in the order of its moments: those of the last minute before
 * the newest line may come yet. null: from there on everything was read that a place has.
 */
export function nearerMoment({ time }: LogPlace, logged: readonly LoggedStatement[]): string | null {
  const newest = logged.reduce((latest, { place }) => (place > latest ? place : latest), '');
  const at = Date.parse(`${newest.slice(0, 10)}T${newest.slice(11, 19)}Z`);
  if (Number.isNaN(at)) return null;
  const moment = `${new Date(at - disorderMs).toISOString().slice(0, 19).replace('T', ' ')}${newest.slice(19)}`;
  return moment > time ? moment : null;
}
