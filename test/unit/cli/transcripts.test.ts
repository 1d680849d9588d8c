import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fileNames, Transcripts } from '../../../electron/cli/transcripts';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'antipode-transcripts-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('gives each instance a file of its own, whatever its name', () => {
  expect([...fileNames(['a/b', 'a_b', 'A_B', '订单', '../x']).values()]).toEqual(['a_b.txt', 'a_b-2.txt', 'A_B-3.txt', '订单.txt', '.._x.txt']);
});

it('makes the files before anything is run, for the user alone, and fills each when it is known', async () => {
  const kept = await Transcripts.begin(join(folder, 'new'), ['one', 'two']);
  expect(readdirSync(join(folder, 'new')).sort()).toEqual(['one.txt', 'two.txt']);
  expect(statSync(join(folder, 'new', 'one.txt')).mode & 0o077).toBe(0);
  await kept.write('two', 'answered');
  expect([readFileSync(join(folder, 'new', 'one.txt'), 'utf8'), readFileSync(join(folder, 'new', 'two.txt'), 'utf8')]).toEqual(['', 'answered\n']);
});

it('a folder that cannot be is told before anything is run', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(Transcripts.begin(join(folder, 'file'), ['one'])).rejects.toMatchObject({ code: 'EEXIST' });
});
