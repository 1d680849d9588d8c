// Folders with those above them, also where the file system has none to give.
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder, makeFolderNow } from '../../../electron/storage/make-folder';

const ways = { makeFolder, makeFolderNow: async (path: string): Promise<void> => makeFolderNow(path) };

describe.each(Object.entries(ways))('%s', (_name, make) => {
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'make-folder-')); });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('makes what is missing, for its user alone, and leaves what is there', async () => {
    const deep = join(folder, 'a', 'b', 'c');
    await make(deep);
    for (const one of [join(folder, 'a'), join(folder, 'a', 'b'), deep]) expect(statSync(one).mode & 0o777, one).toBe(0o700);
    await make(deep);
    symlinkSync(deep, join(folder, 'link'));
    await make(join(folder, 'link'));
    await make(join(folder, 'link', 'd'));
    expect(existsSync(join(deep, 'd'))).toBe(true);
  });

  it('is made once where several ask for it at once', async () => {
    for (let round = 0; round < 30; round++) await Promise.all([1, 2, 3].map(() => make(join(folder, `at once ${String(round)}`, 'b'))));
  });

  it('ends with what the file system says behind a file, and behind a link to what went away', async () => {
    writeFileSync(join(folder, 'file'), '');
    symlinkSync(join(folder, 'gone'), join(folder, 'share'));
    for (const path of ['file', 'file/a', 'file/a/b', 'share', 'share/a', 'share/a/b']) {
      await expect(make(join(folder, path)), path).rejects.toMatchObject({ syscall: 'mkdir' });
    }
    expect(existsSync(join(folder, 'gone'))).toBe(false);
  });

  it.runIf(process.platform === 'linux')('ends where a folder that is there takes none', async () => {
    for (const path of ['/proc/antipode', '/proc/antipode/a/b']) await expect(make(path), path).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
