import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { logDigest, loggedForm, nearerMoment, placeAfter, withLogged, type Hash, type LoggedStatement } from '../../../shared/domain/slow/log';
import { hasPlaceholder, normalText, readingOf, statementItself } from '../../../shared/domain/slow/normal';
import type { DigestSnapshot, LogPlace } from '../../../shared/domain/slow/snapshot';
import { keepOutOfSlowLog } from '../../mysql/session/quiet';
import { numberOf, textOf } from '../../mysql/reading';
import type { Session } from '../../mysql/types';
import { readDigestText } from './read';

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

type Line = Readonly<Record<'place' | 'mark' | 'at' | 'db' | 'sql' | 'micro' | 'lockMicro' | 'sent' | 'examined', unknown>>;

/*
 * The table has no index and no order but that of its lines, in which they were written, and which is nearly that of their moments: a look costs the
 * server a walk over it for each page. What was read is told by the number of lines from a moment on. A line bears the moment at which its statement
 * had ended.
 */
/** Numbers alone: it is kept. */
const markOfLine = "CONCAT_WS(':', thread_id, query_time, rows_sent, rows_examined, OCTET_LENGTH(sql_text))";

const pageStatement = `SELECT CAST(start_time AS CHAR) AS place, ${markOfLine} AS mark, CAST(UNIX_TIMESTAMP(start_time) * 1000 AS UNSIGNED) AS at, db,
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
  const all: LoggedStatement[] = [];
  for (let page = 0; isBehind && page < mostPages && bytes < mostBytes; page += 1) {
    const lines = await session.query<Line>(pageStatement, [place.time, place.seen], { timeoutMs: limitMs });
    const logged = lines.map(statementOf);
    bytes += logged.reduce((sum, { sql }) => sum + sql.length, 0);
    all.push(...logged.map((one) => ({ ...one, sql: '' })));
    const older = before === null ? logged.slice(0, logged.findLastIndex((one) => one.at <= first) + 1) : [];
    if (older.length > 0) base = withLogged(base, older, { at: first, place: placeAfter(place, older), hash });
    place = placeAfter(place, logged);
    // What is written while we read belongs to this look: its moment is not before its last line.
    snapshot = withLogged(snapshot, logged, { at: Math.max(at, logged.at(-1)?.at ?? 0), place, hash });
    isBehind = lines.length === pageLines;
  }
  const read = snapshot ?? withLogged(null, [], { at, place, hash });
  place = await nearer(session, place, nearerMoment(place, all));
  return { snapshot: { ...read, log: place }, base, isBehind, hasFractions: all.length === 0 || all.some((one) => one.place.includes('.')) };
}

/** The same place, told by the lines of the last minute: older ones may be removed, and no line that is written yet is older. */
async function nearer(session: Session, place: LogPlace, moment: string | null): Promise<LogPlace> {
  if (moment === null) return place;
  const sql = `SELECT SUM(place >= ?) AS seen, COUNT(*) AS \`lines\` FROM (
    SELECT CAST(start_time AS CHAR) AS place FROM mysql.slow_log WHERE start_time >= ? LIMIT ?) r`;
  const [row] = await session.query<{ seen: unknown; lines: unknown }>(sql, [moment, place.time, place.seen], { timeoutMs: limitMs });
  // Rotated meanwhile: the next look finds that out.
  return numberOf(row?.lines) === place.seen ? { ...place, time: moment, seen: numberOf(row?.seen) ?? 0 } : place;
}

/**
 * A log that was rotated or emptied has no lines of that moment any more, or fewer, or (where moments are whole seconds) others: none of the new ones is
 * to be passed over in their place.
 */
async function stillThere(session: Session, place: LogPlace | undefined): Promise<LogPlace | undefined> {
  if (place === undefined || place.seen === 0) return place;
  const sql = `SELECT ${markOfLine} AS mark FROM mysql.slow_log WHERE start_time >= ? LIMIT ?, 1`;
  const [row] = await session.query<{ mark: unknown }>(sql, [place.time, place.seen - 1], { timeoutMs: limitMs });
  return row !== undefined && (place.last === undefined || place.last === textOf(row.mark)) ? place : { time: place.time, seen: 0 };
}

const gb18030 = new TextDecoder('gb18030', { fatal: true });

/**
 * From 5.7 on the log keeps a statement in the bytes of its client, and does not say in which character set they are. Where they are no UTF-8 they may be
 * of one in which a backslash or a backquote is the second byte of a character, as in GBK: read byte by byte, its quotes would seem to end elsewhere.
 */
function sqlText(value: unknown): string {
  if (!Buffer.isBuffer(value)) return textOf(value) ?? '';
  // As the server marks what it cut.
  return value.length < longestRead ? textOfBytes(value) : `${textOfBytes(value)}...`;
}

function textOfBytes(bytes: Buffer): string {
  // A text that is cut may end within a character.
  if (isUtf8(bytes) || (bytes.length >= longestRead && [1, 2, 3].some((cut) => isUtf8(bytes.subarray(0, -cut))))) return bytes.toString('utf8');
  const byByte = bytes.toString('latin1');
  try {
    return readingOf([gb18030.decode(bytes), byByte]);
  } catch {
    return byByte;
  }
}

const statementOf = (line: Line): LoggedStatement => ({
  place: textOf(line.place) ?? '', mark: textOf(line.mark) ?? '', at: numberOf(line.at) ?? 0, database: textOf(line.db) ?? '', sql: sqlText(line.sql),
  time: numberOf(line.micro) ?? 0, lockTime: numberOf(line.lockMicro) ?? 0, rowsSent: numberOf(line.sent) ?? 0, rowsExamined: numberOf(line.examined) ?? 0,
});

/** The newest statement of the log by its name there, or by a digest of the server's; whole, as somebody ran it. null: the log has none. */
export async function readLoggedSample(session: Session, digest: string, database: string): Promise<string | null> {
  await keepOutOfSlowLog(session, { timeoutMs: limitMs });
  const lines = await session.query<{ sql: unknown }>(
    `SELECT CAST(sql_text AS BINARY) AS \`sql\` FROM mysql.slow_log WHERE db = ? AND OCTET_LENGTH(sql_text) < ${longestRead}
     ORDER BY start_time DESC LIMIT ${searched}`,
    [database], { timeoutMs: limitMs },
  );
  const wanted = new Set([digest, ...(await namesOf(session, digest, database))]);
  const found = lines.map(({ sql }) => sqlText(sql)).filter((sql) => wanted.has(loggedForm(sql, database, hash).digest));
  // One that was prepared is logged with its values when it runs, and without when it is prepared.
  return found.find((sql) => !hasPlaceholder(sql)) ?? found[0] ?? null;
}

/** How the log would name a statement that the server counts by a digest; empty: it counts none, or does not say. */
async function namesOf(session: Session, digest: string, database: string): Promise<readonly string[]> {
  const text = await readDigestText(session, digest, database).catch(() => null);
  return text === null ? [] : [logDigest(normalText(statementItself(text)), database, hash)];
}
