import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Engine } from '../../electron/engine-types';
import type { EngineEvent } from '../../shared/contract/events';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';

let app: TestEngine;
let engine: Engine;
const events: EngineEvent[] = [];
const one = { servers: 1, runtimeId: null, sample: false, series: '9.7' } as const;

beforeAll(async () => {
  app = await openTestEngine({ front: 'desktop', onEvent: (event) => void events.push(event) });
  ({ engine } = app);
});
afterEach(async () => {
  await engine.lab.remove();
  events.length = 0;
});
afterAll(() => app.dispose());

it('starts practice servers and puts them into the inventory, once', async () => {
  const status = await engine.lab.up(one);
  expect(status.servers).toMatchObject([{ region: 'Guangzhou', running: true, instanceId: expect.any(String) }]);
  expect(status.busy).toBeNull();
  const [instance] = engine.fleet.instances();
  expect(instance).toMatchObject({ id: status.servers[0]?.instanceId, name: status.servers[0]?.name });
  expect((await engine.fleet.refresh(instance?.id ?? '')).health.state).toBe('reachable');
  await engine.lab.up({ servers: 1, runtimeId: null, sample: false });
  expect(engine.fleet.instances()).toHaveLength(1);
  // What it was busy with was told while it lasted.
  expect(events.some((event) => event.type === 'lab' && event.status.busy !== null)).toBe(true);
});

it('refuses a second order while it is busy', async () => {
  await engine.lab.up(one);
  const down = engine.lab.down();
  await expect(engine.lab.up({ servers: 1, runtimeId: null, sample: false })).rejects.toMatchObject({ error: { code: 'task-state' } });
  expect((await down).servers).toMatchObject([{ running: false }]);
});

it('knows the servers and their passwords again after a restart of the app', async () => {
  await engine.lab.up(one);
  await engine.lab.down();
  engine = await app.reopen();
  const [instance] = engine.fleet.instances();
  // No keyring here: the vault forgot, the lab did not.
  expect(engine.fleet.view(instance?.id ?? '').passwordKnown).toBe(true);
  const status = await engine.lab.up({ servers: 1, runtimeId: null, sample: false });
  expect(status.servers).toMatchObject([{ running: true, instanceId: instance?.id }]);
  expect((await engine.fleet.refresh(instance?.id ?? '')).health.state).toBe('reachable');
});

it('loses a practice server: the fleet sees it go, and come back when it is started', async () => {
  const { servers: [server] } = await engine.lab.up(one);
  const id = server?.instanceId ?? '';
  const name = server?.name ?? '';
  expect((await engine.lab.lose(name)).servers).toMatchObject([{ running: false }]);
  expect((await engine.fleet.refresh(id)).health.state).toBe('unreachable');
  expect((await engine.lab.start(name)).servers).toMatchObject([{ running: true }]);
  expect((await engine.fleet.refresh(id)).health.state).toBe('reachable');
  await expect(engine.lab.lose('no-such-1')).rejects.toMatchObject({ error: { code: 'lab-failed' } });
});

it('does not keep the app from starting where its record is broken', async () => {
  await engine.lab.up(one);
  const file = join(app.dataFolder, 'lab', 'lab.json');
  const intact = readFileSync(file, 'utf8');
  await app.crash();
  writeFileSync(file, intact.slice(0, 40));
  engine = await app.reopen();
  expect(engine.fleet.instances()).toHaveLength(1);
  await expect(engine.lab.status()).rejects.toMatchObject({ error: { code: 'lab-failed' } });
  writeFileSync(file, intact);
  expect((await engine.lab.status()).servers).toHaveLength(1);
});

it('takes them off the inventory when it removes them', async () => {
  await engine.lab.up(one);
  expect(engine.fleet.instances()).toHaveLength(1);
  const status = await engine.lab.remove();
  expect(status.servers).toEqual([]);
  expect(engine.fleet.instances()).toEqual([]);
});

it('refuses a program that is none', async () => {
  await expect(engine.lab.useProgram('/bin/true')).rejects.toMatchObject({ error: { code: 'invalid-input' } });
  await expect(engine.lab.useProgram('/no/such/mysqld')).rejects.toMatchObject({ error: { code: 'invalid-input', params: { reason: 'not-found' } } });
});
