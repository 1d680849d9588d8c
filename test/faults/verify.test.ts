// Either server ends, by a crash or by a restart, while both are compared: the comparison goes on when it is back, says nothing false of the data, and the
// applier runs as before.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { copySpec } from '../fixtures/sync-spec';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { waitUntil as until } from '../fixtures/wait';
import { watchStatements } from '../fixtures/watched-fleet';

/** Where it happens: the applier is held on its way to the position, snapshots of both sides are open, or rows are read. */
const moments = {
  'the applier is held': /UNTIL SQL_(?:BEFORE|AFTER)_GTIDS/,
  'the standby opens its snapshots': /^START TRANSACTION WITH CONSISTENT SNAPSHOT/,
  'rows are read': /^SELECT COUNT\(\*\) AS found/,
} as const;

eachSeries('verify-killed', (series, _traits, { showReplicaStatus, column }) => {
  let source: TestServer;
  let standby: TestServer;
  let app: TestEngine;
  let syncId = '';
  let stopped = false;
  let writing: Promise<void> = Promise.resolve();
  let before: (sql: string) => Promise<void> = async () => undefined;

  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series, durability: 'full' }, standby: { series, durability: 'full' } }));
    await source.query(`CREATE DATABASE shop; CREATE TABLE shop.busy (id INT PRIMARY KEY AUTO_INCREMENT, v INT); CREATE TABLE shop.still (id INT PRIMARY KEY, v VARCHAR(20));
      CREATE TABLE shop.nokey (v VARCHAR(20)); INSERT INTO shop.nokey VALUES ('a'), ('a'), (NULL)`);
    await source.query(`INSERT INTO shop.still VALUES ${Array.from({ length: 5000 }, (_, at) => `(${at}, 'v${at}')`).join(', ')}`);
    app = await openTestEngine({ servers: { source, standby }, around: (fleet) => watchStatements(fleet, (sql) => before(sql)) });
    ({ id: syncId } = await app.engine.sync.create(copySpec('link', app.id('source'), app.id('standby')), true, null));
    expect((await app.engine.sync.whenSettled(syncId)).state).toBe('replicating');
    writing = (async () => {
      while (!stopped) {
        // A server that is away takes nothing; the next one is another try.
        await source.query('INSERT INTO shop.busy (v) VALUES (1), (2); UPDATE shop.busy SET v = v + 1 ORDER BY id DESC LIMIT 3').catch(() => undefined);
        await delay(25);
      }
    })();
  });
  afterAll(async () => {
    stopped = true;
    await writing;
    await app.dispose();
    await disposeServers();
  });

  const compare = (): Promise<{ readonly id: string }> => app.engine.verification.compare({ sourceId: app.id('source'), standbyId: app.id('standby'), scope: null, touchedSince: null });

  async function expectFollowing(): Promise<void> {
    const last = Number(await source.scalar('SELECT MAX(id) FROM shop.busy'));
    await until('the standby to follow', async () => Number(await standby.scalar('SELECT MAX(id) FROM shop.busy')) >= last);
    const [status] = await standby.query<Record<string, string>>(showReplicaStatus);
    expect([status?.[`${column}_IO_Running`], status?.[`${column}_SQL_Running`], status?.['Until_Condition']]).toEqual(['Yes', 'Yes', 'None']);
  }

  for (const victim of ['source', 'standby'] as const) {
    for (const how of ['kill', 'stop'] as const) {
      it.each(Object.keys(moments) as (keyof typeof moments)[])(`${how === 'kill' ? 'a crash' : 'a restart'} of the ${victim} as %s`, async (moment) => {
        const server = victim === 'source' ? source : standby;
        let back: Promise<void> | null = null;
        before = async (sql) => {
          if (back !== null || !moments[moment].test(sql)) return;
          // On a busy machine a restart takes its time to begin: the statement is not sent before the server is away.
          const away = server[how]();
          back = away.then(() => server.start());
          await away;
        };
        // A standby that is where it has to be already is not held: the next comparison may find it behind.
        let known = 0;
        let task;
        do {
          known = app.engine.verification.history().length;
          task = await app.engine.tasks.whenEnded((await compare()).id);
        } while (back === null && task.state === 'done');
        const { id } = task;
        before = async () => undefined;
        expect(back, moment).not.toBeNull();
        await back;
        expect([task.state, task.error], task.log.map(({ text }) => text.key).join(' ')).toEqual(['done', null]);
        expect(task.log.map(({ text }) => text.key)).toContain('sync.log.away');
        await until('it is kept', async () => app.engine.verification.history().some((one) => one.id === id));
        expect(app.engine.verification.history().slice(known).map(({ equal }) => equal)).toEqual([true]);
        expect(app.engine.verification.result(id).tables.map(({ table, state }) => [table, state]).sort()).toEqual([['busy', 'equal'], ['nokey', 'equal'], ['still', 'equal']]);
        await expectFollowing();
      });
    }
  }

  it('a standby that does not come back in time leaves a comparison that is gone on with later, also by another run of the app', async () => {
    let died: Promise<void> | null = null;
    before = async (sql) => {
      if (died !== null || !moments['rows are read'].test(sql)) return;
      died = standby.kill();
      await died;
    };
    const { id } = await compare();
    await until('it waits', async () => app.engine.tasks.get(id).log.some(({ text }) => text.key === 'sync.log.away'));
    before = async () => undefined;
    await app.crash();
    await app.reopen({ around: (fleet) => watchStatements(fleet, (sql) => before(sql)) });
    await standby.start();
    expect((await app.engine.tasks.recoverable()).map(({ task, verdict }) => [task.id, verdict])).toEqual([[id, 'can-resume']]);
    await app.engine.verification.resume(id);
    expect((await app.engine.tasks.whenEnded(id)).state).toBe('done');
    expect(app.engine.verification.result(id).equal).toBe(true);
    await expectFollowing();
  });

  it('passes over nothing that the link carries, whatever part of it is compared', async () => {
    const unlogged = (sql: string): Promise<unknown> => standby.query(`SET GLOBAL super_read_only = OFF; SET SESSION sql_log_bin = 0; ${sql}; SET SESSION sql_log_bin = 1; SET GLOBAL super_read_only = ON`);
    await source.query('CREATE DATABASE other; CREATE PROCEDURE other.p () SELECT 1');
    await until('the standby to have it', async () => (await standby.query("SELECT 1 FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'other'")).length === 1);
    await unlogged('DROP PROCEDURE other.p');
    let isDropped = false;
    before = async (sql) => {
      if (isDropped || !/^LOCK INSTANCE FOR BACKUP/.test(sql)) return;
      isDropped = true;
      await source.query('DROP PROCEDURE other.p');
    };
    const scope = { kind: 'partial', databases: [{ database: 'shop', tables: ['still'] }] } as const;
    const { id } = await app.engine.verification.compare({ sourceId: app.id('source'), standbyId: app.id('standby'), scope, touchedSince: null });
    const { error, log } = await app.engine.tasks.whenEnded(id);
    before = async () => undefined;
    expect([error?.code, log.map(({ text }) => text.key).filter((key) => key === 'sync.log.passedOutside')], JSON.stringify(error)).toEqual(['step-failed', []]);
    await unlogged('CREATE PROCEDURE other.p () SELECT 1');
    await standby.query('START REPLICA');
    await expectFollowing();
    expect(await standby.query("SELECT 1 FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'other'")).toEqual([]);
  });
});
