import type { Bridge } from './bridge';
import { createApi } from './client';

export type { CallError, Result } from './client';

/** The preload script's bridge, looked up at every use: nothing here depends on who put it there, or when. */
export const bridge: Bridge = {
  call: (method, input, callId) => window.api.call(method, input, callId),
  cancel: (callId) => window.api.cancel(callId),
  onEvents: (listener) => window.api.onEvents(listener),
};

/** The engine, from this window: `api.fleet.snapshot()`, `api.call('sync.get', { id })`. Answers are values, see {@link Result}. */
export const api = createApi(bridge);
