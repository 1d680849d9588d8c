import { parseGrantLine } from '../../../shared/domain/accounts/grants';
import { atLeast, type ServerVersion } from '../../../shared/domain/fleet/version';
import type { Account } from '../../mysql/dialect/accounts';
import { isRefusal } from '../../mysql/errors';
import { quoteAccount, quoteId, quoteTable } from '../../mysql/quote';
import type { Failure } from '../../../shared/errors/codes';
import { plain } from '../../mysql/statement';
import type { Session, Statement } from '../../mysql/types';
import { makeAttempts, type Attempt } from './attempts';
import { withQuotedRequirement } from './account-definition';
import type { WriteJob } from '../snapshot/sessions';

/**
 * What gives an account rights as the source prints them. One that cannot be given on the target names something that is not there (outside
 * of the copy, or removed on the source), is more than our own login holds there (PROXY, on most servers), or one that its version or its
 * settings do not know: it is told, and the others are given.
 */
export function grantsToGive(job: WriteJob, writer: Session, account: Account, grants: readonly string[]): readonly Attempt[] {
  return grants.map((line) => {
    // Taken apart when its turn has come: of thousands at once, everybody else would wait.
    const grantNow = (): string => forVersion(line, writer.version);
    return {
      run: () => refusalOf(job, writer, [plain(grantNow())]),
      leave: async (why) => {
        const grant = grantNow();
        const single = oneByOne(grant);
        // Of several rights in one statement one is at fault, and none was given.
        if (single.length > 1) return void (await makeAttempts(grantsToGive(job, writer, account, single)));
        job.step.log('warning', 'sync.log.grantLeft', { account: accountText(account), grant, detail: why.message });
        const parts = parseGrantLine(grant);
        if (parts?.grant.kind === 'revoke') await narrow(job, writer, account, parts.items.join(', '));
      },
    };
  });
}

/** null: the statements ran; else what the target answered to the first that it refused. */
export async function refusalOf(job: WriteJob, writer: Session, statements: readonly Statement[]): Promise<Failure | null> {
  try {
    for (const statement of statements) await job.step.sql(writer, job.target.name, statement);
    return null;
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown;
    return thrown;
  }
}

export function accountText({ user, host }: Account): string {
  return `${user}@${host}`;
}

/**
 * A right on everything that is taken away again on one database cannot be kept where partial_revokes is off: rather than with more than
 * it had, the account goes without that right.
 */
export async function narrow(job: WriteJob, writer: Session, account: Account, privileges: string): Promise<void> {
  await job.step.sql(writer, job.target.name, `REVOKE ${privileges} ON *.* FROM ${quoteAccount(account)}`);
}

/** A GRANT of several rights, without lists of columns, as one for each. */
export function oneByOne(grant: string): readonly string[] {
  const parts = parseGrantLine(grant);
  if (parts?.grant.kind !== 'grant' || parts.items.length !== parts.grant.privileges.length) return [grant];
  return parts.items.map((item) => `GRANT ${item} ${parts.rest}`);
}

/** 8.2 put two rights in the place of SET_USER_ID; an upgrade of the server gives both to who held it. */
export function forVersion(grant: string, target: ServerVersion): string {
  const parts = parseGrantLine(grant);
  if (!atLeast(target, 8, 2, 0) || parts?.grant.kind !== 'grant' || !parts.items.includes('SET_USER_ID')) return grant;
  return `GRANT ${parts.items.flatMap((item) => (item === 'SET_USER_ID' ? ['SET_ANY_DEFINER', 'ALLOW_NONEXISTENT_DEFINER'] : [item])).join(', ')} ` +
    `${parts.rest}`;
}

/** What gives the account its rights on the source, as statements. */
export async function grantsOf(reader: Session, account: Account): Promise<readonly string[]> {
  const rows = await reader.query<Record<string, string>>(`SHOW GRANTS FOR ${quoteAccount(account)}`);
  const shown = rows.map((row) => Object.values(row)[0] ?? '').filter((line) => /^(?:GRANT|REVOKE) /.test(line));
  // Who has all rights on a table is not told to have some on its columns too, which stay when those are taken.
  if (atLeast(reader.version, 8, 0)) return shown.some(isAllOnTable) ? [...shown, ...(await columnGrants(reader, account))] : shown;
  // Before 8.0 names of accounts and columns are printed as they are, whatever they hold: of those the tables tell.
  const lines = shown.filter(isPrintedWell);
  const raw = ` TO '${account.user}'@'${account.host}'`;
  const rest = await Promise.all(lines.map(async (line) => {
    const at = line.lastIndexOf(raw);
    const named = at === -1 ? line : `${line.slice(0, at)} TO ${quoteAccount(account)}${line.slice(at + raw.length)}`;
    // 5.6 prints here what the account requires, too.
    return withQuotedRequirement(withoutPassword(named), await requirementOf(reader, account));
  }));
  return [...rest, ...(await tableGrants(reader, account)), ...(await proxyGrants(reader, account))];
}

/** Whether a line of a server before 8.0 holds neither another account nor a column: it is on everything, a database, or a routine. */
function isPrintedWell(line: string): boolean {
  const grant = parseGrantLine(line)?.grant;
  return grant?.kind === 'grant' && grant.on.kind !== 'table';
}

/** 5.6 prints the hash, which the account has already, and as it is: the salt of a sha256_password may hold a quote. */
export function withoutPassword(grant: string): string {
  return grant.replace(/ IDENTIFIED BY PASSWORD (?:'[^]*?'(?=$| REQUIRE | WITH )|<secret>)/, '');
}

async function requirementOf(reader: Session, { user, host }: Account): Promise<{ cipher: string; issuer: string; subject: string }> {
  const [row] = await reader.query<{ cipher: string; issuer: string; subject: string }>(
    `SELECT CONVERT(ssl_cipher USING utf8mb4) AS cipher, CONVERT(x509_issuer USING utf8mb4) AS issuer, CONVERT(x509_subject USING utf8mb4) AS subject
     FROM mysql.user WHERE User = ? AND Host = ?`,
    [user, host],
  );
  return row ?? { cipher: '', issuer: '', subject: '' };
}

function isAllOnTable(line: string): boolean {
  const parts = parseGrantLine(line);
  return parts?.grant.kind === 'grant' && parts.grant.on.kind === 'table' && parts.items.includes('ALL PRIVILEGES');
}

/** Rights on columns alone. */
async function columnGrants(reader: Session, account: Account): Promise<readonly string[]> {
  const rows = await reader.query<{ db: string; tab: string; name: string; rights: string }>(
    'SELECT Db AS db, Table_name AS tab, Column_name AS name, Column_priv AS rights FROM mysql.columns_priv WHERE User = ? AND Host = ? ' +
      'ORDER BY Db, Table_name, Column_name',
    [account.user, account.host],
  );
  return rows.map(({ db, tab, name, rights }) => `GRANT ${rightsIn(rights).map((right) => `${right} (${quoteId(name)})`).join(', ')} ON ` +
    `${quoteTable(db, tab)} TO ${quoteAccount(account)}`);
}

const rightsIn = (set: string): readonly string[] => set.split(',').map((right) => right.trim().toUpperCase()).filter((right) => right !== '');

/** Rights on tables and on columns. */
async function tableGrants(reader: Session, account: Account): Promise<readonly string[]> {
  const who = [account.user, account.host];
  const tables = await reader.query<{ db: string; tab: string; rights: string }>(
    'SELECT Db AS db, Table_name AS tab, Table_priv AS rights FROM mysql.tables_priv WHERE User = ? AND Host = ? ORDER BY Db, Table_name', who,
  );
  const columns = await reader.query<{ db: string; tab: string; name: string; rights: string }>(
    'SELECT Db AS db, Table_name AS tab, Column_name AS name, Column_priv AS rights FROM mysql.columns_priv WHERE User = ? AND Host = ? ORDER BY Column_name',
    who,
  );
  return tables.flatMap(({ db, tab, rights }) => {
    const whole = rightsIn(rights);
    const mine = columns.filter((column) => column.db === db && column.tab === tab);
    const parts = [...new Set(mine.flatMap((column) => rightsIn(column.rights)))]
      .map((right) => `${right} (${mine.filter((column) => rightsIn(column.rights).includes(right)).map(({ name }) => quoteId(name)).join(', ')})`);
    const all = [...whole.filter((right) => right !== 'GRANT'), ...parts];
    // A right to hand on without a right is kept too.
    return [
      `GRANT ${all.length === 0 ? 'USAGE' : all.join(', ')} ON ${quoteTable(db, tab)} TO ` +
        `${quoteAccount(account)}${whole.includes('GRANT') ? ' WITH GRANT OPTION' : ''}`,
    ];
  });
}

async function proxyGrants(reader: Session, account: Account): Promise<readonly string[]> {
  const rows = await reader.query<{ user: string; host: string; hands: string | number }>(
    'SELECT Proxied_user AS user, Proxied_host AS host, With_grant AS hands FROM mysql.proxies_priv WHERE User = ? AND Host = ?', [account.user, account.host],
  );
  return rows.map(({ user, host, hands }) => `GRANT PROXY ON ${quoteAccount({ user, host })} ` +
    `TO ${quoteAccount(account)}${Number(hands) === 1 ? ' WITH GRANT OPTION' : ''}`);
}
