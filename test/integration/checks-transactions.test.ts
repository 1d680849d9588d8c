import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCheck, type CheckRun } from '../../electron/checks';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { cured, runRemedy } from './checks-cures';
import { asking, databases, pairOf } from './checks-pair';

eachSeries('checks-transactions', (series) => {
  let source: TestServer;
  let shopOnly: CheckRun;

  beforeAll(async () => {
    const servers = await startServers({ source: { series, durability: 'relaxed' }, standby: { series, durability: 'relaxed' } });
    ({ source } = servers);
    await source.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, n INT); CREATE DATABASE hr; CREATE TABLE hr.staff (id INT PRIMARY KEY, n INT)');
    shopOnly = asking(pairOf(source, servers.standby), { scope: databases('shop') });
    // 5.7 does not collect transactions as it starts; what the remedy says is all that it takes.
    const found = await runCheck(shopOnly, 'obj.crossdb');
    expect(found.status === 'skipped', 'collected as the server starts').toBe(series === '5.7');
    if (found.status === 'skipped') await runRemedy(source, found);
  });
  afterAll(disposeServers);

  /** Looks while the session that worked is still there: the history of a thread goes with the thread. */
  async function whileOpen(work: (run: (sql: string) => Promise<unknown>) => Promise<void>, look: () => Promise<void>): Promise<void> {
    const session = await source.connect({ database: 'shop' });
    try {
      await work((sql) => session.query(sql));
      await look();
    } finally {
      await session.end();
    }
  }

  it('is caught though each of its statements stays on one side, and cured by taking the other table into scope', async () => {
    await whileOpen(
      async (run) => {
        await run('START TRANSACTION');
        await run('INSERT INTO orders VALUES (1, 1)');
        await run('INSERT INTO hr.staff VALUES (1, 1)');
        await run('COMMIT');
      },
      async () => {
        const found = await runCheck(shopOnly, 'obj.crossdb');
        expect([found.status, found.items]).toEqual(['warn', ['1 × [shop] INSERT INTO `hr` . `staff` VALUES (...); [shop] INSERT INTO `orders` VALUES (...)']]);
        expect(found.remedy?.addToScope).toEqual([{ database: 'hr', table: 'staff' }]);
        await cured('obj.crossdb', asking(shopOnly, { scope: { kind: 'partial', databases: [{ database: 'shop', tables: null }, { database: 'hr', tables: ['staff'] }] } }));
      },
    );
  });

  it('is caught with autocommit off, where it begins inside its first statement', async () => {
    await whileOpen(
      async (run) => {
        await run('SET autocommit = 0');
        await run('DELETE FROM orders WHERE id = 9');
        await run('DELETE FROM hr.staff WHERE id = 9');
        await run('COMMIT');
      },
      async () => {
        const found = await runCheck(shopOnly, 'obj.crossdb');
        expect([found.status, found.items]).toEqual(['warn', ['1 × [shop] DELETE FROM `hr` . `staff` WHERE `id` = ?; [shop] DELETE FROM `orders` WHERE `id` = ?']]);
      },
    );
  });

  it('is none where the same statements were committed one by one', async () => {
    await whileOpen(
      async (run) => {
        await run('UPDATE orders SET n = 2');
        await run('UPDATE hr.staff SET n = 2');
      },
      () => cured('obj.crossdb', shopOnly),
    );
  });

  it('is not guessed at where the server does not collect it, until it does as the remedy says', async () => {
    await source.query("UPDATE performance_schema.setup_consumers SET ENABLED = 'NO' WHERE NAME LIKE 'events_transactions%'");
    const found = await runCheck(shopOnly, 'obj.crossdb');
    expect([found.status, found.measured.key]).toEqual(['skipped', 'checks.obj.crossdb.half']);
    await runRemedy(source, found);
    await cured('obj.crossdb', shopOnly);
  });
});
