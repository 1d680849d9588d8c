import { defaultAccountChoice, isReservedAccount, sharedAccounts, type SharedAccount } from '../../../shared/domain/accounts/shared-accounts';
import { digestKey, readAccountStates, readKnownPrivileges } from '../../mysql/accounts/states';
import { hasErrno } from '../../mysql/errors';
import { quoteAccount } from '../../mysql/quote';
import { plain } from '../../mysql/statement';
import type { Session } from '../../mysql/types';
import type { Account } from '../../mysql/dialect/accounts';
import { definitionOf } from './account-definition';
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

/**
 * Makes the accounts and roles of the source that the target has not, without their rights: programs name them as their definers.
 *
 * Never touched on the target: the login we use there, and the server's own accounts. An account that could catch our
 * login (the same user name from another host, or no name at all) is created only where a new login still works then.
 * `created` is told every account that is new there before it is created, for the undo.
 */
export async function makeAccounts(job: CopyJob, reader: Session, writer: Session, created: (account: Account) => Promise<void>): Promise<AccountsBegun> {
  const [me] = await writer.query<{ me: string }>('SELECT CURRENT_USER() AS me');
  const current = me?.me ?? '';
  const ourName = current.slice(0, current.lastIndexOf('@'));
  const here = new Set((await accountsOf(writer)).map(accountText));
  const begun = { made: [] as Account[], there: [] as Account[], kept: [] as string[] };
  const ofSource = (await accountsOf(reader)).filter(({ user }) => !isReservedAccount(user));
  const ignored = new Set((await ignoredAccounts(reader, ofSource)).map(accountText));
  for (const account of ofSource) {
    if (ignored.has(accountText(account))) {
      leaveIgnored(job, account);
      continue;
    }
    const risky = account.user === ourName || account.user === '';
    if (here.has(accountText(account))) {
      if (!risky) begun.there.push(account);
      else if (accountText(account) !== current) begun.kept.push(accountText(account));
      continue;
    }
    await created(account);
    if (!(await make(job, reader, writer, account))) continue;
    if (risky && !(await loginWorks(job))) {
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
export async function rightsToGive(job: CopyJob, reader: Session, writer: Session, { made }: AccountsBegun): Promise<readonly Attempt[]> {
  const rights: Attempt[] = [];
  for (const account of made) rights.push(...grantsToGive(job, writer, account, await grantsOf(reader, account)));
  return rights;
}

/**
 * Brings the accounts up to date that both servers have and that differ, unless they are kept, and gives the new ones their default roles;
 * once everything else is there.
 */
export async function finishAccounts(job: CopyJob, reader: Session, writer: Session, { made, there, kept }: AccountsBegun): Promise<void> {
  const changed: string[] = [];
  const names = new Set(there.map(accountText));
  for (const account of there.length === 0 ? [] : await readShared(job, reader, writer)) {
    const name = accountText(account.standby);
    if (!names.has(name)) continue;
    const outcome = account.fate === 'taken' ? await bringUpToDate(job, reader, writer, account) : 'kept';
    (outcome === 'kept' ? kept : changed).push(name);
  }
  if (reader.dialect.features.hasRoles) await copyDefaultRoles(job, reader, writer, made);
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
async function make(job: CopyJob, reader: Session, writer: Session, account: Account): Promise<boolean> {
  const { statements, locked } = await definitionOf(reader, writer, account, false);
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

async function copyDefaultRoles(job: CopyJob, reader: Session, writer: Session, accounts: readonly Account[]): Promise<void> {
  const rows = await defaultRolesOf(reader);
  for (const account of accounts) {
    const roles = rows.filter((row) => row.user === account.user && row.host === account.host).map(({ role }) => quoteAccount(role));
    // A role that was left out cannot be one of them, and was told.
    if (roles.length > 0) await refusalOf(job, writer, [plain(`SET DEFAULT ROLE ${roles.join(', ')} TO ${quoteAccount(account)}`)]);
  }
}

async function loginWorks(job: CopyJob): Promise<boolean> {
  try {
    const session = await readerSession(job.target, job.step.signal);
    await session.close();
    return true;
  } catch {
    job.step.checkpoint();
    return false;
  }
}
