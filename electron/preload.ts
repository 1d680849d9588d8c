import { contextBridge, ipcRenderer } from 'electron';
import type { IpcRendererEvent } from 'electron';
import { channels } from '../shared/contract/events';
import type { EventBatch } from '../shared/contract/events';
import type { Envelope } from '../shared/contract/envelope';

/**
 * The one way out of a window: calls by name, their cancellation, and events. Which names there are, who may call them
 * and with what is decided in the main process; nothing here is trusted there. Bundled to one CommonJS file that asks
 * for nothing but `electron`, as a sandboxed preload must.
 */
const api = {
  call: (method: string, input: unknown, callId: string): Promise<Envelope<unknown>> =>
    ipcRenderer.invoke(channels.call, { method, callId, input }) as Promise<Envelope<unknown>>,
  cancel: (callId: string): void => ipcRenderer.send(channels.cancel, callId),
  onEvents: (listener: (batch: EventBatch) => void): (() => void) => {
    const receive = (_event: IpcRendererEvent, batch: EventBatch): void => listener(batch);
    ipcRenderer.on(channels.events, receive);
    return () => void ipcRenderer.removeListener(channels.events, receive);
  },
};

contextBridge.exposeInMainWorld('api', Object.freeze(api));
