// Statements at random on a source, against a whole and a partial standby: none of them stops the link without a cause that is named
// and a cure that works, and both sides hold the same afterwards. A long run, on every series: ANTIPODE_RANDOM_MINUTES=60 (of the whole and of
// the partial standby each), ANTIPODE_RANDOM_SEED=2.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { settledScope, type PartialScope } from '../../shared/domain/scope/change';
import { scopeWithout, type StoppedAt } from '../../shared/domain/scope/border';
import { isInScope } from '../../shared/domain/scope/filters';
import { wholeInstance, type Scope } from '../../shared/domain/scope/scope';
import { eachSeries } from '../fixtures/matrix';
import { partialArgs } from '../fixtures/replication';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { numbers, statementsOf } from './random-statements';
import { differences } from './random-oracle';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

const minutes = process.env['ANTIPODE_RANDOM_MINUTES'];
const seconds = minutes === undefined ? 6 : Number(minutes) * 60;
const seed = Number(process.env['ANTIPODE_RANDOM_SEED'] ?? 1);
/** For this long one stop stands before it is said to have no cause. */
const standsMs = 20_000;
const partial: PartialScope = { kind: 'partial', databases: [{ database: 'shop', tables: null }, { database: 'crm', tables: ['t0', 't1'] }] };

eachSeries('sync-random', (series, { since57, since80 }, { replica, setReadOnly, showReplicaStatus }) => {
  let source: TestServer;
  let standby: TestServer;
  let bench: Bench;
  /** Of the link. */
  let id = '';
  /** A cure made something on the standby by hand. */
  let hasMade = false;
  /** Accounts were copied while the standby was behind: with rights that statements between took again, and without some on what was not there yet. */
  let accountsAreDue = false;
  beforeAll(async () => {
    ({ source, standby } = await startServers({ source: { series }, standby: { series, args: partialArgs(series) } }));
    bench = await openBench({ source, standby });
  });
  afterAll(async () => {
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });
  afterEach(async () => {
    for (const one of bench.sync.list()) await bench.sync.remove(one.id, one.spec.name, true);
  });

  /** What the copy meets: things that it cannot carry, in each kind that the servers let people have. */
  const prepare = async (): Promise<void> => {
    // Its keys refer to tables of the others.
    await source.query('SET SESSION foreign_key_checks = 0; DROP TABLE IF EXISTS mysql.mine; SET SESSION foreign_key_checks = DEFAULT');
    // What was made there as a cure is no part of any scope that is erased.
    await standby.query('SET GLOBAL read_only = OFF; SET SESSION sql_log_bin = 0, foreign_key_checks = 0; DROP TABLE IF EXISTS mysql.mine; SET SESSION foreign_key_checks = DEFAULT, sql_log_bin = 1');
    for (const database of ['shop', 'crm', 'outer_db']) {
      await source.query(`DROP DATABASE IF EXISTS ${database}; CREATE DATABASE ${database}`);
      for (let at = 0; at < 3; at += 1) await source.query(`CREATE TABLE ${database}.t${at} (id INT PRIMARY KEY, n INT, s VARCHAR(20)); INSERT INTO ${database}.t${at} VALUES (1, NULL, 'a'), (2, NULL, 'b')`);
    }
    await source.query('CREATE TABLE shop.gone (id INT PRIMARY KEY, s VARCHAR(20)); CREATE VIEW shop.broken AS SELECT id, s FROM shop.gone; CREATE VIEW shop.broken2 AS SELECT id, s FROM shop.broken; DROP TABLE shop.gone');
    await source.query('CREATE TABLE mysql.mine (id INT PRIMARY KEY, n INT, s VARCHAR(20))');
    await source.query('CREATE EVENT shop.ended ON SCHEDULE AT CURRENT_TIMESTAMP + INTERVAL 1 SECOND ON COMPLETION PRESERVE DISABLE DO SELECT 1');
  };
  const link = async (scope: Scope): Promise<void> => {
    await prepare();
    await until('the event is over', async () => (await source.scalar<number>("SELECT EXECUTE_AT < NOW() FROM information_schema.EVENTS WHERE EVENT_NAME = 'ended'")) === 1);
    await make(scope);
  };
  const make = async (scope: Scope): Promise<void> => {
    // What stands there beside a part would come into it by a RENAME, with what it holds.
    if (scope.kind === 'partial') {
      await standby.query(`SET GLOBAL read_only = OFF; SET SESSION sql_log_bin = 0, foreign_key_checks = 0; ${['shop', 'crm', 'outer_db'].map((name) => `DROP DATABASE IF EXISTS ${name}`).join('; ')}; SET SESSION sql_log_bin = 1, foreign_key_checks = 1`);
    }
    const done = await bench.run(bench.spec('source', 'standby', { scope, seed: 'copy', eraseTarget: true, acceptWarnings: true }), 'standby');
    expect(done.state, JSON.stringify(trouble(done), null, 1)).toBe('replicating');
    ({ id } = done);
  };

  const executed = async (server: TestServer): Promise<string> => (await server.scalar('SELECT @@GLOBAL.gtid_executed')) ?? '';
  const stopOf = async (): Promise<string | null> => {
    const view = await bench.fleet.refresh(bench.ids['standby'] ?? '');
    const problem = view.problems.find(({ code }) => code === 'applier-stopped');
    return problem === undefined ? null : JSON.stringify(problem.params);
  };

  const maySkip = (): Promise<boolean> => bench.sync.skips.plan(id).then(() => true, () => false);

  /** Until the standby has what the source has; what stops it is cured as the application says, or ends the test. */
  const settle = async (ran: readonly string[]): Promise<readonly string[]> => {
    const wanted = await executed(source);
    const cures: string[] = [];
    let stays = 0;
    let stands = { stop: '', since: 0 };
    await until('the standby has everything', async () => {
      const stopped = await stopOf();
      if ((await standby.scalar<number>('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)', [wanted])) === 1) return true;
      if (stopped === null) {
        stays = 0;
        return false;
      }
      stays += 1;
      if (stands.stop !== stopped) stands = { stop: stopped, since: Date.now() };
      // What is passed over is passed over at the next reading, or the one after it.
      if (stays < 8) return false;
      const at = await bench.sync.scopes.border(id);
      // On a busy machine it may just have been passed over: what the application passes over by itself, or has no cause, is one that stands.
      if ((at?.inside.length ?? 0) === 0 && Date.now() - stands.since < standsMs) return false;
      const tail = `\nseed ${seed} of ${series}\n${stopped}\n${JSON.stringify(at)}\nleft out: ${JSON.stringify(bench.sync.get(id).leftOut)}\n${ran.slice(-30).join(';\n')}`;
      cures.push(stopped);
      if (at === null && hasMade && !(await maySkip())) await linkAnew();
      else if (at === null) await goPast(tail);
      else if (at.inside.length > 0) await goOnWithout(at.inside, tail);
      else await makeThere(at, stands.since, tail);
      stays = 0;
      return false;
    }, 120_000).catch(async (thrown: unknown) => {
      const status = await standby.query(showReplicaStatus);
      const missing = await source.scalar('SELECT GTID_SUBTRACT(?, ?)', [wanted, await executed(standby)]);
      const logs = await source.query<{ Log_name: string }>('SHOW BINARY LOGS');
      const events = await source.query<{ Info: string }>(`SHOW BINLOG EVENTS IN '${logs.at(-1)?.Log_name ?? ''}'`);
      const told = events.slice(-200).map(({ Info }) => Info.slice(0, 300)).join('\n');
      const acts = bench.audit.list(12).filter(({ action }) => action === 'sync.pass-outside').map(({ detail }) => JSON.stringify(detail)).join('\n');
      throw new Error(`${String(thrown)}\nseed ${seed} of ${series}\n${JSON.stringify(status)}\n${acts}\nmissing ${missing ?? ''}\n${told}`, { cause: thrown });
    });
    return cures;
  };

  /**
   * Before 8.0 a source that could not log what it did to accounts logs an incident, and a list of them may be done in another part than there.
   * It is passed over on the user's word; what the accounts are says the source.
   */
  const goPast = async (tail: string): Promise<void> => {
    const plan = await bench.sync.skips.plan(id).catch((thrown: unknown) => {
      throw new Error(`a stop without a cause that is named${tail}`, { cause: thrown });
    });
    if (plan.reason === 'rows') throw new Error(`a stop without a cause that is named${tail}`);
    await bench.sync.skips.skip({ id, gtid: plan.gtid, phrase: 'standby' });
    if (bench.sync.get(id).spec.scope.kind === 'partial') return;
    await copyAccounts();
    accountsAreDue = true;
  };
  /**
   * Before 8.0 a right outlives its table, and is given only while one of that name is there: it is made for the moment. The applier stands still
   * meanwhile, as it may be about to make it too.
   */
  const grantOnAbsent = async (session: Awaited<ReturnType<TestServer['connect']>>, sql: string): Promise<void> => {
    const [, database = '', table = ''] = / ON (`(?:[^`]|``)+`)\.(`(?:[^`]|``)+`) TO /.exec(sql) ?? [];
    const [inDatabase, named] = [database, table].map((name) => name.slice(1, -1).replaceAll('``', '`'));
    const columns = await source.query<{ c: string }>("SELECT DISTINCT CONCAT('`', REPLACE(Column_name, '`', '``'), '` INT') c FROM mysql.columns_priv WHERE Db = ? AND Table_name = ?", [inDatabase, named]);
    const there = await standby.query('SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?', [inDatabase]);
    await session.query(`STOP ${replica} SQL_THREAD`);
    try {
      if (there.length === 0) await session.query(`CREATE DATABASE ${database}`);
      await session.query(`CREATE TABLE ${database}.${table} (${columns.length === 0 ? 'id INT' : columns.map(({ c }) => c).join(', ')})`);
      await session.query(sql);
      await session.query(there.length === 0 ? `DROP DATABASE ${database}` : `DROP TABLE ${database}.${table}`);
    } finally {
      await session.query(`START ${replica} SQL_THREAD`);
    }
  };
  const copyAccounts = async (): Promise<void> => {
    const namesOn = (server: TestServer): Promise<readonly { a: string }[]> => server.query<{ a: string }>("SELECT CONCAT(QUOTE(User), '@', QUOTE(Host)) a FROM mysql.user WHERE User REGEXP '^u[0-9]$'");
    const made: string[] = [];
    for (const { a } of await namesOn(source)) {
      for (const sql of [`SHOW CREATE USER ${a}`, `SHOW GRANTS FOR ${a}`]) made.push(...(await source.query<Record<string, string>>(sql)).map((row) => Object.values(row)[0] ?? ''));
    }
    const session = await standby.connect();
    try {
      const gone = (await namesOn(standby)).map(({ a }) => `DROP USER ${a}`);
      const [open, close] = [['SET GLOBAL read_only = OFF', 'SET SESSION sql_log_bin = 0'], setReadOnly.split(';')];
      for (const sql of [...open, ...gone, ...made, ...close]) {
        // A right on what the standby is yet to get is given once it is there.
        await session.query(sql).catch(async (thrown: { readonly errno?: number }) => {
          if (!sql.startsWith('GRANT') || (thrown.errno !== 1146 && thrown.errno !== 1305)) throw thrown;
          if (!since80 && thrown.errno === 1146) await grantOnAbsent(session, sql);
        });
      }
    } finally {
      session.destroy();
    }
  };

  /** What was made as the source has it today may be more than a statement of yesterday expects: it is copied again. */
  const linkAnew = async (scope = bench.sync.get(id).spec.scope): Promise<void> => {
    await bench.sync.remove(id, 'source to standby', true);
    hasMade = false;
    // What reaches out of a part is refused before the start.
    if (scope.kind === 'partial') {
      const views = await source.query<{ v: string }>("SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) v FROM information_schema.VIEWS WHERE TABLE_SCHEMA IN ('shop', 'crm')");
      const programs = await source.query<{ v: string }>("SELECT CONCAT(ROUTINE_TYPE, ' ', ROUTINE_SCHEMA, '.', ROUTINE_NAME) v FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA IN ('shop', 'crm')");
      for (const { v } of [...views.map((one) => ({ v: `VIEW ${one.v}` })), ...programs]) await source.query(`DROP ${v}`);
      await dropCrossingKeys(scope);
    }
    await make(scope);
  };

  /** The cure at the border of a scope: what is inside is taken out, and in again. */
  const goOnWithout = async (inside: readonly { database: string; name: string }[], tail: string): Promise<void> => {
    // As it is after the last cure.
    const { scope } = bench.sync.get(id).spec;
    if (scope.kind === 'instance') throw new Error(`a border of a whole instance${tail}`);
    const objects = await bench.fleet.objects(bench.ids['source'] ?? '');
    const names = new Map(objects.map((one) => [one.name, one.tables.map(({ name }) => name)]));
    const to = scopeWithout(scope, inside, (database) => names.get(database) ?? []);
    // Nothing would be left to go on with: the link is made anew.
    if (to.databases.length === 0) {
      return linkAnew(partial);
    }
    await bench.sync.scopes.change({ id, scope: to, dropRemoved: true, acceptWarnings: true, phrase: 'source to standby' });
    const done = await bench.sync.whenSettled(id);
    // A key that reaches over the border is refused beforehand, by name: it goes on the source.
    const missed = done.error?.code === 'checks-failed' ? done.error.params.first : '';
    if (done.task?.state === 'failed' && ['obj.fk', 'obj.fk.action'].includes(missed) && (await dropCrossingKeys(to))) return;
    // What stops it within the change ends that; it is gone past, and the change begins anew.
    if (done.task?.state === 'failed' && (await bench.sync.skips.plan(id).then(({ reason }) => reason !== 'rows', () => false))) return;
    // What it meets behind the change is a stop of its own, and has to be named as the one before.
    expect([['replicating', 'stopped'].includes(done.state), done.task?.state], JSON.stringify(trouble(done), null, 1) + tail).toEqual([true, 'done']);
  };

  /** False where none is there. */
  const dropCrossingKeys = async (scope: PartialScope): Promise<boolean> => {
    const keys = await source.query<Record<'d' | 't' | 'k' | 'rd' | 'rt', string>>(
      'SELECT TABLE_SCHEMA d, TABLE_NAME t, CONSTRAINT_NAME k, REFERENCED_TABLE_SCHEMA rd, REFERENCED_TABLE_NAME rt FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_NAME IS NOT NULL',
    );
    const crossing = keys.filter(({ d, t, rd, rt }) => isInScope(scope, d, t) !== isInScope(scope, rd, rt));
    for (const { d, t, k } of crossing) await source.query(`ALTER TABLE ${d}.${t} DROP FOREIGN KEY ${k}`);
    return crossing.length > 0;
  };

  /** The cure of what was left out and is needed: it is made on the standby as the source has it, outside of its binary log. */
  const makeThere = async ({ gtid, leftOut }: StoppedAt, since: number, tail: string): Promise<void> => {
    const made: string[] = [];
    hasMade = true;
    await standby.query('SET GLOBAL read_only = OFF');
    for (const { kind, database, name } of leftOut) {
      if (kind !== 'TABLE') continue;
      // What is shown of a view leaves out the name of the default database: none stays it.
      // One that stands there without its rows goes, and what follows on it is passed over.
      const [shell] = await standby.query("SELECT 1 AS there FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND TABLE_SCHEMA = ? AND TABLE_NAME = ?", [database, name]);
      if (shell !== undefined) {
        await standby.query(`SET sql_log_bin = 0, foreign_key_checks = 0; DROP TABLE ${database}.${name}; ${setReadOnly}`);
        await bench.sync.resume(id);
        return;
      }
      const [shown] = await source.query<Record<string, string>>(`SHOW CREATE TABLE ${database}.${name}`).catch(() => [undefined]);
      const text = shown?.['Create Table'] ?? 'CREATE TABLE ?? (id INT PRIMARY KEY, n INT, s VARCHAR(20))'.replace('??', name);
      await standby.query(`SET sql_log_bin = 0; SET SESSION sql_mode = ''; USE ${database}; ${text}`).then(() => made.push(`${/^CREATE TABLE/.test(text) ? 'TABLE' : 'VIEW'} IF EXISTS ${database}.${name}`), () => undefined);
      await standby.query('USE information_schema');
    }
    if (made.length === 0) {
      // Nothing of it is to be made: it is passed over, on a busy machine a while later.
      await standby.query(setReadOnly);
      if (Date.now() - since < 2 * standsMs) return;
      throw new Error(`a cure that does nothing${tail}`);
    }
    await standby.query(`START ${replica} SQL_THREAD UNTIL SQL_AFTER_GTIDS = '${gtid}'`);
    await until(`it is past the transaction${tail}`, async () => (await standby.scalar<number>('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed)', [gtid])) === 1);
    await standby.query(`STOP ${replica} SQL_THREAD; SET sql_log_bin = 0, foreign_key_checks = 0; ${made.map((one) => `DROP ${one}`).join('; ')}; ${setReadOnly}`);
    await bench.sync.resume(id);
  };

  /** The cure of tables that the filters let part from the source's: taken out, and in again. Defaults of databases are carried over meanwhile. */
  const copyParted = async (ran: readonly string[]): Promise<void> => {
    await bench.sync.scopes.coverage(id);
    const view = await bench.fleet.refresh(bench.ids['standby'] ?? '');
    const told = view.problems.filter(({ code }) => code === 'collation-differs' || code === 'missing-tables').map(({ params }) => String(params['tables'])).join(', ');
    if (told === '') return;
    const tables = told.split(', ').map((one) => ({ database: one.split('.')[0] ?? '', name: one.split('.')[1] ?? '' }));
    await goOnWithout(tables, `\n${told}\n${ran.slice(-30).join(';\n')}`);
    await settle(ran);
  };

  const run = async (scope: Scope): Promise<void> => {
    await link(scope);
    const leftOut = bench.sync.get(id).leftOut.map(({ kind, database, name }) => `${kind} ${database}.${name}`);
    const next = statementsOf(seed, series, {
      databases: scope.kind === 'instance' ? ['shop', 'crm'] : ['shop', 'crm', 'outer_db'],
      leftOut: { views: ['shop.broken', 'shop.broken2'], tables: scope.kind === 'instance' ? ['mysql.mine'] : [], events: ['shop.ended'] },
    });
    const chance = numbers(seed + 1);
    const ends = Date.now() + seconds * 1000;
    const ran: string[] = [];
    const cures: string[] = [];
    let current = scope;
    for (let batch = 0; Date.now() < ends; batch += 1) {
      const client = await source.connect();
      for (let count = 5 + Math.floor(chance() * 30); count > 0; count -= 1) {
        for (const statement of next()) {
          await client.query(statement).then(() => ran.push(statement), () => (statement.startsWith('BEGIN') ? undefined : client.query('ROLLBACK')));
        }
      }
      // What an incident of before 8.0 is counted by comes into gtid_executed with the next statement.
      await client.query('FLUSH TABLES');
      await client.end();
      cures.push(...(await settle(ran)));
      if (accountsAreDue) await copyAccounts();
      accountsAreDue = false;
      await copyParted(ran);
      ({ scope: current } = bench.sync.get(id).spec);
      const inScope = (database: string, name: string): boolean => isInScope(current, database, name);
      const found = await differences({ source, standby, scope: current, series, except: bench.sync.get(id).leftOut, inScope });
      const named = found.map((one) => /(?:[^ ]+ )([^@\n]+)/.exec(one)?.[1]?.split('.').at(-1) ?? one);
      const told = JSON.stringify(bench.sync.get(id).passed.last.slice(-20));
      const concerned = ran.filter((one) => named.some((name) => one.includes(name))).slice(-80);
      expect(found, `seed ${seed} of ${series}, batch ${batch}\n${ran.slice(-30).join(';\n')}\npassed over: ${told}\nwith these names:\n${concerned.join(';\n')}`).toEqual([]);
      if (current !== scope && scope.kind === 'partial') current = await widen(scope);
    }
    const { passed } = bench.sync.get(id);
    expect(ran.length).toBeGreaterThan(20);
    process.stderr.write(`${series} ${scope.kind}: ${ran.length} statements, left out ${leftOut.join(', ')}; ${passed.count} passed over; ${cures.length} stops cured\n`);
  };

  /** Takes in again what was taken out for a cure, where the source has it in a form that can be carried. */
  const widen = async (scope: PartialScope): Promise<Scope> => {
    const now = bench.sync.get(id).spec.scope;
    if (now.kind === 'instance' || JSON.stringify(settledScope(now)) === JSON.stringify(settledScope(scope))) return now;
    await bench.sync.scopes.change({ id, scope, dropRemoved: false, acceptWarnings: true, phrase: 'source to standby' });
    const done = await bench.sync.whenSettled(id);
    if (done.task?.state === 'done') expect(done.state).toBe('replicating');
    return bench.sync.get(id).spec.scope;
  };

  it('rights given on what was left out, or is not there, come with it', async () => {
    const at = (server: TestServer) => server.query<Record<string, string>>("SELECT CONCAT(User, ' ', Table_name, ' ', Table_priv, Column_priv) AS r FROM mysql.tables_priv WHERE User REGEXP '^u[0-9]$' ORDER BY 1");
    await source.query("CREATE DATABASE IF NOT EXISTS shop; CREATE TABLE shop.was (id INT); CREATE USER 'u0'@'%', 'u1'@'%'; GRANT SELECT ON shop.was TO 'u0'@'%'; DROP TABLE shop.was");
    await link(wholeInstance);
    await source.query("GRANT SELECT, INSERT ON shop.broken TO 'u0'@'%', 'u1'@'%'; GRANT SELECT (id) ON mysql.mine TO 'u1'@'%'");
    // Before the rights are brought over, one of them is taken that was never given there.
    await source.query("CREATE OR REPLACE VIEW shop.broken AS SELECT id, s FROM shop.t0; REVOKE INSERT ON shop.broken FROM 'u1'@'%'; CREATE TABLE shop.was (id INT)");
    expect(await settle([])).toEqual([]);
    const executed = await standby.scalar('SELECT @@GLOBAL.gtid_executed');
    await bench.sync.scopes.coverage(id);
    const rights = await at(standby);
    expect(rights.map(({ r }) => r)).toEqual(['u0 broken Select,Insert', 'u0 was Select', 'u1 broken Select']);
    expect((await at(source)).filter(({ r }) => r !== 'u1 mine Select')).toEqual(rights);
    expect(await standby.scalar('SELECT @@GLOBAL.gtid_executed')).toBe(executed);
    await source.query("DROP USER 'u0'@'%', 'u1'@'%'");
    expect(await settle([])).toEqual([]);
  });
  it('a whole standby goes on, and holds the same', () => run(wholeInstance), seconds * 1000 + 240_000);
  if (since57) it('a partial standby goes on, and holds the same', () => run(partial), seconds * 1000 + 240_000);
});
