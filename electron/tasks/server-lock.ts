import { holderParams, conflictingHolder, lockNames, type LockHolder, type LockPurpose } from '../../shared/domain/tasks/lock-holder';
import { failure } from '../../shared/errors/codes';
import { Reading } from '../mysql/reading';
import { waitUntil } from '../mysql/time';
import { lockConnectionsOf, lockExpressions, readLockHolders } from '../mysql/status-lock';
import type { ConnectOptions, Session } from '../mysql/types';

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
  /** Opens the connection that will hold the lock, with what others are told of it; it belongs to the lock from then on. */
  connect(options: Pick<ConnectOptions, 'purpose'>): Promise<Session>;
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
 * Takes the named lock on every target, each on a connection of its own, all or none and in one order. Whoever looks at one
 * of the servers meanwhile is told the purpose, the operator, the workstation and since when, by the connection itself: it
 * needs no right to write, leaves nothing on the server, and ends with the lock.
 *
 * @throws Failure `lock-held` with who has it, from where and since when; whatever connecting throws
 */
export async function lockServers(targets: readonly LockTarget[], purpose: LockPurpose, now: () => number): Promise<ServerLocks> {
  const held: { readonly name: string; readonly session: Session; readonly shared: boolean; lock: string }[] = [];
  const drop = (): void => {
    // Dropping the socket releases the lock as well as asking would, and does not wait for a frozen server.
    for (const { session } of held.splice(0)) session.destroy();
  };
  try {
    for (const target of [...targets].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const session = await target.connect({ purpose });
      const entry = { name: target.name, session, shared: target.shared === true, lock: lockNames.exclusive as string };
      held.push(entry);
      await session.run(`SET SESSION wait_timeout = ${waitTimeoutSeconds}`, [], { timeoutMs: statementLimitMs });
      const lock = await take(session, entry.shared);
      if (lock === null) throw await heldByOther(entry, now());
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
        held.map(async (entry) => {
          const { session, lock } = entry;
          const [row] = await session.query<{ mine: number | string | null }>('SELECT IS_USED_LOCK(?) = CONNECTION_ID() AS mine', [lock], { timeoutMs: statementLimitMs });
          if (Number(row?.mine) !== 1) throw await heldByOther(entry, now());
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
  if (!shared) mine = (await got(lockNames.exclusive, patienceSeconds)) ? lockNames.exclusive : null;
  else for (const name of lockNames.shared) if (mine === null && (await got(name, 0))) mine = name;
  if (mine === null) return null;
  const others = shared ? [lockNames.exclusive] : lockNames.shared;
  const free = await waitUntil(async () => {
    const [row] = await session.query<{ used: number | string | null }>(`SELECT COALESCE(${others.map(() => 'IS_USED_LOCK(?)').join(', ')}) AS used`, others, limit);
    return row?.used === null || row?.used === undefined;
  }, { everyMs: 100, limitMs: patienceSeconds * 1000 });
  return free ? mine : null;
}

/** The refusal that names the holder, as far as the server tells a login of ours. */
async function heldByOther(
  { name, session, shared }: { readonly name: string; readonly session: Session; readonly shared: boolean },
  now: number,
): Promise<Error> {
  const holder = conflictingHolder(await lockHolders(session, now), shared);
  return failure('lock-held', holder === null ? { holder: '?', since: '?', kind: 'other', what: name } : holderParams(holder), { server: name });
}

/** Who holds the lock of a server now, this session left out. */
export async function lockHolders(session: Session, now: number): Promise<readonly LockHolder[]> {
  const reading = new Reading(session, { timeoutMs: statementLimitMs });
  return readLockHolders(reading, lockConnectionsOf(await reading.values(lockExpressions)), now);
}
