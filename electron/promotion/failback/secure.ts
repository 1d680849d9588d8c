import { message } from '../../../shared/i18n/message';
import type { Dialect } from '../../mysql/dialect/dialect';
import type { LastingChange } from '../../mysql/dialect/variables';
import type { Statement } from '../../mysql/types';
import { replicaStatus } from '../../replication/status';
import type { Server } from '../../replication/servers';
import type { Step, StepContext } from '../../tasks/types';
import { fenceForGood } from '../steps/fence-alone';
import type { FailbackWork } from './work';

/** What makes a returned primary safe besides its fence: nothing runs there by itself, and nothing of its binary log goes. */
export function quietingOf(dialect: Dialect): readonly LastingChange[] {
  return [dialect.setLasting('event_scheduler', 'OFF'), dialect.setBinlogExpire(0)];
}

/**
 * The old primary is back: it is not attached to anything, but closed for good, its links stopped, its events off, and its binary log kept,
 * since that is the only account of what was lost. There is no undo: whatever becomes of the failback, the fence stays.
 */
export function secureStep(work: FailbackWork): Step {
  return { id: 'secure', title: message('failback.step.secure', { server: work.input.oldName }), run: (context) => secure(work, context) };
}

async function secure(work: FailbackWork, context: StepContext): Promise<void> {
  const old = work.old(context);
  const { configLines } = await fenceForGood(work.sessions, old);
  const lines = [...configLines];
  for (const statement of await stopping(old)) await old.sql('control', statement);
  for (const change of quietingOf(await old.dialect())) {
    await old.all('control', change.statements);
    lines.push(...change.configLines);
  }
  for (const line of lines) context.log('warning', 'promotion.note.config-line', { server: old.name, line });
  await work.fleet.refresh(old.id);
}

/** One STOP REPLICA for each link that does something. */
async function stopping(server: Server): Promise<readonly Statement[]> {
  const { stopReplica } = await server.dialect();
  const links = await replicaStatus(await server.reader());
  return links.filter(({ receiver, applierRuns }) => receiver !== 'stopped' || applierRuns).map(({ channel }) => stopReplica({ channel }));
}
