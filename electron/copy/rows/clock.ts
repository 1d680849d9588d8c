// The time zone in which a server computes for everybody, and the same one on another server.
import { quoteString } from '../../mysql/quote';
import { offsetText } from '../../mysql/time';
import type { StatementSession } from '../../mysql/types';

/** In which zone the rows of a source are computed anew. */
export type SourceClock =
  /** Its clocks have always been the same: the offset names every moment once. */
  | { readonly kind: 'one'; readonly offset: string }
  /**
   * Its clocks change, or have changed. `source`: its zone, as it calls it; `target`: what the target calls a zone whose clocks have always shown the
   * same; null: it knows none. `offset`: the one of now.
   */
  | { readonly kind: 'several'; readonly source: string; readonly target: string | null; readonly offset: string };

/** What a zone's clocks showed. */
export interface ClockReading {
  /** Different offsets that it has had; 1: its clocks have always been the same. */
  readonly offsets: number;
  /** A number that two zones share only where their clocks showed the same at every noon that a TIMESTAMP can be of. */
  readonly sum: string;
  /** The same of the noons since 1992 alone: China had summer time for the last time in 1991, and few rows hold moments from before. */
  readonly recent: string;
}

const digits = `(${Array.from({ length: 10 }, (_, n) => `SELECT ${String(n)}${n === 0 ? ' AS n' : ''}`).join(' UNION ALL ')})`;
/** Days from 1970-01-02 to the end of 2037. */
const days = 24_835;
/** Of 1992-01-01 among them. */
const recentDay = 8_034;

/**
 * SQL: the clocks of a zone, day by day: zones that have no summer time any more had one (Moscow until 2010, São Paulo until 2019, Shanghai from 1986 to
 * 1991), and others change theirs some weeks apart. `zone`: an expression; an unknown one gives NULL.
 */
function clockSql(zone: string): string {
  return `SELECT CAST(SUM(CRC32(CONCAT(n, ':', minutes))) AS CHAR) AS sum,
    CAST(SUM(IF(n < ${String(recentDay)}, 0, CRC32(CONCAT(n, ':', minutes)))) AS CHAR) AS recent,
    COUNT(DISTINCT minutes) AS offsets, SUM(minutes IS NULL) AS unknown FROM (
    SELECT n, TIMESTAMPDIFF(MINUTE, at, CONVERT_TZ(at, '+00:00', ${zone})) AS minutes FROM (
      SELECT n, TIMESTAMP('1970-01-02 12:00:00') + INTERVAL n DAY AS at FROM (
        SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n AS n
        FROM ${digits} AS a, ${digits} AS b, ${digits} AS c, ${digits} AS d, (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2) AS e
      ) AS numbers WHERE n < ${String(days)}
    ) AS noons
  ) AS clocks`;
}

type Reader = Pick<StatementSession, 'query'>;

/** The clocks of a zone as a server knows it: by default of its own; null: it does not know it. */
export async function readClockOf(session: Reader, zone = '@@GLOBAL.time_zone'): Promise<ClockReading | null> {
  const [row] = await session.query<{ sum: string | null; recent: string | null; offsets: string | number; unknown: string | number }>(clockSql(zone));
  return row === undefined || row.sum === null || Number(row.unknown) > 0 ? null : { offsets: Number(row.offsets), sum: row.sum, recent: row.recent ?? '' };
}

/** A server's time zone as the offset that it has now: `+08:00`. An offset names every moment once, in summer and winter. */
export async function zoneOf(control: Reader): Promise<string> {
  // Our own sessions are in UTC; the zone of everybody else is in the global variable.
  const [row] = await control.query<{ seconds: string | number | null }>(
    "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', @@GLOBAL.time_zone)) AS seconds",
  );
  return offsetText(Math.round(Number(row?.seconds ?? 0) / 60));
}

/** Whether a server's clocks have always been the same, and will be: what it called a moment is told by the offset that it has now. */
export async function keepsOffset(session: Reader): Promise<boolean> {
  return (await readClockOf(session))?.offsets === 1;
}

/** The clock of a source, and what a target calls it. */
export async function clockOf(source: Reader, target: Reader): Promise<SourceClock> {
  const offset = await zoneOf(source);
  const clock = await readClockOf(source);
  if (clock === null || clock.offsets === 1) return { kind: 'one', offset };
  const own = async (session: Reader): Promise<string> => (await session.query<{ zone: string }>('SELECT @@GLOBAL.time_zone AS zone'))[0]?.zone ?? 'SYSTEM';
  const zone = await own(source);
  for (const name of new Set([zone, 'SYSTEM', await own(target)])) {
    if ((await readClockOf(target, quoteString(name)))?.sum === clock.sum) return { kind: 'several', source: zone, target: name, offset };
  }
  return { kind: 'several', source: zone, target: null, offset };
}
