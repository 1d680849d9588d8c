import { lockNames } from '../../shared/domain/tasks/lock-holder';
import type { Session } from '../mysql/types';

/** One client connection of a server. Texts are the server's: untrusted. */
export interface ClientSession {
  readonly id: number;
  readonly user: string;
  readonly host: string;
  readonly command: string;
  readonly seconds: number;
  readonly statement: string;
  readonly state: string;
}

interface Row {
  readonly id: number | string;
  readonly user: string;
  readonly host: string | null;
  readonly command: string;
  readonly seconds: number | string | null;
  readonly statement: string | null;
  readonly state: string | null;
  readonly ours: number | string | null;
}

const LOCK_HOLDERS = [lockNames.exclusive, ...lockNames.spare].map((name) => `IFNULL(IS_USED_LOCK('${name}'), 0)`).join(', ');

/**
 * Client connections: replication's own threads, the scheduler, daemons and this application's connections are left out.
 * Those are known by the name they gave themselves, where the server keeps it (not with performance_schema = OFF), and the
 * one that holds the lock of the operation by the lock.
 */
export const CLIENT_SESSIONS =
  'SELECT p.ID AS id, p.USER AS user, p.HOST AS host, p.COMMAND AS command, p.TIME AS seconds, LEFT(p.INFO, 2000) AS statement, p.STATE AS state, ' +
  'EXISTS (SELECT 1 FROM performance_schema.session_account_connect_attrs a ' +
  "WHERE a.PROCESSLIST_ID = p.ID AND a.ATTR_NAME = 'program_name' AND a.ATTR_VALUE = 'antipode') AS ours " +
  "FROM information_schema.PROCESSLIST p WHERE p.ID <> CONNECTION_ID() AND p.USER NOT IN ('system user', 'event_scheduler', 'unauthenticated user') " +
  "AND p.COMMAND NOT IN ('Binlog Dump', 'Binlog Dump GTID', 'Daemon') " +
  // Anybody may hold a lock of that name: it is ours only under our own login.
  `AND (p.USER <> SUBSTRING_INDEX(USER(), '@', 1) OR p.ID NOT IN (${LOCK_HOLDERS}))`;

/** Runs a query; a step journals it, a plan does not. */
export type Query = <R>(sql: string, params?: readonly unknown[]) => Promise<R[]>;

/** The client connections of a server, without `ownIds`. */
export async function clientSessions(query: Query, ownIds: readonly number[]): Promise<ClientSession[]> {
  const rows = await query<Row>(CLIENT_SESSIONS);
  return rows
    .filter((row) => Number(row.ours) !== 1 && !ownIds.includes(Number(row.id)))
    .map((row) => ({
      id: Number(row.id),
      user: row.user,
      host: row.host ?? '',
      command: row.command,
      seconds: Number(row.seconds ?? 0),
      statement: row.statement ?? '',
      state: row.state ?? '',
    }));
}

/** A query function over a session, for plans. */
export function queryOf(session: Session): Query {
  return <R>(sql: string, params?: readonly unknown[]) => session.query<R>(sql, params);
}
