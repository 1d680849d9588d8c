import type { InstanceFacts, WriteWait } from '../fleet/facts';
import type { Role } from '../fleet/role';

/** A wait that is over at once is no stall: a backup takes its lock for a moment, and an acknowledgement has a way to go. Seconds. */
const patience: Readonly<Record<WriteWait['cause'], number>> = { 'disk': 2, 'commit': 2, 'read-lock': 2, 'semi-sync': 5 };

/** Why a server that answers takes no writes, with the evidence. */
interface WriteStall {
  /** `read-only`: it refuses them all. The `select` of a text knows no hyphens. */
  readonly cause: 'disk' | 'commit' | 'readlock' | 'semisync' | 'setting' | 'readonly';
  /** Settings, or the sessions that hold the lock, in the server's words; of a lock `unknown` where it does not tell. Untrusted. */
  readonly found: string;
  /** Sessions that wait; 0: none is known to. */
  readonly sessions: number;
  /** Of the longest of them. */
  readonly seconds: number;
  /** What one of them runs. Untrusted. */
  readonly statement: string;
}

/**
 * Whether a primary lives and does not take writes: its disk is full, a session holds a global read lock, its commits wait for replicas, a
 * setting refuses them, or somebody made it read-only. It answers everything else, and so looks healthy. While an operation of this
 * program is at work on it, it may be closed on purpose; that is no stall. null: none is seen.
 */
export function writeStallOf({ server, writeStalls, lockHolders }: InstanceFacts, role: Role): WriteStall | null {
  if (role !== 'primary' && role !== 'stand-alone') return null;
  const waits = (writeStalls?.waits ?? []).filter(({ cause, seconds }) => seconds >= patience[cause]);
  // A full disk ends by itself for nobody, and holds the rest up: it is the cause of the others where both are seen.
  for (const cause of ['disk', 'commit', 'read-lock', 'semi-sync'] as const) {
    const wait = waits.find((one) => one.cause === cause);
    if (wait === undefined) continue;
    const holders = (writeStalls?.holders ?? []).join('; ');
    const found = cause !== 'read-lock' ? '' : holders === '' ? 'unknown' : holders;
    const word = cause === 'read-lock' ? 'readlock' : cause === 'semi-sync' ? 'semisync' : cause;
    return { cause: word, found, sessions: wait.sessions, seconds: wait.seconds, statement: wait.statement };
  }
  // A server that nobody follows may be closed or set up as its owner likes.
  if (role !== 'primary' || lockHolders.some(({ powerless }) => powerless !== true)) return null;
  const none = { sessions: 0, seconds: 0, statement: '' };
  if (server.readOnly) return { cause: 'readonly', found: server.superReadOnly === true ? 'super_read_only = ON' : 'read_only = ON', ...none };
  const settings = writeStalls?.settings ?? [];
  return settings.length === 0 ? null : { cause: 'setting', found: settings.join(', '), ...none };
}
