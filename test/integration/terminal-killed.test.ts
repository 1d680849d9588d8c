// A terminal that dies (SIGKILL) while it holds a task: the next one says what was left with exit code 4, and goes on, back, or lets go of it.
import type { spawn } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { translator } from '../../shared/i18n/translate';
import { eachSeries } from '../fixtures/matrix';
import { until } from '../fixtures/promotion-pair';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTerminal, type Terminal, type TerminalAnswer } from '../fixtures/terminal';

const t = translator('en');
const rows = 'SELECT COUNT(*), COALESCE(SUM(CRC32(CONCAT(id, note))), 0) FROM shop.orders';

eachSeries('terminal-killed', (series, { since57 }) => {
  let north: TestServer;
  let south: TestServer;
  let terminal: Terminal;
  let running: ReturnType<typeof spawn>[] = [];
  beforeEach(async () => {
    ({ north, south } = await startServers({ north: { series, durability: 'full' }, south: { series, durability: 'full' } }));
    terminal = openTerminal();
    await north.query("CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(400)) ENGINE=InnoDB; INSERT INTO shop.orders (note) VALUES (REPEAT('x', 400))");
    await terminal.register('a', 'North', north);
    await terminal.register('b', 'South', south);
  });
  afterEach(async () => {
    for (const child of running) child.kill('SIGKILL');
    running = [];
    terminal.dispose();
    await disposeServers();
  });

  const many = async (): Promise<void> => {
    for (let have = 1; have < 2 ** 15; have *= 2) await north.query('INSERT INTO shop.orders (note) SELECT note FROM shop.orders');
  };
  /** Runs a command and kills it as soon as it says so much; whether it was alive until then. */
  const killedAt = (said: RegExp, ...command: string[]): Promise<boolean> => new Promise((resolve, reject) => {
    const child = terminal.start(...command);
    running.push(child);
    let heard = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
      if (said.test(heard)) child.kill('SIGKILL');
    });
    child.stdout?.on('data', (chunk: Buffer) => { heard += chunk.toString(); });
    child.once('error', reject);
    child.once('close', (_code, signal) => (said.test(heard) ? resolve(signal === 'SIGKILL') : reject(new Error(`never said: ${String(said)}\n${heard}`))));
  });
  const left = async (): Promise<TerminalAnswer> => terminal.run('recover');
  const idOf = (answer: TerminalAnswer): string => {
    expect(answer, answer.stdout).toMatchObject({ code: 4, json: { ok: true } });
    expect(answer.json.interrupted).toHaveLength(1);
    return answer.json.interrupted[0]?.id ?? '';
  };
  const sync = (...more: string[]): string[] => ['sync', 'create', 'a', 'b', '--name', 'orders', '--seed', 'copy', '--accept-warnings', '--start', '--wait', ...more];
  const copying = (): Promise<boolean> => killedAt(/running [1-9]0? ?%?.*First copy/u, ...sync('--copy-rate', '1'));
  const isOpen = async (server: TestServer): Promise<boolean> => (await server.scalar<number>('SELECT @@GLOBAL.read_only')) === 0;
  const agree = async (): Promise<void> => {
    await until(async () => JSON.stringify(await south.query(rows)) === JSON.stringify(await north.query(rows)), 60_000, 'the rows to be the same');
  };

  it('in the middle of a first copy: a new terminal goes on with it', async () => {
    await many();
    expect(await copying()).toBe(true);
    const id = idOf(await left());
    expect((await terminal.text('recover')).stdout).toContain(id);
    expect((await terminal.run('sync', 'status', 'orders')).json.state).toBe('interrupted');
    expect(await terminal.run('sync', 'rate', 'orders', '0')).toMatchObject({ code: 0 });
    const on = await terminal.run('recover', id, '--resume');
    expect(on, on.stdout + on.stderr).toMatchObject({ code: 0, json: { ok: true } });
    expect(await left()).toMatchObject({ code: 0, json: { interrupted: [] } });
    expect((await terminal.run('sync', 'status', 'orders')).json.state).toBe('replicating');
    await north.query("INSERT INTO shop.orders (note) VALUES ('late')");
    await agree();
  });

  it('in the middle of a first copy: a new terminal takes it back, and the next copy goes', async () => {
    await many();
    expect(await copying()).toBe(true);
    const id = idOf(await left());
    const back = await terminal.run('recover', id, '--undo');
    expect(back, back.stdout + back.stderr).toMatchObject({ code: 0, json: { ok: true } });
    expect(await south.query("SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'shop'")).toEqual([]);
    expect(await left()).toMatchObject({ code: 0 });
    expect(await terminal.run('sync', 'remove', 'orders', '--confirm', 'orders')).toMatchObject({ code: 0 });
    const again = await terminal.run(...sync());
    expect(again, again.stdout + again.stderr).toMatchObject({ code: 0 });
    await agree();
  });

  it('in a switchover that waits for the standby: nothing was fenced, and it is ended by hand on its word', async () => {
    expect(await terminal.run(...sync())).toMatchObject({ code: 0 });
    const holder = await south.connect({ user: 'root' });
    try {
      await holder.query('FLUSH TABLES shop.orders WITH READ LOCK');
      // It waits for the account of the way back to arrive, or for the row.
      const waits = new RegExp(`running \\d+ % ${t('promotion.step.prepare')}|running +${t('promotion.step.warm-up')}`, 'u');
      const killed = killedAt(waits, 'promote', 'b', '--planned', '--confirm', 'b', '--timeout', '60');
      await north.query("INSERT INTO shop.orders (note) VALUES ('on its way')");
      expect(await killed).toBe(true);
      const answer = await left();
      const id = idOf(answer);
      expect(await isOpen(north)).toBe(true);
      expect(await terminal.run('recover', id, '--ended-by-hand', '--confirm', 'a')).toMatchObject({ code: 3, json: { error: { code: 'confirm-mismatch' } } });
      expect(await terminal.run('recover', id)).toMatchObject({ code: 2 });
      const ended = await terminal.run('recover', id, '--ended-by-hand', '--confirm', 'b');
      expect(ended, ended.stdout + ended.stderr).toMatchObject({ code: 0, json: { ok: true } });
    } finally {
      holder.destroy();
    }
    expect(await left()).toMatchObject({ code: 0, json: { interrupted: [] } });
    await agree();
    const next = await terminal.run('promote', 'b', '--planned', '--confirm', 'b');
    expect(next, next.stdout + next.stderr).toMatchObject({ code: 0, json: { ok: true, lostTransactions: 0 } });
  });

  it('at any step of a switchover: never two that write, and a new terminal brings it to its end', async () => {
    expect(await terminal.run(...sync())).toMatchObject({ code: 0 });
    let [from, to] = [{ name: 'a', server: north }, { name: 'b', server: south }];
    const seen: string[] = [];
    for (const step of ['prepare', 'fence', 'open', 'follow', 'reset'] as const) {
      await from.server.query('INSERT INTO shop.orders (note) VALUES (?)', [`before ${step}`]);
      await agree();
      const killed = await killedAt(new RegExp(`running +${t(`promotion.step.${step}`)}`, 'u'), 'promote', to.name, '--planned', '--confirm', to.name);
      const both = [await isOpen(from.server), await isOpen(to.server)];
      expect(both, step).not.toEqual([true, true]);
      const answer = await left();
      if (killed && answer.code === 4) {
        seen.push(step);
        const [task] = answer.json.interrupted;
        const order = task?.verdict === 'can-undo' ? '--undo' : '--resume';
        const on = await terminal.run('recover', task?.id ?? '', order);
        expect(on, `${step} ${order} ${on.stdout} ${on.stderr}`).toMatchObject({ code: 0, json: { ok: true } });
      }
      expect(await left()).toMatchObject({ code: 0, json: { interrupted: [] } });
      const [old, now] = [await isOpen(from.server), await isOpen(to.server)];
      expect(old, step).not.toBe(now);
      // Whoever writes now, the other follows.
      await (now ? to : from).server.query('INSERT INTO shop.orders (note) VALUES (?)', [`after ${step}`]);
      await agree();
      if (now) [from, to] = [to, from];
    }
    // A quick step may be over before the signal is there; that most are not is what makes this a test.
    expect(seen.length, seen.join(' ')).toBeGreaterThanOrEqual(3);
    expect(since57 ? seen : ['follow', ...seen]).toContain('follow');
  });
});
