import { hasReached, type BinlogPoint, type GtidMember } from '../../../shared/domain/operations/gtid-change';
import type { ReplicaChannel } from '../../../shared/domain/fleet/facts';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { isRefusal, numberOf, Reading, textOf } from '../../mysql/reading';
import { readChannels } from '../../mysql/status/channels';
import type { Session } from '../../mysql/types';
import type { StepContext } from '../../tasks/types';
import { readAnonymous } from './topology';
import type { GtidWork } from './work';

const everyMs = 250;
const shortMs = 15_000;

const readingOf = (session: Session): Reading => new Reading(session, { timeoutMs: shortMs });

/** The state of one channel now; null: it is not configured any more. */
export async function channelOf(work: GtidWork, id: string, name: string): Promise<ReplicaChannel | null> {
  const { channels } = await work.on(id, (session) => readChannels(readingOf(session), null));
  return channels.find((channel) => channel.name === name) ?? null;
}

/**
 * Waits until no transaction without a GTID is under way on a server. A replica may show some again afterwards, from its
 * relay log: what counts is that it was 0 once. Manual: "Enabling GTID Transactions Online".
 */
export async function untilNoAnonymous(work: GtidWork, step: StepContext, member: GtidMember): Promise<void> {
  const count = async (): Promise<number> => (await work.on(member.id, (session) => readAnonymous(readingOf(session)))) ?? 0;
  await work.sql(step, member, () => "SHOW GLOBAL STATUS LIKE 'Ongoing_anonymous_transaction_count'");
  for (let now = await count(); now > 0; now = await count()) {
    const shown = now;
    const who = await work.on(member.id, anonymousSessions);
    await step.waitFor(message('gtid.wait.anonymous', { server: member.name, count: shown, who }), async () => (await count()) !== shown, { everyMs });
  }
}

/** Whose transactions without a GTID are under way, for the user to end or to wait for; '' where the server does not tell. */
async function anonymousSessions(session: Session): Promise<string> {
  if (!session.dialect.features.hasApplierTimestamps) return '';
  try {
    const rows = await session.query(
      "SELECT t.PROCESSLIST_ID AS id, COALESCE(t.PROCESSLIST_USER, t.NAME) AS user, t.PROCESSLIST_HOST AS host " +
        "FROM performance_schema.events_transactions_current e JOIN performance_schema.threads t USING (THREAD_ID) WHERE e.STATE = 'ACTIVE' " +
        "AND e.GTID = 'ANONYMOUS'",
    );
    const from = (host: unknown): string => (host === null ? '' : `@${textOf(host) ?? '?'}`);
    return rows.map((row) => `${textOf(row['user']) ?? '?'}${from(row['host'])} #${numberOf(row['id']) ?? '?'}`).join('; ');
  } catch (thrown) {
    // A login that may not read it still sees the count; the name is a help, not a condition.
    if (!isRefusal(thrown)) throw thrown;
    return '';
  }
}

/** Where a server's binary log ends now; null: it writes none, and nobody follows it. */
async function endOfLog(work: GtidWork, step: StepContext, member: GtidMember): Promise<BinlogPoint | null> {
  const [row] = await work.sql(step, member, ({ dialect }) => dialect.showBinaryLogStatus());
  const [file, position] = [textOf(row?.['File']), numberOf(row?.['Position'])];
  return file === null || position === null ? null : { file, position };
}

/**
 * Waits until every replica has applied what the binary log of the server it follows holds now: first those of the
 * sources, then their replicas in turn. Manual: "Verifying Replication of Anonymous Transactions".
 *
 * `patient`: a replica that is stopped is waited for, with its own words; otherwise it is a failure.
 */
export async function untilApplied(work: GtidWork, step: StepContext, level: readonly GtidMember[], patient: boolean): Promise<void> {
  for (const source of level) {
    const replicas = work.input.members.flatMap((replica) =>
      replica.links.filter(({ sourceId }) => sourceId === source.id).map(({ channel }) => ({ replica, channel })),
    );
    if (replicas.length === 0) continue;
    const end = await endOfLog(work, step, source);
    if (end === null) continue;
    for (const { replica, channel } of replicas) await untilReached(work, step, { source, replica, channel, end, patient });
  }
}

interface Wait {
  readonly source: GtidMember;
  readonly replica: GtidMember;
  readonly channel: string;
  readonly end: BinlogPoint;
  readonly patient: boolean;
}

async function untilReached(work: GtidWork, step: StepContext, { source, replica, channel, end, patient }: Wait): Promise<void> {
  const look = async (): Promise<{ reached: boolean; trouble: string }> => {
    const now = await channelOf(work, replica.id, channel);
    if (now === null) throw failure('not-a-standby', { name: replica.name }, { server: replica.name });
    const at = now.relaySourceLogFile === null ? null : { file: now.relaySourceLogFile, position: now.execSourceLogPosition ?? 0 };
    const trouble = now.applier === 'running' ? (now.receiverError?.text ?? '') : (now.applierError?.text ?? `Replica_SQL_Running: No`);
    return { reached: at !== null && hasReached(at, end), trouble };
  };
  await work.sql(step, replica, ({ dialect }) => dialect.showReplicaStatus(channel));
  for (let now = await look(); !now.reached; now = await look()) {
    const { trouble } = now;
    if (trouble !== '' && !patient) throw failure('step-failed', { step: 'drain', server: replica.name }, { server: replica.name, detail: trouble });
    const what = message(
      trouble === '' ? 'gtid.wait.applied' : 'gtid.wait.replica',
      { replica: replica.name, source: source.name, file: end.file, position: end.position, detail: trouble },
    );
    await step.waitFor(what, async () => {
      const next = await look();
      return next.reached || next.trouble !== trouble;
    }, { everyMs });
  }
}

/** Waits until no transaction of a server holds a GTID that is not committed yet. */
export async function untilNoneOwned(work: GtidWork, step: StepContext, member: GtidMember): Promise<void> {
  await work.sql(step, member, () => 'SELECT @@GLOBAL.gtid_owned');
  const owned = async (): Promise<boolean> => {
    const [row] = await work.on(member.id, (session) => session.query<{ owned: string }>('SELECT @@GLOBAL.gtid_owned AS owned'));
    return row?.owned === '';
  };
  if (!(await owned())) await step.waitFor(message('gtid.wait.owned', { server: member.name }), owned, { everyMs });
}
