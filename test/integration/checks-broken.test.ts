import { afterAll, beforeAll, expect, it } from 'vitest';
import { readBroken } from '../../electron/checks/read-broken';
import { connect } from '../../electron/mysql/session/session';
import type { Session } from '../../electron/mysql/types';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';

eachSeries('checks-broken', (series, { since80 }) => {
  let server: TestServer;
  beforeAll(async () => {
    ({ server } = await startServers({ server: { series, durability: 'relaxed' } }));
  });
  afterAll(disposeServers);

  const session = (): Promise<Session> =>
    connect({ host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'preferred', ca: null } }, { queryTimeoutMs: 60_000 });
  const run = async (statements: readonly string[]): Promise<void> => {
    for (const sql of statements) await server.query(sql);
  };

  it('names what does not work, and only that, without running anything', async () => {
    await run([
      'CREATE DATABASE d', 'CREATE TABLE d.t (id INT PRIMARY KEY, a INT, b VARCHAR(9))', 'CREATE TABLE d.g (id INT PRIMARY KEY)', 'CREATE TABLE d.ran (n INT)',
      'CREATE FUNCTION d.f() RETURNS INT DETERMINISTIC RETURN 1', "CREATE FUNCTION d.noted() RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN INSERT INTO d.ran VALUES (1); RETURN 1; END",
      'CREATE VIEW d.a_ok AS SELECT b FROM d.t', 'CREATE VIEW d.on_column AS SELECT a FROM d.t', 'CREATE VIEW d.on_table AS SELECT id FROM d.g', 'CREATE VIEW d.on_view AS SELECT * FROM d.on_table',
      'CREATE VIEW d.on_function AS SELECT d.f() AS x', "CREATE DEFINER = gone@'%' VIEW d.nobodys AS SELECT b FROM d.t", "CREATE USER weak@'%'", "CREATE DEFINER = weak@'%' VIEW d.powerless AS SELECT b FROM d.t", 'CREATE VIEW d.z_ok AS SELECT d.noted() AS n FROM d.t',
      'CREATE TRIGGER d.works BEFORE UPDATE ON d.t FOR EACH ROW SET NEW.b = OLD.b', 'CREATE TRIGGER d.on_gone BEFORE INSERT ON d.t FOR EACH ROW SET NEW.a = 1',
      "CREATE EVENT d.over ON SCHEDULE EVERY 1 DAY STARTS '2001-01-01 00:00:00' ENDS '2035-01-02 00:00:00' ON COMPLETION PRESERVE DISABLE DO SELECT 1",
      'CREATE EVENT d.runs ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1',
      'ALTER TABLE d.t DROP COLUMN a', 'DROP TABLE d.g', 'DROP FUNCTION d.f',
      // One whose time is over cannot be made; the clock of the session says when that is.
      'SET timestamp = UNIX_TIMESTAMP(\'2001-01-01 00:00:00\')',
    ]);
    const past = await server.connect();
    try {
      await past.query("SET SESSION timestamp = UNIX_TIMESTAMP('2001-01-01 00:00:00')");
      await past.query("CREATE EVENT d.ended ON SCHEDULE EVERY 1 DAY STARTS '2001-01-01 00:00:00' ENDS '2001-02-01 00:00:00' ON COMPLETION PRESERVE DISABLE DO SELECT 1");
    } finally {
      await past.end();
    }
    await run(['CREATE TABLE d.lost (id INT PRIMARY KEY)', 'ALTER TABLE d.lost DISCARD TABLESPACE']);
    const one = await session();
    try {
      const broken = await readBroken(one);
      expect(broken.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
        'event ended', 'table lost', 'trigger on_gone', 'view nobodys', 'view on_column', 'view on_function', 'view on_table', 'view on_view', 'view powerless',
      ]);
      expect(broken.every(({ detail }) => detail !== '' && detail !== '—')).toBe(true);
    } finally {
      await one.close();
    }
    expect(await server.scalar('SELECT COUNT(*) FROM d.ran')).toEqual(0);
  });

  if (since80) {
    it('a view of a definer with a default role is well, and its server lives', async () => {
      await run(["CREATE ROLE judge", "CREATE USER held@'%'", "GRANT judge TO held@'%'", "GRANT SELECT ON *.* TO held@'%'", "SET DEFAULT ROLE judge TO held@'%'", 'CREATE DATABASE roles', "CREATE DEFINER = held@'%' VIEW roles.v AS SELECT 1 AS one"]);
      const one = await session();
      try {
        expect((await readBroken(one)).filter(({ database }) => database === 'roles')).toEqual([]);
      } finally {
        await one.close();
      }
      expect(await server.scalar("SELECT COUNT(*) FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'roles'")).toEqual(1);
    });
  }

  it('five hundred views are a matter of moments, and a table that somebody changes is not waited for', async () => {
    await server.query('CREATE DATABASE many');
    await server.query('CREATE TABLE many.t (id INT PRIMARY KEY, a INT)');
    await server.query(Array.from({ length: 500 }, (_, at) => `CREATE VIEW many.v${String(at)} AS SELECT a FROM many.t`).join('; '));
    const one = await session();
    const holder = await server.connect();
    try {
      const began = performance.now();
      const without = await readBroken(one);
      expect(performance.now() - began).toBeLessThan(5_000);
      expect(without.filter(({ database }) => database === 'many')).toEqual([]);
      await server.query('CREATE DATABASE held');
      await server.query('CREATE TABLE held.t (id INT PRIMARY KEY)');
      await server.query('CREATE VIEW held.v AS SELECT id FROM held.t');
      await holder.query('LOCK TABLES held.t WRITE');
      // A lock says nothing of the view.
      expect((await readBroken(one)).filter(({ database }) => database === 'held')).toEqual([]);
    } finally {
      await holder.end();
      await one.close();
    }
  });
});
