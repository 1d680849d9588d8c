// What the server computes from other columns is what it was after an undo, in a copy beside, and after rows were copied back: on a server that is not in
// UTC, and computes otherwise than one that nobody set.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rowDifferences } from '../../shared/domain/operations/rollback/compare';
import { eachSeries } from '../fixtures/matrix';
import { rollbackKit, type RollbackKit } from '../fixtures/rollback-kit';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';

eachSeries('rollback-computed', (series) => {
  let server: TestServer;
  let app: TestEngine;
  let kit: RollbackKit;
  let id: string;

  beforeAll(async () => {
    const args = ['--default-time-zone=+08:00', '--div-precision-increment=7', '--sql-mode=STRICT_TRANS_TABLES,NO_UNSIGNED_SUBTRACTION'];
    ({ server } = await startServers({ server: { series, args } }));
    app = await openTestEngine({ servers: { server } });
    id = app.id('server');
    kit = rollbackKit(server, app, 'server');
    await server.query('CREATE DATABASE shop CHARACTER SET utf8mb4');
  });
  afterAll(async () => {
    await app?.dispose();
    await disposeServers();
  });

  const document = (hour: number): string => `{"at": "2026-07-01T${String(hour).padStart(2, '0')}:30:00${isAtLeast(series, [8, 0, 19]) ? '+02:00' : ''}"}`;
  const content = async (table: string): Promise<string> => JSON.stringify((await server.query(`SELECT * FROM shop.${table}`)).map((row) => JSON.stringify(row)).sort());

  it('columns that are computed from a moment, or under settings of the server, come back as they were', async () => {
    const computed = 'day DATE AS (DATE(at)) STORED, less BIGINT AS (u - 5) STORED, third DECIMAL(20, 12) AS (u / 3) STORED';
    const columns = `id INT PRIMARY KEY, at TIMESTAMP(3) NULL, made TIMESTAMP NOT NULL DEFAULT '1970-01-02 00:00:00', u INT UNSIGNED, ${computed}`;
    await kit.transact(`CREATE TABLE computed (${columns}, KEY (day))`);
    await kit.transact(`CREATE TABLE heap (at TIMESTAMP(3) NULL, u INT UNSIGNED, ${computed})`);
    await kit.transact("INSERT INTO computed (id, at, u) VALUES (1, '2026-01-01 02:00:00.123', 1), (2, '2038-01-19 11:14:07', 2), (3, NULL, 3), (4, '1970-01-01 08:00:01', 4)");
    await kit.transact('CREATE TABLE epochs (id INT PRIMARY KEY, seconds BIGINT, at DATETIME AS (FROM_UNIXTIME(seconds)) STORED, KEY (at))');
    await kit.transact("CREATE TABLE documents (id INT PRIMARY KEY, doc JSON, at DATETIME AS (doc->>'$.at') STORED, hour VARCHAR(2) AS (DATE_FORMAT(at, '%H')) STORED)");
    await kit.transact(`INSERT INTO documents (id, doc) VALUES (1, '${document(23)}'), (2, '${document(1)}'), (3, '{}')`);
    await kit.transact('INSERT INTO epochs (id, seconds) VALUES (1, 1700000000), (2, 0), (3, NULL), (4, 1800000000)');
    await kit.transact("INSERT INTO heap (at, u) VALUES ('2026-01-01 02:00:00.123', 1), ('2026-01-01 02:00:00.123', 1), (NULL, 9)");
    const all = async (end = ''): Promise<string[]> => [await content(`computed${end}`), await content(`heap${end}`), await content(`epochs${end}`), await content(`documents${end}`)];
    const start = await all();
    expect(start[0]).toContain('2026-01-01T02:00:00.123');
    const gone = await kit.transact('DELETE FROM computed WHERE id <> 3', "UPDATE computed SET at = '2020-02-29 01:00:00', u = 8 WHERE id = 3", 'DELETE FROM heap WHERE u = 1 LIMIT 1',
      'DELETE FROM documents WHERE id = 1', `UPDATE documents SET doc = '${document(12)}' WHERE id = 2`, 'DELETE FROM epochs WHERE id = 1', 'UPDATE epochs SET seconds = 5 WHERE id = 2');
    const after = await all();
    const { gtid } = (await kit.undo(gone)).outcome ?? {};
    expect(await all()).toEqual(start);
    await kit.undo(gtid ?? '');
    expect(await all()).toEqual(after);
    const objects = ['computed', 'heap', 'epochs', 'documents'].map((table) => ({ database: 'shop', table }));
    const plan = await app.engine.rollback.planBeside({ instanceId: id, gtid: gone, objects, names: null, suffix: '_moment', way: 'backward' });
    const { error } = await app.engine.tasks.whenEnded((await app.engine.rollback.execute(plan.id, 'server', true)).id);
    expect([error, plan.preconditions.filter(({ status }) => status !== 'pass')]).toEqual([null, []]);
    expect(await all('_moment')).toEqual(start);
    const [record] = app.engine.rollback.records(id);
    const back = await app.engine.rollback.planCopyBack({ recordId: record?.id ?? '', database: 'shop', table: 'computed', differences: [...rowDifferences], rows: null });
    const copied = await app.engine.tasks.whenEnded((await app.engine.rollback.execute(back.id, 'server', true)).id);
    expect([copied.error, await content('computed')]).toEqual([null, start[0]]);
  });
});
