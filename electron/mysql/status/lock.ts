import { parseGrants } from '../../../shared/domain/accounts/grants';
import { couldOperate } from '../../../shared/domain/accounts/rights';
import { holderOf, lockNames, type LockHolder } from '../../../shared/domain/tasks/lock-holder';
import { quoteAccount } from '../quote';
import type { Session } from '../types';
import { isRefusal, numberOf, textOf, type Reading } from '../reading';

/** Expressions for who holds the operation lock of a server, to be read by `lockConnectionsOf`; any login may ask. */
export const lockExpressions = {
  exclusiveLock: `CONCAT_WS(',', ${[lockNames.exclusive, ...lockNames.spare].map((name) => `IS_USED_LOCK('${name}')`).join(', ')})`,
  sharedLocks: `CONCAT_WS(',', ${lockNames.shared.map((name) => `IS_USED_LOCK('${name}')`).join(', ')})`,
} as const;

/** Connections that hold the lock, and whether they share it. */
export type LockConnections = ReadonlyMap<number, boolean>;

/** The connections in the values of `lockExpressions`. */
export function lockConnectionsOf(values: Readonly<Record<string, unknown>>): LockConnections {
  const ids = (key: keyof typeof lockExpressions): number[] => (textOf(values[key]) ?? '').split(',').filter((id) => id !== '').map(Number);
  return new Map<number, boolean>([...ids('sharedLocks').map((id) => [id, true] as const), ...ids('exclusiveLock').map((id) => [id, false] as const)]);
}

/**
 * Who the connections are that hold the lock: one look at the process list and one at the connection attributes, none where
 * nobody holds it. Without performance_schema, or without the right to it, the process list alone has to do. `now`: the
 * moment of the reading, milliseconds since the epoch.
 */
export async function readLockHolders(reading: Reading, connections: LockConnections, now: number): Promise<readonly LockHolder[]> {
  // Not our own: one that was refused holds its half of the lock still.
  const ids = [...connections.keys()].filter((id) => id !== reading.session.connectionId);
  if (ids.length === 0) return [];
  const marks = ids.map(() => '?').join(', ');
  const listed = await rowsOrNone(reading, `SELECT ID AS id, USER AS login, HOST AS host FROM information_schema.PROCESSLIST WHERE ID IN (${marks})`, ids);
  const logins = new Map(listed.map((row) => [numberOf(row['id']), { user: textOf(row['login']) ?? '', host: textOf(row['host']) ?? '' }]));
  const attributes = await readAttributes(reading, marks, ids);
  // One that is not in the list has gone meanwhile, or is not shown to this login: the server knows which.
  const still = ids.every((id) => logins.has(id)) ? connections : lockConnectionsOf(await reading.values(lockExpressions));
  const powerless = await powerlessUsers(reading, [...logins.values()].map(({ user }) => user));
  return ids.flatMap((connectionId) => {
    const shared = still.get(connectionId);
    if (shared === undefined) return [];
    const own = attributes
      .filter((row) => numberOf(row['id']) === connectionId)
      .map((row) => [textOf(row['name']) ?? '', textOf(row['content']) ?? ''] as const);
    const login = logins.get(connectionId) ?? null;
    return [holderOf({ connectionId, shared, login, attributes: new Map(own), powerless: login !== null && powerless.has(login.user) }, now)];
  });
}

/** Of every session, else of those with the login of this one, which any login may read. */
async function readAttributes(reading: Reading, marks: string, ids: readonly number[]): Promise<Record<string, unknown>[]> {
  const attributesIn = (table: string): Promise<Record<string, unknown>[]> =>
    rowsOrNone(
      reading, `SELECT PROCESSLIST_ID AS id, ATTR_NAME AS name, ATTR_VALUE AS content FROM performance_schema.${table} WHERE PROCESSLIST_ID IN (${marks})`, ids,
    );
  const all = await attributesIn('session_connect_attrs');
  return all.length > 0 ? all : attributesIn('session_account_connect_attrs');
}

/** So long an answer about a user counts, milliseconds: the list of holders is read with every poll. */
const KEEP_MS = 30_000;
const knownUsers = new WeakMap<Session, Map<string, { readonly at: number; readonly powerless: boolean }>>();

/**
 * Those of these users of whom every account, whatever its host, is proven to have none of the rights that an operation takes.
 * What may not be read proves nothing.
 */
async function powerlessUsers(reading: Reading, users: readonly string[]): Promise<ReadonlySet<string>> {
  const kept = knownUsers.get(reading.session) ?? new Map<string, { readonly at: number; readonly powerless: boolean }>();
  knownUsers.set(reading.session, kept);
  const now = performance.now();
  const found = new Set<string>();
  for (const user of new Set(users)) {
    const last = kept.get(user);
    const powerless = last !== undefined && now - last.at < KEEP_MS ? last.powerless : await isPowerless(reading, user);
    kept.set(user, { at: last !== undefined && now - last.at < KEEP_MS ? last.at : now, powerless });
    if (powerless) found.add(user);
  }
  return found;
}

async function isPowerless(reading: Reading, user: string): Promise<boolean> {
  const accounts = await rowsOrNone(reading, 'SELECT Host AS host FROM mysql.user WHERE User = ?', [user]);
  if (accounts.length === 0) return false;
  for (const { host } of accounts) {
    const rows = await rowsOrNone(reading, `SHOW GRANTS FOR ${quoteAccount({ user, host: textOf(host) ?? '' })}`, []);
    const grants = parseGrants(rows.map((row) => textOf(Object.values(row)[0]) ?? ''));
    if (grants.length === 0 || couldOperate(grants)) return false;
  }
  return true;
}

async function rowsOrNone(reading: Reading, sql: string, params: readonly unknown[]): Promise<Record<string, unknown>[]> {
  try {
    return await reading.rows(sql, params);
  } catch (error) {
    if (isRefusal(error)) return [];
    throw error;
  }
}
