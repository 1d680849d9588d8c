import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, dialog, nativeTheme } from 'electron';
import { errorOf } from '../shared/errors/codes';
import { languageOf, translator } from '../shared/i18n/translate';
import type { Language, Translator } from '../shared/i18n/translate';
import type { Settings } from '../shared/domain/settings';
import { makeFolderNow } from './storage/make-folder';
import { dataFolderFrom, debuggingSwitch } from './desktop/arguments';
import { systemKeyring } from './desktop/keyring';
import { openLog } from './desktop/log';
import { installMenu } from './desktop/menu';
import { notifyDesktop } from './desktop/notifications';
import { createDesktopPort } from './desktop/port';
import { registerAppScheme, serveApp } from './desktop/protocol';
import { isRelease } from './desktop/release';
import { guardQuit } from './desktop/quit';
import { isTrustedSender, restrictApp, restrictSessions, webPreferences } from './desktop/security';
import { openWindowState } from './desktop/window-state';
import { openMainWindow } from './desktop/windows';
import type { MainWindow } from './desktop/windows';
import { createEngine } from './engine';
import { openBridge } from './ipc/bridge';
import { createHandlers } from './api/handlers';
import { createRouter } from './api/router';

// Start-up order, and nothing else. What must be said before the app is ready comes first.
app.setName('Antipode');
// Before Chromium opens its port: whoever reaches that has the window, and every password that is typed there.
const debuggedBy = isRelease() ? debuggingSwitch(process.argv) : null;
if (debuggedBy !== null) {
  process.stderr.write(`${translator(languageOf(process.env['LC_ALL'] ?? process.env['LANG'] ?? 'en'))('desktop.start.debugging', { switch: debuggedBy })}\n`);
  process.exit(2);
}
const dataFolder = dataFolderFrom(process.argv, process.cwd()) ?? app.getPath('userData');
app.setPath('userData', dataFolder);
// What Chromium keeps for itself does not mix with the user's data; the folder must be there before it looks.
const chromiumFolder = join(dataFolder, 'chromium');
makeFolderNow(chromiumFolder);
app.setPath('sessionData', chromiumFolder);
restrictApp();
registerAppScheme();

const log = openLog(dataFolder);
/** Who is told of a fault besides the log; nobody before there is an engine. */
let tellFault: (detail: string) => void = () => undefined;
// An operation on servers may be under way: a fault elsewhere in the app is logged and told, and does not end it.
function onFault(thrown: unknown): void {
  log.write({ level: 'error', text: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) });
  tellFault(errorOf(thrown).detail ?? String(thrown));
}
process.on('uncaughtException', onFault).on('unhandledRejection', onFault);

let mainWindow: MainWindow | null = null;

// One app per data folder: the lock is bound to it.
if (app.requestSingleInstanceLock()) {
  app.on('second-instance', showWindow);
  // Not awaited here: Electron gets ready only once this module has been evaluated.
  void app.whenReady().then(run);
} else app.quit();

async function run(): Promise<void> {
  const systemLanguage = languageOf(app.getPreferredSystemLanguages()[0] ?? app.getLocale());
  try {
    await start(systemLanguage);
  } catch (thrown) {
    const t = translator(systemLanguage);
    log.write({ level: 'error', text: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) });
    const error = errorOf(thrown);
    dialog.showErrorBox(t('desktop.start.failed'), `${t(`errors.${error.code}`, { ...error.params })}\n\n${t('desktop.start.folder', { folder: dataFolder })}`);
    app.exit(1);
  }
}

async function start(systemLanguage: Language): Promise<void> {
  const engine = await createEngine({ dataFolder, front: 'desktop', keyring: systemKeyring, appVersion: app.getVersion(), poll: true });
  tellFault = engine.tellFault;
  const language = (settings: Settings): Language => (settings.language === 'system' ? systemLanguage : settings.language);
  const translate = (): Translator => translator(language(engine.settings.get()));
  const applySettings = (settings: Settings): void => {
    nativeTheme.themeSource = settings.theme;
    installMenu(translator(language(settings)));
  };
  applySettings(engine.settings.get());

  const window = (): MainWindow['browserWindow'] | null => (mainWindow === null || mainWindow.browserWindow.isDestroyed() ? null : mainWindow.browserWindow);
  const handlers = createHandlers(engine, createDesktopPort({ dataFolder, systemLanguage, window }));
  const router = createRouter({ handlers, isTrusted: isTrustedSender, log: (line) => log.write({ level: 'error', ...line }) });
  const windows = (): MainWindow['browserWindow'][] => [window()].filter((one) => one !== null);
  const closeBridge = openBridge({ router, onEvent: engine.onEvent, windows });
  engine.onEvent((event) => {
    if (event.type === 'settings') applySettings(event.settings);
  });
  engine.onEvent(
    notifyDesktop({
      translate, settings: () => engine.settings.get(), fleet: () => engine.fleet.snapshot(),
      inFront: () => window()?.isFocused() ?? false, open: showWindow,
    }),
  );
  guardQuit({
    translate,
    running: () => engine.tasks.list().filter((task) => task.canCancel || ['running', 'undoing', 'cancelling', 'pausing'].includes(task.state)),
    window,
    async close() {
      closeBridge();
      await engine.close();
    },
  });

  serveApp(restrictSessions(), fileURLToPath(new URL('../renderer', import.meta.url)));
  const preload = fileURLToPath(new URL('../preload/preload.cjs', import.meta.url));
  mainWindow = openMainWindow({ preferences: webPreferences(preload), state: openWindowState(dataFolder), title: 'Antipode' });
  await mainWindow.load();
}

function showWindow(): void {
  const window = mainWindow?.browserWindow;
  if (window === undefined || window.isDestroyed()) return;
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
