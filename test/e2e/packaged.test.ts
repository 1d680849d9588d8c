import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appFolder, launchApp, stopDisplay } from './app';
import type { RunningApp } from './app';

describe('the packaged app', () => {
  let app: RunningApp;
  beforeAll(async () => {
    execFileSync(process.execPath, [join(appFolder, 'scripts/package.mjs')], { cwd: appFolder, stdio: 'pipe' });
    const packagedProgram = join(appFolder, 'release/linux-unpacked/antipode');
    // A packaged app does not wait for the driver before it starts, so that the driver may come too late once.
    app = await launchApp({ packagedProgram }).catch(() => launchApp({ packagedProgram }));
  });
  afterAll(async () => {
    await app.close();
    await stopDisplay();
  });

  it('starts, greets an empty inventory, and is the version that was packaged', async () => {
    await app.page.getByRole('button', { name: /Add an instance|登记实例|添加实例/ }).first().waitFor();
    const info = await app.page.evaluate(() => (globalThis as unknown as { api: { call(method: string, input: undefined, id: string): Promise<{ value: { version: string } }> } }).api.call('app.info', undefined, crypto.randomUUID()));
    const packaged = await app.electron.evaluate(({ app: electronApp }) => ({ packaged: electronApp.isPackaged, version: electronApp.getVersion() }));
    expect(packaged.packaged).toBe(true);
    expect(info.value.version).toBe(packaged.version);
  });
});
