// What is said about watching: kept with the inventory, by whom, until when; taken back by hand, by its time, or because it is over.
import { watch } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { SeenProblem } from '../../shared/domain/fleet/instance';
import type { AttentionOutcome } from '../../shared/domain/fleet/view';
import { instanceForm } from '../fixtures/instance-form';
import { openTestEngine } from '../fixtures/test-engine';
import { openBench, trusted, type Bench } from './fake-engine';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(async () => {
  vi.useRealTimers();
  await bench.close();
});

const call = (method: string, input: unknown) => bench.router.receive(trusted, { method, input, callId: 'c' });
const hour = 3_600_000;

const form = (name: string, port: number) =>
  ({ ...instanceForm({ name, host: '127.0.0.1', port, user: 'u' }, { regionId: 'r' }), region: 'North', project: null, follows: null, serverUuid: null });

async function registered(most = 1): Promise<readonly string[]> {
  const { fleet } = bench.engine;
  await fleet.addRegion('North');
  const instances = Array.from({ length: most }, (_, n) => form(`orders-${String(n)}`, n + 1));
  await fleet.importInventory(JSON.stringify({ ...(JSON.parse(fleet.exportInventory()) as object), instances }), false);
  return fleet.instances().map(({ id }) => id);
}

async function one(): Promise<string> {
  const [id = ''] = await registered();
  return id;
}

it('a silence holds for a time that is still to come, and not for months', async () => {
  const id = await one();
  const ids = [id];
  const now = Date.now();
  for (const until of [now - 1, now + 31 * 24 * hour]) {
    expect(await call('fleet.silence', { ids, until, note: '' })).toMatchObject({ ok: false, error: { code: 'invalid-input', params: { field: 'until' } } });
  }
  for (const input of [
    { ids, note: '' }, { ids, until: null, note: '' }, { ids, until: now + hour, note: 'x'.repeat(501) }, { ids, until: now + hour, note: '', by: 'somebody else' },
    { ids: [], until: now + hour, note: '' },
  ]) expect(await call('fleet.silence', input)).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
  expect(bench.engine.fleet.instance(id).attention).toBeUndefined();
  expect(await call('fleet.silence', { ids, until: now + hour, note: ' disk swap ' })).toMatchObject({ ok: true, value: [{ id, error: null }] });
  expect(bench.engine.fleet.view(id)).toMatchObject({ silenced: { until: now + hour, note: 'disk swap' } });
  expect(bench.engine.fleet.instance(id).attention?.silenced?.by).toMatch(/.@./);
  expect(bench.engine.audit.list(2)).toMatchObject([{ action: 'instance.silence', outcome: 'done' }, { action: 'instance.silence', outcome: 'refused' }]);
  expect(await call('fleet.endAttention', { ids, act: 'silence', problems: null })).toMatchObject({ ok: true, value: [{ id, error: null }] });
  expect(bench.engine.fleet.instance(id).attention).toBeUndefined();
});

it('nobody acknowledges what is not there', async () => {
  const id = await one();
  const acknowledge = (...problems: readonly SeenProblem[]) => call('fleet.acknowledge', { instances: [{ id, problems }], until: null, note: '' });
  const seen = (key: string): SeenProblem => ({ key, severity: 'warning', subject: '', amount: null });
  expect(await acknowledge()).toMatchObject({ ok: true, value: [{ id, error: { code: 'nothing-to-acknowledge' } }] });
  expect(await acknowledge({ ...seen('lagging'), amount: 3, transactions: 2 })).toMatchObject({ ok: true, value: [{ id, error: { code: 'nothing-to-acknowledge' } }] });
  // As long as a key can be: of a channel whose name is any text.
  expect(await acknowledge(seen(`receiver-stopped ${'%E8%B4%A6'.repeat(64)}`), seen("lagging a-b_c.!~*'()"))).toMatchObject({ ok: true, value: [{ id, error: { code: 'nothing-to-acknowledge' } }] });
  for (const key of ['lagging\n', 'lagging, x', '', 'x'.repeat(701)]) expect(await acknowledge(seen(key))).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
  expect(await acknowledge({ ...seen('lagging'), subject: 'x'.repeat(2_001) })).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
});

it('one act on many is one write, with what came of each and a line of each in the audit log', async () => {
  const ids = await registered(300);
  const { fleet } = bench.engine;
  const [fenced = ''] = ids;
  await fleet.setIntent(fenced, { kind: 'fenced', since: 1, successorId: ids[1] ?? '' });
  let writes = 0;
  const watcher = watch(bench.dataFolder, (_event, file) => void (writes += file === 'inventory.json' ? 1 : 0));
  const answer = await call('fleet.pauseWatching', { ids: [...ids, 'gone'], until: null, note: 'rack 7' });
  await vi.waitFor(() => expect(writes).toBeGreaterThan(0));
  watcher.close();
  // Replacing a file may be told more than once.
  expect(writes).toBeLessThan(6);
  const outcomes = answer.ok ? answer.value as readonly AttentionOutcome[] : [];
  expect(outcomes.map(({ id }) => id)).toEqual([...ids, 'gone']);
  expect(outcomes.filter(({ error }) => error !== null)).toMatchObject([{ id: fenced, error: { code: 'watch-needed' } }, { id: 'gone', error: { code: 'not-found' } }]);
  expect(fleet.snapshot().instances.filter(({ paused }) => paused?.note === 'rack 7')).toHaveLength(299);
  const lines = bench.engine.audit.list(301);
  expect(new Set(lines.map(({ target }) => target)).size).toBe(301);
  expect(lines.filter(({ outcome }) => outcome === 'done')).toHaveLength(299);
  expect(await bench.engine.audit.verify()).toMatchObject({ state: 'intact' });
});

it('a pause does not leave with the inventory, and ends where the instance becomes another', async () => {
  const id = await one();
  const { fleet } = bench.engine;
  expect(await call('fleet.pauseWatching', { ids: [id], until: null, note: 'moved to another rack' })).toMatchObject({ ok: true, value: [{ error: null }] });
  expect(fleet.view(id)).toMatchObject({ paused: { until: null }, health: { state: 'unknown' } });
  expect(fleet.exportInventory()).not.toContain('another rack');
  // It outlives the program, and another one that looks at the same inventory knows of it.
  const again = await openTestEngine({ dataFolder: bench.dataFolder });
  expect(again.engine.fleet.view(id)).toMatchObject({ paused: { note: 'moved to another rack' }, health: { state: 'unknown' } });
  await again.engine.close();
  await fleet.setIntent(id, { kind: 'fenced', since: 1, successorId: id });
  expect(fleet.instance(id).attention?.paused).toBeUndefined();
  // A fenced one is watched for its return.
  expect(await call('fleet.pauseWatching', { ids: [id], until: null, note: '' })).toMatchObject({ value: [{ error: { code: 'watch-needed', params: { why: 'fenced' } } }] });
});

it('a server that is not watched is not read for the page of a failback, which asks again and again', async () => {
  const [oldId = '', newId = ''] = await registered(2);
  const { fleet } = bench.engine;
  await fleet.setIntent(oldId, { kind: 'fenced', since: 1, successorId: newId });
  const attempts = (): (number | null)[] => [oldId, newId].map((id) => fleet.view(id).health.lastAttemptAt);
  await fleet.pauseWatching([newId], { until: null, note: '' });
  const show = () => call('failback.show', { oldId });
  expect(await show()).toMatchObject({ ok: true, value: { stage: 'unwatched' } });
  expect(attempts()).toEqual([expect.any(Number), null]);
  await fleet.endAttention([newId], 'pause', null);
  expect(await show()).toMatchObject({ ok: true, value: { stage: 'away' } });
  expect(attempts()).toEqual([expect.any(Number), expect.any(Number)]);
});

it('what is over by its time is taken away by itself, once the fleet is watched', async () => {
  const id = await one();
  const { fleet } = bench.engine;
  await fleet.silence([id], { until: Date.now() + 300, note: '' });
  fleet.startPolling();
  await vi.waitFor(() => expect(fleet.instance(id).attention).toBeUndefined(), 5_000);
});
