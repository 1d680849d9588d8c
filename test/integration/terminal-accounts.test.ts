// Accounts of both servers from a terminal: told by the checks, chosen, and honoured by the copy.
import { afterAll, beforeAll, expect } from 'vitest';
import { accountsIn } from '../fixtures/content';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServer, type TestServer } from '../fixtures/servers';
import { openTerminal, type Terminal } from '../fixtures/terminal';

eachSeries('terminal-accounts', (series) => {
  let north: TestServer;
  let south: TestServer;
  let terminal: Terminal;
  const step = journey('from the difference to the choice, and to a broken view that is named');

  beforeAll(async () => {
    [north, south] = await Promise.all([startServer({ series, name: 'north' }), startServer({ series, name: 'south' })]);
    terminal = openTerminal();
    await north.query("CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); CREATE TABLE shop.gone (id INT PRIMARY KEY); CREATE VIEW shop.broken AS SELECT id FROM shop.gone; DROP TABLE shop.gone");
    await north.query("CREATE USER app@'%' IDENTIFIED BY 'Pw-source-1'; GRANT SELECT ON shop.* TO app@'%'");
    await south.query("SET sql_log_bin = 0; CREATE USER app@'%' IDENTIFIED BY 'Pw-target-1'; GRANT DELETE ON shop.* TO app@'%'");
    await terminal.register('a', 'North', north);
    await terminal.register('b', 'South', south);
  });
  afterAll(async () => {
    terminal.dispose();
    await disposeServers();
  });

  step('the checks name each account with its differences, and no password', async () => {
    const { stdout } = await terminal.text('check', 'a', 'b', '--seed', 'copy');
    expect(stdout).toContain('! priv.accounts');
    expect(stdout).toContain('      app@%: IDENTIFIED … AS *** ≠ · − DELETE ON `shop`.*, + SELECT ON `shop`.*');
    expect(stdout).toMatch(/! obj\.broken[^]*view shop\.broken: /);
    const hash = await north.scalar("SELECT HEX(authentication_string) FROM mysql.user WHERE User = 'app'");
    const { stdout: json } = await terminal.run('check', 'a', 'b', '--seed', 'copy');
    expect(Buffer.from(json).toString('hex').toUpperCase()).not.toContain(String(hash));
    const kept = await terminal.text('check', 'a', 'b', '--seed', 'copy', '--accounts', 'keep-standby');
    expect(kept.stdout).toContain('i priv.accounts');
    expect((await terminal.run('check', 'a', 'b', '--accounts', 'perhaps')).code).toBe(2);
  });

  step('the copy does as was chosen', async () => {
    const before = await accountsIn(south, ['app']);
    expect((await terminal.run('sync', 'create', 'a', 'b', '--name', 'all', '--seed', 'copy', '--accounts', 'keep-standby', '--accept-warnings')).code).toBe(0);
    const done = await terminal.run('sync', 'start', 'all', '--wait');
    expect(done, done.stdout + done.stderr).toMatchObject({ code: 0, json: { state: 'replicating' } });
    expect(await accountsIn(south, ['app'])).toEqual(before);
    await (await south.connect({ user: 'app', password: 'Pw-target-1' })).end();
    expect(await south.scalar("SELECT COUNT(*) FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'shop'")).toEqual(0);
  });
});
