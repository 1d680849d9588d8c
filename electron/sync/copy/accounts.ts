import { atLeast } from '../../../shared/domain/version';
import { hasErrno } from '../../mysql/errors';
import { quoteAccount } from '../../mysql/quote';
import { plain } from '../../mysql/statement';
import type { Session, Statement } from '../../mysql/types';
import type { Account } from '../../mysql/dialect-accounts';
import { definitionIn } from './schema';
import { readerSession, type CopyJob } from './ends';

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
    try {
      for (const statement of await definitionOf(reader, writer, account, exists)) await job.step.sql(writer, job.target.name, statement);
    } catch (thrown) {
      // 1524: the target has no such way to log in (mysql_native_password is gone since 9.0).
      if (!hasErrno(thrown, 1524)) throw thrown;
      job.step.log('warning', 'sync.log.accountPlugin', { account: accountText(account), detail: thrown instanceof Error ? thrown.message : '' });
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

export function accountText({ user, host }: Account): string {
  return `${user}@${host}`;
}

/** The accounts of a server, its own among them. */
export async function accountsOf(session: Session): Promise<Account[]> {
  return session.query<{ user: string; host: string }>('SELECT CONVERT(User USING utf8mb4) AS user, CONVERT(Host USING utf8mb4) AS host FROM mysql.user');
}

/** A statement that holds a password's hash: it is shown without. */
function hidden(sql: string, shown: string): Statement {
  return { sql, redacted: shown };
}

/** What makes the account of the source out of none, or out of one of the same name that `exists`. */
async function definitionOf(reader: Session, writer: Session, account: Account, exists: boolean): Promise<readonly Statement[]> {
  const who = quoteAccount(account);
  const verb = exists ? 'ALTER' : 'CREATE';
  // Its grants are given anew; what it may do as a proxy is not among them and stays.
  const revoke = exists ? [plain(`REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${who}`)] : [];
  if (atLeast(reader.version, 5, 7, 6)) {
    const [row] = await reader.query<Record<string, string>>(`SHOW CREATE USER ${who}`);
    const text = definitionIn(row === undefined ? undefined : { text: Object.values(row)[0] ?? null }, 'text', accountText(account));
    return [...revoke, hidden(withoutDefaultRole(text).replace(/^CREATE USER/, `${verb} USER`), `${verb} USER ${who} …`)];
  }
  const [row] = await reader.query<{ hash: string }>('SELECT Password AS hash FROM mysql.user WHERE User = ? AND Host = ?', [account.user, account.host]);
  const hash = (row?.hash ?? '').replace(/[^*0-9A-Fa-f]/g, '');
  const newWords = atLeast(writer.version, 5, 7, 6);
  if (exists && !newWords) return [...revoke, hidden(`SET PASSWORD FOR ${who} = '${hash}'`, `SET PASSWORD FOR ${who} = '***'`)];
  if (hash === '') return exists ? [...revoke, plain(`ALTER USER ${who} IDENTIFIED BY ''`)] : [plain(`CREATE USER ${who}`)];
  const words = newWords ? "IDENTIFIED WITH 'mysql_native_password' AS" : 'IDENTIFIED BY PASSWORD';
  return [...revoke, hidden(`${verb} USER ${who} ${words} '${hash}'`, `${verb} USER ${who} ${words} '***'`)];
}

const quotedAccount = '`(?:[^`]|``)*`@`(?:[^`]|``)*`';
const defaultRoleClause = new RegExp(` DEFAULT ROLE ${quotedAccount}(?:,\\s*${quotedAccount})*(?= )`);

/** Default roles are set once every role exists and is granted. */
export function withoutDefaultRole(definition: string): string {
  return definition.replace(defaultRoleClause, '');
}

/**
 * A grant that cannot be given on the target: it names something that is not there (outside of the copy, or removed on
 * the source), or more than our own login holds there (PROXY, on most servers). It is told, and the others are given.
 */
const ungrantable = [1049, 1146, 1305, 1347, 1044, 1142, 1227, 1410, 1698, 3619];

async function copyGrants(job: CopyJob, reader: Session, writer: Session, account: Account): Promise<void> {
  const show = `SHOW GRANTS FOR ${quoteAccount(account)}`;
  const rows = await reader.query<Record<string, string>>(show);
  const there = new Set((await writer.query<Record<string, string>>(show)).map((row) => Object.values(row)[0]));
  for (const row of rows) {
    const grant = Object.values(row)[0] ?? '';
    // 5.6 prints the hash here; the account has it already.
    const bare = grant.replace(/ IDENTIFIED BY PASSWORD (?:'[^']*'|<secret>)/, '');
    if (!/^(GRANT|REVOKE) /.test(bare) || there.has(grant)) continue;
    try {
      await job.step.sql(writer, job.target.name, bare);
    } catch (thrown) {
      if (!hasErrno(thrown, ...ungrantable)) throw thrown;
      job.step.log('warning', 'sync.log.grantLeft', { account: accountText(account), grant: bare, detail: thrown instanceof Error ? thrown.message : '' });
    }
  }
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
