import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sweepFolders, withFolder } from '../../../electron/backup/restore/later/folder';

/** No system gives that one. */
const nobody = 2 ** 31 - 2;

describe('the folder of a log that is read', () => {
  let data = '';
  const place = (): string => join(data, 'restore');
  const leave = (name: string, owner?: string): void => {
    mkdirSync(join(place(), name), { recursive: true });
    writeFileSync(join(place(), name, 'in-order'), 'rows');
    if (owner !== undefined) writeFileSync(join(place(), name, 'owner.json'), owner);
  };
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'antipode-later-'));
  });
  afterEach(() => rmSync(data, { recursive: true, force: true }));

  it('is gone with its reading, also one that failed', async () => {
    const seen: string[] = [];
    await withFolder(data, 'a', async (folder) => void seen.push(folder));
    await expect(withFolder(data, 'b', (folder) => {
      seen.push(folder);
      return Promise.reject(new Error('no'));
    })).rejects.toThrow('no');
    expect(seen.map((folder) => existsSync(folder))).toEqual([false, false]);
  });

  it('is deleted at the next start where its program died; others that run keep theirs', async () => {
    sweepFolders(data);
    leave(`${nobody}-dead`);
    leave('no-number');
    leave(`${process.pid}-earlier`, JSON.stringify({ pid: process.pid, start: 'another boot', run: 'x' }));
    leave(`${process.pid}-beginning`);
    await withFolder(data, 'mine', async (folder) => {
      sweepFolders(data);
      expect(readdirSync(place()).sort()).toEqual([`${process.pid}-beginning`, `${process.pid}-mine`]);
      expect(readFileSync(join(folder, 'owner.json'), 'utf8')).toContain(String(process.pid));
    });
  });
});
