// Skipping a transaction and comparing a link from a terminal.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failSideBySide } from '../fixtures/applier-workers';
import { disposeServers, startServer, type TestServer } from '../fixtures/servers';
import { openTerminal, type Terminal } from '../fixtures/terminal';
import { waitUntil } from '../fixtures/wait';

describe('a transaction that the standby cannot apply, from a terminal', () => {
  let north: TestServer;
  let south: TestServer;
  let terminal: Terminal;
  const tamper = (sql: string): Promise<unknown> => south.query(`SET GLOBAL super_read_only = OFF; SET SESSION sql_log_bin = 0; ${sql}; SET SESSION sql_log_bin = 1; SET GLOBAL super_read_only = ON`);

  beforeAll(async () => {
    [north, south] = await Promise.all([startServer({ series: '9.7', name: 'north' }), startServer({ series: '9.7', name: 'south' })]);
    terminal = openTerminal();
    await north.query("CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v VARCHAR(50)); INSERT INTO shop.t VALUES (1, 'one')");
    await terminal.register('a', 'North', north);
    await terminal.register('b', 'South', south);
    const created = await terminal.run('sync', 'create', 'a', 'b', '--name', 'whole', '--accept-warnings', '--start', '--wait');
    expect(created.code, created.stdout + created.stderr).toBe(0);
  });
  afterAll(async () => {
    terminal.dispose();
    await disposeServers();
  });

  it('is shown, skipped only by its GTID and the name of the standby, compared, and clear again', async () => {
    await tamper("INSERT INTO shop.t VALUES (2, 'stray')");
    await north.query("INSERT INTO shop.t VALUES (2, 'two\\nlines')");
    await waitUntil('the applier stops', async () => (await south.query<{ Replica_SQL_Running: string }>('SHOW REPLICA STATUS'))[0]?.Replica_SQL_Running === 'No', 60_000);
    const shown = await terminal.run('sync', 'skip', 'whole', '--show');
    expect(shown, shown.stdout + shown.stderr).toMatchObject({ code: 0, json: { ok: true, plan: { errno: 1062, phrase: 'b', transaction: { changes: [{ table: 't', kind: 'insert', after: [{ column: 'id', value: '2' }, { column: 'v', value: 'two\nlines' }] }] } } } });
    const { gtid } = (shown.json as unknown as { plan: { gtid: string } }).plan;
    expect(await terminal.run('sync', 'skip', 'whole', '--gtid', gtid)).toMatchObject({ code: 3, json: { error: { code: 'confirm-mismatch' } } });
    expect(await terminal.run('sync', 'skip', 'whole', '--gtid', 'x', '--confirm', 'b')).toMatchObject({ json: { error: { code: 'invalid-input' } } });
    const skipped = await terminal.run('sync', 'skip', 'whole', '--gtid', gtid, '--confirm', 'b');
    expect(skipped, skipped.stdout + skipped.stderr).toMatchObject({ code: 0, json: { outcome: 'runs', state: 'replicating', needsVerification: { gtids: [gtid] } } });
    const differing = await terminal.run('sync', 'verify', 'whole', '--wait');
    expect(differing, differing.stdout + differing.stderr).toMatchObject({ code: 1, json: { error: { code: 'content-differs' } } });
    await tamper("REPLACE INTO shop.t VALUES (2, 'two\\nlines')");
    const equal = await terminal.run('sync', 'verify', 'whole', '--wait');
    expect(equal, equal.stdout + equal.stderr).toMatchObject({
      code: 0,
      json: { ok: true, needsVerification: null, verified: { at: expect.any(Number) as number } },
    });
    expect(await terminal.run('sync', 'skip', 'whole', '--show')).toMatchObject({ code: 3, json: { error: { code: 'task-state' } } });
  });

  it('names the first in the order of the source and lists the others, in the object and in the text', async () => {
    const rivals = ['aisle', 'shelf'].map((database) => ({ database, id: 1 }));
    await north.query(rivals.map(({ database }) => `CREATE DATABASE ${database}; CREATE TABLE ${database}.t (id INT PRIMARY KEY)`).join('; '));
    await waitUntil('the tables', async () => (await south.query("SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shelf'")).length === 1, 60_000);
    await tamper(rivals.map(({ database }) => `INSERT INTO ${database}.t VALUES (1)`).join('; '));
    const [first, second] = await failSideBySide(north, south, rivals, [1, 0]);
    const shown = await terminal.run('sync', 'skip', 'whole', '--show');
    expect(shown, shown.stdout + shown.stderr).toMatchObject({
      code: 0, json: { plan: { gtid: first, errno: 1062, inTheWay: [{ gtid: first, errno: 1062 }, { gtid: second, errno: 1062 }] } },
    });
    const text = await terminal.text('sync', 'skip', 'whole', '--show');
    expect(text.stdout.split('\n')).toEqual(expect.arrayContaining([`  ${first!}  error 1062 · shown here`, `  ${second!}  error 1062`]));
    const skipped = await terminal.run('sync', 'skip', 'whole', '--gtid', first!, '--confirm', 'b');
    expect(skipped, skipped.stdout + skipped.stderr).toMatchObject({ code: 1, json: { outcome: 'stopped-again', stopped: { gtid: second, inTheWay: [{ gtid: second }] } } });
    const last = await terminal.run('sync', 'skip', 'whole', '--gtid', second!, '--confirm', 'b');
    expect(last, last.stdout + last.stderr).toMatchObject({ code: 0, json: { outcome: 'runs' } });
    expect(await terminal.run('sync', 'verify', 'whole', '--wait')).toMatchObject({ code: 0, json: { needsVerification: null } });
  });
});
