import { missingRights } from '../../../shared/domain/accounts/rights';
import { settingsDrift } from '../../../shared/domain/promotion/settings-drift';
import type { NoticedSettings } from '../../../shared/domain/fleet/facts';
import { errorOf } from '../../../shared/errors/codes';
import type { Blocker, DriftItem } from '../../../shared/domain/promotion/promotion';
import { sleep } from '../../mysql/time';
import { leadingWord } from '../../../shared/domain/sql/cursor';
import { readGrants } from '../../mysql/accounts/privileges';
import { readNoticed } from '../../mysql/status/noticed';
import type { StatusServer } from '../../mysql/status/replica-status';
import type { Session } from '../../mysql/types';
import type { Purpose as Right } from '../../mysql/dialect/accounts';
import { clientSessions, queryOf, type ClientSession, type Query } from '../../replication/client-sessions';

const OPEN_TRANSACTIONS = 'SELECT trx_mysql_thread_id AS id, trx_rows_modified AS modified FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id > 0';
/**
 * Sessions that hold a lock beyond their statement: FLUSH TABLES WITH READ LOCK (shared, on everything), LOCK INSTANCE FOR
 * BACKUP (8.0+), LOCK TABLES and FLUSH TABLES … WITH READ LOCK (on tables, by a session that runs nothing: a running DDL
 * holds the same ones, and lets them go). 5.7+; and in 5.7 only where the instrument is on, which it is not by default.
 */
const HELD_LOCKS =
  "SELECT t.PROCESSLIST_ID AS id, t.PROCESSLIST_USER AS user, t.PROCESSLIST_HOST AS host, MAX(m.OBJECT_TYPE = 'GLOBAL') AS isRead, MAX(m.OBJECT_TYPE = " +
  "'BACKUP LOCK') AS isBackup, " +
  'MAX(t.PROCESSLIST_TIME) AS seconds, LEFT(MAX(c.SQL_TEXT), 2000) AS statement ' +
  'FROM performance_schema.metadata_locks m JOIN performance_schema.threads t ON t.THREAD_ID = m.OWNER_THREAD_ID ' +
  // What a session ran last stays there while it idles.
  "LEFT JOIN performance_schema.events_statements_current c ON c.THREAD_ID = t.THREAD_ID WHERE m.LOCK_STATUS = 'GRANTED' " +
  "AND t.PROCESSLIST_ID IS NOT NULL AND (" +
  "(m.OBJECT_TYPE IN ('GLOBAL', 'BACKUP LOCK') AND m.LOCK_TYPE = 'SHARED' AND m.LOCK_DURATION = 'EXPLICIT') OR " +
  "(m.OBJECT_TYPE = 'TABLE' AND m.LOCK_TYPE IN ('SHARED_NO_READ_WRITE', 'SHARED_NO_WRITE', 'SHARED_READ_ONLY') AND t.PROCESSLIST_COMMAND = 'Sleep')) " +
  'GROUP BY t.PROCESSLIST_ID, t.PROCESSLIST_USER, t.PROCESSLIST_HOST';
const LOCKS_ARE_SEEN = "SELECT 1 FROM performance_schema.setup_instruments WHERE NAME = 'wait/lock/metadata/sql/mdl' AND ENABLED = 'YES'";
/** Tables in use, without a word by whom: all there is where metadata locks are not instrumented. */
const TABLES_IN_USE = 'SHOW OPEN TABLES WHERE In_use > 0';
const DDL: ReadonlySet<string> = new Set(['ALTER', 'CREATE', 'DROP', 'TRUNCATE', 'RENAME', 'OPTIMIZE', 'REPAIR', 'ANALYZE']);
/** A statement that has run so long may hold the fence up. Seconds. */
const LONG_SECONDS = 1;
const TWO_LOOKS_MS = 200;

/**
 * What stands in the way on the old primary, and which clients are closed. Idle transactions do not hold the fence up
 * (their commit will be refused), running statements and table locks do.
 */
export async function readBlockers(session: Session): Promise<Blocker[]> {
  const query = queryOf(session);
  const [clients, transactions, locks, prepared] = await Promise.all([
    clientSessions(query, []),
    query<{ id: number | string; modified: number | string }>(OPEN_TRANSACTIONS),
    readLocks(session),
    preparedXa(query),
  ]);
  const open = new Map(transactions.map((row) => [Number(row.id), Number(row.modified)]));
  const locked = new Map(locks.map((lock) => [lock.connectionId, lock.kind]));
  return [
    ...(prepared ?? []).map((name): Blocker => ({ kind: 'xa-prepared', connectionId: 0, user: '', host: '', seconds: 0, statement: name })),
    ...locks.filter(({ connectionId }) => connectionId === 0),
    ...clients.map((client) => ({
      kind: locked.get(client.id) ?? kindOf(client, open), connectionId: client.id, user: client.user, host: client.host, seconds: client.seconds,
      statement: client.statement,
    })),
  ];
}

function kindOf(client: ClientSession, open: ReadonlyMap<number, number>): Blocker['kind'] {
  if (client.command === 'Query' && DDL.has(leadingWord(client.statement))) return 'ddl';
  if (!open.has(client.id)) return 'client-session';
  if (client.command === 'Sleep') return 'idle-in-transaction';
  return client.seconds >= LONG_SECONDS ? 'long-transaction' : 'client-session';
}

interface LockRow {
  readonly id: number | string;
  readonly user: string | null;
  readonly host: string | null;
  readonly isRead: number | string;
  readonly isBackup: number | string;
  readonly seconds: number | string | null;
  readonly statement: string | null;
}

/** Locks that sessions hold beyond a statement; where the server does not tell the sessions, the tables, as connection 0. */
export async function readLocks(session: StatusServer): Promise<Blocker[]> {
  const hasTable = session.dialect.features.hasPerformanceSchemaReplication;
  if (!hasTable || (await session.query(LOCKS_ARE_SEEN)).length === 0) return tablesInUse(session);
  const rows = await session.query<LockRow>(HELD_LOCKS);
  const kind = (row: LockRow): Blocker['kind'] => (Number(row.isRead) === 1 ? 'read-lock' : Number(row.isBackup) === 1 ? 'backup-lock' : 'table-lock');
  return rows.map((row) => ({
    kind: kind(row), connectionId: Number(row.id), user: row.user ?? '', host: row.host ?? '', seconds: Number(row.seconds ?? 0),
    statement: row.statement ?? '',
  }));
}

/** Twice, since a running statement uses tables too: what both looks show is held. */
async function tablesInUse(session: StatusServer): Promise<Blocker[]> {
  const look = async (): Promise<string[]> => {
    const rows = await session.query<{ Database: string; Table: string }>(TABLES_IN_USE);
    return rows.map((row) => `${row.Database}.${row.Table}`);
  };
  const first = await look();
  if (first.length === 0) return [];
  await sleep(TWO_LOOKS_MS);
  const second = new Set(await look());
  return first.filter((name) => second.has(name)).map((name) => ({ kind: 'table-lock', connectionId: 0, user: '', host: '', seconds: 0, statement: name }));
}

/**
 * Names of the prepared XA transactions; null: they may not be listed (8.0 asks for XA_RECOVER_ADMIN, which an
 * administrator without SUPER may lack).
 */
export async function preparedXa(query: Query): Promise<readonly string[] | null> {
  try {
    return (await query<{ data: string }>('XA RECOVER')).map((row) => String(row.data));
  } catch (thrown) {
    if (['privilege-missing', 'query-failed'].includes(errorOf(thrown).code)) return null;
    throw thrown;
  }
}

const ACCOUNTS = "SELECT CONCAT(User, '@', Host) AS name FROM mysql.user";

/** What differs between the two servers and would be noticed after the roles have changed. */
export async function readDrift(source: Session, standby: Session): Promise<DriftItem[]> {
  const [here, there] = await Promise.all([source, standby].map(readComparable));
  if (here === undefined || there === undefined) return [];
  const items = settingsDrift(here.variables, there.variables);
  for (const kind of ['accounts', 'events'] as const) {
    const [mine, theirs] = [here[kind], there[kind]];
    // Nothing can be said of what one of them does not show.
    if (mine === null || theirs === null) continue;
    const missing = mine.filter((name) => !theirs.includes(name));
    if (missing.length > 0) items.push({ kind, name: missing.slice(0, 20).join(', '), source: String(mine.length), standby: String(theirs.length) });
  }
  return items;
}

async function readComparable(
  session: Session,
): Promise<{ readonly variables: NoticedSettings; readonly accounts: readonly string[] | null; readonly events: readonly string[] | null }> {
  const [variables, accounts, events] = await Promise.all([
    readNoticed(session, session.version),
    readNames(session, ACCOUNTS),
    readNames(session, "SELECT CONCAT(EVENT_SCHEMA, '.', EVENT_NAME) AS name FROM information_schema.EVENTS"),
  ]);
  return { variables, accounts, events };
}

/** null: this login may not read them. */
async function readNames(session: Session, sql: string): Promise<readonly string[] | null> {
  try {
    return (await session.query<{ name: string }>(sql)).map((row) => row.name);
  } catch (thrown) {
    // An administrator who may not read accounts sees no drift of accounts; everything else is still compared.
    if (errorOf(thrown).code === 'privilege-missing') return null;
    throw thrown;
  }
}

/** Rights that the login of a session lacks for these purposes, as `server: RIGHT`. */
export async function lackingRights(session: Session, server: string, purposes: readonly Right[]): Promise<string[]> {
  const wanted = purposes.flatMap((purpose) => session.dialect.privilegesFor(purpose));
  return missingRights(await readGrants(session), wanted).map((right) => `${server}: ${right}`);
}
