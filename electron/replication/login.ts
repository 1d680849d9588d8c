// The account that the replicas of a server log in with. Its password is in the vault and nowhere else.
import { randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { formatEndpoint, replicationEndpoint } from '../../shared/domain/fleet/instance';
import { letsIn, loginHosts, missingHosts } from '../../shared/domain/fleet/login-hosts';
import { errorOf } from '../../shared/errors/codes';
import { replicationSecretKey } from '../fleet/secret-keys';
import type { StatusServer } from '../mysql/status/replica-status';
import type { Dialect } from '../mysql/dialect/dialect';
import type { Account } from '../mysql/dialect/accounts';
import { textOf } from '../mysql/reading';
import type { Instance } from '../../shared/domain/fleet/instance';
import type { Fleet } from '../fleet/types';
import type { Statement, StatementSession } from '../mysql/types';

/** The login of a link. The password never leaves the engine. */
export interface ReplicationLogin {
  readonly user: string;
  readonly password: string;
}

/** How the names of accounts that are made here begin. */
export const madePrefix = 'antipode_';

/** `endpoint`: where replicas log in with it; absent in what was kept before it was written down. */
const kept = v.pipe(v.string(), v.parseJson(), v.object({ user: v.string(), password: v.string(), endpoint: v.optional(v.string()) }));

const recordOf = ({ user, password }: ReplicationLogin, endpoint: string): string => JSON.stringify({ user, password, endpoint });

type Logins = Pick<Fleet, 'secret' | 'setSecret' | 'replaceSecret' | 'instance'>;

const endpointOf = (fleet: Pick<Fleet, 'instance'>, sourceId: string): string => formatEndpoint(replicationEndpoint(fleet.instance(sourceId))).toLowerCase();

/**
 * The login that is kept for the replicas of `sourceId`; null: none is, what is kept cannot be read or is for another replication endpoint
 * than the one that is registered now, and a new one has to be given or made. It is sent to no server that it was not made for.
 */
export async function knownLogin(fleet: Omit<Logins, 'setSecret'>, sourceId: string): Promise<ReplicationLogin | null> {
  const key = replicationSecretKey(sourceId);
  const parsed = v.safeParse(kept, await fleet.secret(key));
  if (!parsed.success) return null;
  const { user, password, endpoint } = parsed.output;
  const registered = endpointOf(fleet, sourceId);
  if (endpoint === undefined) fleet.replaceSecret(key, recordOf({ user, password }, registered));
  else if (endpoint !== registered) return null;
  return { user, password };
}

/** Keeps the login for the replicas of a source; null forgets it. */
export async function keepLogin(fleet: Pick<Logins, 'setSecret' | 'instance'>, sourceId: string, login: ReplicationLogin | null): Promise<void> {
  await fleet.setSecret(replicationSecretKey(sourceId), login === null ? null : recordOf(login, endpointOf(fleet, sourceId)));
}

/**
 * What keeps the password of an account of ours from running out, where that is still to be done: one that was made before its lifetime was
 * seen to, on a server whose `default_password_lifetime` ends it. An account of somebody else is never altered. None before 5.7.6.
 */
export async function lastingPassword(server: AccountReader & Pick<StatementSession, 'dialect'>, user: string): Promise<readonly Statement[]> {
  if (!user.startsWith(madePrefix) || !server.dialect.features.hasAlterUserPassword) return [];
  // 0 is NEVER, NULL what the server says for all.
  const rows = await server.query<{ host: string }>('SELECT Host AS host FROM mysql.user WHERE User = ? AND COALESCE(password_lifetime, 1) <> 0', [user]);
  return rows.flatMap(({ host }) => server.dialect.keepPassword({ user, host }));
}

type AccountReader = Pick<StatementSession, 'query'>;

/** The accounts of a name that a server has, one for each host that they are limited to. */
export async function loginAccounts(server: AccountReader, user: string): Promise<readonly Account[]> {
  const rows = await server.query<{ host: string }>('SELECT Host AS host FROM mysql.user WHERE User = ? ORDER BY Host', [user]);
  return rows.map(({ host }) => ({ user, host: host.toLowerCase() }));
}

const hostsOf = async (server: AccountReader, user: string): Promise<readonly string[]> => (await loginAccounts(server, user)).map(({ host }) => host);

/** Whether a server has an account of this name that lets an instance in. */
export async function hasAccountFor(server: AccountReader, user: string, caller: Pick<Instance, 'connectsFrom'>): Promise<boolean> {
  return letsIn(await hostsOf(server, user), caller);
}

/**
 * The hosts that the account of a link gets: those of both its ends, in either direction, and of all that follow one of them, which log in
 * with it too. Any, as long as of one of them nobody said from where it connects.
 */
export function hostsForLink(fleet: Pick<Fleet, 'instance' | 'replicasOf'>, ids: readonly string[]): readonly string[] {
  const all = new Set(ids.flatMap((id) => [id, ...fleet.replicasOf(id).map((replica) => replica.id)]));
  return loginHosts([...all].map((id) => fleet.instance(id)));
}

/** What an account of a link is made with, in addition to its name. */
export interface NewLogin extends ReplicationLogin {
  readonly requireTls: boolean;
  readonly plugin?: string;
}

/** The statements that make the accounts of a login, one for each host. */
export function loginStatements(dialect: Dialect, { user, password, requireTls, plugin }: NewLogin, hosts: readonly string[]): readonly Statement[] {
  return hosts.flatMap((host) => dialect.createReplicationAccount({
    account: { user, host }, password, requireTls, ...(plugin === undefined ? {} : { plugin }),
  }));
}

/** The hosts of a link for which a server has no account of this name yet. */
export async function hostsToMake(server: AccountReader, user: string, hosts: readonly string[]): Promise<readonly string[]> {
  return missingHosts(await hostsOf(server, user), hosts);
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
