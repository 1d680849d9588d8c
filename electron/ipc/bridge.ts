import { ipcMain } from 'electron';
import type { BrowserWindow, IpcMainEvent, IpcMainInvokeEvent, WebFrameMain } from 'electron';
import { channels } from '../../shared/contract/events';
import type { EngineEvent } from '../../shared/contract/events';
import { createBatcher } from './batcher';
import type { Router, Sender } from '../api/router';

/** Puts a router and the engine's events on Electron's IPC. Returns how to take both off again. */
export function openBridge(options: {
  readonly router: Router;
  readonly onEvent: (listener: (event: EngineEvent) => void) => () => void;
  readonly windows: () => readonly BrowserWindow[];
}): () => void {
  const { router } = options;
  const followed = new WeakSet<object>();

  ipcMain.handle(channels.call, (event, request: unknown) => {
    const sender = senderOf(event);
    if (!followed.has(event.sender)) {
      followed.add(event.sender);
      event.sender.on('destroyed', () => router.forget(sender.id));
      event.sender.on('did-navigate', () => router.forget(sender.id));
    }
    return router.receive(sender, request);
  });
  ipcMain.on(channels.cancel, (event, callId: unknown) => router.cancel(senderOf(event), callId));

  const batcher = createBatcher((batch) => {
    for (const window of options.windows()) {
      if (!window.isDestroyed() && !window.webContents.isDestroyed()) window.webContents.send(channels.events, batch);
    }
  });
  const stop = options.onEvent((event) => batcher.push(event));

  return () => {
    stop();
    batcher.close();
    ipcMain.removeHandler(channels.call);
    ipcMain.removeAllListeners(channels.cancel);
  };
}

function senderOf(event: IpcMainInvokeEvent | IpcMainEvent): Sender {
  const frame = liveFrame(event);
  return { id: String(event.sender.id), origin: frame?.origin ?? '', isMainFrame: frame !== null && frame.parent === null };
}

/** The frame may have navigated away or gone between sending and here: then it is nobody. */
function liveFrame(event: IpcMainInvokeEvent | IpcMainEvent): WebFrameMain | null {
  try {
    const frame = event.senderFrame;
    return frame === null || frame.isDestroyed?.() === true ? null : frame;
  } catch {
    return null;
  }
}
