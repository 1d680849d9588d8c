// How a schedule backs an instance up and what it keeps, over the router.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
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
const schedule = () => ({ id: null, kind: 'backup', subject: id, pattern: '0 3 * * *', timeZone: 'local', enabled: true, catchUp: false });

it('is the newest fourteen in the own folder until somebody says otherwise; then it is kept, told and recorded', async () => {
  expect(await call('backup.policy', { id })).toEqual({ ok: true, value: { instanceId: id, place: null, keepCount: 14, keepDays: null } });
  await bench.engine.backups.addPlace(place);
  events.length = 0;
  const policy = { instanceId: id, place, keepCount: null, keepDays: 30 };
  expect(await call('backup.setPolicy', policy)).toEqual({ ok: true, value: policy });
  expect(await call('backup.policy', { id })).toEqual({ ok: true, value: policy });
  expect(kept()).toEqual([policy]);
  expect(events).toEqual([{ type: 'backups' }]);
  expect(bench.engine.audit.list(1)).toMatchObject([{ action: 'backup.set-policy', target: 'orders-gz', outcome: 'done', detail: { place, keepCount: null, keepDays: 30 } }]);
  // The program's own folder by its path is the one that goes without a path.
  expect(await call('backup.setPolicy', { ...policy, place: join(bench.dataFolder, 'backups') })).toMatchObject({ ok: true, value: { place: null } });
});

it.each([
  ['an instance that is not there', { instanceId: 'nobody' }, 'not-found'],
  ['a folder that is not known', { place: '/somewhere/else' }, 'not-found'],
  ['nothing kept', { keepCount: 0 }, 'invalid-input'],
  ['less than nothing', { keepDays: -1 }, 'invalid-input'],
  ['half a backup', { keepCount: 1.5 }, 'invalid-input'],
  ['more than there is', { keepCount: 10_000 }, 'invalid-input'],
  ['a field more', { passphrase: 'x' }, 'invalid-input'],
])('%s is refused, and nothing is changed', async (_what, change, code) => {
  expect(await call('backup.setPolicy', { instanceId: id, place: null, keepCount: 14, keepDays: null, ...change })).toMatchObject({ ok: false, error: { code } });
  expect(await call('backup.policy', { id })).toMatchObject({ ok: true, value: { keepCount: 14, place: null } });
});

it('is kept while its instance is there, and one schedule of it', async () => {
  expect(await call('schedules.save', schedule())).toMatchObject({ ok: true, value: { name: 'orders-gz', instanceIds: [id], rests: false } });
  expect(await call('schedules.save', schedule())).toMatchObject({ ok: false, error: { code: 'name-taken' } });
  expect(await call('schedules.save', { ...schedule(), subject: 'nobody' })).toMatchObject({ ok: false, error: { code: 'not-found' } });
});
