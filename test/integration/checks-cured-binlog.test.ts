import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixCheck, runCheck, type CheckRun } from '../../electron/checks';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { cured, fails, fixes, restartWith } from './checks-cures';
import { asking, pairOf } from './checks-pair';

// What of the binary log and of GTIDs stops a task: set wrong, caught, and cured exactly as the remedy says.
eachSeries('checks-cured-binlog', (series, { persist, since80, taggedGtids }, { resetGtids }) => {
  let source: TestServer;
  let standby: TestServer;
  let old: TestServer;
  let good: CheckRun;

  beforeAll(async () => {
    ({ source, standby, old } = await startServers({ source: { series }, standby: { series }, old: { series: '5.6' } }));
    good = pairOf(source, standby);
    await source.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); INSERT INTO shop.orders VALUES (1)');
  });
  afterAll(disposeServers);

  const logUpdates = isAtLeast(series, [8, 0, 26]) ? 'log-replica-updates' : 'log-slave-updates';
  const forget = async (): Promise<void> => {
    if (persist) await source.query('RESET PERSIST');
  };

  describe('the binary log', () => {
    it('off on the source, and received updates not in that of the standby: the lines and a restart', async () => {
      await Promise.all([source.restart(['--skip-log-bin', `--${logUpdates}=OFF`, '--gtid-mode=OFF', '--enforce-gtid-consistency=OFF']), standby.restart([`--${logUpdates}=OFF`])]);
      const [off, updates] = [await fails('binlog.on', good), await fails('binlog.updates', good)];
      await Promise.all([restartWith(source, off), restartWith(standby, updates)]);
      await cured('binlog.on', good);
      await cured('binlog.updates', good);
    });

    it('off on the standby is a warning, and cured in the same way', async () => {
      await Promise.all([standby.restart(['--skip-log-bin', `--${logUpdates}=OFF`, '--gtid-mode=OFF', '--enforce-gtid-consistency=OFF']), source.restart(['--binlog-ignore-db=tmp'])]);
      const off = await runCheck(good, 'binlog.on');
      expect(off.status).toBe('warn');
      expect((await fails('binlog.filters', good)).measured.params).toEqual({ value: 'binlog_ignore_db=tmp' });
      // The filter was an option: it is gone when the server is started without it.
      await Promise.all([restartWith(standby, off), source.restart()]);
      await cured('binlog.on', good);
      await cured('binlog.filters', good);
    });

    it('another format, another row image, compressed for a standby that is too old', async () => {
      await source.query("SET GLOBAL binlog_format = 'STATEMENT'; SET GLOBAL binlog_row_image = 'NOBLOB'");
      const compresses = isAtLeast(series, [8, 0, 20]);
      if (compresses) await source.query('SET GLOBAL binlog_transaction_compression = ON');
      await fixes('binlog.format', good);
      await fixes('binlog.image', good);
      await cured('binlog.compress', good);
      if (compresses) await fixes('binlog.compress', pairOf(source, old));
      else await cured('binlog.compress', pairOf(source, old));
      await forget();
    });
  });

  describe('GTIDs', () => {
    it('off, and anonymous transactions with it: the guided change', async () => {
      for (const mode of ['ON_PERMISSIVE', 'OFF_PERMISSIVE', 'OFF']) await source.query(`SET GLOBAL gtid_mode = '${mode}'`);
      await source.query("SET GLOBAL enforce_gtid_consistency = 'OFF'");
      await fixes('gtid.consistency', good);
      await fails('gtid.anonymous', good);
      await fixes('gtid.mode', good);
      await cured('gtid.anonymous', good);
      await forget();
    });

    // Tags came with 8.3.
    if (taggedGtids) it('tagged, for a standby that does not know tags: one that does is chosen', async () => {
      await cured('gtid.tagged', pairOf(source, old));
      await source.query("SET GTID_NEXT = 'AUTOMATIC:app'; INSERT INTO shop.orders VALUES (2); SET GTID_NEXT = 'AUTOMATIC'");
      await fails('gtid.tagged', pairOf(source, old));
      await cured('gtid.tagged', good, 'skipped');
    });

    it('a history of the standby’s own: not adopted, and not replaced by a seed without a word', async () => {
      await standby.query('CREATE DATABASE shop; CREATE TABLE shop.mine (id INT PRIMARY KEY)');
      const uuid = String(await standby.scalar('SELECT @@GLOBAL.server_uuid'));
      expect((await fails('gtid.errant', asking(good, { seed: 'adopt' }))).items?.join()).toContain(uuid);
      await fails('gtid.errant', good);
      await cured('gtid.errant', asking(good, { eraseTarget: true }), 'info');
      await standby.query('DROP DATABASE shop');
      await standby.query(resetGtids);
      await cured('gtid.errant', asking(good, { seed: 'adopt' }));
    });

    it('purged on the source and missing on the standby: a seed, or a backup that has them', async () => {
      await source.query('FLUSH BINARY LOGS');
      const [last] = (await source.query<{ Log_name: string }>('SHOW BINARY LOGS')).slice(-1);
      await source.query(`PURGE BINARY LOGS TO '${last?.Log_name ?? ''}'`);
      await fails('gtid.purged', asking(good, { seed: 'adopt' }));
      await cured('gtid.purged', good, 'info');
      await standby.query('SET GLOBAL gtid_purged = ?', [await source.scalar('SELECT @@GLOBAL.gtid_purged')]);
      await cured('gtid.purged', asking(good, { seed: 'adopt' }));
    });
  });

  describe('version order', () => {
    it('no standby older than its source: a newer one is chosen', async () => {
      await fails('server.version.order', pairOf(source, old));
      await cured('server.version.order', good);
      // What 5.6 has in its binary log of accounts, 8.0 and later do not read.
      if (!since80) {
        await cured('server.version.order', pairOf(old, source));
        return;
      }
      await fails('server.version.order', pairOf(old, source));
      await expect(fixCheck(pairOf(old, source), 'server.version.order')).rejects.toMatchObject({ error: { code: 'invalid-input' } });
    });
  });
});
