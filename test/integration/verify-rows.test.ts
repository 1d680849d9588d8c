// A link compared down to the row while its source is written to, and its standby repaired.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lastProof, type VerificationResult } from '../../shared/domain/verification/result';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';
import { measured } from '../fixtures/measured';
import { copySpec } from '../fixtures/sync-spec';
import { until } from './sync-bench';

/** For how long it is compared under load, where somebody asks for more than a glance. */
const minutes = Number(process.env['ANTIPODE_VERIFY_MINUTES'] ?? 0);

eachSeries('verify-rows', (series, { superReadOnly, since57, since80 }) => {
  let source: TestServer;
  let standby: TestServer;
  let app: TestEngine;
  let stopped = false;
  let written = 0;
  let writing: Promise<void> = Promise.resolve();
  const pair = (): { sourceId: string; standbyId: string } => ({ sourceId: app.id('source'), standbyId: app.id('standby') });

  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series, durability: 'relaxed' }, standby: { series, durability: 'relaxed' } }));
    const hostile = '`we``ird \'q"`';
    await source.query(`SET NAMES utf8mb4; SET SESSION sql_mode = ''; CREATE DATABASE ${hostile}; CREATE DATABASE shop CHARACTER SET utf8mb4;
      CREATE TABLE ${hostile}.\`t ; --\` (\`k''\` VARCHAR(40) CHARACTER SET utf8mb4, n INT, \`v\\\\al\` TEXT, PRIMARY KEY (\`k''\`, n)) ENGINE = InnoDB;
      INSERT INTO ${hostile}.\`t ; --\` VALUES ('a', 1, 'x'), ('A ', 2, NULL), ('é''"\\\\', 3, ''), ('日本', -1, 'NULL');
      CREATE TABLE shop.busy (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(60), f DOUBLE, KEY (note)) ENGINE = InnoDB;
      CREATE TABLE shop.big (a INT, b VARCHAR(20) CHARACTER SET latin1, c DECIMAL(20,5), d DATETIME(6), f FLOAT, bl BLOB, e ENUM('x','y'), PRIMARY KEY (b, a), UNIQUE KEY (c)) ENGINE = InnoDB;
      CREATE TABLE shop.nokey (a INT, b VARCHAR(20), f DOUBLE) ENGINE = InnoDB;
      CREATE TABLE shop.triggered (id INT PRIMARY KEY, v INT) ENGINE = InnoDB;
      CREATE TABLE shop.parent (id INT PRIMARY KEY) ENGINE = InnoDB;
      CREATE TABLE shop.child (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES shop.parent (id) ON DELETE CASCADE) ENGINE = InnoDB;
      CREATE TABLE shop.nothing (id INT PRIMARY KEY) ENGINE = InnoDB`);
    const rows = Array.from({ length: 5000 }, (_, at) => `(${at}, 'k${at % 97}', ${at}.5, '2024-02-29 12:00:00.00000${at % 10}', ${at} / 7, REPEAT(CHAR(${at % 256}), 30), ${(at % 2) + 1})`);
    for (let at = 0; at < rows.length; at += 1000) await source.query(`INSERT INTO shop.big VALUES ${rows.slice(at, at + 1000).join(', ')}`);
    await source.query(`INSERT INTO shop.nokey VALUES (1, 'x', 0.1), (1, 'x', 0.1), (1, 'x', 0.1), (2, NULL, -0e0), (3, '', 1e-300); INSERT INTO shop.nokey SELECT a, b, f FROM shop.big;
      INSERT INTO shop.triggered VALUES (1, 1), (2, 2); INSERT INTO shop.parent VALUES (1), (2); INSERT INTO shop.child VALUES (10, 1), (20, 2)`);
    if (since57) await source.query('CREATE TABLE shop.gen (id INT PRIMARY KEY, v INT, g INT GENERATED ALWAYS AS (v * 2) STORED, w INT GENERATED ALWAYS AS (v + 1) VIRTUAL); INSERT INTO shop.gen (id, v) VALUES (1, 1), (2, 2)');
    await source.query('CREATE TRIGGER shop.trg BEFORE UPDATE ON shop.triggered FOR EACH ROW SET NEW.v = NEW.v + 100');
    app = await openTestEngine({ servers: { source, standby } });
    const { id } = await app.engine.sync.create(copySpec('link', app.id('source'), app.id('standby')), true, null);
    expect((await app.engine.sync.whenSettled(id)).state).toBe('replicating');
    const writer = await source.connect();
    writing = (async () => {
      while (!stopped) {
        await writer.query("INSERT INTO shop.busy (note, f) VALUES (UUID(), RAND())");
        await writer.query('UPDATE shop.busy SET f = f * 1.000001 ORDER BY id DESC LIMIT 5');
        if (written % 5 === 4) await writer.query('DELETE FROM shop.busy ORDER BY id LIMIT 2');
        if (written % 3 === 0) await writer.query('UPDATE shop.nokey SET f = RAND() WHERE a = 2 LIMIT 1');
        written += 1;
        await delay(20);
      }
      await writer.end();
    })();
  });
  afterAll(async () => {
    stopped = true;
    await writing;
    await app.dispose();
    await disposeServers();
  });

  /** Outside of the binary log and past read_only, as somebody with every right would. */
  const tamper = (sql: string): Promise<unknown> => standby.query(
    `${superReadOnly ? 'SET GLOBAL super_read_only = OFF; ' : ''}SET SESSION sql_log_bin = 0, foreign_key_checks = 0, sql_mode = ''; ${sql}; SET SESSION sql_log_bin = 1${superReadOnly ? '; SET GLOBAL super_read_only = ON' : ''}`,
  );
  async function compare(touchedSince: string | null = null): Promise<VerificationResult> {
    const { id } = await app.engine.verification.compare({ ...pair(), scope: null, touchedSince });
    const task = await app.engine.tasks.whenEnded(id);
    if (task.error !== null && task.error.code !== 'content-differs') throw new Error(JSON.stringify(task.error));
    await until('it is kept', async () => app.engine.verification.history().some((one) => one.id === id));
    return app.engine.verification.result(id);
  }

  /** What the one writer does not: several tables at once, much or little, some taken back, keys that move, foreign keys, a table that comes and goes. */
  async function writeMore(end: number): Promise<number> {
    const session = await source.connect();
    let deadlocks = 0;
    for (let at = 0; Date.now() < end; at++) {
      const statements = [
        `UPDATE shop.big SET f = f + 1, d = NOW(6), bl = '${at}' WHERE b = 'k${at % 97}' AND a <= ${at % 40 === 0 ? 5000 : at % 400}`,
        `UPDATE shop.big SET a = a + 100000 WHERE b = 'k${(at % 5000) % 97}' AND a = ${at % 5000}`,
        `UPDATE shop.big SET a = a - 100000 WHERE b = 'k${((at + 2500) % 5000) % 97}' AND a = ${((at + 2500) % 5000) + 100_000}`,
        `INSERT IGNORE INTO shop.parent VALUES (${100 + (at % 50)})`, `REPLACE INTO shop.child VALUES (${100 + (at % 90)}, ${100 + (at % 50)})`,
        ...(at % 7 === 0 ? [`DELETE FROM shop.parent WHERE id = ${100 + ((at * 3) % 50)}`] : []), at % 5 === 0 ? 'ROLLBACK' : 'COMMIT',
        ...(at % 500 === 100 ? ['CREATE TABLE IF NOT EXISTS shop.comes (id INT PRIMARY KEY)', 'INSERT IGNORE INTO shop.comes VALUES (1)'] : []),
        ...(at % 500 === 350 ? ['DROP TABLE IF EXISTS shop.comes'] : []),
      ];
      try {
        for (const sql of ['START TRANSACTION', ...statements]) await session.query(sql);
      } catch (thrown) {
        // Two of these get in each other's way: a deadlock, a lock that is waited for too long, a table that is gone, a parent that is.
        if (![1213, 1205, 1146, 1451, 1452].includes(Number((thrown as { readonly errno?: number }).errno))) throw thrown;
        deadlocks++;
        await session.query('ROLLBACK');
      }
      await delay(1);
    }
    await session.end();
    return deadlocks;
  }

  it.runIf(minutes > 0)(`gives no false alarm in ${minutes} minutes of all kinds of writes, compared whole and by what was written`, async () => {
    const end = Date.now() + minutes * 60_000;
    const [transactions, loads] = [await source.query("SHOW GLOBAL STATUS LIKE 'Com_commit'"), [writeMore(end), writeMore(end)]];
    const results: VerificationResult[] = [];
    while (Date.now() < end) {
      const since = results.at(-1)?.gtidSet ?? '';
      const one = await compare(results.length % 3 === 2 && since !== '' ? since : null);
      results.push(one);
      expect([one.equal, one.tables.filter(({ state }) => state !== 'equal'), one.rows.slice(0, 5)]).toEqual([true, [], []]);
    }
    const deadlocks = await Promise.all(loads);
    const pauses = results.map(({ pauseMs }) => pauseMs).sort((a, b) => a - b);
    measured(
      `${results.length} comparisons in ${minutes} minutes, MySQL ${series}, ${results.filter(({ touchedSince }) => touchedSince !== null).length} of them by what was written: all equal`,
      `rows compared ${results.reduce((sum, { rowCount }) => sum + rowCount, 0)}; ${written} rounds of the one writer; taken back for each other ${deadlocks.join(', ')}; commits before ${JSON.stringify(transactions)}, after ${JSON.stringify(await source.query("SHOW GLOBAL STATUS LIKE 'Com_commit'"))}`,
      `the applier was held ${pauses[Math.floor(pauses.length / 2)]} ms in the median, ${pauses.at(-1)} ms at most; methods ${JSON.stringify([...new Set(results.map(({ method }) => method))])}`,
    );
  }, minutes * 60_000 + 120_000);

  it('is equal at one position, while it is written to, with nothing written on the source and the applier held for a moment', async () => {
    const ownTables = (): Promise<unknown[]> => source.query("SELECT TABLE_NAME AS n FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'antipode'");
    const ownBefore = await ownTables();
    const before = written;
    const results: VerificationResult[] = [];
    while (results.length < 4 || written < before + 200) results.push(await compare());
    expect(results.map(({ equal, method, tables }) => [equal, method, tables.filter(({ state }) => state !== 'equal')])).toEqual(results.map(() => [true, 'position', []]));
    for (const { pauseMs } of results) expect(pauseMs).toBeLessThan(5000);
    expect(lastProof(app.engine.verification.history(), { ...pair(), scope: '*' })).toMatchObject({ gtidSet: results.at(-1)?.gtidSet });
    expect(app.engine.sync.forStandby(app.id('standby'))?.verified).toMatchObject({ gtidSet: results.at(-1)?.gtidSet });
    expect(await ownTables()).toEqual(ownBefore);
  });

  // Where nothing holds DDL back while the catalogues are read.
  it.runIf(!since80)('is equal while tables come and go', async () => {
    const ddl = await source.connect();
    let isOver = false;
    const coming = (async () => {
      while (!isOver) {
        await ddl.query('CREATE TABLE shop.staging (id INT PRIMARY KEY)');
        await delay(150);
        await ddl.query('DROP TABLE shop.staging');
        await delay(500);
      }
      await ddl.end();
    })();
    const results: VerificationResult[] = [];
    try {
      while (results.length < 10) results.push(await compare());
    } finally {
      isOver = true;
      await coming;
    }
    expect(results.map(({ equal, tables }) => [equal, tables.filter(({ state }) => state !== 'equal')])).toEqual(results.map(() => [true, []]));
  }, 120_000);

  // Where no other lock than the one that waits for readings is there, and before it is asked for.
  it.runIf(series === '5.7')('lets the applier go on while a long reading on the source is waited for', async () => {
    const reader = await source.connect();
    const reading = reader.query('SELECT SLEEP(7) FROM shop.parent LIMIT 1');
    await until('the reading runs for long', async () => Number(await source.scalar("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP(7)%' AND TIME >= 3")) === 1);
    const { equal, pauseMs, ms } = await compare();
    await reading;
    await reader.end();
    expect([equal, pauseMs < 1500, ms > 2000], `${pauseMs} of ${ms} ms`).toEqual([true, true, true]);
  });

  it('names every row that differs, and repairs all but what a trigger would spoil', async () => {
    await tamper(`UPDATE shop.big SET c = -c WHERE a IN (10, 11); UPDATE shop.big SET c = 10.5 WHERE a = 11; UPDATE shop.big SET c = 11.5 WHERE a = 10;
      UPDATE shop.big SET b = UPPER(b) WHERE a = 4000; DELETE FROM shop.big WHERE a = 77; INSERT INTO shop.big VALUES (9999, 'only here', 9999, NOW(), 1, X'00', 'x');
      UPDATE shop.big SET bl = X'5C27', e = 2, f = -0e0, d = '0000-00-00' WHERE a = 500; DELETE FROM shop.nokey WHERE a = 1 AND b = 'x' LIMIT 2;
      UPDATE shop.triggered SET v = 5 WHERE id = 1; DELETE FROM shop.parent WHERE id = 1; DELETE FROM shop.child WHERE id = 20;
      UPDATE \`we\`\`ird 'q"\`.\`t ; --\` SET \`v\\\\al\` = 'other' WHERE n = 3${since57 ? '; UPDATE shop.gen SET v = 7 WHERE id = 2' : ''}`);
    const found = await compare();
    expect(found.equal).toBe(false);
    const of = (table: string): string[] => found.rows.filter((row) => row.table === table).map(({ kind, key, columns, copies }) => `${kind} ${Object.values(key).join(' ')} ${kind === 'changed' ? columns.join(',') : copies}`).sort();
    expect(of('big')).toEqual(['changed 10 k10 c', 'changed 11 k11 c', 'changed 500 k15 d,f,bl,e', 'extra 4000 K23 1', 'extra 9999 only here 1', 'missing 4000 k23 1', 'missing 77 k77 1'].sort());
    expect(of('nokey')).toEqual(['missing  2']);
    expect(of('t ; --')).toEqual(['changed é\'"\\ 3 v\\\\al']);
    expect(of('triggered')).toEqual(['changed 1 v']);
    expect(found.tables.find(({ table }) => table === 'busy')?.state).toBe('equal');
    expect(app.engine.sync.forStandby(app.id('standby'))?.verified).toBeNull();
    expect(app.engine.verification.proof(pair().sourceId, pair().standbyId)).toBeNull();

    const plan = await app.engine.verification.planRepair(found.id);
    expect(plan.left).toEqual([{ database: 'shop', table: 'triggered', rows: 1, reason: 'trigger' }]);
    await expect(app.engine.verification.repair(plan.id, 'source')).rejects.toMatchObject({ error: { code: 'confirm-mismatch' } });
    const { taskId } = await app.engine.verification.repair(plan.id, 'standby');
    const done = await app.engine.tasks.whenEnded(taskId);
    expect(done.error, JSON.stringify(done.log)).toBeNull();
    const ran = done.steps[0]?.sql.map(({ sql }) => sql) ?? [];
    // The window is closed whatever becomes of the step, and not by it: that is seen on the server below.
    expect(plan.sql.map(({ sql }) => sql).filter((sql) => !ran.includes(sql) && sql !== 'SET GLOBAL super_read_only = ON')).toEqual([]);
    expect((await compare()).rows.map(({ table }) => table)).toEqual(['triggered']);
    // Its binary log is its source's: a repair is no transaction of its own, and it is read-only again.
    // The standby is read first: its source goes on.
    const executed = await standby.scalar<string>('SELECT @@GLOBAL.gtid_executed');
    expect(await source.scalar('SELECT GTID_SUBTRACT(?, @@GLOBAL.gtid_executed)', [executed])).toBe('');
    if (superReadOnly) expect(Number(await standby.scalar('SELECT @@GLOBAL.super_read_only'))).toBe(1);
    // A trigger on one side only is a difference of its own: it goes on both.
    await source.query('DROP TRIGGER shop.trg');
    await until('the trigger to go', async () => (await standby.query("SELECT 1 FROM information_schema.TRIGGERS WHERE TRIGGER_NAME = 'trg'")).length === 0);
    await tamper('UPDATE shop.triggered SET v = 1 WHERE id = 1');
    expect((await compare()).equal).toBe(true);
  });

  it('meets its position past a transaction of the standby\'s own, and names that', async () => {
    await standby.query(`${superReadOnly ? 'SET GLOBAL super_read_only = OFF; ' : ''}INSERT INTO shop.nothing VALUES (1)${superReadOnly ? '; SET GLOBAL super_read_only = ON' : ''}`);
    const found = await compare();
    expect(found).toMatchObject({ equal: false, method: 'position' });
    expect(found.errant).toMatch(/:1$/);
    expect(found.rows).toMatchObject([{ table: 'nothing', kind: 'extra', key: { id: '1' } }]);
    await tamper('DELETE FROM shop.nothing');
    expect((await compare()).equal).toBe(true);
  });

  /** The standby is read first: its source goes on. */
  const errantOf = async (): Promise<string> =>
    String(await source.scalar('SELECT GTID_SUBTRACT(?, @@GLOBAL.gtid_executed)', [await standby.scalar<string>('SELECT @@GLOBAL.gtid_executed')]));

  it('copies a table that differs wholesale again by itself, also over the death of the app, and leaves all others', async () => {
    await tamper('UPDATE shop.big SET f = f + 1, bl = NULL; UPDATE shop.nokey SET f = 2 WHERE a > 2; INSERT INTO shop.nothing VALUES (7)');
    const found = await compare();
    expect(found.rows.filter(({ table }) => table === 'nothing')).toHaveLength(1);
    const plan = await app.engine.verification.planRepair(found.id);
    expect([plan.left, plan.rows, plan.reseeded.map(({ table }) => table).sort()]).toEqual([[], 1, ['big', 'nokey']]);
    expect(plan.sql.some(({ sql }) => sql.includes('`big`'))).toBe(false);
    const own = await errantOf();
    const { taskId } = await app.engine.verification.repair(plan.id, 'standby');
    // Until the first statement ran, those of the plan are shown.
    const ran = (wanted: RegExp): boolean => (app.engine.tasks.get(taskId).steps[0]?.sql ?? []).some(({ sql }) => wanted.test(sql));
    await until('the rows go', async () => ran(/^STOP (?:REPLICA|SLAVE)/) && ran(/^DELETE FROM `shop`.`big`/));
    await app.crash();
    // The server takes back what nobody committed.
    const isTakenBack = async (): Promise<boolean> => {
      // The server shows what it showed last to who asks more often than every 100 ms.
      await delay(200);
      return (await standby.query("SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_state = 'ROLLING BACK'")).length === 0;
    };
    await until('it is taken back', isTakenBack);
    await app.reopen();
    if ((await app.engine.tasks.recoverable()).some(({ task }) => task.id === taskId)) await app.engine.tasks.resumeInterrupted(taskId);
    const done = await app.engine.tasks.whenEnded(taskId);
    expect(done.error, JSON.stringify([done.error, done.log])).toBeNull();
    expect(app.engine.verification.result(taskId).tables.map(({ table, state }) => [table, state]).sort()).toEqual(['big', 'nokey', 'nothing'].map((table) => [table, 'equal']));
    if (superReadOnly) expect(Number(await standby.scalar('SELECT @@GLOBAL.super_read_only'))).toBe(1);
    expect(await errantOf()).toBe(own);
    expect((await compare()).equal).toBe(true);
  });

  it('says what it cannot compare, and compares the rest', async () => {
    await tamper('RENAME TABLE shop.parent TO shop.elsewhere; ALTER TABLE shop.triggered ADD COLUMN more INT');
    const states = (await compare()).tables.filter(({ state }) => state !== 'equal').map(({ table, state, note }) => `${table} ${state} ${note ?? ''}`.trim());
    expect(states).toEqual(expect.arrayContaining(['parent absent-standby', 'elsewhere absent-source', expect.stringMatching(/^triggered structure more: – \/ int/)]));
    await tamper('RENAME TABLE shop.elsewhere TO shop.parent; ALTER TABLE shop.triggered DROP COLUMN more');
  });

  it('compares a part alone, and does not take that for the whole', async () => {
    const scope = { kind: 'partial', databases: [{ database: 'shop', tables: ['big'] }] } as const;
    const { id } = await app.engine.verification.compare({ ...pair(), scope, touchedSince: null });
    await app.engine.tasks.whenEnded(id);
    expect(app.engine.verification.result(id).tables.map(({ table }) => table)).toEqual(['big']);
    expect(app.engine.verification.proof(pair().sourceId, pair().standbyId)).toBeNull();
    expect((await compare()).equal).toBe(true);
  });

  it('goes on after the app died in the middle, with the applier running again', async () => {
    const { id } = await app.engine.verification.compare({ ...pair(), scope: null, touchedSince: null });
    await until('it has begun', async () => app.engine.tasks.get(id).steps.some(({ state }) => state === 'running'));
    await app.crash();
    await app.reopen();
    const left = (await app.engine.tasks.recoverable()).find(({ task }) => task.id === id);
    if (left !== undefined) await app.engine.verification.resume(id);
    expect((await app.engine.tasks.whenEnded(id)).state).toBe('done');
    expect(app.engine.verification.result(id).equal).toBe(true);
    const count = Number(await source.scalar('SELECT MAX(id) FROM shop.busy'));
    await until('the standby follows', async () => Number(await standby.scalar('SELECT MAX(id) FROM shop.busy')) >= count);
  });
});
