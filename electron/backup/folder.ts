// Folders of backups on this machine.
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import { scope as scopeSchema } from '../../shared/contract/inputs';
import { failure } from '../../shared/errors/codes';
import { writeFailure } from '../copy/files/failures';
import { makeFolder } from '../storage/make-folder';
import { manifestName, manifestText, readManifest, whereFrom, type Manifest } from './manifest';

/** About so much of a table, as its server keeps it, is one file: small enough that all who work on a table end at about the same time. */
export const partBytes = 32 * 1024 * 1024;

/** Tells what a folder is to become as long as it has no manifest, and what it was where that cannot be read any more. */
const startedName = 'started.json';

const startedSchema = v.object({
  id: v.string(), instanceId: v.string(), instanceName: v.string(), startedAt: v.number(), scope: scopeSchema, encrypted: v.boolean(),
});
export type Started = v.InferOutput<typeof startedSchema>;

/** A folder that is, or was to become, a backup. */
export type FoundBackup = { readonly folder: string; readonly id: string } & (
  | { readonly state: 'whole'; readonly manifest: Manifest }
  | { readonly state: 'begun'; readonly started: Started | null }
  | { readonly state: 'damaged' | 'newer'; readonly detail: string; readonly told: Told }
);

/** What a folder whose manifest cannot be read tells all the same of where it is from. */
type Told = Pick<Started, 'instanceId' | 'instanceName' | 'startedAt'> & { readonly uuid: string };

/** What is in a place; one that cannot be read holds nothing. Never throws: a place may be on a disk that is not there. */
export async function backupsIn(place: string): Promise<readonly FoundBackup[]> {
  const entries = await readdir(place, { withFileTypes: true }).catch(() => []);
  const found: FoundBackup[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const one = await readBackup(join(place, entry.name));
    if (one !== null) found.push(one);
  }
  return found;
}

/** What a folder is; null: no backup, and never was to be one. */
export async function readBackup(folder: string): Promise<FoundBackup | null> {
  const id = basename(folder);
  const text = await readFile(join(folder, manifestName), 'utf8').catch((thrown: unknown) => thrown as NodeJS.ErrnoException);
  if (typeof text !== 'string') {
    if (text.code === 'ENOENT') return existsSync(join(folder, startedName)) ? { folder, id, state: 'begun', started: await readStarted(folder) } : null;
    return { folder, id, state: 'damaged', detail: text.message, told: await toldBy(folder, '') };
  }
  const reading = readManifest(text);
  if ('state' in reading) return { folder, id, ...reading, told: await toldBy(folder, text) };
  return { folder, id, state: 'whole', manifest: reading.manifest };
}

/** What was written before the manifest is believed first; then what is found in that. A wrong one finds no instance, or is shown as damaged there. */
async function toldBy(folder: string, manifest: string): Promise<Told> {
  const started = await readStarted(folder);
  const { uuid, ...found } = whereFrom(manifest);
  return started === null || started.instanceId === '' ? { uuid, ...found } : { ...started, uuid };
}

async function readStarted(folder: string): Promise<Started | null> {
  try {
    return v.parse(startedSchema, JSON.parse(await readFile(join(folder, startedName), 'utf8')));
  } catch {
    return null;
  }
}

/** Makes the folder of a backup, which says from then on what it is to become. */
export async function beginFolder(folder: string, started: Started): Promise<void> {
  try {
    await makeFolder(dirname(folder));
    await mkdir(folder, { mode: 0o700 });
    await mkdir(join(folder, 'rows'), { mode: 0o700 });
    await writeWhole(join(folder, startedName), `${JSON.stringify(started)}\n`);
  } catch (thrown) {
    throw writeFailure(thrown, join(folder, startedName));
  }
}

/** Writes the manifest, at once and last: from then on the folder is a backup. */
export async function finishFolder(folder: string, manifest: Manifest): Promise<void> {
  const draft = join(folder, `${manifestName}.part`);
  try {
    await writeWhole(draft, manifestText(manifest));
    await syncFolder(join(folder, 'rows'));
    await rename(draft, join(folder, manifestName));
    await syncFolder(folder);
    await syncFolder(dirname(folder));
  } catch (thrown) {
    throw writeFailure(thrown, draft);
  }
}

/** A text file, on the disk when this resolves. */
export async function writeWhole(path: string, content: string | Buffer): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  // Not every system opens folders.
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/**
 * Deletes a folder of a backup, its manifest first: what is left of one that could not be deleted whole restores nothing.
 *
 * @throws Failure `not-found` where the folder is none, `backup-unwritable`
 */
export async function removeFolder(folder: string): Promise<void> {
  const found = await readBackup(resolve(folder));
  if (found === null) throw failure('not-found', { kind: 'backup', name: basename(folder) });
  try {
    const begun: Started = { id: found.id, instanceId: '', instanceName: '', startedAt: 0, scope: { kind: 'instance' }, encrypted: false };
    if (found.state !== 'begun') await writeFile(join(folder, startedName), `${JSON.stringify(begun)}\n`, { mode: 0o600 });
    await rm(join(folder, manifestName), { force: true });
    await rm(folder, { recursive: true, maxRetries: 3 });
  } catch (thrown) {
    throw writeFailure(thrown, join(folder, manifestName));
  }
}

/** Bytes that a place has left; null: it cannot be told. */
export async function freeBytes(place: string): Promise<number | null> {
  for (let at = resolve(place); ; at = dirname(at)) {
    const found = await statfs(at).catch((thrown: unknown) => thrown as NodeJS.ErrnoException);
    if ('bavail' in found) return found.bavail * found.bsize;
    if (found.code !== 'ENOENT' || dirname(at) === at) return null;
  }
}
