import { hostname, userInfo } from 'node:os';

/** Who runs this, as others read it in a journal row: `user@host` of the workstation. */
export function operator(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A container may run under a user id without a name.
    return `${process.getuid?.() ?? '?'}@${hostname()}`;
  }
}
