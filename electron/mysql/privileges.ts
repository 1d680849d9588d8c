import type { Reading } from './reading';
import { textOf } from './reading';
import type { Session } from './types';

/** What an account may do on everything (`*.*`). */
export interface GlobalPrivileges {
  has(privilege: string): boolean;
  /** The words as the server lists them, upper case; `ALL PRIVILEGES` where it says so. */
  readonly list: readonly string[];
}

const known = new WeakMap<Session, { readonly at: number; readonly privileges: GlobalPrivileges }>();
const KEEP_MS = 60_000;

/**
 * The login's own privileges on `*.*`, those of its active roles included (SHOW GRANTS counts them for oneself). Asked
 * anew once a minute for each session. Grants on single databases do not count.
 */
export async function globalPrivileges(reading: Reading): Promise<GlobalPrivileges> {
  const { session } = reading;
  const last = known.get(session);
  if (last !== undefined && performance.now() - last.at < KEEP_MS) return last.privileges;
  const rows = await reading.rows('SHOW GRANTS');
  const privileges = parseGrants(rows.map((row) => textOf(Object.values(row)[0]) ?? ''));
  known.set(session, { at: performance.now(), privileges });
  return privileges;
}

/** Reads the lines of SHOW GRANTS. */
export function parseGrants(lines: readonly string[]): GlobalPrivileges {
  const list = new Set<string>();
  for (const line of lines) {
    const words = /^GRANT (.+?) ON \*\.\* TO /.exec(line)?.[1];
    for (const word of words?.split(',') ?? []) list.add(word.trim().toUpperCase());
  }
  const all = list.has('ALL PRIVILEGES') || list.has('ALL');
  return { has: (privilege) => all || list.has(privilege.toUpperCase()), list: [...list] };
}
