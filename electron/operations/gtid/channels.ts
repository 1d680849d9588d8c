import * as v from 'valibot';
import { hasReached, type BinlogPoint, type GtidMember } from '../../../shared/domain/operations/gtid-change';
import type { ReplicaChannel } from '../../../shared/domain/fleet/facts';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { memoryKey, type MemoryKey } from '../../tasks/memory';
import type { StepContext } from '../../tasks/types';
import { channelOf } from './waits';
import type { GtidWork } from './work';
import { gtidStanding } from '../../replication/gtid';

type Link = GtidMember['links'][number];

const everyMs = 250;
/** How long a link may take to connect after it was pointed anew; then it goes back to its file and position. */
const connectLimitMs = 60_000;
const point: v.GenericSchema<unknown, BinlogPoint> = v.object({ file: v.string(), position: v.number() });
/** Where a stopped replica had applied to before it was turned. */
export const positionKey = (replica: GtidMember, link: Link): MemoryKey<BinlogPoint> => memoryKey(`position/${replica.id}/${link.channel}`, point);

/** Whether this task turns the channel to auto-positioning; one that has it already is left alone. */
export const isTurned = (link: Link): boolean => !link.autoPosition;

/**
 * Turns a channel from file and position to GTID auto-positioning. First the replica must have everything that has a GTID
 * on the source now, so that it asks for nothing from the time before GTIDs; and nothing under the source's name that the
 * source does not have, as the source's own next transactions would then be skipped.
 */
export async function turnToAutoPosition(work: GtidWork, step: StepContext, replica: GtidMember, link: Link): Promise<void> {
  const before = await channelOf(work, replica.id, link.channel);
  if (before === null) throw failure('not-a-standby', { name: replica.name }, { server: replica.name });
  const source = work.member(link.sourceId);
  if (!before.autoPosition) {
    // Stopped by this very step, before the application died: what is still to come can only come while it runs.
    if (step.recall(positionKey(replica, link)) !== undefined) await start(work, step, replica, link);
    await untilComplete(work, step, source, replica);
    await work.sql(step, replica, ({ dialect }) => dialect.stopReplica({ channel: link.channel }));
    await rememberPosition(work, step, replica, link);
    await work.sql(step, replica, ({ dialect }) => dialect.changeReplicationSource({ autoPosition: true, ...heartbeatOf(before) }, link.channel));
  }
  await start(work, step, replica, link);
}

/** Some versions fall back to their own heartbeat period where it is not given again. */
function heartbeatOf({ heartbeatPeriodSeconds }: ReplicaChannel): { heartbeatSeconds?: number } {
  return heartbeatPeriodSeconds === null ? {} : { heartbeatSeconds: heartbeatPeriodSeconds };
}

async function untilComplete(work: GtidWork, step: StepContext, source: GtidMember, replica: GtidMember): Promise<void> {
  const wanted = (await work.on(source.id, gtidStanding)).executed;
  const complete = async (): Promise<boolean> => wanted.isSubsetOf((await work.on(replica.id, gtidStanding)).executed);
  if (!(await complete())) await step.waitFor(message('gtid.wait.complete', { replica: replica.name, source: source.name }), complete, { everyMs });
  const own = await work.on(replica.id, gtidStanding);
  const theirs = await work.on(source.id, gtidStanding);
  const ahead = own.executed.subtract(theirs.executed).onlyFrom(theirs.uuid);
  if (!ahead.isEmpty()) throw failure(
    'step-failed',
    { step: 'auto-position', server: replica.name },
    { server: replica.name, detail: `gtid_executed: ${ahead.toLine()}` },
  );
}

/** Where the stopped replica has applied to: the way back. Durable before anything is changed. */
async function rememberPosition(work: GtidWork, step: StepContext, replica: GtidMember, link: Link): Promise<void> {
  const stopped = await channelOf(work, replica.id, link.channel);
  const applied = pointOf(stopped);
  if (applied === null) throw failure(
    'step-failed',
    { step: 'auto-position', server: replica.name },
    { server: replica.name, detail: 'Relay_Source_Log_File is empty' },
  );
  await step.remember(positionKey(replica, link), applied);
}

function pointOf(channel: ReplicaChannel | null): BinlogPoint | null {
  return channel?.relaySourceLogFile === undefined || channel.relaySourceLogFile === null || channel.execSourceLogPosition === null
    ? null
    : { file: channel.relaySourceLogFile, position: channel.execSourceLogPosition };
}

/** Starts both threads and waits until they run. */
async function start(work: GtidWork, step: StepContext, replica: GtidMember, link: Link): Promise<void> {
  const runs = async (): Promise<boolean> => {
    const now = await channelOf(work, replica.id, link.channel);
    const broken = now?.applierError ?? (now?.receiver === 'stopped' ? now.receiverError : null);
    if (broken !== null && broken !== undefined) throw failure(
      'step-failed',
      { step: 'auto-position', server: replica.name },
      { server: replica.name, detail: broken.text },
    );
    return now?.receiver === 'running' && now.applier === 'running';
  };
  const now = await channelOf(work, replica.id, link.channel);
  if (now?.receiver === 'running' && now.applier === 'running') return;
  await work.sql(step, replica, ({ dialect }) => dialect.startReplica({ channel: link.channel }));
  await step.waitFor(message('gtid.wait.link', { replica: replica.name, source: work.member(link.sourceId).name }), runs, { everyMs, limitMs: connectLimitMs });
}

/**
 * Back to file and position: where the replica has applied to now, or where it stood before the change where it has not
 * connected since. Manual: "Disabling GTID Transactions Online".
 */
export async function turnToPosition(work: GtidWork, step: StepContext, replica: GtidMember, link: Link): Promise<void> {
  const remembered = step.recall(positionKey(replica, link)) ?? null;
  const now = await channelOf(work, replica.id, link.channel);
  if (now === null) throw failure('not-a-standby', { name: replica.name }, { server: replica.name });
  if (now.autoPosition) {
    await work.sql(step, replica, ({ dialect }) => dialect.stopReplica({ channel: link.channel }));
    const applied = pointOf(await channelOf(work, replica.id, link.channel));
    const there = applied !== null && (remembered === null || hasReached(applied, remembered)) ? applied : remembered;
    if (there === null) throw failure('undo-failed', { step: 'auto-position', server: replica.name }, { server: replica.name });
    await work.sql(step, replica, ({ dialect }) =>
      dialect.changeReplicationSource({ autoPosition: false, logFile: there.file, logPosition: there.position, ...heartbeatOf(now) }, link.channel),
    );
  }
  await start(work, step, replica, link);
}
