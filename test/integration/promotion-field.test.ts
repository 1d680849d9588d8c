// Situations that users of other failover tools have reported, each with the public report that it is taken from.
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { PromotionReport } from '../../shared/domain/promotion/promotion';
import { translator } from '../../shared/i18n/translate';
import { replicaStatus } from '../fixtures/applier-workers';
import { eachSeries } from '../fixtures/matrix';
import { executed, hasAllOf, isReadOnly, promote, request, startPair, until, type PairOptions, type PromotionPair } from '../fixtures/promotion-pair';
import { disposeServers, type TestServer } from '../fixtures/servers';

afterAll(disposeServers);

const patienceMs = 60_000;

eachSeries('promotion-field', (series, traits, words) => {
  let pair: PromotionPair;
  const sessions: Connection[] = [];
  afterEach(async () => {
    for (const session of sessions.splice(0)) session.destroy();
    await pair.dispose();
  });

  type Servers = Readonly<Record<'source' | 'standby' | 'other', TestServer>> & Pick<PromotionPair, 'app'>;
  async function start(options: Omit<PairOptions, 'series'> = {}): Promise<Servers> {
    pair = await startPair({ series, ...options });
    const [other] = pair.others;
    return { source: pair.source, standby: pair.standby, other: other ?? pair.standby, app: pair.app };
  }
  async function look(): Promise<void> {
    for (const server of [pair.source, pair.standby, ...pair.others]) await pair.app.fleet.refresh(pair.id(server)).catch(() => undefined);
  }
  async function session(server: TestServer, user = 'root'): Promise<Connection> {
    const opened = await server.connect(user === 'root' ? { user } : { user, password: 'app-secret-1' });
    opened.on('error', () => undefined);
    sessions.push(opened);
    return opened;
  }
  /** Ended at its server: that a client has gone is seen there between two looks, or at the end of what it runs. */
  const endReader = async (server: TestServer, reader: Connection, reading: Promise<unknown>): Promise<void> => {
    await server.query(`KILL ${String(reader.threadId)}`).catch((thrown: unknown) => expect((thrown as { errno?: number }).errno).toBe(1094));
    await reading;
    reader.destroy();
  };
  const texts = (report: PromotionReport): string => report.notes.map((note) => translator('en').message(note)).join('\n');
  const planned = () => request(pair.id(pair.standby));
  const emergency = () => request(pair.id(pair.standby), { kind: 'emergency' });
  const follows = (server: TestServer, primary: TestServer): Promise<void> => until(async () => {
    const link = await replicaStatus(server);
    return Number(link['Source_Port']) === primary.port && link['Replica_IO_Running'] === 'Yes' && link['Replica_SQL_Running'] === 'Yes' && (await hasAllOf(server, primary));
  }, patienceMs, `${server.name} to follow ${primary.name}`);

  // yoshinorim/mha4mysql-manager#10: relay_log_purge was ON again after a failover.
  test('relay logs that are kept on purpose are kept after the switch, on the old primary and on the other replica', async () => {
    const { source, standby, other, app } = await start({ standbys: 2 });
    for (const server of [source, standby, other]) await server.query('SET GLOBAL relay_log_purge = 0');
    const { report } = await promote(app, planned());
    expect(report.outcome, texts(report)).toBe('done');
    for (const server of [source, other]) await follows(server, standby);
    for (const server of [source, standby, other]) expect([server.name, await server.scalar('SELECT @@GLOBAL.relay_log_purge')]).toEqual([server.name, 0]);
  });

  // openark/orchestrator#906: no failover from a primary that an administrator had closed already.
  test('a primary that was closed by hand is switched from; closed for administrators too it is refused before anything, and stays so', async () => {
    const { source, standby, app } = await start();
    await source.query('SET GLOBAL read_only = ON');
    if (traits.superReadOnly) {
      await source.query('SET GLOBAL super_read_only = ON');
      await look();
      const plan = await app.promotion.plan(planned());
      expect(plan.preconditions.find(({ id }) => id === 'source-is-primary')?.status).toBe('fail');
      await expect(app.promotion.execute(plan.id, 'standby')).rejects.toMatchObject({ error: { code: 'precondition-failed' } });
      expect(await source.scalar('SELECT @@GLOBAL.super_read_only')).toBe(1);
      await source.query('SET GLOBAL super_read_only = OFF');
    }
    await look();
    const { report } = await promote(app, planned());
    expect([report.outcome, await isReadOnly(source), await isReadOnly(standby)], texts(report)).toEqual(['done', true, false]);
    await follows(source, standby);
  });

  test('a primary that was closed by hand and dies is replaced', async () => {
    const { source, standby, app } = await start();
    await source.query(traits.superReadOnly ? 'SET GLOBAL super_read_only = ON' : 'SET GLOBAL read_only = ON');
    await look();
    await source.kill();
    const { report } = await promote(app, emergency());
    expect([report.outcome, await isReadOnly(standby)], texts(report)).toEqual(['done', false]);
  });

  // signal18/replication-manager#230: "Too many connections" at the old primary, and both were left read-only.
  test.each(['planned', 'emergency'] as const)('%s from a primary whose connections are used up: nothing is left half-way', async (kind) => {
    const { source, standby, app } = await start();
    await source.query(words.makeAccount("'app'@'%'", 'app-secret-1', 'SELECT, INSERT ON app.*'));
    await until(() => hasAllOf(standby, source), patienceMs, 'the account');
    const keeper = await session(source);
    await keeper.query('SET GLOBAL max_connections = 10');
    for (let refused = false; !refused;) refused = await session(source, 'app').then(() => false, () => true);
    const ran = await promote(app, kind === 'planned' ? planned() : emergency()).catch((thrown: unknown) => thrown);
    const [rows] = await keeper.query<RowDataPacket[]>('SELECT @@GLOBAL.read_only AS closed');
    const closed = [Number(rows[0]?.['closed']) === 1, await isReadOnly(standby)];
    if (kind === 'planned') {
      // Refused, or gone back: the primary takes writes and is followed.
      expect(closed, JSON.stringify(ran)).toEqual([false, true]);
      await follows(standby, source);
    } else {
      expect(closed[1], JSON.stringify(ran)).toBe(false);
      const { report } = ran as { report: PromotionReport };
      // Whether it is fenced is told as it is.
      const told = closed[0] === true ? /primary (?:answered|refuses)/ : /primary is not fenced/;
      expect([report.outcome, texts(report)]).toEqual(['done', expect.stringMatching(told)]);
    }
  });

  // percona/percona-server-mysql-operator#1223: the promoted server began to replicate again after a restart.
  test('a server that was promoted in an emergency follows nobody after a restart, and takes writes', async () => {
    const { source, standby, app } = await start();
    await look();
    await source.kill();
    const { report } = await promote(app, emergency());
    expect(report.outcome, texts(report)).toBe('done');
    await source.start();
    await standby.restart();
    expect(await standby.query(words.showReplicaStatus)).toEqual([]);
    if (traits.persist) expect(await isReadOnly(standby)).toBe(false);
    // Before 8.0 the lines that the report gives keep it.
    else expect(texts(report)).toMatch(/standby cannot keep this by itself/);
  });

  // vitessio/vitess#18528: no emergency promotion because another replica was down.
  test.each(['planned', 'emergency'] as const)('%s while another replica is down: it is told, and hinders nothing', async (kind) => {
    const { source, standby, other, app } = await start({ standbys: 2 });
    await look();
    await other.kill();
    if (kind === 'emergency') await source.kill();
    const { report } = await promote(app, kind === 'planned' ? planned() : emergency());
    expect([report.outcome, await isReadOnly(standby)], texts(report)).toEqual(['done', false]);
    expect(texts(report)).toMatch(/\bother\b/);
  });

  // vitessio/vitess#19261: a replica that follows by file and position kept the whole cluster from being promoted.
  test('a replica that follows by file and position is no obstacle, and loses nothing', async () => {
    const { source, standby, other, app } = await start({ standbys: 2 });
    await other.query(`STOP ${words.replica}; ${words.changeSource} ${words.source}_AUTO_POSITION = 0; START ${words.replica}`);
    await source.query('INSERT INTO app.rows_written VALUES (31, 1)');
    await until(() => hasAllOf(other, source), patienceMs, 'it to follow by position');
    await look();
    const { report } = await promote(app, planned());
    expect(report.outcome, texts(report)).toBe('done');
    await standby.query('INSERT INTO app.rows_written VALUES (32, 1)');
    const link = await replicaStatus(other);
    // Pointed at the new primary it follows by GTID; left where it is, the report names it.
    if (Number(link['Source_Port']) === standby.port) await follows(other, standby);
    else expect(texts(report)).toMatch(/\bother\b/);
  });

  // signal18/replication-manager#565: a switchover closed the primary of another cluster, which replicated a part of this one.
  test('a replica that takes writes of its own is pointed at the new primary or left, and never closed', async () => {
    const { source, standby, other, app } = await start({ standbys: 2 });
    await other.query('SET GLOBAL read_only = OFF');
    await other.query('SET SESSION sql_log_bin = 0; CREATE DATABASE europe; CREATE TABLE europe.t (id INT PRIMARY KEY)');
    await look();
    const { report } = await promote(app, planned());
    expect(report.outcome, texts(report)).toBe('done');
    expect(await isReadOnly(other)).toBe(false);
    expect(await hasAllOf(source, standby)).toBe(true);
  });

  // openark/orchestrator#1486, github/gh-ost#480: settings that every new session begins with kept the tool's own statements from taking hold.
  test('settings that new sessions begin with change nothing of a switch', async () => {
    const { source, standby, app } = await start();
    const globals = ['autocommit = 0', 'completion_type = 2', 'wait_timeout = 2', 'interactive_timeout = 2', "sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'", ...(traits.superReadOnly ? ['max_execution_time = 1'] : [])];
    for (const server of [source, standby]) for (const one of globals) await server.query(`SET GLOBAL ${one}`);
    const { report } = await promote(app, planned());
    if (traits.superReadOnly) for (const server of [source, standby]) await server.query('SET GLOBAL max_execution_time = 0');
    expect([report.outcome, await isReadOnly(source), await isReadOnly(standby)], texts(report)).toEqual(['done', true, false]);
    const [row] = await standby.query<{ opened: unknown }>('SELECT opened_utc AS opened FROM antipode.journal');
    expect(row?.opened).not.toBeNull();
    await follows(source, standby);
  });

  // bugs.mysql.com#73110: an errant transaction whose binary log was purged went unseen, and broke the other replicas after the switch.
  test('an errant transaction whose log is purged bars the planned way, and in an emergency no replica is broken by it', async () => {
    const { source, standby, other, app } = await start({ standbys: 2 });
    await standby.query('SET GLOBAL read_only = OFF; CREATE DATABASE errant; FLUSH LOGS');
    const newest = (await standby.query<{ Log_name: string }>('SHOW BINARY LOGS')).at(-1)?.Log_name ?? '';
    await standby.query(`PURGE BINARY LOGS TO '${newest}'`);
    await standby.query(words.setReadOnly);
    await look();
    const plan = await app.promotion.plan(planned());
    expect(plan.preconditions.filter(({ status }) => status === 'fail').map(({ id }) => id)).toContain('errant');
    await source.kill();
    const { report } = await promote(app, emergency());
    expect(report.outcome, texts(report)).toBe('done');
    expect(await isReadOnly(standby)).toBe(false);
    const link = await replicaStatus(other);
    // It cannot follow what is purged: left where it is, with its name in the report.
    expect([Number(link['Source_Port']), texts(report)]).toEqual([source.port, expect.stringMatching(/\bother\b/)]);
    expect(await executed(other)).not.toContain(await standby.scalar('SELECT @@GLOBAL.server_uuid'));
  });

  // vitessio/vitess#20199: two standbys had each written for themselves, and the loser was forced behind the winner.
  test('a replica with transactions of its own is not forced behind the new primary', async () => {
    const { source, other, app } = await start({ standbys: 2 });
    await other.query('SET GLOBAL read_only = OFF; CREATE DATABASE of_its_own');
    await other.query(words.setReadOnly);
    await look();
    await source.kill();
    const { report } = await promote(app, emergency());
    expect(report.outcome, texts(report)).toBe('done');
    expect([Number((await replicaStatus(other))['Source_Port']), texts(report)]).toEqual([source.port, expect.stringMatching(/\bother\b/)]);
  });

  // Percona-Lab/pacemaker-replication-agents#44, signal18/replication-manager#1814: a long query held the demotion up, and reads piled up behind it.
  test('a long reading on a primary that lives hinders no emergency, and nobody waits behind it afterwards', async () => {
    const { source, standby, app } = await start();
    await source.query('INSERT INTO app.rows_written VALUES (1, 1), (2, 1)');
    const reader = await session(source);
    const reading = reader.query('SELECT SLEEP(60) FROM app.rows_written').then(() => null, () => null);
    await until(async () => (await source.query("SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP(60)%' AND TIME >= 2")).length > 0, patienceMs, 'the reading');
    await look();
    const { report } = await promote(app, emergency());
    expect([report.outcome, await isReadOnly(source), await isReadOnly(standby)], texts(report)).toEqual(['done', true, false]);
    expect(await source.scalar('SELECT COUNT(*) FROM app.rows_written')).toBe(2);
    await endReader(source, reader, reading);
  });

  test('a long reading on the primary ends in a switch or in nothing, and no other reading waits behind it afterwards', async () => {
    const { source, standby, app } = await start();
    await source.query('INSERT INTO app.rows_written VALUES (1, 1), (2, 1)');
    const reader = await session(source);
    let over = false;
    const reading = reader.query('SELECT SLEEP(60) FROM app.rows_written').then(() => null, () => null).finally(() => { over = true; });
    await until(async () => (await source.query("SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP(60)%'")).length > 0, patienceMs, 'the reading');
    const { report } = await promote(app, request(pair.id(standby), { timeoutSeconds: 10 }));
    const states = [await isReadOnly(source), await isReadOnly(standby)];
    expect([report.outcome, states], texts(report)).toEqual(report.outcome === 'done' ? ['done', [true, false]] : ['undone', [false, true]]);
    // While that reading goes on, or was ended with its session.
    await source.query('SELECT COUNT(*) FROM app.rows_written');
    expect(over).toBe(report.outcome === 'done' ? over : false);
    await endReader(source, reader, reading);
  });
});
