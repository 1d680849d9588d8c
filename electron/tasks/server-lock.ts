import { failure } from '../../shared/errors/codes';
import type { Session } from '../mysql/types';

/** One name on every server, whichever workstation works on it: two operators cannot collide. */
export const serverLockName = 'antipode';

/** How often the connections that hold locks are spoken to, so that neither server nor firewall takes them for dead. */
const keepAliveMs = 20_000;
/** A connection that just ended may hold its lock for a moment longer: the server closes the socket before it cleans up. */
const patienceSeconds = 1;
const statementLimitMs = 5000;
/** Seconds without a statement after which the server may close the connection; the keep-alive is far below it. */
const waitTimeoutSeconds = 3600;

export interface LockTarget {
  /** The instance's name, for texts. */
  readonly name: string;
  /** Opens the connection that will hold the lock; it belongs to the lock from then on. */
  connect(): Promise<Session>;
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
  const held: { readonly name: string; readonly session: Session }[] = [];
  const drop = (): void => {
    // Dropping the socket releases the lock as well as asking would, and does not wait for a frozen server.
    for (const { session } of held.splice(0)) session.destroy();
  };
  try {
    for (const target of [...targets].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const session = await target.connect();
      held.push({ name: target.name, session });
      await session.run(`SET SESSION wait_timeout = ${waitTimeoutSeconds}`, [], { timeoutMs: statementLimitMs });
      const [row] = await session.query<{ got: number | string | null }>(`SELECT GET_LOCK(?, ${patienceSeconds}) AS got`, [serverLockName], { timeoutMs: statementLimitMs });
      if (Number(row?.got) !== 1) throw await heldByOther(session, target.name, now());
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
        held.map(async ({ name, session }) => {
          const [row] = await session.query<{ mine: number | string | null }>('SELECT IS_USED_LOCK(?) = CONNECTION_ID() AS mine', [serverLockName], { timeoutMs: statementLimitMs });
          if (Number(row?.mine) !== 1) throw await heldByOther(session, name, now());
        }),
      );
    },
    async release() {
      clearInterval(keepAlive);
      await Promise.allSettled(held.map(({ session }) => session.query('SELECT RELEASE_LOCK(?)', [serverLockName], { timeoutMs: statementLimitMs })));
      drop();
    },
  };
}

/** The refusal that names the holder, as far as the server tells a login of ours. */
async function heldByOther(session: Session, server: string, now: number): Promise<Error> {
  const holder = await lockHolder(session, now);
  return failure('lock-held', { holder: holder?.who ?? '?', since: holder?.since ?? '?', what: holder?.what ?? server }, { server });
}

/** Who holds the lock of a server; null: nobody, or it was let go just now. */
export async function lockHolder(session: Session, now: number): Promise<{ readonly who: string; readonly since: string; readonly what: string } | null> {
  const limit = { timeoutMs: statementLimitMs };
  const [used] = await session.query<{ id: number | string | null }>('SELECT IS_USED_LOCK(?) AS id', [serverLockName], limit);
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
