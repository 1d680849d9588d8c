import { holderParams, conflictingHolder, lockNames, type LockHolder, type LockPurpose } from '../../shared/domain/tasks/lock-holder';
import { failure } from '../../shared/errors/codes';
import { Reading } from '../mysql/reading';
import { waitUntil } from '../mysql/time';
import { lockConnectionsOf, lockExpressions, readLockHolders } from '../mysql/status/lock';
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
  const held: { readonly name: string; readonly session: Session; readonly shared: boolean; lock: string | null }[] = [];
  const drop = (): void => {
    // Dropping the socket releases the lock as well as asking would, and does not wait for a frozen server.
    for (const { session } of held.splice(0)) session.destroy();
  };
  try {
    for (const target of [...targets].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const session = await target.connect({ purpose });
      const entry = { name: target.name, session, shared: target.shared === true, lock: null as string | null };
      held.push(entry);
      await session.run(`SET SESSION wait_timeout = ${waitTimeoutSeconds}`, [], { timeoutMs: statementLimitMs });
      const taken = await take(session, entry.shared, now);
      if (taken === null) throw await heldByOther(entry, now());
      entry.lock = taken.name;
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
          // None was to be had, and nobody's who could operate: that the connection lives is all there is to ask.
          if (lock === null) return void (await session.query('SELECT 1', [], { timeoutMs: statementLimitMs }));
          const [row] = await session.query<{ mine: number | string | null }>(
            'SELECT IS_USED_LOCK(?) = CONNECTION_ID() AS mine',
            [lock],
            { timeoutMs: statementLimitMs },
          );
          if (Number(row?.mine) !== 1) throw await heldByOther(entry, now());
        }),
      );
    },
    async release() {
      clearInterval(keepAlive);
      await Promise.allSettled(held.map(({ session, lock }) => (lock === null ? undefined : session.query(
        'SELECT RELEASE_LOCK(?)',
        [lock],
        { timeoutMs: statementLimitMs },
      ))));
      drop();
    },
  };
}

/**
 * Takes the lock itself, or one of the shared ones; null where somebody who could operate is in the way. Each side takes its own
 * first and looks for the others then, so that of two that come at once at most one gets through. A name that an account without
 * any right for an operation holds keeps nobody out: the next one is taken, and where it holds them all, none (`name`: null).
 */
async function take(session: Session, shared: boolean, now: () => number): Promise<{ readonly name: string | null } | null> {
  const limit = { timeoutMs: statementLimitMs };
  const isFree = async (): Promise<boolean> => conflictingHolder(await lockHolders(session, now()), shared) === null;
  const names = shared ? lockNames.shared : [lockNames.exclusive, ...lockNames.spare];
  let mine: string | null = null;
  for (const name of names) {
    const seconds = name === lockNames.exclusive ? patienceSeconds : 0;
    const [row] = await session.query<{ got: number | string | null }>(`SELECT GET_LOCK(?, ${seconds}) AS got`, [name], limit);
    if (Number(row?.got) === 1) mine = name;
    if (mine !== null) break;
    // Of the shared ones several may be taken by their rightful holders; the lock itself has one.
    if (!shared && !(await isFree())) return null;
  }
  if (mine === null && shared && (await lockHolders(session, now())).every((holder) => holder.powerless !== true)) return null;
  const free = await waitUntil(isFree, { everyMs: 100, limitMs: patienceSeconds * 1000 });
  return free ? { name: mine } : null;
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
