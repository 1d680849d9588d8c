// Schedules and the engine without a window, as a site with no desktop runs them.
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTerminal, type Terminal } from '../fixtures/terminal';
import { waitUntil } from '../fixtures/wait';

interface Told {
  readonly event: string;
  readonly at: string;
  readonly outcome?: string;
  readonly state?: string;
  readonly kind?: string;
  readonly code?: string;
  readonly taskId?: string | null;
  readonly instances?: number;
  readonly schedules?: number;
  readonly tasks?: readonly string[];
}

/** What a program tells, line by line, and how it ended. */
function listen(child: ChildProcess): { readonly told: Told[]; readonly ended: Promise<number | null> } {
  const told: Told[] = [];
  if (child.stdout === null) throw new Error('no stdout');
  createInterface({ input: child.stdout }).on('line', (line) => void told.push(JSON.parse(line) as Told));
  return { told, ended: new Promise((resolve) => void child.once('close', (code) => resolve(code))) };
}

describe('schedules from the terminal (9.7)', () => {
  let gz: TestServer;
  let sh: TestServer;
  let terminal: Terminal;
  const children: ChildProcess[] = [];
  const serve = (): ReturnType<typeof listen> & { readonly child: ChildProcess } => {
    const child = terminal.start('serve');
    children.push(child);
    return { child, ...listen(child) };
  };

  beforeAll(async () => {
    terminal = openTerminal();
    ({ gz, sh } = await startServers({ gz: { series: '9.7', durability: 'relaxed' }, sh: { series: '9.7', durability: 'relaxed' } }));
    await gz.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); INSERT INTO shop.orders VALUES (1), (2)');
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    terminal?.dispose();
    await disposeServers();
  });

  const step = journey('from the first schedule to a service that ends cleanly');

  step('takes a schedule of a link, and of nothing else', async () => {
    expect((await terminal.register('orders-gz', 'Guangzhou', gz)).code).toBe(0);
    expect((await terminal.register('orders-sh', 'Shanghai', sh)).code).toBe(0);
    expect(await terminal.run('verify', 'schedule', 'add', 'orders-gz', 'orders-sh', '--hourly')).toMatchObject({ code: 2, json: { error: { code: 'invalid-input' } } });
    const created = await terminal.run('sync', 'create', 'orders-gz', 'orders-sh', '--name', 'orders', '--start', '--accept-warnings', '--wait');
    expect(created.json.state, created.stdout).toBe('replicating');
    for (const [wrong, reason] of [
      [[], '--hourly'], [['--hourly', '--daily', '03:00'], '--hourly'], [['--cron', '61 * * * *'], 'minute'], [['--cron', '0 0 30 2 *'], 'never run'],
      [['--weekly', 'someday', '03:00'], 'sun | mon'], [['--weekly', 'sun', '25:00'], 'HH:MM'], [['--daily', '3'], 'HH:MM'], [['--daily', '03:00', '--time-zone', 'Mars/Olympus'], 'Mars'],
    ] as const) {
      const answer = await terminal.run('verify', 'schedule', 'add', 'orders-gz', 'orders-sh', ...wrong);
      expect(answer, answer.stdout).toMatchObject({ code: 2, json: { ok: false, error: { code: 'invalid-input' } } });
      expect(answer.json.error.message).toContain(reason);
    }
    const weekly = await terminal.run('verify', 'schedule', 'add', 'orders-gz', 'orders-sh', '--weekly', 'Sun', '03:00', '--time-zone', 'Europe/Berlin', '--catch-up', '--rate', '700');
    expect(weekly, weekly.stdout).toMatchObject({ code: 0, json: { ok: true, schedule: { name: 'orders', pattern: '0 3 * * 0', timeZone: 'Europe/Berlin', catchUp: true, enabled: true, rowsPerSecond: 700 } } });
    expect(await terminal.run('verify', 'schedule', 'add', 'orders-gz', 'orders-sh', '--hourly')).toMatchObject({ code: 3, json: { error: { code: 'name-taken' } } });
  });

  step('lists it for people and for programs, and removes it on its id', async () => {
    const [schedule] = (await terminal.run('verify', 'schedule', 'list')).json.schedules;
    const id = schedule?.id ?? '';
    const { stdout } = await terminal.text('verify', 'schedule', 'list');
    for (const part of [id, 'orders', 'Sundays at 03:00 (Europe/Berlin)', 'none yet', 'Rows per second at most', '700']) expect(stdout).toContain(part);
    expect(await terminal.run('verify', 'schedule', 'remove', id, '--confirm', 'other')).toMatchObject({ code: 3, json: { error: { code: 'confirm-mismatch' } } });
    expect(await terminal.run('verify', 'schedule', 'remove', 'nobody', '--confirm', 'nobody')).toMatchObject({ code: 2, json: { error: { code: 'not-found' } } });
    expect(await terminal.run('verify', 'schedule', 'remove', id, '--confirm', id)).toMatchObject({ code: 0, json: { ok: true, removed: id } });
    expect((await terminal.run('verify', 'schedule', 'list')).json.schedules).toEqual([]);
    const help = (await terminal.text('verify', 'schedule', 'add', '--help')).stdout;
    for (const option of ['--hourly', '--daily <HH:MM>', '--weekly <DAY HH:MM...>', '--cron <pattern>', '--time-zone <zone>', '--catch-up']) {
      expect(help.split('\n').find((line) => line.trim().startsWith(option))?.trim().length ?? 0, option).toBeGreaterThan(option.length + 10);
    }
  });

  step('takes a schedule of backups with what is kept, and changes nothing of one that is refused', async () => {
    const add = (...more: string[]) => terminal.run('backup', 'schedule', 'add', 'orders-gz', ...more);
    for (const wrong of [['--keep', '0'], ['--keep', 'some'], ['--keep-days', '1.5'], ['--keep', 'all', '--keep-days', '3'], []]) {
      const answer = await add(...(wrong.length === 0 ? [] : ['--hourly', ...wrong]));
      expect(answer, answer.stdout).toMatchObject({ code: 2, json: { error: { code: 'invalid-input' } } });
    }
    const place = join(terminal.dataFolder, 'elsewhere');
    const saved = await add('--daily', '02:30', '--keep', '7', '--keep-days', '30', '--to', place);
    expect(saved, saved.stdout).toMatchObject({ code: 0, json: { schedule: { kind: 'backup', name: 'orders-gz', pattern: '30 2 * * *' } } });
    expect(await add('--hourly', '--keep', 'all')).toMatchObject({ code: 3, json: { error: { code: 'name-taken' } } });
    const { schedules } = (await terminal.run('backup', 'schedule', 'list')).json;
    expect(schedules).toMatchObject([{ name: 'orders-gz', policy: { place, keepCount: 7, keepDays: 30 } }]);
    const { stdout } = await terminal.text('backup', 'schedule', 'list');
    for (const part of ['daily at 02:30', 'keeps the newest 7, and those younger than 30 days', place]) expect(stdout).toContain(part);
    const id = schedules[0]?.id ?? '';
    expect(await terminal.run('verify', 'schedule', 'remove', id, '--confirm', id)).toMatchObject({ code: 2, json: { error: { code: 'not-found' } } });
    expect(await terminal.run('backup', 'schedule', 'remove', id, '--confirm', id)).toMatchObject({ code: 0, json: { removed: id } });
  });

  step('leaves nothing half-way where it is ended in the middle of a run', async () => {
    expect((await terminal.run('verify', 'schedule', 'add', 'orders-gz', 'orders-sh', '--cron', '* * * * *')).code).toBe(0);
    const client = await gz.connect();
    await client.query('LOCK TABLES shop.orders WRITE');
    const { child, told, ended } = serve();
    const { taskId } = await waitUntil('a run', () => told.find(({ event, outcome }) => event === 'schedule' && outcome === 'started'), 90_000);
    await waitUntil('it waits for the lock', async () => (await gz.query<{ State: string }>('SHOW PROCESSLIST')).some(({ State }) => /metadata lock/u.test(State)), 30_000);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(told.slice(-2)).toMatchObject([{ event: 'stopping', tasks: [taskId] }, { event: 'stopped' }]);
    await client.query('UNLOCK TABLES');
    await client.end();
    const [schedule] = (await terminal.run('verify', 'schedule', 'list')).json.schedules;
    expect(schedule?.lastTask).toMatchObject({ state: 'cancelled' });
    expect((await sh.query<{ Replica_SQL_Running: string }>('SHOW REPLICA STATUS'))[0]?.Replica_SQL_Running).toBe('Yes');
  });

  step('serves: starts what is due, for real, and a second one is refused', async () => {
    const { child, told, ended } = serve();
    await waitUntil('it serves', () => told.some(({ event }) => event === 'serving'));
    expect(told[0]).toMatchObject({ event: 'serving', instances: 2, schedules: 1 });
    const second = await terminal.run('serve');
    expect(second).toMatchObject({ code: 3, json: { ok: false, error: { code: 'already-served' } } });
    expect(second.json.error.message).toContain(String(child.pid));
    const run = await waitUntil('a run', () => told.find(({ event, outcome }) => event === 'schedule' && outcome === 'started'), 90_000);
    await waitUntil('its end', () => told.some(({ event, kind, state }) => event === 'task' && kind === 'verify' && state === 'done'));
    expect(run.taskId).not.toBeNull();
    const proof = await terminal.run('verify', 'orders-gz', 'orders-sh', '--last');
    expect(proof, proof.stdout).toMatchObject({ code: 0, json: { ok: true } });
    // A server that is lost is told without being asked for.
    await sh.stop();
    await waitUntil('the alert', () => told.some(({ event }) => event === 'alert'), 60_000);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(told.at(-1)).toMatchObject({ event: 'stopped' });
  });

  step('is free again once it has ended, and ends on Ctrl-C too', async () => {
    const { child, told, ended } = serve();
    await waitUntil('it serves', () => told.some(({ event }) => event === 'serving'));
    child.kill('SIGINT');
    expect(await ended).toBe(0);
  });

  step('is free again after one that was killed', async () => {
    const first = serve();
    await waitUntil('it serves', () => first.told.some(({ event }) => event === 'serving'));
    first.child.kill('SIGKILL');
    await first.ended;
    const next = serve();
    await waitUntil('the next serves', () => next.told.some(({ event }) => event === 'serving'));
    next.child.kill('SIGTERM');
    expect(await next.ended).toBe(0);
  });
});
