// A comparison of just what was written since a GTID set, ordered from a terminal: its object, its lines and its exit codes.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { executed, hasAllOf, replicateFrom, replication, until } from '../fixtures/promotion-pair';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTerminal, type Terminal } from '../fixtures/terminal';

eachSeries('terminal-verify', (series, _traits, { makeAccount }) => {
  let north: TestServer;
  let south: TestServer;
  let terminal: Terminal;
  /** All that was there before the writes in question. */
  let since = '';
  const step = journey('what was written since a set is compared, told by exit codes, and repaired');
  const verify = (...more: string[]) => terminal.run('verify', 'a', 'b', '--touched-since', since, '--wait', ...more);
  /** Past the fence of the standby, and in no log. */
  const spoil = (sql: string) => south.query(`SET GLOBAL super_read_only = OFF; SET SESSION sql_log_bin = 0; ${sql}; SET SESSION sql_log_bin = 1; SET GLOBAL super_read_only = ON`);

  beforeAll(async () => {
    ({ north, south } = await startServers({ north: { series }, south: { series } }));
    await north.query(`${makeAccount(`'${replication.user}'@'%'`, replication.password, 'REPLICATION SLAVE ON *.*')}; CREATE DATABASE shop;
      CREATE TABLE shop.orders (id INT PRIMARY KEY, note VARCHAR(20)); INSERT INTO shop.orders VALUES (1, 'one'), (2, 'two'), (3, 'three'), (4, NULL)`);
    await replicateFrom(south, north);
    await until(() => hasAllOf(south, north), 20_000, 'the standby to catch up');
    since = (await executed(north)).replaceAll('\n', '');
    await north.query("UPDATE shop.orders SET note = 'paid' WHERE id IN (2, 3); DELETE FROM shop.orders WHERE id = 4; INSERT INTO shop.orders VALUES (5, 'five')");
    await until(() => hasAllOf(south, north), 20_000, 'the standby to catch up');
    terminal = openTerminal();
    await terminal.register('a', 'North', north);
    await terminal.register('b', 'South', south);
  });
  afterAll(async () => {
    terminal.dispose();
    await disposeServers();
  });

  step('equal: exit 0, only the rows that were written, and no proof of the rest', async () => {
    const set = (await executed(north)).replaceAll('\n', '');
    // At two rows a second three rows take longer than they would.
    const answer = await verify('--rate', '2');
    expect(answer.json.ms).toBeGreaterThan(1000);
    expect(answer, answer.stdout + answer.stderr).toMatchObject({
      code: 0,
      json: { ok: true, equal: true, gtidSet: set, touchedSince: since, method: 'position', pauseMs: expect.any(Number), ms: expect.any(Number), state: 'done', error: null, rows: [] },
    });
    // Three that are there; the fourth is on neither side.
    expect(answer.json.tables).toMatchObject([{ database: 'shop', table: 'orders', state: 'equal', rows: 3, differing: 0, touched: 4, whole: null }]);
    expect(await terminal.run('verify', 'a', 'b', '--last')).toMatchObject({ code: 1, json: { ok: false, proof: null } });
  });

  step('different: exit 1, what was written with both sides of its rows, and nothing of what was not', async () => {
    await spoil("UPDATE shop.orders SET note = 'lost' WHERE id IN (1, 2); DELETE FROM shop.orders WHERE id = 5; INSERT INTO shop.orders VALUES (4, 'back')");
    const file = join(terminal.dataFolder, 'repair.sql');
    const answer = await verify('--repair-sql', file);
    expect(answer, answer.stdout + answer.stderr).toMatchObject({ code: 1, json: { ok: false, equal: false, state: 'failed', error: { code: 'content-differs' }, repair: { rows: 3, left: [] } } });
    expect(answer.json.rows).toHaveLength(3);
    expect(answer.json.rows).toEqual(expect.arrayContaining([
      { database: 'shop', table: 'orders', key: { id: '2' }, kind: 'changed', copies: 1, columns: ['note'], source: { id: '2', note: 'paid' }, standby: { id: '2', note: 'lost' } },
      { database: 'shop', table: 'orders', key: { id: '5' }, kind: 'missing', copies: 1, columns: expect.any(Array), source: { id: '5', note: 'five' }, standby: null },
      { database: 'shop', table: 'orders', key: { id: '4' }, kind: 'extra', copies: 1, columns: expect.any(Array), source: null, standby: { id: '4', note: 'back' } },
    ]));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toContain('sql_log_bin');
  });

  step('refused: exit 3 without the name of the standby, or of a server with itself; exit 2 for what is no set', async () => {
    expect(await verify('--repair')).toMatchObject({ code: 3, json: { ok: false, error: { code: 'confirm-mismatch' } } });
    const itself = await terminal.run('verify', 'a', 'a', '--touched-since', since, '--wait');
    expect(itself, itself.stdout).toMatchObject({ code: 3, json: { ok: false, error: { code: 'source-is-target' } } });
    expect(await terminal.run('verify', 'a', 'b', '--touched-since', 'yesterday', '--wait')).toMatchObject({ code: 2, json: { error: { code: 'invalid-input' } } });
    expect(await south.query('SELECT COUNT(*) AS n FROM shop.orders')).toEqual([{ n: 4 }]);
  });

  step('a dry run prints what a repair would run, asks for no name, and runs nothing: exit 1 as for what differs', async () => {
    const dry = await verify('--repair', '--dry-run');
    expect(dry, dry.stdout).toMatchObject({ code: 1, json: { ok: false, dryRun: true, equal: false, repair: { rows: 3 } } });
    expect(dry.stdout).toContain('sql_log_bin');
    expect((await terminal.text('verify', 'a', 'b', '--touched-since', since, '--wait', '--repair', '--dry-run')).stdout).toMatch(/^ +b> .*`shop`\.`orders`/m);
    expect(await verify('--dry-run')).toMatchObject({ code: 2, json: { error: { code: 'invalid-input' } } });
    expect(await south.query('SELECT COUNT(*) AS n FROM shop.orders')).toEqual([{ n: 4 }]);
  });

  step('repaired on the typed name: what was written since is right, and the table, compared whole, shows the row that was not', async () => {
    const repaired = await verify('--repair', '--confirm', 'b');
    expect(repaired, repaired.stdout + repaired.stderr).toMatchObject({ code: 1, json: { ok: false, equal: false, rows: [{ key: { id: '1' }, kind: 'changed', source: { note: 'one' }, standby: { note: 'lost' } }] } });
    expect(await south.query('SELECT id, note FROM shop.orders ORDER BY id')).toEqual([
      { id: 1, note: 'lost' }, { id: 2, note: 'paid' }, { id: 3, note: 'paid' }, { id: 5, note: 'five' },
    ]);
  });

  step('of a scope that names what is on neither side nothing is called equal: exit 3', async () => {
    for (const [scope, kind, name] of [['shopp', 'database', 'shopp'], ['shop.order', 'table', 'shop.order'], ['shop,nowhere', 'database', 'nowhere']] as const) {
      const answer = await terminal.run('verify', 'a', 'b', '--scope', scope, '--wait');
      expect(answer, answer.stdout).toMatchObject({ code: 3, json: { ok: false, equal: null, error: { code: 'not-found', params: { kind, name } } } });
    }
    expect(await terminal.run('verify', 'a', 'b', '--last')).toMatchObject({ code: 1, json: { proof: null } });
  });

  step('what a repair leaves as it is is no part of what is equal, and the file of a repair names it', async () => {
    await spoil(`UPDATE shop.orders SET note = 'one' WHERE id = 1`);
    await north.query('CREATE TABLE shop.told (id INT PRIMARY KEY); INSERT INTO shop.told VALUES (1), (2)');
    await until(async () => (await south.query('SELECT COUNT(*) AS n FROM shop.told').catch(() => [{ n: 0 }]))[0]?.n === 2, 20_000, 'both rows');
    await spoil(`DELETE FROM shop.told WHERE id = 1; DELETE FROM shop.orders WHERE id = 2; CREATE TRIGGER shop.heard BEFORE INSERT ON shop.told FOR EACH ROW SET @heard = 1`);
    const file = join(terminal.dataFolder, 'left.sql');
    const repaired = await terminal.run('verify', 'a', 'b', '--scope', 'shop', '--repair', '--confirm', 'b', '--repair-sql', file, '--wait');
    expect(repaired, repaired.stdout + repaired.stderr).toMatchObject({
      code: 1, json: { ok: false, equal: false, scope: 'shop.orders', repair: { rows: 1, left: [{ database: 'shop', table: 'told', rows: 1, reason: 'trigger' }] } },
    });
    expect(readFileSync(file, 'utf8')).toMatch(/^-- NOT made equal by this file: shop\.told: /m);
    await spoil('DROP TRIGGER shop.heard; INSERT INTO shop.told VALUES (1)');
    // What the file held of an earlier comparison is not left to be run.
    expect(await terminal.run('verify', 'a', 'b', '--repair-sql', file, '--wait')).toMatchObject({ code: 0, json: { ok: true, equal: true, scope: '*' } });
    expect(readFileSync(file, 'utf8')).toMatch(/^-- Proven equal at [^\n]+\n$/);
  });
});
