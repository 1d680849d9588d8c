import { parseGtidSet, type GtidSet } from '../../../shared/domain/gtid/set';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import type { Dialect } from '../../mysql/dialect/dialect';
import type { Statement } from '../../mysql/types';
import { sleep } from '../../mysql/time';
import type { Server } from '../../replication/servers';
import { linkStatus, type ReplicaStatus } from '../../replication/status';
import type { Step, StepContext } from '../../tasks/types';
import type { Scope } from '../../../shared/domain/scope/scope';
import { startApplier } from './applier';
import { memory } from '../memory';
import type { EmergencyWork } from './context';

const STOP_LIMIT_MS = 10_000;
/** For how long a receiver that was just started may have come to no verdict. */
const VERDICT_LIMIT_MS = 5000;
const LOOK_MS = 50;

/** What sets the delay of a link, in order; the receiver runs or tries to connect throughout. */
export function delayChange(dialect: Dialect, seconds: number, channel: string): readonly Statement[] {
  return [
    dialect.stopReplica({ threads: 'applier', channel }),
    dialect.changeReplicationSource({ delaySeconds: seconds }, channel),
    dialect.startReplica({ threads: 'applier', channel }),
  ];
}

/**
 * 0. The delay of the standby is ended, so that what was received is applied now. With both threads stopped a change of it deletes the
 * relay logs, which may be the last copy: before anything is changed the receiver is seen not to be stopped, and is started where it is
 * (of a source that is gone it goes on trying to connect, which is enough). Manual: "CHANGE REPLICATION SOURCE TO Statement".
 */
export function endDelayStep(work: EmergencyWork): Step {
  const scope = (): Scope => work.deps.scopeOf(work.input.standbyId);
  return {
    id: 'end-delay',
    title: message('promotion.step.end-delay'),
    async run(context) {
      const standby = work.standby(context);
      await context.remember(memory.delay, work.input.endsDelay);
      await changeDelay(context, standby, 0, scope());
    },
    async undo(context) {
      const delay = context.recall(memory.delay);
      const standby = work.standby(context);
      if (delay === undefined) return;
      await changeDelay(context, standby, delay, scope());
      if (context.recall(memory.receiverStarted) !== true) return;
      const { channel } = await linkOf(standby);
      await standby.sql('control', (await standby.dialect()).stopReplica({ threads: 'receiver', channel }), [], { timeoutMs: STOP_LIMIT_MS });
    },
  };
}

/** What the change of a delay needs of the work it is a part of: the cancel, and that a started receiver is kept in mind. */
type Changing = Pick<StepContext, 'signal' | 'remember'>;

/**
 * Sets the delay of the only link of a server, which carries `scope`.
 *
 * @throws Failure `step-failed` where the receiver does not stay up, or something of the relay logs went
 */
export async function changeDelay(context: Changing, standby: Server, seconds: number, scope: Scope): Promise<void> {
  const { channel } = await withReceiver(context, standby);
  const [stop, change] = delayChange(await standby.dialect(), seconds, channel);
  if (stop === undefined || change === undefined) return;
  await standby.sql('control', stop, [], { timeoutMs: STOP_LIMIT_MS });
  const before = await linkOf(standby);
  // Nothing but this look keeps the relay logs: with no thread left the change deletes them.
  if (before.receiver === 'stopped') {
    await startApplier(standby, scope, channel);
    throw failure('step-failed', { step: 'end-delay', server: standby.name }, { server: standby.name, detail: before.receiverError });
  }
  await standby.sql('control', change);
  const after = await linkOf(standby);
  await startApplier(standby, scope, channel);
  const gone = receivedOf(before).subtract(receivedOf(after));
  if (!gone.isEmpty()) throw failure('step-failed', { step: 'end-delay', server: standby.name }, { server: standby.name, detail: gone.toLine() });
}

const receivedOf = ({ received }: ReplicaStatus): GtidSet => parseGtidSet(received);

async function linkOf(standby: Server): Promise<ReplicaStatus> {
  const status = await linkStatus(await standby.reader());
  if (status === null) throw failure('not-a-standby', { name: standby.name });
  return status;
}

/** The link with a receiver that runs or goes on trying; one that stopped on its own a moment after its start is none. */
async function withReceiver(context: Changing, standby: Server): Promise<ReplicaStatus> {
  const link = await linkOf(standby);
  if (link.receiver !== 'stopped') return link;
  await context.remember(memory.receiverStarted, true);
  await standby.sql('control', (await standby.dialect()).startReplica({ threads: 'receiver', channel: link.channel }));
  for (const began = performance.now(); ; await sleep(LOOK_MS, context.signal)) {
    const now = await linkOf(standby);
    const isSettled = now.receiver === 'running' || now.receiverErrno !== 0;
    if (isSettled || performance.now() - began > VERDICT_LIMIT_MS) return now;
  }
}
