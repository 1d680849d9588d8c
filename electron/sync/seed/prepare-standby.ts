import * as v from 'valibot';
import type { Seed } from '../../../shared/domain/sync/sync';
import type { LastingChange } from '../../mysql/dialect/variables';
import type { Session, Statement } from '../../mysql/types';
import { memoryKey } from '../../tasks/memory';
import type { StepContext } from '../../tasks/types';
import { unlogged, withEnd, writableSession, type Another } from '../../replication/read-only';
import { writerSession } from '../../copy/snapshot/sessions';
import { clearMark } from '../../copy/marker';
import { isOn } from './standby-settings';
import { executedOn } from '../../replication/gtid';
import { setPosition } from '../../replication/position';
import { onStandby } from '../../replication/link-context';
import { copyJob } from '../../copy/job';
import { setFilters } from '../../replication/applier';
import { globalVariable } from '../../mysql/reading';
import type { SyncContext } from '../run/context';
import { disableOnReplica } from '../../replication/events';

/** Seconds without a word from the source after which the standby takes the link for broken (the default is 60). */
const netTimeoutSeconds = 8;

/** How the standby was before, and whether its position was set here. */
export const prepared = memoryKey('prepared', v.object({
  positioned: v.boolean(), readOnly: v.boolean(), superReadOnly: v.boolean(), netTimeout: v.nullable(v.string()),
  skipStart: v.boolean(),
}));

/**
 * Makes the seeded server a standby to be: gtid_purged at the position of the copy, the filters of the scope, no start of
 * replication by itself where filters would be lost, no enabled events, short time limits, read-only for good.
 *
 * `gtidSet`: the position of a copy; null where the seed left the position right (clone, adopt).
 */
export async function prepareStandby(ground: SyncContext, step: StepContext, seed: Seed, gtidSet: string | null): Promise<void> {
  const { scope } = ground.spec;
  await onStandby(ground, step, async (session, name) => {
    const { dialect } = session;
    const run = (statement: Statement): Promise<unknown> => step.sql(session, name, statement);
    if (step.recall(prepared) === undefined) {
      await step.remember(prepared, {
        positioned: gtidSet !== null,
        readOnly: isOn(await globalVariable(session, 'read_only')),
        superReadOnly: isOn(await globalVariable(session, 'super_read_only')),
        netTimeout: await globalVariable(session, 'replica_net_timeout'),
        skipStart: isOn(await globalVariable(session, 'skip_replica_start')),
      });
    }
    // On from an interruption it may be closed already.
    if (seed !== 'adopt' && isOn(await globalVariable(session, 'super_read_only'))) await run(dialect.setGlobal('super_read_only', false));
    if (gtidSet !== null) await setPosition(session, name, step, gtidSet);
    if (seed !== 'copy') await disableEvents(session, name, step, (again) => ground.fleet.withSession(ground.spec.standbyId, again));
    if (scope.kind === 'partial') {
      await applyLasting(step, session, name, dialect.setSkipReplicaStart(true));
      // Before 5.7.3 they are lines of the option file: the start of the link compares them.
      await setFilters(session, name, step, scope);
    }
    await applyLasting(step, session, name, dialect.setLasting('replica_net_timeout', netTimeoutSeconds));
    if (seed === 'copy') await clearOwnMark(ground, step);
    for (const statement of dialect.setReadOnly(true, true).statements) await run(statement);
    tellConfigLines(step, name, dialect.setReadOnly(true, true).configLines);
  });
}

async function clearOwnMark(ground: SyncContext, step: StepContext): Promise<void> {
  const job = copyJob(ground, step);
  const writer = await writerSession(job.target, step.signal);
  try {
    await clearMark(job, writer);
  } finally {
    await writer.close();
  }
}

/** Events that a clone or a restored backup brought along enabled would run here and write. */
async function disableEvents(session: Session, name: string, step: StepContext, another: Another): Promise<void> {
  const run = (statement: string | Statement): Promise<unknown> => step.sql(session, name, statement);
  const [some] = await session.query("SELECT 1 AS found FROM information_schema.EVENTS WHERE STATUS = 'ENABLED' LIMIT 1");
  if (some === undefined) return;
  const asBefore = (): Promise<unknown> => session.run("SET SESSION sql_mode = '', time_zone = '+00:00'");
  await unlogged(writableSession(session, run, another), () => withEnd(() => disableOnReplica(session, run), asBefore));
}

async function applyLasting(step: StepContext, session: Session, name: string, change: LastingChange): Promise<void> {
  for (const statement of change.statements) await step.sql(session, name, statement);
  tellConfigLines(step, name, change.configLines);
}

/** What the server cannot keep itself over a restart, the user must write down. */
function tellConfigLines(step: StepContext, server: string, lines: readonly string[]): void {
  if (lines.length > 0) step.log('warning', 'sync.log.configLines', { server, lines: lines.join('; ') });
}

/** Takes back what `prepareStandby` did; the position only where it was set here: without the data it would be a lie. */
export async function undoPrepare(ground: SyncContext, step: StepContext): Promise<void> {
  const before = step.recall(prepared);
  if (before === undefined) return;
  await onStandby(ground, step, async (session, name) => {
    const { dialect } = session;
    const run = (statement: Statement): Promise<unknown> => step.sql(session, name, statement);
    for (const statement of dialect.setReadOnly(false, false).statements) await run(statement);
    if (dialect.features.hasSetPersist) {
      for (const variable of ['super_read_only', 'read_only', 'replica_net_timeout']) await run(dialect.resetPersist(variable));
      const isPersisted = ground.spec.scope.kind === 'partial' && dialect.features.hasSkipReplicaStartVariable;
      if (isPersisted && !before.skipStart) await run(dialect.resetPersist('skip_replica_start'));
    }
    if (ground.spec.scope.kind === 'partial') await setFilters(session, name, step, { kind: 'instance' });
    if (before.netTimeout !== null) await run(dialect.setGlobal('replica_net_timeout', Number(before.netTimeout)));
    if (before.positioned && !(await executedOn(session)).isEmpty()) await run(dialect.resetBinaryLogsAndGtids());
    // Closed to ordinary clients as the seed had it; its own undo opens the server where it was open before.
    if (before.readOnly) await run(dialect.setGlobal('read_only', true));
    if (before.superReadOnly && dialect.features.hasSuperReadOnly) await run(dialect.setGlobal('super_read_only', true));
  });
  await step.forget(prepared);
}
