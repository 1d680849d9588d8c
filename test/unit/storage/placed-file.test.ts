import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askPlace, placeFile, placeText } from '../../../electron/storage/placed-file';
import { smallDisk, whyNoSmallDisk } from '../../fixtures/small-disk';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'placed-')); });
afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('a file where its user said', () => {
  it('is there when it is done, with the permissions of the one that it takes the place of', async () => {
    const path = join(folder, 'a.sql');
    await placeText(path, 'one');
    expect([readFileSync(path, 'utf8'), modeOf(path)]).toEqual(['one', 0o600]);
    chmodSync(path, 0o640);
    await placeText(path, 'two', 0o644);
    expect([readFileSync(path, 'utf8'), modeOf(path), readdirSync(folder)]).toEqual(['two', 0o640, ['a.sql']]);
  });

  it('keeps the one that was there where what is to be written fails, and says that as it was', async () => {
    const path = join(folder, 'a.sql');
    writeFileSync(path, 'old');
    const fault = new RangeError('half');
    await expect(placeFile(path, async (file) => { await file.writeFile('new'); throw fault; })).rejects.toBe(fault);
    expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual(['old', ['a.sql']]);
  });

  it('goes where a link leads, also to what is not there yet', async () => {
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    await placeText(join(folder, 'link'), 'through');
    expect([readFileSync(join(folder, 'real'), 'utf8'), lstatSync(join(folder, 'link')).isSymbolicLink()]).toEqual(['through', true]);
  });

  it.skipIf(process.platform === 'win32')('is written into a pipe, which stays one', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const read = new Promise<string>((resolve) => { void import('node:fs/promises').then(({ readFile }) => readFile(pipe, 'utf8')).then(resolve); });
    await placeText(pipe, 'through');
    expect([await read, lstatSync(pipe).isFIFO(), readdirSync(folder)]).toEqual(['through', true, ['pipe']]);
  });

  it('names the place that takes none, before and after, and leaves nothing', async () => {
    mkdirSync(join(folder, 'sub'));
    for (const act of [(path: string) => placeText(path, 'x'), askPlace]) {
      await expect(act(join(folder, 'none', 'a'))).rejects.toMatchObject({ error: { code: 'file-unwritable', params: { path: join(folder, 'none', 'a') } } });
      await expect(act(join(folder, 'sub'))).rejects.toMatchObject({ error: { code: 'file-unwritable' } });
    }
    await askPlace(join(folder, 'fine'));
    expect(readdirSync(folder)).toEqual(['sub']);
  });

  it.skipIf(whyNoSmallDisk() !== null)('says that the disk is full, and leaves nothing there', async () => {
    const disk = smallDisk(1);
    try {
      await expect(placeText(join(disk.path, 'a'), 'x'.repeat(2_000_000))).rejects.toMatchObject({ error: { code: 'storage-full' } });
      expect(readdirSync(disk.path).filter((name) => name.startsWith('a'))).toEqual([]);
    } finally {
      disk.dispose();
    }
  });
});
