import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { ownSchema } from '../../../shared/domain/scope/scope';
import { hasErrno } from '../../mysql/errors';
import type { Account } from '../../mysql/dialect-accounts';
import { quoteAccount, quoteId } from '../../mysql/quote';
import { Secret, statementOf } from '../../mysql/statement';
import type { Session } from '../../mysql/types';
import { memoryKey } from '../../tasks/memory';
import type { CopyJob } from '../snapshot/sessions';
import { changedAccountsTable } from './catalogue';
import { definitionOf, isDefinedAlike } from './account-definition';
import { grantChanges, isAdministrator } from './grant-changes';
import { accountText, grantsOf, grantsToGive, refusalOf } from './grants';
import { makeAttempts } from './attempts';

/** Holds password hashes, which the server itself keeps beside: they never leave it. Only there while a copy may still be taken back. */
const changedAccounts = `${quoteId(ownSchema)}.${quoteId(changedAccountsTable)}`;

/**
 * Makes an account that both servers have on the target what it is on the source: what it logs in with, and its rights, of which it never
 * has less than both have in common. What it was is kept on the target first, for the undo. Whoever administers the target keeps
 * everything: that is the way in of the people who run it.
 */
export async function bringUpToDate(job: CopyJob, reader: Session, writer: Session, account: Account): Promise<'same' | 'changed' | 'kept'> {
  const [here, there] = [await grantsOf(writer, account), await grantsOf(reader, account)];
  const changes = grantChanges(here, there, account);
  const alike = await isDefinedAlike(reader, writer, account);
  if (alike && changes.length === 0) return 'same';
  if (isAdministrator(here)) return 'kept';
  await keepBefore(job, writer, account, here);
  if (!alike) {
    const { statements } = await definitionOf(reader, writer, account, true);
    const refusal = await refusalOf(job, writer, statements);
    if (refusal !== null) {
      job.step.log('warning', 'sync.log.accountPlugin', { account: accountText(account), detail: refusal.message });
      return 'kept';
    }
  }
  await makeAttempts(grantsToGive(job, writer, account, changes));
  return 'changed';
}

const lines = v.array(v.string());

/** Digests of the rows that this task wrote: what else stands in the table on the server is somebody's text, and is not run. */
const rowsWritten = memoryKey('changedAccounts', v.array(v.string()));

function digestOf(...row: readonly [user: string, host: string, definition: string, grants: string]): string {
  return createHash('sha256').update(JSON.stringify(row)).digest('hex');
}

async function keepBefore(job: CopyJob, writer: Session, account: Account, grants: readonly string[]): Promise<void> {
  const { statements } = await definitionOf(writer, writer, account, true);
  await job.step.sql(
    writer, job.target.name,
    `CREATE TABLE IF NOT EXISTS ${changedAccounts} (user VARCHAR(96) NOT NULL, host VARCHAR(255) NOT NULL, `
      + 'definition LONGTEXT NOT NULL, grants LONGTEXT NOT NULL) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4',
  );
  const [definition, given] = [JSON.stringify(statements.map(({ sql }) => sql)), JSON.stringify(grants)];
  await job.step.remember(rowsWritten, [...(job.step.recall(rowsWritten) ?? []), digestOf(account.user, account.host, definition, given)]);
  const [user, host, hidden, rights] = [new Secret(account.user), new Secret(account.host), new Secret(definition), new Secret(given)];
  await job.step.sql(writer, job.target.name, statementOf(`INSERT INTO ${changedAccounts} VALUES (`, user, ', ', host, ', ', hidden, ', ', rights, ')'));
}

/** Gives the accounts that this copy changed back what they were. Right also where none was. */
export async function putAccountsBack(job: CopyJob, writer: Session): Promise<void> {
  const written = job.step.recall(rowsWritten) ?? [];
  if (written.length === 0) return;
  for (const { user, host, definition, grants } of await keptBefore(writer)) {
    if (!written.includes(digestOf(user, host, definition, grants))) continue;
    const account = { user, host };
    for (const sql of v.parse(lines, JSON.parse(definition))) {
      await job.step.sql(writer, job.target.name, { sql, redacted: `ALTER USER ${quoteAccount(account)} …` });
    }
    const changes = grantChanges(await grantsOf(writer, account), v.parse(lines, JSON.parse(grants)), account);
    await makeAttempts(grantsToGive(job, writer, account, changes));
  }
  await forgetChangedAccounts(job, writer);
  await job.step.forget(rowsWritten);
}

type Kept = Readonly<Record<'user' | 'host' | 'definition' | 'grants', string>>;

async function keptBefore(writer: Session): Promise<readonly Kept[]> {
  try {
    return await writer.query<Kept>(`SELECT user, host, definition, grants FROM ${changedAccounts}`);
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
export async function forgetChangedAccounts(job: CopyJob, writer: Session): Promise<void> {
  if (await hasChangedAccounts(writer)) await job.step.sql(writer, job.target.name, `DROP TABLE ${changedAccounts}`);
}
