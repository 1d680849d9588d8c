import { hasErrno } from '../../mysql/errors';
import { quoteAccount } from '../../mysql/quote';
import type { Session } from '../../mysql/types';
import type { Account } from '../../mysql/dialect-accounts';
import { definitionOf } from './account-definition';
import { readerSession, type CopyJob } from '../snapshot/sessions';
import { copyGrants } from './grants';

/** The server's own accounts. */
const reserved = ['mysql.sys', 'mysql.session', 'mysql.infoschema', 'mariadb.sys'];

/** True for the accounts that a server makes for itself. */
export function isReserved({ user }: Pick<Account, 'user'>): boolean {
  return reserved.includes(user);
}

/** What the copy of accounts did. */
export interface AccountsCopied {
  readonly copied: number;
  /** Left as they are on the target, `user@host`. */
  readonly kept: readonly string[];
}

/**
 * Copies accounts, roles and grants, so that clients log in at the standby after a promotion as they did before.
 *
 * Never touched on the target: the login we use there, and the server's own accounts. An account that could catch our
 * login (the same user name from another host, or no name at all) is created only where a new login still works then.
 * `created` is told every account that is new there before it is created, for the undo.
 */
export async function copyAccounts(job: CopyJob, reader: Session, writer: Session, created: (account: Account) => Promise<void>): Promise<AccountsCopied> {
  const [me] = await writer.query<{ me: string }>('SELECT CURRENT_USER() AS me');
  const current = me?.me ?? '';
  const ourName = current.slice(0, current.lastIndexOf('@'));
  const theirs = await accountsOf(reader);
  const here = new Set((await accountsOf(writer)).map(accountText));
  const kept: string[] = [];
  const carried: Account[] = [];
  for (const account of theirs) {
    if (isReserved(account)) continue;
    const risky = account.user === ourName || account.user === '';
    const exists = here.has(accountText(account));
    if (risky && exists) {
      if (accountText(account) !== current) kept.push(accountText(account));
      continue;
    }
    // One that is there is changed, and stays so if the copy is taken back.
    if (!exists) await created(account);
    if (!(await define(job, reader, writer, account, exists))) {
      kept.push(accountText(account));
      continue;
    }
    if (risky && !(await loginWorks(job))) {
      await job.step.sql(writer, job.target.name, `DROP USER ${quoteAccount(account)}`);
      job.step.log('warning', 'sync.log.accountCatches', { account: accountText(account) });
      kept.push(accountText(account));
      continue;
    }
    carried.push(account);
  }
  for (const account of carried) await copyGrants(job, reader, writer, account);
  if (reader.dialect.features.hasRoles) await copyDefaultRoles(job, reader, writer, carried);
  return { copied: carried.length, kept };
}

/** False where the account is there already and stays as it is. */
async function define(job: CopyJob, reader: Session, writer: Session, account: Account, exists: boolean): Promise<boolean> {
  const { statements, locked } = await definitionOf(reader, writer, account, exists);
  const run = async (): Promise<void> => {
    for (const statement of statements) await job.step.sql(writer, job.target.name, statement);
  };
  try {
    await run();
  } catch (thrown) {
    // 1524: the target has no such way to log in (mysql_native_password is gone since 9.0).
    if (!hasErrno(thrown, 1524)) throw thrown;
    const params = { account: accountText(account), detail: thrown instanceof Error ? thrown.message : '' };
    job.step.log('warning', exists ? 'sync.log.accountPlugin' : 'sync.log.accountLocked', params);
    if (exists) return false;
    for (const statement of locked) await job.step.sql(writer, job.target.name, statement);
  }
  // Its grants are given anew; what it may do as a proxy is not among them and stays.
  if (exists) await job.step.sql(writer, job.target.name, `REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${quoteAccount(account)}`);
  return true;
}

export function accountText({ user, host }: Account): string {
  return `${user}@${host}`;
}

/** The accounts of a server, its own among them. */
export async function accountsOf(session: Session): Promise<Account[]> {
  return session.query<{ user: string; host: string }>('SELECT CONVERT(User USING utf8mb4) AS user, CONVERT(Host USING utf8mb4) AS host FROM mysql.user');
}

async function copyDefaultRoles(job: CopyJob, reader: Session, writer: Session, accounts: readonly Account[]): Promise<void> {
  const rows = await reader.query<{ user: string; host: string; roleUser: string; roleHost: string }>(
    'SELECT USER AS user, HOST AS host, DEFAULT_ROLE_USER AS roleUser, DEFAULT_ROLE_HOST AS roleHost FROM mysql.default_roles',
  );
  for (const account of accounts) {
    const roles = rows
      .filter((row) => row.user === account.user && row.host === account.host)
      .map((row) => quoteAccount({ user: row.roleUser, host: row.roleHost }));
    if (roles.length > 0) await job.step.sql(writer, job.target.name, `SET DEFAULT ROLE ${roles.join(', ')} TO ${quoteAccount(account)}`);
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
