import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { definitionAspects, type AccountAspect, type AccountState } from '../../../shared/domain/accounts/state';
import type { SharedAccount } from '../../../shared/domain/accounts/shared-accounts';
import { atLeast } from '../../../shared/domain/fleet/version';
import { ownSchema } from '../../../shared/domain/scope/scope';
import { digestKey, readAccountStates } from '../../mysql/accounts/states';
import { hasErrno } from '../../mysql/errors';
import type { Account } from '../../mysql/dialect/accounts';
import { quoteAccount, quoteId } from '../../mysql/quote';
import { plain, Secret, statementOf } from '../../mysql/statement';
import type { Session, Statement } from '../../mysql/types';
import { memoryKey } from '../../tasks/memory';
import type { CopyJob, WriteJob } from '../snapshot/sessions';
import { changedAccountsTable } from './catalogue';
import { definitionChanges, definitionOf } from './account-definition';
import { grantChanges, type GrantChanges } from '../../../shared/domain/accounts/grant-changes';
import { accountText, narrow, refusalOf } from './grants';
import { makeAttempts, type Attempt } from './attempts';

/** Holds password hashes, which the server itself keeps beside: they never leave it. Only there while a copy may still be taken back. */
const changedAccounts = `${quoteId(ownSchema)}.${quoteId(changedAccountsTable)}`;

/**
 * Makes an account that both servers have on the target what it is on the source: what it logs in with, and its rights, of which it never
 * has less than both have in common. What it was is kept on the target first, for the undo.
 */
export async function bringUpToDate(job: CopyJob, reader: Session, writer: Session, account: SharedAccount): Promise<'changed' | 'kept'> {
  const { standby: here, source: there, differences } = account;
  await keepBefore(job, writer, here);
  const aspects = new Set(differences.map(({ aspect }) => aspect));
  const statements = definitionAspects.some((aspect) => aspects.has(aspect)) ? await definitionChanges(writer, { reader, here, there, aspects }) : [];
  const refusal = await refusalOf(job, writer, statements);
  if (refusal !== null) {
    job.step.log('warning', 'sync.log.accountPlugin', { account: accountText(here), detail: refusal.message });
    return 'kept';
  }
  const changes = grantChanges(here, there);
  await makeAttempts(attemptsOf(job, writer, here, changes));
  if (changes.kept.length > 0) job.step.log('warning', 'sync.log.rightsKept', { account: accountText(here), rights: changes.kept.join(', ') });
  return 'changed';
}

/** One that the target refuses is told, and the others are made. */
function attemptsOf(job: WriteJob, writer: Session, account: Account, { statements }: GrantChanges): readonly Attempt[] {
  return statements.map(({ sql, narrows }) => ({
    run: () => refusalOf(job, writer, [plain(sql)]),
    leave: async (why) => {
      job.step.log('warning', 'sync.log.grantLeft', { account: accountText(account), grant: sql, detail: why.message });
      if (narrows !== undefined) await narrow(job, writer, account, narrows);
    },
  }));
}

const lines = v.array(v.string());

const text = v.string();
const optional = v.nullable(text);
/** @see AccountState */
const stateBefore = v.object({
  user: text, host: text, plugin: text, password: text, secondPassword: optional, factors: optional, locked: v.nullable(v.boolean()), expired: v.boolean(),
  passwordRules: v.record(text, optional), requires: text, limits: v.record(text, v.number()), attribute: optional,
  rights: v.array(v.object({ kind: v.picklist(['static', 'dynamic', 'handed-on', 'restricted']), privilege: text, level: text })),
  roles: v.array(v.object({ role: text, admin: v.boolean() })), defaultRoles: lines, proxies: v.array(v.object({ as: text, grantOption: v.boolean() })),
});

/** Digests of the rows that this task wrote: what else stands in the table on the server is somebody's text, and is not run. */
const rowsWritten = memoryKey('changedAccounts', v.array(v.string()));

function digestOf(...row: readonly [user: string, host: string, definition: string, grants: string]): string {
  return createHash('sha256').update(JSON.stringify(row)).digest('hex');
}

async function keepBefore(job: CopyJob, writer: Session, account: AccountState): Promise<void> {
  const written = job.step.recall(rowsWritten) ?? [];
  // A run that goes on after a crash finds it changed in part: what it was stands there already.
  if (written.length > 0 && (await mineBefore(writer, written)).some(({ user, host }) => user === account.user && host === account.host)) return;
  const { statements } = await definitionOf(writer, writer, account, true);
  await job.step.sql(
    writer, job.target.name,
    `CREATE TABLE IF NOT EXISTS ${changedAccounts} (user VARCHAR(96) NOT NULL, host VARCHAR(255) NOT NULL, `
      + 'definition LONGTEXT NOT NULL, grants LONGTEXT NOT NULL) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4',
  );
  const [definition, given] = [JSON.stringify(statements.map(({ sql }) => sql)), JSON.stringify(account)];
  await job.step.remember(rowsWritten, [...written, digestOf(account.user, account.host, definition, given)]);
  const [user, host, hidden, rights] = [new Secret(account.user), new Secret(account.host), new Secret(definition), new Secret(given)];
  await job.step.sql(writer, job.target.name, statementOf(`INSERT INTO ${changedAccounts} VALUES (`, user, ', ', host, ', ', hidden, ', ', rights, ')'));
}

/** Gives the accounts that this copy changed back what they were. Right also where none was. */
export async function putAccountsBack(job: WriteJob, writer: Session): Promise<void> {
  const written = job.step.recall(rowsWritten) ?? [];
  if (written.length === 0) return;
  const mine = await mineBefore(writer, written);
  const now = mine.length === 0 ? [] : await readAccountStates(writer, digestKey());
  for (const { user, host, definition, grants } of mine) {
    const here = now.find((state) => state.user === user && state.host === host);
    // Somebody dropped it since.
    if (here === undefined) continue;
    const before = v.parse(stateBefore, JSON.parse(grants));
    const hidden = (sql: string): Statement => ({ sql, redacted: `ALTER USER ${quoteAccount(here)} …` });
    for (const sql of v.parse(lines, JSON.parse(definition))) await job.step.sql(writer, job.target.name, hidden(sql));
    // What the login was came back above, whatever of it differs.
    for (const statement of await definitionChanges(writer, { reader: writer, here, there: before, aspects: besidesLogin(writer) })) {
      await job.step.sql(writer, job.target.name, statement);
    }
    await makeAttempts(attemptsOf(job, writer, here, grantChanges(here, before, true)));
  }
  await forgetChangedAccounts(job, writer);
  await job.step.forget(rowsWritten);
}

/** What the statements of a definition do not bring back: the comment, and before 5.7.6 what belongs to grants there. */
function besidesLogin({ version }: Session): ReadonlySet<AccountAspect> {
  return new Set<AccountAspect>(atLeast(version, 5, 7, 6) ? ['attribute'] : ['tls', 'limits']);
}

type Kept = Readonly<Record<'user' | 'host' | 'definition' | 'grants', string>>;

/** The rows that this task wrote. */
async function mineBefore(writer: Session, written: readonly string[]): Promise<readonly Kept[]> {
  try {
    const rows = await writer.query<Kept>(`SELECT user, host, definition, grants FROM ${changedAccounts}`);
    return rows.filter(({ user, host, definition, grants }) => written.includes(digestOf(user, host, definition, grants)));
  } catch (thrown) {
    // No such database or table.
    if (hasErrno(thrown, 1049, 1146)) return [];
    throw thrown;
  }
}

/** True while accounts that a copy changed can be given back what they were. */
export async function hasChangedAccounts(session: Session): Promise<boolean> {
  const named = 'SELECT 1 AS found FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?';
  const found = await session.query(named, [ownSchema, changedAccountsTable]);
  return found.length > 0;
}

/** From here on the changes stay. */
export async function forgetChangedAccounts(job: WriteJob, writer: Session): Promise<void> {
  if (await hasChangedAccounts(writer)) await job.step.sql(writer, job.target.name, `DROP TABLE ${changedAccounts}`);
}
