// A restore: what it drops, makes and proves, as a task.
import { dirname } from 'node:path';
import * as v from 'valibot';
import { restoreOrder } from '../../../shared/contract/inputs';
import { failure } from '../../../shared/errors/codes';
import { message } from '../../../shared/i18n/message';
import { removeCreated } from '../../copy/created-objects';
import { endOf } from '../../copy/job';
import { writerSession, type WriteJob } from '../../copy/snapshot/sessions';
import { isUnreachable } from '../../mysql/errors';
import { globalVariable } from '../../mysql/reading';
import { setPosition } from '../../replication/position';
import { memoryKey } from '../../tasks/memory';
import type { StepContext, TaskDefinition, TaskKindHandler } from '../../tasks/types';
import { backupsIn } from '../folder';
import { readOnlyAgain, readOnlyStatement } from '../read-only';
import type { BackupParts } from '../types';
import { backupKey } from '../uses';
import { checkFiles } from '../verify';
import { chosenTables } from './choice';
import { checkLater, followLog, isLater } from './later/apply';
import type { OpenBackup } from './open';
import { clear } from './clear';
import { refuseOldMoments } from './old-moments';
import { choiceOf } from './plan';
import { compareAll } from './rows';
import { restoreAll } from './run';

export const restoreInput = v.object({ folder: v.string(), order: restoreOrder });
export type RestoreInput = v.InferOutput<typeof restoreInput>;

/** local_infile was off before and was turned on for this. */
export const openedInfile = memoryKey('openedInfile', v.boolean());

const hour = 3_600_000;

/** The task that restores. `backup`: null after a crash, where it is only taken back. */
export function restoreRun(parts: BackupParts, input: RestoreInput, backup: OpenBackup | null): TaskDefinition {
  const { fleet } = parts;
  const { order } = input;
  const target = endOf(fleet, fleet.instance(order.targetId));
  const choice = choiceOf(order, backup?.manifest ?? null);
  const jobOf = (step: StepContext): WriteJob => ({ step, target });
  const closed = backup === null ? [] : readOnlyAgain(backup.manifest, choice);
  const opened = (): OpenBackup => {
    if (backup === null) throw failure('backup-passphrase', { name: order.backupId });
    return backup;
  };
  return {
    kind: 'restore',
    name: target.name,
    instanceIds: [order.targetId],
    input,
    steps: [
      {
        id: 'check',
        title: message('backup.step.check', { name: order.backupId }),
        // All that can fail is tried before anything is dropped: a damaged file among it.
        async run(step) {
          await step.remember(backupKey, order.backupId);
          refuseOldMoments(opened().manifest, choice);
          await checkFiles(opened(), step);
          await checkLater(parts, step, opened(), order, choice);
        },
      },
      {
        id: 'clear',
        title: message('backup.step.clear', { name: target.name }),
        run: (step) => clear(jobOf(step), opened(), order),
      },
      {
        id: 'restore',
        title: message('backup.step.restore', { name: target.name }),
        async run(step) {
          await openLocalInfile(jobOf(step));
          const { until } = order;
          await restoreAll(jobOf(step), opened(), choice, async () => {
            if (until === undefined || until === null) return;
            await compareAll(jobOf(step), opened(), chosenTables(opened().manifest, choice));
            await followLog(parts, jobOf(step), opened(), order, until, choice);
          });
          await closeLocalInfile(jobOf(step));
        },
        async undo(step) {
          const writer = await writerSession(target, step.signal, { logged: choice.logged });
          try {
            await removeCreated(jobOf(step), writer);
          } finally {
            await writer.close();
          }
          await closeLocalInfile(jobOf(step));
        },
        undoLimitMs: hour,
      },
      {
        id: 'compare',
        title: message('backup.step.compare', { name: target.name }),
        // What the log added to is compared before that.
        run: async (step) => (isLater(order) ? 'skipped' : compareAll(jobOf(step), opened(), chosenTables(opened().manifest, choice))),
      },
      ...(closed.length > 0 ? [{
        id: 'read-only',
        title: message('backup.step.readOnly', { name: target.name }),
        // Taken back with the restore, which opens what it made.
        run: (step: StepContext) => closeDatabases(jobOf(step), closed, choice.logged),
      }] : []),
      ...(order.asStandby ? [{
        id: 'position',
        title: message('backup.step.position', { name: target.name }),
        run: (step: StepContext) => fleet.withSession(order.targetId, (session) => setPosition(session, target.name, step, opened().manifest.gtidSet)),
      }] : []),
    ],
    async ended() {
      await fleet.refresh(order.targetId);
    },
  };
}

async function closeDatabases({ step, target }: WriteJob, databases: readonly string[], logged: boolean): Promise<'skipped' | void> {
  const writer = await writerSession(target, step.signal, { logged });
  try {
    if (!writer.dialect.features.hasReadOnlyDatabases) return 'skipped';
    for (const database of databases) await step.sql(writer, target.name, readOnlyStatement(database));
  } finally {
    await writer.close();
  }
}

/** Rows enter by LOAD DATA LOCAL: it is allowed for as long as that takes. */
export async function openLocalInfile({ step, target }: WriteJob): Promise<void> {
  const session = await target.connect({ signal: step.signal });
  try {
    if (['1', 'ON'].includes(String(await globalVariable(session, 'local_infile')).toUpperCase())) return;
    await step.remember(openedInfile, true);
    await step.sql(session, target.name, session.dialect.setGlobal('local_infile', true));
  } finally {
    await session.close();
  }
}

/** As it was before {@link openLocalInfile}. */
export async function closeLocalInfile({ step, target }: WriteJob): Promise<void> {
  if (step.recall(openedInfile) !== true) return;
  const session = await target.connect({ signal: step.signal });
  try {
    await step.sql(session, target.name, session.dialect.setGlobal('local_infile', false));
    await step.forget(openedInfile);
  } catch (thrown) {
    if (isUnreachable(thrown)) throw thrown;
    step.log('warning', 'backup.log.infileOpen', { name: target.name });
  } finally {
    await session.close();
  }
}

/** One that was interrupted is taken back: of the tables that were begun nobody knows how far they are. */
export function restoreHandler(parts: BackupParts): TaskKindHandler<RestoreInput> {
  return {
    kind: 'restore',
    input: restoreInput,
    rebuild: async (input) => restoreRun(parts, input, null),
    judge: async (view, { order, folder }) => {
      const name = parts.fleet.instance(order.targetId).name;
      const found = (await backupsIn(dirname(folder))).some((one) => one.folder === folder);
      const text = message(found ? 'backup.recover.restore' : 'backup.recover.restoreGone', { name, folder });
      return { verdict: 'can-undo', text: view.aftermath === null ? text : message('backup.recover.dropped', { folder, ...view.aftermath.params }) };
    },
  };
}
