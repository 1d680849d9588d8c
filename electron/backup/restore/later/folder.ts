// Where the changes of a log are kept while they are looked through or made: rows in the clear, gone with whoever reads them.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { processExists } from '../../../storage/actor';
import { isAlive, newOwner, retireOwner } from '../../../tasks/owner';

const placeIn = (dataFolder: string): string => join(dataFolder, 'restore');
const ownerName = 'owner.json';
const ownerSchema = v.object({ pid: v.number(), start: v.string(), run: v.string() });

/** Gives a folder of its own, which is gone afterwards; `id`: of whatever asks. */
export async function withFolder<Result>(dataFolder: string, id: string, use: (folder: string) => Promise<Result>): Promise<Result> {
  const owner = newOwner();
  const { pid, start, run } = owner;
  const folder = join(placeIn(dataFolder), `${pid}-${id}`);
  try {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, ownerName), JSON.stringify({ pid, start, run }), { mode: 0o600 });
    return await use(folder);
  } finally {
    retireOwner(owner);
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Deletes what ended runs of the program left. Others that run on the same data folder keep theirs. What cannot be deleted keeps nobody from starting:
 * it is tried again at the next start.
 */
export function sweepFolders(dataFolder: string): void {
  const place = placeIn(dataFolder);
  if (!existsSync(place)) return;
  for (const name of readdirSync(place)) {
    if (!isLeft(place, name)) continue;
    try {
      rmSync(join(place, name), { recursive: true, force: true });
    } catch {
      continue;
    }
  }
}

/** A living process of that number may be another one than made it: what it wrote there tells. */
function isLeft(place: string, name: string): boolean {
  const pid = Number(/^(\d+)-/.exec(name)?.[1]);
  if (!Number.isSafeInteger(pid) || !processExists(pid)) return true;
  try {
    return !isAlive(v.parse(ownerSchema, JSON.parse(readFileSync(join(place, name, ownerName), 'utf8'))));
  } catch {
    // Not written yet, or not whole: of a process that lives, nothing is taken away on a guess.
    return false;
  }
}
