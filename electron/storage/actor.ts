import os from 'node:os';

/** Who runs this: an account of a workstation. */
export interface Actor {
  readonly user: string;
  readonly host: string;
}

/** The account this process runs under; a system without a name for it (a container, say) tells it by number. */
export function actor(): Actor {
  return { user: userName(), host: os.hostname() };
}

/** `user@host`, as the audit log, the journals and the servers tell it to others. */
export function actorName({ user, host }: Actor = actor()): string {
  return `${user}@${host}`;
}

function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}

/** Whether a process of this workstation lives, under whichever account. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // EPERM: it exists and belongs to somebody else.
    return thrown instanceof Error && (thrown as NodeJS.ErrnoException).code === 'EPERM';
  }
}
