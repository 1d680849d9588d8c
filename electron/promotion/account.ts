import { randomBytes } from 'node:crypto';
import { isFields } from '../storage/records';
import { replicationSecretKey } from '../fleet/secret-keys';
import type { Fleet } from '../fleet/types';
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

/**
 * Makes a replication account on the old primary before anything is fenced: it reaches the standby by replication and
 * serves the reverse link there. Its name is new each time, so that an account of somebody else is never changed.
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
