// Rows of a standby repaired whose stored columns are computed from moments: they get what the source computed in its own zone, whose clocks change.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { VerificationResult } from '../../shared/domain/verification/result';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServer, type TestServer } from '../fixtures/servers';
import { copySpec } from '../fixtures/sync-spec';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { until } from './sync-bench';

eachSeries('verify-summer', (series) => {
  let source: TestServer;
  let standby: TestServer;
  let app: TestEngine;

  beforeAll(async () => {
    vi.stubEnv('TZ', 'Europe/Berlin');
    source = await startServer({ series });
    // Up to 5.7 an applier writes what the source computed; later ones compute it themselves, in the zone of the standby.
    if (series === '5.7') vi.stubEnv('TZ', 'UTC');
    standby = await startServer({ series });
    await source.query('CREATE DATABASE shop');
    app = await openTestEngine({ servers: { source, standby } });
    const { id } = await app.engine.sync.create(copySpec('link', app.id('source'), app.id('standby')), true, null);
    expect((await app.engine.sync.whenSettled(id)).state).toBe('replicating');
    const computed = "local VARCHAR(40) AS (CONCAT(DATE_FORMAT(at, '%H:%i'), IFNULL(DATE_FORMAT(until, ' %H:%i'), ''))) STORED";
    await source.query(`CREATE TABLE shop.keyed (at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), id INT, until TIMESTAMP NULL DEFAULT NULL, n INT, ${computed}, PRIMARY KEY (at, id));
      CREATE TABLE shop.heap (at TIMESTAMP NULL, until TIMESTAMP NULL DEFAULT NULL, n INT, ${computed})`);
    const client = await source.connect({ database: 'shop' });
    for (const [n, moment] of ['2026-01-15T12:00:00Z', '2026-07-15T12:00:00Z', '2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'].entries()) {
      await client.query(`SET timestamp = ${Date.parse(moment) / 1000}`);
      await client.query(`INSERT INTO keyed (id, n) VALUES (${n}, 1)`);
    }
    await client.query("INSERT INTO keyed (at, id, until, n) VALUES ('2026-01-01 10:00:00', 9, '2026-07-01 10:00:00', 1)");
    await client.query("INSERT INTO heap (at, n) VALUES ('2026-07-15 10:00:00', 1), ('2026-07-15 10:00:00', 1), ('2026-01-15 10:00:00', 2)");
    await client.end();
  });
  afterAll(async () => {
    await app?.dispose();
    await disposeServers();
    vi.unstubAllEnvs();
  });

  const tamper = (...sql: readonly string[]): Promise<unknown> => standby.query(
    `SET GLOBAL super_read_only = OFF; SET SESSION sql_log_bin = 0, time_zone = '+00:00'; ${sql.join('; ')}; SET SESSION sql_log_bin = 1, time_zone = @@GLOBAL.time_zone; SET GLOBAL super_read_only = ON`,
  );
  const content = (server: TestServer): Promise<unknown> => server.query(
    `SELECT CAST(UNIX_TIMESTAMP(at) AS CHAR) AS at, id, n, local FROM shop.keyed UNION ALL SELECT CAST(UNIX_TIMESTAMP(at) AS CHAR), -1, n, local FROM shop.heap ORDER BY 1, 2, 3, 4`,
  );
  async function compare(): Promise<VerificationResult> {
    const { id } = await app.engine.verification.compare({ sourceId: app.id('source'), standbyId: app.id('standby'), scope: null, touchedSince: null });
    await app.engine.tasks.whenEnded(id);
    await until('it is kept', async () => app.engine.verification.history().some((one) => one.id === id));
    return app.engine.verification.result(id);
  }

  it('gives each row the offset of its own moments, and names the one that has two', async () => {
    const first = await compare();
    const start = await content(source);
    expect(await content(standby)).toEqual(start);
    expect(first.equal).toBe(true);
    // As earlier versions repaired it: the value is right, and what is computed from it in UTC.
    await tamper(
      'UPDATE shop.keyed SET n = 5 WHERE id IN (0, 1)', 'DELETE FROM shop.keyed WHERE id IN (2, 9)', "UPDATE shop.keyed SET n = 1, until = '2026-10-25 01:30:01' WHERE id = 3",
      'DELETE FROM shop.heap WHERE n = 1 LIMIT 1', 'UPDATE shop.heap SET n = 7 WHERE n = 2',
    );
    const found = await compare();
    const plan = await app.engine.verification.planRepair(found.id);
    expect(plan.left).toEqual([{ database: 'shop', table: 'keyed', rows: 1, reason: 'zone' }]);
    const { taskId } = await app.engine.verification.repair(plan.id, 'standby');
    // The one that was named is what it differs in still.
    expect((await app.engine.tasks.whenEnded(taskId)).error).toMatchObject({ code: 'content-differs' });
    const [row, ...others] = (await compare()).rows;
    expect([row?.table, row?.kind, row?.key['id'], others]).toEqual(['keyed', 'missing', '9', []]);
  });
});
