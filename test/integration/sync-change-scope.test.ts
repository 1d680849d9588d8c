// What a partial sync task carries is changed while it carries it, under writes: what is new arrives whole, what stays loses nothing.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { PartialScope } from '../../shared/domain/scope/change';
import type { Sync } from '../../electron/sync/types';
import type { SyncTaskView } from '../../shared/domain/sync/sync';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { partialArgs } from '../fixtures/replication';
import { wordsOf } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
/** Each beside a name that a careless filter would take for it. */
const odd = [['a_b', 'aXb'], ['p%c', 'pXc'], ['ti`ck', 'ti~ck'], ['❤ 海', '☃ 海']] as const;
const tables = ['orders', 'order_items', 'stock', ...odd.flat()];
const partial = (databases: Record<string, readonly string[] | null>): PartialScope => ({ kind: 'partial', databases: Object.entries(databases).map(([database, chosen]) => ({ database, tables: chosen })) });

eachSeries('sync-change-scope', (series, { since80 }) => {
  let source: TestServer;
  let standby: TestServer;
  let bench: Bench;
  let stopped = false;
  let writing: Promise<void> = Promise.resolve();
  let id = '';

  const content = async (server: TestServer, table: string): Promise<unknown> => server.query(`SELECT COUNT(*) AS n, COALESCE(SUM(CRC32(CONCAT(id, ':', note))), 0) AS s FROM ${table}`);
  const here = async (): Promise<string[]> => (await standby.query<{ n: string }>("SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema', 'antipode')")).map(({ n }) => n).sort();
  const drift = (): string[] => bench.alerts.map(({ key }) => key);
  /** No transaction of the standby's own, and everything of the source's. */
  async function arrived(): Promise<void> {
    const executed = await source.scalar('SELECT @@GLOBAL.gtid_executed');
    await until('everything arrived', async () => {
      await bench.fleet.refresh(bench.ids['standby'] ?? '');
      return (await standby.scalar<number>('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)', [executed])) === 1;
    }, 180_000);
  }
  async function quiet<Result>(look: () => Promise<Result>): Promise<Result> {
    stopped = true;
    await writing;
    try {
      await arrived();
      return await look();
    } finally {
      write();
    }
  }
  function write(): void {
    stopped = false;
    writing = (async () => {
      const writer = await source.connect({ database: 'shop' });
      for (let n = 0; !stopped; n++) {
        await writer.query('INSERT INTO orders (note) VALUES (RAND())');
        const table = quoted(tables[n % tables.length] ?? '');
        await writer.query(`INSERT INTO ${table} (note) VALUES (RAND())`);
        await writer.query(`UPDATE ${table} SET note = CONCAT(note, 'x') ORDER BY id DESC LIMIT 2`);
        await writer.query('INSERT INTO crm.people (note) VALUES (RAND())');
        await delay(20);
      }
      await writer.end();
    })();
  }
  async function change(scope: PartialScope, more: { dropRemoved?: boolean; phrase?: string } = {}): Promise<SyncTaskView> {
    await bench.sync.scopes.change({ id, scope, dropRemoved: more.dropRemoved ?? false, acceptWarnings: true, phrase: more.phrase ?? null });
    const done = await bench.sync.whenSettled(id);
    expect([done.state, done.task?.state], JSON.stringify(trouble(done), null, 1)).toEqual(['replicating', 'done']);
    return done;
  }
  const same = async (...names: string[]): Promise<void> => quiet(async () => {
    for (const name of names) expect(await content(standby, name), name).toEqual(await content(source, name));
  });

  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series, durability: 'relaxed' }, standby: { series, durability: 'full', args: partialArgs(series) } }));
    await source.query('CREATE DATABASE shop; CREATE DATABASE crm; CREATE DATABASE other');
    for (const table of ['crm.people', 'crm.calls', 'other.t', ...tables.map((name) => `shop.${quoted(name)}`)]) {
      await source.query(`CREATE TABLE ${table} (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(60) NOT NULL); INSERT INTO ${table} (note) VALUES ('one'), ('two')`);
    }
    await source.query("ALTER TABLE shop.order_items ADD COLUMN order_id INT NULL, ADD CONSTRAINT of_order FOREIGN KEY (order_id) REFERENCES shop.orders (id)");
    await source.query('CREATE VIEW crm.v AS SELECT id FROM crm.people; CREATE PROCEDURE crm.p () SELECT 1; CREATE EVENT crm.e ON SCHEDULE EVERY 1 DAY DO SELECT 1');
    bench = await openBench({ source, standby });
    const done = await bench.run(bench.spec('source', 'standby', { scope: partial({ shop: ['orders', 'a_b'] }) }), undefined);
    // order_items refers to orders: both or none, says the check.
    expect(done.error?.code).toBe('checks-failed');
    await bench.sync.remove(done.id, done.spec.name, true);
    const again = await bench.run(bench.spec('source', 'standby', { scope: partial({ shop: ['stock', 'a_b'] }) }));
    expect(again.state, JSON.stringify(trouble(again), null, 1)).toBe('replicating');
    id = again.id;
    write();
  });
  afterAll(async () => {
    stopped = true;
    await writing;
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });

  describe('the scope of a link that runs', () => {
    const step = journey('grows, shrinks and becomes whole databases under writes');

    step('is planned before it is changed', async () => {
      const plan = await bench.sync.scopes.plan({ id, scope: partial({ shop: ['stock', 'p%c', 'orders'] }), dropRemoved: true });
      expect(plan.added).toMatchObject([{ part: { database: 'shop', tables: ['orders', 'p%c'] }, tables: 2 }]);
      expect(plan.removed).toMatchObject([{ part: { database: 'shop', tables: ['a_b'] }, tables: 1 }]);
      expect(plan).toMatchObject({ inTheWay: [], dropped: ['shop.a_b'], phrase: 'source to standby' });
      expect(plan.report.results.find((check) => check.id === 'obj.fk')?.status).toBe('fail');
      expect(plan.report.results.find((check) => check.id === 'obj.stray')?.status).toBe('pass');
      const kept = await bench.sync.scopes.plan({ id, scope: partial({ shop: ['stock', 'p%c', 'orders'] }), dropRemoved: false });
      expect(kept.report.results.find((check) => check.id === 'obj.stray')).toMatchObject({ status: 'warn', items: ['shop.a_b'] });
      expect(plan.report.missing).toEqual([{ database: 'shop', table: 'order_items' }]);
      expect(await bench.sync.scopes.missing(bench.ids['source'] ?? '', bench.ids['standby'] ?? '', partial({ shop: ['order_items'] }))).toEqual([{ database: 'shop', table: 'orders' }]);
      expect(plan.steps.map((step) => step.id)).toEqual(['checks', 'halt', 'seed', 'compare', 'filters', 'carry', 'drop', 'confirm']);
      expect(plan.steps.flatMap(({ sql }) => sql.map(({ sql: text }) => text)).join('\n')).toContain("REPLICATE_WILD_DO_TABLE = ('shop.orders', 'shop.p\\\\%c', 'shop.stock', 'antipode.%')");
      expect(bench.sync.get(id).spec.scope).toEqual(partial({ shop: ['stock', 'a_b'] }));
    });

    step('is refused where nothing changes, where it becomes the whole, and where a check fails', async () => {
      const order = (scope: PartialScope): Promise<SyncTaskView> =>
        bench.sync.scopes.change({ id, scope, dropRemoved: false, acceptWarnings: true, phrase: null });
      await expect(order(partial({ shop: ['a_b', 'stock'] }))).rejects.toMatchObject({ error: { code: 'scope-unchanged' } });
      await order(partial({ shop: ['stock', 'a_b', 'orders'] }));
      const failed = await bench.sync.whenSettled(id);
      expect(failed).toMatchObject({ state: 'replicating', error: { code: 'checks-failed', params: { first: 'obj.fk' } }, spec: { scope: partial({ shop: ['stock', 'a_b'] }) }, changingTo: null });
      await same('shop.stock', 'shop.a_b');
    });

    step('takes in tables, whatever their names, while they are written to', async () => {
      const to = partial({ shop: ['stock', 'orders', 'order_items', ...odd.map(([name]) => name)] });
      await change(to);
      expect(await here()).toEqual(['orders', 'order_items', 'stock', ...odd.map(([name]) => name)].map((name) => `shop.${name}`).sort());
      await same('shop.orders', 'shop.order_items', 'shop.stock', ...odd.map(([name]) => `shop.${quoted(name)}`));
      expect(bench.sync.get(id)).toMatchObject({ released: [], changingTo: null });
      // As it was before: on by default until 8.0.
      expect(await standby.query('SELECT @@GLOBAL.super_read_only AS closed, @@GLOBAL.local_infile AS local')).toEqual([{ closed: 1, local: since80 ? 0 : 1 }]);
      expect(await standby.query("SHOW TABLES IN antipode LIKE 'seed_state'")).toEqual([]);
      expect(drift()).toEqual([]);
    });

    step('takes in a whole database with its view, routine and event', async () => {
      const { spec } = bench.sync.get(id);
      await change(partial({ ...asRecord(spec.scope), crm: null }));
      await source.query('CREATE TABLE crm.later (id INT PRIMARY KEY, note VARCHAR(9)); INSERT INTO crm.later VALUES (1, "x")');
      await same('crm.people', 'crm.calls', 'crm.later');
      expect(await standby.query("SELECT STATUS AS s FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'crm'")).toEqual([{ s: expect.stringMatching(/^(SLAVE|REPLICA_)SIDE_DISABLED$/) as unknown }]);
      expect(await standby.query('SELECT COUNT(*) > 1 AS n FROM crm.v')).toEqual([{ n: 1 }]);
      expect(await standby.query("SELECT ROUTINE_NAME AS n FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'crm'")).toEqual([{ n: 'p' }]);
      expect(drift()).toEqual([]);
    });

    step('lets a table go, which stays as it is and is named', async () => {
      const before = asRecord(bench.sync.get(id).spec.scope);
      await change(partial({ ...before, shop: (before['shop'] ?? []).filter((name) => name !== 'a_b') }));
      const then = await quiet(() => content(standby, 'shop.a_b'));
      await source.query("INSERT INTO shop.a_b (note) VALUES ('not protected')");
      await arrived();
      expect(await content(standby, 'shop.a_b')).toEqual(then);
      expect(bench.sync.get(id).released).toEqual([{ database: 'shop', tables: ['a_b'], except: [] }]);
      expect(drift()).toEqual([]);
    });

    step('takes it back only when what was left makes way, on the typed name', async () => {
      const before = asRecord(bench.sync.get(id).spec.scope);
      const to = partial({ ...before, shop: [...(before['shop'] ?? []), 'a_b'] });
      expect(await bench.sync.scopes.plan({ id, scope: to, dropRemoved: false })).toMatchObject({ inTheWay: ['shop.a_b'], phrase: 'source to standby' });
      await expect(change(to)).rejects.toMatchObject({ error: { code: 'confirm-mismatch' } });
      await change(to, { phrase: 'source to standby' });
      await same('shop.a_b', 'shop.stock');
    });

    step('drops what is taken out where that was typed', async () => {
      const before = asRecord(bench.sync.get(id).spec.scope);
      delete before['crm'];
      await change(partial({ ...before, shop: (before['shop'] ?? []).filter((name) => name !== 'ti`ck') }), { dropRemoved: true, phrase: 'source to standby' });
      expect((await here()).filter((name) => name.startsWith('crm.') || name === 'shop.ti`ck')).toEqual([]);
      expect(await standby.query("SHOW DATABASES LIKE 'crm'")).toEqual([]);
      await same('shop.stock', 'shop.orders');
      expect((await source.query("SHOW DATABASES LIKE 'crm'")).length).toBe(1);
    });

    step('grows from tables to the whole database, and copies only the rest of it', async () => {
      await source.query('CREATE PROCEDURE shop.since () SELECT 1; CREATE VIEW shop.v AS SELECT id FROM shop.orders');
      // Table filters do not see events; one that leaves for a database which the standby has not stays behind there, and the next of its name is another.
      await source.query('CREATE DATABASE away; CREATE EVENT shop.left ON SCHEDULE EVERY 1 DAY DO SELECT 1; CREATE EVENT shop.again ON SCHEDULE EVERY 1 DAY DO SELECT 1');
      await source.query('ALTER EVENT shop.left RENAME TO away.left; ALTER EVENT shop.again RENAME TO away.again; CREATE EVENT shop.again ON SCHEDULE EVERY 2 DAY DO SELECT 2');
      await arrived();
      const done = await change(partial({ shop: null }));
      const copied = bench.sync.objects(id).map(({ table }) => table).sort();
      expect(copied).toEqual(['aXb', 'pXc', 'ti`ck', 'ti~ck', '☃ 海'].sort());
      expect(done.task?.log.some(({ text }) => text.key === 'sync.log.compared')).toBe(true);
      await same(...tables.map((name) => `shop.${quoted(name)}`));
      expect(await standby.query('SELECT COUNT(*) > 1 AS n FROM shop.v')).toEqual([{ n: 1 }]);
      expect(await standby.query("SELECT ROUTINE_NAME AS n FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'shop'")).toEqual([{ n: 'since' }]);
      const events = (server: TestServer) => server.query("SELECT EVENT_NAME AS n, INTERVAL_VALUE AS days, EVENT_DEFINITION AS body FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'shop'");
      if (since80) expect(await events(standby)).toEqual(await events(source));
      await source.query('DROP DATABASE away; DROP EVENT shop.again');
      expect(drift()).toEqual([]);
    });

    step('held by the user meanwhile it applies nothing more: what adds is taken back, what only takes out is made, and it stands still until it is resumed', async () => {
      const held = async (to: PartialScope): Promise<SyncTaskView> => {
        await bench.sync.scopes.change({ id, scope: to, dropRemoved: false, acceptWarnings: true, phrase: null });
        // As a freeze does it.
        (bench.sync as Sync).hold(bench.ids['standby'] ?? '', true);
        const done = await bench.sync.whenSettled(id);
        const [link] = await standby.query<Record<string, string>>(wordsOf(series).showReplicaStatus);
        const threads = Object.entries(link ?? {}).filter(([name]) => /_(IO|SQL)_Running$/.test(name)).map(([, runs]) => runs);
        expect([done.state, ...threads], JSON.stringify(trouble(done), null, 1)).toEqual(['stopped', 'Yes', 'No']);
        return done;
      };
      const before = bench.sync.get(id).spec.scope;
      const undone = await held(partial({ other: null, shop: null }));
      expect([undone.spec.scope, undone.changingTo, undone.task?.state]).toEqual([before, null, 'failed']);
      expect((await bench.sync.resume(id)).state).toBe('replicating');
      const made = await held(partial({ shop: ['stock', 'orders', 'order_items'] }));
      expect([made.task?.state, made.spec.scope]).toEqual(['done', partial({ shop: ['order_items', 'orders', 'stock'] })]);
      expect(made.task?.log.some(({ text }) => text.key === 'sync.scope.log.stays-paused')).toBe(true);
      expect((await bench.sync.resume(id)).state).toBe('replicating');
      await same('shop.stock', 'shop.orders');
    });
  });

  function asRecord(scope: SyncTaskView['spec']['scope']): Record<string, readonly string[] | null> {
    if (scope.kind !== 'partial') throw new Error('a whole instance');
    return Object.fromEntries(scope.databases.map(({ database, tables: chosen }) => [database, chosen]));
  }
});
