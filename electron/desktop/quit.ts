import { app, dialog } from 'electron';
import type { BrowserWindow, MessageBoxSyncOptions } from 'electron';
import type { Translator } from '../../shared/i18n/translate';

/**
 * Asks before the app ends in the middle of an operation, and closes the engine in order when it does. A signal from
 * the system (logging out, shutting down, Ctrl-C) is not argued with.
 */
export function guardQuit(options: {
  readonly translate: () => Translator;
  /** Tasks that this process runs now. */
  readonly running: () => readonly { readonly name: string }[];
  readonly window: () => BrowserWindow | null;
  readonly close: () => Promise<void>;
}): void {
  let decided = false;
  let closed = false;

  function mayQuit(): boolean {
    if (decided) return true;
    const running = options.running();
    if (running.length === 0) return (decided = true);
    const t = options.translate();
    const stay = 0;
    const question: MessageBoxSyncOptions = {
      type: 'warning',
      message: t('desktop.quit.title', { count: running.length }),
      detail: t('desktop.quit.detail', { names: running.map((task) => task.name).join('\n') }),
      buttons: [t('desktop.quit.stay'), t('desktop.quit.leave')],
      defaultId: stay,
      cancelId: stay,
    };
    const window = options.window();
    decided = (window === null ? dialog.showMessageBoxSync(question) : dialog.showMessageBoxSync(window, question)) !== stay;
    return decided;
  }

  app.on('browser-window-created', (_event, window) => {
    window.on('close', (event) => {
      if (!mayQuit()) event.preventDefault();
    });
  });
  app.on('before-quit', (event) => {
    if (!mayQuit()) event.preventDefault();
  });
  app.on('window-all-closed', () => app.quit());
  app.on('will-quit', (event) => {
    if (closed) return;
    event.preventDefault();
    closed = true;
    void options.close().finally(() => app.exit());
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      decided = true;
      app.quit();
    });
  }
}
