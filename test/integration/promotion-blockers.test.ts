// What stands in the way of a switchover, on either server, is named before and does no harm after: sessions, locks, prepared XA transactions.
import type { Connection } from 'mysql2/promise';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { Precondition } from '../../shared/domain/tasks/plan';
import type { Blocker, PromotionPlan } from '../../shared/domain/promotion/promotion';
import { eachSeries } from '../fixtures/matrix';
import { hasAllOf, isReadOnly, promote, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { disposeServers, type TestServer } from '../fixtures/servers';

afterAll(disposeServers);

eachSeries('promotion-blockers', (series, traits, words) => {
  let pair: PromotionPair;
  const sessions: Connection[] = [];
  afterEach(async () => {
    for (const session of sessions.splice(0)) session.destroy();
    await pair.dispose();
  });

  async function session(server: TestServer, ...statements: readonly string[]): Promise<Connection> {
    const opened = await server.connect({ user: 'root' });
    sessions.push(opened);
    for (const sql of statements) await opened.query(sql);
    return opened;
  }
  const idOf = async (connection: Connection): Promise<number> => {
    const [rows] = await connection.query('SELECT CONNECTION_ID() AS id');
    return Number((rows as { id: number }[])[0]?.id);
  };
  const plan = (kind: 'planned' | 'emergency' = 'planned'): Promise<PromotionPlan> => pair.app.promotion.plan(request(pair.id(pair.standby), { kind }));
  const of = (made: PromotionPlan, kind: Blocker['kind']): readonly Blocker[] => made.blockers.filter((blocker) => blocker.kind === kind);
  const statusOf = (made: PromotionPlan, id: string): Precondition['status'] | undefined => made.preconditions.find((one) => one.id === id)?.status;

  test('sessions, transactions, locks and DDL on the old primary are told apart', async () => {
    pair = await startPair({ series });
    const { source } = pair;
    await source.query('CREATE TABLE app.slow (id INT PRIMARY KEY) ENGINE = InnoDB; CREATE TABLE app.locked (id INT PRIMARY KEY); INSERT INTO app.slow VALUES (1)');
    await until(() => hasAllOf(pair.standby, source), 20_000, 'the tables');
    expect(statusOf(await plan(), 'blockers')).toBe('pass');
    const idle = await session(source, 'BEGIN', 'SELECT * FROM app.slow FOR UPDATE');
    const long = await session(source, 'BEGIN', 'SELECT COUNT(*) FROM app.slow');
    const lock = await session(source, 'LOCK TABLES app.locked WRITE');
    const ddl = await session(source);
    const ids = await Promise.all([idle, long, lock, ddl].map(idOf));
    void long.query('SELECT SLEEP(60)').catch(() => undefined);
    // Waits for the transaction that has read the table.
    void ddl.query('/* nightly */ ALTER TABLE app.slow ADD COLUMN more INT').catch(() => undefined);
    await until(async () => (await source.query("SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP%' AND TIME >= 2")).length === 1, 20_000, 'the long statement');
    const made = await plan();
    expect([of(made, 'idle-in-transaction'), of(made, 'long-transaction'), of(made, 'ddl')].map(([one]) => one?.connectionId)).toEqual([ids[0], ids[1], ids[3]]);
    // 5.6 cannot tell who holds a table, but which one is held.
    expect(of(made, 'table-lock')).toEqual(traits.since57 ? [expect.objectContaining({ connectionId: ids[2] })] : expect.arrayContaining([expect.objectContaining({ connectionId: 0, statement: 'app.locked' })]));
    expect(statusOf(made, 'blockers')).toBe('warn');
  });

  test('a table lock is seen where the server does not instrument metadata locks', async () => {
    pair = await startPair({ series, args: ["--performance-schema-instrument=wait/lock/metadata/sql/mdl=OFF"] });
    const { source } = pair;
    expect(of(await plan(), 'table-lock')).toEqual([]);
    await session(source, 'LOCK TABLES app.rows_written WRITE');
    expect(of(await plan(), 'table-lock')).toEqual([expect.objectContaining({ connectionId: 0, statement: 'app.rows_written' })]);
  });

  test('a primary that hangs under a fence that was given up is writable when it is back, and stays so', async () => {
    pair = await startPair({ series });
    const { source, standby, app } = pair;
    await session(source, 'LOCK TABLES app.rows_written WRITE');
    const fencing = async (): Promise<number> => (await source.query("SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SET GLOBAL%read_only%ON%' OR INFO LIKE 'FLUSH TABLES%'")).length;
    let begun = false;
    const stop = app.tasks.onChange((task) => {
      const state = task.steps.find(({ id }) => id === 'fence')?.state;
      begun ||= state === 'running';
      if (state === 'undoing') source.thaw();
    });
    const promoting = promote(app, request(pair.id(standby)));
    await until(async () => begun && (await fencing()) === 1, 30_000, 'the fence to wait for the table');
    source.freeze();
    const { task, report } = await promoting;
    stop();
    expect([task.error?.code, report.outcome], JSON.stringify(task.steps)).toEqual(['may-take-hold', 'undone']);
    expect(report.notes.map((note) => note.key)).toContain('promotion.note.fence-held');
    expect([await fencing(), await isReadOnly(source), await isReadOnly(standby)]).toEqual([0, false, true]);
    for (const held of sessions.splice(0)) held.destroy();
    await source.query('INSERT INTO app.rows_written VALUES (900003, 1)');
    await until(() => hasAllOf(standby, source), 20_000, 'replication to go on');
    expect([await fencing(), await isReadOnly(source)]).toEqual([0, false]);
  });

  test('a prepared XA transaction is a bar: its commit gets past every fence', async () => {
    pair = await startPair({ series });
    const { source, standby } = pair;
    const xa = await session(source, "XA START 'pay'", 'INSERT INTO app.rows_written VALUES (1, 1)', "XA END 'pay'", "XA PREPARE 'pay'");
    const made = await plan();
    expect([statusOf(made, 'xa-prepared'), of(made, 'xa-prepared').length]).toEqual(['fail', 1]);
    await xa.query("XA ROLLBACK 'pay'");
    expect(statusOf(await plan(), 'xa-prepared')).toBe('pass');

    // One that comes between the plan and the fence is met behind the fence, where it outlives its session (5.7.7+).
    let prepared = false;
    const late = await session(source);
    const stop = pair.app.tasks.onChange((task) => {
      if (prepared || task.steps.find(({ id }) => id === 'prepare')?.state !== 'running') return;
      prepared = true;
      for (const sql of ["XA START 'late'", 'INSERT INTO app.rows_written VALUES (2, 1)', "XA END 'late'", "XA PREPARE 'late'"]) void late.query(sql).catch(() => undefined);
    });
    const { report } = await promote(pair.app, request(pair.id(standby)));
    stop();
    expect(prepared).toBe(true);
    if (traits.since57) {
      expect([report.outcome, await isReadOnly(source), await isReadOnly(standby)]).toEqual(['undone', false, true]);
      expect(report.error).toMatchObject({ code: 'xa-prepared', params: { server: 'primary', count: 1 } });
      await source.query("XA ROLLBACK 'late'");
    } else expect(report.outcome).toBe('done');
  });

  test('locks on everything are named on both servers; a standby that cannot be written to takes nothing over', async () => {
    pair = await startPair({ series });
    const { source, standby } = pair;
    expect(statusOf(await plan(), 'standby-locks')).toBe('pass');
    if (traits.since80) {
      await session(source, 'LOCK INSTANCE FOR BACKUP');
      const backup = await session(standby, 'LOCK INSTANCE FOR BACKUP');
      const made = await plan();
      expect(of(made, 'backup-lock')).toHaveLength(1);
      expect([statusOf(made, 'blockers'), statusOf(made, 'standby-locks')]).toEqual(['warn', 'fail']);
      // Nothing of the trial of the reverse login is left behind.
      expect(await source.query(words.showReplicaStatus)).toEqual([]);
      await backup.query('UNLOCK INSTANCE');
    }
    await session(source, 'FLUSH TABLES WITH READ LOCK');
    const reader = await session(standby, 'FLUSH TABLES WITH READ LOCK');
    const made = await plan();
    // 5.6 does not tell: there the bounds of the steps are what holds.
    expect([of(made, 'read-lock').length, statusOf(made, 'standby-locks'), statusOf(await plan('emergency'), 'standby-locks')]).toEqual(traits.since57 ? [1, 'fail', 'fail'] : [0, 'pass', 'pass']);
    if (traits.since57) expect(JSON.stringify(made.preconditions.find(({ id }) => id === 'standby-locks')?.measured)).toContain(String(await idOf(reader)));
  });

  test('emergency: XA transactions that came prepared to the standby are told', async () => {
    pair = await startPair({ series });
    const { source, standby, app } = pair;
    await session(source, "XA START 'pay'", 'INSERT INTO app.rows_written VALUES (1, 1)', "XA END 'pay'", "XA PREPARE 'pay'");
    await until(() => hasAllOf(standby, source), 20_000, 'what was prepared');
    await app.fleet.refresh(pair.id(source));
    await source.kill();
    const { report } = await promote(app, request(pair.id(standby), { kind: 'emergency' }));
    expect(report.outcome).toBe('done');
    expect(report.notes.some(({ key, params }) => key === 'promotion.note.xa-left' && params?.['count'] === 1)).toBe(traits.since57);
    expect(await standby.query('XA RECOVER')).toHaveLength(traits.since57 ? 1 : 0);
  });

  test('with performance_schema off the switchover keeps its own lock, whatever else it closes', async () => {
    pair = await startPair({ series, args: ['--performance-schema=OFF'] });
    const { source, standby, app } = pair;
    const client = await session(source);
    const holder = await session(source, 'LOCK TABLES app.rows_written WRITE');
    const held: boolean[] = [];
    const stop = app.tasks.onChange((task) => {
      const running = task.steps.find(({ state }) => state === 'running')?.id;
      if (running === 'fence') setTimeout(() => void holder.query('UNLOCK TABLES').catch(() => undefined), 1500);
      if (running === 'follow') void source.scalar<number | null>("SELECT IS_USED_LOCK('antipode')").then((id) => held.push(id !== null));
    });
    const { report, task } = await promote(app, request(pair.id(standby)));
    stop();
    expect([task.error, report.outcome]).toEqual([null, 'done']);
    expect(new Set(held)).toEqual(new Set([true]));
    await expect(client.query('SELECT 1')).rejects.toThrow();
    expect([await isReadOnly(source), await isReadOnly(standby)]).toEqual([true, false]);
  });
});
