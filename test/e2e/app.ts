import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron } from 'playwright';
import type { ElectronApplication, Page } from 'playwright';
import { provideDisplay } from './display';
import type { Display } from './display';

/** The built app: `npm run build` comes before the end-to-end tests. */
export const appFolder = fileURLToPath(new URL('../..', import.meta.url));

/** The app under test, in the real Electron, with a data folder of its own. */
export interface RunningApp {
  readonly electron: ElectronApplication;
  readonly page: Page;
  readonly dataFolder: string;
  /** What went wrong on the page so far: errors on the console, uncaught exceptions, violations of its content policy. */
  readonly complaints: readonly string[];
  /** Complaints that a test brings about on purpose, before or after: at its end there has to be one, and no other kind. */
  expectComplaints(pattern: RegExp): void;
  /** Ends the app, and fails where the page complained. The data folder stays where the test brought it. */
  close(): Promise<void>;
  /** Ends every process of the app at once, as a power cut would. */
  kill(): Promise<void>;
}

export interface LaunchOptions {
  /** A folder that stays; without it, one that goes with the app. */
  readonly dataFolder?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A packaged app's program, instead of the development runtime and the build. */
  readonly packagedProgram?: string;
  /** Wraps the program, say in a tracer: gets its path and gives that of what is started instead, with the same arguments. */
  readonly wrap?: (program: string) => string;
}

let display: Promise<Display> | null = null;

/** The Electron runtime that the set-up found or fetched. */
export async function electronProgram(): Promise<string> {
  // A script of the set-up, in plain JavaScript; what it exports is told here.
  const location = new URL('../../scripts/setup/electron.mjs', import.meta.url).href;
  const setup = (await import(/* @vite-ignore */ location)) as { findElectron(): { readonly executable: string } | undefined };
  const runtime = setup.findElectron();
  if (runtime === undefined) throw new Error('there is no Electron runtime yet: npm run setup');
  return runtime.executable;
}

/** Holds an unpackaged app back until the driver listens. */
export function driverLoader(): string {
  const driver = createRequire(import.meta.url).resolve('playwright-core/package.json');
  return join(dirname(driver), 'lib/server/electron/loader.js');
}

/**
 * What the main process answers. Its engine may collect the promise that the driver waits for before it tells of it: then it is asked
 * again, so that what is asked must be the same asked twice.
 */
export async function ofMain<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (thrown) {
      if (attempt === 5 || !(thrown instanceof Error) || !thrown.message.includes('promise was garbage collected')) throw thrown;
    }
  }
}

/** Starts the app and waits for its window; every message of the page from its first line on is listened to. */
export async function launchApp(options: LaunchOptions = {}): Promise<RunningApp> {
  if (options.packagedProgram === undefined && !existsSync(join(appFolder, 'out/main/main.js'))) throw new Error('the app is not built: npm run build');
  const name = await displayName();
  const program = options.packagedProgram ?? (await electronProgram());
  const dataFolder = options.dataFolder ?? mkdtempSync(join(tmpdir(), 'antipode-e2e-'));
  const own = [
    // A test runs as root on a build machine. The product never turns its sandbox off; only a launcher can.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    '--disable-gpu',
    // A window that another one covers is drawn and timed like any other: on one display several may lie on each other.
    '--disable-backgrounding-occluded-windows',
    '--disable-renderer-backgrounding',
    '--disable-background-timer-throttling',
    // The driver's own loader holds the app back until the driver listens; a packaged app takes no such thing.
    ...(options.packagedProgram === undefined ? ['-r', driverLoader(), appFolder] : []),
    '--data',
    dataFolder,
    ...(options.args ?? []),
  ];
  const electron = await _electron.launch({
    executablePath: options.wrap?.(program) ?? program, args: own, env: environment(name, options.env), timeout: 60_000,
  });
  const complaints: string[] = [];
  const expected: RegExp[] = [];
  const page = await electron.firstWindow();
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`exception: ${error.message}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => console.error(`content policy: ${event.violatedDirective} refused ${event.blockedURI}`));
  });
  // The window was there before anybody listened: loaded once more, its first messages are heard too.
  // Not before the app's own navigation has ended, or the two get into each other's way.
  await page.waitForURL(/^app:/u, { waitUntil: 'load' });
  // The driver misses the end of one in some hundred reloads: it is asked for once more, and told.
  await page.reload({ waitUntil: 'load', timeout: 15_000 }).catch(async (thrown: unknown) => {
    process.stderr.write(`${name}: the window is loaded a second time: ${String(thrown)}\n`);
    await page.reload({ waitUntil: 'load' });
  });

  const pid = electron.process().pid;
  const clean = (): void => {
    if (options.dataFolder === undefined) rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  const ended = new Promise<void>((resolve) => electron.process().once('exit', () => resolve()));
  return {
    electron,
    page,
    dataFolder,
    complaints,
    expectComplaints: (pattern) => void expected.push(pattern),
    async close() {
      const patience = setTimeout(() => pid !== undefined && end(pid), 15_000);
      await electron.close().catch(() => undefined);
      await ended;
      clearTimeout(patience);
      clean();
      const unexpected = complaints.filter((complaint) => !expected.some((pattern) => pattern.test(complaint)));
      if (unexpected.length > 0) throw new Error(`the page complained:\n${unexpected.join('\n')}`);
      const missed = expected.filter((pattern) => !complaints.some((complaint) => pattern.test(complaint)));
      if (missed.length > 0) throw new Error(`the page did not complain as it should: ${missed.join(', ')}`);
    },
    async kill() {
      if (pid !== undefined) end(pid);
      await ended;
      clean();
    },
  };
}

/** The display that the apps of a test file share; started with the first. */
export async function displayName(): Promise<string | null> {
  display ??= provideDisplay();
  return (await display).name;
}

/** Stops the virtual display, where these tests started one. */
export async function stopDisplay(): Promise<void> {
  const running = display;
  display = null;
  (await running)?.stop();
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function environment(displayName: string | null, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const own = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  // ELECTRON_RUN_AS_NODE would make the runtime a plain Node.
  const inherited = Object.fromEntries(own.filter(([key]) => key !== 'ELECTRON_RUN_AS_NODE' && !key.startsWith('VITEST')));
  return { ...inherited, ...(displayName === null ? {} : { DISPLAY: displayName }), ...more };
}
