import { describe, expect, it, vi } from 'vitest';
import { createRouter } from '../../electron/api/router';
import type { CallContext, HandlerMap } from '../../electron/api/router';
import { methods } from '../../shared/contract/methods';
import type { MethodName } from '../../shared/contract/methods';
import { failure } from '../../shared/errors/codes';
import { instanceForm } from '../fixtures/instance-form';
import { trusted } from './fake-engine';

/** Handlers that answer with what they got, but for those that are given. */
function handlersWith(given: Partial<Record<MethodName, (input: never, context: CallContext) => unknown>>): HandlerMap {
  const all = Object.fromEntries(Object.keys(methods).map((name) => [name, (input: unknown) => input]));
  return { ...all, ...given } as unknown as HandlerMap;
}

const isTrusted = (): boolean => true;
const call = (method: string, input?: unknown, callId = 'c-1') => ({ method, callId, input });

describe('a call', () => {
  it('reaches its handler with the parsed input, and comes back in an envelope', async () => {
    const router = createRouter({ handlers: handlersWith({}), isTrusted });
    expect(await router.receive(trusted, call('fleet.addRegion', { name: '  Guangzhou ' }))).toEqual({ ok: true, value: { name: 'Guangzhou' } });
    expect(await router.receive(trusted, call('fleet.addRegion', { name: 'Guangzhou', more: 1 }))).toMatchObject({ ok: false, error: { code: 'invalid-input', params: { field: 'more' } } });
    expect(await router.receive(trusted, call('fleet.snapshot'))).toEqual({ ok: true, value: undefined });
  });

  it('that fails is answered with its code, its params and a correlation id that is in the log', async () => {
    const log = vi.fn();
    const handlers = handlersWith({ 'fleet.refresh': () => { throw failure('tcp-timeout', { host: 'db', port: 3306, seconds: 5 }, { server: 'orders' }); } });
    const answer = await createRouter({ handlers, isTrusted, log }).receive(trusted, call('fleet.refresh', { id: 'a' }));
    expect(answer).toMatchObject({ ok: false, error: { code: 'tcp-timeout', params: { host: 'db' }, server: 'orders', retry: true } });
    expect(log.mock.calls[0]?.[0]).toMatchObject({ method: 'fleet.refresh', code: 'tcp-timeout', correlationId: answer.ok ? '' : answer.error.correlationId });
  });

  it.each([[new Error('boom')], ['boom'], [undefined], [null]])('whose handler throws %s is answered as internal', async (thrown) => {
    const handlers = handlersWith({ 'fleet.refresh': () => { throw thrown; } });
    const answer = await createRouter({ handlers, isTrusted }).receive(trusted, call('fleet.refresh', { id: 'a' }));
    expect(answer).toMatchObject({ ok: false, error: { code: 'internal', retry: false } });
  });

  it('has a rule in words wherever its form is told by a pattern', () => {
    const without = new Set<string>();
    const seen = new Set<unknown>();
    const walk = (part: unknown): void => {
      if (typeof part !== 'object' || part === null || seen.has(part)) return;
      seen.add(part);
      if ('requirement' in part && part.requirement instanceof RegExp && (!('message' in part) || typeof part.message !== 'string')) without.add(String(part.requirement));
      for (const inner of Object.values(part)) walk(inner);
    };
    for (const { input } of Object.values(methods)) walk(input);
    expect(seen.size).toBeGreaterThan(500);
    expect([...without]).toEqual([]);
  });

  it('tells which field is wrong and what was expected, never what came', async () => {
    const router = createRouter({ handlers: handlersWith({}), isTrusted });
    const form = instanceForm({ name: 'n', host: 'h', port: 99999, user: 'u' }, { regionId: 'r' });
    const answer = await router.receive(trusted, call('fleet.addInstance', { form, password: 'hunter2-secret' }));
    expect(answer).toMatchObject({ ok: false, error: { code: 'invalid-input', params: { field: 'form.admin.port' } } });
    const wrongType = await router.receive(trusted, call('fleet.setPassword', { id: 'a', password: 31337 }));
    expect(wrongType).toMatchObject({ ok: false, error: { code: 'invalid-input', params: { field: 'password', reason: 'expected string' } } });
    const look = { instanceId: 'a', path: '/tmp/rows.csv', table: null, form: {} };
    const emoji = await router.receive(trusted, call('import.inspect', { ...look, database: 'sh🙂p' }));
    expect(emoji).toMatchObject({ ok: false, error: { code: 'invalid-input', params: { field: 'database', reason: expect.stringContaining('emoji') as string } } });
    const gtid = await router.receive(trusted, call('sync.skipTransaction', { id: 'a', gtid: 'xx', phrase: '' }));
    expect(gtid).toMatchObject({ ok: false, error: { code: 'invalid-input', params: { field: 'gtid', reason: 'expected UUID:N | UUID:TAG:N' } } });
    // A rule without words of ours: the library's hold what came.
    const nul = await router.receive(trusted, call('import.inspect', { ...look, path: 'hunter2\0', database: null }));
    expect(nul).toMatchObject({ ok: false, error: { code: 'invalid-input', params: { field: 'path' } } });
    expect(JSON.stringify([answer, wrongType, emoji, nul])).not.toMatch(/hunter2|31337|🙂/);
  });

  it('that brought a password is answered and logged without what nobody foresaw', async () => {
    const log = vi.fn();
    const handlers = handlersWith({ 'fleet.setPassword': ({ password }) => { throw new Error(`could not take ${password}`); } });
    const answer = await createRouter({ handlers, isTrusted, log }).receive(trusted, call('fleet.setPassword', { id: 'a', password: 'a' }));
    expect(answer).toMatchObject({ ok: false, error: { code: 'internal', params: { detail: '(withheld: the call brought a password)' } } });
    expect(JSON.stringify(log.mock.calls)).not.toContain('could not take');
    expect(JSON.stringify(log.mock.calls)).toContain('router.test');
  });

  it('from within the process takes the same way', async () => {
    const router = createRouter({ handlers: handlersWith({}) });
    expect(await router.dispatch('fleet.addRegion', { name: 'x' })).toEqual({ ok: true, value: { name: 'x' } });
    expect(await router.dispatch('fleet.addRegion', { name: '' })).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
  });
});

describe('cancel', () => {
  it('answers a query at once and tells its handler', async () => {
    let signal: AbortSignal | undefined;
    const handlers = handlersWith({ 'sync.check': (_input: never, context: CallContext) => new Promise(() => (signal = context.signal)) });
    const router = createRouter({ handlers, isTrusted });
    const pending = router.receive(trusted, call('sync.check', { sourceId: 'a', standbyId: 'b', scope: { kind: 'instance' }, seed: 'auto', eraseTarget: false }, 'c-9'));
    await vi.waitUntil(() => signal !== undefined);
    router.cancel({ id: 'another window' }, 'c-9');
    router.cancel(trusted, { hostile: true });
    expect(signal?.aborted).toBe(false);
    router.cancel(trusted, 'c-9');
    expect(await pending).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(signal?.aborted).toBe(true);
  });

  it('tells a command, and answers when that has really ended', async () => {
    let finish = (): void => undefined;
    const handlers = handlersWith({ 'sync.start': () => new Promise<string>((resolve) => (finish = () => resolve('ended'))) });
    const router = createRouter({ handlers, isTrusted });
    const pending = router.receive(trusted, call('sync.start', { id: 'a' }, 'c-9'));
    router.cancel(trusted, 'c-9');
    let answered = false;
    void pending.then(() => (answered = true));
    await Promise.resolve();
    expect(answered).toBe(false);
    await vi.waitUntil(() => (finish(), answered));
    expect(await pending).toEqual({ ok: true, value: 'ended' });
  });

  it('of a window that has gone ends its queries', async () => {
    const handlers = handlersWith({ 'fleet.objects': () => new Promise(() => undefined) });
    const router = createRouter({ handlers, isTrusted });
    const pending = router.receive(trusted, call('fleet.objects', { id: 'a' }));
    router.forget(trusted.id);
    expect(await pending).toMatchObject({ ok: false, error: { code: 'cancelled' } });
  });

  it('a call id that is in use is refused, and the first call goes on', async () => {
    let finish = (): void => undefined;
    const handlers = handlersWith({ 'fleet.objects': () => new Promise<readonly string[]>((resolve) => (finish = () => resolve([]))) });
    const router = createRouter({ handlers, isTrusted });
    const first = router.receive(trusted, call('fleet.objects', { id: 'a' }));
    expect(await router.receive(trusted, call('fleet.objects', { id: 'a' }))).toMatchObject({ ok: false, error: { code: 'invalid-input', params: { field: 'callId' } } });
    finish();
    expect(await first).toEqual({ ok: true, value: [] });
  });
});
