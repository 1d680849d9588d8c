import { existsSync } from 'node:fs';
import { createConnection } from 'mysql2/promise';
import { afterAll, expect, it } from 'vitest';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startMariadb, startServer } from '../fixtures/servers';

afterAll(disposeServers);

eachSeries('servers', (series) => {
  it('starts clean, survives a kill and a restart with its data and port, and leaves nothing', async () => {
    const server = await startServer({ series });
    expect(await server.scalar('SELECT @@version')).toContain(series);
    expect(await server.scalar('SELECT @@global.gtid_executed')).toBe('');
    expect(await server.scalar('SELECT @@global.gtid_mode')).toBe('ON');
    expect(await server.query('SELECT user, host FROM mysql.user WHERE user = ""')).toEqual([]);

    await server.query('CREATE DATABASE d; CREATE TABLE d.t (id INT PRIMARY KEY) ENGINE=InnoDB; INSERT INTO d.t VALUES (1), (2)');
    await server.kill();
    expect(server.isRunning()).toBe(false);
    await server.start();
    expect(await server.scalar('SELECT COUNT(*) FROM d.t')).toBe(2);
    await server.restart(['--read-only=ON']);
    expect(await server.scalar('SELECT @@global.read_only')).toBe(1);

    const connection = await server.connect();
    const [rows] = await connection.query('SELECT @@port AS port');
    expect(rows).toEqual([{ port: server.port }]);
    await connection.end();

    await server.dispose();
    expect(existsSync(server.dataDir)).toBe(false);
  });

  it('stands still while frozen and answers again afterwards', async () => {
    const server = await startServer({ series, gtid: false });
    expect(await server.scalar('SELECT @@global.gtid_mode')).toBe('OFF');
    server.freeze();
    const answer = server.scalar('SELECT 1');
    const first = await Promise.race([answer, new Promise((resolve) => { setTimeout(() => resolve('nothing'), 300); })]);
    expect(first).toBe('nothing');
    server.thaw();
    expect(await answer).toBe(1);
  });
});

it('says why a server does not start', async () => {
  await expect(startServer({ series: '9.7', args: ['--no-such-option=1'] })).rejects.toThrow(/no-such-option/);
});

it('starts a MariaDB that says what it is', async () => {
  const { host, port, user, password, dispose } = await startMariadb();
  const connection = await createConnection({ host, port, user, password });
  expect(await connection.query('SELECT VERSION() AS version')).toMatchObject([[{ version: expect.stringMatching(/MariaDB/) as string }], expect.anything()]);
  await connection.end();
  await dispose();
});
