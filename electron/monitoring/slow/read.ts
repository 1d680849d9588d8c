import { statementItself } from '../../../shared/domain/slow/normal';
import type { DigestRow, DigestSnapshot } from '../../../shared/domain/slow/snapshot';
import type { WatchSwitches } from '../../../shared/domain/slow/switches';
import { isRefusal } from '../../mysql/reading';
import type { Session } from '../../mysql/types';

/** Statements that are listed one by one. */
const listed = 300;
/** Of those, so many with their histograms: each costs the server a walk over its 450 buckets. */
const withHistograms = 60;
const limitMs = 15_000;

type Cell = string | number | null;
type Row = Readonly<Record<string, Cell>>;

const number = (cell: Cell | undefined): number => Number(cell ?? 0);
const text = (cell: Cell | undefined): string => String(cell ?? '');

/** Picoseconds as whole microseconds, which a number holds exactly. */
const micro = (column: string): string => `CAST(ROUND(${column} / 1000000) AS UNSIGNED)`;
const moment = (column: string): string => `CAST(UNIX_TIMESTAMP(${column}) * 1000 AS UNSIGNED)`;

/**
 * Reads what a server counted by digest: three cheap statements, and where it keeps histograms one more for those with the most time. Needs SELECT on
 * performance_schema. Changes nothing: neither the tables nor what they count.
 *
 * @param before what it is to be compared with: what took most time since gets its histogram too
 */
export async function readDigests(session: Session, before: DigestSnapshot | null = null): Promise<DigestSnapshot> {
  const ask = (sql: string): Promise<Row[]> => session.query<Row>(sql, [], { timeoutMs: limitMs });
  const summary = 'performance_schema.events_statements_summary_by_digest';
  const rows = await ask(
    `SELECT DIGEST AS digest, SCHEMA_NAME AS db, DIGEST_TEXT AS txt, COUNT_STAR AS n, ${micro('SUM_TIMER_WAIT')} AS t, ${micro('MAX_TIMER_WAIT')} AS most,
       ${micro('SUM_LOCK_TIME')} AS lockT, SUM_ERRORS AS errors, SUM_ROWS_SENT AS sent, SUM_ROWS_EXAMINED AS examined, SUM_ROWS_AFFECTED AS affected,
       SUM_CREATED_TMP_TABLES AS tmp, SUM_CREATED_TMP_DISK_TABLES AS tmpDisk, SUM_NO_INDEX_USED AS noIndex,
       ${moment('FIRST_SEEN')} AS firstSeen, ${moment('LAST_SEEN')} AS lastSeen
     FROM ${summary} WHERE DIGEST IS NOT NULL ORDER BY SUM_TIMER_WAIT DESC LIMIT ${listed}`,
  );
  const [whole] = await ask(
    `SELECT ${moment('NOW(6)')} AS at, (SELECT VARIABLE_VALUE FROM ${statusTable(session)} WHERE VARIABLE_NAME = 'Uptime') AS uptime, COUNT(DIGEST) AS digests,
       SUM(COUNT_STAR) AS n, ${micro('SUM(SUM_TIMER_WAIT)')} AS t, SUM(IF(DIGEST IS NULL, COUNT_STAR, 0)) AS lostN,
       ${micro('SUM(IF(DIGEST IS NULL, SUM_TIMER_WAIT, 0))')} AS lostT, @@GLOBAL.performance_schema_digests_size AS most FROM ${summary}`,
  );
  const prepared = await readPrepared(session, rows);
  const at = number(whole?.['at']);
  const buckets = await readBuckets(session, busiest(rows, before));
  return {
    at, startedAt: at - 1000 * number(whole?.['uptime']), digests: number(whole?.['digests']), mostDigests: number(whole?.['most']),
    all: { count: number(whole?.['n']), time: number(whole?.['t']) },
    unattributed: { count: number(whole?.['lostN']), time: number(whole?.['lostT']) },
    ...(prepared === null ? {} : { prepared }),
    rows: rows.map((row): DigestRow => ({
      digest: text(row['digest']), database: text(row['db']), text: text(row['txt']), max: number(row['most']), firstSeen: number(row['firstSeen']),
      lastSeen: number(row['lastSeen']), buckets: buckets.get(keyOf(row)) ?? null,
      counts: {
        count: number(row['n']), time: number(row['t']), lockTime: number(row['lockT']), errors: number(row['errors']), rowsSent: number(row['sent']),
        rowsExamined: number(row['examined']), rowsAffected: number(row['affected']), tmpTables: number(row['tmp']), tmpDiskTables: number(row['tmpDisk']),
        noIndex: number(row['noIndex']),
      },
    })),
  };
}

/**
 * Runs of prepared statements by the binary protocol: up to 8.0 they have no digest, and are missing in the table of digests altogether. null: they are
 * counted there, or there were none.
 */
async function readPrepared(session: Session, rows: readonly Row[]): Promise<NonNullable<DigestSnapshot['prepared']> | null> {
  if (rows.some((row) => statementItself(text(row['txt'])) !== row['txt'] && text(row['txt']).startsWith('EXECUTE '))) return null;
  const [row] = await session.query<Row>(
    `SELECT COUNT_STAR AS n, ${micro('SUM_TIMER_WAIT')} AS t FROM performance_schema.events_statements_summary_global_by_event_name
     WHERE EVENT_NAME = 'statement/com/Execute'`,
    [], { timeoutMs: limitMs },
  );
  return number(row?.['n']) === 0 ? null : { count: number(row?.['n']), time: number(row?.['t']) };
}

/** Those with the most time, and those with the most of it since `before`. */
function busiest(rows: readonly Row[], before: DigestSnapshot | null): readonly Row[] {
  const earlier = new Map((before?.rows ?? []).map(({ database, digest, counts }) => [`${database}\0${digest}`, counts.time]));
  const since = (row: Row): number => number(row['t']) - (earlier.get(keyOf(row)) ?? 0);
  const moved = [...rows].sort((one, other) => since(other) - since(one));
  return [...new Set([...rows.slice(0, withHistograms / 2), ...moved])].slice(0, withHistograms);
}

const statusTable = ({ dialect: { features } }: Session): string =>
  `${features.hasStatusInPerformanceSchema ? 'performance_schema' : 'information_schema'}.global_status`;
const keyOf = (row: Row): string => `${text(row['db'])}\0${text(row['digest'])}`;

/** By database and digest; each is asked for by its key, as the table has no other way in than that and all of its rows. */
async function readBuckets(session: Session, rows: readonly Row[]): Promise<ReadonlyMap<string, Readonly<Record<string, number>>>> {
  const found = new Map<string, Record<string, number>>();
  if (!session.dialect.features.hasStatementHistograms || rows.length === 0) return found;
  const one = 'SELECT SCHEMA_NAME AS db, DIGEST AS digest, BUCKET_NUMBER AS b, COUNT_BUCKET AS n FROM performance_schema.events_statements_histogram_by_digest';
  const each = rows.map((row) => `(${one} WHERE SCHEMA_NAME ${row['db'] === null ? 'IS NULL' : '= ?'} AND DIGEST = ? AND COUNT_BUCKET > 0)`);
  const params = rows.flatMap((row) => (row['db'] === null ? [row['digest']] : [row['db'], row['digest']]));
  const answer = await session.query<Row>(each.join(' UNION ALL '), params, { timeoutMs: limitMs });
  for (const row of rows) found.set(keyOf(row), {});
  for (const row of answer) {
    const counts = found.get(keyOf(row));
    if (counts !== undefined) counts[text(row['b'])] = number(row['n']);
  }
  return found;
}

type Watched = Readonly<Record<'digests' | 'uncounted' | 'everybody', Cell>>;

/** The consumer of digests works only while the global one does, and counts what the instruments of each kind and the list of accounts let through. */
function watchedStatement({ dialect: { features } }: Session): string {
  const from = (what: string, table: string, where: string): string => `(SELECT ${what} FROM performance_schema.${table} WHERE ${where})`;
  const kinds = "(NAME LIKE 'statement/sql/%' OR NAME LIKE 'statement/com/%') AND (ENABLED = 'NO' OR TIMED = 'NO')";
  // Came with 5.7.6, as the status did there; before it, who is listed is counted.
  const everybody = `HOST = '%' AND \`USER\` = '%'${features.hasStatusInPerformanceSchema ? " AND ENABLED = 'YES'" : ''}`;
  return `SELECT ${from("MIN(ENABLED = 'YES')", 'setup_consumers', "NAME IN ('global_instrumentation', 'statements_digest')")} AS digests,
    ${from('COUNT(*)', 'setup_instruments', kinds)} AS uncounted, ${from('COUNT(*)', 'setup_actors', everybody)} AS everybody`;
}

/** How a server watches its statements, as its settings say now. */
export async function readSwitches(session: Session): Promise<WatchSwitches> {
  const names = ['performance_schema', 'performance_schema_digests_size', 'slow_query_log', 'long_query_time', 'log_output'];
  const ask = <Answer extends object>(sql: string, params: readonly string[] = []): Promise<Answer[]> =>
    session.query<Answer>(sql, params, { timeoutMs: limitMs });
  const rows = await ask<{ Variable_name: string; Value: string }>(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names.map(() => '?').join(', ')})`, names);
  const value = new Map(rows.map((row) => [row.Variable_name, row.Value]));
  const performanceSchema = value.get('performance_schema') === 'ON';
  // Who may not read it learns so from the list itself.
  const [watched] = performanceSchema ? await ask<Watched>(watchedStatement(session)).catch((error: unknown) => {
    if (isRefusal(error)) return [];
    throw error;
  }) : [];
  return {
    performanceSchema, digestConsumer: watched === undefined ? null : Number(watched.digests) === 1,
    uncountedKinds: Number(watched?.uncounted ?? 0), countsEverybody: Number(watched?.everybody ?? 1) > 0,
    mostDigests: Number(value.get('performance_schema_digests_size') ?? 0),
    slowLog: value.get('slow_query_log') === 'ON', longQuerySeconds: Number(value.get('long_query_time') ?? 0), logOutput: value.get('log_output') ?? '',
    hasHistograms: session.dialect.features.hasStatementHistograms, canPersist: session.dialect.features.hasSetPersist,
  };
}

/** A statement of a digest as somebody ran it, and in which database; null: the server keeps none. */
export async function readSample(session: Session, digest: string, database: string): Promise<string | null> {
  const where = `WHERE ${database === '' ? '%s IS NULL' : '%s = ?'} AND DIGEST = ?`;
  const params = [...(database === '' ? [] : [database]), digest];
  const ask = async (column: string, table: string, rest: string): Promise<string | null> => {
    const sql = `SELECT ${column} AS sample FROM performance_schema.${table} ${rest} LIMIT 1`;
    const [row] = await session.query<{ sample: string | null }>(sql, params, { timeoutMs: limitMs });
    return row?.sample === '' ? null : (row?.sample ?? null);
  };
  const kept = session.dialect.features.hasStatementHistograms
    ? await ask('QUERY_SAMPLE_TEXT', 'events_statements_summary_by_digest', where.replace('%s', 'SCHEMA_NAME')) : null;
  const lately = `${where.replace('%s', 'CURRENT_SCHEMA')} AND SQL_TEXT IS NOT NULL ORDER BY TIMER_WAIT DESC`;
  return kept ?? (await ask('SQL_TEXT', 'events_statements_history_long', lately)) ?? ask('SQL_TEXT', 'events_statements_history', lately);
}

/** The text by which a server counts a digest; null: it counts none, or none with a text. */
export async function readDigestText(session: Session, digest: string, database: string): Promise<string | null> {
  const [row] = await session.query<{ txt: string | null }>(
    `SELECT DIGEST_TEXT AS txt FROM performance_schema.events_statements_summary_by_digest
     WHERE DIGEST = ? AND ${database === '' ? 'SCHEMA_NAME IS NULL' : 'SCHEMA_NAME = ?'}`,
    database === '' ? [digest] : [digest, database], { timeoutMs: limitMs },
  );
  return row?.txt ?? null;
}
