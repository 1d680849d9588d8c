// What a planned switchover refuses, and how it goes back where it cannot be finished.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Failure } from '../../shared/errors/codes';
import { commitEmpty } from '../fixtures/empty-transaction';
import { executed, isReadOnly, promote, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers } from '../fixtures/servers';

afterAll(disposeServers);

const codeOf = (call: Promise<unknown>): Promise<string> => call.then(() => 'no failure', (thrown: unknown) => (thrown instanceof Failure ? thrown.error.code : String(thrown)));

eachSeries('promotion-refusals', (series, traits, words) => {
  let pair: PromotionPair;
  const { replica } = words;
  beforeAll(async () => {
    pair = await startPair({ series });
  });
  afterAll(() => pair.dispose());
  beforeEach(async () => {
    await until(async () => (await executed(pair.standby)).length > 0 && !(await isReadOnly(pair.source)), 10_000, 'a writable primary');
  });

  const failing = async (change = {}): Promise<string[]> => {
    const plan = await pair.app.promotion.plan(request(pair.id(pair.standby), change));
    return plan.preconditions.filter((one) => one.status === 'fail').map((one) => one.id);
  };

  test('nothing fails on a healthy pair, and a plan changes nothing', async () => {
    const before = await executed(pair.source);
    expect(await failing()).toEqual([]);
    expect(await executed(pair.source)).toBe(before);
    expect(await pair.source.query(words.showReplicaStatus)).toEqual([]);
  });

  test('the word is wrong, the plan is unknown, the state has changed', async () => {
    const { promotion } = pair.app;
    const plan = await promotion.plan(request(pair.id(pair.standby)));
    expect(plan.phrase).toBe('standby');
    expect(plan.steps.filter((step) => step.pointOfNoReturn).map((step) => step.id)).toEqual(['open']);
    expect(plan.steps.find((step) => step.id === 'fence')?.sql.map((one) => one.sql).join('\n')).toContain(traits.superReadOnly ? 'super_read_only = ON' : 'FLUSH TABLES WITH READ LOCK');
    expect(await codeOf(promotion.execute(plan.id, 'STANDBY'))).toBe('confirm-mismatch');
    expect(await codeOf(promotion.execute('no-such-plan', 'standby'))).toBe('not-found');
    await pair.standby.query('SET GLOBAL read_only = OFF');
    expect(await codeOf(promotion.execute(plan.id, 'standby'))).toBe('precondition-failed');
    await pair.standby.query(words.setReadOnly);
  });

  test('the applier is stopped', async () => {
    await pair.standby.query(`STOP ${replica} SQL_THREAD`);
    expect(await failing()).toContain('applier');
    const plan = await pair.app.promotion.plan(request(pair.id(pair.standby)));
    expect(await codeOf(pair.app.promotion.execute(plan.id, 'standby'))).toBe('precondition-failed');
    await pair.standby.query(`START ${replica} SQL_THREAD`);
    expect(await isReadOnly(pair.source)).toBe(false);
  });

  test('somebody holds the lock of a server', async () => {
    const other = await pair.source.connect();
    await other.query("SELECT GET_LOCK('antipode', 0)");
    expect(await failing()).toContain('lock');
    await other.end();
  });

  test('a statement holds the fence up: bounded, undone, the primary writes again', async () => {
    const holder = await pair.source.connect();
    await holder.query('LOCK TABLES app.rows_written WRITE');
    const started = Date.now();
    const { task, report } = await promote(pair.app, request(pair.id(pair.standby)));
    expect(Date.now() - started).toBeLessThan(25_000);
    expect(task.state).toBe('failed');
    expect(report.outcome).toBe('undone');
    expect(report.notes.map((note) => note.key)).toContain('promotion.note.fence-held');
    await holder.end();
    expect(await isReadOnly(pair.source)).toBe(false);
    await pair.source.query('INSERT INTO app.rows_written VALUES (900001, 1)');
    await until(async () => (await pair.standby.query('SELECT 1 FROM app.rows_written WHERE id = 900001')).length === 1, 10_000, 'replication to go on');
    expect(await isReadOnly(pair.standby)).toBe(true);
  });

  test('the standby cannot catch up within the limit: nothing happened', async () => {
    // A row that is locked on the standby holds its applier without stopping it.
    await pair.source.query('INSERT INTO app.rows_written VALUES (900002, 1)');
    await until(async () => (await pair.standby.query('SELECT 1 FROM app.rows_written WHERE id = 900002')).length === 1, 10_000, 'the row');
    const holder = await pair.standby.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT * FROM app.rows_written WHERE id = 900002 LOCK IN SHARE MODE');
    await pair.source.query('UPDATE app.rows_written SET at_ms = 2 WHERE id = 900002');
    const { task, report } = await promote(pair.app, request(pair.id(pair.standby), { timeoutSeconds: 3 }));
    await holder.query('ROLLBACK');
    await holder.end();
    expect([task.state, report.outcome]).toEqual(['failed', 'undone']);
    expect(await isReadOnly(pair.source)).toBe(false);
    await until(async () => (await pair.standby.query('SELECT 1 FROM app.rows_written WHERE id = 900002 AND at_ms = 2')).length === 1, 60_000, 'replication to go on');
  });

  test('two at once: one of them is refused', async () => {
    const { promotion, tasks } = pair.app;
    const holder = await pair.source.connect();
    await holder.query('LOCK TABLES app.rows_written WRITE');
    const [a, b] = await Promise.all([promotion.plan(request(pair.id(pair.standby))), promotion.plan(request(pair.id(pair.standby)))]);
    const results = await Promise.allSettled([promotion.execute(a.id, 'standby'), promotion.execute(b.id, 'standby')]);
    expect(results.filter((one) => one.status === 'fulfilled').length).toBeLessThanOrEqual(1);
    for (const task of tasks.list()) await tasks.whenEnded(task.id);
    await holder.end();
    expect(await isReadOnly(pair.source)).toBe(false);
  });

  test('cancelled before the point of no return', async () => {
    const { promotion, tasks } = pair.app;
    const plan = await promotion.plan(request(pair.id(pair.standby)));
    const stop = tasks.onChange((task) => {
      if (task.state === 'running' && task.steps.find((step) => step.id === 'warm-up')?.state === 'running') void tasks.cancel(task.id).catch(() => undefined);
    });
    const { taskId } = await promotion.execute(plan.id, 'standby');
    const task = await tasks.whenEnded(taskId);
    stop();
    expect(task.state).toBe('cancelled');
    expect(await isReadOnly(pair.source)).toBe(false);
    expect(await isReadOnly(pair.standby)).toBe(true);
  });

  test('an errant transaction on the standby', async () => {
    await pair.standby.query('SET GLOBAL read_only = OFF');
    await pair.standby.query('CREATE DATABASE errant');
    await pair.standby.query(words.setReadOnly);
    expect(await failing()).toContain('errant');
    await pair.standby.query(`SET SESSION sql_log_bin = 0; ${traits.superReadOnly ? 'SET GLOBAL super_read_only = OFF; ' : ''}DROP DATABASE errant; SET SESSION sql_log_bin = 1; ${words.setReadOnly}`);
    await commitEmpty(pair.source, String(await pair.source.scalar('SELECT GTID_SUBTRACT(?, @@GLOBAL.gtid_executed)', [await executed(pair.standby)])));
  });
});
