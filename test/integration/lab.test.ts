import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createConnection } from 'mysql2/promise';
import { afterEach, expect, it } from 'vitest';
import { Lab, type LabEndpoint } from '../../electron/lab/lab';
import { cacheRoot } from '../../electron/lab/runtimes';
import { SMALL_SIZE } from '../../electron/lab/sample';
import { eachSeries } from '../fixtures/matrix';

const labs: { lab: Lab; folder: string }[] = [];

function newLab(): { lab: Lab; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'antipode-test-'));
  const entry = { lab: new Lab(folder), folder };
  labs.push(entry);
  return entry;
}

afterEach(async () => {
  for (const { lab, folder } of labs.splice(0)) {
    await lab.remove();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Processes on this machine that have this folder on their command line. */
function processesOf(folder: string): number[] {
  return readdirSync('/proc').map(Number).filter((pid) => {
    try {
      return Number.isInteger(pid) && pid > 0 && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
    } catch {
      return false;
    }
  });
}

async function ask<T>(endpoint: LabEndpoint, sql: string): Promise<T[]> {
  const connection = await createConnection({ host: endpoint.host, port: endpoint.port, user: endpoint.user, password: endpoint.password });
  try {
    const [rows] = await connection.query(sql);
    return rows as T[];
  } finally {
    await connection.end();
  }
}

eachSeries('lab', (series) => {
  it('loses a server as a host that dies, and has what it had committed when it is started again', async () => {
    const { lab } = newLab();
    const [first, second] = await lab.up({ servers: 2, series });
    if (first === undefined || second === undefined) throw new Error('The lab has no two servers.');
    await ask(first, 'CREATE DATABASE practice');
    await ask(first, 'CREATE TABLE practice.t (id INT PRIMARY KEY)');
    await ask(first, 'INSERT INTO practice.t VALUES (1)');
    const lost = await lab.lose(first.name);
    expect(lost.map(({ name, running }) => [name, running])).toEqual([[first.name, false], [second.name, true]]);
    // Losing what is lost, and starting what runs, change nothing.
    expect((await lab.lose(first.name)).map(({ running }) => running)).toEqual([false, true]);
    expect((await lab.start(first.name)).map(({ running }) => running)).toEqual([true, true]);
    expect((await lab.start(first.name)).map(({ running }) => running)).toEqual([true, true]);
    expect(await ask(first, 'SELECT id FROM practice.t')).toEqual([{ id: 1 }]);
    expect((await lab.stop(second.name)).map(({ running }) => running)).toEqual([true, false]);
    await expect(lab.lose('no-such-1')).rejects.toMatchObject({ reason: 'no-server' });
  });

  it('comes up with the sample under load, is found again, stops and leaves no process', async () => {
    const { lab, folder } = newLab();
    const steps: string[] = [];
    const members = await lab.up({ servers: 2, series, sample: true, sampleSize: SMALL_SIZE, onProgress: ({ step }) => steps.push(step) });
    expect(members).toMatchObject([
      { name: 'guangzhou-1', region: 'Guangzhou', running: true, sample: 'ready' },
      { name: 'shanghai-1', region: 'Shanghai', running: true, sample: 'none' },
    ]);
    expect(new Set(steps)).toEqual(new Set(['create', 'sample']));
    const [first, second] = members as [LabEndpoint, LabEndpoint];
    expect(await ask(second, 'SELECT @@global.gtid_executed AS gtid')).toEqual([{ gtid: '' }]);
    expect(await ask(second, "SHOW DATABASES LIKE 'orders'")).toEqual([]);

    const before = await ask<{ orders: number }>(first, 'SELECT COUNT(*) AS orders FROM orders.orders');
    await expect.poll(async () => (await ask<{ orders: number }>(first, 'SELECT COUNT(*) AS orders FROM orders.orders'))[0]?.orders, { timeout: 15_000 })
      .toBeGreaterThan(before[0]?.orders ?? 0);
    const objects = await ask<{ kind: string; n: number }>(first, `
      SELECT 'view' AS kind, COUNT(*) AS n FROM information_schema.views WHERE table_schema = 'orders'
      UNION ALL SELECT 'routine', COUNT(*) FROM information_schema.routines WHERE routine_schema = 'orders'
      UNION ALL SELECT 'trigger', COUNT(*) FROM information_schema.triggers WHERE trigger_schema = 'orders'
      UNION ALL SELECT 'event', COUNT(*) FROM information_schema.events WHERE event_schema = 'orders'`);
    expect(Object.fromEntries(objects.map(({ kind, n }) => [kind, n]))).toEqual({ view: 2, routine: 3, trigger: 2, event: 1 });

    // Another start of the app: everything is known from the record alone.
    const again = new Lab(folder);
    expect(again.status()).toEqual(members);
    expect(await again.down()).toMatchObject([{ running: false }, { running: false }]);
    expect(processesOf(folder)).toEqual([]);

    const up = await again.up({ servers: 3, sample: true });
    expect(up.map(({ name, running, port }) => ({ name, running, port }))).toEqual([
      { name: 'guangzhou-1', running: true, port: first.port },
      { name: 'shanghai-1', running: true, port: second.port },
      { name: 'chengdu-1', running: true, port: up[2]?.port },
    ]);
    expect(up[2]?.version).toBe(first.version);
    expect((await ask<{ orders: number }>(first, 'SELECT COUNT(*) AS orders FROM orders.orders'))[0]?.orders).toBeGreaterThanOrEqual(SMALL_SIZE.orders);

    await again.remove();
    expect(processesOf(folder)).toEqual([]);
    expect(existsSync(join(folder, 'lab'))).toBe(false);
  });
});

it('an interrupted sample is made anew at the next start', async () => {
  const { lab } = newLab();
  const stop = new AbortController();
  await expect(lab.up({
    servers: 1, series: '9.7', sample: true, sampleSize: SMALL_SIZE, signal: stop.signal,
    onProgress: (progress) => { if (progress.step === 'sample' && progress.table === 'payments') stop.abort(new Error('stopped')); },
  })).rejects.toThrow();
  expect(lab.status()).toMatchObject([{ running: true, sample: 'loading' }]);
  const [first] = await lab.up({ servers: 1, sample: true, sampleSize: SMALL_SIZE });
  expect(first?.sample).toBe('ready');
  expect(await ask(first as LabEndpoint, 'SELECT COUNT(*) > 0 AS paid FROM orders.payments')).toEqual([{ paid: 1 }]);
});

it('comes up from the terminal on a machine where no server was ever made', () => {
  const { folder } = newLab();
  const cache = join(folder, 'cache');
  mkdirSync(cache);
  symlinkSync(join(cacheRoot(), 'runtimes'), join(cache, 'runtimes'));
  const terminal = fileURLToPath(new URL('../../out/cli/cli.js', import.meta.url));
  const answer = spawnSync(process.execPath, [terminal, '--data', folder, '--json', 'lab', 'up', '--servers', '1', '--no-sample'], {
    encoding: 'utf8', env: { ...process.env, ANTIPODE_CACHE: cache }, timeout: 110_000,
  });
  expect({ code: answer.status, errors: answer.stderr }).toMatchObject({ code: 0 });
  expect(JSON.parse(answer.stdout)).toMatchObject({ ok: true, servers: [{ running: true }] });
  expect(readdirSync(join(cache, 'data-templates'))).toHaveLength(1);
});

it('stays with its series from the terminal, whatever the newest is', async () => {
  const { lab, folder } = newLab();
  const up = (...options: string[]): unknown => {
    const terminal = fileURLToPath(new URL('../../out/cli/cli.js', import.meta.url));
    const answer = spawnSync(process.execPath, [terminal, '--data', folder, '--json', 'lab', 'up', '--no-sample', ...options], { encoding: 'utf8', timeout: 110_000 });
    return JSON.parse(answer.stdout);
  };
  expect(up('--servers', '1', '--mysql', '5.6')).toMatchObject({ ok: true, servers: [{ version: expect.stringMatching(/^5\.6\./) as string }] });
  expect(up('--servers', '2')).toMatchObject({ ok: true, servers: [{ version: expect.stringMatching(/^5\.6\./) as string }, { version: expect.stringMatching(/^5\.6\./) as string }] });
  expect(lab.status()).toHaveLength(2);
});
