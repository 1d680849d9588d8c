import type { LockHolderSession, LockWait } from '../../../shared/domain/operations/sql/session';
import { MysqlError } from '../errors';
import { withoutLiterals } from '../statement';
import type { StatementSession } from '../types';

const HOLDER = 'b.PROCESSLIST_ID AS id, b.PROCESSLIST_USER AS user, b.PROCESSLIST_HOST AS host, b.PROCESSLIST_INFO AS statement';
const WAITED = "TIMESTAMPDIFF(SECOND, t.trx_wait_started, CONVERT_TZ(NOW(), @@SESSION.time_zone, 'SYSTEM'))";
/** Row locks from 8.0 on. Manual: "The data_lock_waits Table". */
const ROW_LOCK =
  `SELECT l.OBJECT_SCHEMA AS base, l.OBJECT_NAME AS name, ${WAITED} AS seconds, ${HOLDER} FROM performance_schema.data_lock_waits w ` +
  'JOIN performance_schema.threads r ON r.THREAD_ID = w.REQUESTING_THREAD_ID JOIN performance_schema.threads b ON b.THREAD_ID = w.BLOCKING_THREAD_ID ' +
  'JOIN performance_schema.data_locks l ON l.ENGINE_LOCK_ID = w.REQUESTING_ENGINE_LOCK_ID ' +
  'LEFT JOIN information_schema.INNODB_TRX t ON t.trx_mysql_thread_id = r.PROCESSLIST_ID WHERE r.PROCESSLIST_ID = ? LIMIT 1';
/** Row locks before: the table is told as it is quoted. */
const ROW_LOCK_OLD =
  `SELECT '' AS base, l.lock_table AS name, ${WAITED} AS seconds, p.ID AS id, p.USER AS user, p.HOST AS host, p.INFO AS statement ` +
  'FROM information_schema.INNODB_LOCK_WAITS w JOIN information_schema.INNODB_TRX t ON t.trx_id = w.requesting_trx_id ' +
  'JOIN information_schema.INNODB_LOCKS l ON l.lock_id = w.requested_lock_id JOIN information_schema.INNODB_TRX o ON o.trx_id = w.blocking_trx_id ' +
  'LEFT JOIN information_schema.PROCESSLIST p ON p.ID = o.trx_mysql_thread_id WHERE t.trx_mysql_thread_id = ? LIMIT 1';
/** Locks on tables and on everything, where they are instrumented. */
const METADATA_LOCK =
  `SELECT p.OBJECT_SCHEMA AS base, p.OBJECT_NAME AS name, r.PROCESSLIST_TIME AS seconds, ${HOLDER} FROM performance_schema.metadata_locks p ` +
  'JOIN performance_schema.threads r ON r.THREAD_ID = p.OWNER_THREAD_ID JOIN performance_schema.metadata_locks g ON g.OBJECT_TYPE = p.OBJECT_TYPE ' +
  'AND g.OBJECT_SCHEMA <=> p.OBJECT_SCHEMA AND g.OBJECT_NAME <=> p.OBJECT_NAME AND g.OWNER_THREAD_ID <> p.OWNER_THREAD_ID ' +
  'JOIN performance_schema.threads b ON b.THREAD_ID = g.OWNER_THREAD_ID ' +
  "WHERE r.PROCESSLIST_ID = ? AND p.LOCK_STATUS = 'PENDING' AND g.LOCK_STATUS = 'GRANTED' AND b.PROCESSLIST_ID IS NOT NULL LIMIT 1";
const SESSION = 'SELECT DB AS base, STATE AS state, TIME AS seconds FROM information_schema.PROCESSLIST WHERE ID = ?';
const limits = { timeoutMs: 3_000, cancel: 'kill' } as const;

interface Row {
  readonly base: string | null;
  readonly name: string | null;
  readonly seconds: string | number | null;
  readonly id: string | number | null;
  readonly user: string | null;
  readonly host: string | null;
  readonly statement: string | null;
}

/** Another session as the server shows it: its default database, and what it waits for. null: there is none any more, or it may not be seen. */
export async function readSessionState(
  session: StatementSession, connectionId: number,
): Promise<{ readonly database: string | null; readonly wait: LockWait | null } | null> {
  const [seen] = await session.query<{ base: string | null; state: string | null; seconds: string | number | null }>(SESSION, [connectionId], limits);
  if (seen === undefined) return null;
  const { features } = session.dialect;
  const state = seen.state ?? '';
  const isForRow = !/^(?:Waiting for |User lock)/.test(state);
  const found = isForRow
    ? await first(session, features.hasSetPersist ? ROW_LOCK : ROW_LOCK_OLD, connectionId)
    : await first(session, features.hasPerformanceSchemaReplication ? METADATA_LOCK : null, connectionId);
  if (found !== null) return { database: seen.base, wait: waitOf(found, isForRow ? 'row' : 'metadata') };
  // The server says that it waits, and not for whom.
  const isLock = /^(?:Waiting for .*(?:lock|flush)|User lock)/.test(state);
  return { database: seen.base, wait: isLock ? { kind: 'metadata', object: state, seconds: Number(seen.seconds ?? 0), holder: null } : null };
}

async function first(session: StatementSession, sql: string | null, connectionId: number): Promise<Row | null> {
  if (sql === null) return null;
  try {
    const [row] = await session.query<Row>(sql, [connectionId], limits);
    return row ?? null;
  } catch (thrown) {
    // A login that may not look there, or a server that does not count it: nobody is named then.
    if (thrown instanceof MysqlError && thrown.errno !== 0) return null;
    throw thrown;
  }
}

function waitOf(row: Row, kind: LockWait['kind']): LockWait {
  const object = [row.base ?? '', (row.name ?? '').replaceAll('`', '')].filter((part) => part !== '').join('.');
  return { kind, object, seconds: Number(row.seconds ?? 0), holder: holderOf(row) };
}

function holderOf({ id, user, host, statement }: Row): LockHolderSession | null {
  return id === null ? null : { connectionId: Number(id), who: `${user ?? '?'}@${host ?? '?'}`, statement: withoutLiterals(statement ?? '') };
}
