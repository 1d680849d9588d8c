import type { ApplierWait } from '../../../shared/domain/promotion/applier-wait';
import { errorOf } from '../../../shared/errors/codes';
import { sleep } from '../../mysql/time';
import type { Session } from '../../mysql/types';

const APPLIERS = "('thread/sql/slave_sql', 'thread/sql/slave_worker', 'thread/sql/replica_sql', 'thread/sql/replica_worker')";
const HOLDER = 'b.PROCESSLIST_ID AS id, b.PROCESSLIST_USER AS user, b.PROCESSLIST_HOST AS host, b.PROCESSLIST_TIME AS seconds, b.PROCESSLIST_INFO AS statement';
const OF_OTHERS = `r.NAME IN ${APPLIERS} AND b.NAME NOT IN ${APPLIERS} AND b.PROCESSLIST_ID IS NOT NULL`;
/** Row locks from 8.0 on. Manual: "The data_lock_waits Table". */
const ROW_LOCKS =
  `SELECT DISTINCT ${HOLDER} FROM performance_schema.data_lock_waits w JOIN performance_schema.threads r ON r.THREAD_ID = w.REQUESTING_THREAD_ID ` +
  `JOIN performance_schema.threads b ON b.THREAD_ID = w.BLOCKING_THREAD_ID WHERE ${OF_OTHERS}`;
/** Row locks before. */
const ROW_LOCKS_OLD =
  'SELECT DISTINCT p.ID AS id, p.USER AS user, p.HOST AS host, p.TIME AS seconds, p.INFO AS statement FROM information_schema.INNODB_LOCK_WAITS w ' +
  'JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id ' +
  "JOIN information_schema.PROCESSLIST a ON a.ID = r.trx_mysql_thread_id AND a.USER = 'system user' " +
  "JOIN information_schema.PROCESSLIST p ON p.ID = b.trx_mysql_thread_id AND p.USER <> 'system user'";
/** Locks on tables and on everything, where they are instrumented (from 8.0 on by default). */
const METADATA_LOCKS =
  `SELECT DISTINCT ${HOLDER} FROM performance_schema.metadata_locks p JOIN performance_schema.threads r ON r.THREAD_ID = p.OWNER_THREAD_ID ` +
  'JOIN performance_schema.metadata_locks g ON g.OBJECT_TYPE = p.OBJECT_TYPE AND g.OBJECT_SCHEMA <=> p.OBJECT_SCHEMA AND g.OBJECT_NAME <=> p.OBJECT_NAME ' +
  `JOIN performance_schema.threads b ON b.THREAD_ID = g.OWNER_THREAD_ID WHERE p.LOCK_STATUS = 'PENDING' AND g.LOCK_STATUS = 'GRANTED' AND ${OF_OTHERS}`;
/** That it waits, without a word for whom: all there is elsewhere. */
const WAITING = "SELECT 0 AS id, '' AS user, '' AS host, TIME AS seconds, STATE AS statement FROM information_schema.PROCESSLIST " +
  "WHERE USER = 'system user' AND STATE LIKE 'Waiting for % lock'";

const TWO_LOOKS_MS = 300;

interface WaitRow {
  readonly id: number | string;
  readonly user: string | null;
  readonly host: string | null;
  readonly seconds: number | string | null;
  readonly statement: string | null;
}

/**
 * The sessions that the applier of a server waits for: seen in two looks, since on a busy server it always waits for somebody for a
 * moment. Nothing where the login may not look.
 */
export async function readApplierWaits(session: Session): Promise<ApplierWait[]> {
  const first = await look(session);
  if (first.length === 0) return [];
  await sleep(TWO_LOOKS_MS);
  const held = new Set(first.map(({ connectionId }) => connectionId));
  return (await look(session)).filter(({ connectionId }) => held.has(connectionId));
}

async function look(session: Session): Promise<ApplierWait[]> {
  const { hasPerformanceSchemaReplication: hasTables, hasSetPersist: since80 } = session.dialect.features;
  const statements = [since80 ? ROW_LOCKS : ROW_LOCKS_OLD, ...(hasTables ? [METADATA_LOCKS] : [])];
  const found = (await Promise.all(statements.map((sql) => rows(session, sql)))).flat();
  const named = found.length > 0 ? found : await rows(session, WAITING);
  return [...new Map(named.map((row) => [Number(row.id), row])).values()].map((row) => ({
    connectionId: Number(row.id), user: row.user ?? '', host: row.host ?? '', seconds: Number(row.seconds ?? 0), statement: row.statement ?? '',
  }));
}

async function rows(session: Session, sql: string): Promise<WaitRow[]> {
  try {
    return await session.query<WaitRow>(sql);
  } catch (thrown) {
    // An administrator who may not see other sessions is told of no holder; everything else is still decided.
    if (errorOf(thrown).code === 'privilege-missing') return [];
    throw thrown;
  }
}
