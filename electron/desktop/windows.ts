import { BrowserWindow, nativeTheme, screen } from 'electron';
import type { WebPreferences } from 'electron';
import { appOrigin } from './content-policy';
import { fitted, smallest } from './window-state';
import type { WindowState } from './window-state';

/** The background until the page paints, as the theme's own. */
const background = { light: '#ffffff', dark: '#14171c' } as const;

/** The app's one window. */
export interface MainWindow {
  readonly browserWindow: BrowserWindow;
  /** Resolves when the page has loaded; rejects where it cannot. */
  load(): Promise<void>;
}

/** Makes the window, hidden until its first paint; where it was left the last time. */
export function openMainWindow(options: {
  readonly preferences: WebPreferences;
  readonly state: { get(): WindowState; set(state: WindowState): void };
  readonly title: string;
}): MainWindow {
  const state = fitted(options.state.get(), screen.getAllDisplays().map((display) => display.workArea));
  const browserWindow = new BrowserWindow({
    width: state.width,
    height: state.height,
    ...(state.x === null || state.y === null ? { center: true } : { x: state.x, y: state.y }),
    minWidth: smallest.width,
    minHeight: smallest.height,
    show: false,
    title: options.title,
    backgroundColor: nativeTheme.shouldUseDarkColors ? background.dark : background.light,
    webPreferences: options.preferences,
  });
  if (state.maximized) browserWindow.maximize();
  browserWindow.once('ready-to-show', () => browserWindow.show());
  // The page's own title would be read out twice by a screen reader, and changes nothing here.
  browserWindow.on('page-title-updated', (event) => event.preventDefault());
  browserWindow.on('close', () => {
    const { x, y, width, height } = browserWindow.getNormalBounds();
    try {
      options.state.set({ x, y, width, height, maximized: browserWindow.isMaximized() });
    } catch {
      // Where the window was is not worth keeping anybody from closing it.
    }
  });
  const load = (): Promise<void> => browserWindow.loadURL(`${appOrigin}/index.html`);
  let lastCrashAt = 0;
  browserWindow.webContents.on('render-process-gone', (_event, { reason }) => {
    // The engine is untouched; the page comes back with a fresh snapshot. Not for ever: a page that dies at once stays away.
    if (reason === 'clean-exit' || Date.now() - lastCrashAt < 10_000 || browserWindow.isDestroyed()) return;
    lastCrashAt = Date.now();
    void load().catch(() => undefined);
  });
  return { browserWindow, load };
}
