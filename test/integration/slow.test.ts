// Statements that are known to have run, against what the list says of them: on every series, over a restart, without rights, switched off.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { SlowStatement, SlowView } from '../../shared/domain/slow/report';
import { SlowQueries } from '../../electron/monitoring/slow/service';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openTerminal } from '../fixtures/terminal';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';

eachSeries('slow', (series, _traits, { makeAccount }) => {
  let server: TestServer;
  let app: TestEngine;
  let folder: string;
  let slow: SlowQueries;
  let id: string;
  beforeAll(async () => {
    // Off by default on 5.6 as the tests start it.
    ({ server } = await startServers({ server: { series, durability: 'relaxed', args: ['--performance-schema=ON', '--performance-schema-digests-size=200'] } }));
    await server.query('CREATE DATABASE `od``d`; CREATE TABLE `od``d`.t (id INT PRIMARY KEY, a VARCHAR(20)); CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY, a VARCHAR(20))');
    await server.query("INSERT INTO d.t VALUES (1, 'x'), (2, 'y'), (3, 'z')");
    app = await openTestEngine({ servers: { server } });
    id = app.id('server');
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'antipode-slow-'));
    slow = new SlowQueries({ dataFolder: folder, fleet: app.engine.fleet, clock: Date.now, isOpen: () => false });
  });
  afterEach(async () => {
    await slow.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterAll(async () => {
    await app?.dispose();
    await disposeServers();
  });

  const look = (minutes: number | null = 60): Promise<SlowView> => slow.view({ id, minutes, back: null });
  const find = ({ report }: SlowView, part: string): SlowStatement | undefined => report?.statements.find(({ text }) => text.includes(part));

  it('tells how often each statement ran in the interval, how long it took, what it read, and which used no index', async () => {
    await server.query("SELECT a FROM d.t WHERE a = 'before'");
    const first = await look();
    expect(first.report?.interval.begins).toBe('start');
    for (let run = 0; run < 20; run += 1) await server.query(`SELECT a FROM d.t WHERE id IN (${Array.from({ length: 1 + (run % 3) }, (_one, at) => at + 1).join(', ')}) AND SLEEP(0.02) = 0`);
    for (let run = 0; run < 7; run += 1) await server.query("SELECT a FROM d.t WHERE a = 'nobody'");
    await server.query('SELECT nothing FROM d.t').catch(() => undefined);
    const view = await look();
    expect(view.report?.interval).toMatchObject({ from: first.report?.interval.to, begins: 'snapshot' });
    const sleeping = find(view, 'SLEEP');
    expect(sleeping).toMatchObject({ count: 20, text: 'SELECT a FROM d.t WHERE id IN (?) AND SLEEP(?) = ?', rowsSent: 39, noIndex: 0, housekeeping: false });
    expect(sleeping?.average).toBeGreaterThan(20_000);
    expect(sleeping?.share).toBeGreaterThan(0.5);
    if (isAtLeast(series, [8, 0, 3])) expect(sleeping?.p95).toBeGreaterThanOrEqual(60_000);
    else expect(sleeping?.p95).toBeNull();
    // What ran before the interval does not count.
    expect(find(view, 'WHERE a = ?')).toMatchObject({ count: 7, rowsExamined: 21, rowsSent: 0, noIndex: 7 });
    expect(find(view, 'performance_schema')?.housekeeping).toBe(true);
    expect(view.report?.statements.reduce((sum, { share }) => sum + share, 0)).toBeLessThanOrEqual(1.0001);
  });

  it('shows what it read where the data folder takes nothing, and says so', async () => {
    // A file stands where the folder has to be.
    writeFileSync(join(folder, 'slow'), '');
    await server.query('SELECT a FROM d.t WHERE id = 3');
    const view = await look();
    expect(view.unwatched.map(({ cause }) => cause)).toContain('storage');
    expect(find(view, 'WHERE id = ?')?.count).toBeGreaterThan(0);
  });

  it('begins anew after a restart', async () => {
    await look();
    await server.restart();
    await server.query("SELECT a FROM d.t WHERE id = 2");
    const view = await look();
    expect(view.report?.interval.begins).toBe('restart');
    expect(find(view, 'WHERE id = ?')?.count).toBe(1);
  });

  it('explains what was seen without running it, with its literals only where they are asked for, and nothing that writes', async () => {
    const session = await server.connect({ user: 'root', database: 'd' });
    await session.query("SELECT t.a, (SELECT MAX(id) FROM d.t) FROM t JOIN d.t o USING (id) WHERE o.a = 'secret-1' ORDER BY t.a");
    await session.query("UPDATE t SET a = 'secret-2' WHERE id = 99");
    const view = await look(null);
    const [read, write] = [find(view, 'JOIN'), find(view, 'UPDATE t SET')];
    const ask = (one: SlowStatement | undefined, literals: boolean) => slow.explain({ id, digest: one?.digest ?? '', database: one?.database ?? '', literals });
    const explained = await ask(read, false);
    // It runs parts of a statement to explain it.
    if (series === '5.6') expect(explained).toMatchObject({ plan: null, without: explained.sample === null ? 'no-sample' : 'derived' });
    else {
      expect(explained).toMatchObject({ without: null, plan: { kind: 'block' } });
      expect(JSON.stringify(explained.plan)).toContain('"kind":"sort"');
      expect(JSON.stringify(explained)).not.toContain('secret-1');
      expect(explained.sample).toMatch(/o\.a = \? ORDER/);
      expect((await ask(read, true)).sample).toContain("'secret-1'");
    }
    const writes = await ask(write, false);
    expect([writes.plan, writes.without]).toEqual([null, writes.sample === null ? 'no-sample' : 'other']);
    await session.end();
  });

  it('never explains what may call a stored function, by itself or in a view: a server runs it, with our rights', async () => {
    await server.query('SET GLOBAL log_bin_trust_function_creators = 1, GLOBAL max_connections = 151');
    await server.query('CREATE FUNCTION d.evil() RETURNS INT DETERMINISTIC SQL SECURITY INVOKER BEGIN SET GLOBAL max_connections = 77; RETURN 1; END');
    await server.query('CREATE VIEW d.hides AS SELECT id FROM d.t WHERE id = d.evil()');
    const session = await server.connect({ user: 'root', database: 'd' });
    try {
      for (const sql of ['SELECT a FROM t WHERE id = `d`.`Evil`()', 'SELECT x FROM (SELECT evil() x) y', 'SELECT id FROM hides ORDER BY id']) await session.query(sql);
      await server.query('SET GLOBAL max_connections = 151');
      const view = await look(null);
      const called = (view.report?.statements ?? []).filter(({ text, database }) => database === 'd' && /^SELECT.*(?:evil|hides)/i.test(text));
      expect(called.map(({ text }) => text)).toHaveLength(3);
      for (const { digest, database } of called) {
        const explained = await slow.explain({ id, digest, database, literals: true });
        expect([explained.plan, explained.without]).toEqual([null, explained.sample === null ? 'no-sample' : series === '5.6' ? 'derived' : 'function']);
      }
      expect(Number(await server.scalar('SELECT @@GLOBAL.max_connections'))).toBe(151);
    } finally {
      await session.end();
      await server.query('DROP VIEW d.hides; DROP FUNCTION d.evil; SET GLOBAL max_connections = 151');
    }
  });

  it('says what a login lacks with the very GRANT, and what is switched off with what turns it on', async () => {
    await server.query(makeAccount("'blind'@'%'", 'Pw-blind-1', 'SELECT ON d.*'));
    const other = await openTestEngine({ servers: { blind: { ...server, user: 'blind', password: 'Pw-blind-1' } } });
    const blind = new SlowQueries({ dataFolder: folder, fleet: other.engine.fleet, clock: Date.now, isOpen: () => false });
    try {
      const view = await blind.view({ id: other.id('blind'), minutes: 60, back: null });
      expect(view.report).toBeNull();
      expect(view.unwatched).toEqual([{ cause: 'rights', severity: 'blocks', cure: "GRANT SELECT ON performance_schema.* TO 'blind'@'%';" }]);
      await server.query(view.unwatched[0]?.cure ?? '');
      expect((await blind.view({ id: other.id('blind'), minutes: 60, back: null })).report).not.toBeNull();
    } finally {
      await blind.close();
      await other.dispose();
    }
    await server.query("UPDATE performance_schema.setup_consumers SET ENABLED = 'NO' WHERE NAME = 'statements_digest'");
    const off = await look();
    expect([off.report, off.unwatched.map(({ cause }) => cause)]).toEqual([null, expect.arrayContaining(['digests'])]);
    await server.query(off.unwatched[0]?.cure ?? '');
    expect((await look()).report).not.toBeNull();
  });

  it('is printed by the terminal, as lines and as an object', async () => {
    const terminal = openTerminal();
    try {
      await terminal.register('server', 'Guangzhou', server);
      const load = async (): Promise<void> => {
        for (let run = 0; run < 9; run += 1) await server.query(`SELECT COUNT(*) FROM d.t WHERE a = 'x${run}' HAVING COUNT(*) > 5`);
      };
      await load();
      const answer = await terminal.run('slow', 'server', '--top', '50');
      expect(answer).toMatchObject({ code: 0, json: { ok: true, report: { interval: { begins: 'start' } } } });
      expect(answer.json.report?.statements).toContainEqual(expect.objectContaining({ text: 'SELECT COUNT(*) FROM d.t WHERE a = ? HAVING COUNT(*) > ?', count: 9 }));
      expect(answer.json.report?.statements.some(({ housekeeping }) => housekeeping)).toBe(false);
      await load();
      const text = await terminal.text('slow', 'server', '--since', '1h', '--compare-with', '1d');
      expect([text.code, text.stdout]).toEqual([0, expect.stringContaining('SELECT COUNT(*) FROM d.t WHERE a = ? HAVING COUNT(*) > ?')]);
      expect(text.stdout).toContain('No snapshots are kept of that time.');
      expect((await terminal.run('slow', 'server', '--since', 'yesterday')).code).toBe(2);
      expect(await terminal.run('slow', 'server', '--compare-with', '1d')).toMatchObject({ code: 2, json: { error: { params: { field: '--compare-with' } } } });
    } finally {
      terminal.dispose();
    }
  });

  it('warns of a table of digests that is nearly full, tells the time without a digest, and truncates nothing', async () => {
    await look();
    for (let kind = 0; kind < 220; kind += 1) await server.query(`SELECT ${Array.from({ length: 1 + kind }, (_one, at) => `c${kind}_${at % 7}`).join(' + ')} FROM (SELECT 1) x`).catch(() => undefined);
    const view = await look();
    expect(view.report?.nearlyFull).toBe(true);
    expect(view.report?.unattributed).toBeGreaterThan(0);
    expect(Number(await server.scalar('SELECT COUNT(*) FROM performance_schema.events_statements_summary_by_digest'))).toBeGreaterThanOrEqual(200);
    await server.query('TRUNCATE performance_schema.events_statements_summary_by_digest');
    expect((await look()).report?.interval.begins).toBe('restart');
  });
});
