import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lab } from '../../../electron/lab/lab';
import { LabFileError, readLabFile, writeLabFile, type LabMember } from '../../../electron/lab/lab-file';
import { LabBusyError, withLabLock } from '../../../electron/lab/lab-lock';
import { choosePort, isPortFree } from '../../../electron/lab/ports';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'antipode-unit-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const member = (change: Partial<LabMember> = {}): LabMember => ({
  region: 'Chengdu', runtimeId: 'mysql-9.7', program: '/p', version: '9.7.4', sample: 'none',
  server: { name: 'chengdu-1', folder: join(folder, 'lab/chengdu-1'), host: '127.0.0.1', port: 20_001, serverId: 101, user: 'antipode', password: 'secret', gtid: true, durability: 'full', bufferPoolMb: 64, extraArgs: [], detached: true, pid: null },
  ...change,
});

describe('the lab’s record', () => {
  it('is read back as it was written, and only its owner may read it', () => {
    const file = join(folder, 'lab', 'lab.json');
    writeLabFile(file, [member()]);
    expect(readLabFile(file)).toEqual([member()]);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it('counts as empty where there is none', () => {
    expect(readLabFile(join(folder, 'none.json'))).toEqual([]);
    expect(new Lab(folder).status()).toEqual([]);
  });

  it.each(['', '{"format":1,"mem', '{"format":2,"members":[]}', '{"format":1,"members":[{"region":1}]}'])('is not guessed at when it is %j', (text) => {
    const file = join(folder, 'lab.json');
    writeFileSync(file, text);
    expect(() => readLabFile(file)).toThrow(LabFileError);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('never takes a process of something else for a server, and can be removed when unreadable', async () => {
    const file = join(folder, 'lab', 'lab.json');
    writeLabFile(file, [member({ server: { ...member().server, pid: process.pid } })]);
    const lab = new Lab(folder);
    expect(lab.status()).toMatchObject([{ name: 'chengdu-1', running: false }]);
    expect(await lab.down()).toMatchObject([{ running: false }]);
    writeFileSync(file, '{');
    await lab.remove();
    expect(existsSync(join(folder, 'lab'))).toBe(false);
  });

  it('refuses a number of servers out of bounds', async () => {
    await expect(new Lab(folder).up({ servers: 0 })).rejects.toMatchObject({ reason: 'bad-number' });
    await expect(new Lab(folder).up({ servers: 7 })).rejects.toMatchObject({ reason: 'bad-number' });
  });

  it('says which server program is missing', async () => {
    const lab = new Lab(folder, { ANTIPODE_CACHE: join(folder, 'empty'), PATH: folder });
    await expect(lab.up({ servers: 1, series: '4.1' })).rejects.toMatchObject({ reason: 'no-runtime' });
    expect(lab.status()).toEqual([]);
  });
});

describe('the lab’s lock', () => {
  it('keeps two changes apart and is free afterwards', async () => {
    const file = join(folder, 'lock');
    await withLabLock(file, async () => {
      await expect(withLabLock(file, () => Promise.resolve(1))).rejects.toThrow(LabBusyError);
    });
    expect(await withLabLock(file, () => Promise.resolve(2))).toBe(2);
    expect(existsSync(file)).toBe(false);
  });

  it('is taken over from a process that has died', async () => {
    const file = join(folder, 'lock');
    writeFileSync(file, '4194305');
    expect(await withLabLock(file, () => Promise.resolve('taken'))).toBe('taken');
  });
});

it('ports are chosen from those that are free', async () => {
  const port = await choosePort();
  expect(port).toBeGreaterThanOrEqual(20_000);
  expect(port).toBeLessThan(32_000);
  expect(await isPortFree(port)).toBe(true);
});
