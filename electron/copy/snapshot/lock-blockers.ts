import { atLeast } from '../../../shared/domain/fleet/version';
import { hasErrno } from '../../mysql/errors';
import type { StatementSession } from '../../mysql/types';
import { withoutLiterals } from '../../mysql/statement';
import type { ReadJob } from './sessions';

/** A session that keeps a lock from being given, or that waits for one. */
export interface LockBlocker {
  readonly id: string;
  /** `user@host`. */
  readonly who: string;
  readonly seconds: number;
  /** Without literals; empty: it does nothing now, and has a transaction or a lock. */
  readonly statement: string;
}

interface Found {
  readonly id: string | number;
  readonly user: string | null;
  readonly host: string | null;
  readonly seconds: string | number | null;
  readonly statement: string | null;
}

function blockersOf(rows: readonly Found[]): LockBlocker[] {
  return rows.map(({ id, user, host, seconds, statement }) => ({
    id: String(id), who: `${user ?? '?'}@${host ?? '?'}`, seconds: Number(seconds ?? 0), statement: withoutLiterals(statement ?? ''),
  }));
}

/** States of sessions that wait for such a lock themselves. */
const victims = "'Waiting for global read lock', 'Waiting for commit lock', 'Waiting for table flush', 'Waiting for backup lock'";
const limit = { timeoutMs: 5000 };
const shown = 3;

/**
 * Who keeps a lock on the whole server from being given: statements that run, transactions that are open, and (8.0) LOCK
 * TABLES, oldest first. `ours`: connections of the copy.
 */
export async function lockBlockers(session: StatementSession, seconds: number, ours: readonly number[]): Promise<readonly LockBlocker[]> {
  const others = [session.connectionId, ...ours].join(', ');
  const rows = await session.query<Found>(
    `SELECT p.ID AS id, p.USER AS user, p.HOST AS host, p.INFO AS statement,
       GREATEST(p.TIME, COALESCE(TIMESTAMPDIFF(SECOND, t.trx_started, CONVERT_TZ(NOW(), @@SESSION.time_zone, 'SYSTEM')), 0)) AS seconds
     FROM information_schema.PROCESSLIST p LEFT JOIN information_schema.INNODB_TRX t ON t.trx_mysql_thread_id = p.ID
     WHERE p.ID NOT IN (${others}) AND (p.COMMAND IN ('Query', 'Execute') OR t.trx_id IS NOT NULL) AND COALESCE(p.STATE, '') NOT IN (${victims})
     HAVING seconds >= ${seconds} ORDER BY seconds DESC LIMIT ${shown}`,
    [],
    limit,
  );
  const found = blockersOf(rows);
  for (const holder of await holders(session, others)) if (!found.some(({ id }) => id === holder.id)) found.push(holder);
  return found;
}

/** Sessions that hold a lock on the whole server between statements (LOCK TABLES, another backup); [] where it does not tell. */
async function holders(session: StatementSession, others: string): Promise<readonly LockBlocker[]> {
  if (!atLeast(session.version, 8, 0)) return [];
  try {
    const rows = await session.query<Found>(
      `SELECT DISTINCT t.PROCESSLIST_ID AS id, t.PROCESSLIST_USER AS user, t.PROCESSLIST_HOST AS host, t.PROCESSLIST_TIME AS seconds,
         t.PROCESSLIST_INFO AS statement
       FROM performance_schema.metadata_locks l JOIN performance_schema.threads t ON t.THREAD_ID = l.OWNER_THREAD_ID
       WHERE l.OBJECT_TYPE IN ('GLOBAL', 'BACKUP LOCK') AND l.LOCK_STATUS = 'GRANTED' AND l.LOCK_DURATION = 'EXPLICIT'
         AND t.PROCESSLIST_ID NOT IN (${others}) LIMIT ${shown}`,
      [],
      limit,
    );
    return blockersOf(rows);
  } catch (thrown) {
    // 1142, 1146: not for this login, or switched off.
    if (!hasErrno(thrown, 1142, 1146)) throw thrown;
    return [];
  }
}

/** Statements that change tables and wait for the copy: at its lock against DDL, or (before 8.0) at a table it reads. */
async function waitingDdl(session: StatementSession): Promise<readonly LockBlocker[]> {
  const state = session.dialect.features.hasBackupLock
    ? "STATE = 'Waiting for backup lock'"
    : "STATE = 'Waiting for table metadata lock' AND INFO REGEXP '^[[:space:]]*(ALTER|DROP|TRUNCATE|RENAME|OPTIMIZE|CREATE)'";
  const sql = `SELECT ID AS id, USER AS user, HOST AS host, TIME AS seconds, INFO AS statement FROM information_schema.PROCESSLIST WHERE ${state}`;
  return blockersOf(await session.query<Found>(sql, [], limit));
}

/** Names, once for each, the statements of others that wait because of the copy. */
export function ddlWatch({ step, source }: ReadJob, control: StatementSession): () => Promise<void> {
  const told = new Set<string>();
  return async () => {
    for (const { id, who, seconds, statement } of await waitingDdl(control)) {
      if (told.has(`${id} ${statement}`)) continue;
      told.add(`${id} ${statement}`);
      // The event scheduler runs no statement, and no event of the server begins while it waits.
      if (statement === '' && who.startsWith('event_scheduler@')) step.log('warning', 'sync.log.eventsWait', { server: source.name, seconds });
      else step.log('warning', 'sync.log.ddlWaiting', { server: source.name, who, seconds, statement });
    }
  };
}
