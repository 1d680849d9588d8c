// The empty word of an ENUM, which stands for a value that was refused once: servers hold it, and no strict session takes it by its text.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rowDifferences } from '../../shared/domain/operations/rollback/compare';
import type { RollbackRecord } from '../../shared/domain/operations/rollback/record';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { rollbackKit, type RollbackKit } from '../fixtures/rollback-kit';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';

eachSeries('rollback-words', (series) => {
  let server: TestServer;
  let app: TestEngine;
  let kit: RollbackKit;
  let id: string;

  beforeAll(async () => {
    ({ server } = await startServers({ server: { series } }));
    app = await openTestEngine({ servers: { server } });
    id = app.id('server');
    kit = rollbackKit(server, app, 'server');
    await server.query('CREATE DATABASE shop CHARACTER SET utf8mb4');
  });
  afterAll(async () => {
    await app?.dispose();
    await disposeServers();
  });

  it('the empty word of an ENUM, which stands for a value that was refused once, comes back as that, in a key and beside the original too', async () => {
    await kit.transact("CREATE TABLE worded (id INT, e ENUM('n','y') NOT NULL, z ENUM('0','00','1'), w ENUM('','x'), s SET('a','b'), k ENUM('a','b') NOT NULL, n INT, note VARCHAR(9), PRIMARY KEY (k, id))");
    await kit.transact("SET SESSION sql_mode = ''", "INSERT INTO worded VALUES (1, 'x', 'x', '', '', 'x', 1, NULL), (2, 'y', '00', 'x', 'a,b', 'a', 2, NULL), (3, 'x', '0', 'x', '', '', 3, NULL), (4, 'n', NULL, NULL, NULL, 'b', 4, NULL)");
    const told = async (table: string): Promise<string> =>
      JSON.stringify(await server.query(`SELECT id, CONCAT_WS('/', e, e + 0) AS e, CONCAT_WS('/', z, z + 0) AS z, CONCAT_WS('/', w, w + 0) AS w, CONCAT_WS('/', s, s + 0) AS s, CONCAT_WS('/', k, k + 0) AS k, n FROM shop.${table} ORDER BY id`));
    const start = await told('worded');
    expect(start).toContain('/0');
    // Strict as their servers are, and no word is named that was refused.
    const mistake = await kit.transact('DELETE FROM worded WHERE id = 1', "UPDATE worded SET n = 7 WHERE id IN (1, 3)", "UPDATE worded SET e = 'y', z = '1' WHERE id = 3", "UPDATE worded SET k = 'b' WHERE id = 3");
    const [record] = [await kit.undo(mistake)];
    expect(record.outcome?.left).toBe(0);
    expect(await told('worded')).toBe(start);
    await kit.undo(record.outcome?.gtid ?? '');
    const gone = await told('worded');
    await kit.undo((app.engine.rollback.records(id)[0] as RollbackRecord).outcome?.gtid ?? '');
    expect(await told('worded')).toBe(start);
    // Beside the original, and from there back into it.
    const again = await kit.transact('DELETE FROM worded WHERE id = 1', "UPDATE worded SET n = 7, e = 'y', z = '1' WHERE id = 3");
    expect(gone).not.toBe(start);
    const table = { database: 'shop', table: 'worded' };
    const carryOut = async (planId: string): Promise<unknown> => (await app.engine.tasks.whenEnded((await app.engine.rollback.execute(planId, 'server', true)).id)).error;
    const beside = await app.engine.rollback.planBeside({ instanceId: id, gtid: again, objects: [table], names: null, suffix: '_then', way: 'backward' });
    expect(await carryOut(beside.id)).toBeNull();
    expect(await told('worded_then')).toBe(start);
    const { id: recordId } = app.engine.rollback.records(id)[0] as RollbackRecord;
    expect((await app.engine.rollback.compare(recordId, table)).counts).toEqual({ missing: 1, extra: 0, changed: 1 });
    expect(await carryOut((await app.engine.rollback.planCopyBack({ recordId, ...table, differences: rowDifferences, rows: null })).id)).toBeNull();
    expect(await told('worded')).toBe(start);
    // Nothing else is cut on the way to a column that is shorter by now.
    if (!isAtLeast(series, [8, 0, 3])) return;
    await kit.transact("UPDATE worded SET note = 'longer' WHERE id = 1");
    await server.query("SET GLOBAL binlog_row_metadata = 'FULL'");
    const longer = await kit.transact('DELETE FROM worded WHERE id = 1');
    await kit.transact('ALTER TABLE worded MODIFY note VARCHAR(3)');
    await expect(kit.undo(longer)).rejects.toThrow('1406');
  });
});
