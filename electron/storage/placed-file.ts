import { randomUUID } from 'node:crypto';
import { open, readlink, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Failure, failure } from '../../shared/errors/codes';
import { isDiskFull } from './storage-failure';

/** What is written is nobody else's to read, unless the file that it takes the place of says so. */
const ownMode = 0o600;

/**
 * Writes a file where its user said. It is there under its name only when it is done; one that was there before stays where something fails, and gives it its
 * permissions else. Links are followed, and what is no file (a pipe, a terminal) is written into and never replaced.
 *
 * @throws Failure `storage-full`, `file-unwritable`, and what `write` throws
 */
export async function placeFile<Done>(path: string, write: (target: FileHandle) => Promise<Done>, newMode = ownMode): Promise<Done> {
  try {
    const found = await placeOf(path);
    return found.isFile ? await beside(found.place, found.mode, newMode, write) : await into(found.place, write);
  } catch (thrown) {
    throw placeFailure(thrown, path);
  }
}

/** As {@link placeFile}, of a whole text. */
export async function placeText(path: string, text: string, newMode = ownMode): Promise<void> {
  await placeFile(path, (target) => target.writeFile(text), newMode);
}

/** Whether a file may be written there, asked before what it is to hold is worked for. @throws Failure `storage-full`, `file-unwritable` */
export async function askPlace(path: string): Promise<void> {
  try {
    const { place, isFile } = await placeOf(path);
    if (!isFile) return;
    const draft = draftOf(place);
    await (await open(draft, 'wx', ownMode)).close();
    await rm(draft, { force: true });
  } catch (thrown) {
    throw placeFailure(thrown, path);
  }
}

async function beside<Done>(place: string, mode: number | null, newMode: number, write: (target: FileHandle) => Promise<Done>): Promise<Done> {
  const draft = draftOf(place);
  const target = await open(draft, 'wx', newMode);
  try {
    const done = await write(target);
    if (mode !== null) await target.chmod(mode);
    await target.sync();
    await target.close();
    await rename(draft, place);
    return done;
  } catch (thrown) {
    await target.close();
    await rm(draft, { force: true });
    throw thrown;
  }
}

async function into<Done>(place: string, write: (target: FileHandle) => Promise<Done>): Promise<Done> {
  const target = await open(place, 'w');
  try {
    return await write(target);
  } finally {
    await target.close();
  }
}

const draftOf = (place: string): string => `${place}.${randomUUID().slice(0, 8)}.part`;

/** What the file system says of a file that is its user's; anything else that was thrown stays what it is. */
export function placeFailure(thrown: unknown, path: string): unknown {
  if (thrown instanceof Failure || !(thrown instanceof Error) || !('syscall' in thrown)) return thrown;
  if (isDiskFull(thrown)) return failure('storage-full', { file: path }, { detail: thrown.message, cause: thrown });
  return failure('file-unwritable', { path }, { detail: thrown.message, cause: thrown });
}

interface Place {
  readonly place: string;
  /** Who may read and write what is there; null: there is nothing yet. */
  readonly mode: number | null;
  /** A file, or nothing yet. */
  readonly isFile: boolean;
}

/** Where a name leads to, through links. What the system says of a folder is thrown. */
async function placeOf(path: string): Promise<Place> {
  try {
    const at = await stat(path);
    // What /dev/stdout leads to, a pipe say, has no name of its own.
    if (at.isDirectory()) await (await open(path, 'w')).close();
    if (!at.isFile()) return { place: path, mode: null, isFile: false };
    return { place: await realpath(path), mode: at.mode & 0o777, isFile: true };
  } catch (thrown) {
    if (!hasCode(thrown, 'ENOENT')) throw thrown;
  }
  try {
    // A link to what is not there yet.
    return await placeOf(resolve(dirname(path), await readlink(path)));
  } catch (thrown) {
    if (!hasCode(thrown, 'ENOENT') && !hasCode(thrown, 'EINVAL')) throw thrown;
    return { place: path, mode: null, isFile: true };
  }
}

const hasCode = (thrown: unknown, code: string): boolean => thrown instanceof Error && 'code' in thrown && thrown.code === code;
