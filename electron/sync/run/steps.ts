import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { replicationEndpoint } from '../../../shared/domain/fleet/instance';
import { parseGtidSet } from '../../../shared/domain/gtid/set';
import { ownSchema, type Scope } from '../../../shared/domain/scope/scope';
import { filtersMatch } from '../../../shared/domain/scope/filters';
import { workerFailures } from '../../mysql/applier-failures';
import { sleep, waitUntil } from '../../mysql/time';
import type { Session, Statement } from '../../mysql/types';
import { memoryKey } from '../../tasks/memory';
import type { StepContext } from '../../tasks/types';
import { bothOfferTls, loginFor } from './account';
import { onHead, untilOnSource } from './cascade';
import { onSource, onStandby, serverUuid, sourceOf, standbyOf, type Ground } from './context';
import { passOutsideStatement } from '../link/outside-statements';
import { executedOn } from '../seed/prepare-standby';

/** What one row of SHOW REPLICA STATUS says, in words that do not depend on the version. */
export interface LinkStatus {
  readonly host: string;
  readonly port: number;
  readonly receiver: string;
  readonly receiverErrno: number;
  readonly receiverError: string;
  readonly applierRuns: boolean;
  /** Nothing that was received waits to be read by the applier. */
  readonly hasReadAll: boolean;
  readonly applierError: string;
  /** The applier ends by itself at some point (START REPLICA UNTIL). */
  readonly hasEnd: boolean;
}

/** A column of SHOW REPLICA STATUS as text, by its name of today, whatever the version calls it. */
export function statusText(row: Readonly<Record<string, unknown>>, name: string): string {
  const value = row[name] ?? row[name.replace('Replica', 'Slave').replace('Source', 'Master')];
  return value === null || value === undefined ? '' : String(value);
}

/** The standby's link as it stands; null: none is set up. */
export async function linkStatus(session: Session): Promise<LinkStatus | null> {
  const [row] = await session.query(session.dialect.showReplicaStatus());
  if (row === undefined) return null;
  const text = (name: string): string => statusText(row, name);
  return {
    host: text('Source_Host'),
    port: Number(text('Source_Port')),
    receiver: text('Replica_IO_Running'),
    receiverErrno: Number(text('Last_IO_Errno')),
    receiverError: text('Last_IO_Error'),
    applierRuns: text('Replica_SQL_Running') === 'Yes',
    hasReadAll: /has read all relay log/i.test(text('Replica_SQL_Running_State')),
    hasEnd: !['', 'None'].includes(text('Until_Condition')),
    applierError: await applierErrorOf(session, row),
  };
}

/** With several workers the status names only their coordinator, or the one that failed last; what happened is with the workers. */
async function applierErrorOf(session: Session, row: Readonly<Record<string, unknown>>): Promise<string> {
  const status = statusText(row, 'Last_SQL_Error');
  if (status === '') return '';
  const [first] = await workerFailures(session, statusText(row, 'Channel_Name'));
  return first?.error ?? status;
}

/** The link that stands on the standby is this task's. */
export const linkSet = memoryKey('linkSet', v.boolean());

/**
 * Points the standby at the source (GTID auto-position, TLS where both offer it, short retry and heartbeat), starts it
 * and waits until receiver and applier run. A receiver that cannot connect is waited for, with the server's text: the
 * seed is not thrown away for a firewall rule.
 *
 * @throws Failure `step-failed` where the applier stops or the source has no longer what the standby needs
 */
export async function startLink(ground: Ground, step: StepContext): Promise<void> {
  const source = sourceOf(ground);
  const login = await loginFor(ground, step);
  const encrypted = await bothOfferTls(ground, step);
  const { host, port } = replicationEndpoint(source);
  await onStandby(ground, step, async (session, name) => {
    const { dialect } = session;
    const before = await linkStatus(session);
    if (before !== null) {
      // Ours, from before the task was interrupted or paused; preconditions refused any other.
      await step.sql(session, name, dialect.stopReplica());
    }
    await step.remember(linkSet, true);
    const settings = {
      host,
      port,
      user: login.user,
      password: login.password,
      autoPosition: true,
      tls: { enabled: encrypted },
      getPublicKey: !encrypted,
      connectRetrySeconds: 3,
      // For ever: since 8.4 the default is ten attempts, and a night without a network would end the link.
      retryCount: 0,
      heartbeatSeconds: 2,
    };
    await step.sql(session, name, dialect.changeReplicationSource(settings));
    await refuseOtherFilters(ground, step, name);
    await step.sql(session, name, dialect.startReplica());
    await untilRunning(ground, step, session, name);
  });
}

/**
 * A link never starts with other filters than those of its scope: before 5.7.3 they come from the option file, and only
 * a server that knows a source shows which it has.
 *
 * @throws Failure `checks-failed` naming the check with the lines for the option file
 */
async function refuseOtherFilters({ fleet, spec }: Ground, step: StepContext, name: string): Promise<void> {
  if (spec.scope.kind === 'instance') return;
  const live = (await fleet.readFacts(spec.standbyId, step.signal)).channels[0]?.filters;
  if (live === undefined || !filtersMatch(spec.scope, live)) {
    const detail = `replicate_wild_do_table: ${live?.wildDoTable.join(', ') ?? ''}`;
    throw failure('checks-failed', { count: 1, first: 'obj.filter' }, { server: name, detail });
  }
}

/** A receiver that has said nothing for so long is waited for openly. */
const quietMs = 3000;

/** Waits until receiver and applier run. Why the receiver does not connect is told once for each reason: its text counts its attempts. */
export async function untilRunning({ spec }: Pick<Ground, 'spec'>, step: StepContext, session: Session, name: string): Promise<void> {
  const quietUntil = performance.now() + quietMs;
  for (;;) {
    const status = await linkStatus(session);
    if (status === null) throw failure('step-failed', { step: 'link', server: name }, { server: name });
    if (await passedOutside(spec.scope, step, session, name, status)) continue;
    refuseBroken(status, name);
    if (runs(status)) return;
    const shown = status.receiverError;
    if (shown === '' && performance.now() < quietUntil) {
      await sleep(100, step.signal);
      continue;
    }
    // START REPLICA returns once the applier runs: somebody has stopped it since, and nothing would start it again.
    if (status.receiver === 'Yes') throw failure('step-failed', { step: 'link', server: name }, { server: name, detail: 'Replica_SQL_Running: No' });
    if (shown !== '') step.log('warning', 'sync.log.receiver', { detail: shown });
    await step.waitFor(message('sync.step.waitReceiver', { server: name, detail: shown }), async () => {
      const now = await linkStatus(session);
      return now === null || runs(now) || now.receiver !== status.receiver || now.receiverErrno !== status.receiverErrno || now.applierError !== '';
    });
  }
}

/** Passes over a statement that stopped the applier although it is none of this standby's; true where it did. */
export async function passedOutside(scope: Scope, step: StepContext, session: Session, name: string, status: LinkStatus, start?: Statement): Promise<boolean> {
  if (status.applierError === '') return false;
  const passed = await passOutsideStatement(session, scope, status.applierError, (statement) => step.sql(session, name, statement), start);
  if (passed !== null) step.log('info', 'sync.log.passedOutside', { ...passed });
  return passed !== null;
}

function runs(status: LinkStatus): boolean {
  return status.receiver === 'Yes' && status.applierRuns;
}

/** Whether receiver and applier of the standby run. */
export async function linkRunsOn(session: Session): Promise<boolean> {
  const status = await linkStatus(session);
  return status !== null && runs(status);
}

/** Whether they run, and the applier to no end that was set for it. */
export async function goesOnWithoutEnd(session: Session): Promise<boolean> {
  const status = await linkStatus(session);
  return status !== null && runs(status) && !status.hasEnd;
}

/** 1236: the source purged what the standby needs. A stopped applier will not start by itself either. */
export function refuseBroken(status: LinkStatus, name: string): void {
  const receiverGaveUp = status.receiver === 'No' && status.receiverErrno !== 0;
  const detail = status.applierError !== '' ? status.applierError : receiverGaveUp ? status.receiverError : '';
  if (detail !== '') throw failure('step-failed', { step: 'link', server: name }, { server: name, detail });
}

/** Takes the link off the standby where this task set it. */
export async function undoLink(ground: Ground, step: StepContext): Promise<void> {
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
export async function ensureProofTable(ground: Ground, step: StepContext): Promise<void> {
  const isThere = async (session: Session): Promise<boolean> =>
    (await session.query("SELECT 1 AS found FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = 'link_proof'", [ownSchema])).length > 0;
  if (await onSource(ground, step, isThere)) return;
  await onHead(ground, step, async (session, name) => {
    await step.sql(session, name, `CREATE DATABASE IF NOT EXISTS ${ownSchema}`);
    await step.sql(session, name, `CREATE TABLE IF NOT EXISTS ${linkProof} (standby CHAR(36) CHARACTER SET ascii NOT NULL PRIMARY KEY, token CHAR(36) CHARACTER SET ascii NOT NULL, at_utc DATETIME(6) NOT NULL) ENGINE = InnoDB`);
  });
  await untilOnSource(ground, step, isThere);
}

/** What the row of this standby says on the standby itself. */
async function proofToken(session: Session): Promise<string | null> {
  const [row] = await session.query<{ token: string }>(`SELECT token FROM ${linkProof} WHERE standby = @@GLOBAL.server_uuid`);
  return row?.token ?? null;
}

/**
 * The proof that the link works: a row written for this standby on the source (or on the primary that the source follows) is
 * awaited on the standby by its GTID and read there.
 *
 * @throws Failure `step-failed` where the applier stops on the way or another row arrives
 */
export async function confirmLink(ground: Ground, step: StepContext): Promise<void> {
  const token = randomUUID();
  const uuid = await onStandby(ground, step, serverUuid);
  const target = await onHead(ground, step, async (session, name) => {
    await step.sql(session, name, `REPLACE INTO ${linkProof} (standby, token, at_utc) VALUES (?, ?, UTC_TIMESTAMP(6))`, [uuid, token]);
    return executedOn(session);
  });
  const standby = standbyOf(ground).name;
  await onStandby(ground, step, async (session, name) => {
    const wanted = parseGtidSet(target);
    const arrived = async (): Promise<boolean> => {
      // Old versions leave no trace of some filtered statements in gtid_executed: there the row itself is the proof.
      if (!session.dialect.features.keepsFilteredGtids && (await proofToken(session)) === token) return true;
      if (wanted.isSubsetOf(parseGtidSet(await executedOn(session)))) return true;
      const status = await linkStatus(session);
      if (status === null) throw failure('step-failed', { step: 'confirm', server: name }, { server: name });
      if (!(await passedOutside(ground.spec.scope, step, session, name, status))) refuseBroken(status, name);
      return false;
    };
    // Mostly it is there at once; a large backlog is waited for, and shown as such.
    const soon = await waitUntil(arrived, { everyMs: 50, limitMs: 5000, signal: step.signal });
    if (!soon) await step.waitFor(message('sync.step.waitCatchUp', { server: standby }), arrived);
    if ((await proofToken(session)) !== token) throw failure('step-failed', { step: 'confirm', server: name }, { server: name });
  });
}
