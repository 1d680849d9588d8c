// What a stored password, a program's path and the parameters of a vault can be made to do by a window, a file or a server of an attacker's.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHandlers, terminalPort } from '../../electron/api/handlers';
import { createRouter, type Router } from '../../electron/api/router';
import { instanceSecretKey } from '../../electron/fleet/secret-keys';
import { passwordRecord } from '../../electron/fleet/passwords';
import { openVault } from '../../electron/storage/vault';
import type { InstanceForm } from '../../shared/domain/fleet/instance';
import { instanceForm } from '../fixtures/instance-form';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { trusted } from './fake-engine';

// A key of a passphrase takes half a second on purpose, and more on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const password = 'Tr0ub4dor-and-3-staples';
let test: TestEngine;
let evil: Server;
let knocks: number;
let regionId: string;
let id: string;
const registered = (): InstanceForm => instanceForm({ name: 'orders', host: 'db.internal', port: 3306, user: 'dba' }, { regionId, tls: { mode: 'verify', ca: '-----BEGIN CERTIFICATE-----' } });

beforeEach(async () => {
  test = await openTestEngine({ front: 'desktop' });
  regionId = (await test.engine.fleet.addRegion('Shanghai')).id;
  const file = {
    format: 'antipode-inventory', version: 1, regions: [], projects: [],
    instances: [{ ...registered(), region: 'Shanghai', project: null, serverUuid: null, follows: null }],
  };
  await test.engine.fleet.importInventory(JSON.stringify(file), false);
  id = test.engine.fleet.instanceByName('orders').id;
  await test.engine.vault.set(instanceSecretKey(id), passwordRecord(registered(), password));
  knocks = 0;
  evil = createServer((socket) => {
    knocks += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await test.dispose();
  await new Promise((resolve) => evil.close(resolve));
});

let calls = 0;
const send = (router: Router, method: string, input?: unknown) => router.receive(trusted, { method, callId: `s-${(calls += 1)}`, input });
const routerOf = (): Router => createRouter({ handlers: createHandlers(test.engine, terminalPort), isTrusted: () => true });
const atEvil = () => ({ host: '127.0.0.1', port: (evil.address() as AddressInfo).port });

describe('a stored password', () => {
  const forms: [string, () => InstanceForm][] = [
    ['another address', () => ({ ...registered(), admin: atEvil() })],
    ['another address, and nothing to prove there', () => ({ ...registered(), admin: atEvil(), tls: { mode: 'off', ca: null } })],
    ['its address in the clear', () => ({ ...registered(), tls: { mode: 'off', ca: null } })],
    ['its address, unproven', () => ({ ...registered(), tls: { mode: 'preferred', ca: null } })],
    ['its address by another CA', () => ({ ...registered(), tls: { mode: 'verify', ca: 'CA of an attacker' } })],
    ['its address by the system\'s CAs', () => ({ ...registered(), tls: { mode: 'verify', ca: null } })],
  ];
  it.each(forms)('is tested nowhere but where it was given for: %s', async (_what, form) => {
    expect(await send(routerOf(), 'fleet.testConnection', { form: form(), instanceId: id })).toMatchObject({ ok: false, error: { code: 'password-elsewhere' } });
    expect(knocks).toBe(0);
  });

  it.each(forms)('moves with no edit of its instance: %s', async (_what, form) => {
    expect(await send(routerOf(), 'fleet.updateInstance', { id, form: form() })).toMatchObject({ ok: false, error: { code: 'password-elsewhere' } });
    expect(knocks).toBe(0);
    expect(test.engine.fleet.instance(id)).toMatchObject({ admin: registered().admin, tls: registered().tls });
  });

  it('goes to no address that an edited file of the inventory names, and is asked for again', async () => {
    const file = join(test.dataFolder, 'inventory.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"db.internal"', '"127.0.0.1"').replace('3306', String(atEvil().port)).replace('"verify"', '"off"'));
    const router = routerOf();
    // What another process wrote is seen some milliseconds later.
    await expect.poll(() => test.engine.fleet.instance(id).admin).toEqual(atEvil());
    expect(await send(router, 'fleet.refresh', { id })).toMatchObject({ ok: true, value: { passwordKnown: false } });
    expect(await send(router, 'fleet.objects', { id })).toMatchObject({ ok: false, error: { code: 'password-elsewhere' } });
    expect(await send(router, 'fleet.testConnection', { form: { ...registered(), admin: atEvil(), tls: { mode: 'off', ca: null } }, instanceId: id })).toMatchObject({ ok: false, error: { code: 'password-elsewhere' } });
    expect(knocks).toBe(0);
    // With a password given for it the user says that it is meant.
    await send(router, 'fleet.setPassword', { id, password: 'given again' });
    expect(knocks).toBeGreaterThan(0);
  });
});

describe('the program of the practice lab', () => {
  it('is one that a dialog of this run returned, and nothing that a window names', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'antipode-program-'));
    const program = join(folder, 'mysqld');
    const ran = join(folder, 'ran');
    writeFileSync(program, `#!/bin/sh\necho ran > ${ran}\necho 'mysqld  Ver 8.0.36 for Linux on x86_64'\n`);
    chmodSync(program, 0o755);
    let chosen: string | null = null;
    const handlers = createHandlers(test.engine, { ...terminalPort, chooseProgram: () => Promise.resolve(chosen) });
    const router = createRouter({ handlers, isTrusted: () => true });
    try {
      expect(await send(router, 'lab.useProgram', { path: program })).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
      expect(await send(router, 'app.chooseProgram')).toEqual({ ok: true, value: null });
      expect(await send(router, 'lab.useProgram', { path: program })).toMatchObject({ ok: false });
      expect(existsSync(ran)).toBe(false);
      chosen = program;
      expect(await send(router, 'app.chooseProgram')).toEqual({ ok: true, value: program });
      for (const other of [`${program} `, join(folder, '..', program), `${folder}/./mysqld`, '/bin/sh']) expect(await send(router, 'lab.useProgram', { path: other }), other).toMatchObject({ ok: false });
      expect(existsSync(ran)).toBe(false);
      expect(await send(router, 'lab.useProgram', { path: program })).toMatchObject({ ok: true });
      expect(existsSync(ran)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('a file that is imported', () => {
  it('is one that a dialog of this run returned, and no other is read for a window', async () => {
    const chosen = join(tmpdir(), 'antipode-none', 'shop.sql');
    const handlers = createHandlers(test.engine, { ...terminalPort, trustsPaths: false, chooseFile: () => Promise.resolve(chosen) });
    const router = createRouter({ handlers, isTrusted: () => true });
    const plan = (path: string) => send(router, 'import.plan', { instanceId: 'none', path, database: null, onError: 'stop', fromByte: 0 });
    expect(await plan(chosen)).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
    expect(await send(router, 'app.chooseFile')).toEqual({ ok: true, value: chosen });
    for (const path of ['/etc/passwd', `${chosen} `, join(chosen, '..', 'other.sql')]) expect(await plan(path), path).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
    expect(await plan(chosen)).toMatchObject({ ok: false, error: { code: 'not-found' } });
    const form = { encoding: 'utf-8', delimiter: ',', quote: '"', escape: 'none', lineEnd: 'lf', header: false, decimal: 'point', nulls: [] };
    const look = { instanceId: 'none', database: 'd', table: 't' };
    const rows = { ...look, form, mapping: ['a'], mode: 'insert', onError: 'stop', fromByte: 0 };
    for (const [method, input] of [['import.inspect', { ...look, form: {} }], ['import.planRows', rows]] as const) {
      expect(await send(router, method, { ...input, path: '/etc/passwd' })).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
      expect(await send(router, method, { ...input, path: chosen })).toMatchObject({ ok: false, error: { code: 'not-found' } });
      for (const delimiter of ['', ',,', '"', '\n', 'a', '0', '\\', '.', '-', '+']) {
        expect(await send(router, method, { ...input, path: chosen, form: { ...form, delimiter } }), delimiter).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
      }
      for (const wrong of [{ ...form, encoding: 'utf-7' }, { ...form, nulls: ['x'.repeat(65)] }, { ...form, quote: '|' }, { ...form, more: 1 }]) {
        expect(await send(router, method, { ...input, path: chosen, form: wrong })).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
      }
    }
    expect(await send(router, 'import.planRows', { ...rows, path: chosen, mapping: Array.from({ length: 5_000 }, () => 'a') })).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
  });
});

describe('a folder for backups', () => {
  it('is one that a dialog of this run returned, and a backup goes nowhere else', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'antipode-place-'));
    const handlers = createHandlers(test.engine, { ...terminalPort, trustsPaths: false, chooseFolder: () => Promise.resolve(folder) });
    const router = createRouter({ handlers, isTrusted: () => true });
    try {
      for (const path of [folder, '/etc', join(folder, 'new')]) expect(await send(router, 'backup.addPlace', { path })).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
      expect(existsSync(join(folder, 'new'))).toBe(false);
      expect(await send(router, 'app.chooseFolder')).toEqual({ ok: true, value: folder });
      for (const path of [`${folder}/`, `${folder}/..`, join(folder, 'new')]) expect(await send(router, 'backup.addPlace', { path }), path).toMatchObject({ ok: false });
      expect(await send(router, 'backup.addPlace', { path: folder })).toMatchObject({ ok: true });
      expect(await send(router, 'backup.removePlace', { path: folder })).toMatchObject({ ok: true });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('the file of the vault', () => {
  it.each([
    ['the limits of every parameter at once', { n: 2 ** 20, r: 16, p: 4 }],
    ['much work', { n: 2 ** 20, r: 8, p: 1 }],
    ['much memory', { n: 2 ** 19, r: 16, p: 1 }],
    ['no power of two', { n: 100_000, r: 8, p: 1 }],
    ['next to no work', { n: 2, r: 1, p: 1 }],
  ])('makes nobody wait and nothing allocate: %s', async (_what, parameters) => {
    const first = openVault({ dataFolder: test.dataFolder, keyring: null });
    await first.choose('passphrase', 'correct horse battery staple');
    const file = join(test.dataFolder, 'vault.json');
    const content = JSON.parse(readFileSync(file, 'utf8')) as { kdf: object };
    writeFileSync(file, JSON.stringify({ ...content, kdf: { ...content.kdf, ...parameters } }));
    const vault = openVault({ dataFolder: test.dataFolder, keyring: null });
    const since = performance.now();
    await expect(vault.unlock('correct horse battery staple')).rejects.toMatchObject({ error: { code: 'vault-broken' } });
    expect(performance.now() - since).toBeLessThan(200);
    expect(vault.status()).toMatchObject({ broken: true, damage: { what: 'parameters' } });
  });
});
