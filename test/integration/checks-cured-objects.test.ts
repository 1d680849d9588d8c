import { appendFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CheckRun } from '../../electron/checks';
import { setUpKeyring } from '../fixtures/keyring';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServer, startServers, type TestServer } from '../fixtures/servers';
import { cured, fails, fixes, restartWith, runRemedy } from './checks-cures';
import { asking, databases, pairOf } from './checks-pair';

// What of the objects in scope stops a task: made on the source, caught, and cured as it says.
eachSeries('checks-cured-objects', (series, { clonePlugin, persist, since80 }) => {
  /** Files beside the program and its plugins: the repacked servers have neither keyrings nor a full-text parser to load. */
  const keyring = clonePlugin;
  let source: TestServer;
  let standby: TestServer;
  let old: TestServer;
  let good: CheckRun;

  beforeAll(async () => {
    ({ source, standby, old } = await startServers({ 
      source: { series, durability: 'relaxed', ...(keyring ? { ownProgram: true } : {}) }, standby: { series, durability: 'relaxed', ...(keyring ? { ownProgram: true } : {}) },
      old: { series: '5.6' },
    }));
    good = pairOf(source, standby);
  });
  afterEach(async () => {
    for (const server of [source, standby, old]) await server.query('DROP DATABASE IF EXISTS shop');
  });
  afterAll(disposeServers);

  const tables = (...names: readonly string[]): ReturnType<typeof databases> => ({ kind: 'partial', databases: [{ database: 'shop', tables: names }] });

  describe('what a scope lacks', () => {
    it('the other ends of foreign keys, and what views name: they are taken in', async () => {
      await source.query(`CREATE DATABASE shop; CREATE TABLE shop.parent (id INT PRIMARY KEY); CREATE TABLE shop.child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES shop.parent (id) ON DELETE CASCADE);
        CREATE VIEW shop.both_tables AS SELECT c.id FROM shop.child c JOIN shop.parent p ON p.id = c.p`);
      for (const [id, scope] of [['obj.fk', tables('child')], ['obj.fk.action', tables('parent')], ['obj.view', tables('child', 'both_tables')]] as const) {
        const { remedy } = await fails(id, asking(good, { scope }));
        const { databases: [chosen] } = scope as Extract<typeof scope, { kind: 'partial' }>;
        await cured(id, asking(good, { scope: tables(...(chosen?.tables ?? []), ...(remedy?.addToScope ?? []).map(({ table }) => table ?? '')) }));
      }
      await source.query('DROP DATABASE shop');
    });
  });

  it('a foreign key to a table in the database mysql: the table is moved to where it is copied', async () => {
    await source.query('CREATE DATABASE shop; CREATE TABLE mysql.own (id INT PRIMARY KEY); CREATE TABLE shop.child (id INT PRIMARY KEY, p INT, CONSTRAINT up FOREIGN KEY (p) REFERENCES mysql.own (id))');
    expect((await fails('obj.mysql', good)).items).toEqual(['shop.child → mysql.own (up)']);
    await source.query('RENAME TABLE mysql.own TO shop.own');
    await cured('obj.mysql', good);
  });

  describe('what came after 5.6', () => {
    it('kinds of column, spatial reference systems, encryption, collations: changed on the source', async () => {
      const [charset, collation] = since80 ? ['utf8mb4', 'utf8mb4_0900_ai_ci'] : ['gb18030', 'gb18030_chinese_ci'];
      const before = await source.scalar('SELECT @@GLOBAL.collation_server');
      await source.query(`CREATE DATABASE shop CHARACTER SET ${charset} COLLATE ${collation};
        CREATE TABLE shop.kinds (id INT PRIMARY KEY, j JSON, v INT AS (id + 1)); CREATE TABLE shop.places (id INT PRIMARY KEY, g POINT ${since80 ? 'SRID 4326' : ''} NOT NULL)`);
      const down = pairOf(source, old);
      expect((await fails('obj.generated', down)).items).toEqual(['shop.kinds.j (json)', 'shop.kinds.v (GENERATED)']);
      await source.query('ALTER TABLE shop.kinds DROP COLUMN j, DROP COLUMN v');
      await cured('obj.generated', down);
      if (since80) expect((await fails('obj.spatial', down)).items).toEqual(['shop.places.g (SRID 4326)']);
      await source.query('ALTER TABLE shop.places DROP COLUMN g');
      await cured('obj.spatial', down);
      expect((await fails('server.charset', down)).items).toContain(collation);
      await source.query(`SET GLOBAL character_set_server = 'utf8mb4'; SET GLOBAL collation_server = 'utf8mb4_general_ci'; ALTER DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
        ALTER TABLE shop.kinds CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci; ALTER TABLE shop.places CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`);
      // Known there now; the defaults still differ, which is a warning.
      await cured('server.charset', down, 'warn');
      await source.query(`SET GLOBAL collation_server = '${before ?? ''}'; DROP DATABASE shop`);
    });

    if (keyring) it('a full-text parser: installed on the standby', async () => {
      await source.query("INSTALL PLUGIN simple_parser SONAME 'mypluglib.so'; CREATE DATABASE shop; CREATE TABLE shop.words (id INT PRIMARY KEY, t TEXT, FULLTEXT (t) WITH PARSER simple_parser)");
      const found = await fails('obj.fulltext', good);
      expect(found.measured.params).toMatchObject({ list: 'simple_parser' });
      await standby.query("INSTALL PLUGIN simple_parser SONAME 'mypluglib.so'");
      await cured('obj.fulltext', good);
      await source.query('DROP DATABASE shop; UNINSTALL PLUGIN simple_parser');
      await standby.query('UNINSTALL PLUGIN simple_parser');
    });

    it('a general tablespace: created on the standby by the statements as they stand', async () => {
      await source.query("CREATE TABLESPACE `ts a` ADD DATAFILE 'ts_a.ibd'; CREATE DATABASE shop; CREATE TABLE shop.spaced (id INT PRIMARY KEY) TABLESPACE `ts a`");
      await fails('obj.tablespace', pairOf(source, old));
      await runRemedy(standby, await fails('obj.tablespace', good));
      await cured('obj.tablespace', good);
      await source.query('DROP DATABASE shop; DROP TABLESPACE `ts a`');
      await standby.query('DROP TABLESPACE `ts a`');
    });

    it('rows outside of their partition: moved to where they belong, or deleted', async () => {
      const years = 'PARTITION BY RANGE (YEAR(d)) (PARTITION p0 VALUES LESS THAN (2020), PARTITION p1 VALUES LESS THAN MAXVALUE)';
      await source.query(`CREATE DATABASE shop; CREATE TABLE shop.fine (id INT, d DATE) ${years}; INSERT INTO shop.fine VALUES (1, NULL), (2, '2019-12-31'), (3, '2020-01-01'), (4, '2030-01-01');
        CREATE TABLE shop.lists (c INT) PARTITION BY LIST (c) (PARTITION p0 VALUES IN (NULL, 1, 2), PARTITION p1 VALUES IN (3)); INSERT INTO shop.lists VALUES (NULL), (1), (3);
        CREATE TABLE shop.words (c VARCHAR(9) NOT NULL) PARTITION BY RANGE COLUMNS (c) (PARTITION p0 VALUES LESS THAN ('m'), PARTITION p1 VALUES LESS THAN (MAXVALUE)); INSERT INTO shop.words VALUES ('a'), ('m'), ('z');
        CREATE TABLE shop.signed (id INT) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (-5), PARTITION p1 VALUES LESS THAN (5)); INSERT INTO shop.signed VALUES (-9), (-5), (4)`);
      await cured('obj.partition', good);
      await source.query(`CREATE TABLE shop.parts (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20)); CREATE TABLE shop.in (id INT PRIMARY KEY);
        INSERT INTO shop.in VALUES (1), (15); ALTER TABLE shop.parts EXCHANGE PARTITION p0 WITH TABLE shop.in WITHOUT VALIDATION;
        CREATE TABLE shop.loose (c INT); INSERT INTO shop.loose VALUES (3); ALTER TABLE shop.lists EXCHANGE PARTITION p0 WITH TABLE shop.loose WITHOUT VALIDATION`.replaceAll('shop.in ', 'shop.`in` '));
      expect((await fails('obj.partition', good)).items).toEqual(['shop.lists (p0)', 'shop.parts (p0)']);
      await source.query('ALTER TABLE shop.parts REPAIR PARTITION p0; ALTER TABLE shop.lists REPAIR PARTITION p0');
      expect(await source.scalar('SELECT COUNT(*) FROM shop.parts PARTITION (p1)')).toBe(1);
      await cured('obj.partition', good);
      await source.query('DROP DATABASE shop');
    });

    it('an event in a time zone by name: the tables of the standby are filled', async () => {
      // The zone is enough for the tables to tell; a server of these tests comes without any.
      const berlin = `SET sql_log_bin = 0; INSERT INTO mysql.time_zone (Time_zone_id, Use_leap_seconds) VALUES (1, 'N'); INSERT INTO mysql.time_zone_name VALUES ('Our/Zone', 1);
        INSERT INTO mysql.time_zone_transition_type VALUES (1, 0, 3600, 0, 'OUR')`;
      await source.query(`${berlin}; CREATE DATABASE shop; SET time_zone = 'Our/Zone'; CREATE EVENT shop.nightly ON SCHEDULE EVERY 1 DAY DO DO 1`);
      expect((await fails('obj.zone', good)).items).toEqual(['Our/Zone']);
      await standby.query(berlin);
      await cured('obj.zone', good);
      await source.query('DROP DATABASE shop');
      const empty = 'SET sql_log_bin = 0; DELETE FROM mysql.time_zone; DELETE FROM mysql.time_zone_name; DELETE FROM mysql.time_zone_transition_type';
      await source.query(empty);
      await standby.query(empty);
    });

    it('an engine that the standby does not let be used: the line of the option file', async () => {
      await source.query('CREATE DATABASE shop; CREATE TABLE shop.isam (id INT PRIMARY KEY) ENGINE = MyISAM');
      await standby.restart(['--disabled-storage-engines=MyISAM,ARCHIVE']);
      const found = await fails('obj.engine.disabled', good);
      expect(found.remedy?.config).toEqual(['[mysqld]', 'disabled_storage_engines = "ARCHIVE"']);
      await restartWith(standby, found);
      await cured('obj.engine.disabled', good);
      expect(await standby.scalar('SELECT @@GLOBAL.disabled_storage_engines')).toBe('ARCHIVE');
      await source.query('DROP DATABASE shop');
    });

    it('functions that the standby refuses, and tables without a key where it insists on keys', async () => {
      await source.query('CREATE DATABASE shop; SET GLOBAL log_bin_trust_function_creators = ON; CREATE FUNCTION shop.f() RETURNS INT RETURN RAND(); CREATE TABLE shop.keyless (a INT)');
      await fixes('obj.trigger', good);
      if (isAtLeast(series, [8, 0, 13])) {
        await standby.query('SET GLOBAL sql_require_primary_key = ON');
        const { remedy } = await fails('obj.pk', good);
        await runRemedy(standby, await fails('obj.pk', good));
        expect(remedy?.sql).toEqual(['SET PERSIST sql_require_primary_key = OFF']);
      }
      await cured('obj.pk', good, 'warn');
      await source.query('DROP DATABASE shop; SET GLOBAL log_bin_trust_function_creators = OFF');
      await standby.query(`${persist ? 'RESET PERSIST; ' : ''}SET GLOBAL log_bin_trust_function_creators = OFF`);
    });
  });

  // Only engines with partitioning of their own have it from 8.0 on.
  if (since80) describe('what 5.6 has and later ones have not', () => {
    it('partitions of MyISAM: another engine on the source', async () => {
      await old.query('CREATE DATABASE shop; CREATE TABLE shop.parts (id INT PRIMARY KEY) ENGINE = MyISAM PARTITION BY HASH (id) PARTITIONS 2');
      const up = pairOf(old, standby);
      expect((await fails('obj.partition', up)).items).toEqual(['shop.parts']);
      await old.query('ALTER TABLE shop.parts ENGINE = InnoDB');
      await cured('obj.partition', up);
      await old.query('DROP DATABASE shop');
    });

    it('partitions of 5.7 in a tablespace that they share: each in a file of its own', async () => {
      const middle = await startServer({ series: '5.7', durability: 'relaxed' });
      await middle.query(`CREATE TABLESPACE ts ADD DATAFILE 'ts.ibd'; CREATE DATABASE shop;
        CREATE TABLE shop.own (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 2; CREATE TABLE shop.alone (id INT PRIMARY KEY) TABLESPACE innodb_system;
        CREATE TABLE shop.parts (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10) TABLESPACE ts, PARTITION p1 VALUES LESS THAN (20));
        CREATE TABLE shop.deep (id INT PRIMARY KEY) TABLESPACE innodb_system PARTITION BY HASH (id) PARTITIONS 2`);
      const up = pairOf(middle, standby);
      expect([...(await fails('obj.partition', up)).items ?? []].sort()).toEqual(['shop.deep (innodb_system)', 'shop.parts (ts)']);
      await middle.query(`ALTER TABLE shop.parts REORGANIZE PARTITION p0 INTO (PARTITION p0 VALUES LESS THAN (10) TABLESPACE = innodb_file_per_table);
        DROP TABLE shop.deep`);
      await cured('obj.partition', up);
      await middle.dispose();
    });
  });

  if (keyring) describe('encrypted tables', () => {
    it('want a keyring on the standby: set up, and the server started again', async () => {
      await setUpKeyring(source);
      await source.query("CREATE DATABASE shop; CREATE TABLE shop.secrets (id INT PRIMARY KEY) ENCRYPTION = 'Y'");
      expect((await fails('obj.encrypted', good)).items).toEqual(['shop.secrets']);
      await setUpKeyring(standby);
      await cured('obj.encrypted', good);
    });
  });
});

describe('between two 5.6', () => {
  let old: TestServer;
  let older: TestServer;
  beforeAll(async () => {
    ({ old, older } = await startServers({ old: { series: '5.6' }, older: { series: '5.6' } }));
  });
  afterAll(disposeServers);

  it('row formats of Barracuda where the standby writes Antelope', async () => {
    await old.query("SET GLOBAL innodb_file_format = 'Barracuda'; CREATE DATABASE shop; CREATE TABLE shop.small (id INT PRIMARY KEY) ROW_FORMAT = COMPRESSED");
    await fixes('obj.rowformat', pairOf(old, older));
    await older.query('CREATE DATABASE shop; SET SESSION innodb_strict_mode = ON; CREATE TABLE shop.small (id INT PRIMARY KEY) ROW_FORMAT = COMPRESSED; DROP DATABASE shop');
  });

  it('a partial scope: the filters from the option file, line by line as they are printed', async () => {
    await old.query('CREATE DATABASE shop_1; CREATE TABLE shop_1.orders (id INT PRIMARY KEY)');
    const partial = asking(pairOf(old, older), { scope: databases('shop_1') });
    const { remedy } = await fails('obj.filter', partial);
    appendFileSync(join(dirname(older.dataDir), 'my.cnf'), `${(remedy?.config ?? []).join('\n')}\n`);
    await older.restart();
    await cured('obj.filter', partial);
  });
});
