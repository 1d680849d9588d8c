import { setTimeout as delay } from 'node:timers/promises';
import { failure } from '../../shared/errors/codes';
import type { Session } from '../mysql/types';

/** One name on every server, whichever workstation works on it: two operators cannot collide. */
export const serverLockName = 'antipode';
/**
 * Work that only reads a server and may go on beside other such work takes one of these. (GET_LOCK knows no shared locks,
 * and before 5.7.5 a session has one lock at most.)
 */
const sharedLockNames = Array.from({ length: 8 }, (_, at) => `${serverLockName}-shared-${at + 1}`);

/** How often the connections that hold locks are spoken to, so that neither server nor firewall takes them for dead. */
const keepAliveMs = 20_000;
/** A connection that just ended may hold its lock for a moment longer: the server closes the socket before it cleans up. */
const patienceSeconds = 1;
const statementLimitMs = 5000;
/**
 * Seconds without a statement after which the server closes the connection; the keep-alive is far below it. A workstation
 * that lost its network or its power without a word keeps nobody out for longer than this.
 */
const waitTimeoutSeconds = 120;
/** After so long, milliseconds, a server has let go of a lock whose connection was lost. */
export const lostConnectionMs = (waitTimeoutSeconds + 10) * 1000;

export interface LockTarget {
  /** The instance's name, for texts. */
  readonly name: string;
  /** Opens the connection that will hold the lock; it belongs to the lock from then on. */
  connect(): Promise<Session>;
  /** Others may share it; it still excludes, and is excluded by, one that is not shared. Default: not shared. */
  readonly shared?: boolean;
}

/** Locks that are held as long as their connections live. */
export interface ServerLocks {
  /** Asks every server whether the lock is still ours. Throws `connection-lost` or `lock-held` where it is not. */
  check(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the named lock on every target, each on a connection of its own, all or none and in one order.
 *
 * @throws Failure `lock-held` with who has it, from where and since when; whatever connecting throws
 */
export async function lockServers(targets: readonly LockTarget[], now: () => number = Date.now): Promise<ServerLocks> {
  const held: { readonly name: string; readonly session: Session; lock: string }[] = [];
  const drop = (): void => {
    // Dropping the socket releases the lock as well as asking would, and does not wait for a frozen server.
    for (const { session } of held.splice(0)) session.destroy();
  };
  try {
    for (const target of [...targets].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const session = await target.connect();
      const entry = { name: target.name, session, lock: serverLockName };
      held.push(entry);
      await session.run(`SET SESSION wait_timeout = ${waitTimeoutSeconds}`, [], { timeoutMs: statementLimitMs });
      const lock = await take(session, target.shared === true);
      if (lock === null) throw await heldByOther(session, target.name, now());
      entry.lock = lock;
    }
  } catch (thrown) {
    drop();
    throw thrown;
  }
  const keepAlive = setInterval(() => {
    // A miss is not lost: the next check meets the same dead connection and says so.
    for (const { session } of held) void session.query('SELECT 1', [], { timeoutMs: statementLimitMs }).catch(() => undefined);
  }, keepAliveMs).unref();

  return {
    async check() {
      await Promise.all(
        held.map(async ({ name, session, lock }) => {
          const [row] = await session.query<{ mine: number | string | null }>('SELECT IS_USED_LOCK(?) = CONNECTION_ID() AS mine', [lock], { timeoutMs: statementLimitMs });
          if (Number(row?.mine) !== 1) throw await heldByOther(session, name, now());
        }),
      );
    },
    async release() {
      clearInterval(keepAlive);
      await Promise.allSettled(held.map(({ session, lock }) => session.query('SELECT RELEASE_LOCK(?)', [lock], { timeoutMs: statementLimitMs })));
      drop();
    },
  };
}

/**
 * Takes the lock itself, or one of the shared ones; the name that was taken, null where somebody is in the way. Each side
 * takes its own first and looks for the other then, so that of two that come at once at most one gets through.
 */
async function take(session: Session, shared: boolean): Promise<string | null> {
  const limit = { timeoutMs: statementLimitMs };
  const got = async (name: string, seconds: number): Promise<boolean> => {
    const [row] = await session.query<{ got: number | string | null }>(`SELECT GET_LOCK(?, ${seconds}) AS got`, [name], limit);
    return Number(row?.got) === 1;
  };
  let mine: string | null = null;
  if (!shared) mine = (await got(serverLockName, patienceSeconds)) ? serverLockName : null;
  else for (const name of sharedLockNames) if (mine === null && (await got(name, 0))) mine = name;
  if (mine === null) return null;
  const others = shared ? [serverLockName] : sharedLockNames;
  const until = performance.now() + patienceSeconds * 1000;
  for (;;) {
    const [row] = await session.query<{ used: number | string | null }>(`SELECT COALESCE(${others.map(() => 'IS_USED_LOCK(?)').join(', ')}) AS used`, others, limit);
    if (row?.used === null || row?.used === undefined) return mine;
    if (performance.now() > until) return null;
    await delay(100);
  }
}

/** The refusal that names the holder, as far as the server tells a login of ours. */
async function heldByOther(session: Session, server: string, now: number): Promise<Error> {
  const holder = await lockHolder(session, now);
  return failure('lock-held', { holder: holder?.who ?? '?', since: holder?.since ?? '?', what: holder?.what ?? server }, { server });
}

/** Who holds the lock of a server; null: nobody, or it was let go just now. */
export async function lockHolder(session: Session, now: number): Promise<{ readonly who: string; readonly since: string; readonly what: string } | null> {
  const limit = { timeoutMs: statementLimitMs };
  const names = [serverLockName, ...sharedLockNames];
  // Not our own: one that was refused holds its half of the lock still.
  const [used] = await session.query<{ id: number | string | null }>(`SELECT COALESCE(${names.map(() => 'NULLIF(IS_USED_LOCK(?), CONNECTION_ID())').join(', ')}) AS id`, names, limit);
  if (used?.id === null || used?.id === undefined) return null;
  const [row] = await session
    .query<{ user: string; host: string; seconds: number | string }>('SELECT USER AS `user`, HOST AS `host`, TIME AS `seconds` FROM information_schema.PROCESSLIST WHERE ID = ?', [used.id], limit)
    .catch(() => []);
  const attributes = new Map(
    (
      await session
        .query<{ name: string; value: string | null }>('SELECT ATTR_NAME AS `name`, ATTR_VALUE AS `value` FROM performance_schema.session_connect_attrs WHERE PROCESSLIST_ID = ?', [used.id], limit)
        // Off, or not for this login: the process list alone has to do.
        .catch(() => [])
    ).map(({ name, value }) => [name, value ?? '']),
  );
  // The operator's own account and workstation say more than the shared login of the server.
  const login = row === undefined ? `connection ${used.id}` : `${row.user}@${row.host}`;
  const operator = attributes.get('antipode_operator');
  return {
    who: operator === undefined ? login : `${operator} (${login})`,
    since: attributes.get('antipode_since') ?? (row === undefined ? '?' : new Date(now - Number(row.seconds) * 1000).toISOString()),
    what: attributes.get('program_name') ?? '?',
  };
}
