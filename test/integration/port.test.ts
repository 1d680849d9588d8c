// Ports on real servers: the line in the option file, RESTART under a supervisor or by hand, the proof over TCP, and who follows.
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PortPlan, WantedPorts } from '../../shared/domain/operations/port/plan';
import { errorOf } from '../../shared/errors/codes';
import { eachSeries } from '../fixtures/matrix';
import { createReplicationUser, follow, replicaSql } from '../fixtures/replication';
import { isAtLeast, wordsOf } from '../fixtures/series';
import { disposeServers, startServer, type TestServer } from '../fixtures/servers';
import { claimPort } from '../fixtures/ports';
import { startSupervised, type SupervisedServer } from '../fixtures/supervised';
import { openTestEngine, type TestEngine } from '../fixtures/test-engine';

/** Passes connections on from a port of another address of this machine, where a server that listens on 127.0.0.1 alone is not met. */
async function passOn(port: number, to: number): Promise<{ readonly host: string; readonly close: () => void }> {
  const host = '127.0.0.2';
  const sockets = new Set<Socket>();
  const server = await new Promise<Server>((resolve, reject) => {
    const opened = createServer((near) => {
      const far = createConnection({ host: '127.0.0.1', port: to });
      for (const [one, other] of [[near, far], [far, near]] as const) {
        sockets.add(one);
        one.on('error', () => other.destroy()).on('close', () => other.destroy()).pipe(other);
      }
    });
    opened.once('error', reject).listen(port, host, () => resolve(opened));
  });
  return {
    host,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

eachSeries('port', (series, { persist }) => {
  let primary: SupervisedServer;
  let standby: TestServer;
  let app: TestEngine;
  let old = 0;
  beforeAll(async () => {
    old = await claimPort();
    [primary, standby] = await Promise.all([startSupervised(series, old), startServer({ series })]);
    const source = { ...primary.server, port: old, query: primary.server.query, connect: primary.server.connect };
    await createLink(source);
    app = await openTestEngine({ servers: { primary: { ...login(primary.server), port: old }, standby } });
    await app.engine.fleet.refresh(app.id('primary'));
    await app.engine.fleet.refresh(app.id('standby'));
  });
  afterAll(async () => {
    await app?.dispose();
    await primary?.dispose();
    await disposeServers();
  });

  const login = ({ host, user, password }: TestServer) => ({ host, user, password });
  /** Over the socket the account is made, and not over the port that the server does not have any more. */
  const createLink = async (source: TestServer): Promise<void> => {
    await follow(standby, { ...source, connect: () => primary.server.server.connect() });
  };
  const ports = (more: Partial<WantedPorts>): WantedPorts => ({ port: null, admin_port: null, mysqlx_port: null, report_port: null, ...more });
  const plan = (wanted: Partial<WantedPorts>, restart: boolean): Promise<PortPlan> =>
    app.engine.port.plan({ instanceId: app.id('primary'), ports: ports(wanted), restart });
  const failing = ({ preconditions }: PortPlan): readonly string[] => preconditions.filter(({ status }) => status === 'fail').map(({ id }) => id);
  const status = async (): Promise<Record<string, string>> => (await standby.query<Record<string, string>>(wordsOf(series).showReplicaStatus))[0] ?? {};
  const statusOf = async (what: string): Promise<string | undefined> => {
    const row = await status();
    return Object.entries(row).find(([name]) => name.replace(/Master|Source/, 'X').replace(/Slave|Replica/, 'R') === what)?.[1];
  };

  it('says why a port is what it is, and refuses what would not take effect', async () => {
    const none = await plan({}, false);
    expect(none.ports.find(({ name }) => name === 'port')).toMatchObject({ value: old, source: persist ? 'explicit' : null,
      file: persist ? primary.optionFile : '' });
    expect(failing(none)).toEqual(['nothing']);
    expect(failing(await plan({ port: standby.port }, false))).toEqual(['taken:port']);
    if (persist) {
      const onCommandLine = await app.engine.port.plan({ instanceId: app.id('standby'), ports: ports({ port: await claimPort() }), restart: false })
        .catch((thrown: unknown) => errorOf(thrown).code);
      expect(onCommandLine).toBe('operation-locked');
    } else expect(failing(await plan({ port: await claimPort() }, true))).toEqual(['no-restart']);
  });

  it('changes it, proves it over TCP, and inventory and replicas follow; a thread that stood still goes on standing', async () => {
    const to = await claimPort();
    await standby.query(replicaSql(standby, 'STOP', 'SQL_THREAD'));
    const listed = async (): Promise<readonly (readonly [number, number])[]> =>
      (await standby.query<{ PORT: number; WEIGHT: number }>('SELECT PORT, WEIGHT FROM performance_schema.replication_asynchronous_connection_failover')).map((one) => [one.PORT, one.WEIGHT]);
    const hasList = isAtLeast(series, [8, 0, 22]);
    if (hasList) await standby.query(`SELECT asynchronous_connection_failover_add_source('', '127.0.0.1', ${String(old)}, '', 70)`);
    const planned = await plan({ port: to, ...(persist ? { report_port: to } : {}) }, persist);
    expect([failing(planned), planned.optionLines, planned.replicas.map(({ name }) => name)]).toEqual([[], [`port = ${to}`], ['standby']]);
    const forgotten = async (): Promise<void> => {
      const { taskId } = await app.engine.port.execute(planned.id, 'primary');
      const task = await app.engine.tasks.whenEnded(taskId);
      expect([task.state, task.error?.code]).toEqual(['failed', 'port-not-taken']);
      expect(await primary.server.scalar('SELECT COUNT(*) FROM performance_schema.persisted_variables')).toBe(0);
    };
    if (persist) await forgotten();
    const again = persist ? await plan({ port: to, report_port: to }, true) : planned;
    if (persist) primary.configure(to);
    const { taskId } = await app.engine.port.execute(again.id, 'primary');
    if (!persist) {
      await expect.poll(() => app.engine.tasks.get(taskId).state, { timeout: 20_000 }).toBe('waiting');
      // The program dies while it waits; whoever runs the server does what it says meanwhile.
      await app.crash();
      primary.configure(to);
      await primary.stop();
      await primary.start();
      await app.reopen();
      expect((await app.engine.tasks.recoverable()).map(({ verdict, text }) => [verdict, text.key])).toEqual([['can-resume', 'port.judge.there']]);
      await app.engine.tasks.resumeInterrupted(taskId);
    }
    const task = await app.engine.tasks.whenEnded(taskId);
    expect([task.state, task.error]).toEqual(['done', null]);
    const proven = task.log.find(({ text }) => text.key === 'port.log.proven')?.text.params?.['seconds'];
    if (persist) expect(Number(proven)).toBeLessThan(30);
    const { admin } = app.engine.fleet.instance(app.id('primary'));
    expect(admin.port).toBe(to);
    expect((await app.engine.fleet.refresh(app.id('primary'))).health.state).toBe('reachable');
    expect([await statusOf('X_Port'), await statusOf('R_IO_Running'), await statusOf('R_SQL_Running')].map(String)).toEqual([String(to), 'Yes', 'No']);
    if (hasList) expect(await listed()).toEqual([[to, 70]]);
    await standby.query(replicaSql(standby, 'START', 'SQL_THREAD'));
    await primary.server.query('CREATE DATABASE after_it');
    await expect.poll(() => standby.scalar("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'after_it'"), { timeout: 20_000 }).toBe(1);
    if (persist) expect(String(await primary.server.scalar('SELECT @@report_port'))).toBe(String(to));
  });

  // As with another delay (jfg-mysql 2019): both threads stand still for another port, and the relay logs go.
  it('a replica that alone holds what the server has purged refuses it before anything is restarted, also by GTIDs', async () => {
    await standby.query(replicaSql(standby, 'STOP', 'SQL_THREAD'));
    await primary.server.query('CREATE DATABASE only_received; FLUSH BINARY LOGS');
    const last = String(await primary.server.scalar('SELECT @@GLOBAL.gtid_executed')).replace(/^.*[-:]/s, '');
    await expect.poll(() => statusOf('Retrieved_Gtid_Set'), { timeout: 20_000 }).toMatch(new RegExp(`[-:]${last}$`));
    const [newest] = (await primary.server.query<{ Log_name: string }>('SHOW BINARY LOGS')).slice(-1);
    await primary.server.query(`PURGE BINARY LOGS TO '${newest?.Log_name}'`);
    const to = await claimPort();
    const planned = await plan({ port: to }, false);
    expect(failing(planned)).toEqual(['lost:standby']);
    expect(planned.preconditions.find(({ id }) => id === 'lost:standby')?.measured.params).toMatchObject({ gtids: expect.stringContaining(`:${last}`) });
    await standby.query(replicaSql(standby, 'START', 'SQL_THREAD'));
    await expect.poll(() => standby.scalar("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'only_received'"), { timeout: 20_000 }).toEqual(1);
    expect(failing(await plan({ port: to }, false))).toEqual([]);
  });

  it('a replica that would have to be sent what is gone refuses it; one that would meet another server applies nothing of that', async () => {
    const { changeSource, source } = wordsOf(series);
    const { port } = app.engine.fleet.instance(app.id('primary')).admin;
    const point = async (settings: Readonly<Record<string, string | number>>): Promise<void> => {
      await standby.query(replicaSql(standby, 'STOP'));
      await standby.query(`${changeSource} ${Object.entries(settings).map(([name, value]) => `${source}_${name} = ${value}`).join(', ')}`);
    };
    const [file] = (await primary.server.query<{ Log_name: string }>('SHOW BINARY LOGS')).slice(-1);
    await point({ AUTO_POSITION: 0, LOG_FILE: `'${file?.Log_name}'`, LOG_POS: 4 });
    const to = await claimPort();
    expect(failing(await plan({ port: to }, false))).toEqual([]);
    await primary.server.query('FLUSH BINARY LOGS');
    const [newest] = (await primary.server.query<{ Log_name: string }>('SHOW BINARY LOGS')).slice(-1);
    await primary.server.query(`PURGE BINARY LOGS TO '${newest?.Log_name}'`);
    expect(failing(await plan({ port: to }, false))).toEqual(['lost:standby']);

    const alone = await startServer({ series });
    const lines = [await passOn(port, port), await passOn(to, alone.port)];
    try {
      await createReplicationUser(alone);
      await alone.query('CREATE DATABASE of_another');
      await point({ AUTO_POSITION: 1, HOST: `'${lines[0]?.host}'`, PORT: port });
      await standby.query(replicaSql(standby, 'START'));
      await expect.poll(() => statusOf('R_IO_Running'), { timeout: 20_000 }).toBe('Yes');
      const planned = await plan({ port: to }, persist);
      expect([failing(planned), planned.replicas.map(({ name }) => name)]).toEqual([[], ['standby']]);
      const started = app.engine.port.execute(planned.id, 'primary');
      primary.configure(to);
      const { taskId } = await started;
      if (!persist) {
        await expect.poll(() => app.engine.tasks.get(taskId).state, { timeout: 20_000 }).toBe('waiting');
        await primary.stop();
        await primary.start();
      }
      const task = await app.engine.tasks.whenEnded(taskId);
      expect([task.state, task.error?.code]).toEqual(['failed', 'port-replicas-left']);
      expect(task.log.map(({ text }) => text.params?.['detail']).find((detail) => String(detail).startsWith('different-server'))).toBeDefined();
      expect([await statusOf('X_Port'), await statusOf('R_IO_Running'), await statusOf('R_SQL_Running')].map(String)).toEqual([String(port), 'No', 'No']);
      // Nothing of it was applied, nor would be: its relay logs are gone as well.
      expect(await statusOf('Retrieved_Gtid_Set')).toBe('');
      expect(await standby.scalar("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'of_another'")).toBe(0);
    } finally {
      for (const line of lines) line.close();
      await alone.dispose();
    }
  });

  if (persist) it('the port of the X protocol is changed alone, and proven by who listens there', async () => {
    const [at, x, to] = [await claimPort(), await claimPort(), await claimPort()];
    const server = await startSupervised(series, at, x);
    const other = await openTestEngine({ servers: { server: { ...login(server.server), port: at } } });
    try {
      const order = { instanceId: other.id('server'), ports: ports({ mysqlx_port: to }), restart: true };
      const planned = await other.engine.port.plan(order);
      expect([failing(planned), planned.optionLines, planned.ports.find(({ name }) => name === 'mysqlx_port')]).toMatchObject([
        [], [`mysqlx_port = ${to}`], { value: x, listens: true },
      ]);
      server.configure(at, to);
      const task = await other.engine.tasks.whenEnded((await other.engine.port.execute(planned.id, 'server')).taskId);
      expect([task.state, task.error]).toEqual(['done', null]);
      expect(await server.server.query("SHOW GLOBAL STATUS LIKE 'Mysqlx_port'")).toEqual([{ Variable_name: 'Mysqlx_port', Value: String(to) }]);
      const greets = await new Promise<boolean>((resolve) => {
        const socket = createConnection({ host: '127.0.0.1', port: to }, () => resolve(true)).once('error', () => resolve(false));
        socket.once('connect', () => socket.destroy());
      });
      expect([greets, other.engine.fleet.instance(other.id('server')).admin.port]).toEqual([true, at]);
    } finally {
      await other.dispose();
      await server.dispose();
    }
  });

  it('a port on the command line is refused with the reason', async () => {
    // Its X protocol finds its port taken, as it does where two servers have the number that comes with them.
    const x = await claimPort();
    const holder = await new Promise<Server>((resolve) => { const opened: Server = createServer().listen(x, '0.0.0.0', () => resolve(opened)); });
    const alone = await startServer({ series, args: persist ? ['--mysqlx=ON', `--mysqlx-port=${String(x)}`, '--mysqlx-bind-address=0.0.0.0'] : [] });
    holder.close();
    const other = await openTestEngine({ servers: { alone } });
    try {
      const { ports: now } = await other.engine.port.plan({ instanceId: other.id('alone'), ports: ports({}), restart: false });
      const listening = now.map(({ name, value, listens }) => [name, value, listens]);
      expect(listening).toEqual([['port', alone.port, true], ...(persist ? [['admin_port', 33_062, false], ['mysqlx_port', x, false]] : []), ['report_port', alone.port, null]]);
      expect(now.find(({ name }) => name === 'port')?.socket).toBe(alone.socket);
      const planned = await other.engine.port.plan({ instanceId: other.id('alone'), ports: ports({ port: await claimPort() }), restart: false });
      expect(failing(planned)).toEqual(persist ? ['command-line:port'] : []);
      expect(planned.preconditions.map(({ id }) => id)).toContain(persist ? 'clients' : 'untold');
    } finally {
      await other.dispose();
      await alone.dispose();
    }
  });
});
