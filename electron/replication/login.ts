// The account that the replicas of a server log in with. Its password is in the vault and nowhere else.
import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { replicationSecretKey } from '../fleet/secret-keys';
import type { Fleet } from '../fleet/types';
import type { Statement, StatementSession } from '../mysql/types';

/** The login of a link. The password never leaves the engine. */
export interface ReplicationLogin {
  readonly user: string;
  readonly password: string;
}

/** The host of every account that is made here. */
export const accountHost = '%';
/** How the names of accounts that are made here begin. */
export const madePrefix = 'antipode_';

const kept = v.pipe(v.string(), v.parseJson(), v.object({ user: v.string(), password: v.string() }));

/** The login that is kept for the replicas of `sourceId`; null: none is, or what is kept cannot be read, and a new one has to be given or made. */
export async function knownLogin(fleet: Pick<Fleet, 'secret'>, sourceId: string): Promise<ReplicationLogin | null> {
  const parsed = v.safeParse(kept, await fleet.secret(replicationSecretKey(sourceId)));
  return parsed.success ? parsed.output : null;
}

/** Keeps the login for the replicas of a source; null forgets it. */
export async function keepLogin(fleet: Pick<Fleet, 'setSecret'>, sourceId: string, login: ReplicationLogin | null): Promise<void> {
  await fleet.setSecret(replicationSecretKey(sourceId), login === null ? null : JSON.stringify({ user: login.user, password: login.password }));
}

/**
 * What keeps the password of an account of ours from running out, where that is still to be done: one that was made before its lifetime was
 * seen to, on a server whose `default_password_lifetime` ends it. An account of somebody else is never altered. None before 5.7.6.
 */
export async function lastingPassword(server: Pick<StatementSession, 'dialect' | 'query'>, user: string): Promise<readonly Statement[]> {
  const statements = user.startsWith(madePrefix) ? server.dialect.keepPassword({ user, host: accountHost }) : [];
  if (statements.length === 0) return [];
  // 0 is NEVER, NULL what the server says for all.
  const lifetime = 'SELECT 1 AS found FROM mysql.user WHERE User = ? AND Host = ? AND COALESCE(password_lifetime, 1) <> 0';
  const runsOut = await server.query(lifetime, [user, accountHost]);
  return runsOut.length === 0 ? [] : statements;
}

/** A name that nobody has: an account of somebody else is never changed. 16 characters are the limit before 5.7.8. */
export function newAccountName(): string {
  return `${madePrefix}${randomBytes(3).toString('hex')}`;
}

/** Of every kind of character something, for servers with a password policy; 28 characters, of the 32 that replication takes. */
export function newPassword(): string {
  return `${randomBytes(18).toString('base64url')}aA1+`;
}
