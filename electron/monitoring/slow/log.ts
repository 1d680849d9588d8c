import { createHash } from 'node:crypto';
import { logDigest, loggedForm, placeAfter, withLogged, type Hash, type LoggedStatement } from '../../../shared/domain/slow/log';
import { hasPlaceholder, normalText, statementItself } from '../../../shared/domain/slow/normal';
import type { DigestSnapshot, LogPlace } from '../../../shared/domain/slow/snapshot';
import { keepOutOfSlowLog } from '../../mysql/session/quiet';
import { numberOf, textOf } from '../../mysql/reading';
import type { Session } from '../../mysql/types';

/** Lines of one statement of ours, and how many of such at a look: a log that is longer is read on at the next. */
const pageLines = 500;
const mostPages = 10;
/** Of one look; past it the rest waits too. */
const mostBytes = 16 * 1024 * 1024;
/** Of one statement, bytes: of what is longer its beginning tells which it is. */
const longestRead = 64 * 1024;
/** Lines that are searched for a sample, the newest first. */
const searched = 300;
const limitMs = 15_000;

const hash: Hash = (text) => createHash('sha256').update(text).digest('hex');
const dayMinutes = 24 * 60;
const monthMinutes = 31 * dayMinutes;

/** What a look at the log gave; `isBehind`: there is more of it than was read. */
export interface LogLooked {
  readonly snapshot: DigestSnapshot;
  /** What was logged before the interval, where nothing of it had been read. */
  readonly base: DigestSnapshot | null;
  readonly isBehind: boolean;
  /** Times are logged finer than in whole seconds, as far as any was seen. */
  readonly hasFractions: boolean;
}

type Line = Readonly<Record<'place' | 'at' | 'db' | 'sql' | 'micro' | 'lockMicro' | 'sent' | 'examined', unknown>>;

/*
 * The table has no index and no order but that of its lines, in which they were written: a look costs the server one walk over it. What was
 * written in one moment (a whole second on 5.6) is told apart by its place among the lines of that moment. A line bears the moment at which
 * it was written, when its statement had ended.
 */
const pageStatement = `SELECT CAST(start_time AS CHAR) AS place, CAST(UNIX_TIMESTAMP(start_time) * 1000 AS UNSIGNED) AS at, db,
    CAST(LEFT(sql_text, ${longestRead}) AS BINARY) AS \`sql\`, TIME_TO_SEC(query_time) * 1000000 + MICROSECOND(query_time) AS micro,
    TIME_TO_SEC(lock_time) * 1000000 + MICROSECOND(lock_time) AS lockMicro, rows_sent AS sent, rows_examined AS examined
  FROM mysql.slow_log WHERE start_time >= ? LIMIT ?, ${pageLines}`;

/**
 * Reads on in mysql.slow_log from where the last snapshot ended. Needs SELECT on it; changes nothing and stays out of it.
 *
 * @param before null: nothing was read of it yet
 * @param minutes how far back the interval goes that it is for; what nobody has read yet is begun there, or a day ago where that is further
 */
export async function readLog(session: Session, before: DigestSnapshot | null, minutes: number | null): Promise<LogLooked> {
  await keepOutOfSlowLog(session, { timeoutMs: limitMs });
  const back = Math.max(dayMinutes, minutes ?? monthMinutes);
  const [now] = await session.query<{ at: unknown; begin: unknown }>(
    'SELECT CAST(UNIX_TIMESTAMP(NOW(6)) * 1000 AS UNSIGNED) AS at, CAST(NOW() - INTERVAL ? MINUTE AS CHAR) AS begin', [back], { timeoutMs: limitMs },
  );
  const at = numberOf(now?.at) ?? 0;
  const first = minutes === null ? -Infinity : at - minutes * 60_000;
  let place: LogPlace = await stillThere(session, before?.log) ?? { time: textOf(now?.begin) ?? '1970-01-02 00:00:00', seen: 0 };
  let [snapshot, base]: [DigestSnapshot | null, DigestSnapshot | null] = [before, null];
  let bytes = 0;
  let isBehind = true;
  for (let page = 0; isBehind && page < mostPages && bytes < mostBytes; page += 1) {
    const lines = await session.query<Line>(pageStatement, [place.time, place.seen], { timeoutMs: limitMs });
    const logged = lines.map(statementOf);
    bytes += logged.reduce((sum, { sql }) => sum + sql.length, 0);
    const older = before === null ? logged.filter((one) => one.at <= first) : [];
    if (older.length > 0) base = withLogged(base, older, { at: first, place: placeAfter(place, older), hash });
    place = placeAfter(place, logged);
    // What is written while we read belongs to this look: its moment is not before its last line.
    snapshot = withLogged(snapshot, logged, { at: Math.max(at, logged.at(-1)?.at ?? 0), place, hash });
    isBehind = lines.length === pageLines;
  }
  const read = snapshot ?? withLogged(null, [], { at, place, hash });
  return { snapshot: read, base, isBehind, hasFractions: read.all.count === 0 || place.time.includes('.') };
}

/** A log that was rotated or emptied has no lines of that moment any more, or fewer: none of the new ones is to be passed over in their place. */
async function stillThere(session: Session, place: LogPlace | undefined): Promise<LogPlace | undefined> {
  if (place === undefined) return undefined;
  const sql = 'SELECT COUNT(*) AS `lines` FROM mysql.slow_log WHERE start_time = ?';
  const [row] = await session.query<{ lines: unknown }>(sql, [place.time], { timeoutMs: limitMs });
  return { time: place.time, seen: Math.min(place.seen, numberOf(row?.lines) ?? 0) };
}

const statementOf = (line: Line): LoggedStatement => ({
  place: textOf(line.place) ?? '', at: numberOf(line.at) ?? 0, database: textOf(line.db) ?? '', sql: textOf(line.sql) ?? '',
  time: numberOf(line.micro) ?? 0, lockTime: numberOf(line.lockMicro) ?? 0, rowsSent: numberOf(line.sent) ?? 0, rowsExamined: numberOf(line.examined) ?? 0,
});

/** The newest statement of the log by its name there, or by a digest of the server's; whole, as somebody ran it. null: the log has none. */
export async function readLoggedSample(session: Session, digest: string, database: string): Promise<string | null> {
  await keepOutOfSlowLog(session, { timeoutMs: limitMs });
  const lines = await session.query<{ sql: unknown }>(
    `SELECT CAST(sql_text AS BINARY) AS \`sql\` FROM mysql.slow_log WHERE db = ? AND OCTET_LENGTH(sql_text) <= ${longestRead}
     ORDER BY start_time DESC LIMIT ${searched}`,
    [database], { timeoutMs: limitMs },
  );
  const wanted = new Set([digest, ...(await namesOf(session, digest, database))]);
  const found = lines.map(({ sql }) => textOf(sql) ?? '').filter((sql) => wanted.has(loggedForm(sql, database, hash).digest));
  // One that was prepared is logged with its values when it runs, and without when it is prepared.
  return found.find((sql) => !hasPlaceholder(sql)) ?? found[0] ?? null;
}

/** How the log would name a statement that the server counts by a digest; empty: it counts none, or does not say. */
async function namesOf(session: Session, digest: string, database: string): Promise<readonly string[]> {
  const rows = await session.query<{ txt: string | null }>(
    `SELECT DIGEST_TEXT AS txt FROM performance_schema.events_statements_summary_by_digest
     WHERE DIGEST = ? AND ${database === '' ? 'SCHEMA_NAME IS NULL' : 'SCHEMA_NAME = ?'}`,
    database === '' ? [digest] : [digest, database], { timeoutMs: limitMs },
  ).catch(() => []);
  return rows.map(({ txt }) => logDigest(normalText(statementItself(txt ?? '')), database, hash));
}
