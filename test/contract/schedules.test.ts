// Schedules over the router: what is ordered within bounds, and of things that exist.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { EngineEvent } from '../../shared/contract/events';
import { copySpec } from '../fixtures/sync-spec';
import { instanceForm } from '../fixtures/instance-form';
import { openBench, trusted, viewOf, type Bench } from './fake-engine';

let bench: Bench;
let events: EngineEvent[];
beforeEach(async () => {
  bench = await openBench();
  events = [];
  bench.engine.onEvent((event) => void events.push(event));
});
afterEach(() => bench.close());

const call = (method: string, input: unknown) => bench.router.receive(trusted, { method, input, callId: 'c' });
const order = { id: null, kind: 'verification', subject: 'nobody', pattern: '0 3 * * *', timeZone: 'local', enabled: true, catchUp: false };

/** A link that is registered, on servers that nobody reaches. */
async function link(): Promise<string> {
  const { fleet, sync } = bench.engine;
  const views = [viewOf('a', 'primary'), viewOf('b', 'stand-alone')];
  vi.spyOn(fleet, 'view').mockImplementation((id) => views.find((one) => one.instance.id === id) ?? viewOf(id, 'unknown'));
  vi.spyOn(fleet, 'instance').mockImplementation((id) => ({ ...fleet.view(id).instance, ...instanceForm({ name: `orders-${id}`, host: '127.0.0.1', port: 1, user: 'u' }, { regionId: 'r' }) }));
  vi.spyOn(fleet, 'setIntent').mockResolvedValue(undefined);
  return (await sync.create(copySpec('orders', 'a', 'b'), false, null)).id;
}

it.each([
  ['a link that is not there', order, 'not-found'],
  ['an instance that is not there', { ...order, kind: 'backup' }, 'not-found'],
  ['a kind that is none', { ...order, kind: 'restart' }, 'invalid-input'],
  ['a path for a subject', { ...order, subject: '../../etc' }, 'invalid-input'],
  ['a pattern without an end', { ...order, pattern: '0 3 * * *'.repeat(40) }, 'invalid-input'],
  ['a zone without an end', { ...order, timeZone: 'x'.repeat(100) }, 'invalid-input'],
  ['no row a second', { ...order, rowsPerSecond: 0 }, 'invalid-input'],
  ['a part of a row a second', { ...order, rowsPerSecond: 0.5 }, 'invalid-input'],
  ['a field more', { ...order, lastRunAt: 5 }, 'invalid-input'],
  ['an id that is none', { ...order, id: 'nobody', subject: 'nobody' }, 'not-found'],
])('a schedule of %s is refused', async (_what, input, code) => {
  expect(await call('schedules.save', input)).toMatchObject({ ok: false, error: { code } });
  expect(await call('schedules.list', undefined)).toMatchObject({ ok: true, value: [] });
});

it('one that is saved is listed, told, recorded, changed and removed', async () => {
  const subject = await link();
  const saved = await call('schedules.save', { ...order, subject });
  expect(saved).toMatchObject({ ok: true, value: { subject, name: 'orders', instanceIds: ['a', 'b'], pattern: '0 3 * * *', lastOutcome: null, missed: null } });
  const listed = await call('schedules.list', undefined);
  expect(listed).toMatchObject({ ok: true, value: [saved.ok ? saved.value : null] });
  expect(events.filter(({ type }) => type === 'schedules')).toHaveLength(1);
  const id = bench.engine.schedules.list()[0]?.id;
  expect(await call('schedules.save', { ...order, subject })).toMatchObject({ ok: false, error: { code: 'name-taken' } });
  expect(await call('schedules.save', { ...order, subject, id, pattern: ' 30  4 * * 1 ', enabled: false, rowsPerSecond: 500 })).toMatchObject({ ok: true, value: { id, pattern: '30 4 * * 1', nextRunAt: null, rowsPerSecond: 500 } });
  // Who does not speak of it leaves it as it is.
  expect(await call('schedules.save', { ...order, subject, id })).toMatchObject({ ok: true, value: { rowsPerSecond: 500 } });
  expect(await call('schedules.save', { ...order, subject, id, rowsPerSecond: null })).toMatchObject({ ok: true, value: { rowsPerSecond: null } });
  expect(await call('schedules.remove', { id })).toMatchObject({ ok: true });
  expect(await call('schedules.remove', { id })).toMatchObject({ ok: false, error: { code: 'not-found' } });
  expect(events.filter(({ type }) => type === 'schedules').at(-1)).toEqual({ type: 'schedules', schedules: [] });
  const acts = bench.engine.audit.list(20).filter(({ action }) => action.startsWith('schedule.')).map(({ action, outcome, target }) => [action, outcome, target]);
  expect(acts).toEqual(expect.arrayContaining([['schedule.save', 'done', 'orders'], ['schedule.save', 'refused', 'orders'], ['schedule.remove', 'done', 'orders']]));
});
