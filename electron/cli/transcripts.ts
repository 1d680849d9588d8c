// What was run on each instance and what it answered, in a file each.
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../storage/make-folder';

/** The files of a run by instance. Only the user may read them: they hold rows. */
export class Transcripts {
  readonly #files: ReadonlyMap<string, string>;

  private constructor(files: ReadonlyMap<string, string>) {
    this.#files = files;
  }

  /** Makes the folder and a file for each name, before anything is run: a folder that takes none ends it there. @throws what the file system throws */
  static async begin(folder: string, names: readonly string[]): Promise<Transcripts> {
    await makeFolder(folder);
    const files = fileNames(names);
    for (const name of files.values()) await (await open(join(folder, name), 'a', 0o600)).close();
    return new Transcripts(new Map([...files].map(([name, file]) => [name, join(folder, file)])));
  }

  /** Writes that of one instance, as soon as it is known; what was there before is replaced. @throws what the file system throws */
  async write(name: string, text: string): Promise<void> {
    const file = this.#files.get(name);
    if (file !== undefined) await writeFile(file, `${text}\n`, { mode: 0o600 });
  }
}

/** A file name for each name: two that differ in what a file name does not take do not share one, nor do two that differ by case alone. Pure. */
export function fileNames(names: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  return new Map(names.map((name) => {
    const stem = name.replaceAll(/[^\p{L}\p{N}._-]/gu, '_').slice(0, 60);
    let file = `${stem}.txt`;
    for (let next = 2; taken.has(file.toLowerCase()); next += 1) file = `${stem}-${next}.txt`;
    taken.add(file.toLowerCase());
    return [name, file];
  }));
}
