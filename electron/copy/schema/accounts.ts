import { defaultAccountChoice, isReservedAccount, sharedAccounts, type SharedAccount } from '../../../shared/domain/accounts/shared-accounts';
import { digestKey, readAccountStates, readKnownPrivileges } from '../../mysql/accounts/states';
import { hasErrno } from '../../mysql/errors';
import { quoteAccount } from '../../mysql/quote';
import { plain } from '../../mysql/statement';
import type { Session } from '../../mysql/types';
import type { Account } from '../../mysql/dialect/accounts';
import { definitionOf, type AccountDefinition } from './account-definition';
import { readerSession, type CopyJob } from '../snapshot/sessions';
import { bringUpToDate } from './account-changes';
import { accountText, grantsOf, grantsToGive, refusalOf } from './grants';
import type { Attempt } from './attempts';

/** Where the accounts of a copy stand: made, but without their rights, or left for the end. */
export interface AccountsBegun {
  /** New on the target; roles among them. */
  readonly made: readonly Account[];
  /** There before, and of the same name on the source. */
  readonly there: readonly Account[];
  /** Left as they are on the target, `user@host`. */
  readonly kept: string[];
}

/** The accounts of a source as they were read: what becomes of them afterwards is replicated. */
export interface AccountsRead {
  /** Without the server's own. */
  readonly accounts: readonly Account[];
  /** Of these, which the source itself ignores, `user@host`. */
  readonly ignored: ReadonlySet<string>;
  /** How those come about that the target has not, and their rights, by `user@host`. */
  readonly fresh: ReadonlyMap<string, { readonly definition: AccountDefinition; readonly grants: readonly string[] }>;
  /** Those that both have, and differ. */
  readonly shared: readonly SharedAccount[];
  readonly roles: readonly DefaultRole[];
}

/** Reads the accounts of the source for a target. */
export async function readAccounts(job: CopyJob, reader: Session, writer: Session): Promise<AccountsRead> {
  const here = new Set((await accountsOf(writer)).map(accountText));
  const accounts = (await accountsOf(reader)).filter(({ user }) => !isReservedAccount(user));
  const ignored = new Set((await ignoredAccounts(reader, accounts)).map(accountText));
  const fresh = new Map<string, { readonly definition: AccountDefinition; readonly grants: readonly string[] }>();
  for (const account of accounts) {
    const name = accountText(account);
    if (ignored.has(name) || here.has(name)) continue;
    fresh.set(name, { definition: await definitionOf(reader, writer, account, false), grants: await grantsOf(reader, account) });
  }
  const shared = accounts.some((account) => here.has(accountText(account))) ? await readShared(job, reader, writer) : [];
  return { accounts, ignored, fresh, shared, roles: reader.dialect.features.hasRoles ? await defaultRolesOf(reader) : [] };
}

/**
 * Makes the accounts and roles of the source that the target has not, without their rights: programs name them as their definers.
 *
 * Never touched on the target: the login we use there, and the server's own accounts. An account that could catch our
 * login (the same user name from another host, or no name at all) is created only where a new login still works then.
 * `created` is told every account that is new there before it is created, for the undo.
 */
export async function makeAccounts(job: CopyJob, read: AccountsRead, writer: Session, created: (account: Account) => Promise<void>): Promise<AccountsBegun> {
  const [me] = await writer.query<{ me: string }>('SELECT CURRENT_USER() AS me');
  const current = me?.me ?? '';
  const ourName = current.slice(0, current.lastIndexOf('@'));
  const here = new Set((await accountsOf(writer)).map(accountText));
  const begun = { made: [] as Account[], there: [] as Account[], kept: [] as string[] };
  for (const account of read.accounts) {
    if (read.ignored.has(accountText(account))) {
      leaveIgnored(job, account);
      continue;
    }
    const risky = account.user === ourName || account.user === '';
    if (here.has(accountText(account))) {
      if (!risky) begun.there.push(account);
      else if (accountText(account) !== current) begun.kept.push(accountText(account));
      continue;
    }
    const fresh = read.fresh.get(accountText(account));
    if (fresh === undefined) continue;
    await created(account);
    if (!(await make(job, writer, account, fresh.definition))) continue;
    if (risky && !(await loginWorks(job, current))) {
      await job.step.sql(writer, job.target.name, `DROP USER ${quoteAccount(account)}`);
      job.step.log('warning', 'sync.log.accountCatches', { account: accountText(account) });
      begun.kept.push(accountText(account));
      continue;
    }
    begun.made.push(account);
  }
  return begun;
}

/** What gives the accounts that were made their rights. */
export function rightsToGive(job: CopyJob, { fresh }: AccountsRead, writer: Session, { made }: AccountsBegun): readonly Attempt[] {
  return made.flatMap((account) => grantsToGive(job, writer, account, fresh.get(accountText(account))?.grants ?? []));
}

/**
 * Brings the accounts up to date that both servers have and that differ, unless they are kept, and gives the new ones their default roles;
 * once everything else is there.
 */
export async function finishAccounts(
  job: CopyJob, reader: Session, writer: Session, { made, there, kept }: AccountsBegun, { shared, roles }: AccountsRead,
): Promise<void> {
  const changed: string[] = [];
  const names = new Set(there.map(accountText));
  // One that is gone from there by now goes here too, as that is replicated.
  const left = shared.length === 0 ? new Set<string>() : new Set((await accountsOf(reader)).map(accountText));
  for (const account of shared) {
    const name = accountText(account.standby);
    if (!names.has(name)) continue;
    const outcome = account.fate === 'taken' && left.has(name) ? await bringUpToDate(job, reader, writer, account) : 'kept';
    (outcome === 'kept' ? kept : changed).push(name);
  }
  await giveDefaultRoles(job, writer, made, roles);
  job.step.log('info', 'sync.log.accounts', { count: made.length });
  if (changed.length > 0) job.step.log('info', 'sync.log.accounts-changed', { changed: changed.join(', ') });
  if (kept.length > 0) job.step.log('info', 'sync.log.accounts-kept', { kept: kept.join(', ') });
}

/** The same reading and the same rules as the check that tells of them beforehand. */
async function readShared(job: CopyJob, reader: Session, writer: Session): Promise<readonly SharedAccount[]> {
  const key = digestKey();
  const [standby, source] = [await readAccountStates(writer, key), await readAccountStates(reader, key)];
  const known = { standby: await readKnownPrivileges(writer), source: await readKnownPrivileges(reader) };
  const [me] = await writer.query<{ me: string }>('SELECT CURRENT_USER() AS me');
  return sharedAccounts(standby, source, { choice: job.accounts ?? defaultAccountChoice, ownLogin: me?.me ?? '', known });
}

/** False where the target takes neither the account nor a locked one of its name: told by name. */
async function make(job: CopyJob, writer: Session, account: Account, { statements, locked }: AccountDefinition): Promise<boolean> {
  const refusal = await refusalOf(job, writer, statements);
  if (refusal === null) return true;
  const told = { account: accountText(account), detail: refusal.message };
  // Mostly the target has no such way to log in (mysql_native_password is gone since 9.0).
  const lockedRefusal = await refusalOf(job, writer, locked);
  job.step.log('warning', lockedRefusal === null ? 'sync.log.accountLocked' : 'sync.log.accountLeft', told);
  if (lockedRefusal !== null) job.refused?.({ kind: 'ACCOUNT', database: '', name: accountText(account) }, refusal.message);
  return lockedRefusal === null;
}

/** The accounts of a server, its own among them. */
export async function accountsOf(session: Session): Promise<Account[]> {
  return session.query<{ user: string; host: string }>('SELECT CONVERT(User USING utf8mb4) AS user, CONVERT(Host USING utf8mb4) AS host FROM mysql.user');
}

/**
 * Those that the server itself does not take as accounts: what stands in `mysql.user` as the password of one is no hash (people write `invalid`
 * there to lock it). It tells nothing of such a one (1141, 1396), and nobody logs in by it.
 */
export async function ignoredAccounts(session: Session, accounts: readonly Account[]): Promise<readonly Account[]> {
  const rows = await session.query<{ who: string }>('SELECT DISTINCT GRANTEE AS who FROM information_schema.USER_PRIVILEGES');
  const known = new Set(rows.map(({ who }) => who));
  const ignored: Account[] = [];
  for (const account of accounts) {
    if (!known.has(`'${account.user}'@'${account.host}'`) && !(await hasGrants(session, account))) ignored.push(account);
  }
  return ignored;
}

async function hasGrants(session: Session, account: Account): Promise<boolean> {
  try {
    await session.query(`SHOW GRANTS FOR ${quoteAccount(account)}`);
    return true;
  } catch (thrown) {
    if (hasErrno(thrown, 1141)) return false;
    throw thrown;
  }
}

/** Names an account that is left out because its own server ignores it. */
function leaveIgnored(job: CopyJob, account: Account): void {
  const name = accountText(account);
  job.refused?.({ kind: 'ACCOUNT', database: '', name }, '1141');
  job.step.log('warning', 'sync.log.accountIgnored', { account: name });
}

/** A role that an account has by default (8.0). */
export interface DefaultRole extends Account {
  readonly role: Account;
}

/** The default roles of all accounts of a server that has roles. */
export async function defaultRolesOf(reader: Session): Promise<readonly DefaultRole[]> {
  const rows = await reader.query<{ user: string; host: string; roleUser: string; roleHost: string }>(
    'SELECT USER AS user, HOST AS host, DEFAULT_ROLE_USER AS roleUser, DEFAULT_ROLE_HOST AS roleHost FROM mysql.default_roles',
  );
  return rows.map(({ user, host, roleUser, roleHost }) => ({ user, host, role: { user: roleUser, host: roleHost } }));
}

async function giveDefaultRoles(job: CopyJob, writer: Session, accounts: readonly Account[], rows: readonly DefaultRole[]): Promise<void> {
  for (const account of accounts) {
    const roles = rows.filter((row) => row.user === account.user && row.host === account.host).map(({ role }) => quoteAccount(role));
    // A role that was left out cannot be one of them, and was told.
    if (roles.length > 0) await refusalOf(job, writer, [plain(`SET DEFAULT ROLE ${roles.join(', ')} TO ${quoteAccount(account)}`)]);
  }
}

/** Whether a new session of ours is still the account that it was. */
async function loginWorks(job: CopyJob, current: string): Promise<boolean> {
  try {
    const session = await readerSession(job.target, job.step.signal);
    const [me] = await session.query<{ me: string }>('SELECT CURRENT_USER() AS me');
    await session.close();
    return me?.me === current;
  } catch {
    job.step.checkpoint();
    return false;
  }
}
