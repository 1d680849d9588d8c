// A backup read again, and a backup restored to see whether it can be.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import type { BackupFinding } from '../../shared/domain/backup/backup';
import { errorOf, failure, type AppError } from '../../shared/errors/codes';
import { message } from '../../shared/i18n/message';
import { Pump } from '../copy/rows/pump';
import { shareOut } from '../copy/rows/workers';
import type { StepContext, TaskDefinition } from '../tasks/types';
import { backupKey } from './uses';
import { expectedFile, type OpenBackup } from './restore/open';

/** Threads that read files at the same time. */
const readersAtOnce = Math.max(1, Math.min(4, availableParallelism()));

/**
 * Reads every file of a backup and holds it against the manifest: each piece, the whole, and the count of rows.
 *
 * @throws Failure `backup-damaged` naming the file
 */
export async function checkFiles(backup: OpenBackup, step: StepContext): Promise<void> {
  const { files, tables } = backup.manifest;
  const rowsOf = new Map(tables.flatMap((table) => table.files.map((file) => [file.path, file])));
  const total = files.reduce((sum, { plainBytes }) => sum + plainBytes, 0);
  const began = performance.now();
  let done = 0;
  const moved = (bytes: number): void => {
    done += bytes;
    const seconds = (performance.now() - began) / 1000;
    const rate = seconds > 1 ? done / seconds : null;
    step.progress({ text: null, done, total, unit: 'bytes', rate, etaSeconds: rate === null || rate === 0 ? null : Math.round((total - done) / rate) });
  };
  const pumps = Array.from({ length: Math.min(readersAtOnce, files.length) }, () => Pump.start());
  try {
    await shareOut(pumps, [...files].sort((a, b) => b.plainBytes - a.plainBytes), async (pump, file) => {
      step.checkpoint();
      const rows = rowsOf.get(file.path);
      const found = await pump.check(expectedFile(backup, file), rows?.kind === 'lines', step.signal, moved);
      if (rows !== undefined && found.rows !== null && found.rows !== rows.rows) {
        throw failure('backup-damaged', { name: file.path, detail: `${found.rows} rows instead of ${rows.rows}` });
      }
    });
  } finally {
    for (const pump of pumps) await pump.close();
  }
}

/** The durable input of a look at a backup. */
export const lookInput = v.object({ id: v.string(), folder: v.string(), instanceId: v.string(), instanceName: v.string() });
export type LookInput = v.InferOutput<typeof lookInput>;

/** Told what a look found. A look that was cancelled, or for which something here is missing, found nothing. */
export type Found = (id: string, finding: BackupFinding) => void;

const speaksOfTheBackup: ReadonlySet<AppError['code']> = new Set<AppError['code']>([
  'backup-damaged', 'backup-old-moments', 'content-differs', 'query-failed', 'row-too-long',
]);

/** A finding out of how a look ended; null: it says nothing of the backup. */
export function findingOf(error: AppError | null, at: number): BackupFinding | null {
  if (error === null) return { at, ok: true, error: null };
  return speaksOfTheBackup.has(error.code) ? { at, ok: false, error } : null;
}

/** The task that reads a backup again. */
export function verifyRun(input: LookInput, backup: OpenBackup | null, clock: () => number, found: Found): TaskDefinition {
  return {
    kind: 'backup-verify',
    name: input.instanceName,
    instanceIds: input.instanceId === '' ? [] : [input.instanceId],
    keepsNobodyOut: true,
    input,
    steps: [{
      id: 'check',
      title: message('backup.step.check', { name: input.id }),
      async run(step) {
        await step.remember(backupKey, input.id);
        if (backup === null) throw failure('backup-passphrase', { name: input.id });
        await looked(input.id, () => checkFiles(backup, step), clock, found);
      },
    }],
  };
}

/** Runs a look and tells what it found, before its end is written anywhere. */
export async function looked(id: string, look: () => Promise<void>, clock: () => number, found: Found): Promise<void> {
  try {
    await look();
  } catch (thrown) {
    const finding = findingOf(errorOf(thrown), clock());
    if (finding !== null) found(id, finding);
    throw thrown;
  }
  found(id, { at: clock(), ok: true, error: null });
}

/** Where the practice server of a proof lives; it is named by the task's own backup, and swept away at the next start if it was left. */
export const practiceFolder = (dataFolder: string): string => join(dataFolder, 'practice');

