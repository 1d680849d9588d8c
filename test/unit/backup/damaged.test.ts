// Folders whose manifest cannot be read: whose they are is told all the same, where that is known.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readBackup } from '../../../electron/backup/folder';
import { viewOf } from '../../../electron/backup/views';
import { backupDays } from '../../../shared/domain/backup/standing';
import type { BackupView } from '../../../shared/domain/backup/backup';

const place = mkdtempSync(join(tmpdir(), 'antipode-damaged-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

const started = JSON.stringify({ id: 'b', instanceId: 'gz', instanceName: 'orders-gz', startedAt: 1_790_000_000_000, scope: { kind: 'instance' }, encrypted: true });
const manifest = JSON.stringify({
  format: 'antipode-backup', version: 2, id: 'b', madeBy: 'Antipode 9',
  server: { instanceId: 'gz', name: 'orders "gz"', uuid: 'u-1', version: '9.7.0', lowerCaseTableNames: 0 }, startedAt: 1_790_000_000_001, endedAt: 0, gtidSet: '',
}, null, 1);

let count = 0;
async function shown(files: Readonly<Record<string, string>>): Promise<BackupView | null> {
  const folder = join(place, `b-${count++}`);
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const found = await readBackup(folder);
  const instanceOf = (id: string, uuid: string): string | null => (id === 'gz' ? 'gz' : uuid === 'u-1' ? 'by-uuid' : null);
  return found === null ? null : viewOf(found, { verified: null, proven: null, isRunning: false, instanceOf });
}

it.each<[string, Record<string, string>, Partial<BackupView>]>([
  ['of a later version', { 'manifest.json': manifest }, { state: 'newer', instanceId: 'gz', instanceName: 'orders "gz"', startedAt: 1_790_000_000_001 }],
  ['of a later version, from a server that is registered anew', { 'manifest.json': manifest.replace('"gz"', '"old"') }, { state: 'newer', instanceId: 'by-uuid' }],
  ['cut in the middle', { 'manifest.json': manifest.slice(0, -40) }, { state: 'damaged', instanceId: 'gz', instanceName: 'orders "gz"' }],
  ['whose name is broken', { 'manifest.json': manifest.replace('orders \\"gz', 'orders \\x') }, { state: 'damaged', instanceId: 'gz', instanceName: '' }],
  ['that is nothing but zeroes, with what was written first', { 'manifest.json': '\0'.repeat(500), 'started.json': started }, { state: 'damaged', instanceId: 'gz', startedAt: 1_790_000_000_000 }],
  ['that is nothing but zeroes', { 'manifest.json': '\0'.repeat(500) }, { state: 'damaged', instanceId: null, instanceName: '', startedAt: 0 }],
  ['that is empty', { 'manifest.json': '' }, { state: 'damaged', instanceId: null }],
  ['that is gone, with what was written first', { 'started.json': started }, { state: 'incomplete', instanceId: 'gz', encrypted: true }],
])('a manifest %s', async (_what, files, expected) => {
  expect(await shown(files)).toMatchObject(expected);
});

it('is no backup where there is nothing of one', async () => {
  expect(await shown({ 'notes.txt': 'mine' })).toBeNull();
});

it('makes no day before the first backup one on which something is missing', async () => {
  const unknown = await shown({ 'manifest.json': '' });
  const now = Date.parse('2026-11-27T12:00:00Z');
  const days = backupDays(unknown === null ? [] : [unknown], now, { count: 3, startOfDay: (at) => at - (at % 86_400_000) });
  expect(days.map(({ expected }) => expected)).toEqual([false, false, false]);
});
