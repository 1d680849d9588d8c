import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../electron/mysql/session/session';
import type { ConnectTarget } from '../../electron/mysql/types';
import { copyData, type CopyOptions } from '../../electron/copy/copy';
import { compareCopy } from '../../electron/comparison/copied';
import type { CopyJob, End } from '../../electron/copy/snapshot/sessions';
import { endLoading, openForWriting } from '../../electron/sync/seed/standby-settings';
import type { StepContext } from '../../electron/tasks/types';
import type { Failure } from '../../shared/errors/codes';
import { loneStep } from '../fixtures/lone-step';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { waitUntil } from '../fixtures/wait';
import type { SyncContext } from '../../electron/sync/run/context';

const end = (server: TestServer, { user, password } = server): End => {
  const login: ConnectTarget = { host: server.host, port: server.port, user, password, tls: { mode: 'preferred', ca: null } };
  return { name: server.name, connect: (options = {}) => connect(login, { queryTimeoutMs: Infinity, ...options }), target: () => Promise.resolve(login) };
};

const mebibyte = 1024 * 1024;

eachSeries('copy-insert', (series, { since80 }) => {
  let source: TestServer;
  let target: TestServer;
  beforeAll(async () => {
    // Before 8.0 the redo log takes a value of a tenth of it at most.
    const options = { series, durability: 'relaxed', args: since80 ? [] : ['--innodb-log-file-size=64M'] } as const;
    ({ source, target } = await startServers({ source: options, target: options }));
    await source.query(`CREATE DATABASE big; CREATE TABLE big.line (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, k INT NOT NULL, c VARCHAR(200) NOT NULL, KEY k (k));
      INSERT INTO big.line (k, c) VALUES (0, REPEAT('a', 180))`);
    for (let rows = 1; rows < 80_000; rows *= 2) await source.query(`INSERT INTO big.line (k, c) SELECT id % 7, RPAD(id, 180, '\\'xy\\\\') FROM big.line LIMIT ${Math.min(rows, 80_000 - rows)}`);
    await source.query('ANALYZE TABLE big.line');
    const megabytes = since80 ? 60 : 4;
    await source.query(`SET GLOBAL max_allowed_packet = ${64 * mebibyte}`);
    const wide = await source.connect();
    await wide.query('CREATE DATABASE wide');
    await wide.query('CREATE TABLE wide.rowy (id INT PRIMARY KEY, c LONGBLOB)');
    await wide.query("INSERT INTO wide.rowy VALUES (1, 'before')");
    await wide.query("INSERT INTO wide.rowy VALUES (2, REPEAT(X'00010203275CFF0A', ?))", [(megabytes * mebibyte) / 8]);
    await wide.query("INSERT INTO wide.rowy VALUES (3, 'after')");
    await wide.end();
  });
  afterAll(disposeServers);

  const empty = (localInfile: 'ON' | 'OFF'): Promise<unknown> =>
    target.query(`SET sql_log_bin = 0; DROP DATABASE IF EXISTS big; DROP DATABASE IF EXISTS wide; DROP DATABASE IF EXISTS antipode; SET GLOBAL local_infile = ${localInfile}`);

  async function copy(database: string, how: Partial<CopyOptions> = {}, context: Partial<StepContext> = {}, more: Partial<CopyJob> = {}): Promise<string[]> {
    const logged: string[] = [];
    const work: CopyJob = { step: loneStep({ log: (_level, key) => void logged.push(key), ...context }), source: end(source), target: end(target), scope: { kind: 'partial', databases: [{ database, tables: null }] }, ...more };
    const copied = await copyData(work, { parallel: 3, taskName: 't', partBytes: 3_000_000, ...how });
    try {
      await compareCopy(work, copied);
      return logged.filter((key) => /rowsBy|loadRefused|targetGone/.test(key));
    } finally {
      await copied.snapshot.close();
    }
  }

  const lines = (server: TestServer): Promise<unknown> => server.query('SELECT COUNT(*) AS n, SUM(CRC32(CONCAT_WS("/", id, k, c))) AS s FROM big.line');

  it('by INSERT where local_infile is off from the beginning', async () => {
    await empty('OFF');
    expect(await copy('big')).toEqual(['sync.log.rowsByInsert']);
    expect(await lines(target)).toEqual(await lines(source));
    expect(await target.scalar('SELECT @@GLOBAL.gtid_executed')).toBe('');
  });

  it('by INSERT from there on when it is turned off in the middle of a table, each row once', async () => {
    await empty('ON');
    let turned: Promise<unknown> | null = null;
    let isOff = false;
    const progress: StepContext['progress'] = ({ done }) => {
      if (done > 0) turned ??= target.query('SET GLOBAL local_infile = OFF').then(() => { isOff = true; });
    };
    // One part, and slow until it is off: the rest of the table is still to come then.
    const logged = await copy('big', { partBytes: 1e9, mostMbPerSecond: () => (isOff ? null : 1) }, { progress });
    expect(isOff).toBe(true);
    expect(logged).toEqual(['sync.log.rowsByLoad', 'sync.log.loadRefused', 'sync.log.rowsByInsert']);
    expect(await lines(target)).toEqual(await lines(source));
  });

  it('by INSERT also when the target is killed in the middle and comes back with local_infile on, each row once', async () => {
    await empty('OFF');
    let killed: Promise<void> | null = null;
    let isBack = false;
    const progress: StepContext['progress'] = ({ done, total }) => {
      if (total !== null && done > total * 0.4 && done < total) killed ??= target.kill().then(() => target.start(['--local-infile=ON']));
    };
    const targetReturns = async (): Promise<void> => {
      await killed;
      await waitUntil('the target', async () => (await target.scalar('SELECT 1').catch(() => null)) !== null, 60_000);
      await target.query('SET GLOBAL local_infile = OFF');
      isBack = true;
    };
    const logged = await copy('big', { mostMbPerSecond: () => (isBack ? null : 4) }, { progress }, { targetReturns });
    expect(killed).not.toBeNull();
    expect(logged).toEqual(['sync.log.rowsByInsert', 'sync.log.targetGone']);
    expect(await lines(target)).toEqual(await lines(source));
  });

  it('with a row longer than all packets of a statement before it, or says which table has one too long and what to do', async () => {
    const rows = (server: TestServer): Promise<unknown> => server.query('SELECT id, LENGTH(c) AS bytes, CRC32(c) AS c FROM wide.rowy ORDER BY id');
    await empty('OFF');
    // A quarter of its bytes needs a backslash.
    await target.query(`SET GLOBAL max_allowed_packet = ${(since80 ? 76 : 6) * mebibyte}`);
    expect(await copy('wide')).toEqual(['sync.log.rowsByInsert']);
    expect(await rows(target)).toEqual(await rows(source));
    for (const [limit, megabytes] of since80 ? [[32, 61], [64, 65]] : [[2, 5], [4, 5]]) {
      await empty('OFF');
      await target.query(`SET GLOBAL max_allowed_packet = ${Number(limit) * mebibyte}`);
      await expect(copy('wide').catch((thrown: Failure) => Promise.reject(thrown.error as unknown as Error))).rejects.toMatchObject({ code: 'row-too-long', params: { table: 'wide.rowy', name: target.name, limit, megabytes } });
    }
  });
});

describe('a login that may not set global variables', () => {
  afterAll(disposeServers);

  it('copies by INSERT, says why, and takes back only what it did itself', async () => {
    const { source, target } = await startServers({ source: { series: '9.7' }, target: { series: '9.7' } });
    await source.query("CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v VARCHAR(20)); INSERT INTO shop.t VALUES (1, 'it''s'), (2, NULL)");
    const narrow = { ...target, user: 'narrow', password: 'Pw-narrow-1' };
    await target.query(`SET sql_log_bin = 0; CREATE USER narrow IDENTIFIED BY '${narrow.password}'; GRANT ALL ON *.* TO narrow; REVOKE SUPER, SYSTEM_VARIABLES_ADMIN ON *.* FROM narrow; SET GLOBAL read_only = ON; SET GLOBAL local_infile = OFF`);
    const logged: string[] = [];
    const step = loneStep({ log: (_level, key) => void logged.push(key) });
    const there = end(target, narrow);
    const session = await there.connect();
    try {
      const ground = { spec: { standbyId: 's' }, fleet: { instance: () => ({ name: target.name }), withSession: (_id: string, use: (one: typeof session) => unknown) => use(session) } } as unknown as SyncContext;
      await openForWriting(ground, step);
      const copied = await copyData({ step, source: end(source), target: there, scope: { kind: 'partial', databases: [{ database: 'shop', tables: null }] } }, { parallel: 2, taskName: 't' });
      await copied.snapshot.close();
      await endLoading(ground, step);
    } finally {
      await session.close();
    }
    expect(logged.filter((key) => /localInfile|rowsBy/.test(key))).toEqual(['sync.log.localInfileStays', 'sync.log.rowsByInsert']);
    expect(await target.query('SELECT * FROM shop.t ORDER BY id')).toEqual(await source.query('SELECT * FROM shop.t ORDER BY id'));
  });
});
