// A first copy to a standby of the next series, and what replicates there afterwards. The judges are plain SQL and, where it can log in on
// both sides (it has no mysql_native_password any more), MySQL's own mysqldump.
import { afterAll, expect, it } from 'vitest';
import { databasesOf, dumpedRows, rowsOf } from '../fixtures/content';
import { eachCrossing } from '../fixtures/matrix';
import { traitsOf, wordsOf } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { printedObjects } from './printed-expressions';
import { openBench, remove, trouble, until } from './sync-bench';
import { hostile, programsOf, tablesOf } from './sync-zoo';

afterAll(disposeServers);

const oneAfterTheOther = async (server: TestServer, statements: readonly string[]): Promise<void> => {
  const connection = await server.connect();
  for (const sql of statements) await connection.query(sql);
  await connection.end();
};

eachCrossing('sync-crossing', (from, to) => {
  it('carries tables of every type, programs and accounts, and what comes afterwards; both sides hold the same', async () => {
    const { source, standby } = await startServers({ source: { series: from }, standby: { series: to } });
    await oneAfterTheOther(source, [...tablesOf(from), ...hostile, ...programsOf(from), ...printedObjects(traitsOf(from).since57)]);
    const bench = await openBench({ source, standby });
    try {
      const task = await bench.run(bench.spec('source', 'standby'));
      expect(task.state, JSON.stringify(trouble(task), null, 1)).toBe('replicating');
      const databases = await databasesOf(source);
      expect(await databasesOf(standby)).toEqual(databases);

      await oneAfterTheOther(source, [
        'CREATE DATABASE later; CREATE TABLE later.t (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(20), at TIMESTAMP NULL) DEFAULT CHARACTER SET utf8',
        "INSERT INTO later.t (v, at) VALUES ('one', '2024-02-29 12:00:00'), (NULL, NULL)",
        'ALTER TABLE later.t ADD COLUMN more DECIMAL(10, 2) NOT NULL DEFAULT 1.50, ADD KEY (v)',
        "INSERT INTO later.t (v, more) SELECT 'copied', 2 FROM later.t",
        wordsOf(from).makeAccount("'late'@'%'", 'Late-secret-1', 'SELECT, EXECUTE ON later.*'),
        'CREATE TRIGGER later.stamp BEFORE INSERT ON later.t FOR EACH ROW SET NEW.v = UPPER(NEW.v)',
        "INSERT INTO later.t (v) VALUES ('by trigger')",
      ].flatMap((text) => text.split('; ')));
      const all = await source.scalar('SELECT @@GLOBAL.gtid_executed');
      await until('the standby has all of it', async () => Number(await standby.scalar('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)', [all])) === 1);

      const now = [...databases, 'later'].sort();
      // Before 8.0 a DOUBLE of a whole value in a document prints without its `.0`: that it stays a DOUBLE is shown where types are compared.
      const rowsIn = async (server: TestServer, name: string): Promise<Record<string, string[]>> => {
        const all = Object.entries(await rowsOf(server, name));
        return Object.fromEntries(all.map(([table, rows]) => [table, traitsOf(from).since80 ? rows : rows.map((row) => row.replaceAll(/2E30(?=2C|5D|7D)/g, ''))]));
      };
      for (const name of now) expect(await rowsIn(standby, name), name).toEqual(await rowsIn(source, name));
      if (traitsOf(from).since80) expect(await dumpedRows(standby, now)).toEqual(await dumpedRows(source, now));
      const login = await standby.connect({ user: 'late', password: 'Late-secret-1' });
      const [rows] = await login.query("SELECT v FROM later.t WHERE v = 'BY TRIGGER'");
      expect(rows).toHaveLength(1);
      await login.end();
    } finally {
      await bench.close();
      remove(bench.folder);
      await Promise.all([source.dispose(), standby.dispose()]);
    }
  });
});
