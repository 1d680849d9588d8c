// What is computed from a moment, on a server whose clocks are put forward in spring and back in autumn: each moment has the offset of its own day, and one
// hour of the year is there twice.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { rowDifferences } from '../../shared/domain/operations/rollback/compare';
import { eachSeries } from '../fixtures/matrix';
import { rollbackKit, type RollbackKit } from '../fixtures/rollback-kit';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';

const moments = {
  winter: Date.parse('2026-01-15T12:00:00Z') / 1000, summer: Date.parse('2026-07-15T12:00:00Z') / 1000,
  // 02:30 in Berlin, twice.
  first: Date.parse('2026-10-25T00:30:00Z') / 1000, second: Date.parse('2026-10-25T01:30:00Z') / 1000,
} as const;

eachSeries('rollback-summer', (series) => {
  let server: TestServer;
  let app: TestEngine;
  let kit: RollbackKit;
  let id: string;
  const isExact = series !== '5.7';

  beforeAll(async () => {
    vi.stubEnv('TZ', 'Europe/Berlin');
    ({ server } = await startServers({ server: { series } }));
    app = await openTestEngine({ servers: { server } });
    id = app.id('server');
    kit = rollbackKit(server, app, 'server');
    await server.query('CREATE DATABASE shop CHARACTER SET utf8mb4');
  });
  afterAll(async () => {
    await app?.dispose();
    await disposeServers();
    vi.unstubAllEnvs();
  });

  const content = async (table: string): Promise<readonly unknown[]> => server.query(
    `SELECT id, CAST(UNIX_TIMESTAMP(at) AS CHAR) AS at, CAST(UNIX_TIMESTAMP(until) AS CHAR) AS until, n, local FROM shop.${table} ORDER BY id, at, until`,
  );
  const column = "local VARCHAR(40) AS (CONCAT(DATE_FORMAT(at, '%H:%i'), IFNULL(DATE_FORMAT(until, ' %H:%i'), ''))) STORED";

  async function filled(table: string, key: string): Promise<void> {
    await kit.transact(`CREATE TABLE ${table} (id INT, at TIMESTAMP(3) DEFAULT CURRENT_TIMESTAMP(3), until TIMESTAMP NULL DEFAULT NULL, n INT, ${column}, ${key})`);
    for (const [n, seconds] of Object.values(moments).entries()) await kit.transact(`SET timestamp = ${seconds}.125`, `INSERT INTO ${table} (id, n) VALUES (${n}, 0)`);
    // Of one row in both halves of the year.
    await kit.transact(`SET timestamp = ${moments.winter}`, `INSERT INTO ${table} (id, until, n) VALUES (9, FROM_UNIXTIME(${moments.summer}), 0)`);
  }

  it('comes back as it was: by an undo, in a copy beside, and where rows are copied back', async () => {
    await filled('computed', 'PRIMARY KEY (id)');
    const start = await content('computed');
    expect(start.map((row) => (row as { local: string }).local)).toEqual(['13:00', '14:00', '02:30', '02:30', '13:00 14:00']);
    const gone = await kit.transact('DELETE FROM computed WHERE id IN (0, 1, 2, 9)', 'UPDATE computed SET at = NULL, n = 7 WHERE id = 3');
    const left = await content('computed');
    const plan = await kit.plan(gone);
    const warned = plan.preconditions.filter(({ status }) => status !== 'pass').map((one) => [one.id, one.measured.params?.['tables']]);
    expect(warned).toEqual(isExact ? [] : [['zone', 'shop.computed']]);

    const beside = await app.engine.rollback.planBeside({
      instanceId: id, gtid: gone, objects: [{ database: 'shop', table: 'computed' }], names: null, suffix: '_moment',
    });
    const { error } = await app.engine.tasks.whenEnded((await app.engine.rollback.execute(beside.id, 'server', true)).id);
    expect([error, beside.preconditions.filter(({ status }) => status !== 'pass')]).toEqual([null, []]);
    expect(await content('computed_moment')).toEqual(start);
    if (!isExact) return;

    const { gtid } = (await kit.undo(gone)).outcome ?? {};
    expect(await content('computed')).toEqual(start);
    await kit.undo(gtid ?? '');
    expect(await content('computed')).toEqual(left);
    const record = app.engine.rollback.records(id).find(({ way }) => way === 'backward');
    const back = await app.engine.rollback.planCopyBack({ recordId: record?.id ?? '', database: 'shop', table: 'computed', differences: [...rowDifferences], rows: null });
    const copied = await app.engine.tasks.whenEnded((await app.engine.rollback.execute(back.id, 'server', true)).id);
    expect([copied.error, await content('computed')]).toEqual([null, start]);
  });

  it('keys that keep what is computed from a moment hold after rows were deleted, changed and brought back; where no statement says the offset, nothing is', async () => {
    const onExpression = isAtLeast(series, [8, 0, 13]) ? ", KEY hour ((DATE_FORMAT(at, '%H:%i')))" : '';
    await kit.transact(`CREATE TABLE keeping (id INT PRIMARY KEY, at TIMESTAMP NULL, n INT, day VARCHAR(20) AS (DATE_FORMAT(at, '%d %H:%i')) VIRTUAL, UNIQUE KEY (day, id)${onExpression})`);
    for (const [n, seconds] of Object.values(moments).entries()) await kit.transact(`SET timestamp = ${seconds}`, `INSERT INTO keeping (id, at, n) VALUES (${n}, NOW(), 0)`);
    const read = async (table: string): Promise<unknown> => [
      await server.query(`SELECT id, CAST(UNIX_TIMESTAMP(at) AS CHAR) AS at, n FROM shop.${table} ORDER BY id`),
      await server.query(`SELECT id, day FROM shop.${table} FORCE INDEX (day) WHERE day >= '' ORDER BY day, id`),
      (await server.query<{ Msg_text: string }>(`CHECK TABLE shop.${table} EXTENDED`)).map((row) => row.Msg_text),
    ];
    const start = await read('keeping');
    expect(start).toMatchObject([{ length: 4 }, [{ day: '15 13:00' }, { day: '15 14:00' }, { day: '25 02:30' }, { day: '25 02:30' }], ['OK']]);
    const gone = await kit.transact('DELETE FROM keeping WHERE id IN (0, 1)', 'UPDATE keeping SET n = 5, at = at + INTERVAL 90 DAY WHERE id = 3', `INSERT INTO keeping (id, at, n) VALUES (7, FROM_UNIXTIME(${moments.winter}), 7), (8, FROM_UNIXTIME(${moments.summer}), 8)`);
    const left = await read('keeping');
    const plan = await kit.plan(gone);
    const order = { instanceId: id, gtid: gone, objects: [{ database: 'shop', table: 'keeping' }], names: null, suffix: '_moment', way: 'backward' as const };
    const beside = await app.engine.rollback.planBeside(order);
    const failed = [...plan.preconditions, ...beside.preconditions].filter(({ status }) => status === 'fail').map((one) => one.id);
    expect(failed).toEqual(isExact ? [] : ['zone-kept', 'zone:0']);
    if (!isExact) return;
    const { error } = await app.engine.tasks.whenEnded((await app.engine.rollback.execute(beside.id, 'server', true)).id);
    expect([error, await read('keeping_moment')]).toEqual([null, start]);
    const { gtid } = (await kit.undo(gone)).outcome ?? {};
    expect(await read('keeping')).toEqual(start);
    await kit.undo(gtid ?? '');
    expect(await read('keeping')).toEqual(left);
    const record = app.engine.rollback.records(id).find(({ way }) => way === 'backward');
    const back = await app.engine.rollback.planCopyBack({ recordId: record?.id ?? '', database: 'shop', table: 'keeping', differences: [...rowDifferences], rows: null });
    const copied = await app.engine.tasks.whenEnded((await app.engine.rollback.execute(back.id, 'server', true)).id);
    expect([copied.error, await read('keeping')]).toEqual([null, start]);
  });

  it.runIf(isExact)('rows whose key is a moment are told apart in the hour that is there twice, and so are rows without a key', async () => {
    await filled('keyed', 'PRIMARY KEY (at, id)');
    await filled('heap', 'KEY (at)');
    const start = [await content('keyed'), await content('heap')];
    const changed = await kit.transact(
      'UPDATE keyed SET n = n + 1', `DELETE FROM keyed WHERE UNIX_TIMESTAMP(at) = ${moments.first}.125`,
      'UPDATE heap SET n = n + 1', `DELETE FROM heap WHERE UNIX_TIMESTAMP(at) = ${moments.second}.125`,
    );
    expect(await kit.verdicts(changed)).toEqual(Array.from({ length: 12 }, () => 'ready'));
    await kit.undo(changed);
    expect([await content('keyed'), await content('heap')]).toEqual(start);
  });
});
