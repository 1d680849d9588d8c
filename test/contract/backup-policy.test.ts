// How a schedule backs an instance up and what it keeps, over the router.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EngineEvent } from '../../shared/contract/events';
import { instanceForm } from '../fixtures/instance-form';
import { openBench, trusted, type Bench } from './fake-engine';

let bench: Bench;
let id: string;
let place: string;
let events: EngineEvent[];
beforeEach(async () => {
  bench = await openBench();
  place = mkdtempSync(join(tmpdir(), 'antipode-place-'));
  const region = await bench.engine.fleet.addRegion('Guangzhou');
  id = (await bench.engine.fleet.addInstance(instanceForm({ name: 'orders', host: '127.0.0.1', port: 1, user: 'u' }, { regionId: region.id }), 'p')).instance.id;
  events = [];
  bench.engine.onEvent((event) => void events.push(event));
});
afterEach(async () => {
  await bench.close();
  rmSync(place, { recursive: true, force: true });
});

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
  expect(bench.engine.audit.list(1)).toMatchObject([{ action: 'backup.set-policy', target: 'orders', outcome: 'done', detail: { place, keepCount: null, keepDays: 30 } }]);
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

it('goes with its instance, and so does the schedule', async () => {
  expect(await call('backup.setPolicy', { instanceId: id, place: null, keepCount: 3, keepDays: null })).toMatchObject({ ok: true });
  expect(await call('schedules.save', schedule())).toMatchObject({ ok: true, value: { name: 'orders', instanceIds: [id], rests: false } });
  expect(await call('schedules.save', schedule())).toMatchObject({ ok: false, error: { code: 'name-taken' } });
  await bench.engine.fleet.removeInstance(id, 'orders', false);
  expect(kept()).toEqual([]);
  expect(await call('schedules.list', undefined)).toEqual({ ok: true, value: [] });
  expect(await call('backup.policy', { id })).toMatchObject({ ok: false, error: { code: 'not-found' } });
});
