import { randomBytes } from 'node:crypto';
import { isFields } from '../storage/records';
import { replicationSecretKey } from '../fleet/secret-keys';
import type { Fleet } from '../fleet/types';
import type { Dialect } from '../mysql/dialect';
import { plain } from '../mysql/statement';
import type { Statement } from '../mysql/types';
import type { Hand } from './crew';

/** The login of a link. The password never leaves the engine. */
export interface ReplicationLogin {
  readonly user: string;
  readonly password: string;
}

/** The account that the replicas of `sourceId` log in with; null: it is not known here (the link was made by hand). */
export async function knownLogin(fleet: Fleet, sourceId: string): Promise<ReplicationLogin | null> {
  const text = await fleet.secret(replicationSecretKey(sourceId));
  if (text === null) return null;
  const parsed: unknown = JSON.parse(text);
  if (!isFields(parsed)) return null;
  const { user, password } = parsed;
  return typeof user === 'string' && typeof password === 'string' ? { user, password } : null;
}

/** Keeps the login for the links of a source. */
export async function keepLogin(fleet: Fleet, sourceId: string, login: ReplicationLogin): Promise<void> {
  await fleet.setSecret(replicationSecretKey(sourceId), JSON.stringify({ user: login.user, password: login.password }));
}

const HOST = '%';
/** Names of accounts that are made here. */
const MADE_PREFIX = 'antipode_';

const UNLOGGED = 'SET SESSION sql_log_bin = 0';
const LOGGED = 'SET SESSION sql_log_bin = 1';

/** The statements that make the account of a login. */
export function accountStatements(dialect: Dialect, user: string, password: string, requireTls: boolean): readonly Statement[] {
  return dialect.createReplicationAccount({ account: { user, host: HOST }, password, requireTls });
}

/** The statements of `plantLogin` on a standby that is closed. */
export function plantedStatements(dialect: Dialect, user: string, password: string, requireTls: boolean): ReadonlyArray<string | Statement> {
  const closed = (on: boolean): readonly Statement[] => (dialect.features.hasSuperReadOnly ? [dialect.setGlobal('super_read_only', on)] : []);
  return [...closed(false), UNLOGGED, ...accountStatements(dialect, user, password, requireTls), LOGGED, ...closed(true)];
}

/** A login's name in a plan; one that is to be made gets its name then. */
export function loginName({ login }: { readonly login: string | null }): string {
  return login ?? `${MADE_PREFIX}…`;
}

/** Whether the account of a login is there, with the host that our accounts have. */
export async function hasAccount(hand: Hand, user: string): Promise<boolean> {
  return (await hand.text('control', 'SELECT 1 FROM mysql.user WHERE User = ? AND Host = ?', [user, HOST])) !== null;
}

/**
 * Makes the account of a login on a standby it cannot reach by replication: a partial copy brings no accounts and its
 * filters keep CREATE USER away. Outside of the binary log, so that the standby has no transaction of its own; read_only
 * stays on throughout, super_read_only is off for the moment it takes.
 */
export async function plantLogin(hand: Hand, login: ReplicationLogin, requireTls: boolean): Promise<void> {
  const dialect = await hand.dialect();
  const closed = dialect.features.hasSuperReadOnly && (await hand.text('control', 'SELECT @@GLOBAL.super_read_only')) === '1';
  if (closed) await hand.sql('control', dialect.setGlobal('super_read_only', false));
  try {
    await hand.sql('control', UNLOGGED);
    try {
      await hand.all('control', accountStatements(dialect, login.user, login.password, requireTls));
    } finally {
      await hand.unstoppable('control', plain(LOGGED));
    }
  } finally {
    if (closed) await hand.unstoppable('control', dialect.setGlobal('super_read_only', true));
  }
}

/**
 * Makes a replication account on the old primary before anything is fenced: it reaches the standby by replication
 * (a partial one by `plantLogin`) and serves the reverse link there. Its name is new each time, so that an account of somebody else is never changed.
 */
export async function makeLogin(hand: Hand, requireTls: boolean): Promise<ReplicationLogin> {
  const dialect = await hand.dialect();
  const login: ReplicationLogin = {
    // 16 characters: the limit of user names before 5.7.8.
    user: `${MADE_PREFIX}${randomBytes(3).toString('hex')}`,
    // 24 characters; the limit for replication is 32. One of each kind, for servers with a password policy.
    password: `${randomBytes(15).toString('base64url')}aA1+`,
  };
  await hand.all('control', accountStatements(dialect, login.user, login.password, requireTls));
  return login;
}
