import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appFolder, displayName, launchApp, ofMain, stopDisplay } from './app';
import type { RunningApp } from './app';
import { instanceForm } from '../fixtures/instance-form';
import { disposeServers, startServers } from '../fixtures/servers';
import { eventually, get } from './operator';

describe('the packaged app', () => {
  let app: RunningApp;
  beforeAll(async () => {
    execFileSync(process.execPath, [join(appFolder, 'scripts/package.mjs')], { cwd: appFolder, stdio: 'pipe' });
    const packagedProgram = join(appFolder, 'release/linux-unpacked/antipode');
    // A packaged app does not wait for the driver before it starts, so that the driver may come too late, on a busy machine more than once.
    app = await launchApp({ packagedProgram }).catch(() => launchApp({ packagedProgram })).catch(() => launchApp({ packagedProgram }));
  });
  afterAll(async () => {
    await app.close();
    await stopDisplay();
  });

  it('starts, greets an empty inventory, and is the version that was packaged', async () => {
    await app.page.getByRole('button', { name: /Add an instance|登记实例|添加实例/ }).first().waitFor();
    const info = await app.page.evaluate(() => (globalThis as unknown as { api: { call(method: string, input: undefined, id: string): Promise<{ value: { version: string } }> } }).api.call('app.info', undefined, crypto.randomUUID()));
    const packaged = await ofMain(() => app.electron.evaluate(({ app: electronApp }) => ({
      packaged: electronApp.isPackaged, version: electronApp.getVersion(),
    })));
    expect(packaged.packaged).toBe(true);
    expect(info.value.version).toBe(packaged.version);
  });

  it('copies in its worker thread, which comes from the archive as well', async () => {
    const servers = await startServers({ north: { series: '9.7' }, south: { series: '9.7' } });
    try {
      await servers.north.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); INSERT INTO shop.orders VALUES (1), (2)');
      const { page } = app;
      const ids: string[] = [];
      for (const [name, server] of Object.entries(servers)) {
        const region = await get(page, 'fleet.addRegion', { name });
        const form = instanceForm({ ...server, name }, { regionId: region.id });
        ids.push((await get(page, 'fleet.addInstance', { form, password: server.password })).instance.id);
      }
      const [sourceId = '', standbyId = ''] = ids;
      await get(page, 'sync.create', { spec: { name: 'south', sourceId, standbyId, scope: { kind: 'instance' }, seed: 'copy', acceptWarnings: true, eraseTarget: false }, start: true, eraseConfirmation: null });
      await eventually(async () => (await get(page, 'sync.list'))[0]?.state, 'replicating', 60_000);
      expect(await servers.south.query('SELECT id FROM shop.orders ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
    } finally {
      await disposeServers();
    }
  });
});

describe('a release', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'antipode-release-'));
    // A folder as a release makes it: the tests' own is driven by a debugger.
    execFileSync(process.execPath, [join(appFolder, 'scripts/package.mjs'), '--dir', `-c.directories.output=${folder}`], { cwd: appFolder, stdio: 'pipe' });
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await stopDisplay();
  });

  it.each(['--remote-debugging-port=0', '--remote-debugging-pipe', '--inspect=0'])('does not start with %s, and says why', async (argument) => {
    const display = await displayName();
    const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const ended = spawnSync(join(folder, 'linux-unpacked/antipode'), [...root, '--disable-gpu', '--data', join(folder, 'data'), argument], {
      encoding: 'utf8', timeout: 30_000, env: { ...process.env, ELECTRON_RUN_AS_NODE: undefined, ...(display === null ? {} : { DISPLAY: display }) },
    });
    expect({ status: ended.status, listening: /DevTools listening|Debugger listening/.test(ended.stderr) }, ended.stderr).toEqual({ status: 2, listening: false });
    expect(ended.stderr).toContain(argument.split('=')[0]);
  });
});
