// Values in a terminal: of this second, of what was kept, and for Prometheus.
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RingStore } from '../../electron/monitoring/ring-store';
import { seriesIds } from '../../shared/domain/monitoring/series';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServer, type TestServer } from '../fixtures/servers';
import { openTerminal, type Terminal } from '../fixtures/terminal';
import { waitUntil } from '../fixtures/wait';

eachSeries('terminal-monitoring', (series) => {
  let north: TestServer;
  let terminal: Terminal;
  let id: string;

  beforeAll(async () => {
    north = await startServer({ series, name: 'north' });
    terminal = openTerminal();
    await terminal.register('orders "north"\\1', 'North', north);
    const { instances } = JSON.parse((await terminal.run('instance', 'list')).stdout) as { instances: { id: string }[] };
    id = instances[0]?.id ?? '';
  });
  afterAll(async () => {
    terminal.dispose();
    await disposeServers();
  });

  it('shows the values of this second, with what is absent and why', async () => {
    const answer = await terminal.run('monitor', 'orders "north"\\1', '--series', 'qps,connections,lag_seconds');
    expect(answer, answer.stderr).toMatchObject({ code: 0, json: { ok: true, absent: [{ id: 'lag_seconds', reason: { kind: 'not-replica' } }] } });
    const { values } = JSON.parse(answer.stdout) as { values: Record<string, number | null> };
    expect(values).toEqual({ qps: expect.any(Number) as number, connections: expect.any(Number) as number, lag_seconds: null });
    const text = await terminal.text('monitor', 'orders "north"\\1');
    expect(text).toMatchObject({ code: 0 });
    expect(text.stdout).toMatch(/^threads_running +Running threads +\d/m);
    expect(text.stdout).toMatch(/^lag_seconds: It follows no other server$/m);
  });

  it('leaves no client behind that the server counts as aborted, however often it looks', async () => {
    const counts = async (): Promise<readonly string[]> => {
      const rows = await north.query<{ Value: string }>("SHOW GLOBAL STATUS WHERE Variable_name IN ('Aborted_clients', 'Aborted_connects')");
      return rows.map(({ Value }) => Value);
    };
    const before = await counts();
    const file = join(terminal.dataFolder, 'looked.prom');
    const looks = [['status'], ['monitor', 'orders "north"\\1'], ['metrics', '--out', file], ['slow', 'orders "north"\\1']] as const;
    for (const look of looks) expect(await terminal.run(...look), look[0]).toMatchObject({ json: { ok: expect.any(Boolean) as boolean } });
    // What ended is counted once its thread has ended.
    const others = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND NOT IN ('Daemon') AND ID <> CONNECTION_ID()";
    await waitUntil('sessions that ended', async () => Number(await north.scalar(others)) === 0);
    expect(await counts()).toEqual(before);
  });

  it('refuses a name that is no series, and a time that is none', async () => {
    expect(await terminal.run('monitor', 'orders "north"\\1', '--series', 'speed')).toMatchObject({ code: 2, json: { ok: false } });
    expect(await terminal.run('monitor', 'orders "north"\\1', '--since', 'yesterday')).toMatchObject({ code: 2, json: { ok: false } });
  });

  it('says that nothing was kept, and shows what was', async () => {
    expect(await terminal.run('monitor', 'orders "north"\\1', '--since', '1h')).toMatchObject({ code: 1, json: { ok: false } });
    const store = new RingStore({ dataFolder: terminal.dataFolder, columns: seriesIds, clock: Date.now, onDamage: () => undefined });
    const now = Math.floor(Date.now() / 1_000);
    const values = (qps: number): Float32Array => Float32Array.from(seriesIds, (one) => (one === 'qps' ? qps : NaN));
    await store.append(id, [{ second: now - 30, values: values(10) }, { second: now - 29, values: values(30) }, { second: now - 27, values: values(20) }]);
    const text = await terminal.text('monitor', 'orders "north"\\1', '--since', '5m', '--series', 'qps,tps');
    expect(text.stdout).toMatch(/^qps +Queries +10 +20 +30 +20 +\/s$/m);
    expect(text.stdout).not.toMatch(/^tps/m);
    const csv = (await terminal.text('monitor', 'orders "north"\\1', '--since', '1m', '--series', 'qps', '--csv')).stdout.split('\n');
    expect(csv[0]).toBe('time,qps_min,qps_avg,qps_max');
    const at = csv.findIndex((line) => line.startsWith(new Date((now - 30) * 1_000).toISOString()));
    expect(csv.slice(at, at + 4).map((line) => line.split(',').slice(1).join())).toEqual(['10,10,10', '30,30,30', ',,', '20,20,20']);
    const listed = await terminal.run('monitor', 'orders "north"\\1', '--since', '1m', '--series', 'qps');
    const { series: [points] } = JSON.parse(listed.stdout) as { series: { avg: (number | null)[] }[] };
    expect(points?.avg.filter((value) => value !== null)).toEqual([10, 30, 20]);
  });

  it('writes a file for the collector of Prometheus, whole or not at all', async () => {
    const folder = join(terminal.dataFolder, 'textfile');
    mkdirSync(folder);
    const file = join(folder, 'antipode.prom');
    const answer = await terminal.run('metrics', '--out', file);
    expect(answer, answer.stderr).toMatchObject({ code: 0, json: { ok: true, instances: 1, notReadable: 0 } });
    const text = readFileSync(file, 'utf8');
    const labels = '{instance="orders \\\\"north\\\\"\\\\\\\\1",region="North"}';
    expect(text).toMatch(new RegExp(`^antipode_up${labels} 1$`, 'm'));
    expect(text).toMatch(new RegExp(`^antipode_mysql_qps_total${labels} \\d+$`, 'm'));
    expect(text).toMatch(new RegExp(`^antipode_mysql_checkpoint_age_bytes${labels} \\d+$`, 'm'));
    expect(readdirSync(folder)).toEqual(['antipode.prom']);
    // Nothing connects to what is not watched, and nothing is claimed of it.
    const readAt = (read: string): string => /^antipode_last_read_timestamp_seconds\{[^}]*\} (\S+)$/m.exec(read)?.[1] ?? '';
    expect(await terminal.run('instance', 'pause', 'orders "north"\\1')).toMatchObject({ code: 0 });
    expect(await terminal.run('metrics', '--out', file)).toMatchObject({ code: 0, json: { instances: 1, notReadable: 0 } });
    const unwatched = readFileSync(file, 'utf8');
    expect(readAt(unwatched)).toBe(readAt(text));
    expect(unwatched).toMatch(new RegExp(`^antipode_watched${labels} 0$`, 'm'));
    expect(unwatched).not.toMatch(/^antipode_(up|problems)/m);
    expect(await terminal.run('instance', 'resume', 'orders "north"\\1')).toMatchObject({ code: 0 });
    await north.stop();
    expect(await terminal.run('metrics', '--out', file)).toMatchObject({ code: 0, json: { notReadable: 1 } });
    expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`^antipode_up${labels} 0$`, 'm'));
    expect(await terminal.run('metrics', '--out', join(folder, 'none', 'a.prom'))).toMatchObject({ code: 3, json: { ok: false, error: { code: 'file-unwritable' } } });
    expect(await terminal.run('monitor', 'orders "north"\\1')).toMatchObject({ code: 1, json: { ok: false } });
  });
});
