// Folders that a user named, with those above them. Node's own way (`recursive`) asks without end, and cannot be stopped, where a file system says
// of a folder that is there that there is none to make another in: a link to a share that went away, the roots of an automounter, /proc
// (oven-sh/bun#40600 tells it of the same walk; its kin in Node was nodejs/node#27198).
import { mkdirSync, statSync, type Stats } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Made where it is not there yet. @throws what the file system throws */
export async function makeFolder(path: string, mode = ownMode): Promise<void> {
  const whole = resolve(path);
  try {
    await mkdir(whole, { mode });
  } catch (thrown) {
    if (await stat(whole).then((at) => at.isDirectory(), () => false)) return;
    const above = dirname(whole);
    if (!isMissing(thrown) || above === whole || await stat(above).then(() => true, () => false)) throw thrown;
    await makeFolder(above, mode);
    // Another one may have made it meanwhile.
    await mkdir(whole, { mode }).catch(async (again: unknown) => {
      if (!(await stat(whole).then((at) => at.isDirectory(), () => false))) throw again;
    });
  }
}

/** As {@link makeFolder}, for what cannot wait. @throws what the file system throws */
export function makeFolderNow(path: string, mode = ownMode): void {
  const whole = resolve(path);
  try {
    mkdirSync(whole, { mode });
  } catch (thrown) {
    if (found(whole)?.isDirectory() === true) return;
    const above = dirname(whole);
    if (!isMissing(thrown) || above === whole || found(above) !== null) throw thrown;
    makeFolderNow(above, mode);
    try {
      mkdirSync(whole, { mode });
    } catch (again) {
      if (found(whole)?.isDirectory() !== true) throw again;
    }
  }
}

function found(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    // What is wrong with it is what making it said.
    return null;
  }
}

const ownMode = 0o700;

const isMissing = (thrown: unknown): boolean => thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
