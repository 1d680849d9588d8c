import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckRun } from '../../electron/checks';
import { play, playOldServer, stopLast, stopPlaying } from '../fixtures/greeting';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startMariadb, startServer, startServers, type TestServer } from '../fixtures/servers';
import { cured, fails, fixes, restartWith } from './checks-cures';
import { asking, loginOf, pairOf } from './checks-pair';

// What can stop a task on the way to the servers and in what they are: each is set wrong, caught, and cured as it says.
eachSeries('checks-cured-server', (series, { clonePlugin, persist, since80 }) => {
  let source: TestServer;
  let standby: TestServer;
  let good: CheckRun;
  let clone: CheckRun;

  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series }, standby: { series } }));
    good = pairOf(source, standby);
    clone = asking(good, { seed: 'clone' });
    await source.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY)');
  });
  afterAll(stopPlaying);
  afterAll(disposeServers);

  describe('the way to the servers', () => {
    it('a port where nobody listens', async () => {
      const nobody = await play(() => undefined);
      stopLast();
      const { host, port } = nobody;
      await fails('conn.src.tcp', pairOf({ ...loginOf(source), host, port }, standby));
      await fails('conn.dst.tcp', pairOf(source, { ...loginOf(standby), host, port }));
      await fails('conn.repl.tcp', pairOf(source, standby, { source: { host, port } }));
      await cured('conn.src.tcp', good);
      await cured('conn.dst.tcp', good);
      await cured('conn.repl.tcp', good);
    });

    it('a wrong password', async () => {
      const wrong = { password: 'wrong' };
      const refused = await fails('conn.src.login', pairOf({ ...loginOf(source), ...wrong }, standby));
      expect(refused.remedy?.text.key).toBe('checks.conn.login.fix-refused');
      await fails('conn.dst.login', pairOf(source, { ...loginOf(standby), ...wrong }));
      await cured('conn.src.login', good);
      await cured('conn.dst.login', good);
    });

    it('another product, and a version too old', async () => {
      const mariadb = await startMariadb();
      try {
        await fails('server.product', pairOf(source, mariadb));
      } finally {
        await mariadb.dispose();
      }
      await cured('server.product', good);
      await fails('server.version.min', pairOf(source, await playOldServer()));
      await cured('server.version.min', good);
    });
  });

  describe('who a server is', () => {
    it('a copied data directory: auto.cnf is deleted where the remedy says', async () => {
      await standby.stop();
      copyFileSync(join(source.dataDir, 'auto.cnf'), join(standby.dataDir, 'auto.cnf'));
      await standby.start();
      const found = await fails('server.uuid', good);
      await standby.stop();
      rmSync(join(String(found.remedy?.text.params?.['folder']), 'auto.cnf'));
      await standby.start();
      await cured('server.uuid', good);
    });

    it('the same server_id', async () => {
      await standby.query(`SET GLOBAL server_id = ${source.serverId}`);
      await fixes('server.id', good);
      if (persist) await standby.query('RESET PERSIST');
    });

    it('another zone, and other settings, than what stored columns and keys are computed in', async () => {
      await source.query(`CREATE TABLE shop.computed (id INT PRIMARY KEY, at TIMESTAMP NULL, d DATE AS (DATE(at)) STORED, h INT AS (HOUR(at)) VIRTUAL, r DECIMAL(20, 10) AS (id / 7) STORED, KEY (h)
        ${isAtLeast(series, [8, 0, 13]) ? ', KEY f ((DATE(at)))' : ''})`);
      await standby.query("SET GLOBAL time_zone = '-03:00', div_precision_increment = 9");
      const { items } = await fails('server.timezone', good);
      expect([...items ?? []].sort()).toEqual([...(since80 ? ['d'] : []), ...(isAtLeast(series, [8, 0, 13]) ? ['f'] : []), 'h'].map((name) => `shop.computed.${name}`));
      await fixes('server.timezone', good);
      expect((await fails('server.compute', good)).items).toEqual(['shop.computed.r']);
      await fixes('server.compute', good);
      await source.query('DROP TABLE shop.computed');
      await standby.query(`${persist ? 'RESET PERSIST; ' : ''}SET GLOBAL time_zone = 'SYSTEM', div_precision_increment = DEFAULT`);
    });

    it('shorter keys than on the source', async () => {
      await standby.query("SET GLOBAL innodb_default_row_format = 'compact'");
      await fixes('server.rowformat', good);
      if (persist) await standby.query('RESET PERSIST');
    });

    it('a packet too small', async () => {
      await standby.query('SET GLOBAL max_allowed_packet = 1048576');
      await fixes('server.packet', good);
      await source.query('SET GLOBAL max_allowed_packet = 1048576');
      if (clonePlugin) await fixes('server.clone', clone);
      for (const server of [source, standby]) await server.query(`${persist ? 'RESET PERSIST; ' : ''}SET GLOBAL max_allowed_packet = DEFAULT`);
    });
  });

  describe('what a clone refuses', () => {
    it('a table that is not InnoDB', async () => {
      await source.query('CREATE TABLE shop.old (id INT PRIMARY KEY) ENGINE = MyISAM');
      const { items } = await fails('server.engine', clone);
      expect(items).toEqual(['shop.old (MyISAM)']);
      await source.query('ALTER TABLE shop.old ENGINE = InnoDB');
      await cured('server.engine', clone);
    });

    if (clonePlugin) it('another default collation', async () => {
      await standby.query("SET GLOBAL collation_server = 'utf8mb4_bin'");
      expect((await fails('server.clone', clone)).items).toEqual(['collation_server: utf8mb4_0900_ai_ci / utf8mb4_bin']);
      await standby.query("SET GLOBAL collation_server = 'utf8mb4_0900_ai_ci'");
      await cured('server.clone', clone);
    });

    it('another page size and letter case, both fixed when the data directory is made: it is made anew as they say', async () => {
      const other = await startServer({ series, initialise: ['--innodb-page-size=8192', '--lower-case-table-names=1'], args: ['--innodb-page-size=8192', '--lower-case-table-names=1'] });
      const wrong = asking(pairOf(source, other), { seed: 'clone' });
      const size = await fails('server.pagesize', wrong);
      const letters = await fails('server.lctn', wrong);
      expect([size.remedy?.text.params, letters.remedy?.config, letters.remedy?.text.key]).toEqual([{ value: '16384' }, ['[mysqld]', 'lower_case_table_names = 0'], since80 ? 'checks.server.lctn.fix-init' : 'checks.server.lctn.fix']);
      await other.dispose();
      const options = [`--innodb-page-size=${String(size.remedy?.text.params?.['value'])}`, `--lower-case-table-names=${String(letters.remedy?.text.params?.['value'])}`];
      const anew = await startServer({ series, initialise: options, args: options });
      const right = asking(pairOf(source, anew), { seed: 'clone' });
      await cured('server.pagesize', right);
      await cured('server.lctn', right);
      await anew.dispose();
    });
  });
});

describe('letter case on 5.6', () => {
  it('tables whose names differ by letter case only, until one is renamed, and the setting itself by a restart', async () => {
    const { from, to } = await startServers({ from: { series: '5.6' }, to: { series: '5.6', args: ['--lower-case-table-names=1'] } });
    await from.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); CREATE TABLE shop.Orders (id INT PRIMARY KEY)');
    const run = pairOf(from, to);
    expect((await fails('obj.name', run)).items?.[0]).toMatch(/shop\.[oO]rders \/ shop\.[oO]rders/);
    await from.query('RENAME TABLE shop.Orders TO shop.orders_too');
    await cured('obj.name', run);
    await restartWith(to, await fails('server.lctn', run));
    await cured('server.lctn', run);
  });
});
