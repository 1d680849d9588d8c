// What an instance is meant to be decides what is locked on it: a window changes that by the acts that prove it, and in no other way.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { methods, type MethodName } from '../../shared/contract/methods';
import type { Intent } from '../../shared/domain/fleet/instance';
import { copySpec } from '../fixtures/sync-spec';
import { instanceForm } from '../fixtures/instance-form';
import { openBench, trusted, viewOf, type Bench } from './fake-engine';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

const call = (method: string, input: unknown) => bench.router.receive(trusted, { method, input, callId: 'c' });
const form = instanceForm({ name: 'orders-b', host: '127.0.0.1', port: 1, user: 'u' }, { regionId: 'r-1' });

/** `b` is a primary that was fenced; `a` has taken its place. Nobody reaches them. */
function fencedPair(intent: Intent = { kind: 'fenced', since: 1, successorId: 'a' }) {
  const { fleet } = bench.engine;
  vi.spyOn(fleet, 'view').mockImplementation((id) => (id === 'a' ? viewOf('a', 'primary') : { ...viewOf(id, 'fenced'), instance: { ...viewOf(id, 'fenced').instance, intent } }));
  vi.spyOn(fleet, 'instance').mockImplementation((id) => fleet.view(id).instance);
  return vi.spyOn(fleet, 'setIntent').mockResolvedValue(undefined);
}

it('no method takes an intent', async () => {
  const set = fencedPair();
  for (const name of Object.keys(methods) as MethodName[]) {
    expect(await call(name, { id: 'b', instanceId: 'b', intent: { kind: 'none' } }), name).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
  }
  for (const [method, input] of [['fleet.updateInstance', { id: 'b' }], ['fleet.addInstance', { password: 'p' }], ['fleet.testConnection', {}]] as const) {
    expect(await call(method, { ...input, form: { ...form, intent: { kind: 'none' } } }), method).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
  }
  expect(set).not.toHaveBeenCalled();
});

it('a sync task that is only made and removed leaves a fence as it is', async () => {
  const set = fencedPair();
  const { id } = await bench.engine.sync.create(copySpec('orders', 'a', 'b'), false, null);
  expect(await call('sync.remove', { id, phrase: 'orders', stopReplication: false })).toMatchObject({ ok: true });
  expect(set).not.toHaveBeenCalled();
});

it('one that nobody could read is registered as nobody’s standby, and a fence is not forgotten so', async () => {
  const set = fencedPair();
  expect(await call('sync.addStandby', { sourceId: 'a', standbyId: 'b' })).toMatchObject({ ok: false });
  expect(await call('sync.addStandby', { sourceId: 'b', standbyId: 'b' })).toMatchObject({ ok: false, error: { code: 'source-is-target' } });
  expect(set).not.toHaveBeenCalled();
});

it('the mark that SQL only reads is set at once, taken away after its word alone, and goes with the inventory', async () => {
  const { fleet, audit } = bench.engine;
  await fleet.addRegion('North');
  const record = { ...instanceForm({ name: 'old', host: '127.0.0.1', port: 1, user: 'u' }, { regionId: 'r' }), region: 'North', project: null, follows: null, serverUuid: null };
  await fleet.importInventory(JSON.stringify({ ...(JSON.parse(fleet.exportInventory()) as object), instances: [record] }), false);
  const [{ id } = { id: '' }] = fleet.instances();
  expect(await call('sql.mark', { instanceId: id, readOnly: true, phrase: '' })).toMatchObject({ ok: true });
  expect(JSON.parse(fleet.exportInventory())).toMatchObject({ instances: [{ sqlReadOnly: true }] });
  for (const phrase of ['', 'Old', 'old ']) expect(await call('sql.mark', { instanceId: id, readOnly: false, phrase })).toMatchObject({ ok: false, error: { code: 'confirm-mismatch' } });
  expect(fleet.instance(id).sqlReadOnly).toBe(true);
  expect(await call('sql.mark', { instanceId: id, readOnly: false, phrase: 'old' })).toMatchObject({ ok: true });
  expect(fleet.instance(id).sqlReadOnly).toBe(false);
  expect(await call('sql.keepTabs', { instanceId: id, tabs: [{ id: 't', name: 'SQL 1', text: 'SELECT 1', database: '' }], active: 't' })).toMatchObject({ ok: true });
  expect(audit.list(2)).toMatchObject([{ action: 'instance.sql-mark', outcome: 'done', detail: { readOnly: false } }, {}]);
  // What is kept of it goes when it is removed on purpose, and not before.
  const kept = (): readonly string[] => readdirSync(join(bench.dataFolder, 'sql')).filter((file) => file.endsWith('.json'));
  expect(kept()).toEqual([`tabs-${id}.json`]);
  expect(await call('fleet.removeInstance', { id, phrase: 'wrong', dissolve: false })).toMatchObject({ ok: false });
  expect(kept()).toHaveLength(1);
  expect(await call('fleet.removeInstance', { id, phrase: 'old', dissolve: false })).toMatchObject({ ok: true });
  expect(kept()).toEqual([]);
});

it('the successor of a fenced primary stays registered: the mark does not go with it', async () => {
  const { fleet } = bench.engine;
  const region = await fleet.addRegion('North');
  const one = (name: string, port: number) => ({ ...instanceForm({ name, host: '127.0.0.1', port, user: 'u' }, { regionId: region.id }) });
  for (const [name, port] of [['old', 1], ['new', 2]] as const) {
    const text = JSON.stringify({ ...(JSON.parse(fleet.exportInventory()) as object), instances: [{ ...one(name, port), region: 'North', project: null, follows: null, serverUuid: null }] });
    expect((await fleet.importInventory(text, false)).added).toEqual([name]);
  }
  const idOf = (name: string): string => fleet.instances().find((found) => found.name === name)?.id ?? '';
  await fleet.setIntent(idOf('old'), { kind: 'fenced', since: 1, successorId: idOf('new') });
  for (const dissolve of [false, true]) {
    expect(await call('fleet.removeInstance', { id: idOf('new'), phrase: 'new', dissolve })).toMatchObject({ ok: false, error: { code: 'has-fenced', params: { fenced: 'old' } } });
  }
  expect(fleet.instance(idOf('old')).intent).toMatchObject({ kind: 'fenced', successorId: idOf('new') });
  // The one that is fenced may go, and its successor after it.
  for (const name of ['old', 'new']) expect(await call('fleet.removeInstance', { id: idOf(name), phrase: name, dissolve: false })).toMatchObject({ ok: true });
});
