import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';

import type { LiveSession } from '../../electron/mysql/session/session';
import type { Statement } from '../../electron/mysql/types';
import { asked, fillFilterGaps } from '../../electron/replication/filter-gaps';
import type { LeftOutRecord } from '../../electron/replication/left-out';
import { passOutsideStatement } from '../../electron/replication/outside-statements';
import type { Another } from '../../electron/replication/read-only';
import { linkStatus } from '../../electron/replication/status';
import { settleLeftOut } from '../../electron/sync/left-out';
import { carryRights } from '../../electron/sync/rights-due';
import { parseGtidSet, type GtidSet } from '../../shared/domain/gtid/set';
import { isSameObject, withLeftOut, type LeftOut, type PassedStatement, type RefusedRights } from '../../shared/domain/scope/left-out';
import type { NamedObject } from '../../shared/domain/scope/named-objects';
import { decode, open } from '../fixtures/binlog-reading';
import { eachSeries } from '../fixtures/matrix';
import { follow } from '../fixtures/replication';
import { copySpec } from '../fixtures/sync-spec';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { until } from './sync-bench';

/** One thing that stands on the source alone, and is known to be left out. */
const of = (kind: NamedObject['kind'], name: string, database = 'shop'): LeftOut => ({ kind, database, name, why: 'for the test', at: 1 });

eachSeries('sync-left-out', (series, { since57, since80 }, { replica, setReadOnly }) => {
  let source: TestServer;
  let standby: TestServer;
  let session: LiveSession;
  let known: readonly LeftOut[] = [];
  let passed: Omit<PassedStatement, 'at'>[] = [];
  let due: readonly NamedObject[] = [];
  let refused: readonly RefusedRights[] = [];
  let waiting: readonly string[] = [];
  let revoked: string[] = [];
  const record: LeftOutRecord = {
    list: () => known,
    copied: () => undefined,
    passed: (one, gone, added) => {
      passed.push(one);
      known = withLeftOut(known, added.map((object) => ({ ...object, why: null, at: 2 })), gone);
    },
    settled: () => undefined,
    revoked: (object, accounts) => {
      due = [...due.filter((one) => !isSameObject(one, object)), object];
      revoked.push(...accounts.map(({ name }) => name));
    },
    isRevoked: (_object, { name }) => revoked.includes(name),
    rightsWait: (objects) => { waiting = objects.map(({ name }) => name); },
    due: () => due,
    refusedRights: () => refused,
    rightsEqual: (objects) => { due = due.filter((one) => !objects.some((other) => isSameObject(one, other))); },
    rightsRefused: (more) => { refused = [...refused, ...more]; },
  };
  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series }, standby: { series } }));
    await source.query("CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY); CREATE VIEW shop.there AS SELECT id FROM shop.t; CREATE USER 'kept'@'%'");
    await follow(standby, source);
    session = await open(standby)();
  });
  afterAll(async () => {
    session.destroy();
    await disposeServers();
  });
  afterEach(() => {
    known = [];
    passed = [];
    due = [];
    refused = [];
    waiting = [];
    revoked = [];
  });

  /** What only the source has. */
  const onlyThere = (sql: string): Promise<unknown> => source.query(`SET sql_log_bin = 0; ${sql}; SET sql_log_bin = 1`);
  const logged = (gtid: string) => decode(source, gtid);
  const another: Another = async (use) => {
    const fresh = await open(standby)();
    return use(fresh).finally(() => { fresh.destroy(); });
  };
  /** Lets the standby go on until it has everything; the number of the error at which it stays; 0: it has all. */
  const settle = async (): Promise<number> => {
    const executed = await source.scalar('SELECT @@GLOBAL.gtid_executed');
    let stays = 0;
    await until('the standby has everything, or stays where it is', async () => {
      if ((await standby.scalar<number>('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)', [executed])) === 1) return true;
      const status = await linkStatus(session);
      if (status === null || status.applierRuns || status.applierErrno === 0) return false;
      const done = await passOutsideStatement(session, { scope: { kind: 'instance' }, leftOut: record, logged, another }, (statement) => session.run(statement));
      if (done === null) stays = status.applierErrno;
      return done === null;
    });
    return stays;
  };
  /** Goes past a stop, as a hand would. */
  const byHand = async (sql: string): Promise<void> => {
    await standby.query(`SET GLOBAL read_only = OFF; SET sql_log_bin = 0; ${sql}; SET sql_log_bin = 1; ${setReadOnly}; START ${replica}`);
    expect(await settle()).toBe(0);
  };

  // Before 8.0 the applier itself does what it can of a DROP.
  if (since80) it('a standby is closed again where the session is lost that drops what is in scope of a DROP', async () => {
    await onlyThere('CREATE DATABASE other; CREATE TABLE other.gone (id INT PRIMARY KEY)');
    await source.query('CREATE TABLE shop.part (id INT PRIMARY KEY); DROP TABLE shop.part, other.gone');
    await until('the applier stops', async () => (await linkStatus(session))?.applierErrno === 1051);
    const link = { scope: { kind: 'partial', databases: [{ database: 'shop', tables: null }] } as const, leftOut: record, logged, another };
    await standby.query(setReadOnly);
    const torn = await open(standby)();
    await expect(passOutsideStatement(torn, link, async (statement) => {
      if (statement.sql.startsWith('DROP')) await standby.query(`KILL ${String(torn.connectionId)}`);
      return torn.run(statement);
    })).rejects.toMatchObject({ error: { code: 'connection-lost' } });
    expect(await standby.scalar('SELECT @@GLOBAL.super_read_only')).toBe(1);
    expect(await passOutsideStatement(session, link, (statement) => session.run(statement))).toMatchObject({ database: 'shop', name: 'part' });
    expect(await settle()).toBe(0);
    expect(await standby.query("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = 'part'")).toEqual([]);
  });

  it.each([
    ['a view', 'CREATE VIEW shop.v AS SELECT 1 AS one', [of('TABLE', 'v')], ['DROP VIEW shop.v']],
    ['a view that is changed', 'CREATE VIEW shop.v AS SELECT 1 AS one', [of('TABLE', 'v')], ["ALTER VIEW shop.v AS SELECT 2 AS two", 'GRANT SELECT ON shop.v TO kept', 'RENAME TABLE shop.v TO shop.w', 'DROP VIEW IF EXISTS shop.w']],
    ['a table', 'CREATE TABLE shop.gone (id INT PRIMARY KEY)', [of('TABLE', 'gone')], ['INSERT INTO shop.gone VALUES (1), (2)', 'ALTER TABLE shop.gone ADD COLUMN more INT', 'CREATE INDEX by_more ON shop.gone (more)', 'TRUNCATE shop.gone', 'DROP TABLE shop.gone']],
    ['a table that gets another name', 'CREATE TABLE shop.gone (id INT PRIMARY KEY)', [of('TABLE', 'gone')], ['ALTER TABLE shop.gone ADD COLUMN n INT, RENAME TO shop.went', 'INSERT INTO shop.went VALUES (1, 1)', 'RENAME TABLE shop.went TO shop.gone', 'DROP TABLE shop.gone']],
    ['a table of the schema mysql', 'CREATE TABLE mysql.mine (id INT PRIMARY KEY)', [of('TABLE', 'mine', 'mysql')], ['INSERT INTO mysql.mine VALUES (1)', 'UPDATE mysql.mine SET id = 2', 'DROP TABLE mysql.mine']],
    ['a procedure', 'CREATE PROCEDURE shop.p () SELECT 1', [of('PROCEDURE', 'P')], ["ALTER PROCEDURE shop.p COMMENT 'x'", 'GRANT EXECUTE ON PROCEDURE shop.p TO kept', 'DROP PROCEDURE shop.p']],
    ['a function', 'CREATE FUNCTION shop.f () RETURNS INT DETERMINISTIC RETURN 1', [of('FUNCTION', 'f')], ['USE shop; DROP FUNCTION f']],
    ['a trigger', 'CREATE TRIGGER shop.tr BEFORE INSERT ON shop.t FOR EACH ROW SET NEW.id = NEW.id', [of('TRIGGER', 'tr')], ['DROP TRIGGER shop.tr']],
    ['an event', 'CREATE EVENT shop.e ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1', [of('EVENT', 'e')], ["ALTER EVENT shop.e COMMENT 'x'", 'ALTER EVENT shop.e RENAME TO shop.e2', 'DROP EVENT shop.e2']],
    ['an account', "CREATE USER 'gone'@'10.%'", [of('ACCOUNT', 'gone@10.%', '')], ["GRANT SELECT ON shop.* TO 'gone'@'10.%'", "SET PASSWORD FOR 'gone'@'10.%' = PASSWORD('x')", "REVOKE SELECT ON shop.* FROM 'gone'@'10.%'", "RENAME USER 'gone'@'10.%' TO 'went'@'10.%'", "DROP USER 'went'@'10.%'"]],
  ])('statements on %s that was left out are passed over, and recorded', async (_what, made, left, statements) => {
    await onlyThere(made);
    known = left;
    for (const statement of statements) {
      await source.query(since80 ? statement.replace("PASSWORD('x')", "'x'") : statement).catch((thrown: unknown) => {
        throw new Error(`${statement}: ${String(thrown)}`);
      });
      await source.query('REPLACE INTO shop.t VALUES (1)');
      expect(await settle(), statement).toBe(0);
    }
    // A trigger that is not there is no error to an applier, and GRANT made accounts before 5.7.
    if (left.every(({ kind }) => kind !== 'TRIGGER' && (since57 || kind !== 'ACCOUNT'))) expect(passed.length).toBeGreaterThan(0);
    expect(passed.every(({ inPart }) => !inPart)).toBe(true);
    expect(known.filter(({ kind, name }) => kind !== 'TRIGGER' && name !== 'w' && (since57 || kind !== 'ACCOUNT'))).toEqual([]);
  });

  if (!since80) {
    it('rights for an account that was left out make none, or one that nobody can use until its login comes', async () => {
      const make = "CREATE USER 'gone'@'10.%' IDENTIFIED BY 'right'";
      await onlyThere(make);
      known = [of('ACCOUNT', 'gone@10.%', '')];
      await source.query("SET sql_mode = 'NO_AUTO_CREATE_USER'; GRANT SELECT ON shop.t TO 'gone'@'10.%'; GRANT SELECT ON shop.* TO 'gone'@'10.%', 'kept'@'%'; SET sql_mode = DEFAULT");
      expect(await settle()).toBe(0);
      expect(passed.map(({ inPart }) => inPart)).toEqual([false, true]);
      expect(JSON.stringify(await standby.query("SHOW GRANTS FOR 'kept'@'%'"))).toContain('`shop`.*');

      const lines: string[] = [];
      const deps = {
        fleet: { withSession: <Result>(id: string, use: (one: LiveSession) => Promise<Result>): Promise<Result> => open(id === 'source' ? source : standby)().then(async (one) => use(one).finally(() => one.destroy())) },
        audit: { append: ({ action, outcome }: { action: string; outcome: string }) => { lines.push(`${action} ${outcome}`); } },
      };
      const settled: string[] = [];
      const spec = copySpec('n', 'source', 'standby');
      const look = (): Promise<void> => settleLeftOut(deps, spec, { ...record, settled: (objects) => { settled.push(...objects.map(({ name }) => name)); } });
      const secret = since57 ? 'authentication_string' : 'Password';
      const secretOf = (server: TestServer): Promise<string | undefined> => server.scalar<string>(`SELECT ${secret} FROM mysql.user WHERE User = 'gone'`);
      await source.query("SET sql_mode = ''; GRANT SELECT ON shop.t TO 'gone'@'10.%'; SET sql_mode = DEFAULT");
      expect(await settle()).toBe(0);
      expect(await secretOf(standby)).toBe('');
      const executed = await standby.scalar('SELECT @@GLOBAL.gtid_executed');
      await look();
      expect(lines).toEqual(['sync.close-account begun', 'sync.close-account done']);
      expect(await secretOf(standby)).not.toBe('');
      expect(await standby.scalar('SELECT @@GLOBAL.gtid_executed')).toBe(executed);
      await look();
      expect([settled, lines.length]).toEqual([[], 2]);
      await source.query("SET PASSWORD FOR 'gone'@'10.%' = PASSWORD('new')");
      expect(await settle()).toBe(0);
      expect(await secretOf(standby)).toBe(await secretOf(source));
      await look();
      expect(settled).toEqual(['gone@10.%']);
      await source.query("DROP USER 'gone'@'10.%'");
      expect(await settle()).toBe(0);
    });
  }

  it('rights given while it was not there come once it is, and to take what was never given is nothing', async () => {
    const connect = (id: string) => open(id === 'source' ? source : standby)();
    const lines: string[] = [];
    const deps: Parameters<typeof carryRights>[0] = {
      fleet: {
        withSession: (id, use) => connect(id).then(async (one) => use(one).finally(() => one.destroy())), connect, instance: (name) => ({ name }),
      },
      audit: { append: ({ action, outcome }) => void lines.push(`${action} ${outcome}`) }, clock: () => 0, isSettled: () => true,
    };
    const carry = () => carryRights(deps, copySpec('n', 'source', 'standby'), record);
    const rights = async (server: TestServer): Promise<readonly string[]> => {
      const rows = await server.query<{ r: string }>("SELECT CONCAT(Table_name, ' ', Table_priv, Column_priv) AS r FROM mysql.tables_priv WHERE User = 'kept' ORDER BY 1");
      return rows.map(({ r }) => r);
    };
    await onlyThere('CREATE VIEW shop.v AS SELECT 1 AS one; CREATE VIEW shop.w AS SELECT 1 AS one');
    known = [of('TABLE', 'v'), of('TABLE', 'w')];
    await source.query("GRANT SELECT, INSERT ON shop.v TO 'kept'@'%'; GRANT SELECT (one) ON shop.w TO 'kept'@'%'; DROP VIEW shop.v, shop.w");
    expect(await settle()).toBe(0);
    due = [of('TABLE', 'v'), of('TABLE', 'w')];
    expect(known).toEqual([]);
    await source.query("CREATE VIEW shop.v AS SELECT 3 AS three; REVOKE INSERT ON shop.v FROM 'kept'@'%'");
    expect(await settle()).toBe(0);
    expect(await rights(standby)).toEqual([]);
    await carry();
    expect([await rights(standby), due.map(({ name }) => name), lines]).toEqual([['v Select'], ['w'], ['sync.carry-rights begun', 'sync.carry-rights done']]);
    // Made with other columns than the right is on: no server takes that.
    await source.query('CREATE VIEW shop.w AS SELECT 3 AS three');
    expect(await settle()).toBe(0);
    for (let times = 0; times < 2; times += 1) await carry();
    expect([refused.map(({ name, sql }) => [name, sql]), due.length, lines.length]).toEqual([[['w', "GRANT SELECT (`one`) ON `shop`.`w` TO 'kept'@'%'"]], 1, 4]);
    await source.query("REVOKE SELECT (one) ON shop.w FROM 'kept'@'%'; DROP VIEW shop.v, shop.w; REVOKE SELECT ON shop.v FROM 'kept'@'%'");
    expect(await settle()).toBe(0);
    await carry();
    expect([await rights(standby), due]).toEqual([[], []]);
  });

  it('a REVOKE that is passed over for one account is made up for with the others, also where the standby keeps its own accounts', async () => {
    const connect = (id: string) => open(id === 'source' ? source : standby)();
    const deps: Parameters<typeof carryRights>[0] = {
      fleet: {
        withSession: (id, use) => connect(id).then(async (one) => use(one).finally(() => one.destroy())), connect, instance: (name) => ({ name }),
      },
      audit: { append: () => undefined }, clock: () => 0, isSettled: () => true,
    };
    const carry = () => carryRights(deps, copySpec('n', 'source', 'standby', { accounts: 'keep-standby' }), record);
    const holders = async () => (await standby.query<{ u: string }>("SELECT User AS u FROM mysql.tables_priv WHERE Table_name = 'late' ORDER BY 1")).map(({ u }) => u);
    await source.query("CREATE USER 'other'@'%'");
    await onlyThere("CREATE VIEW shop.late AS SELECT 1 AS one; GRANT SELECT ON shop.late TO 'other'@'%'; DROP VIEW shop.late");
    await source.query("CREATE VIEW shop.late AS SELECT 1 AS one; GRANT SELECT ON shop.late TO 'kept'@'%'");
    expect(await settle()).toBe(0);
    due = [of('TABLE', 'late')];
    // Before 8.0 it is done in part and counts as executed: the next one shows that the applier went on.
    await source.query("REVOKE SELECT ON shop.late FROM 'kept'@'%', 'other'@'%'; INSERT INTO shop.t VALUES (900)");
    expect(await settle()).toBe(0);
    expect(revoked).toEqual(['kept@%', 'other@%']);
    // While it stands still it cannot be told, and is told to wait.
    await session.run(session.dialect.stopReplica({ threads: 'applier' }));
    await source.query('INSERT INTO shop.t VALUES (901)');
    await carry();
    expect([waiting, due.map(({ name }) => name)]).toEqual([['late'], ['late']]);
    await session.run(session.dialect.startReplica({ threads: 'applier' }));
    expect(await settle()).toBe(0);
    await carry();
    expect([await holders(), waiting, due]).toEqual([[], [], []]);
    await source.query("DROP VIEW shop.late; DROP USER 'other'@'%'; DELETE FROM shop.t WHERE id IN (900, 901)");
    expect(await settle()).toBe(0);
  });

  it('of several, what is there is done, and only what was left out is passed over', async () => {
    await onlyThere("CREATE VIEW shop.v AS SELECT 1 AS one; CREATE USER 'gone'@'%'");
    known = [of('TABLE', 'v'), of('ACCOUNT', 'gone@%', '')];
    await source.query('CREATE VIEW shop.second AS SELECT 1 AS one');
    await source.query('DROP VIEW shop.v, shop.second');
    expect(await settle()).toBe(0);
    expect(await standby.query("SELECT TABLE_NAME n FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = 'second'")).toEqual([]);
    await source.query("GRANT SELECT ON shop.t TO 'gone'@'%', 'kept'@'%'");
    expect(await settle()).toBe(0);
    expect(JSON.stringify(await standby.query("SHOW GRANTS FOR 'kept'@'%'"))).toContain('`shop`.`t`');
    await source.query("DROP USER 'gone'@'%', 'kept'@'%'");
    expect(await settle()).toBe(0);
    expect(await standby.query("SELECT User FROM mysql.user WHERE User = 'kept'")).toEqual([]);
    if (since57) expect(passed.map(({ inPart }) => inPart)).toContain(true);
    await source.query("CREATE USER 'kept'@'%'");
    expect(await settle()).toBe(0);
  });

  it('what needs something left out and holds rows stops the applier; a view that needs it is left out too', async () => {
    await onlyThere('CREATE TABLE shop.model (id INT PRIMARY KEY)');
    known = [of('TABLE', 'model')];
    await source.query('CREATE VIEW shop.over AS SELECT id FROM shop.model');
    expect(await settle()).toBe(0);
    expect(known.map(({ name }) => name)).toEqual(['model', 'over']);
    await source.query('DROP VIEW shop.over; CREATE TABLE shop.made LIKE shop.model; INSERT INTO shop.made VALUES (1)');
    expect(await settle()).toBe(1146);
    await byHand('CREATE TABLE shop.model (id INT PRIMARY KEY)');
    expect(await standby.query('SELECT id FROM shop.made')).toEqual([{ id: 1 }]);
    await source.query('DROP TABLE shop.made, shop.model');
    expect(await settle()).toBe(0);
  });

  it('of rows of a table that was left out, together with others in one transaction, the others are applied', async () => {
    await onlyThere('CREATE TABLE shop.gone (id INT PRIMARY KEY)');
    known = [of('TABLE', 'gone')];
    await source.query('BEGIN; INSERT INTO shop.t VALUES (77); INSERT INTO shop.gone VALUES (77); COMMIT; INSERT INTO shop.t VALUES (78)');
    if (!since57) {
      // Filters are lines of the option file there.
      expect(await settle()).toBe(1146);
      await byHand('CREATE TABLE shop.gone (id INT PRIMARY KEY)');
      await source.query('DROP TABLE shop.gone');
      expect(await settle()).toBe(0);
      return;
    }
    expect(await settle()).toBe(0);
    expect(passed).toMatchObject([{ inPart: true, object: { name: 'gone' } }]);
    expect(await standby.query('SELECT id FROM shop.t WHERE id IN (77, 78)')).toEqual([{ id: 77 }, { id: 78 }]);
    expect((await linkStatus(session))?.filters).toMatchObject({ ignoreTable: [], wildDoTable: [] });
    await source.query('DROP TABLE shop.gone');
    expect(await settle()).toBe(0);
  });

  it('a table that is missing for another reason stops such a transaction', async () => {
    await onlyThere('CREATE TABLE shop.gone (id INT PRIMARY KEY); CREATE TABLE shop.lost (id INT PRIMARY KEY)');
    known = [of('TABLE', 'gone')];
    await source.query('BEGIN; INSERT INTO shop.lost VALUES (79); INSERT INTO shop.gone VALUES (79); COMMIT');
    expect(await settle()).toBe(1146);
    expect(passed).toEqual([]);
    await byHand('CREATE TABLE shop.gone (id INT PRIMARY KEY); CREATE TABLE shop.lost (id INT PRIMARY KEY)');
    await source.query('DROP TABLE shop.gone, shop.lost');
    expect(await settle()).toBe(0);
  });

  it('what was not left out by the task stops the applier, and the words of an error do nothing', async () => {
    await onlyThere('CREATE VIEW shop.lost AS SELECT 1 AS one');
    known = [of('TABLE', 'v')];
    await source.query('DROP VIEW shop.lost');
    expect(await settle()).toBe(1051);
    await byHand('CREATE VIEW shop.lost AS SELECT 1 AS one');
    expect(passed).toEqual([]);
  });

  if (!since80) {
    it('what failed in part on the source, and altogether here, leaves no gap', async () => {
      await onlyThere("CREATE VIEW shop.v AS SELECT 1 AS one; CREATE USER 'out'@'%'");
      known = [of('TABLE', 'v')];
      const executedOn = async (server: TestServer): Promise<GtidSet> => parseGtidSet(String(await server.scalar('SELECT @@GLOBAL.gtid_executed')));
      const before = await executedOn(source);
      for (const sql of ['DROP VIEW shop.v, shop.never', "DROP USER 'out'@'%', 'never'@'%'"]) await expect(source.query(sql)).rejects.toThrow();
      const failed = (await executedOn(source)).subtract(before);
      await source.query("SET SESSION binlog_format = 'STATEMENT'; REPLACE INTO shop.t VALUES (7)");
      await until('the last row is there', async () => (await standby.query('SELECT id FROM shop.t WHERE id = 7')).length === 1);
      const missing = (await executedOn(source)).subtract(await executedOn(standby));
      expect([missing.toString(), missing.count()]).toEqual([failed.toString(), 2n]);

      const reader = await open(source)();
      try {
        const status = await linkStatus(session);
        const passed = { file: status?.appliedFile ?? '', position: status?.appliedPosition ?? 0 };
        const fill = (wanted: GtidSet, at: typeof passed, ask: (statement: Statement) => Promise<unknown>) =>
          fillFilterGaps(asked(reader), { dialect: session.dialect, ask: async (statement) => { await ask(statement); return []; } }, {
            scope: { kind: 'instance' }, missing: wanted, from: null, passed: at, logged,
          });
        const none = await fill(missing, { ...passed, position: 4 }, (statement) => session.run(statement));
        expect([none.filled.count(), none.ahead.count()]).toEqual([0n, 2n]);
        // Of all that the log holds, only what failed is passed over.
        expect((await fill(await executedOn(source), passed, async () => undefined)).filled.toString()).toBe(failed.toString());
        expect((await fill(missing, passed, (statement) => session.run(statement))).filled.count()).toBe(2n);
      } finally {
        reader.destroy();
      }
      expect(await settle()).toBe(0);
    });
  }

  if (since57) {
    it('what is made anew by its statement is there again', async () => {
      await onlyThere('CREATE VIEW shop.v AS SELECT 1 AS one');
      known = [of('TABLE', 'v')];
      await source.query('CREATE OR REPLACE VIEW shop.v AS SELECT 3 AS three');
      expect(await settle()).toBe(0);
      // It was made anew, and so is there.
      expect(await standby.query('SELECT three FROM shop.v')).toEqual([{ three: 3 }]);
      await source.query('DROP VIEW shop.v');
      expect(await settle()).toBe(0);
      expect(passed).toEqual([]);
    });
  }
});
