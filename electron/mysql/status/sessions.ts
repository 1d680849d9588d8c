import { accountsPastReadOnly } from './past-read-only';
import { textOf, type Reading } from '../reading';

/** The host of a session without its port; the address of IPv6 holds colons itself. */
const HOST = "IF(LOCATE(':', p.HOST) = 0, p.HOST, LEFT(p.HOST, CHAR_LENGTH(p.HOST) - CHAR_LENGTH(SUBSTRING_INDEX(p.HOST, ':', -1)) - 1))";
/** An account of addresses also stands for a session whose address the server has turned into a name. */
const MATCHES = `(${HOST} LIKE u.host OR u.host LIKE '%/%' OR (u.host REGEXP '^[0-9]' AND ${HOST} NOT REGEXP '^[0-9]'))`;
/** Client sessions of others: not replication, not the server's own threads, not those of the administrative login itself. */
const CLIENTS =
  "p.ID <> CONNECTION_ID() AND p.USER NOT IN ('system user', 'event_scheduler', 'unauthenticated user') " +
  "AND p.COMMAND NOT IN ('Binlog Dump', 'Binlog Dump GTID', 'Daemon') AND p.USER <> SUBSTRING_INDEX(USER(), '@', 1)";

/**
 * Who is connected to a server that is only read_only, and writes past it all the same: `user@host` of client sessions
 * whose account may. Sessions of our own login's user are administrators at work. null
 * where it may not be read, which is noted as unread.
 */
export async function readPrivilegedSessions(reading: Reading): Promise<readonly string[] | null> {
  const rows = await reading.tryRows(
    'privilegedSessions',
    `SELECT DISTINCT CONCAT(p.USER, '@', ${HOST}) AS who FROM information_schema.PROCESSLIST p ` +
      `JOIN (${accountsPastReadOnly(reading.session.dialect)}) u ON u.user = p.USER AND ${MATCHES} WHERE ${CLIENTS} ORDER BY who LIMIT 50`,
  );
  return rows === null ? null : rows.map((row) => textOf(row['who']) ?? '');
}
