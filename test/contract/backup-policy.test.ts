// How a schedule backs an instance up and what it keeps, over the router.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { EngineEvent } from '../../shared/contract/events';
import { failure } from '../../shared/errors/codes';
import { openBench, trusted, viewOf, type Bench } from './fake-engine';

let bench: Bench;
let place: string;
let events: EngineEvent[];
beforeEach(async () => {
  bench = await openBench();
  place = mkdtempSync(join(tmpdir(), 'antipode-place-'));
  const { fleet } = bench.engine;
  const { instance } = viewOf('gz', 'primary');
  vi.spyOn(fleet, 'instances').mockImplementation(() => [instance]);
  vi.spyOn(fleet, 'instance').mockImplementation((given) => {
    if (given !== id) throw failure('not-found', { kind: 'instance', name: given });
    return instance;
  });
  events = [];
  bench.engine.onEvent((event) => void events.push(event));
});
afterEach(async () => {
  await bench.close();
  rmSync(place, { recursive: true, force: true });
});

const id = 'gz';
const call = (method: string, input: unknown) => bench.router.receive(trusted, { method, input, callId: 'c' });
const kept = (): unknown => JSON.parse(readFileSync(join(bench.dataFolder, 'backups.json'), 'utf8')).policies;
const plain = { instanceId: id, place: null, keepCount: 14, keepDays: null, encrypted: false, proveDays: null };
const schedule = () => ({ id: null, kind: 'backup', subject: id, pattern: '0 3 * * *', timeZone: 'local', enabled: true, catchUp: false });

it('is the newest fourteen in the own folder until somebody says otherwise; then it is kept, told and recorded', async () => {
  expect(await call('backup.policy', { id })).toEqual({ ok: true, value: plain });
  await bench.engine.backups.addPlace(place);
  events.length = 0;
  const policy = { ...plain, place, keepCount: null, keepDays: 30, proveDays: 7 };
  expect(await call('backup.setPolicy', { ...policy, passphrase: null })).toEqual({ ok: true, value: policy });
  expect(await call('backup.policy', { id })).toEqual({ ok: true, value: policy });
  expect(kept()).toEqual([policy]);
  expect(events).toEqual([{ type: 'backups' }]);
  expect(bench.engine.audit.list(1)).toMatchObject([{ action: 'backup.set-policy', target: 'orders-gz', outcome: 'done', detail: { place, keepCount: null, keepDays: 30, encrypted: false, proveDays: 7 } }]);
  // The program's own folder by its path is the one that goes without a path.
  expect(await call('backup.setPolicy', { ...policy, place: join(bench.dataFolder, 'backups'), passphrase: null })).toMatchObject({ ok: true, value: { place: null } });
});

it.each([
  ['an instance that is not there', { instanceId: 'nobody' }, 'not-found'],
  ['a folder that is not known', { place: '/somewhere/else' }, 'not-found'],
  ['nothing kept', { keepCount: 0 }, 'invalid-input'],
  ['less than nothing', { keepDays: -1 }, 'invalid-input'],
  ['half a backup', { keepCount: 1.5 }, 'invalid-input'],
  ['more than there is', { keepCount: 10_000 }, 'invalid-input'],
  ['a field more', { secret: 'x' }, 'invalid-input'],
  ['a passphrase that is none', { encrypted: true, passphrase: 'short' }, 'invalid-input'],
  ['a proof that would come too late', { proveDays: 31 }, 'invalid-input'],
  ['encryption without a passphrase', { encrypted: true }, 'passphrase-missing'],
  ['a passphrase where secrets are kept nowhere', { encrypted: true, passphrase: 'correct horse battery' }, 'passphrase-not-kept'],
])('%s is refused, and nothing is changed', async (_what, change, code) => {
  expect(await call('backup.setPolicy', { ...plain, passphrase: null, ...change })).toMatchObject({ ok: false, error: { code } });
  expect(await call('backup.policy', { id })).toMatchObject({ ok: true, value: plain });
});

it('is kept while its instance is there, and one schedule of it', async () => {
  expect(await call('schedules.save', schedule())).toMatchObject({ ok: true, value: { name: 'orders-gz', instanceIds: [id], rests: false } });
  expect(await call('schedules.save', schedule())).toMatchObject({ ok: false, error: { code: 'name-taken' } });
  expect(await call('schedules.save', { ...schedule(), subject: 'nobody' })).toMatchObject({ ok: false, error: { code: 'not-found' } });
});

/** Every file of the data folder, whatever is in it. */
function everyByte(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')).join('\n');
}

it('keeps the passphrase of a schedule with the passwords and nowhere else, and lets it go with the schedule', async () => {
  const secret = 'correct horse battery';
  await bench.engine.vault.choose('passphrase', 'of the vault itself');
  const answer = await call('backup.setPolicy', { ...plain, encrypted: true, passphrase: secret });
  expect(answer).toEqual({ ok: true, value: { ...plain, encrypted: true } });
  const saved = await call('schedules.save', schedule());
  expect(await bench.engine.vault.get('backup-schedule/gz')).toBe(secret);
  // What is changed beside it leaves it as it is.
  expect(await call('backup.setPolicy', { ...plain, encrypted: true, keepCount: 3, passphrase: null })).toMatchObject({ ok: true });
  expect(await bench.engine.vault.get('backup-schedule/gz')).toBe(secret);
  expect(JSON.stringify([answer, saved, events, bench.engine.audit.list(50), await call('backup.policy', { id }), await call('schedules.list', undefined)])).not.toContain(secret);
  expect(everyByte(bench.dataFolder)).not.toContain(secret);
  expect(everyByte(bench.dataFolder)).toContain('backup-schedule/gz');
  const [one] = bench.engine.schedules.list();
  expect(await call('schedules.remove', { id: one?.id })).toMatchObject({ ok: true });
  expect(bench.engine.vault.has('backup-schedule/gz')).toBe(false);
  expect(everyByte(bench.dataFolder)).not.toContain('backup-schedule/gz');
  expect(await call('backup.policy', { id })).toEqual({ ok: true, value: { ...plain, keepCount: 3 } });
});

it('takes none in the clear where the passphrase is not at hand', async () => {
  await bench.engine.vault.choose('passphrase', 'of the vault itself');
  await call('backup.setPolicy', { ...plain, encrypted: true, passphrase: 'correct horse battery' });
  await bench.engine.vault.set('backup-schedule/gz', null);
  await expect(bench.engine.backups.takeScheduled(id)).rejects.toMatchObject({ error: { code: 'passphrase-missing', params: { name: 'orders-gz' } } });
  expect(bench.engine.tasks.list()).toEqual([]);
});
