import * as v from 'valibot';
import { hasErrno, isUnreachable } from '../../mysql/errors';
import { quoteAccount, quoteId } from '../../mysql/quote';
import type { Account } from '../../mysql/dialect/accounts';
import type { Session } from '../../mysql/types';
import { memoryKey } from '../../tasks/memory';
import type { StepContext } from '../../tasks/types';
import { memory } from '../memory';
import { hostsForLink, knownLogin, loginAccounts } from '../../replication/login';
import { restoreBandwidth } from './clone-rate';
import { untilBack } from './clone-return';
import { accountText } from '../../copy/schema/grants';
import { isReservedAccount } from '../../../shared/domain/accounts/shared-accounts';
import { accountsOf } from '../../copy/schema/accounts';
import { databasesOf } from '../../copy/schema/catalogue';
import { writerSession } from '../../copy/snapshot/sessions';
import { openForWriting } from './standby-settings';
import { executedOn } from '../../replication/gtid';
import { sourceOf, onSource } from '../../replication/link-context';
import { copyJob } from '../../copy/job';
import type { SyncContext } from '../run/context';

const accountsBefore = memoryKey('accountsBeforeClone', v.array(v.string()));

/** Names of the accounts that the clone is going to replace, so that an undo can tell whose are whose. No hashes. */
export async function rememberAccounts(recipient: Session, step: StepContext): Promise<void> {
  await step.remember(accountsBefore, (await accountsOf(recipient)).map(accountText));
}

/**
 * A clone cannot be taken back to what was before. What came with it is removed, so that it is no half-made standby:
 * databases, GTIDs, and the accounts that the standby did not know before. Said in the log: accounts of the same name on
 * both, which have the source's password and rights now; and those of the standby that are gone.
 */
export async function removeClone(ground: SyncContext, step: StepContext): Promise<void> {
  if (step.recall(memory.cloneGranted) === true) await takeBackGrant(ground, step);
  if (step.recall(memory.cloneBegun) !== true) return;
  const job = copyJob(ground, step);
  // It may be down still, waiting for somebody to start it; and its login may be the source's.
  await untilBack(ground, step);
  await openForWriting(ground, step);
  const writer = await writerSession(job.target, step.signal);
  try {
    for (const database of await databasesOf(writer)) await step.sql(writer, job.target.name, `DROP DATABASE ${quoteId(database)}`);
    const accounts = step.recall(accountsBefore);
    if (accounts !== undefined) await removeAccounts(job.target.name, writer, step, accounts);
    if (!(await executedOn(writer)).isEmpty()) await step.sql(writer, job.target.name, writer.dialect.resetBinaryLogsAndGtids());
    await restoreBandwidth(ground, step, writer);
    step.log('warning', 'sync.log.cloneRemoved', { server: job.target.name });
  } finally {
    await writer.close();
  }
  await step.forget(memory.cloneBegun);
}

async function removeAccounts(server: string, writer: Session, step: StepContext, before: readonly string[]): Promise<void> {
  const [me] = await writer.query<{ me: string }>('SELECT CURRENT_USER() AS me');
  const now = (await accountsOf(writer)).filter((account) => !isReservedAccount(account.user));
  const kept: string[] = [];
  for (const account of now) {
    const text = accountText(account);
    if (text === me?.me || before.includes(text)) {
      kept.push(text);
      continue;
    }
    try {
      await step.sql(writer, server, `DROP USER ${quoteAccount(account)}`);
    } catch (thrown) {
      // 1396: it went with a role. 4006: something is defined in its name still; it stays and is named.
      if (hasErrno(thrown, 1396)) continue;
      if (!hasErrno(thrown, 4006)) throw thrown;
      kept.push(text);
    }
  }
  const here = new Set(now.map(accountText));
  const gone = before.filter((text) => !here.has(text) && !isReservedAccount(text.slice(0, text.lastIndexOf('@'))));
  step.log('warning', 'sync.log.cloneAccounts', { server, removed: now.length - kept.length, kept: kept.join(', ') || '–', gone: gone.join(', ') || '–' });
}

/** The replication account may serve other standbys and stay: as a donor's it was given more than they need. */
async function takeBackGrant(ground: SyncContext, step: StepContext): Promise<void> {
  const login = await knownLogin(ground.fleet, ground.spec.sourceId);
  if (login === null) return;
  try {
    await onSource(ground, step, async (session, name) => {
      for (const account of await loginAccounts(session, login.user)) await step.sql(session, name, revokeDonor(account));
    });
  } catch (thrown) {
    // 1141, 1269, 1396: no such grant, no such account.
    if (!hasErrno(thrown, 1141, 1269, 1396) && !isUnreachable(thrown)) throw thrown;
    if (!isUnreachable(thrown)) return;
    const hosts = hostsForLink(ground.fleet, [ground.spec.sourceId, ground.spec.standbyId]);
    const sql = hosts.map((host) => revokeDonor({ user: login.user, host })).join('; ');
    step.log('warning', 'sync.log.grantStays', { server: sourceOf(ground).name, sql });
  }
}

/** What takes from the replication account what it was given as a donor's. */
export function revokeDonor(account: Account): string {
  return `REVOKE BACKUP_ADMIN ON *.* FROM ${quoteAccount(account)}`;
}
