import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { unverified, verifies, type LinkProtection } from '../../../shared/domain/fleet/link-protection';
import { verifiedBy } from '../../../shared/domain/fleet/trust';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { ownSchema } from '../../../shared/domain/scope/scope';
import type { Session } from '../../mysql/types';
import { waitUntil } from '../../mysql/time';
import { memoryKey } from '../../tasks/memory';
import type { StepContext } from '../../tasks/types';
import { bothOfferTls, loginFor } from './account';
import { onHead, untilOnSource } from './cascade';
import { serverUuid, executedOn } from '../../replication/gtid';
import { linkStatus } from '../../replication/status';
import { ensureFilters } from '../../replication/applier';
import { refuseOtherFilters } from '../../replication/filters';
import { untilRunning, refuseBroken } from '../../replication/threads';
import { unlogged, writableSession } from '../../replication/read-only';
import { copyJob } from '../../copy/job';
import { forgetChangedAccounts, hasChangedAccounts } from '../../copy/schema/account-changes';
import { settingsFor, newLink } from '../../replication/link-settings';
import { protectionsFor } from '../../replication/link-tls';
import { passedOutside } from '../../replication/outside-statements';
import { loggedLink, sourceOf, standbyOf, onSource, onStandby } from '../../replication/link-context';
import { memory } from '../memory';
import type { SyncContext } from './context';

/** The link that stands on the standby is this task's. */
export const linkSet = memoryKey('linkSet', v.boolean());

/**
 * Points the standby at the source (GTID auto-position, TLS where both offer it, short retry and heartbeat), starts it
 * and waits until receiver and applier run. A receiver that cannot connect is waited for, with the server's text: the
 * seed is not thrown away for a firewall rule.
 *
 * @throws Failure `step-failed` where the applier stops or the source has no longer what the standby needs
 */
export async function startLink(ground: SyncContext, step: StepContext): Promise<void> {
  const source = sourceOf(ground);
  const login = await loginFor(ground, step);
  const encrypted = await bothOfferTls(ground, step);
  await onStandby(ground, step, async (session, name) => {
    const { dialect } = session;
    const before = await linkStatus(session);
    if (before !== null) {
      // Ours, from before the task was interrupted or paused; preconditions refused any other.
      await step.sql(session, name, dialect.stopReplica());
    }
    await step.remember(linkSet, true);
    const protection = await protectionOf(ground, step, session, { encrypted, before });
    await step.sql(session, name, dialect.changeReplicationSource(settingsFor(source, newLink(protection), login)));
    // A new channel begins with the global filters of its server, whoever set them: what they keep away would never come again.
    await ensureFilters(ground, step, session, name);
    await refuseOtherFilters(session, name, ground.spec.scope);
    await step.sql(session, name, dialect.startReplica());
    await untilRunning(loggedLink(ground, step.signal), step, session, name);
  });
}

/**
 * As the check found; a link that verifies already stays so. What the network says is no reason to verify less: a receiver that refuses the
 * certificate waits, with its text.
 */
async function protectionOf(
  ground: SyncContext, step: StepContext, session: Session, link: { readonly encrypted: boolean; readonly before: LinkProtection | null },
): Promise<LinkProtection> {
  const [source, standby] = [sourceOf(ground), standbyOf(ground)];
  const { encrypted, before } = link;
  if (before !== null && verifies(before)) return before;
  const [best] = await protectionsFor(session, source, { encrypted, model: null });
  const protection = step.recall(memory.linkVerifies) === true ? best : unverified(encrypted);
  const names = { source: source.name, standby: standby.name };
  if (verifies(protection)) step.log('info', 'sync.log.linkVerified', { ...names, file: protection.caFile });
  else if (encrypted && verifiedBy(source.tls) !== 'nothing') step.log('warning', 'sync.log.linkUnverified', names);
  return protection;
}

/** Takes the link off the standby where this task set it. */
export async function undoLink(ground: SyncContext, step: StepContext): Promise<void> {
  if (step.recall(linkSet) !== true) return;
  await onStandby(ground, step, async (session, name) => {
    if ((await linkStatus(session)) === null) return;
    await step.sql(session, name, session.dialect.stopReplica());
    await step.sql(session, name, session.dialect.resetReplica({ all: true }));
  });
  await step.forget(linkSet);
}

const linkProof = `${ownSchema}.link_proof`;

/**
 * Makes the table that links are proven by; before the seed, so that it is part of it. It has a row a standby: several
 * standbys of one source are confirmed at the same time, and none may find the other's row in the place of its own.
 */
export async function ensureProofTable(ground: SyncContext, step: StepContext): Promise<void> {
  const isThere = async (session: Session): Promise<boolean> =>
    (await session.query("SELECT 1 AS found FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = 'link_proof'", [ownSchema])).length > 0;
  if (await onSource(ground, step, isThere)) return;
  await onHead(ground, step, async (session, name) => {
    await step.sql(session, name, `CREATE DATABASE IF NOT EXISTS ${ownSchema}`);
    await step.sql(
      session,
      name,
      `CREATE TABLE IF NOT EXISTS ${linkProof} (standby CHAR(36) CHARACTER SET ascii NOT NULL PRIMARY KEY, token CHAR(36) CHARACTER SET ascii NOT NULL, ` +
        'at_utc DATETIME(6) NOT NULL) ENGINE = InnoDB',
    );
  });
  await untilOnSource(ground, step, isThere);
}

/**
 * What the row of this standby says on the standby itself. `settled`: a commit that is under way is waited for. Before 5.7.5 `gtid_executed` has a
 * transaction from the binary log on, and its rows are seen after the commit in the engine, which gives up their locks.
 */
async function proofToken(session: Session, settled = false): Promise<string | null> {
  const [row] = await session.query<{ token: string }>(
    `SELECT token FROM ${linkProof} WHERE standby = @@GLOBAL.server_uuid${settled ? ' LOCK IN SHARE MODE' : ''}`,
  );
  return row?.token ?? null;
}

/** The copy is not taken back any more: what accounts were before it is forgotten, outside of the binary log. */
async function keepAccountsChanged(ground: SyncContext, step: StepContext, session: Session, name: string): Promise<void> {
  if (!(await hasChangedAccounts(session))) return;
  const server = writableSession(session, (statement) => step.sql(session, name, statement), (again) => ground.fleet.withSession(ground.spec.standbyId, again));
  await unlogged(server, () => forgetChangedAccounts(copyJob(ground, step), session));
}

/**
 * The proof that the link works: a row written for this standby on the source (or on the primary that the source follows) is
 * awaited on the standby by its GTID and read there.
 *
 * @throws Failure `step-failed` where the applier stops on the way or another row arrives
 */
export async function confirmLink(ground: SyncContext, step: StepContext): Promise<void> {
  const token = randomUUID();
  const uuid = await onStandby(ground, step, serverUuid);
  const target = await onHead(ground, step, async (session, name) => {
    await step.sql(session, name, `REPLACE INTO ${linkProof} (standby, token, at_utc) VALUES (?, ?, UTC_TIMESTAMP(6))`, [uuid, token]);
    return executedOn(session);
  });
  const standby = standbyOf(ground).name;
  await onStandby(ground, step, async (session, name) => {
    const arrived = async (): Promise<boolean> => {
      // Old versions leave no trace of some filtered statements in gtid_executed: there the row itself is the proof.
      if (!session.dialect.features.keepsFilteredGtids && (await proofToken(session)) === token) return true;
      if (target.isSubsetOf(await executedOn(session))) return true;
      const status = await linkStatus(session);
      if (status === null) throw failure('step-failed', { step: 'confirm', server: name }, { server: name });
      if (!(await passedOutside(loggedLink(ground, step.signal), step, session, name, status))) refuseBroken(status, name);
      return false;
    };
    // Mostly it is there at once; a large backlog is waited for, and shown as such.
    const soon = await waitUntil(arrived, { everyMs: 50, limitMs: 5000, signal: step.signal });
    if (!soon) await step.waitFor(message('sync.step.waitCatchUp', { server: standby }), arrived);
    const there = await proofToken(session, !session.dialect.features.keepsFilteredGtids);
    if (there !== token) throw failure('step-failed', { step: 'confirm', server: name }, { server: name });
    await keepAccountsChanged(ground, step, session, name);
  });
}
