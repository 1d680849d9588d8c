// An old primary comes back with a history of its own: it is undone from its own binary log, and both sides are compared to the byte.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { FailbackStage, FailbackView } from '../../shared/domain/promotion/failback/failback';
import type { TaskView } from '../../shared/domain/tasks/task';
import { executed, hasAllOf, isReadOnly, promote, request, startPair, until, type PromotionPair } from '../fixtures/promotion-pair';
import { dumpedRows, rowsOf } from '../fixtures/content';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, type TestServer } from '../fixtures/servers';
import { watchStatements } from '../fixtures/watched-fleet';

afterAll(disposeServers);

const tables = `
  CREATE TABLE app.typed (id INT PRIMARY KEY, t VARCHAR(20) CHARACTER SET latin1, b VARBINARY(9), d DOUBLE, f FLOAT, n DECIMAL(12,4), bits BIT(9), e ENUM('a','b'),
    at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, day DATE NULL, UNIQUE KEY (t));
  CREATE TABLE app.keyless (a INT, b TEXT);
  CREATE TABLE app.parent (id INT PRIMARY KEY);
  CREATE TABLE app.child (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES app.parent (id) ON DELETE CASCADE);
  CREATE TABLE app.fired (id INT PRIMARY KEY);
  CREATE TABLE app.noted (id INT PRIMARY KEY);
  CREATE TRIGGER app.fires BEFORE DELETE ON app.fired FOR EACH ROW DELETE FROM app.noted WHERE id = OLD.id;
  INSERT INTO app.typed VALUES (1, 'ä', X'00FF', 0.1, 1.1, 12.5, b'101', 'b', '2026-01-01 00:00:00', '2026-02-03'), (2, 'x', NULL, -0.0, 0, 0, b'1', 'a', '2026-01-01 00:00:00', NULL),
    (3, 'gone', X'20', 3, 3, 3, b'0', 'a', '2026-01-01 00:00:00', NULL);
  INSERT INTO app.keyless VALUES (1, 'twice'), (1, 'twice'), (NULL, ''), (2, NULL);
  INSERT INTO app.parent VALUES (1), (2); INSERT INTO app.child VALUES (1, 1);`;

/** What the old primary does alone: every kind of change, rows that are changed again, keys that move, values that change places. */
const lost = [
  "UPDATE app.typed SET t = 'o', d = 2.5, bits = b'111', e = 'a' WHERE id = 1",
  'DELETE FROM app.typed WHERE id = 3',
  "INSERT INTO app.typed VALUES (4, 'gone', X'41', 1e300, 1e-30, -1, b'1', 'b', '2026-05-05 05:05:05', '1999-12-31')",
  'UPDATE app.typed SET id = 30 WHERE id = 4',
  "INSERT INTO app.typed (id, t) VALUES (3, 'again'), (5, NULL)",
  "UPDATE app.keyless SET b = 'once' WHERE a = 1 LIMIT 1",
  'DELETE FROM app.keyless WHERE a IS NULL',
  'INSERT INTO app.keyless VALUES (7, REPEAT(X, 3000))'.replace('X', "'é'"),
  'INSERT INTO app.parent VALUES (9)',
  'INSERT INTO app.child VALUES (9, 9)',
  'INSERT INTO app.rows_written VALUES (2, 2)',
  'UPDATE app.rows_written SET at_ms = 7 WHERE id = 1',
];

eachSeries('failback-undo', (series, _traits, { replica }) => {
  /** What is the program's own doing, whatever the server: proven on the newest series. */
  const newest = test.runIf(series === '9.7');
  /** Where a fence does not outlive a restart by itself. */
  const forgetful = test.runIf(series === '5.7');

  /** What differs between the newest and the old ones: the words, and what of its numbers and of its fence a server keeps. */
  const both = test.runIf(series === '9.7' || series === '5.7');

  let pair: PromotionPair;
  let before: (sql: string) => Promise<void> = async () => undefined;
  afterEach(async () => {
    before = async () => undefined;
    await pair.dispose();
  });
  /** The mysqldump of today cannot log in to the old series: there every column of every row is read as its bytes. */
  const heldBy = (server: TestServer): Promise<unknown> => (series.startsWith('5') ? rowsOf(server, 'app') : dumpedRows(server, ['app']));
  const oldId = (): string => pair.id(pair.source);

  /** The primary dies with statements that never reach its standby, and comes back. */
  async function burn(alone: readonly string[]): Promise<void> {
    pair = await startPair({ series, durability: 'full', args: ['--binlog-format=ROW', '--binlog-row-image=FULL', '--sql-mode='], around: (fleet) => watchStatements(fleet, (sql) => before(sql)) });
    const { source, standby, app } = pair;
    await source.query(tables);
    await source.query('INSERT INTO app.rows_written VALUES (1, 1)');
    await until(() => hasAllOf(standby, source), 20_000, 'the standby to catch up');
    await standby.query(`STOP ${replica} IO_THREAD`);
    for (const sql of alone) await source.query(sql);
    await app.fleet.refresh(oldId());
    await source.kill();
    await standby.query(`START ${replica} IO_THREAD`);
    await app.fleet.refresh(oldId());
    const { report } = await promote(app, request(pair.id(standby), { kind: 'emergency', timeoutSeconds: 60 }));
    expect(report.outcome).toBe('done');
    await app.promotion.acknowledge(report.id);
    await standby.query("INSERT INTO app.rows_written VALUES (100, 100); UPDATE app.typed SET t = 'new' WHERE id = 2");
    await source.start();
    await until(async () => (await app.fleet.refresh(oldId())).health.state === 'reachable', 30_000, 'the old primary');
    await ended(await app.failback.start({ oldId: oldId(), phrase: source.name, way: 'undo', proofMinutes: 60 }));
    const { divergence } = await app.failback.show(oldId());
    expect((await app.failback.giveUp(oldId(), divergence?.word ?? '')).stage).toBe('rejoin');
  }

  const ended = async ({ taskId }: FailbackView): Promise<TaskView | null> => (taskId === null ? null : pair.app.tasks.whenEnded(taskId));
  const stage = async (): Promise<FailbackStage> => (await pair.app.failback.show(oldId())).stage;
  const goOn = async (phrase: string | null = null): Promise<TaskView | null> => ended(await pair.app.failback.goOn(oldId(), phrase));

  async function expectRejoined(): Promise<void> {
    const { app, source, standby } = pair;
    const seen = await app.failback.show(oldId());
    expect([seen.stage, seen.stage === 'verify' ? null : seen.error]).toEqual(['verify', null]);
    await until(() => hasAllOf(source, standby), 20_000, 'the old primary to catch up');
    expect(await standby.scalar('SELECT GTID_SUBTRACT(?, @@GLOBAL.gtid_executed)', [await executed(source)])).toBe('');
    expect(await heldBy(source)).toEqual(await heldBy(standby));
    expect(await isReadOnly(source)).toBe(true);
    expect((await goOn())?.error ?? null).toBeNull();
    expect((await app.failback.show(oldId())).stage).toBe('switch-back');
  }

  test('what only it has is kept, undone and proven gone; it follows, and both hold the same', async () => {
    await burn(lost);
    const { app, source } = pair;
    const seen = await app.failback.show(oldId());
    expect([seen.way, seen.ways.find(({ way }) => way === 'undo')?.possible]).toEqual(['undo', true]);
    expect(seen.sql.map(({ sql }) => sql).join('\n')).toMatch(/RESET (MASTER|BINARY LOGS AND GTIDS)\nSET GLOBAL gtid_purged/);
    await expect(app.failback.goOn(oldId(), null)).rejects.toMatchObject({ error: { code: 'confirm-mismatch' } });
    expect((await goOn(source.name))?.error).toBeNull();
    await expectRejoined();
    const folder = join(pair.dataFolder, 'failback-kept');
    const [file = ''] = readdirSync(folder);
    const kept = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { dossier: { transactions: { total: number } }; entries: unknown[] };
    expect(kept.dossier.transactions.total).toBe(lost.length);
    expect(kept.entries.length).toBeGreaterThan(8);
    expect(readdirSync(join(pair.dataFolder, 'failback-undo'))).toEqual([]);
  });

  newest.each([
    ['ddl', ['CREATE TABLE app.late (id INT PRIMARY KEY)']],
    ['triggers', ['INSERT INTO app.fired VALUES (1)']],
    ['images', ["SET SESSION binlog_row_image = 'MINIMAL'; UPDATE app.typed SET d = 9 WHERE id = 1"]],
    ['moved', [...lost, 'SET sql_log_bin = 0; UPDATE app.keyless SET b = NULL WHERE a = 7']],
  ] as const)('it is refused before any harm: %s', async (why, alone) => {
    await burn(['INSERT INTO app.rows_written VALUES (5, 5)', ...alone]);
    const { app, source } = pair;
    const [before, sets] = [await heldBy(source), await executed(source)];
    await goOn(source.name);
    expect((await app.failback.show(oldId())).error).toMatchObject({ code: 'failback-undo-impossible', params: { why } });
    expect([await heldBy(source), await executed(source), await isReadOnly(source)]).toEqual([before, sets, true]);
    expect((await app.failback.choose(oldId(), 'copy')).way).toBe('copy');
  });

  test('rows that a foreign key changed along are put back where the log holds them, and a reason to refuse where it does not', async () => {
    await burn(['DELETE FROM app.parent WHERE id = 1']);
    await goOn(pair.source.name);
    if (series === '9.7') return expectRejoined();
    expect((await pair.app.failback.show(oldId())).error).toMatchObject({ code: 'failback-undo-impossible', params: { why: 'cascade', what: 'app.parent' } });
  });

  /** Something dies as a step runs. */
  async function dieIn(step: string, die: () => Promise<void>): Promise<string> {
    let died: Promise<void> | null = null;
    let id = '';
    pair.app.tasks.onChange((task) => {
      if (died !== null || task.kind !== 'failback' || task.steps.find((one) => one.id === step)?.state !== 'running') return;
      id = task.id;
      died = die();
    });
    await pair.app.failback.goOn(oldId(), pair.source.name).catch(() => undefined);
    await until(async () => died !== null, 20_000, `step ${step}`);
    await died;
    return id;
  }

  newest.each(['undo', 'numbers'])('the app dies in step %s: the next start goes on to the end', async (step) => {
    await burn(lost);
    const id = await dieIn(step, () => pair.crashApp());
    await pair.restartApp();
    await pair.app.tasks.resumeInterrupted(id);
    expect((await pair.app.tasks.whenEnded(id)).error).toBeNull();
    await expectRejoined();
  });

  newest('the old primary dies in the step that undoes, and the same is ordered again when it is back', () => dieAndOrderAgain('undo'));

  forgetful('it dies in the step that resets its numbers, and comes back open: the same is ordered again', () => dieAndOrderAgain('numbers'));

  /** Something happens ahead of the first statement of a form; `halts`: that statement is never sent. */
  function ahead(statement: RegExp, act: () => Promise<void>, halts: boolean): () => Promise<void> {
    let begun: Promise<void> | null = null;
    before = async (sql) => {
      if (begun !== null || !statement.test(sql)) return;
      begun = act();
      await (halts ? new Promise<never>(() => undefined) : begun);
    };
    return async () => {
      await until(async () => begun !== null, 60_000, String(statement));
      await begun;
    };
  }

  /** What the death of a process does to its connections, which in this one outlive the application: all that came by network and carry no link. */
  async function hangUp(server: TestServer): Promise<void> {
    const left = await server.query<{ id: number }>("SELECT ID AS id FROM information_schema.PROCESSLIST WHERE HOST LIKE '%:%' AND COMMAND NOT LIKE 'Binlog Dump%'");
    for (const { id } of left) await server.query(`KILL ${id}`).catch(() => undefined);
  }

  both('the app dies when the numbers are reset and not set yet: the next start sets them, and it follows', async () => {
    await burn(lost);
    const { source } = pair;
    const died = ahead(/gtid_purged\s*=/i, () => pair.crashApp(), true);
    await pair.app.failback.goOn(oldId(), source.name);
    const id = pair.app.tasks.list().find(({ kind, state }) => kind === 'failback' && state === 'running')?.id ?? '';
    await died();
    await hangUp(source);
    await hangUp(pair.standby);
    expect(await executed(source)).toBe('');
    expect(await isReadOnly(source)).toBe(true);
    await pair.restartApp();
    // A server without numbers would pass for an empty one: what is told is the task that goes on, and nothing else may run meanwhile.
    expect((await pair.app.tasks.recoverable()).map(({ task, verdict }) => [task.id, verdict])).toEqual([[id, 'can-resume']]);
    await expect(pair.app.failback.goOn(oldId(), source.name)).rejects.toMatchObject({ error: { code: 'has-task' } });
    await pair.app.tasks.resumeInterrupted(id);
    expect((await pair.app.tasks.whenEnded(id)).error).toBeNull();
    await expectRejoined();
  });

  both('the app and the old primary die there: it comes back without numbers, and they are set', async () => {
    await burn(lost);
    const { source } = pair;
    const died = ahead(/gtid_purged\s*=/i, async () => {
      await source.kill();
      await pair.crashApp();
    }, true);
    await pair.app.failback.goOn(oldId(), source.name);
    await died();
    await source.start();
    await pair.restartApp();
    const [left] = await pair.app.tasks.recoverable();
    await pair.app.tasks.resumeInterrupted(left?.task.id ?? '');
    expect((await pair.app.tasks.whenEnded(left?.task.id ?? '')).error).toBeNull();
    await expectRejoined();
  });

  both.each([
    ['before anything is undone', /^SET SESSION foreign_key_checks = 0/],
    ['within the transaction that undoes', /^(?:DELETE|UPDATE|INSERT)\b/],
    ['as the numbers are reset', /^RESET (?:MASTER|BINARY LOGS)/],
  ] as const)('its successor dies %s: the same is ordered again when that is back, and nothing is undone twice', async (_when, statement) => {
    await burn(lost);
    const { app, source, standby } = pair;
    const died = ahead(statement, () => standby.kill(), false);
    const ordered = goOn(source.name);
    await died();
    const task = await ordered;
    expect(task?.state).not.toBe('running');
    expect(await isReadOnly(source)).toBe(true);
    await standby.start();
    await until(async () => (await app.fleet.refresh(pair.id(standby))).health.state === 'reachable', 30_000, 'its successor');
    for (let tries = 0; tries < 6 && (await settled()) !== 'verify'; tries++) await again();
    await expectRejoined();
    expect(await isReadOnly(standby)).toBe(false);
  });

  async function dieAndOrderAgain(step: string): Promise<void> {
    await burn(lost);
    const { app, source } = pair;
    const id = await dieIn(step, () => source.kill());
    await source.start();
    await app.tasks.whenEnded(id);
    for (let tries = 0; tries < 6 && (await settled()) !== 'verify'; tries++) await again();
    await expectRejoined();
  }

  async function settled(): Promise<FailbackStage> {
    await until(async () => (await pair.app.fleet.refresh(oldId())).health.state === 'reachable', 30_000, 'the old primary');
    return stage();
  }

  /** What the stage asks for, as a user would order it. */
  async function again(): Promise<void> {
    const { stage: now, divergence } = await pair.app.failback.show(oldId());
    if (now === 'divergent') await pair.app.failback.giveUp(oldId(), divergence?.word ?? '');
    else if (now === 'secure' || now === 'rejoin') await goOn(pair.source.name);
    else await until(async () => (await stage()) !== 'catch-up', 30_000, 'the link');
  }
});
