// Who holds what: lock names taken by accounts without rights, reports that nobody read, passwords and accounts over a restart.
import type { Connection } from 'mysql2/promise';
import { afterAll, afterEach, expect, test } from 'vitest';
import { lockNames } from '../../shared/domain/tasks/lock-holder';
import { trialName } from '../../shared/domain/checks/trial';
import { instanceForm } from '../fixtures/instance-form';
import { eachSeries } from '../fixtures/matrix';
import { hasAllOf, isReadOnly, promote, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { disposeServers, type TestServer } from '../fixtures/servers';
import { openTestEngine } from '../fixtures/test-engine';

afterAll(disposeServers);

eachSeries('promotion-holders', (series, traits, words) => {
  let pair: PromotionPair;
  const sessions: Connection[] = [];
  afterEach(async () => {
    for (const session of sessions.splice(0)) session.destroy();
    await pair.dispose();
  });

  /** A session of an account that may do nothing, with one lock (before 5.7.5 a session has no second). */
  async function squatter(server: TestServer, name: string): Promise<void> {
    const opened = await server.connect({ user: 'tenant', password: 'tenant-secret-1' });
    sessions.push(opened);
    await opened.query('SELECT GET_LOCK(?, 0)', [name]);
  }

  const accountsMade = async (server: TestServer): Promise<number> => Number(await server.scalar("SELECT COUNT(*) FROM mysql.user WHERE User REGEXP '^antipode_[0-9a-f]{6}$'"));

  test('names that an account without rights holds keep neither a promotion nor a fence out, and are told', async () => {
    pair = await startPair({ series });
    const { source, standby, app } = pair;
    await source.query(words.makeAccount("'tenant'@'%'", 'tenant-secret-1', 'USAGE ON *.*'));
    await until(() => hasAllOf(standby, source), 20_000, 'the account');
    for (const server of [source, standby]) for (const name of [lockNames.exclusive, ...lockNames.spare, ...lockNames.shared]) await squatter(server, name);
    const plan = await app.promotion.plan(request(pair.id(standby)));
    const lock = plan.preconditions.find(({ id }) => id === 'lock');
    expect([lock?.status, lock?.cures?.some((cure) => cure.kind === 'end-session' && cure.user === 'tenant')]).toEqual(['warn', true]);
    expect((await app.fleet.refresh(pair.id(source))).othersAtWork).toEqual([]);
    const { report } = await promote(app, request(pair.id(standby)));
    expect([report.error, report.outcome]).toEqual([null, 'done']);
    await app.promotion.fence(pair.id(standby), 'standby');
    expect(await isReadOnly(standby)).toBe(true);
  });

  test('the name of a trial hides no link that runs', async () => {
    pair = await startPair({ series });
    const { source, standby } = pair;
    await source.query(words.makeAccount("'tenant'@'%'", 'tenant-secret-1', 'USAGE ON *.*'));
    await until(() => hasAllOf(standby, source), 20_000, 'the account');
    await squatter(standby, trialName);
    const fresh = await openTestEngine({ servers: { standby } });
    try {
      const view = await fresh.engine.fleet.refresh(fresh.id('standby'));
      expect([view.role, view.facts?.channels.length]).toEqual(['standby', 1]);
      await standby.query(`STOP ${words.replica} SQL_THREAD`);
      expect((await fresh.engine.fleet.refresh(fresh.id('standby'))).role).toBe('standby');
    } finally {
      await fresh.dispose();
    }
  });

  test('a second disaster is not refused for a report that nobody read: its plan shows it, and carrying it out acknowledges it', async () => {
    pair = await startPair({ series, standbys: 2 });
    const { source, standby, others: [other], app } = pair;
    if (other === undefined) throw new Error('two standbys');
    await source.kill();
    const first = await promote(app, request(pair.id(standby), { kind: 'emergency' }));
    expect(first.report.outcome).toBe('done');
    await standby.query('INSERT INTO app.rows_written VALUES (1, 1)');
    await until(() => hasAllOf(other, standby), 30_000, 'the other standby to follow the new primary');
    // While the primary that was made takes writes there is no second disaster.
    for (const server of [standby, other]) await app.fleet.refresh(pair.id(server));
    await standby.kill();
    const { plan, report } = await promote(app, request(pair.id(other), { kind: 'emergency' }));
    expect(plan.preconditions.find(({ id }) => id === 'acknowledged')).toMatchObject({ status: 'warn', measured: { params: { standby: 'standby' } } });
    expect([report.outcome, await isReadOnly(other)]).toEqual(['done', false]);
    expect(app.promotion.reports().find(({ id }) => id === first.report.id)?.acknowledgedAt).not.toBeNull();
  });

  test('without a vault one account serves for every switch, there and back', async () => {
    pair = await startPair({ series, foreignAccount: true });
    const { source, standby } = pair;
    for (const [to, from] of [[standby, source], [source, standby], [standby, source]] as const) {
      const app = await pair.restartApp();
      for (const server of [source, standby]) await app.fleet.refresh(pair.id(server));
      const { report } = await promote(app, request(pair.id(to)));
      expect([report.error, report.outcome]).toEqual([null, 'done']);
      await until(() => hasAllOf(from, to), 30_000, 'the old primary to follow');
      expect([await accountsMade(source), await accountsMade(standby)]).toEqual([1, 1]);
    }
  });

  test('the account of a switchover that went back is dropped again', async () => {
    pair = await startPair({ series, foreignAccount: true });
    const { source, standby, app } = pair;
    const stop = app.tasks.onChange((task) => {
      if (task.state === 'running' && task.steps.find(({ id }) => id === 'warm-up')?.state === 'running') void app.tasks.cancel(task.id).catch(() => undefined);
    });
    const { report } = await promote(app, request(pair.id(standby)));
    stop();
    expect(report.outcome).toBe('undone');
    await until(() => hasAllOf(standby, source), 20_000, 'the standby to follow');
    expect([await accountsMade(source), await accountsMade(standby)]).toEqual([0, 0]);
  });

  test('killed while the old primary is made to follow: a resume asks for what it lacks first, and ends with a link that runs', async () => {
    pair = await startPair({ series, foreignAccount: true });
    const { source, standby, app } = pair;
    const plan = await app.promotion.plan(request(pair.id(standby)));
    const killed = new Promise<void>((resolve) => {
      app.tasks.onChange((task) => {
        if (task.steps.find(({ id }) => id === 'follow')?.state === 'running') resolve(pair.crashApp());
      });
    });
    const { taskId } = await app.promotion.execute(plan.id, 'standby');
    await killed;
    // A process that knows one password of the two.
    const half = await openTestEngine({ dataFolder: pair.dataFolder, servers: { primary: source } });
    await expect(half.engine.tasks.resumeInterrupted(taskId)).rejects.toMatchObject({ error: { code: 'password-missing', params: { name: 'standby' } } });
    expect(half.engine.tasks.get(taskId).state).toBe('interrupted');
    await half.crash();
    const again = await pair.restartApp();
    expect((await again.tasks.recoverable()).map(({ verdict }) => verdict)).toEqual(['can-resume']);
    await again.tasks.resumeInterrupted(taskId);
    const task = await again.tasks.whenEnded(taskId);
    expect([task.error, task.state]).toEqual([null, 'done']);
    await standby.query('INSERT INTO app.rows_written VALUES (9, 9)');
    await until(() => hasAllOf(source, standby), 30_000, 'the old primary to follow');
    expect(await accountsMade(standby)).toBe(1);
  });

  test('an operation that was left names who holds it, and is ended by hand: nothing is changed but for what was its own, and the next switch goes', async () => {
    pair = await startPair({ series });
    const { source, standby, app } = pair;
    const plan = await app.promotion.plan(request(pair.id(standby)));
    const killed = new Promise<void>((resolve) => {
      app.tasks.onChange((task) => {
        if (task.steps.find(({ id }) => id === 'catch-up')?.state === 'running') resolve(pair.crashApp());
      });
    });
    const { taskId } = await app.promotion.execute(plan.id, 'standby');
    await killed;
    const holder = await standby.connect({ user: 'root' });
    await holder.query('FLUSH TABLES WITH READ LOCK');
    await standby.query(`SET GLOBAL ${traits.since57 ? 'transaction_read_only' : 'tx_read_only'} = ON`);
    const again = await pair.restartApp();
    const [left] = await again.tasks.recoverable();
    expect(left?.phrase).toBe('standby');
    expect(left?.holders).toContainEqual(expect.objectContaining({ server: 'standby', kind: 'setting', statement: expect.stringMatching(/read_only = ON/) }));
    if (traits.since57) {
      expect(left?.holders).toContainEqual(expect.objectContaining({
        server: 'standby', kind: 'read-lock', session: holder.threadId, user: 'root', statement: 'FLUSH TABLES WITH READ LOCK', since: expect.any(Number),
      }));
    }
    // Somebody sets the servers right.
    holder.destroy();
    await standby.query(`SET GLOBAL ${traits.since57 ? 'transaction_read_only' : 'tx_read_only'} = OFF`);
    await source.query('SET GLOBAL read_only = OFF');
    const stand = async () => Promise.all([source, standby].map(async (server) => [await server.scalar('SELECT @@GLOBAL.read_only'), JSON.stringify(await server.query('SELECT 1'))]));
    const before = await stand();
    await expect(again.tasks.endByHand(taskId, 'primary')).rejects.toMatchObject({ error: { code: 'confirm-mismatch' } });
    const told = await again.tasks.endByHand(taskId, 'standby');
    expect(told.detail).toMatchObject({ writes: 'source', row: true });
    expect([await stand(), await again.tasks.recoverable()]).toEqual([before, []]);
    expect(again.tasks.get(taskId)).toMatchObject({ state: 'failed', error: { code: 'ended-by-hand' } });
    expect(again.promotion.reportForTask(taskId)).toMatchObject({ error: { code: 'ended-by-hand' } });
    expect(await source.query('SELECT 1 FROM antipode.journal')).toHaveLength(0);
    const { report } = await promote(again, request(pair.id(standby)));
    expect(report.outcome).toBe('done');
  });

  test('an edit of an instance is no way past the policy', async () => {
    pair = await startPair({ series });
    const { source, standby, app: { fleet } } = pair;
    const project = await fleet.addProject('billing');
    for (const server of [source, standby]) await fleet.refresh(pair.id(server));
    const form = (server: TestServer, projectId: string | null) => {
      const { regionId } = fleet.instance(pair.id(server));
      return instanceForm(server, { regionId, projectId });
    };
    await expect(fleet.updateInstance(pair.id(standby), form(standby, project.id), undefined)).rejects.toMatchObject({ error: { code: 'operation-locked', params: { name: 'standby', primary: 'primary' } } });
    expect(fleet.instance(pair.id(standby)).projectId).toBeNull();
    await fleet.updateInstance(pair.id(source), form(source, project.id), undefined);
    expect([source, standby].map((server) => fleet.instance(pair.id(server)).projectId)).toEqual([project.id, project.id]);
  });
});
