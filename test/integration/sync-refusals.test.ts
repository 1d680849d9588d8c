import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

const rows = 2 ** 17;

// What must not happen.
eachSeries('sync-refusals', (series, { since80 }) => {
  let source: TestServer;
  let standby: TestServer;
  let other: TestServer;
  let bench: Bench;
  beforeAll(async () => {
    ({ source, standby, other } = await startServers({ source: { series }, standby: { series }, other: { series } }));
    await source.query('CREATE DATABASE shop');
    await source.query('CREATE TABLE shop.big (id INT AUTO_INCREMENT PRIMARY KEY, filler VARCHAR(400))');
    await source.query("INSERT INTO shop.big (filler) VALUES (REPEAT('a', 300))");
    for (let count = 1; count < rows; count *= 2) await source.query('INSERT INTO shop.big (filler) SELECT REPEAT(CHAR(97 + id % 26), 300) FROM shop.big');
    bench = await openBench({ source, standby, other });
  });
  afterAll(async () => {
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });
  const id = (name: string): string => bench.ids[name] ?? '';

  it('refuses source = target before anything', async () => {
    const before = bench.sync.list();
    const spec = { ...bench.spec('source', 'source') };
    await expect(bench.sync.create(spec, true, null)).rejects.toMatchObject({ error: { code: 'source-is-target' } });
    await expect(bench.sync.addStandby(id('source'), id('source'))).rejects.toMatchObject({ error: { code: 'source-is-target' } });
    expect(bench.sync.list()).toEqual(before);
  });

  describe('an empty target', () => {
    const step = journey('taken back, begun again, and then a standby that nobody else gets');

    step('cancelled in the middle, the target is as it was and the source is free', async () => {
      const { id: task } = await bench.sync.create(bench.spec('source', 'standby'), true, null);
      await until('rows move', async () => (bench.sync.get(task).task?.steps.find((step) => step.id === 'seed')?.progress?.done ?? 0) > 0);
      // While it runs the half-copied server says what it is, and the source takes writes.
      expect(await standby.scalar("SELECT task FROM antipode.seed_state")).toBe('source to standby');
      await source.query("INSERT INTO shop.big (filler) VALUES ('written meanwhile')");
      await bench.sync.cancel(task);
      const ended = await bench.sync.whenSettled(task);
      expect(ended.state, JSON.stringify(trouble(ended), null, 1)).toBe('cancelled');
      expect(await standby.query("SELECT SCHEMA_NAME s FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN ('shop', 'antipode')")).toEqual([]);
      expect(await standby.query("SELECT User u FROM mysql.user WHERE User LIKE 'antipode\\\\_%'")).toEqual([]);
      expect(await standby.scalar('SELECT @@GLOBAL.gtid_executed')).toBe('');
      expect(await standby.query('SELECT @@GLOBAL.read_only r, @@GLOBAL.super_read_only s, @@GLOBAL.local_infile l')).toEqual([{ r: 0, s: 0, l: since80 ? 0 : 1 }]);
      expect(await source.query("SELECT User u FROM mysql.user WHERE User = 'antipode_repl'")).toEqual([]);
      await source.query('ALTER TABLE shop.big COMMENT = "free"');
    });

    step('paused in the middle it begins the copy anew and comes to the end', async () => {
      const { id: task } = bench.sync.byName('source to standby');
      await bench.sync.start(task);
      await until('rows move', async () => (bench.sync.get(task).task?.steps.find((step) => step.id === 'seed')?.progress?.done ?? 0) > 0);
      await bench.sync.pause(task);
      expect((await bench.sync.whenSettled(task)).state).toBe('paused');
      await bench.sync.resume(task);
      const done = await bench.sync.whenSettled(task);
      expect(done.state, JSON.stringify(trouble(done), null, 1)).toBe('replicating');
      const count = 'SELECT COUNT(*) AS n, SUM(CRC32(CONCAT(id, filler))) AS s FROM shop.big';
      expect(await standby.query(count)).toEqual(await source.query(count));
    });

    step('refuses a standby of another source, and a target that is somebody’s source', async () => {
      await bench.fleet.refresh(id('standby'));
      const replica = await bench.run(bench.spec('other', 'source', { eraseTarget: true }), 'source').catch((thrown: { error: unknown }) => thrown.error);
      expect(replica).toMatchObject({ code: 'target-is-source' });
      await expect(bench.sync.addStandby(id('other'), id('standby'))).rejects.toMatchObject({ error: { code: 'target-is-replica' } });
      expect(await source.scalar('SELECT COUNT(*) FROM shop.big')).toBe(rows + 1);
    });
  });

  describe('a target with data', () => {
    const step = journey('kept until its name is typed, and erased again after a crash in the middle');

    step('refuses a target with data, and with the wrong word; nothing changes there', async () => {
      await other.query('CREATE DATABASE theirs; CREATE TABLE theirs.t (a INT PRIMARY KEY); INSERT INTO theirs.t VALUES (1)');
      const before = await other.scalar('SELECT @@GLOBAL.gtid_executed');
      const refused = await bench.run(bench.spec('source', 'other'));
      expect(refused.state).toBe('failed');
      expect(['target-has-data', 'checks-failed']).toContain(refused.error?.code);
      await bench.sync.remove(refused.id, refused.spec.name, false);
      await expect(bench.sync.create(bench.spec('source', 'other', { eraseTarget: true }), true, 'source')).rejects.toMatchObject({ error: { code: 'confirm-mismatch' } });
      expect(await other.scalar('SELECT @@GLOBAL.gtid_executed')).toBe(before);
      expect(await other.query('SELECT a FROM theirs.t')).toEqual([{ a: 1 }]);
      expect(await other.scalar<number>('SELECT @@GLOBAL.read_only')).toBe(0);
    });

    step('erases on the typed name, data and transactions, and links', async () => {
      const done = await bench.run(bench.spec('source', 'other', { eraseTarget: true }), 'other');
      expect(done.state, JSON.stringify(trouble(done), null, 1)).toBe('replicating');
      expect(await other.query("SELECT SCHEMA_NAME s FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'theirs'")).toEqual([]);
      await until('both have the same transactions', async () => (await other.scalar('SELECT @@GLOBAL.gtid_executed')) === (await source.scalar('SELECT @@GLOBAL.gtid_executed')));
    });

    step('killed in the middle, the next start says so and goes on', async () => {
      await bench.sync.remove(bench.sync.byName('source to other').id, 'source to other', true);
      await bench.fleet.refresh(id('other'));
      const { id: task } = await bench.sync.create(bench.spec('source', 'other', { eraseTarget: true }), true, 'other');
      await until('rows move', async () => (bench.sync.get(task).task?.steps.find((step) => step.id === 'seed')?.progress?.done ?? 0) > 0);
      await bench.close();
      bench = await openBench({ source, standby, other }, bench.folder);
      expect(bench.sync.get(task).state).toBe('interrupted');
      const [found] = await bench.tasks.recoverable();
      expect(found).toMatchObject({ verdict: 'can-resume', text: { key: 'sync.recover.halfCopied' } });
      // The server still has a connection of the dead run, and its lock: going on waits for it to be cleared away.
      const dead = await other.connect();
      await until('the lock', async () => {
        const [rows] = await dead.query("SELECT GET_LOCK('antipode', 0) AS got");
        return (rows as { got: number }[])[0]?.got === 1;
      });
      await bench.sync.resume(task);
      const attempts = new Set<number>();
      await until('it asks again after a refusal', async () => {
        for (const { id: asking } of await other.query<{ id: number }>("SELECT ID AS id FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT GET_LOCK%'")) attempts.add(asking);
        return attempts.size > 1;
      });
      expect(bench.sync.get(task).state).toBe('running');
      await dead.end();
      const done = await bench.sync.whenSettled(task);
      expect(done.state, JSON.stringify(trouble(done), null, 1)).toBe('replicating');
      await bench.sync.remove(task, 'source to other', true);
      await source.query("DROP USER 'antipode_repl'@'%'");
    });
  });
});
