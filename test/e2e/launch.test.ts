import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { appFolder, displayName, electronProgram, launchApp, ofMain, stopDisplay, type RunningApp } from './app';

afterAll(stopDisplay);

const isShown = ({ electron }: RunningApp): Promise<boolean | undefined> =>
  ofMain(() => electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible()));

it('opens its window on an empty inventory, without a complaint of the page', async () => {
  const app = await launchApp();
  try {
    await app.page.waitForFunction(() => (document.getElementById('root')?.childElementCount ?? 0) > 0);
    expect(await app.page.title()).toContain('Antipode');
    expect(app.page.url()).toBe('app://antipode/index.html');
    // Shown once its first picture is ready, which the page does not wait for.
    await expect.poll(() => isShown(app), { timeout: 60_000 }).toBe(true);
    const window = await ofMain(() => app.electron.evaluate(({ BrowserWindow }) => {
      const [first] = BrowserWindow.getAllWindows();
      return { bounds: first?.getBounds(), smallest: first?.getMinimumSize() };
    }));
    expect(window.bounds).toMatchObject({ width: 1280, height: 800 });
    expect(window.smallest).toEqual([720, 560]);
  } finally {
    await app.close();
  }
});

it('remembers where its window was, per data folder', async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'antipode-e2e-'));
  try {
    const first = await launchApp({ dataFolder });
    await ofMain(() => first.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setBounds({ x: 40, y: 60, width: 1000, height: 640 })));
    await first.close();
    const second = await launchApp({ dataFolder });
    const bounds = await ofMain(() => second.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds()));
    await second.close();
    expect(bounds).toMatchObject({ width: 1000, height: 640 });
  } finally {
    rmSync(dataFolder, { recursive: true, force: true });
  }
});

it('is one app per data folder: a second start shows the first and ends', async () => {
  const app = await launchApp();
  try {
    await ofMain(() => app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide()));
    const name = await displayName();
    const own = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const second = spawn(await electronProgram(), [...own, '--disable-gpu', appFolder, '--data', app.dataFolder], { stdio: 'ignore', env: { ...process.env, ELECTRON_RUN_AS_NODE: undefined, ...(name === null ? {} : { DISPLAY: name }) } });
    const code = await new Promise<number | null>((resolve) => second.once('exit', resolve));
    expect(code).toBe(0);
    await expect.poll(() => isShown(app), { timeout: 60_000 }).toBe(true);
  } finally {
    await app.close();
  }
});

it('ends in order when the system asks it to', async () => {
  const app = await launchApp();
  const process_ = app.electron.process();
  const ended = new Promise((resolve) => process_.once('exit', resolve));
  process_.kill('SIGTERM');
  await ended;
  await app.close();
});
