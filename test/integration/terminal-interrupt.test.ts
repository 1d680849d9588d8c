// Ctrl-C, by the built program in a process of its own: one that arrives twice is one, and what it stops leaves nothing behind.
import type { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { translator } from '../../shared/i18n/translate';
import { eachSeries } from '../fixtures/matrix';
import { until } from '../fixtures/promotion-pair';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTerminal, type Terminal } from '../fixtures/terminal';

afterAll(disposeServers);

const patienceMs = 30_000;
/** Within one press, as a terminal and whoever started the program both send it; and between two. */
const [echoMs, againMs] = [50, 2_200];

eachSeries('terminal-interrupt', (series) => {
  let server: TestServer;
  let terminal: Terminal;
  let folder = '';
  let running: ReturnType<typeof spawn> | null = null;
  beforeEach(async () => {
    ({ server } = await startServers({ server: { series } }));
    await server.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY) ENGINE=InnoDB; INSERT INTO shop.orders VALUES (1)');
    terminal = openTerminal();
    folder = mkdtempSync(join(tmpdir(), 'antipode-test-'));
    await terminal.register('a', 'North', server);
  });
  afterEach(() => {
    running?.kill('SIGKILL');
    terminal.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A command under way, and how it ends. */
  const begun = (...command: string[]) => {
    const child = terminal.start(...command);
    running = child;
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (chunk: Buffer) => { stdout += chunk.toString(); });
    child.stderr?.on('data', (chunk: Buffer) => { stderr += chunk.toString(); });
    const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    });
    /** It has heard the first one: only from then on a second one counts. */
    const heard = (): Promise<void> => until(() => Promise.resolve(stderr.includes(translator('en')('terminal.interrupted'))), patienceMs, 'it to hear of it');
    return { child, ended, heard };
  };
  const later = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });
  const statements = async (of: RegExp): Promise<number> =>
    (await server.query<{ Info: string | null; State: string | null }>('SHOW FULL PROCESSLIST')).filter(({ Info, State }) => of.test(Info ?? '') || of.test(State ?? '')).length;

  it('that arrives twice is one: a backup that waits for a lock is taken back whole', async () => {
    const client = await server.connect({ user: 'root' });
    try {
      await client.query('LOCK TABLES shop.orders WRITE');
      const { child, ended } = begun('backup', 'create', 'a', '--to', folder, '--wait');
      await until(async () => (await statements(/metadata lock|global read lock|table flush/u)) > 0, patienceMs, 'it to wait for the lock');
      child.kill('SIGINT');
      await later(echoMs);
      child.kill('SIGINT');
      const { code, stdout } = await ended;
      expect([code, JSON.parse(stdout)], stdout).toMatchObject([4, { ok: false }]);
    } finally {
      await client.end();
    }
    expect(readdirSync(folder)).toEqual([]);
    await until(async () => (await statements(/metadata lock|global read lock|table flush/u)) === 0, patienceMs, 'its sessions to be gone');
    expect(await terminal.run('recover')).toMatchObject({ code: 0, json: { interrupted: [] } });
    expect(await terminal.run('backup', 'create', 'a', '--to', folder, '--wait')).toMatchObject({ code: 0, json: { ok: true } });
  });

  it('ends the statement that a command waits for, at its server', async () => {
    const { child, ended } = begun('sql', 'a', '--execute', 'SELECT SLEEP(300)');
    await until(async () => (await statements(/SLEEP\(300\)/u)) === 1, patienceMs, 'the statement to run');
    child.kill('SIGINT');
    expect((await ended).code).toBe(4);
    expect(await statements(/SLEEP\(300\)/u)).toBe(0);
  });

  it('pressed again leaves at once, whatever the server does, and its task is there to be recovered', async () => {
    const client = await server.connect({ user: 'root' });
    try {
      await client.query('LOCK TABLES shop.orders WRITE');
      const { child, ended, heard } = begun('backup', 'create', 'a', '--to', folder, '--wait');
      await until(async () => (await statements(/metadata lock|global read lock|table flush/u)) > 0, patienceMs, 'it to wait for the lock');
      server.freeze();
      child.kill('SIGINT');
      await heard();
      await later(againMs);
      // It may have ended by itself meanwhile, where it needs no answer for that.
      child.kill('SIGINT');
      expect((await ended).code).toBe(4);
    } finally {
      server.thaw();
      await client.end();
    }
    const left = await terminal.run('recover');
    for (const { id } of left.json.interrupted) await terminal.run('recover', id, '--undo');
    expect(await terminal.run('recover')).toMatchObject({ code: 0, json: { interrupted: [] } });
    expect(readdirSync(folder)).toEqual([]);
  });
});
