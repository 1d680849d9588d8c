// The account that the replicas of a server log in with. Its password is in the vault and nowhere else.
import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { errorOf } from '../../shared/errors/codes';
import { replicationSecretKey } from '../fleet/secret-keys';
import type { StatusServer } from '../mysql/replica-status';
import { textOf } from '../mysql/reading';
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

const madeName = new RegExp(`^${madePrefix}[0-9a-f]{6}$`);

/** Whether an account has a name that only accounts made here have. */
function isMadeHere(user: string): boolean {
  return madeName.test(user);
}

/** Whether the account of an old link is to go once the way back logs in with another: only one that was made here is. */
export function retires(old: string, now: string | null): boolean {
  return isMadeHere(old) && now !== null && now !== old;
}

/**
 * The login of a link as its replica keeps it, of an account that was made here: where no vault keeps its password, the server
 * does (`mysql.slave_master_info`), and one account serves for every switch. null: it is somebody else's, or is not kept in a table, or may not be read.
 */
export async function loginOfLink(server: Pick<StatusServer, 'query'>, channel: string): Promise<ReplicationLogin | null> {
  const rows = await server.query<Readonly<Record<string, unknown>>>('SELECT * FROM mysql.slave_master_info').catch((thrown: unknown) => {
    if (['privilege-missing', 'query-failed'].includes(errorOf(thrown).code)) return [];
    throw thrown;
  });
  // 5.6 knows one channel, and has no column for it.
  const row = rows.find((one) => (textOf(one['Channel_name']) ?? '') === channel);
  const [user, password] = [textOf(row?.['User_name']), textOf(row?.['User_password'])];
  return user === null || password === null || !isMadeHere(user) ? null : { user, password };
}

/** A name that nobody has: an account of somebody else is never changed. 16 characters are the limit before 5.7.8. */
export function newAccountName(): string {
  return `${madePrefix}${randomBytes(3).toString('hex')}`;
}

/** Of every kind of character something, for servers with a password policy; 28 characters, of the 32 that replication takes. */
export function newPassword(): string {
  return `${randomBytes(18).toString('base64url')}aA1+`;
}
