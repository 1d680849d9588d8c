import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { untilNothingLeft } from '../../electron/mysql/session/abandoned';
import { connect } from '../../electron/mysql/session/session';
import type { ConnectTarget } from '../../electron/mysql/types';
import { copyData, type CopyOptions } from '../../electron/copy/copy';
import { compareCopy } from '../../electron/comparison/copied';
import type { CopyJob, End } from '../../electron/copy/snapshot/sessions';
import type { Scope } from '../../shared/domain/scope/scope';
import type { StepContext } from '../../electron/tasks/types';
import { loneStep } from '../fixtures/lone-step';
import { eachSeries } from '../fixtures/matrix';
import { isAtLeast } from '../fixtures/series';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { waitUntil } from '../fixtures/wait';

const end = (server: TestServer): End => {
  const login: ConnectTarget = { host: server.host, port: server.port, user: server.user, password: server.password, tls: { mode: 'preferred', ca: null } };
  return { name: server.name, connect: (options = {}) => connect(login, { queryTimeoutMs: Infinity, ...options }), target: () => Promise.resolve(login) };
};

const database = (name: string): Scope => ({ kind: 'partial', databases: [{ database: name, tables: null }] });
const options: CopyOptions = { parallel: 3, taskName: 't', partBytes: 3_000_000 };
const shape = async (server: TestServer, table: string): Promise<unknown> => (await server.query<Record<string, unknown>>(`SHOW CREATE TABLE ${table}`))[0]?.['Create Table'];
const sum = (server: TestServer, table: string): Promise<unknown> => server.query(`SELECT COUNT(*) AS n, SUM(CRC32(CONCAT_WS('/', id, k, c, pad))) AS s FROM ${table}`);

/** 16 MB and more get their keys later: as small as such a table can be. */
async function fillBig(source: TestServer): Promise<void> {
  await source.query(`CREATE DATABASE big; CREATE TABLE big.owner (id INT PRIMARY KEY, code INT NOT NULL, UNIQUE KEY code (code));
    CREATE TABLE big.line (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, k INT NOT NULL, c CHAR(120) NOT NULL, pad CHAR(60) NOT NULL, z VARCHAR(20) COMMENT 'a, (b) ''KEY \`x\`',
      UNIQUE KEY zz (id, k), KEY \`k\`\`1\` (k), KEY c_1 (c(10), pad), CONSTRAINT owned FOREIGN KEY (k) REFERENCES big.owner (id) ON DELETE CASCADE);
    CREATE TABLE big.part (id INT PRIMARY KEY, line INT, CONSTRAINT \`of\`\`line\` FOREIGN KEY (line) REFERENCES big.line (id));
    INSERT INTO big.owner VALUES (0, 10), (1, 11), (2, 12), (3, 13), (4, 14), (5, 15), (6, 16);
    INSERT INTO big.line (k, c, pad) VALUES (0, REPEAT('a', 119), 'p')`);
  for (let rows = 1; rows < 80_000; rows *= 2) await source.query(`INSERT INTO big.line (k, c, pad) SELECT id % 7, CONCAT(RPAD(id, 100, 'xy'), '\\t\\n\\\\\\''), MD5X(id) FROM big.line LIMIT ${Math.min(rows, 80_000 - rows)}`.replace('MD5X(id)', "RPAD(id * 7, 50, 'z')"));
  await source.query('INSERT INTO big.part SELECT id, id FROM big.line LIMIT 10; ANALYZE TABLE big.line');
}

eachSeries('copy-engine', (series, { since80 }) => {
  let source: TestServer;
  let target: TestServer;
  beforeAll(async () => {
    ({ source, target } = await startServers({ source: { series, durability: 'relaxed' }, target: { series, durability: 'relaxed' } }));
    await fillBig(source);
  });
  afterAll(disposeServers);

  const empty = async (): Promise<void> => {
    await target.query("SET sql_log_bin = 0; SET foreign_key_checks = 0; DROP DATABASE IF EXISTS big; DROP DATABASE IF EXISTS antipode; DROP DATABASE IF EXISTS wide; SET GLOBAL local_infile = ON");
  };

  const copied = async (work: CopyJob, how: CopyOptions = options): Promise<void> => {
    const made = await copyData(work, how);
    try {
      await compareCopy(work, made);
    } finally {
      await made.snapshot.close();
    }
  };

  it('adds the secondary keys and the foreign keys after the rows, and the definition is the same', async () => {
    await empty();
    const ran: string[] = [];
    const step = loneStep();
    const heard: StepContext = { ...step, sql: (session, server, statement, ...more) => (ran.push(typeof statement === 'string' ? statement : statement.redacted), step.sql(session, server, statement, ...more)) };
    await copied({ step: heard, source: end(source), target: end(target), scope: database('big') });
    expect(ran.filter((sql) => sql.startsWith('ALTER TABLE `big`.`line` ADD UNIQUE KEY `zz`'))).toHaveLength(1);
    expect(ran.filter((sql) => /^ALTER TABLE `big`\.`(line|part)` ADD CONSTRAINT/.test(sql))).toHaveLength(2);
    for (const table of ['big.owner', 'big.line', 'big.part']) expect(await shape(target, table)).toEqual(await shape(source, table));
    expect(await sum(target, 'big.line')).toEqual(await sum(source, 'big.line'));
    // The keys that came later are in force.
    await expect(target.query('SET sql_log_bin = 0; SET foreign_key_checks = 1; INSERT INTO big.part VALUES (999999, 999999)')).rejects.toMatchObject({ errno: 1452 });
  });

  // MySQL 8.0.15 does nothing by a key that was there before its parent, for good; a source that cascades logs nothing of it.
  it('makes keys that act: a child named before its parent, keys that go round, and one to its own table', async () => {
    await empty();
    await source.query(`CREATE DATABASE wide; CREATE TABLE wide.z_parent (id INT PRIMARY KEY, best INT);
      CREATE TABLE wide.a_child (id INT PRIMARY KEY, parent INT, up INT, CONSTRAINT b_owner FOREIGN KEY (parent) REFERENCES wide.z_parent (id) ON DELETE CASCADE ON UPDATE CASCADE,
        CONSTRAINT a_up FOREIGN KEY (up) REFERENCES wide.a_child (id) ON DELETE SET NULL);
      ALTER TABLE wide.z_parent ADD CONSTRAINT best FOREIGN KEY (best) REFERENCES wide.a_child (id) ON DELETE SET NULL;
      INSERT INTO wide.z_parent VALUES (1, NULL), (2, NULL), (3, NULL); INSERT INTO wide.a_child VALUES (1, 1, NULL), (2, 2, 1), (3, 3, 2);
      UPDATE wide.z_parent SET best = 1 WHERE id = 3`);
    await copied({ step: loneStep(), source: end(source), target: end(target), scope: database('wide') });
    for (const table of ['wide.z_parent', 'wide.a_child']) expect(await shape(target, table)).toEqual(await shape(source, table));
    const after: (readonly [children: unknown, parents: unknown])[] = [];
    for (const server of [source, target]) {
      const client = await server.connect({ user: 'root' });
      await client.query('SET sql_log_bin = 0');
      await client.query('DELETE FROM wide.z_parent WHERE id = 1');
      await client.query('UPDATE wide.z_parent SET id = 20 WHERE id = 2');
      const [children] = await client.query('SELECT * FROM wide.a_child ORDER BY id');
      const [parents] = await client.query('SELECT * FROM wide.z_parent ORDER BY id');
      after.push([children, parents]);
      await client.end();
    }
    expect(after[1]).toEqual(after[0]);
    expect(after[0]?.[0]).toEqual([{ id: 2, parent: 20, up: null }, { id: 3, parent: 3, up: 2 }]);
    await source.query('SET foreign_key_checks = 0; DROP DATABASE wide');
  });

  // mydumper and xtrabackup have an option against it: a read lock waits for a long reading, and whoever reads that table waits for both.
  it.runIf(!since80)('asks for no read lock while a long reading is under way, behind which all others would pile up', async () => {
    await empty();
    const reader = await source.connect({ user: 'root' });
    reader.on('error', () => undefined);
    const reading = reader.query('SELECT SLEEP(100) FROM big.owner').catch(() => null);
    const running = "SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP(100)%' AND TIME >= 4";
    await waitUntil('the reading to be a long one', async () => (await source.query(running)).length > 0);
    const logged: string[] = [];
    const step = loneStep({ log: (_level, key) => void logged.push(key) });
    const work = copied({ step, source: end(source), target: end(target), scope: database('big') });
    try {
      await waitUntil('the copy to wait', () => logged.includes('sync.log.inTheWay'));
      expect(await source.scalar('SELECT COUNT(*) FROM big.owner')).toBe(7);
      expect((await source.query(running)).length).toBe(1);
    } finally {
      await source.query(`KILL ${reader.threadId}`);
      await reading;
      await work;
    }
    expect(logged).not.toContain('sync.log.lockBusy');
    expect(await sum(target, 'big.line')).toEqual(await sum(source, 'big.line'));
  });

  it('goes on where it was when the target is killed in the middle and comes back', async () => {
    await empty();
    let killed: Promise<void> | null = null;
    const logged: string[] = [];
    const step = loneStep({
      log: (_level, key) => void logged.push(key),
      progress: ({ done, total }) => {
        if (killed === null && total !== null && done > total * 0.4 && done < total) killed = target.kill().then(() => target.start());
      },
    });
    const targetReturns = async (): Promise<void> => {
      await killed;
      await waitUntil('the target', async () => (await target.scalar('SELECT 1').catch(() => null)) !== null);
      await target.query('SET GLOBAL local_infile = ON');
    };
    await copied({ step, source: end(source), target: end(target), scope: database('big'), targetReturns });
    expect(killed).not.toBeNull();
    expect(logged).toContain('sync.log.targetGone');
    // Before 8.0 a server that restarts forgets how far it had counted past its rows.
    const counted = (text: unknown): unknown => (!since80 ? String(text).replace(/ AUTO_INCREMENT=\d+/, '') : text);
    expect(counted(await shape(target, 'big.line'))).toEqual(counted(await shape(source, 'big.line')));
    expect(await sum(target, 'big.line')).toEqual(await sum(source, 'big.line'));
  });

  it('fails when the target goes away and nobody waits for it, and lets both servers go', async () => {
    await empty();
    let killed: Promise<void> | null = null;
    const step = loneStep({ progress: ({ done, total }) => { if (killed === null && total !== null && done > total * 0.3) killed = target.kill(); } });
    await expect(copied({ step, source: end(source), target: end(target), scope: database('big') })).rejects.toMatchObject({ error: { code: expect.stringMatching(/connection-lost|tcp-refused/) as string } });
    expect(killed).not.toBeNull();
    await killed;
    await target.start();
    // Ours come over TCP, so that their host has a port.
    await waitUntil('our sessions to be gone from the source', async () => Number(await source.scalar("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE HOST LIKE '%:%'")) === 0);
  });

  it('goes no faster than it may', async () => {
    await empty();
    let bytes = 0;
    const step = loneStep({ progress: ({ done }) => { bytes = Math.max(bytes, done); } });
    const began = performance.now();
    await copied({ step, source: end(source), target: end(target), scope: database('big') }, { ...options, mostMbPerSecond: () => 3 });
    // Half a second's worth may go at once.
    expect((performance.now() - began) / 1000).toBeGreaterThan(bytes / 3e6 - 0.5);
    expect(bytes).toBeGreaterThan(3e6);
  });

  it('keeps a source from removing what must follow the copy, or stops with the reason where it cannot', async () => {
    await empty();
    const remove = async (): Promise<void> => {
      await source.query('FLUSH BINARY LOGS; INSERT INTO big.owner VALUES (100, 100); FLUSH BINARY LOGS; DELETE FROM big.owner WHERE id = 100; FLUSH BINARY LOGS');
      const files = await source.query<{ Log_name: string }>('SHOW BINARY LOGS');
      await source.query(`PURGE BINARY LOGS TO '${files.at(-1)?.Log_name ?? ''}'`);
    };
    let removal: Promise<unknown> | null = null;
    let isRefused = false;
    const step = loneStep({
      progress: ({ done, total }) => {
        if (removal !== null || total === null || done === 0) return;
        removal = remove().then(() => 'removed', (thrown: { errno?: number }) => {
          isRefused = true;
          return thrown.errno;
        });
      },
    });
    // Slow until it is known: the copy is under way when the source is looked at.
    const copying = copied({ step, source: end(source), target: end(target), scope: database('big') }, { ...options, mostMbPerSecond: () => (isRefused ? null : 0.5) });
    if (!isAtLeast(series, [8, 0, 28])) {
      await expect(copying).rejects.toMatchObject({ error: { code: 'purged-during-copy', params: { state: 'removed' } } });
      expect(await removal).toBe('removed');
    } else {
      // From 8.0.28 the lock against DDL keeps them.
      await copying;
      expect(await removal).toBe(4085);
    }
  });

  it('ends at once when it is cancelled', async () => {
    await empty();
    const stop = new AbortController();
    const reason = new Error('cancelled by the test');
    const step = loneStep({ signal: stop.signal, progress: ({ done, total }) => { if (total !== null && done > total * 0.2) stop.abort(reason); } });
    await expect(copied({ step, source: end(source), target: end(target), scope: database('big') })).rejects.toBe(reason);
  });

  it.each(['LOAD DATA', 'ALTER TABLE `big`.`line` ADD UNIQUE'])('leaves nothing of %s at the target once it is cancelled', async (statement) => {
    await empty();
    const abort = new AbortController();
    const holder = await target.connect({ user: 'root' });
    const ran = new Set<number>();
    /** Connections that run the statement, and those that were seen to: one that rolls back tells no statement any more. */
    const running = async (): Promise<number[]> => {
      const connections = await target.query<{ id: number; info: string | null }>('SELECT ID AS id, INFO AS info FROM information_schema.PROCESSLIST');
      for (const { id, info } of connections) if (info?.startsWith(statement) === true) ran.add(id);
      return connections.map(({ id }) => id).filter((id) => ran.has(id));
    };
    const step = loneStep({ signal: abort.signal });
    let held: Promise<unknown> | null = null;
    const hold = (): Promise<unknown> => (held ??= holder.query('LOCK TABLES big.line READ'));
    const context: StepContext = {
      ...step,
      // The rows come once the table is there: it is held from then on.
      sql: async <Row = Record<string, unknown>>(...given: Parameters<StepContext['sql']>): Promise<Row[]> => {
        const [, , sql] = given;
        const text = typeof sql === 'string' ? sql : sql.sql;
        if (text.startsWith(statement)) await hold();
        const rows = await step.sql<Row>(...given);
        if (statement === 'LOAD DATA' && /^CREATE TABLE .*`line`/.test(text)) await hold();
        return rows;
      },
    };
    const copying = copied({ step: context, source: end(source), target: end(target), scope: database('big') }).then(() => 'done', () => 'cancelled');
    try {
      await waitUntil('the statement to wait for the table', async () => held !== null && (await held.then(running)).length > 0);
      abort.abort(new Error('cancelled'));
      expect(await copying).toBe('cancelled');
      // Over its limit, on a machine that is busy, it says so, and what comes next at this server waits until it is gone.
      await untilNothingLeft(await end(target).target(), 'target', undefined);
      expect(await running()).toEqual([]);
    } finally {
      await holder.end();
    }
  });

  it('carries rows of many megabytes, of bytes that look like ends of lines', async () => {
    await empty();
    await source.query('CREATE DATABASE wide; CREATE TABLE wide.blobs (id INT PRIMARY KEY, k INT, c LONGBLOB, pad LONGTEXT)');
    const connection = await source.connect();
    const piece = Buffer.concat([randomBytes(500_000), Buffer.from('\t\n\\\\N\n\t'.repeat(2000)), Buffer.alloc(1000)]);
    await connection.query('INSERT INTO wide.blobs VALUES (1, 1, ?, ?)', [piece, 'tab\t line\n back\\ '.repeat(30_000)]);
    // 20 MB in one value: longer than a packet of the protocol. 5.6 takes a tenth of its redo log at most.
    await connection.query('SET SESSION sql_log_bin = 0');
    await source.query('SET GLOBAL max_allowed_packet = 64 * 1024 * 1024');
    await target.query('SET GLOBAL max_allowed_packet = 64 * 1024 * 1024');
    const wide = await source.connect();
    await wide.query('INSERT INTO wide.blobs SELECT 2, 1, REPEAT(c, ?), NULL FROM wide.blobs WHERE id = 1', [since80 ? 40 : 2]);
    await wide.query("INSERT INTO wide.blobs VALUES (3, NULL, '', '')");
    await wide.end();
    await connection.end();
    await copied({ step: loneStep(), source: end(source), target: end(target), scope: database('wide') });
    const content = (server: TestServer): Promise<unknown> => server.query('SELECT id, LENGTH(c) AS bytes, CRC32(c) AS c, CRC32(pad) AS pad FROM wide.blobs ORDER BY id');
    expect(await content(target)).toEqual(await content(source));
    expect(Number(await source.scalar('SELECT MAX(LENGTH(c)) FROM wide.blobs'))).toBeGreaterThan(since80 ? 20_000_000 : 1_000_000);
  });
});

describe('the snapshot', () => {
  let source: TestServer;
  let target: TestServer;
  beforeAll(async () => {
    ({ source, target } = await startServers({ source: { series: '9.7' }, target: { series: '9.7' } }));
    await source.query('CREATE DATABASE small; CREATE TABLE small.t (id INT PRIMARY KEY); INSERT INTO small.t VALUES (1)');
    await target.query('SET GLOBAL local_infile = ON');
  });
  afterAll(disposeServers);

  it('holds up nobody on a quiet server, and takes the lock on one that commits all the time', async () => {
    const work: CopyJob = { step: loneStep(), source: end(source), target: end(target), scope: database('small') };
    const quiet = await copyData(work, options);
    expect(quiet.snapshot.lockedMs).toBe(0);
    expect(quiet.snapshot.gtidSet).toBe(String(await source.scalar('SELECT @@GLOBAL.gtid_executed')).replace(/\s/g, ''));
    await quiet.snapshot.close();
    await target.query('SET sql_log_bin = 0; DROP DATABASE small');
    const writers = await Promise.all([source.connect(), source.connect(), source.connect()]);
    let stopped = false;
    const writing = writers.map(async (writer, lane) => {
      for (let id = 10 + lane; !stopped; id += 3) await writer.query('INSERT INTO small.t VALUES (?)', [id]);
    });
    try {
      await waitUntil('writes', async () => Number(await source.scalar('SELECT COUNT(*) FROM small.t')) > 10);
      const statements: string[] = [];
      const step = loneStep();
      let id = 1_000_000;
      const watched: typeof step.sql = async (session, server, statement, ...more) => {
        const text = typeof statement === 'string' ? statement : statement.redacted;
        statements.push(text);
        // On a machine that has other work the writers may pause just then: something is committed for certain.
        if (text.startsWith('START TRANSACTION') && !statements.some((one) => one.startsWith('FLUSH'))) await source.query(`INSERT INTO small.t VALUES (${id++})`);
        return step.sql(session, server, statement, ...more);
      };
      const busy = await copyData({ ...work, step: { ...step, sql: watched } }, options);
      expect(statements.join('\n')).toMatch(/log_status[\s\S]*FLUSH TABLES WITH READ LOCK/);
      // What the copy holds is what the position says: as many rows as inserts.
      const [row] = await busy.snapshot.control.query<{ n: string }>("SELECT GTID_SUBTRACT(?, '') AS n", [busy.snapshot.gtidSet]);
      const last = Number(/:1-(\d+)$/.exec(row?.n ?? '')?.[1]);
      expect(Number(await target.scalar('SELECT COUNT(*) FROM small.t'))).toBe(last - 2);
      await busy.snapshot.close();
    } finally {
      stopped = true;
      await Promise.all(writing);
      for (const writer of writers) await writer.end();
    }
  });
});
