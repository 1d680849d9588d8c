// A standby that was written to stops at a row of its source: the transaction is shown, passed over on the user's word,
// and the link carries a mark until a comparison finds both sides equal.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf } from '../../shared/errors/codes';
import type { SyncTaskView } from '../../shared/domain/sync';
import { disposeServers, startServers, type Series, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (thrown) {
    return errorOf(thrown).code;
  }
  return 'none';
};

describe.each<Series>(['9.7', '5.6'])('skipping a transaction, MySQL %s', (series) => {
  let source: TestServer;
  let standby: TestServer;
  let bench: Bench;
  let id: string;

  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series, durability: 'relaxed' }, standby: { series, durability: 'relaxed' } }));
    await source.query("CREATE DATABASE shop; CREATE TABLE shop.items (id INT PRIMARY KEY, name VARCHAR(40) CHARACTER SET utf8mb4, price DECIMAL(10,2)); INSERT INTO shop.items VALUES (1, 'one', 1.50), (2, 'two', 2.50); CREATE TABLE shop.other (id INT PRIMARY KEY)");
    bench = await openBench({ source, standby });
    const view = await bench.run(bench.spec('source', 'standby'));
    expect(view.state, JSON.stringify(trouble(view), null, 1)).toBe('replicating');
    id = view.id;
  });
  afterAll(async () => {
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });

  const tamper = (sql: string): Promise<unknown> => standby.query(`${series === '5.6' ? '' : 'SET GLOBAL super_read_only = OFF; '}SET SESSION sql_log_bin = 0; ${sql}; SET SESSION sql_log_bin = 1${series === '5.6' ? '' : '; SET GLOBAL super_read_only = ON'}`);
  const status = async (): Promise<Record<string, unknown>> => Object.fromEntries(Object.entries((await standby.query(series === '5.6' ? 'SHOW SLAVE STATUS' : 'SHOW REPLICA STATUS'))[0]!).map(([name, value]) => [name.replace('Slave', 'Replica'), value]));
  const stopped = (): Promise<void> => until('the applier stops', async () => (await status())['Replica_SQL_Running'] === 'No');
  const last = async (): Promise<string> => {
    const [row] = await source.query<{ gtids: string }>('SELECT @@GLOBAL.gtid_executed AS gtids');
    return `${(await source.scalar('SELECT @@server_uuid'))!}:${/(\d+)$/.exec(row!.gtids)![1]!}`;
  };
  const verified = async (): Promise<SyncTaskView> => {
    await bench.sync.skips.verify(id);
    return bench.sync.whenSettled(id);
  };

  it('is not offered while the link runs', async () => {
    expect(await codeOf(bench.sync.skips.plan(id))).toBe('task-state');
    expect(bench.sync.get(id)).toMatchObject({ needsVerification: null, verified: null });
  });

  it('shows the transaction, refuses a wrong word and another GTID, passes it over, and marks the link', async () => {
    await tamper("INSERT INTO shop.items VALUES (7, 'stray', 0)");
    await source.query("BEGIN; INSERT INTO shop.items VALUES (7, '七', 12.34); UPDATE shop.items SET price = 9.99 WHERE id = 1; COMMIT");
    const gtid = await last();
    await source.query('INSERT INTO shop.other VALUES (1)');
    await stopped();
    const plan = await bench.sync.skips.plan(id);
    expect(plan).toMatchObject({ gtid, errno: 1062, phrase: 'standby', unread: null });
    expect(plan.transaction?.changes.map(({ table, kind, after }) => [table, kind, after?.map(({ value }) => value)])).toEqual([['items', 'insert', ['7', '七', '12.34']], ['items', 'update', ['1', 'one', '9.99']]]);
    expect(plan.sql.map(({ sql }) => sql)).toContain(`SET SESSION gtid_next = '${gtid}'`);
    const { skips } = bench.sync;
    expect(await codeOf(skips.skip({ id, gtid, phrase: 'source' }))).toBe('confirm-mismatch');
    expect(await codeOf(skips.skip({ id, gtid: gtid.replace(/\d+$/, '1'), phrase: 'standby' }))).toBe('plan-outdated');
    expect((await status())['Replica_SQL_Running']).toBe('No');
    expect(bench.sync.get(id).needsVerification).toBeNull();

    const readOnly = await standby.scalar(`SELECT @@GLOBAL.${series === '5.6' ? 'read_only' : 'super_read_only'}`);
    const result = await skips.skip({ id, gtid, phrase: 'standby' });
    expect(result).toMatchObject({ outcome: 'runs', stopped: null, sync: { state: 'replicating', needsVerification: { gtids: [gtid] } } });
    expect(await standby.scalar(`SELECT @@GLOBAL.${series === '5.6' ? 'read_only' : 'super_read_only'}`)).toBe(readOnly);
    await until('what is behind it arrives', async () => (await standby.query('SELECT id FROM shop.other')).length === 1);
    // No errant transaction: everything that the standby executed is the source's.
    const executed = (await standby.scalar('SELECT @@GLOBAL.gtid_executed'))!;
    expect(await source.scalar('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)', [executed])).toBe(1);
  });

  it('leaves a line in the audit log that names tables and counts, and no value', () => {
    const lines = bench.audit.list(20).filter(({ action }) => action === 'sync.skip-transaction');
    expect(lines.map(({ outcome }) => outcome).sort()).toEqual(['done', 'refused', 'refused']);
    const done = lines.find(({ outcome }) => outcome === 'done');
    expect(done?.detail).toMatchObject({ standby: 'standby', tables: 'shop.items +1 ~1', whole: true });
    expect(JSON.stringify(done)).not.toContain('12.34');
  });

  it('is cleared only by a comparison that finds both sides equal', async () => {
    const differing = await verified();
    expect(differing).toMatchObject({ state: 'replicating', error: { code: 'content-differs', params: { tables: 'shop.items' } }, verified: null });
    expect(differing.needsVerification?.gtids).toHaveLength(1);
    expect((await status())['Replica_SQL_Running']).toBe('Yes');
    await tamper("REPLACE INTO shop.items VALUES (7, '七', 12.34), (1, 'one', 9.99)");
    const equal = await verified();
    expect(equal, JSON.stringify(trouble(equal), null, 1)).toMatchObject({ state: 'replicating', error: null, needsVerification: null });
    expect(equal.verified?.gtidSet).toContain((await source.scalar('SELECT @@server_uuid'))!);
    await source.query('INSERT INTO shop.other VALUES (2)');
    await until('the link goes on', async () => (await standby.query('SELECT id FROM shop.other')).length === 2);
  });

  it('goes on to the next one where several stand in the way', async () => {
    await tamper('DELETE FROM shop.items WHERE id IN (1, 2)');
    await source.query('DELETE FROM shop.items WHERE id = 1');
    const first = await last();
    await source.query('DELETE FROM shop.items WHERE id = 2');
    const second = await last();
    await stopped();
    expect(await bench.sync.skips.plan(id)).toMatchObject({ gtid: first, errno: 1032 });
    expect(await bench.sync.skips.skip({ id, gtid: first, phrase: 'standby' })).toMatchObject({ outcome: 'stopped-again', stopped: { gtid: second, errno: 1032 }, sync: { state: 'stopped' } });
    expect(await bench.sync.skips.skip({ id, gtid: second, phrase: 'standby' })).toMatchObject({ outcome: 'runs', sync: { needsVerification: { gtids: [first, second] } } });
    expect((await verified()).needsVerification).toBeNull();
  });

  it('is told without its content where the source has purged it, and marks all the same', async () => {
    await tamper('INSERT INTO shop.other VALUES (50)');
    await source.query('INSERT INTO shop.other VALUES (50)');
    const gtid = await last();
    await stopped();
    await source.query('FLUSH BINARY LOGS');
    const logs = await source.query<{ Log_name: string }>('SHOW BINARY LOGS');
    await source.query(`PURGE BINARY LOGS TO '${logs.at(-1)!.Log_name}'`);
    expect(await bench.sync.skips.plan(id)).toMatchObject({ gtid, transaction: null, unread: { code: 'transaction-not-logged' } });
    expect(await bench.sync.skips.skip({ id, gtid, phrase: 'standby' })).toMatchObject({ outcome: 'runs' });
    expect((await verified()).needsVerification).toBeNull();
  });

  it('is the one at which the applier stands, whichever servers the waiting ones come from', async () => {
    await tamper('INSERT INTO shop.other VALUES (90)');
    const [chained, plain] = ['00000000-0000-0000-0000-00000000000a:1', 'ffffffff-0000-0000-0000-00000000000f:1'];
    const writer = await source.connect({ user: 'root' });
    for (const [gtid, row] of [[plain, 90], [chained, 91]] as const) {
      await writer.query(`SET SESSION gtid_next = '${gtid}'`);
      await writer.query(`INSERT INTO shop.other VALUES (${String(row)})`);
      await writer.query("SET SESSION gtid_next = 'AUTOMATIC'");
    }
    await writer.end();
    await stopped();
    expect(await bench.sync.skips.plan(id)).toMatchObject({ gtid: plain, errno: 1062, transaction: { changes: [{ after: [{ column: 'id', value: '90' }] }] } });
    // Another operator is at work on the standby.
    const other = await standby.connect();
    await other.query("SELECT GET_LOCK('antipode', 1)");
    expect(await codeOf(bench.sync.skips.skip({ id, gtid: plain, phrase: 'standby' }))).toBe('lock-held');
    expect(bench.sync.get(id).needsVerification).toBeNull();
    await other.end();
    expect(await bench.sync.skips.skip({ id, gtid: plain, phrase: 'standby' })).toMatchObject({ outcome: 'runs' });
    expect((await verified()).needsVerification).toBeNull();
  });

  it('is refused for any other error', async () => {
    await tamper('RENAME TABLE shop.other TO shop.elsewhere');
    await source.query('INSERT INTO shop.other VALUES (60)');
    const gtid = await last();
    await stopped();
    expect(await codeOf(bench.sync.skips.plan(id))).toBe('not-skippable');
    expect(await codeOf(bench.sync.skips.skip({ id, gtid, phrase: 'standby' }))).toBe('not-skippable');
    expect(bench.sync.get(id).needsVerification).toBeNull();
    await tamper('RENAME TABLE shop.elsewhere TO shop.other');
    await bench.sync.resume(id);
    await until('it goes on', async () => (await standby.query('SELECT id FROM shop.other WHERE id = 60')).length === 1);
  });

  it.each(['resume', 'cancel'] as const)('interrupted in the middle of a comparison, %s leaves a link that goes on', async (way) => {
    const blocker = await source.connect();
    await blocker.query('LOCK TABLES shop.items WRITE');
    await bench.sync.skips.verify(id);
    await until('the comparison waits', async () => (await source.query<{ Info: string | null; State: string }>('SHOW FULL PROCESSLIST')).some(({ Info, State }) => /lock/i.test(State) && /CRC32|FLUSH TABLES/i.test(Info ?? '')));
    await bench.close();
    await blocker.end();
    bench = await openBench({ source, standby }, bench.folder);
    expect(bench.sync.get(id).state).toBe('interrupted');
    await bench.sync[way](id);
    await bench.sync.whenSettled(id);
    await bench.fleet.refresh(bench.ids['standby']!);
    expect(bench.sync.get(id), JSON.stringify(trouble(bench.sync.get(id)), null, 1)).toMatchObject({ state: 'replicating', error: null });
    const before = (await source.query('SELECT id FROM shop.other')).length;
    await source.query(`INSERT INTO shop.other VALUES (${way === 'resume' ? '81' : '82'})`);
    await until('the link goes on', async () => (await standby.query('SELECT id FROM shop.other')).length === before + 1);
  });

  it('keeps the mark over a restart of the app', async () => {
    await tamper('INSERT INTO shop.other VALUES (70)');
    await source.query('INSERT INTO shop.other VALUES (70)');
    await stopped();
    const { gtid } = await bench.sync.skips.plan(id);
    await bench.sync.skips.skip({ id, gtid, phrase: 'standby' });
    await bench.close();
    bench = await openBench({ source, standby }, bench.folder);
    expect(bench.sync.get(id).needsVerification?.gtids).toEqual([gtid]);
  });
});
