import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Progress } from '../../shared/domain/tasks/task';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServer, startServers, type TestServer } from '../fixtures/servers';
import { isAtLeast } from '../fixtures/series';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

eachSeries('sync-clone', (series) => {
  let source: TestServer;
  let target: TestServer;
  let bench: Bench;
  beforeAll(async () => {
    source = await startServer({ series, name: 'source' });
    await source.query('CREATE DATABASE shop; CREATE TABLE shop.t (a INT PRIMARY KEY); INSERT INTO shop.t VALUES (1), (2)');
    await source.query('CREATE EVENT shop.tick ON SCHEDULE EVERY 1 SECOND DISABLE DO INSERT IGNORE INTO shop.t VALUES (99)');
    await source.query('CREATE EVENT shop.live ON SCHEDULE EVERY 1 DAY STARTS "2035-01-01" DO DELETE FROM shop.t');
  });
  afterEach(async () => {
    await bench.close();
    remove(bench.folder);
    await target.dispose();
  });
  afterAll(disposeServers);

  /** A clone takes everything of its target, its accounts too: each case has one of its own. */
  const open = async (name: string, args: readonly string[] = []): Promise<TestServer> => {
    target = await startServer({ series, name, args });
    bench = await openBench({ source, [name]: target });
    return target;
  };

  it('waits for the restart, finds a login that works, and links', async () => {
    const standby = await open('standby');
    const { id } = await bench.sync.create(bench.spec('source', 'standby', { seed: 'clone' }), true, null);
    const settled = bench.sync.whenSettled(id);
    await until('it waits for the server', async () => bench.sync.get(id).state === 'waiting' || bench.sync.get(id).state === 'failed');
    expect(bench.sync.get(id).state, JSON.stringify(trouble(bench.sync.get(id)), null, 1)).toBe('waiting');
    expect(bench.sync.get(id).task?.waitingFor).toMatchObject({ key: 'sync.step.waitRestart' });
    await until('the server is down', async () => !standby.isRunning());
    await standby.start();
    const done = await settled;
    expect(done.state, JSON.stringify(trouble(done), null, 1)).toBe('replicating');
    await source.query('INSERT INTO shop.t VALUES (3)');
    // Its accounts are the source's now, so it is asked through the fleet's own login.
    const ids = bench.ids['standby'] ?? '';
    await until('the row arrives', async () => (await bench.fleet.withSession(ids, (session) => session.query('SELECT a FROM shop.t WHERE a = 3'))).length === 1);
    const events = await bench.fleet.withSession(ids, (session) => session.query('SELECT EVENT_NAME AS n, STATUS AS s FROM information_schema.EVENTS ORDER BY 1'));
    expect(events).toEqual([{ n: 'live', s: 'REPLICA_SIDE_DISABLED' }, { n: 'tick', s: 'DISABLED' }]);
    expect(bench.fleet.instance(ids).serverUuid).not.toBe(bench.fleet.instance(bench.ids['source'] ?? '').serverUuid);
    expect(await source.query("SELECT GRANTEE g FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'BACKUP_ADMIN' AND GRANTEE LIKE '%repl%'")).toEqual([]);
  });

  it('tells how far it is by stage, and taken back while it waits for the restart, removes what came along and says what it cannot', async () => {
    const other = await open('other');
    await other.query("SET sql_log_bin = 0; CREATE USER 'theirs'@'%' IDENTIFIED BY 'Pw-theirs-1'; CREATE USER 'both'@'%' IDENTIFIED BY 'Pw-other-1'");
    await source.query("CREATE TABLE shop.bulk (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(1000)); INSERT INTO shop.bulk (note) VALUES (REPEAT('x', 1000))");
    for (let rows = 1; rows < 2 ** 15; rows *= 2) await source.query('INSERT INTO shop.bulk (note) SELECT note FROM shop.bulk');
    await source.query("CREATE USER 'both'@'%' IDENTIFIED BY 'Pw-source-1'; CREATE USER 'app'@'%' IDENTIFIED BY 'Pw-app-1'");
    const seen: Progress[] = [];
    const stop = bench.tasks.onChange(({ steps }) => {
      const progress = steps.find(({ id, state }) => id === 'seed' && state === 'running')?.progress;
      if (progress !== null && progress !== undefined) seen.push(progress);
    });
    // So slow that its end does not come before its pace was seen.
    const slow = 3;
    const { id } = await bench.sync.create(bench.spec('source', 'other', { seed: 'clone', copyRateMb: slow }), true, null);
    const settled = bench.sync.whenSettled(id);
    const bandwidth = async (): Promise<unknown> => other.scalar("SELECT VARIABLE_VALUE FROM performance_schema.global_variables WHERE VARIABLE_NAME = 'clone_max_data_bandwidth'");
    const copying = (): Progress[] => seen.filter(({ text }) => text?.params?.['stage'] === 'FILE COPY');
    await until('its files are copied, with the pace and the time left', async () => copying().some(({ rate, etaSeconds }) => (rate ?? 0) > 0 && etaSeconds !== null));
    expect(await bandwidth()).toBe(String(slow - 1));
    await bench.sync.setCopyRate(id, 12);
    await until('the new limit', async () => (await bandwidth()) === '11');
    await until('it waits for the server', async () => ['waiting', 'failed'].includes(bench.sync.get(id).state));
    expect(bench.sync.get(id).state, JSON.stringify(trouble(bench.sync.get(id)), null, 1)).toBe('waiting');
    stop();
    const [last] = copying().slice(-1);
    expect(last).toMatchObject({ unit: 'bytes', text: { key: 'sync.step.cloneStage', params: { number: 2, of: 7 } } });
    expect(last?.total ?? 0).toBeGreaterThanOrEqual(last?.done ?? Infinity);

    await until('the server is down', async () => !other.isRunning());
    await bench.sync.cancel(id);
    await until('it waits to take back', async () => bench.sync.get(id).task?.state === 'undoing' || bench.sync.get(id).state === 'cancelled');
    await other.start();
    const ended = await settled;
    expect(ended.state, JSON.stringify(trouble(ended), null, 1)).toBe('cancelled');
    const [accounts] = (ended.task?.log ?? []).filter(({ text }) => text.key === 'sync.log.cloneAccounts');
    expect(accounts?.text.params).toMatchObject({ server: 'other', kept: expect.stringContaining('both@%') as string, gone: 'theirs@%' });
    const left = await bench.fleet.withSession(bench.ids['other'] ?? '', (session) => session.query<{ user: string }>("SELECT user FROM mysql.user WHERE user IN ('app', 'both', 'theirs') OR user LIKE 'antipode\\_repl%'"));
    expect(left).toEqual([{ user: 'both' }]);
    expect(await bench.fleet.withSession(bench.ids['other'] ?? '', (session) => session.query("SHOW DATABASES LIKE 'shop'"))).toEqual([]);
    expect(await source.query("SELECT GRANTEE g FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'BACKUP_ADMIN' AND GRANTEE LIKE '%repl%'")).toEqual([]);
  });

  it.each([
    ['a collation of another kind', 'server.clone', ['--collation-server=utf8mb4_bin']],
    ['a file system in another character set', 'server.clone', ['--character-set-filesystem=latin1']],
  ])('is refused for %s, with the reason, before anything of the standby goes', async (_what, check, args) => {
    const odd = await open('odd', args);
    const refused = await bench.run(bench.spec('source', 'odd', { seed: 'clone', name: check }));
    expect(refused.state).toBe('failed');
    expect(refused.error).toMatchObject({ code: 'checks-failed' });
    expect(await odd.scalar('SELECT STATE FROM performance_schema.clone_status').catch(() => undefined)).toBeUndefined();
    expect(refused.lastReport?.results.filter(({ status }) => status === 'fail').map(({ id }) => id)).toEqual([check]);
  });
});

// The servers of these series came without the plugin, and those before 8.0.17 never had it.
eachSeries('sync-clone-none', (series) => {
  it('refuses a clone with the reason, although its target may be erased, and changes nothing', async () => {
    const { source, standby } = await startServers({ source: { series }, standby: { series } });
    await source.query('CREATE DATABASE shop; CREATE TABLE shop.t (a INT PRIMARY KEY)');
    await standby.query('CREATE DATABASE theirs; CREATE TABLE theirs.t (a INT PRIMARY KEY)');
    const before = await standby.scalar('SELECT @@GLOBAL.gtid_executed');
    const bench = await openBench({ source, standby });
    const refused = await bench.run(bench.spec('source', 'standby', { seed: 'clone', eraseTarget: true }), 'standby');
    expect(refused.error, JSON.stringify(trouble(refused), null, 1)).toMatchObject({ code: 'checks-failed' });
    const failed = refused.lastReport?.results.filter(({ status }) => status === 'fail' || status === 'error') ?? [];
    const old = !isAtLeast(series, [8, 0, 17]);
    expect(failed.map(({ id }) => id)).toEqual(old ? ['server.version.order', 'server.clone'] : ['server.clone']);
    const missing = failed.find(({ id }) => id === 'server.clone')?.items ?? [];
    expect(missing).toHaveLength(2);
    for (const item of missing) expect(item).toMatch(old ? / < 8\.0\.17$/ : /mysql_clone\.so/);
    expect(await standby.query("SHOW DATABASES LIKE 'theirs'")).toHaveLength(1);
    expect(await standby.scalar('SELECT @@GLOBAL.gtid_executed')).toBe(before);
    expect(await source.query("SELECT PLUGIN_NAME AS n FROM information_schema.PLUGINS WHERE PLUGIN_NAME = 'clone'")).toEqual([]);
    // The proposal is a seed that works.
    expect(await bench.sync.propose(bench.ids['source'] ?? '', bench.ids['standby'] ?? '', { kind: 'instance' })).toMatchObject({ seed: 'copy' });
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });
});
