import { errorOf, failure } from '../../../shared/errors/codes';
import type { Dialect } from '../../mysql/dialect/dialect';
import { sleep } from '../../mysql/time';
import { withoutLiterals } from '../../mysql/statement';
import type { Statement } from '../../mysql/types';
import { clientSessions } from '../../replication/client-sessions';
import { flushBlockers, type RunningStatement } from '../../mysql/status/flush-blockers';
import type { ServerSessions, Server } from '../../replication/servers';

/** Seconds that the fence may wait for a commit, a running statement or LOCK TABLES before it is given up. */
export const FENCE_LIMIT_SECONDS = 3;
/** What has run so long is taken to go on for longer than the fence may wait. */
const LONG_SECONDS = 1;
const BETWEEN_ROUNDS_MS = 10;
const LOOK_MS = 50;

/** What a server was before it was fenced, so that un-fencing brings back just that. */
export interface BeforeFence {
  readonly readOnly: boolean;
  readonly superReadOnly: boolean;
  readonly eventScheduler: string | null;
  /** What SET PERSIST keeps (8.0+); null: nothing. */
  readonly persisted: { readonly readOnly: string | null; readonly superReadOnly: string | null };
}

/** Reads it; 5.6 and 5.7 persist nothing. */
export async function readBeforeFence(server: Server): Promise<BeforeFence> {
  const { features } = await server.dialect();
  const superWord = features.hasSuperReadOnly ? '@@GLOBAL.super_read_only' : '0';
  const [row] = await server.sql<{ ro: number | string; sro: number | string; ev: string | null }>(
    'control',
    `SELECT @@GLOBAL.read_only AS ro, ${superWord} AS sro, @@GLOBAL.event_scheduler AS ev`,
  );
  const persisted = features.hasSetPersist
    ? await server.sql<{ name: string; value: string }>(
      'control',
      "SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value FROM performance_schema.persisted_variables " +
        "WHERE VARIABLE_NAME IN ('read_only', 'super_read_only')",
    )
    : [];
  const kept = (name: string): string | null => persisted.find((variable) => variable.name === name)?.value ?? null;
  return {
    readOnly: Number(row?.ro) === 1,
    superReadOnly: Number(row?.sro) === 1,
    eventScheduler: row?.ev ?? null,
    persisted: { readOnly: kept('read_only'), superReadOnly: kept('super_read_only') },
  };
}

/** The statements of the fence itself, in order, without what bounds them. */
export function fenceStatementsOf(dialect: Dialect): readonly Statement[] {
  const { statements } = dialect.setReadOnly(true, false);
  // Before 5.7.8 an account with SUPER writes past read_only: only a held global read lock stops it.
  return dialect.features.hasSuperReadOnly ? statements : [...statements, dialect.lockForRead()];
}

/** As `fenceStatementsOf`, in the words of a server at hand. */
export async function fenceStatements(server: Server): Promise<readonly Statement[]> {
  return fenceStatementsOf(await server.dialect());
}

/** Bounds the fence's waits; before the fence, so that it costs no time of the outage. */
export async function prepareFence(server: Server): Promise<void> {
  await server.sql('fence', (await server.dialect()).setLockWaitTimeout(FENCE_LIMIT_SECONDS));
}

/**
 * Makes a server refuse every write, also of privileged accounts: super_read_only, or before 5.7.8 read_only and a
 * global read lock that stays held on the session `fence`. Returns once every commit that was under way is done.
 *
 * @throws Failure `lock-wait-timeout` or `query-timeout` where a statement holds it up, `may-take-hold` where the server did not
 *   let go of it; the caller un-fences
 */
export async function fence(server: Server, statements: readonly Statement[]): Promise<void> {
  const inTheWay = await beforeReadLock(server);
  if (inTheWay.length > 0) {
    const detail = inTheWay.map(({ id, user, host, seconds, statement }) => `#${id} ${user}@${host} ${seconds} s: ${withoutLiterals(statement)}`).join('; ');
    throw failure('lock-wait-timeout', { server: server.name }, { server: server.name, detail });
  }
  await server.all('fence', statements, { timeoutMs: (FENCE_LIMIT_SECONDS + 1) * 1000 });
}

/**
 * What the read lock of a server without super_read_only would wait for; [] on the others, whose fence waits for no reading. Statements that are
 * younger than a long one get the time to end: of one that goes on, nobody knows at its beginning how long it takes.
 */
async function beforeReadLock(server: Server): Promise<readonly RunningStatement[]> {
  if ((await server.dialect()).features.hasSuperReadOnly) return [];
  const running = (seconds: number): Promise<readonly RunningStatement[]> => flushBlockers((sql, params) => server.sql('control', sql, params), seconds, []);
  const found = await running(LONG_SECONDS);
  if (found.length > 0) return found;
  // The server counts whole seconds, the next of which may begin later by as much.
  const deadline = performance.now() + LONG_SECONDS * 1000 + 100;
  while ((await running(0)).length > 0) {
    if (performance.now() >= deadline) return running(LONG_SECONDS);
    await sleep(LOOK_MS);
  }
  return [];
}

/**
 * Ends what the read lock of the fence would wait for, where that server's clients are closed whatever comes of it. Else the readers of
 * a table pile up behind a fence that then fails.
 */
export async function endBeforeReadLock(server: Server): Promise<void> {
  const dialect = await server.dialect();
  const deadline = performance.now() + FENCE_LIMIT_SECONDS * 1000;
  // What was ended takes a moment to go, and only the longest are told at once.
  for (let found = await beforeReadLock(server); found.length > 0 && performance.now() < deadline; found = await beforeReadLock(server)) {
    for (const { id } of found) await endSession(server, dialect.killConnection(id));
    await sleep(BETWEEN_ROUNDS_MS);
  }
}

async function endSession(server: Server, kill: Statement): Promise<boolean> {
  try {
    await server.sql('sessions', kill);
    return true;
  } catch (thrown) {
    // 1094, no such thread: it went by itself.
    if (errorOf(thrown).code !== 'query-failed') throw thrown;
    return false;
  }
}

/** Whether a server refuses writes now, by its own word. */
export async function isFenced(server: Server): Promise<boolean> {
  const { features } = await server.dialect();
  return (await server.text('control', `SELECT @@GLOBAL.${features.hasSuperReadOnly ? 'super_read_only' : 'read_only'}`)) === '1';
}

/**
 * Closes the client connections of a fenced server until none is left that could hold a write, `rounds` times at most.
 * Binlog Dump threads, the server's own threads and this application's connections stay. Returns how many were closed.
 */
export async function closeClients(sessions: ServerSessions, server: Server, rounds = 3): Promise<number> {
  const dialect = await server.dialect();
  const own = await sessions.connectionIds(server.id);
  let closed = 0;
  for (let round = 0; round < rounds; round++) {
    const clients = await clientSessions((sql, params) => server.sql('sessions', sql, params), own);
    if (clients.length === 0) break;
    for (const client of clients) if (await endSession(server, dialect.killConnection(client.id))) closed += 1;
  }
  return closed;
}

/**
 * Closes clients as long as `wanted` says so. Behind a held read lock a client that comes back waits instead of being
 * refused, and would go on waiting after the new primary is open.
 */
export async function closeClientsWhile(sessions: ServerSessions, server: Server, wanted: () => boolean): Promise<number> {
  let closed = 0;
  while (wanted()) {
    closed += await closeClients(sessions, server, 1);
    await sleep(BETWEEN_ROUNDS_MS);
  }
  return closed;
}

/**
 * Un-fences: brings back what the server was. A SET that may still be waiting behind a commit is ended first, or it
 * would fence again later. Reads back what it did.
 *
 * @throws Failure `may-take-hold` where it could not be ended; where the server cannot be reached or stays read-only
 */
export async function unfence(sessions: ServerSessions, server: Server, before: BeforeFence, persisted: boolean): Promise<void> {
  // With its session go a pending SET and a held read lock.
  await sessions.end(server.id, 'fence');
  const dialect = await server.dialect();
  if (!before.superReadOnly && dialect.features.hasSuperReadOnly) await server.sql('control', dialect.setGlobal('super_read_only', false));
  if (!before.readOnly) await server.sql('control', dialect.setGlobal('read_only', false));
  if (before.eventScheduler === 'ON') await server.sql('control', dialect.setGlobal('event_scheduler', true));
  if (persisted && dialect.features.hasSetPersist) await restorePersisted(server, before);
  const [row] = await server.sql<{ ro: number | string }>('control', 'SELECT @@GLOBAL.read_only AS ro');
  if (!before.readOnly && Number(row?.ro) !== 0) throw failure('undo-failed', { step: 'fence', server: server.name }, { server: server.name });
}

async function restorePersisted(server: Server, before: BeforeFence): Promise<void> {
  const dialect = await server.dialect();
  for (const [name, value] of [['super_read_only', before.persisted.superReadOnly], ['read_only', before.persisted.readOnly]] as const) {
    await server.sql('control', value === null ? dialect.resetPersist(name) : dialect.setPersist(name, value === 'ON'));
  }
}

/**
 * Keeps the fence over a restart, in one write of the server's own file, since clients wait: super_read_only brings
 * read_only with it at the start too. Nothing to do before 8.0.
 */
export async function persistFenceNow(server: Server): Promise<void> {
  const dialect = await server.dialect();
  if (dialect.features.hasSetPersist) await server.sql('control', dialect.setPersist('super_read_only', true));
}

/**
 * Keeps the fence over a restart: SET PERSIST. Returns the lines for my.cnf where the server cannot keep it (before 8.0).
 */
export async function persistFence(server: Server): Promise<readonly string[]> {
  const dialect = await server.dialect();
  await server.all('control', persistedFence(dialect));
  return dialect.setReadOnly(true, true).configLines;
}

/** The statements that keep a fence over a restart; none before 8.0. */
export function persistedFence(dialect: Dialect): readonly Statement[] {
  return dialect.features.hasSetPersist ? dialect.setReadOnly(true, true).statements : [];
}

/** Lets a held global read lock go (before 5.7.8); no client may be waiting behind it any more. */
export async function releaseReadLock(sessions: ServerSessions, server: Server): Promise<void> {
  const dialect = await server.dialect();
  if (dialect.features.hasSuperReadOnly || !sessions.has(server.id, 'fence')) return;
  await server.sql('fence', dialect.unlock());
}
