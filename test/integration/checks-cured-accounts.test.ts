import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CheckRun } from '../../electron/checks';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { cured, fails, runRemedy } from './checks-cures';
import { asking, databases, loginOf, pairOf } from './checks-pair';

// What of accounts, of the standby itself and of the choice stops a task: set wrong, caught, and cured as it says.
eachSeries('checks-cured-accounts', (series, { nativePassword, since80 }, { changeSource, replica, resetGtids, source: word }) => {
  let source: TestServer;
  let standby: TestServer;
  let old: TestServer;
  let good: CheckRun;

  beforeAll(async () => {
    ({ source, standby, old } = await startServers({ source: { series, durability: 'relaxed' }, standby: { series, durability: 'relaxed' }, old: { series: '5.6' } }));
    good = pairOf(source, standby);
  });
  afterAll(disposeServers);

  describe('the replication account', () => {
    const password = 'Repl-Secret-1';
    const known = (): CheckRun => ({ ...good, replicationAccount: { user: 'repl', password } });
    afterEach(() => source.query('DROP USER IF EXISTS repl'));

    it('is not there, has no right, is locked, has another password: each cured as it says', async () => {
      expect((await fails('priv.repl', known())).measured.key).toBe('checks.priv.repl.absent');
      // Without an account of one's own the task creates it.
      await cured('priv.repl', good);
      await source.query(`CREATE USER repl IDENTIFIED BY '${password}'`);
      const powerless = await fails('priv.repl', known());
      expect(powerless.measured.key).toBe('checks.priv.repl.powerless');
      await runRemedy(source, powerless);
      await cured('priv.repl', known());
      await source.query('ALTER USER repl ACCOUNT LOCK');
      const locked = await fails('priv.repl', known());
      expect(locked.measured.key).toBe('checks.priv.repl.locked');
      await runRemedy(source, locked);
      await cured('priv.repl', known());
      const wrong = { ...good, replicationAccount: { user: 'repl', password: 'wrong' } };
      expect((await fails('priv.repl', wrong)).measured.key).toBe('checks.priv.repl.refused');
      await cured('priv.repl', known());
    });

    // The usual plugin of 8.0 and later.
    if (since80) it('with a plugin that the standby does not have: a newer standby, or another plugin where there is one', async () => {
      await source.query(`CREATE USER repl IDENTIFIED BY '${password}'; GRANT REPLICATION SLAVE ON *.* TO repl`);
      const run = { ...pairOf(source, old), replicationAccount: { user: 'repl', password } };
      expect((await fails('priv.repl.plugin', run)).remedy?.text.key).toBe(`checks.priv.repl.plugin.fix-${nativePassword ? 'native' : 'gone'}`);
      await cured('priv.repl.plugin', known());
    });
  });

  describe('the rights of the administrators', () => {
    it.each(['copy', 'clone', 'adopt'] as const)('for %s: the GRANT that is printed is enough', async (seed) => {
      const weak = { user: 'weak', password: 'Weak-Secret-1' };
      for (const server of [source, standby]) await server.query(`SET sql_log_bin = 0; CREATE USER weak IDENTIFIED BY '${weak.password}'`);
      const run = asking(pairOf({ ...loginOf(source), ...weak }, { ...loginOf(standby), ...weak }), { seed });
      await runRemedy(source, await fails('priv.src.admin', run));
      await cured('priv.src.admin', run);
      await fails('dst.readonly', run);
      await runRemedy(standby, await fails('priv.dst.admin', run));
      await cured('priv.dst.admin', run);
      await cured('dst.readonly', run);
      for (const server of [source, standby]) await server.query('SET sql_log_bin = 0; DROP USER weak');
      await standby.query(resetGtids);
    });

    it('who reads the databases of a partial copy alone does not see their routines: the GRANT that is printed shows them', async () => {
      const few = { user: 'few', password: 'Few-Secret-1' };
      await source.query('SET sql_log_bin = 0; CREATE DATABASE seen; CREATE PROCEDURE seen.p () SELECT 1');
      await source.query(`SET sql_log_bin = 0; CREATE USER few IDENTIFIED BY '${few.password}'; GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES ON seen.* TO few`);
      const global = ['PROCESS', 'RELOAD', 'REPLICATION CLIENT', 'CREATE USER', 'REPLICATION SLAVE', ...(since80 ? ['BACKUP_ADMIN'] : [])];
      await source.query(`SET sql_log_bin = 0; GRANT ${global.join(', ')} ON *.* TO few WITH GRANT OPTION`);
      const own = pairOf({ ...loginOf(source), ...few }, loginOf(standby));
      const run = asking(own, { scope: databases('seen') });
      const routines = (): Promise<readonly unknown[]> => own.fleet.withSession('gz-1', async (session) => {
        const found = await session.query<{ body: string | null }>("SELECT ROUTINE_DEFINITION AS body FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'seen'");
        return found.map(({ body }) => body);
      });
      expect(await routines()).toEqual([]);
      await runRemedy(source, await fails('priv.src.admin', run));
      await cured('priv.src.admin', run);
      expect(await routines()).toEqual(['SELECT 1']);
      await source.query('SET sql_log_bin = 0; DROP USER few; DROP DATABASE seen');
    });
  });

  describe('the standby', () => {
    it('follows another server: the statements end that', async () => {
      await standby.query(['old.example', 'other.example'].map((host, at) => `${changeSource} ${word}_HOST = '${host}', ${word}_USER = 'r', ${word}_AUTO_POSITION = 1 FOR CHANNEL '${at === 0 ? '' : 'second'}'`).join('; '));
      const found = await fails('dst.clean', good);
      expect(found.items).toHaveLength(2);
      await runRemedy(standby, found);
      await cured('dst.clean', good);
    });

    it('holds a prepared XA transaction of before, which nothing that is dropped would outwait: it is rolled back', async () => {
      const seeded = asking(good, { seed: 'copy' });
      await standby.query("CREATE DATABASE held; CREATE TABLE held.t (id INT PRIMARY KEY); XA START 'x1'; INSERT INTO held.t VALUES (1); XA END 'x1'; XA PREPARE 'x1'");
      expect((await fails('load.xa', seeded)).items).toHaveLength(1);
      await cured('load.xa', asking(good, { seed: 'adopt' }));
      await standby.query(`XA ROLLBACK 'x1'; DROP DATABASE held; ${resetGtids}`);
      await cured('load.xa', seeded);
    });

    it('is followed by another server: that one is stopped first', async () => {
      const { third } = await startServers({ third: { series, durability: 'relaxed' } });
      const dumps = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'";
      const settings = [
        `${word}_HOST = '${standby.host}'`, `${word}_PORT = ${standby.port}`, `${word}_USER = '${standby.user}'`, `${word}_PASSWORD = '${standby.password}'`,
        `${word}_AUTO_POSITION = 1`, `${word}_HEARTBEAT_PERIOD = 1`, ...(since80 ? [`GET_${word}_PUBLIC_KEY = 1`] : []),
      ];
      await third.query(`${changeSource} ${settings.join(', ')}; START ${replica}`);
      await expect.poll(() => standby.scalar(dumps), { timeout: 30_000 }).toBe(1);
      await fails('dst.replicas', good);
      await third.query(`STOP ${replica}`);
      await expect.poll(() => standby.scalar(dumps), { timeout: 30_000 }).toBe(0);
      await cured('dst.replicas', good);
      await third.dispose();
    });
  });

  describe('what is chosen', () => {
    it('a database of the server’s own, or nothing', async () => {
      await fails('obj.system', asking(good, { scope: databases('mysql', 'shop') }));
      await fails('obj.system', asking(good, { scope: databases() }));
      await cured('obj.system', asking(good, { scope: databases('shop') }));
    });

    it('data that is on the standby already: dropped, or agreed to', async () => {
      await standby.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY)');
      await fails('obj.conflict', good);
      await fails('obj.conflict', asking(good, { scope: databases('shop') }));
      await cured('obj.conflict', asking(good, { eraseTarget: true }), 'info');
      await standby.query('DROP DATABASE shop');
      await cured('obj.conflict', good);
      await cured('obj.conflict', asking(good, { scope: databases('shop') }));
    });
  });
});
