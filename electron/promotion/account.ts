import { randomBytes } from 'node:crypto';
import { isFields } from '../storage/records';
import { replicationSecretKey } from '../fleet/secret-keys';
import type { Fleet } from '../fleet/types';
import { plain } from '../mysql/statement';
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
    await hand.sql('control', 'SET SESSION sql_log_bin = 0');
    try {
      await hand.all('control', dialect.createReplicationAccount({ account: { user: login.user, host: HOST }, password: login.password, requireTls }));
    } finally {
      await hand.unstoppable('control', plain('SET SESSION sql_log_bin = 1'));
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
    user: `antipode_${randomBytes(3).toString('hex')}`,
    // 24 characters; the limit for replication is 32. One of each kind, for servers with a password policy.
    password: `${randomBytes(15).toString('base64url')}aA1+`,
  };
  await hand.all('control', dialect.createReplicationAccount({ account: { user: login.user, host: HOST }, password: login.password, requireTls }));
  return login;
}
