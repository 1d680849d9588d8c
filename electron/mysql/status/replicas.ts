import type { ConnectedReplica } from '../../../shared/domain/fleet/facts';
import { hasRight } from '../../../shared/domain/accounts/rights';
import { keptGrants } from '../accounts/privileges';
import type { Dialect } from '../dialect/dialect';
import type { Session } from '../types';
import { isRefusal, numberOf, textOf, type Reading } from '../reading';

/** One Binlog Dump thread: somebody who pulls the binary log. */
interface DumpThread {
  /** Of the performance schema; null where it was not asked. */
  readonly id: string | null;
  readonly user: string;
  /** Without the port. */
  readonly host: string | null;
  readonly uuid: string | null;
}

/** One line of SHOW REPLICAS: what a replica said of itself. */
interface Announced {
  readonly serverId: number | null;
  readonly uuid: string | null;
  readonly host: string | null;
  readonly port: number | null;
}

const DUMPS = "('Binlog Dump', 'Binlog Dump GTID')";

/**
 * By what it is known that the same threads pull the log as before: an id of the performance schema is given once while a server runs. How many
 * there are stands before them, and a comma behind each: a list that group_concat_max_len has cut, were it within its last id, is told by that.
 */
export function dumpExpressions({ features }: Pick<Dialect, 'features'>): Record<string, string> {
  if (!features.hasPerformanceSchemaReplication) return {};
  const ids = "GROUP_CONCAT(CONCAT(THREAD_ID, ',') ORDER BY THREAD_ID SEPARATOR '')";
  return { dumps: `(SELECT CONCAT(COUNT(*), ':', COALESCE(${ids}, '')) FROM performance_schema.threads WHERE PROCESSLIST_COMMAND IN ${DUMPS})` };
}

const noDumps = '0:';
/** What was read with a list of threads, of each session. */
const known = new WeakMap<Session, { readonly dumps: string; readonly replicas: readonly ConnectedReplica[] }>();

/**
 * Who pulls this server's binary log now: one entry for each Binlog Dump thread, with what SHOW REPLICAS knows of it.
 * Programs that merely read the log (mysqlbinlog, change capture) are among them, without uuid or announcement.
 *
 * `list`: the value of {@link dumpExpressions}, where it was read.
 * Needs PROCESS (or reading performance_schema) and REPLICATION SLAVE; what is missing makes `replicas` unread.
 */
export async function readReplicas(reading: Reading, performanceSchema: boolean, list?: unknown): Promise<readonly ConnectedReplica[]> {
  const dumps = performanceSchema ? textOf(list) : null;
  if (dumps === noDumps) return [];
  const kept = known.get(reading.session);
  if (dumps !== null && kept?.dumps === dumps) return kept.replicas;
  const threads = await dumpThreads(reading, performanceSchema);
  if (threads !== null && threads.length === 0) return [];
  const rows = await reading.tryRows('replicas', reading.session.dialect.showReplicas());
  const announced = (rows ?? []).map(announcedOf);
  const replicas = merge(threads ?? [], announced);
  // What a replica tells of itself it tells before it pulls, and once: threads that are the same, each with its line, say the same.
  const isWhole = threads !== null && rows !== null && threads.every(({ uuid }) => announced.some((line) => uuid !== null && line.uuid === uuid))
    && announced.length === threads.length;
  // The list was read some round trips before: whoever came or went meanwhile must not be kept under it.
  if (dumps !== null && isWhole && isListOf(dumps, threads)) known.set(reading.session, { dumps, replicas });
  return replicas;
}

/** Whether a value of {@link dumpExpressions} names these threads, all of them and no other. */
function isListOf(dumps: string, threads: readonly DumpThread[]): boolean {
  const ids = dumps.slice(dumps.indexOf(':') + 1).split(',').slice(0, -1);
  return dumps === `${String(threads.length)}:${ids.map((id) => `${id},`).join('')}` && ids.length === threads.length
    && threads.every(({ id }) => id !== null && ids.includes(id));
}

async function dumpThreads(reading: Reading, performanceSchema: boolean): Promise<DumpThread[] | null> {
  if (performanceSchema && reading.session.dialect.features.hasPerformanceSchemaReplication) {
    try {
      // The receiver tells its uuid as a user variable of the dump's session.
      const rows = await reading.rows(
        `SELECT t.THREAD_ID AS id, t.PROCESSLIST_USER AS user, t.PROCESSLIST_HOST AS host,
           (SELECT CAST(v.VARIABLE_VALUE AS CHAR) FROM performance_schema.user_variables_by_thread v
             WHERE v.THREAD_ID = t.THREAD_ID AND v.VARIABLE_NAME IN ('replica_uuid', 'slave_uuid') LIMIT 1) AS uuid
         FROM performance_schema.threads t WHERE t.PROCESSLIST_COMMAND IN ${DUMPS}`,
      );
      return rows.map(threadOf);
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
  // Without PROCESS the list silently holds one's own threads only.
  if (!hasRight(await keptGrants(reading), 'PROCESS')) {
    reading.note('replicas', 'PROCESS');
    return null;
  }
  const rows = await reading.tryRows(
    'replicas', `SELECT NULL AS id, USER AS user, HOST AS host, NULL AS uuid FROM information_schema.PROCESSLIST WHERE COMMAND IN ${DUMPS}`,
  );
  return rows === null ? null : rows.map(threadOf);
}

function threadOf(row: Record<string, unknown>): DumpThread {
  const host = textOf(row['host']);
  return {
    id: textOf(row['id']),
    user: textOf(row['user']) ?? '',
    host: host === null || host === '' ? null : host.replace(/:\d+$/, ''),
    uuid: textOf(row['uuid'])?.toLowerCase() ?? null,
  };
}

/** 8.0.22 renamed the columns (Slave_UUID to Replica_UUID); 5.6 writes Server_id. */
function announcedOf(row: Record<string, unknown>): Announced {
  const byName = new Map(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]));
  const text = (name: string): string | null => {
    const value = textOf(byName.get(name));
    return value === null || value === '' ? null : value;
  };
  const port = numberOf(byName.get('port'));
  return {
    serverId: numberOf(byName.get('server_id')),
    uuid: (text('replica_uuid') ?? text('slave_uuid'))?.toLowerCase() ?? null,
    host: text('host'),
    port: port === 0 ? null : port,
  };
}

function merge(threads: readonly DumpThread[], announced: readonly Announced[]): ConnectedReplica[] {
  const rest = [...announced];
  const take = (match: (candidate: Announced) => boolean): Announced | undefined => {
    const at = rest.findIndex(match);
    return at < 0 ? undefined : rest.splice(at, 1)[0];
  };
  const nameless: DumpThread[] = [];
  const out: ConnectedReplica[] = [];
  for (const thread of threads) {
    // A replica that has just connected anew may have two threads for a moment.
    if (thread.uuid !== null && out.some(({ uuid }) => uuid === thread.uuid)) continue;
    if (thread.uuid === null) nameless.push(thread);
    else out.push(entry(thread, take(({ uuid }) => uuid === thread.uuid)));
  }
  // Old servers do not say which thread serves which replica; the announcements tell who they are all the same.
  for (const thread of nameless) out.push(entry(thread, take(() => true)));
  for (const left of rest) out.push(entry({ id: null, user: '', host: null, uuid: null }, left));
  return out;
}

function entry(thread: DumpThread, announced: Announced | undefined): ConnectedReplica {
  return {
    serverId: announced?.serverId ?? null,
    uuid: thread.uuid ?? announced?.uuid ?? null,
    host: announced?.host ?? thread.host,
    port: announced?.port ?? null,
    user: thread.user,
  };
}
