// The account that the replicas of a server log in with. Its password is in the vault and nowhere else.
import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { replicationSecretKey } from '../fleet/secret-keys';
import type { Fleet } from '../fleet/types';

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

/** A name that nobody has: an account of somebody else is never changed. 16 characters are the limit before 5.7.8. */
export function newAccountName(): string {
  return `${madePrefix}${randomBytes(3).toString('hex')}`;
}

/** Of every kind of character something, for servers with a password policy; 28 characters, of the 32 that replication takes. */
export function newPassword(): string {
  return `${randomBytes(18).toString('base64url')}aA1+`;
}
