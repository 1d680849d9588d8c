import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { methods } from '../../shared/contract/methods';
import type { MethodName } from '../../shared/contract/methods';
import type { Sender } from '../../electron/api/router';
import { instanceForm } from '../fixtures/instance-form';
import { openBench, trusted } from './fake-engine';
import type { Bench } from './fake-engine';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

let calls = 0;
const send = (method: unknown, input?: unknown, sender: Sender = trusted) => bench.router.receive(sender, { method, callId: `a-${(calls += 1)}`, input });
const names = Object.keys(methods) as MethodName[];

describe('unknown methods', () => {
  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'fleet', 'fleet.', 'fleet.snapshot.', 'FLEET.SNAPSHOT', ' fleet.snapshot', 'eval', '', 'x'.repeat(64)])('%j is answered as unknown', async (method) => {
    expect(await send(method)).toMatchObject({ ok: false, error: { code: 'unknown-method' } });
  });

  it.each([undefined, null, 0, 42, {}, [], ['fleet.snapshot'], { toString: () => 'fleet.snapshot' }, 'x'.repeat(65)])('%j is not even a name', async (method) => {
    expect(await send(method)).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
  });

  it.each([[undefined], [null], ['fleet.snapshot'], [[]], [{}], [{ method: 'fleet.snapshot' }], [{ method: 'fleet.snapshot', callId: '../x' }], [{ method: 'fleet.snapshot', callId: 'x'.repeat(65) }]])('the request %j is refused', async (request) => {
    expect(await bench.router.receive(trusted, request)).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
  });
});

describe('senders from elsewhere', () => {
  const strangers: Sender[] = [
    { id: '1', origin: '', isMainFrame: true },
    { id: '1', origin: 'null', isMainFrame: true },
    { id: '1', origin: 'app://antipode', isMainFrame: false },
    { id: '1', origin: 'app://antipode.example', isMainFrame: true },
    { id: '1', origin: 'app://other', isMainFrame: true },
    { id: '1', origin: 'http://antipode', isMainFrame: true },
    { id: '1', origin: 'file://', isMainFrame: true },
    { id: '1', origin: 'devtools://devtools', isMainFrame: true },
  ];
  it.each(strangers)('$origin (main frame: $isMainFrame) gets no method at all', async (sender) => {
    for (const name of names) expect(await send(name, undefined, sender), name).toMatchObject({ ok: false, error: { code: 'untrusted-sender' } });
  });
});

describe('inputs of the wrong kind', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  let deep: unknown = 'x';
  for (let level = 0; level < 5000; level += 1) deep = { inner: deep };
  const wrong: [string, unknown][] = [
    ['null', null],
    ['a number', 7],
    ['a text', 'DROP TABLE'],
    ['a list', [1, 2, 3]],
    ['an empty object', {}],
    ['a prototype', JSON.parse('{"__proto__":{"id":"a"}}')],
    ['nested for ever', deep],
    ['a circle', cyclic],
    ['a map', new Map([['id', 'a']])],
    ['a date', new Date(0)],
    ['bytes', new Uint8Array(1000)],
    ['a hundred million characters', 'x'.repeat(100_000_000)],
    ['a million values', Array.from({ length: 1_000_000 }, () => 0)],
    ['an id that is a path', { id: '../../../etc/passwd' }],
    ['an id that is SQL', { id: "x' OR 1=1 --" }],
    ['an id that is huge', { id: 'x'.repeat(10_000) }],
  ];
  it.each(wrong)('%s is refused by every method, before anything runs', async (_what, input) => {
    const before = bench.engine.settings.get();
    for (const name of names) {
      const answer = await send(name, input);
      // A change of the settings names what changes and may name nothing: then nothing changes.
      if (name === 'settings.set' && answer.ok) expect(answer.value).toEqual(before);
      else expect(answer, name).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
    }
  });

  it('polluted nothing', () => {
    expect(({} as Record<string, unknown>)['id']).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('what is well-formed and wrong', () => {
  const scope = { kind: 'instance' };
  const check = { sourceId: 'nobody', standbyId: 'nobody', scope, seed: 'auto', eraseTarget: false };
  const spec = { name: 'x', sourceId: 'nobody', standbyId: 'nobody', scope, seed: 'copy', acceptWarnings: true, eraseTarget: true };
  const cases: [MethodName, unknown][] = [
    ['fleet.refresh', { id: 'nobody' }],
    ['fleet.objects', { id: 'nobody' }],
    ['fleet.setPassword', { id: 'nobody', password: 'p4ssw0rd-of-nobody' }],
    ['fleet.removeInstance', { id: 'nobody', phrase: 'nobody', dissolve: true }],
    ['sync.addStandby', { sourceId: 'nobody', standbyId: 'nobody' }],
    ['sync.propose', { sourceId: 'nobody', standbyId: 'nobody', scope }],
    ['sync.check', check],
    ['sync.checkOne', { ...check, checkId: 'gtid.mode' }],
    ['sync.fix', { ...check, checkId: 'gtid.mode' }],
    ['sync.create', { spec, start: true, eraseConfirmation: 'x' }],
    ['sync.edit', { id: 'nobody', edit: { name: 'x', scope, seed: 'copy', acceptWarnings: true, eraseTarget: true }, eraseConfirmation: 'x' }],
    ['sync.start', { id: 'nobody' }],
    ['sync.planSkip', { id: 'nobody' }],
    ['sync.skipTransaction', { id: 'nobody', gtid: '00000000-0000-0000-0000-000000000000:1', phrase: 'x' }],
    ['sync.verify', { id: 'nobody' }],
    ['sync.remove', { id: 'nobody', phrase: 'x', stopReplication: true }],
    ['promotion.plan', { standbyId: 'nobody', kind: 'emergency', timeoutSeconds: 10, discardReceived: true, acceptPartial: true }],
    ['promotion.execute', { planId: 'nobody', phrase: 'nobody' }],
    ['promotion.stopWaiting', { taskId: 'nobody', phrase: 'nobody' }],
    ['promotion.planCure', { planId: 'nobody', cureId: 'end-session:nobody:1' }],
    ['promotion.cure', { planId: 'nobody', phrase: 'nobody' }],
    ['promotion.acknowledge', { id: 'nobody' }],
    ['promotion.fence', { instanceId: 'nobody', phrase: 'nobody' }],
    ['gtid.plan', { instanceId: 'nobody', watchSeconds: 0 }],
    ['gtid.execute', { planId: 'nobody', phrase: 'nobody' }],
    ['operations.list', { instanceId: 'nobody' }],
    ['operations.run', { instanceId: 'nobody', operation: 'sql', input: { sql: 'DROP DATABASE x' } }],
    ['tasks.get', { id: 'nobody' }],
    ['tasks.cancel', { id: 'nobody' }],
    ['tasks.resume', { id: 'nobody' }],
    ['tasks.undo', { id: 'nobody' }],
    ['tasks.endByHand', { id: 'nobody', phrase: 'nobody' }],
  ];
  it.each(cases)('%s on what does not exist is an error with a code of its own', async (name, input) => {
    const answer = await send(name, input);
    expect(answer.ok).toBe(false);
    if (!answer.ok) expect(answer.error, JSON.stringify(answer.error)).not.toMatchObject({ code: 'internal' });
  });
});

it('no answer, log or file ever holds a secret that came in', async () => {
  const secret = 'Tr0ub4dor-and-3-staples';
  const region = await bench.router.dispatch('fleet.addRegion', { name: 'Shanghai' });
  const here = instanceForm({ name: 'orders', host: '127.0.0.1', port: 1, user: 'root' }, { regionId: region.ok ? region.value.id : '', tls: { mode: 'off', ca: null } });
  const answers = [
    await send('fleet.testConnection', { form: here, password: secret }),
    await send('fleet.addInstance', { form: here, password: secret }),
    await send('fleet.setPassword', { id: 'nobody', password: secret }),
    await send('secrets.unlock', { passphrase: secret }),
    await send('secrets.choose', { tier: 'passphrase', passphrase: secret }),
    await send('secrets.unlock', { passphrase: `${secret}x` }),
    await send('secrets.status'),
    await send('fleet.snapshot'),
    await send('fleet.exportInventory'),
    await send('audit.export', { format: 'csv' }),
    await send('settings.get'),
    await send('tasks.list'),
  ];
  expect(JSON.stringify(answers)).not.toContain(secret);
  expect(bench.logged.join('\n')).not.toContain(secret);
  const files = readdirSync(bench.dataFolder, { recursive: true, encoding: 'utf8' }).map((name) => join(bench.dataFolder, name));
  for (const file of files.filter((one) => statSync(one).isFile())) expect(readFileSync(file, 'latin1'), file).not.toContain(secret);
});
