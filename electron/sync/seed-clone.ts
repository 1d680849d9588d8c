import { setTimeout as delay } from 'node:timers/promises';
import { failure, Failure } from '../../shared/errors/codes';
import { message } from '../../shared/i18n/message';
import { replicationEndpoint, type Instance } from '../../shared/domain/instance';
import { hasErrno, isConnectionLost } from '../mysql/errors';
import { quoteAccount, quoteId } from '../mysql/quote';
import { connect } from '../mysql/session';
import { instanceSecretKey } from '../fleet/secret-keys';
import type { Session } from '../mysql/types';
import type { StepContext } from '../tasks/types';
import { bothOfferTls, loginFor, type ReplicationLogin } from './account';
import { databasesOf } from './copy/catalogue';
import { unlimited, writerSession } from './copy/ends';
import { copyJob, onSource, onStandby, sourceOf, standbyOf, type Ground } from './ground';
import { executedOn } from './position';
import { openForWriting } from './target';

const begunKey = 'cloneBegun';

/**
 * Replaces the standby by a physical clone of the source (8.0.17+). At its end the server restarts; without a supervisor
 * it stays down, and the task waits for somebody to start it. Its accounts are the source's from then on: the login that
 * works is found and kept.
 */
export async function clone(ground: Ground, step: StepContext): Promise<void> {
  const login = await loginFor(ground, step);
  const encrypted = await bothOfferTls(ground, step);
  const account = { user: login.user, host: '%' };
  // Interrupted while it waited for the restart: the clone itself may be complete.
  if (step.recall(begunKey) === true) await untilBack(ground, step);
  if (step.recall(begunKey) !== true || !(await onStandby(ground, step, isComplete))) {
    await openForWriting(ground, step);
    await onSource(ground, step, async (session, name) => {
      await installPlugin(step, session, name);
      await step.sql(session, name, session.dialect.grant(session.dialect.privilegesFor('backup'), account));
    });
    await runClone(ground, step, login, encrypted);
    await untilBack(ground, step);
    if (!(await onStandby(ground, step, isComplete))) throw failure('seed-impossible', { seed: 'clone', reason: await onStandby(ground, step, cloneError) }, { server: standbyOf(ground).name });
  }
  await onStandby(ground, step, async (session, name) => {
    const uuid = await serverUuid(session);
    const sourceUuid = await onSource(ground, step, serverUuid);
    if (uuid === sourceUuid) throw failure('same-server', { name, uuid });
    step.log('info', 'sync.log.cloned', { server: name, gtids: (await executedOn(session)).slice(0, 200) });
  });
  await onSource(ground, step, async (session, name) => {
    // Its purpose is served; replication needs less.
    await step.sql(session, name, `REVOKE BACKUP_ADMIN ON *.* FROM ${quoteAccount(account)}`);
  });
}

async function runClone(ground: Ground, step: StepContext, login: ReplicationLogin, encrypted: boolean): Promise<void> {
  const { host, port } = replicationEndpoint(sourceOf(ground));
  const job = copyJob(ground, step);
  const recipient = await writerSession(job.target, step.signal);
  try {
    await installPlugin(step, recipient, job.target.name);
    await step.sql(recipient, job.target.name, recipient.dialect.setCloneDonors([{ host, port }]));
    await step.remember(begunKey, true);
    const statement = recipient.dialect.cloneFrom({ host, port, user: login.user, password: login.password, requireTls: encrypted });
    const watching = watchProgress(ground, step);
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

const goneLimitMs = 120_000;

/** It still answers for a moment before it goes down; what it says then is of the time before. */
async function untilGone(recipient: Session, step: StepContext): Promise<void> {
  const began = performance.now();
  while (performance.now() - began < goneLimitMs) {
    try {
      await recipient.run('DO 0');
    } catch (thrown) {
      step.checkpoint();
      if (isConnectionLost(thrown)) return;
      throw thrown;
    }
    await delay(100, undefined, { signal: step.signal });
  }
}

/** What the recipient itself keeps of the last clone, over its restart. */
async function isComplete(session: Session): Promise<boolean> {
  const [row] = await session.query<{ state: string }>('SELECT STATE AS state FROM performance_schema.clone_status');
  return row?.state === 'Completed';
}

async function cloneError(session: Session): Promise<string> {
  const [row] = await session.query<{ text: string }>('SELECT CONCAT(STATE, \' \', ERROR_NO, \' \', ERROR_MESSAGE) AS text FROM performance_schema.clone_status');
  return row?.text ?? '?';
}

async function serverUuid(session: Session): Promise<string> {
  const [row] = await session.query<{ uuid: string }>('SELECT @@GLOBAL.server_uuid AS uuid');
  return row?.uuid ?? '';
}

async function installPlugin(step: StepContext, session: Session, name: string): Promise<void> {
  const [row] = await session.query<{ status: string }>("SELECT PLUGIN_STATUS AS status FROM information_schema.PLUGINS WHERE PLUGIN_NAME = 'clone'");
  if (row?.status === 'ACTIVE') return;
  await step.sql(session, name, session.dialect.installClone());
}

/** Progress from the recipient's own tables, until it goes down. */
function watchProgress(ground: Ground, step: StepContext): AbortController {
  const stop = new AbortController();
  const look = async (): Promise<void> => {
    const session = await ground.fleet.connect(ground.spec.standbyId, { signal: AbortSignal.any([stop.signal, step.signal]) });
    try {
      const began = performance.now();
      while (!stop.signal.aborted) {
        const [row] = await session.query<{ done: string | number | null; total: string | number | null }>('SELECT SUM(DATA) AS done, SUM(ESTIMATE) AS total FROM performance_schema.clone_progress');
        const done = Number(row?.done ?? 0);
        const total = Number(row?.total ?? 0);
        const rate = done / Math.max(0.001, (performance.now() - began) / 1000);
        step.progress({ text: null, done, total: total === 0 ? null : total, unit: 'bytes', rate: Math.round(rate), etaSeconds: rate === 0 || total === 0 ? null : Math.round((total - done) / rate) });
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    } finally {
      session.destroy();
    }
  };
  // The server going down ends the watch; the clone itself tells how it went.
  look().catch(() => undefined);
  return stop;
}

/** Waits for the server to answer again, with whichever login works now, and keeps that one. */
async function untilBack(ground: Ground, step: StepContext): Promise<void> {
  const standby = standbyOf(ground);
  let problem: unknown;
  await step.waitFor(
    message('sync.step.waitRestart', { server: standby.name }),
    async () => {
      try {
        await onStandby(ground, step, serverUuid);
        return true;
      } catch (thrown) {
        step.checkpoint();
        if (!isRefused(thrown)) return false;
        problem = thrown;
      }
      return loginOfSourceWorks(ground, step, standby);
    },
    { everyMs: 1000 },
  );
  if (problem !== undefined) step.log('warning', 'sync.log.loginReplaced', { server: standby.name, user: sourceOf(ground).user });
}

function isRefused(thrown: unknown): boolean {
  return thrown instanceof Failure && (thrown.error.code === 'login-refused' || thrown.error.code === 'host-not-allowed');
}

async function loginOfSourceWorks(ground: Ground, step: StepContext, standby: Instance): Promise<boolean> {
  const source = sourceOf(ground);
  const password = await ground.fleet.secret(instanceSecretKey(source.id));
  if (password === null) return false;
  try {
    const session = await connect({ ...standby.admin, user: source.user, password, tls: standby.tls }, { signal: step.signal, label: standby.name });
    await session.close();
  } catch {
    step.checkpoint();
    return false;
  }
  const { name, regionId, projectId, admin, replication, tls, note } = standby;
  await ground.fleet.updateInstance(standby.id, { name, regionId, projectId, admin, replication, user: source.user, tls, note }, password);
  return true;
}

/** A clone cannot be taken back to what was before; what came with it is removed, so that it is no half-made standby. */
export async function removeClone(ground: Ground, step: StepContext): Promise<void> {
  if (step.recall(begunKey) !== true) return;
  const job = copyJob(ground, step);
  await openForWriting(ground, step);
  const writer = await writerSession(job.target, step.signal);
  try {
    for (const database of await databasesOf(writer)) await step.sql(writer, job.target.name, `DROP DATABASE ${quoteId(database)}`);
    if ((await executedOn(writer)) !== '') await step.sql(writer, job.target.name, writer.dialect.resetBinaryLogsAndGtids());
    step.log('warning', 'sync.log.cloneRemoved', { server: job.target.name });
  } finally {
    await writer.close();
  }
  await step.remember(begunKey, null);
}
