// A backup is proven by restoring it.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { failure } from '../../shared/errors/codes';
import { message } from '../../shared/i18n/message';
import type { End, WriteJob } from '../copy/snapshot/sessions';
import { connect } from '../mysql/session/session';
import type { StepContext, TaskDefinition } from '../tasks/types';
import { versionIn } from './manifest';
import { chosenTables, wholeChoice } from './restore/choice';
import { refuseOldMoments } from './restore/old-moments';
import type { OpenBackup } from './restore/open';
import { compareAll } from './restore/rows';
import { restoreAll } from './restore/run';
import type { BackupParts, PracticeServer } from './types';
import { backupKey } from './uses';
import { checkFiles, looked, practiceFolder, type Found, type LookInput } from './verify';

/** The task that restores all of a backup into a practice server of this machine and compares the content; the server is gone afterwards. */
export function proveRun({ dataFolder, practice, clock }: BackupParts, input: LookInput, backup: OpenBackup | null, found: Found): TaskDefinition {
  // A step that went well proves nothing before the last one.
  const onlyBad: Found = (id, finding) => {
    if (!finding.ok) found(id, finding);
  };
  let server: PracticeServer | null = null;
  const opened = (): OpenBackup => {
    if (backup === null) throw failure('backup-passphrase', { name: input.id });
    return backup;
  };
  const running = (): PracticeServer => {
    if (server === null) throw failure('internal', { detail: 'a proof without its server' });
    return server;
  };
  const remove = async (): Promise<void> => {
    await server?.remove();
    server = null;
  };
  return {
    kind: 'backup-prove',
    name: input.instanceName,
    instanceIds: input.instanceId === '' ? [] : [input.instanceId],
    keepsNobodyOut: true,
    input,
    steps: [
      {
        id: 'check',
        title: message('backup.step.check', { name: input.id }),
        async run(step) {
          await step.remember(backupKey, input.id);
          await looked(input.id, async () => {
            refuseOldMoments(opened().manifest, wholeChoice);
            await checkFiles(opened(), step);
          }, clock, onlyBad);
        },
      },
      {
        id: 'practice',
        title: message('backup.step.practice'),
        async run() {
          const { manifest } = opened();
          const folder = join(practiceFolder(dataFolder), `${process.pid}-${randomUUID()}`);
          server = await practice.start(versionIn(manifest), manifest.server.lowerCaseTableNames, folder);
        },
        undo: remove,
      },
      {
        id: 'restore',
        title: message('backup.step.restore', { name: practiceName }),
        run: (step) => looked(input.id, () => restoreAll(jobOf(step, running()), opened(), wholeChoice), clock, onlyBad),
      },
      {
        id: 'compare',
        title: message('backup.step.compare', { name: practiceName }),
        run: (step) => looked(input.id, () => compareAll(jobOf(step, running()), opened(), chosenTables(opened().manifest, wholeChoice)), clock, found),
      },
    ],
    close: remove,
  };
}

const practiceName = 'practice';

function jobOf(step: StepContext, { target }: PracticeServer): WriteJob {
  const end: End = {
    name: practiceName,
    connect: (options) => connect(target, { queryTimeoutMs: Infinity, label: practiceName, ...options }),
    target: async () => target,
  };
  return { step, target: end };
}
