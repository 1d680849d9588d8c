// What is about to be undone is kept first: the whole dossier of it, every row before and after, in a file of the data folder.
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { parseGtidSet, type GtidSet } from '../../../shared/domain/gtid/set';
import { storageFailure } from '../../storage/storage-failure';
import { exported } from '../report/dossier/export';
import { readDossier } from '../report/dossier/reading';
import type { DossierStore } from '../report/dossier/store';
import type { FailbackWork } from './work';
import { refusal } from './undo-log';

/**
 * Keeps the dossier of exactly these transactions. Returns the path of the file, whole and on the disk.
 *
 * @throws Failure `storage-full`; `failback-undo-impossible` where a transaction could not be read; what reading either server throws
 */
export async function keepDossier(
  { dataFolder, clock }: { readonly dataFolder: string; readonly clock: () => number }, work: FailbackWork, lost: GtidSet, signal: AbortSignal,
): Promise<string> {
  const { oldId, oldName, successorId: newId, successorName: newName } = work.input;
  const root = join(dataFolder, 'failback-undo');
  const { serverUuid: formerUuid } = work.fleet.instance(oldId);
  const store = await readDossier(root, { oldId, oldName, newId, newName, formerUuid }, { loginOf: (id) => work.fleet.loginOf(id), clock }, signal);
  try {
    const { dossier } = store;
    const isWhole = dossier.transactions.unreadable === 0 && lost.isSubsetOf(parseGtidSet(dossier.set));
    if (!isWhole) throw refusal(oldName, 'unreadable', lost.shorten());
    const folder = join(dataFolder, 'failback-kept');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, `${new Date(clock()).toISOString().replaceAll(/[:.]/g, '-')}-${oldId}.json`);
    await write(store, path);
    return path;
  } finally {
    store.dispose();
  }
}

async function write(store: DossierStore, path: string): Promise<void> {
  const begun = `${path}.part`;
  try {
    const file = await open(begun, 'w', 0o600);
    try {
      const all = exported(store, { format: 'json', language: 'en', filter: {} }, () => Promise.reject(new RangeError('JSON asks no server')));
      for await (const text of all) await file.writeFile(text, 'utf8');
      await file.sync();
    } finally {
      await file.close();
    }
    renameSync(begun, path);
  } catch (thrown) {
    rmSync(begun, { force: true });
    throw storageFailure(thrown, path);
  }
}
