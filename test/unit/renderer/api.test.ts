import { describe, expect, it, vi } from 'vitest';
import type { EngineEvent, EventBatch } from '../../../shared/contract/events';
import { methods } from '../../../shared/contract/methods';
import { failure } from '../../../shared/errors/codes';
import type { Bridge } from '../../../renderer/api/bridge';
import { createApi } from '../../../renderer/api/client';
import { subscribe } from '../../../renderer/api/events';
import { fakeBridge } from '../../fixtures/renderer-fake-api';

describe('client of the engine', () => {
  it('calls by name and by group with the same input', async () => {
    const bridge = fakeBridge();
    const api = createApi(bridge);
    await api.call('fleet.refresh', { id: 'orders-gz' });
    await api.fleet.refresh({ id: 'orders-gz' });
    expect(bridge.calls).toEqual([
      { method: 'fleet.refresh', input: { id: 'orders-gz' } },
      { method: 'fleet.refresh', input: { id: 'orders-gz' } },
    ]);
  });

  it('has every method of the contract under its group, and nothing else', () => {
    const { call, ...groups } = createApi(fakeBridge());
    const names = Object.entries(groups).flatMap(([head, group]) => Object.keys(group).map((tail) => `${head}.${tail}`));
    expect(names.sort()).toEqual(Object.keys(methods).sort());
    expect(call).toBeTypeOf('function');
  });

  it('answers failures as values', async () => {
    const bridge = fakeBridge({
      handlers: {
        'fleet.refresh': () => {
          throw failure('tcp-refused', { host: 'db', port: 3306 }, { server: 'orders-gz' });
        },
      },
    });
    const answer = await createApi(bridge).fleet.refresh({ id: 'x' });
    expect(answer).toMatchObject({ ok: false, error: { code: 'tcp-refused', server: 'orders-gz' } });
  });

  it('answers a bridge that throws as an internal failure', async () => {
    const bridge: Bridge = { call: () => Promise.reject(new Error('no handler')), cancel: () => undefined, onEvents: () => () => undefined };
    const answer = await createApi(bridge, () => 'call-1').app.info();
    expect(answer).toMatchObject({ ok: false, error: { code: 'internal', correlationId: 'call-1' } });
  });

  it('cancels the call in the engine when its signal is aborted', async () => {
    let finish: (() => void) | undefined;
    const bridge = fakeBridge({ handlers: { 'app.copy': () => new Promise<void>((resolve) => (finish = resolve)) } });
    const aborter = new AbortController();
    const answer = createApi(bridge, () => 'call-7').app.copy({ text: 'x' }, { signal: aborter.signal });
    aborter.abort();
    expect(bridge.cancelled).toEqual(['call-7']);
    await vi.waitFor(() => expect(finish).toBeDefined(), { timeout: 20_000 });
    finish?.();
    await answer;
  });

  it('does not call at all on a signal that is aborted already', async () => {
    const bridge = fakeBridge();
    const answer = await createApi(bridge).app.info(undefined, { signal: AbortSignal.abort() });
    expect(answer).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(bridge.calls).toEqual([]);
  });
});

describe('events', () => {
  const event: EngineEvent = { type: 'sync-removed', id: 'a' };
  function listen(): { send: (batch: EventBatch) => void; seen: string[]; stop: () => void } {
    let listener: ((batch: EventBatch) => void) | undefined;
    const seen: string[] = [];
    const bridge: Bridge = {
      call: () => Promise.reject(new Error('unused')),
      cancel: () => undefined,
      onEvents: (given) => {
        listener = given;
        return () => (listener = undefined);
      },
    };
    const stop = subscribe(bridge, { onEvent: ({ type }) => seen.push(type), onGap: () => seen.push('gap'), onAlive: () => seen.push('alive') });
    return { send: (batch) => listener?.(batch), seen, stop };
  }

  it('starts at any number and goes on without a gap', () => {
    const { send, seen } = listen();
    send({ seq: 41, events: [event] });
    send({ seq: 42, events: [event, event] });
    expect(seen).toEqual(['alive', 'sync-removed', 'alive', 'sync-removed', 'sync-removed']);
  });

  it('tells a gap before the batch that follows it', () => {
    const { send, seen } = listen();
    send({ seq: 1, events: [] });
    send({ seq: 3, events: [event] });
    expect(seen).toEqual(['alive', 'alive', 'gap', 'sync-removed']);
  });

  it('hears nothing after it was stopped', () => {
    const { send, seen, stop } = listen();
    stop();
    send({ seq: 1, events: [event] });
    expect(seen).toEqual([]);
  });
});
