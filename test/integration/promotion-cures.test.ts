// What stands in the way of a promotion is taken away by the program, on the user's word: as it was shown, and only while it is still that.
import type { Connection } from 'mysql2/promise';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { cureId, type Cure } from '../../shared/domain/promotion/cure';
import type { Precondition } from '../../shared/domain/tasks/plan';
import { errorOf } from '../../shared/errors/codes';
import { eachSeries } from '../fixtures/matrix';
import { executed, hasAllOf, isReadOnly, promote, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { disposeServers, type TestServer } from '../fixtures/servers';

afterAll(disposeServers);

eachSeries('promotion-cures', (series, traits, words) => {
  let pair: PromotionPair;
  const sessions: Connection[] = [];
  beforeEach(async () => {
    pair = await startPair({ series });
  });
  afterEach(async () => {
    for (const session of sessions.splice(0)) session.destroy();
    await pair.dispose();
  });

  async function session(server: TestServer, ...statements: readonly string[]): Promise<Connection> {
    const opened = await server.connect({ user: 'root' });
    // What is ended by somebody else is no fault of the test.
    opened.on('error', () => undefined);
    sessions.push(opened);
    for (const sql of statements) await opened.query(sql);
    return opened;
  }

  interface Shown {
    readonly planId: string;
    readonly one: Precondition;
    readonly cures: readonly Cure[];
  }

  async function shown(id: string): Promise<Shown> {
    const plan = await pair.app.promotion.plan(request(pair.id(pair.standby)));
    const one = plan.preconditions.find((precondition) => precondition.id === id);
    if (one === undefined) throw new Error(`no precondition ${id}`);
    return { planId: plan.id, one, cures: one.cures ?? [] };
  }

  /** Plans and carries out a cure; the statements that were shown. */
  async function cure({ planId }: Shown, what: Cure): Promise<readonly string[]> {
    const plan = await pair.app.promotion.planCure({ planId, cureId: cureId(what) });
    await pair.app.promotion.cure(plan.id, plan.phrase ?? '');
    return plan.steps.flatMap(({ sql }) => sql.map((one) => one.sql));
  }

  const first = (cures: readonly Cure[]): Cure => {
    const [one] = cures;
    if (one === undefined) throw new Error('no cure is offered');
    return one;
  };
  const codeOf = async (work: Promise<unknown>): Promise<string> => work.then(() => 'done', (thrown: unknown) => errorOf(thrown).code);
  const readOnlyTransactions = traits.since57 ? 'transaction_read_only' : 'tx_read_only';

  test('settings that bar the opening are turned off, what SET PERSIST keeps of them too, and the switch works then', async () => {
    const { standby, app } = pair;
    const set = traits.persist ? 'SET PERSIST' : 'SET GLOBAL';
    const names = [readOnlyTransactions, ...(traits.since57 ? ['offline_mode'] : [])];
    for (const name of names) await standby.query(`${set} ${name} = ON`);
    for (const name of names) {
      const now = await shown('opening');
      expect(now.one.status).toBe('fail');
      const what = now.cures.find((one) => one.kind === 'turn-off' && one.variable === name);
      const ran = await cure(now, what ?? first([]));
      expect(ran).toEqual([expect.stringMatching(new RegExp(`^SET GLOBAL ${name} = OFF`)), ...(traits.persist ? [expect.stringMatching(/^RESET PERSIST IF EXISTS/)] : [])]);
    }
    expect((await shown('opening')).one).toMatchObject({ status: 'pass' });
    const { report } = await promote(app, request(pair.id(standby)));
    expect(report.outcome).toBe('done');
    expect(app.audit.list(50).filter(({ action, outcome }) => action === 'promotion.cure' && outcome === 'done')).toHaveLength(names.length);
  });

  test('the session that holds a read lock is ended on the typed word, and only while it holds it, or is at that very statement where its server does not tell', async () => {
    const { standby, app } = pair;
    const holder = await session(standby, 'FLUSH TABLES WITH READ LOCK');
    const at = traits.since57 ? 'standby-locks' : 'opening';
    const offered = async (): Promise<Shown & { readonly what: Cure }> => {
      const now = await shown(at);
      expect(now.one.status).toBe('fail');
      const what = now.cures.find((one) => one.kind === 'end-session' && one.connectionId === holder.threadId);
      if (what === undefined) throw new Error(`not offered: ${JSON.stringify(now)}`);
      return { ...now, what };
    };
    const draft = async () => {
      const { planId, what } = await offered();
      return app.promotion.planCure({ planId, cureId: cureId(what) });
    };
    const plan = await draft();
    expect(plan.phrase).toBe('standby');
    expect(plan.steps.flatMap(({ sql }) => sql)).toEqual([{ server: 'standby', sql: `KILL CONNECTION ${holder.threadId}` }]);
    expect(await codeOf(app.promotion.cure(plan.id, 'primary'))).toBe('confirm-mismatch');
    // It went on with something else meanwhile: what was looked at is not what would be ended.
    await holder.query('UNLOCK TABLES');
    await holder.query('SELECT 4711');
    expect(await codeOf(app.promotion.cure(plan.id, 'standby'))).toBe('plan-outdated');
    await holder.query('FLUSH TABLES WITH READ LOCK');
    const next = await draft();
    await holder.query('SELECT 4712');
    if (!traits.since57) {
      expect(await codeOf(app.promotion.cure(next.id, 'standby'))).toBe('plan-outdated');
      const now = await offered();
      await cure(now, now.what);
    } else {
      await app.promotion.cure(next.id, 'standby');
    }
    await until(() => holder.query('SELECT 1').then(() => false, () => true), 5000, 'the session to be gone');
    expect((await shown(at)).one.status).toBe('pass');
  });

  test.runIf(traits.since80)('a backup that runs one statement after the other under its lock is ended, and what went by itself is not missed', async () => {
    const { standby } = pair;
    const holder = await session(standby, 'LOCK INSTANCE FOR BACKUP');
    let runs = true;
    const at = (async () => {
      while (runs) await holder.query('DO 0');
    })().catch(() => undefined);
    const now = await shown('standby-locks');
    await cure(now, now.cures.find((one) => one.kind === 'end-session' && one.connectionId === holder.threadId) ?? first([]));
    await until(() => holder.query('SELECT 1').then(() => false, () => true), 5000, 'the session to be gone');
    runs = false;
    await at;
    expect((await shown('standby-locks')).one.status).toBe('pass');
  });

  test('a connection id that somebody else has by now, and what no plan offers, is never ended', async () => {
    const { standby, app } = pair;
    const holder = await session(standby, 'FLUSH TABLES WITH READ LOCK');
    const now = await shown(traits.since57 ? 'standby-locks' : 'opening');
    const what = now.cures.find((one) => one.kind === 'end-session' && one.connectionId === holder.threadId);
    if (what === undefined) throw new Error('not offered');
    holder.destroy();
    await until(async () => (await standby.query('SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = ?', [holder.threadId])).length === 0, 5000, 'the holder to be gone');
    const plan = await app.promotion.planCure({ planId: now.planId, cureId: cureId(what) });
    expect(plan.preconditions).toMatchObject([{ id: 'cure-stands', status: 'fail' }]);
    expect(await codeOf(app.promotion.cure(plan.id, 'standby'))).toBe('precondition-failed');
    const client = await session(standby);
    const forged: Cure = { kind: 'end-session', instanceId: pair.id(standby), connectionId: client.threadId, user: 'root', host: 'localhost' };
    expect(await codeOf(app.promotion.planCure({ planId: now.planId, cureId: cureId(forged) }))).toBe('not-found');
    await client.query('SELECT 1');
  });

  test.each(['receiver', 'applier'] as const)('a %s that was stopped by hand is started', async (thread) => {
    const { source, standby } = pair;
    await standby.query(`STOP ${words.replica} ${thread === 'receiver' ? 'IO_THREAD' : 'SQL_THREAD'}`);
    const now = await shown(thread);
    expect([now.one.status, now.cures]).toEqual(['fail', [{ kind: 'start-thread', instanceId: pair.id(standby), thread }]]);
    await cure(now, first(now.cures));
    await until(async () => (await shown(thread)).one.status === 'pass', 10_000, 'the thread to run');
    await source.query('REPLACE INTO app.rows_written VALUES (1, 1)');
    await until(() => hasAllOf(standby, source));
  });

  test('a delay is ended with nothing of the relay logs lost, also with both threads stopped; before 5.7.4 it is not offered', async () => {
    const { source, standby } = pair;
    await standby.query(`STOP ${words.replica}`);
    await standby.query(`${words.changeSource} ${words.source}_DELAY = 3600`);
    await standby.query(`START ${words.replica}`);
    await source.query('REPLACE INTO app.rows_written VALUES (2, 2)');
    const wanted = await executed(source);
    await until(async () => {
      const [row] = await standby.query<Record<string, string>>(words.showReplicaStatus);
      const received = Object.entries(row ?? {}).find(([name]) => name === 'Retrieved_Gtid_Set')?.[1] ?? '';
      return Number(await standby.scalar('SELECT GTID_SUBSET(?, ?)', [wanted, `${received},${await executed(standby)}`])) === 1;
    }, 10_000, 'the row to be received');
    await standby.query(`STOP ${words.replica}`);
    // The last copy of the row is in the relay log now.
    await source.query('SELECT 1');
    const now = await shown('applier');
    const what = now.cures.find(({ kind }) => kind === 'end-delay');
    if (!traits.since57) {
      expect(what).toBeUndefined();
      return;
    }
    await cure(now, what ?? first([]));
    await until(() => hasAllOf(standby, source), 20_000, 'what was held back to be applied');
    expect(await isReadOnly(standby)).toBe(true);
    expect((await shown('applier')).one.status).toBe('pass');
  });
});
