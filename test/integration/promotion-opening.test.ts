// What would keep a standby from taking writes is found before anything is fenced; and where an opening fails all the same, it is
// taken back by itself, and the report says where both servers stand.
import type { Connection } from 'mysql2/promise';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { PromotionReport } from '../../shared/domain/promotion/promotion';
import { translator } from '../../shared/i18n/translate';
import { eachSeries } from '../fixtures/matrix';
import { executed, hasAllOf, isReadOnly, promote, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { disposeServers, type TestServer } from '../fixtures/servers';
import { watchStatements } from '../fixtures/watched-fleet';

afterAll(disposeServers);

interface Obstacle {
  readonly name: string;
  /** Puts it up on the standby. */
  put(standby: TestServer): Promise<void>;
  /** What the plan names, a part of it. */
  readonly found: RegExp;
  /** The precondition that names it. */
  readonly at: 'opening' | 'standby-locks';
}

eachSeries('promotion-opening', (series, traits, words) => {
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

  const readOnlyTransactions = traits.since57 ? 'transaction_read_only' : 'tx_read_only';
  const setting = (name: string): Obstacle => ({ name, at: 'opening', found: new RegExp(`${name} = ON`), put: async (standby) => { await standby.query(`SET GLOBAL ${name} = ON`); } });
  const readLock: Obstacle = {
    name: 'FLUSH TABLES WITH READ LOCK', at: traits.since57 ? 'standby-locks' : 'opening', found: traits.since57 ? /read-lock #\d+ root@.*FLUSH TABLES WITH READ LOCK/ : /READ LOCK.*#\d+ root@/,
    put: async (standby) => { await session(standby, 'FLUSH TABLES WITH READ LOCK'); },
  };
  const backupLock: Obstacle = {
    name: 'LOCK INSTANCE FOR BACKUP', at: 'standby-locks', found: /backup-lock #\d+ root@.*LOCK INSTANCE/,
    put: async (standby) => { await session(standby, 'LOCK INSTANCE FOR BACKUP'); },
  };
  const connections: Obstacle = {
    name: 'max_connections', at: 'opening', found: /max_connections = \d+, Threads_connected = \d+/,
    put: async (standby) => { await standby.query(`SET GLOBAL max_connections = ${Number((await standby.query<{ Value: string }>("SHOW STATUS LIKE 'Threads_connected'"))[0]?.Value) + 3}`); },
  };
  const obstacles: readonly Obstacle[] = [
    setting(readOnlyTransactions), ...(traits.since57 ? [setting('offline_mode')] : []), readLock, ...(traits.since80 ? [backupLock] : []), connections,
  ];
  const kinds = ['planned', 'emergency'] as const;
  const texts = (report: PromotionReport): string => report.notes.map((note) => translator('en').message(note)).join('\n');

  /** The primary takes writes, and the standby follows it again and is closed. */
  async function stands(): Promise<void> {
    const { source, standby } = pair;
    expect([await isReadOnly(source), await isReadOnly(standby)]).toEqual([false, true]);
    await source.query('REPLACE INTO app.rows_written VALUES (777, 1)');
  }

  test.each(obstacles)('$name on the standby is named by both plans, and nothing is begun', async (obstacle) => {
    pair = await startPair({ series });
    const { source, standby, app } = pair;
    const before = await executed(standby);
    await obstacle.put(standby);
    for (const kind of kinds) {
      const plan = await app.promotion.plan(request(pair.id(standby), { kind }));
      const one = plan.preconditions.find(({ id }) => id === obstacle.at);
      expect([kind, one?.status, translator('en').message(one?.measured ?? { key: 'promotion.measured.none' })]).toEqual([kind, 'fail', expect.stringMatching(obstacle.found)]);
      await expect(app.promotion.execute(plan.id, 'standby')).rejects.toMatchObject({ error: { code: 'precondition-failed' } });
    }
    expect([await isReadOnly(source), await isReadOnly(standby), await executed(standby)]).toEqual([false, true, before]);
  });

  const late = obstacles.filter(({ name }) => name !== 'max_connections');

  /** The pair whose standby meets an obstacle just before a statement is sent, once. */
  async function meets(obstacle: Obstacle, at: RegExp): Promise<void> {
    let put = false;
    let standby: TestServer | null = null;
    pair = await startPair({
      series,
      around: (fleet) => watchStatements(fleet, async (sql) => {
        if (put || standby === null || !at.test(sql)) return;
        put = true;
        await obstacle.put(standby);
      }),
    });
    ({ standby } = pair);
  }

  test.each(late.flatMap((obstacle) => kinds.map((kind) => ({ kind, obstacle, name: obstacle.name }))))('$kind: $name comes after the plan and is met before anything is fenced', async ({ kind, obstacle }) => {
    let trials = 0;
    let standby: TestServer | null = null;
    pair = await startPair({
      series,
      around: (fleet) => watchStatements(fleet, async (sql) => {
        if (standby === null || !sql.startsWith('SHOW GLOBAL VARIABLES WHERE Variable_name IN (\'transaction_read_only\'') || !sql.includes('innodb_read_only')) return;
        trials += 1;
        // The plan, the plan once more when the word was typed, and the run.
        if (trials === 3) await obstacle.put(standby);
      }),
    });
    ({ standby } = pair);
    const { report, task } = await promote(pair.app, request(pair.id(pair.standby), { kind }));
    expect([report.outcome, report.error?.code]).toEqual(['undone', 'opening-barred']);
    expect(JSON.stringify(report.error?.params)).toMatch(/ON|LOCK/);
    expect(task.steps.find(({ id }) => id === (kind === 'planned' ? 'fence' : 'fence-source'))?.state).toBe('pending');
    await stands();
  });

  test.each([setting(readOnlyTransactions), readLock].flatMap((obstacle) => kinds.map((kind) => ({ kind, obstacle, name: obstacle.name }))))('$kind: $name comes as the standby is opened: it is closed again, and the old primary takes writes', async ({ kind, obstacle }) => {
    // The last look at the settings, which goes beside the statement that opens.
    await meets(obstacle, /^SHOW GLOBAL VARIABLES WHERE Variable_name IN \('transaction_read_only', 'tx_read_only', 'offline_mode'\)$/);
    const { source, standby, app } = pair;
    const before = await executed(standby);
    const { report, task } = await promote(app, request(pair.id(standby), { kind }));
    expect(task.steps.find(({ id }) => id === 'open')?.state).toBe('undone');
    expect(report.notes.map(({ key }) => key)).toContain('promotion.note.closed-again');
    await stands();
    expect(texts(report)).toMatch(/primary takes writes.*standby refuses writes/);
    if (traits.superReadOnly) expect(await standby.scalar('SELECT @@GLOBAL.super_read_only')).toBe(1);
    // Nothing of our own is left there that the old primary has not.
    expect(await hasAllOf(source, standby)).toBe(true);
    expect(before).not.toBe('');
    // With its cause gone the standby follows, by itself or by one more undo.
    for (const held of sessions.splice(0)) held.destroy();
    await standby.query(`SET GLOBAL ${readOnlyTransactions} = OFF`);
    for (const { task: left } of await app.tasks.recoverable()) {
      await app.tasks.undoInterrupted(left.id);
      const ended = await app.tasks.whenEnded(left.id);
      expect([ended.state, ended.error]).toEqual(['cancelled', null]);
    }
    expect(await app.tasks.recoverable()).toEqual([]);
    await until(() => hasAllOf(standby, source), 30_000, 'the standby to follow again').catch(async (thrown: unknown) => {
      throw new Error(`${String(thrown)} ${JSON.stringify(await standby.query(words.showReplicaStatus))}`);
    });
  });

  test('a client that got in before the probe failed keeps its row: the standby stays open', async () => {
    let standby: TestServer | null = null;
    let client: Connection | null = null;
    let wrote = false;
    pair = await startPair({
      series,
      around: (fleet) => watchStatements(fleet, async (sql) => {
        if (standby === null || wrote || !sql.startsWith('REPLACE INTO antipode.probe')) return;
        wrote = true;
        await client?.query('INSERT INTO app.rows_written VALUES (5, 5)');
        await session(standby, 'FLUSH TABLES WITH READ LOCK');
      }),
    });
    ({ standby } = pair);
    client = await session(standby);
    const { report } = await promote(pair.app, request(pair.id(standby)));
    expect(report.notes.map(({ key }) => key)).toContain('promotion.note.opened-unproven');
    expect([await isReadOnly(pair.source), await isReadOnly(standby)]).toEqual([true, false]);
    expect(await standby.query('SELECT 1 FROM app.rows_written WHERE id = 5')).toHaveLength(1);
  });
});
