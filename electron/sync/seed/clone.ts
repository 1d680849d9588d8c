import { failure } from '../../../shared/errors/codes';
import { replicationEndpoint } from '../../../shared/domain/fleet/instance';
import { verifiedBy } from '../../../shared/domain/fleet/trust';
import { hasErrno, isConnectionLost } from '../../mysql/errors';
import { waitUntil } from '../../mysql/time';
import type { Session } from '../../mysql/types';
import type { StepContext } from '../../tasks/types';
import { memory } from '../memory';
import { CloneRate } from './clone-rate';
import { watchProgress } from './clone-progress';
import { untilBack } from './clone-return';
import { rememberAccounts, revokeDonor } from './clone-undo';
import { bothOfferTls, loginFor } from '../run/account';
import { protectionsFor } from '../../replication/link-tls';
import { loginAccounts, type ReplicationLogin } from '../../replication/login';
import { unlimited, writerSession } from '../../copy/snapshot/sessions';
import { openForWriting } from './standby-settings';
import { serverUuid, executedOn } from '../../replication/gtid';
import { sourceOf, standbyOf, onSource, onStandby } from '../../replication/link-context';
import { copyJob } from '../../copy/job';
import type { SyncContext } from '../run/context';

/**
 * Replaces the standby by a physical clone of the source (8.0.17+). At its end the server restarts; without a supervisor
 * it stays down, and the task waits for somebody to start it. Its accounts are the source's from then on: the login that
 * works is found and kept.
 */
export async function clone(ground: SyncContext, step: StepContext): Promise<void> {
  const login = await loginFor(ground, step);
  const encrypted = await bothOfferTls(ground, step);
  // Interrupted while it waited for the restart: the clone itself may be complete.
  if (step.recall(memory.cloneBegun) === true) await untilBack(ground, step);
  if (step.recall(memory.cloneBegun) !== true || !(await onStandby(ground, step, isComplete))) {
    await openForWriting(ground, step);
    await onSource(ground, step, async (session, name) => {
      await installPlugin(step, session, name);
      await step.remember(memory.cloneGranted, true);
      for (const account of await loginAccounts(session, login.user)) {
        await step.sql(session, name, session.dialect.grant(session.dialect.privilegesFor('backup'), account));
      }
    });
    await runClone(ground, step, login, encrypted);
    await untilBack(ground, step);
    if (!(await onStandby(ground, step, isComplete))) throw failure(
      'seed-impossible',
      { seed: 'clone', reason: await onStandby(ground, step, cloneError) },
      { server: standbyOf(ground).name },
    );
  }
  await onStandby(ground, step, async (session, name) => {
    const uuid = await serverUuid(session);
    const sourceUuid = await onSource(ground, step, serverUuid);
    if (uuid === sourceUuid) throw failure('same-server', { name, uuid });
    step.log('info', 'sync.log.cloned', { server: name, gtids: (await executedOn(session)).toLine().slice(0, 200) });
  });
  await onSource(ground, step, async (session, name) => {
    // Its purpose is served; replication needs less.
    for (const account of await loginAccounts(session, login.user)) await step.sql(session, name, revokeDonor(account));
    await step.forget(memory.cloneGranted);
  });
}

async function runClone(ground: SyncContext, step: StepContext, login: ReplicationLogin, encrypted: boolean): Promise<void> {
  const { host, port } = replicationEndpoint(sourceOf(ground));
  const job = copyJob(ground, step);
  const recipient = await writerSession(job.target, step.signal);
  try {
    await installPlugin(step, recipient, job.target.name);
    await step.sql(recipient, job.target.name, recipient.dialect.setCloneDonors([{ host, port }]));
    await rememberAccounts(recipient, step);
    await proveDonor(ground, step, recipient, encrypted);
    await step.remember(memory.cloneBegun, true);
    const statement = recipient.dialect.cloneFrom({ host, port, user: login.user, password: login.password, requireTls: encrypted });
    const rate = new CloneRate(ground, step);
    await rate.follow(recipient);
    const watching = watchProgress(ground, step, rate);
    try {
      await step.sql(recipient, job.target.name, statement, [], unlimited);
    } catch (thrown) {
      // 3707: complete, but nobody is there to start the server again. Lost: somebody does.
      if (!hasErrno(thrown, 3707) && !isConnectionLost(thrown)) throw thrown;
      step.checkpoint();
      if (!isConnectionLost(thrown)) await untilGone(recipient, step);
    } finally {
      watching.abort();
    }
  } finally {
    recipient.destroy();
  }
}

/**
 * The recipient looks at the donor's certificate as the link will: by its own CA file, where the check found that it can. Of the name in
 * the certificate CLONE proves nothing (manual: "Configuring an Encrypted Connection for Cloning"). What is set lasts until the restart.
 */
async function proveDonor(ground: SyncContext, step: StepContext, recipient: Session, encrypted: boolean): Promise<void> {
  const [source, standby] = [sourceOf(ground), standbyOf(ground)];
  const [best] = await protectionsFor(recipient, source, { encrypted, model: null });
  const file = step.recall(memory.linkVerifies) === true && best.caFile !== '' ? best.caFile : null;
  const names = { source: source.name, standby: standby.name };
  if (file !== null) {
    await step.sql(recipient, standby.name, recipient.dialect.setCloneCa(file));
    step.log('info', 'sync.log.cloneVerified', { ...names, file });
  } else if (encrypted && verifiedBy(source.tls) !== 'nothing') step.log('warning', 'sync.log.cloneUnverified', names);
}

const goneLimitMs = 120_000;

/** It still answers for a moment before it goes down; what it says then is of the time before. */
async function untilGone(recipient: Session, step: StepContext): Promise<void> {
  const isGone = async (): Promise<boolean> => {
    try {
      await recipient.run('DO 0');
      return false;
    } catch (thrown) {
      step.checkpoint();
      if (isConnectionLost(thrown)) return true;
      throw thrown;
    }
  };
  await waitUntil(isGone, { everyMs: 100, limitMs: goneLimitMs, signal: step.signal });
}

/** What the recipient itself keeps of the last clone, over its restart. */
async function isComplete(session: Session): Promise<boolean> {
  const [row] = await session.query<{ state: string }>('SELECT STATE AS state FROM performance_schema.clone_status');
  return row?.state === 'Completed';
}

async function cloneError(session: Session): Promise<string> {
  const [row] = await session.query<{ text: string }>(
    'SELECT CONCAT(STATE, \' \', ERROR_NO, \' \', ERROR_MESSAGE) AS text FROM performance_schema.clone_status',
  );
  return row?.text ?? '?';
}

async function installPlugin(step: StepContext, session: Session, name: string): Promise<void> {
  const [row] = await session.query<{ status: string }>("SELECT PLUGIN_STATUS AS status FROM information_schema.PLUGINS WHERE PLUGIN_NAME = 'clone'");
  if (row?.status === 'ACTIVE') return;
  await step.sql(session, name, session.dialect.installClone());
}
