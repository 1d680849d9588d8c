// First copies of what users of tools that copy schemas have reported: each ended late there, or ended other tools' copies.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { runCheck } from '../../electron/checks';
import { databasesOf, rowsOf } from '../fixtures/content';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { pairOf } from './checks-pair';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

eachSeries('copy-reports', (series, { since57, since80 }) => {
  let source: TestServer;
  let standby: TestServer;
  let bench: Bench;
  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series, durability: 'relaxed' }, standby: { series, durability: 'relaxed' } }));
    bench = await openBench({ source, standby });
  });
  afterAll(async () => {
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });
  afterEach(async () => {
    for (const one of bench.sync.list()) await bench.sync.remove(one.id, one.spec.name, true);
    for (const name of await databasesOf(source)) if (name !== 'antipode') await source.query(`DROP DATABASE ${name}`);
  });

  const run = async (server: TestServer, statements: readonly string[]): Promise<void> => {
    for (const sql of statements) await server.query(sql);
  };
  const link = async (): Promise<readonly string[]> => {
    const done = await bench.run(bench.spec('source', 'standby', { eraseTarget: true, acceptWarnings: true }), 'standby');
    expect(done.state, JSON.stringify(trouble(done), null, 1)).toBe('replicating');
    return done.leftOut.map(({ kind, database, name }) => `${kind} ${database}.${name}`);
  };
  const caughtUp = async (): Promise<void> => {
    const wanted = await source.scalar('SELECT @@GLOBAL.gtid_executed');
    await until('the standby has everything', async () => {
      // What is passed over is passed over at a reading.
      await bench.fleet.refresh(bench.ids['standby'] ?? '');
      return (await standby.scalar<number>('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)', [wanted])) === 1;
    });
  };
  const shape = async (server: TestServer, table: string): Promise<unknown> => (await server.query<Record<string, unknown>>(`SHOW CREATE TABLE ${table}`))[0]?.['Create Table'];

  // A table that was renamed and has a view in its place since: what stands on it was written down by another form of the same name.
  it('views over what was a table once and is a view now are the same on both sides', async () => {
    await run(source, [
      'CREATE DATABASE turned', 'CREATE TABLE turned.t1 (id INT PRIMARY KEY, s VARCHAR(20))', 'CREATE TABLE turned.t2 LIKE turned.t1',
      'CREATE VIEW turned.joined AS SELECT a.id, b.s FROM turned.t1 a JOIN turned.t2 b USING (id)', 'CREATE VIEW turned.plain AS SELECT c.s FROM turned.t2 c WHERE c.id > 1',
      'RENAME TABLE turned.t1 TO turned.t1_real', 'CREATE VIEW turned.t1 AS SELECT * FROM turned.t1_real',
      'RENAME TABLE turned.t2 TO turned.t2_real', 'CREATE VIEW turned.t2 AS SELECT id, s FROM turned.t2_real',
      'CREATE TABLE turned.x1 (id INT PRIMARY KEY)', 'CREATE VIEW turned.x2 AS SELECT id FROM turned.x1', 'CREATE VIEW turned.onview AS SELECT e.id FROM turned.x2 e JOIN turned.x1 f USING (id)',
      'DROP VIEW turned.x2', 'CREATE TABLE turned.x2 (id INT PRIMARY KEY)',
    ]);
    expect(await link()).toEqual([]);
    await source.query('ALTER VIEW turned.plain AS SELECT d.id FROM turned.t1 d');
    await caughtUp();
    const { id } = await bench.verification.compare({ sourceId: bench.ids['source'] ?? '', standbyId: bench.ids['standby'] ?? '', scope: null, touchedSince: null });
    expect((await bench.tasks.whenEnded(id)).error).toBeNull();
  });

  // mydumper #180, #335, #635: one table that cannot be read ends a dump, or goes missing in it without a word that counts.
  it('tables that the source cannot read are named beforehand and left out, and what follows on them passes', async () => {
    await run(source, [
      'CREATE DATABASE lost', 'CREATE TABLE lost.ok (id INT PRIMARY KEY)', 'INSERT INTO lost.ok VALUES (1)', 'CREATE TABLE lost.`d-1é` (id INT PRIMARY KEY)',
      'CREATE TABLE lost.m (id INT PRIMARY KEY) ENGINE = MyISAM', 'INSERT INTO lost.m VALUES (1)', 'CREATE TABLE lost.n (id INT PRIMARY KEY) ENGINE = MyISAM', 'INSERT INTO lost.n VALUES (1)',
      ...(since57 ? ['CREATE TABLE lost.p (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 2', 'ALTER TABLE lost.p DISCARD PARTITION p0 TABLESPACE'] : []),
      'ALTER TABLE lost.`d-1é` DISCARD TABLESPACE', 'FLUSH TABLES',
    ]);
    rmSync(join(source.dataDir, 'lost', 'm.MYD'));
    writeFileSync(join(source.dataDir, 'lost', 'n.MYI'), 'no index');
    const gone = ['d-1é', 'm', 'n', ...(since57 ? ['p'] : [])];

    const check = await runCheck(pairOf(source, standby), 'obj.broken');
    expect([check.status, check.items?.map((item) => item.split(': ')[0]).sort()]).toEqual(['warn', gone.map((name) => `table lost.${name}`)]);
    expect((await link()).filter((one) => one.startsWith('TABLE lost.')).sort()).toEqual(gone.map((name) => `TABLE lost.${name}`));
    expect(await rowsOf(standby, 'lost')).toEqual({ ok: expect.any(Array) as unknown });

    await run(source, ['DROP TABLE lost.`d-1é`', 'INSERT INTO lost.ok VALUES (2)']);
    await caughtUp();
    expect(await standby.scalar('SELECT COUNT(*) FROM lost.ok')).toBe(2);
  });

  // debezium #158: folders of the file system, and of the server's own time before 5.1, read like databases.
  // mysql-sys, put on 5.6 by its script as the manual of the tool says: a server of that version has no `sys` of its own, and this one is its user's.
  it.runIf(!since57)('a schema sys that somebody made comes along, and what stands on it, and what follows', async () => {
    await run(source, [
      'CREATE DATABASE sys', 'CREATE TABLE sys.sys_config (variable VARCHAR(128) PRIMARY KEY, value VARCHAR(128)) ENGINE = InnoDB', "INSERT INTO sys.sys_config VALUES ('statement_truncate_len', '64')",
      "CREATE FUNCTION sys.format_bytes (bytes BIGINT) RETURNS TEXT DETERMINISTIC NO SQL RETURN CONCAT(bytes, ' bytes')", 'CREATE DATABASE app', 'CREATE VIEW app.sizes AS SELECT sys.format_bytes(5) AS size',
    ]);
    expect(await link()).toEqual([]);
    await run(source, ["UPDATE sys.sys_config SET value = '128'", 'CREATE TABLE sys.more (id INT PRIMARY KEY)', 'INSERT INTO sys.more VALUES (1)']);
    await caughtUp();
    expect(await standby.query('SELECT value, size FROM sys.sys_config, app.sizes, sys.more')).toEqual([{ value: '128', size: '5 bytes' }]);
    const { id } = await bench.verification.compare({ sourceId: bench.ids['source'] ?? '', standbyId: bench.ids['standby'] ?? '', scope: null, touchedSince: null });
    expect((await bench.tasks.whenEnded(id)).error).toBeNull();
    expect(bench.verification.result(id).tables.map(({ database, table, state }) => `${database}.${table} ${state}`)).toEqual(expect.arrayContaining(['sys.sys_config equal', 'sys.more equal']));
  });

  it('a folder among the databases is none', async () => {
    await run(source, ['CREATE DATABASE shop', 'CREATE TABLE shop.t (id INT PRIMARY KEY)']);
    const folders = ['old.bak', 'shop~', 'kept-apart'].map((name) => join(source.dataDir, name));
    for (const folder of folders) mkdirSync(folder);
    try {
      expect(await link()).toEqual([]);
      expect((await databasesOf(standby)).filter((name) => name.startsWith('#mysql50#') && /[.~]/.test(name))).toEqual([]);
      const done = bench.sync.list()[0];
      await bench.sync.remove(done?.id ?? '', done?.spec.name ?? '', true);
      await link();
    } finally {
      for (const folder of folders) rmSync(folder, { recursive: true });
    }
  });

  // An administrator locks an account by writing nonsense over its hash; the server then does as if it were not there (1141, 1396).
  it('an account that the source itself ignores is left out by name, and ends no copy', async () => {
    const column = isAtLeast(series, [5, 7, 6]) ? 'authentication_string' : 'Password';
    await run(source, [
      'CREATE DATABASE shop', 'CREATE TABLE shop.t (id INT PRIMARY KEY)', "CREATE USER 'h_lost'@'%' IDENTIFIED BY 'Abc-12345!'", "CREATE USER 'h_ok'@'%' IDENTIFIED BY 'Abc-12345!'",
      "GRANT SELECT ON shop.* TO 'h_lost'@'%'", "GRANT SELECT ON shop.* TO 'h_ok'@'%'", `UPDATE mysql.user SET ${column} = 'invalid' WHERE User = 'h_lost'`, 'FLUSH PRIVILEGES',
    ]);
    try {
      expect(await link()).toEqual(['ACCOUNT .h_lost@%']);
      expect(await standby.query("SELECT User FROM mysql.user WHERE User LIKE 'h\\_%'")).toEqual([{ User: 'h_ok' }]);
    } finally {
      await run(source, ["DELETE FROM mysql.user WHERE User = 'h_lost'", "DELETE FROM mysql.db WHERE User = 'h_lost'", 'FLUSH PRIVILEGES', "DROP USER 'h_ok'@'%'"]);
    }
  });

  // mysqldump's dumps of such tables end with 1059 as they are loaded: before 8.0 a key's name grows with its table's.
  it.runIf(!since80)('a foreign key whose name grew too long as its table was renamed is told beforehand, and cured as it says', async () => {
    const [long, fitting] = ['b'.repeat(60), 'c'.repeat(57)];
    await run(source, [
      'CREATE DATABASE shop', 'CREATE TABLE shop.p (id INT PRIMARY KEY)', 'CREATE TABLE shop.t (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES shop.p (id))',
      'CREATE TABLE shop.u (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES shop.p (id))', `RENAME TABLE shop.t TO shop.${long}, shop.u TO shop.${fitting}`,
    ]);
    const told = async (): Promise<readonly unknown[]> => {
      const { status, items } = await runCheck(pairOf(source, standby), 'obj.name');
      return [status, items?.length ?? 0];
    };
    expect(await told()).toEqual(['fail', 1]);
    await run(source, [`ALTER TABLE shop.${long} DROP FOREIGN KEY ${long}_ibfk_1`, `ALTER TABLE shop.${long} ADD CONSTRAINT of_p FOREIGN KEY (id) REFERENCES shop.p (id)`]);
    expect(await told()).toEqual(['pass', 0]);
    expect(await link()).toEqual([]);
    for (const table of [long, fitting]) expect(await shape(standby, `shop.${table}`)).toBe(await shape(source, `shop.${table}`));
  });

  // Of a table with a secondary engine an 8.0 takes no ALTER TABLE any more (3890), so that its keys cannot come after its rows.
  if (isAtLeast(series, [8, 0, 13])) {
    it('big tables that are meant for a secondary engine get their keys at once, and what they refer to', async () => {
      const big = (name: string): readonly string[] => [
        `INSERT INTO heat.${name} (k, pad) VALUES (1, REPEAT('x', 6000000)), (2, REPEAT('y', 6000000)), (3, REPEAT('z', 6000000))`, `ANALYZE TABLE heat.${name}`,
      ];
      await run(source, [
        'CREATE DATABASE heat', 'CREATE TABLE heat.parent (id INT PRIMARY KEY AUTO_INCREMENT, k INT NOT NULL, pad LONGBLOB, KEY by_k (k))', ...big('parent'),
        'CREATE TABLE heat.t (id INT PRIMARY KEY AUTO_INCREMENT, k INT NOT NULL, pad LONGBLOB, KEY by_k (k), CONSTRAINT of_parent FOREIGN KEY (id) REFERENCES heat.parent (id)) SECONDARY_ENGINE = RAPID', ...big('t'),
      ]);
      expect(await link()).toEqual([]);
      for (const table of ['heat.parent', 'heat.t']) expect(await shape(standby, table)).toBe(await shape(source, table));
      expect(await standby.scalar('SELECT SUM(CRC32(pad)) FROM heat.t')).toBe(await source.scalar('SELECT SUM(CRC32(pad)) FROM heat.t'));
    });
  }
});
