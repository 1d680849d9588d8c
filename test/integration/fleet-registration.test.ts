import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createParameters } from '../../electron/operations/parameters/service';
import { createOperations } from '../../electron/operations/service';
import { createTransfer } from '../../electron/operations/transfer/service';
import type { InstanceForm } from '../../shared/domain/fleet/instance';
import { operations } from '../../shared/domain/fleet/policy';
import { errorOf, type AppError } from '../../shared/errors/codes';
import { closeFleets, formOf, openFleet, type TestFleet } from '../fixtures/fleet';
import { instanceForm } from '../fixtures/instance-form';
import { startMariadb, type MariadbServer } from '../fixtures/mariadb';
import { noSuchHost, playOldServer, stopPlaying } from '../fixtures/greeting';
import { eachSeries } from '../fixtures/matrix';
import { follow } from '../fixtures/replication';
import { waitUntil } from '../fixtures/wait';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';

const refusal = async (act: Promise<unknown>): Promise<AppError> => act.then(() => { throw new Error('not refused'); }, (thrown: unknown) => errorOf(thrown));

afterAll(async () => {
  await closeFleets();
  await disposeServers();
});

const operationsOf = ({ dataFolder, fleet, audit }: TestFleet) =>
  createOperations({
    fleet, audit, parameters: createParameters({ dataFolder, fleet, audit, clock: Date.now }),
    transfer: createTransfer({ dataFolder, fleet, audit, clock: Date.now }),
  });

eachSeries('fleet-registration', (series, _traits, { replica }) => {
  let one: TestServer;
  let two: TestServer;
  let test: TestFleet;
  let regions: { gz: string; sh: string };
  let ids: { one: string; two: string };

  beforeAll(async () => {
    ({ one, two } = await startServers({ one: { series }, two: { series } }));
    await one.query('CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY) ENGINE=InnoDB; CREATE VIEW shop.v AS SELECT id FROM shop.orders; INSERT INTO shop.orders VALUES (1), (2)');
  });
  beforeEach(async () => {
    test = openFleet();
    regions = { gz: (await test.fleet.addRegion('Guangzhou')).id, sh: (await test.fleet.addRegion('Shanghai')).id };
    const added = await test.fleet.addInstance(formOf(one, regions.gz, { name: 'orders-gz' }), one.password);
    expect(added).toMatchObject({ role: 'stand-alone', health: { state: 'reachable' }, passwordKnown: true });
    ids = { one: added.instance.id, two: (await test.fleet.addInstance(formOf(two, regions.sh, { name: 'orders-sh' }), two.password)).instance.id };
  });
  afterEach(async () => {
    const exported = test.fleet.exportInventory();
    await closeFleets(({ dataFolder }) => {
      if (dataFolder !== test.dataFolder) return;
      // Whatever was done: no password is written anywhere.
      const files = ['inventory.json', 'sightings.json', 'audit.jsonl'].map((file) => readFileSync(join(dataFolder, file), 'utf8'));
      for (const secret of [one.password, two.password, 'wrong-secret-word']) expect([...files, exported].join('')).not.toContain(secret);
    });
  });

  /** Makes the second a standby of the first while `act` runs. */
  const asStandby = async (act: () => Promise<void>): Promise<void> => {
    await follow(two, one);
    try {
      await test.fleet.refresh(ids.two);
      expect(await test.fleet.refresh(ids.two)).toMatchObject({ role: 'standby', sourceId: ids.one });
      await act();
    } finally {
      await two.query(`STOP ${replica}; RESET ${replica} ALL; SET GLOBAL read_only = OFF`);
      await waitUntil('the source to forget it', async () => JSON.stringify(await one.query('SHOW PROCESSLIST')).includes('Binlog Dump') ? null : true);
    }
  };

  const unchanged = async (act: () => Promise<AppError>): Promise<AppError> => {
    const before = readFileSync(join(test.dataFolder, 'inventory.json'), 'utf8');
    const error = await act();
    expect(readFileSync(join(test.dataFolder, 'inventory.json'), 'utf8')).toBe(before);
    return error;
  };

  it.each([
    ['a wrong password', 'login-refused', () => [formOf(one, regions.gz, { name: 'x' }), 'wrong-secret-word'] as const],
    ['a port where nobody listens', 'tcp-refused', () => [formOf(one, regions.gz, { name: 'x', admin: { host: '127.0.0.1', port: 1 } }), 'p'] as const],
    ['a host name that does not exist', 'dns-failed', () => [formOf(one, regions.gz, { name: 'x', admin: { host: noSuchHost, port: 3306 } }), 'p'] as const],
    ['the same server twice', 'same-server', () => [formOf(one, regions.sh, { name: 'x', admin: { host: 'localhost', port: one.port } }), one.password] as const],
    ['a name that is taken, in other letter case', 'name-taken', () => [formOf(one, regions.gz, { name: 'ORDERS-gz' }), one.password] as const],
    ['a region that does not exist', 'not-found', () => [formOf(one, 'nowhere', { name: 'x' }), one.password] as const],
  ])('refuses %s, and changes nothing', async (_what, code, form) => {
    const [given, password] = form();
    const error = await unchanged(() => refusal(test.fleet.addInstance(given, password)));
    expect(error.code).toBe(code);
    expect(inspect(error, { depth: 9 })).not.toContain('wrong-secret-word');
    const [entry] = test.audit.list(1);
    expect(entry).toMatchObject({ action: 'instance.add', target: given.name, detail: { code } });
    expect(entry?.outcome).not.toBe('done');
    if (error.code === 'same-server') expect(error.params.name).toBe('orders-gz');
  });

  it('tests a connection stage by stage', async () => {
    const good = await test.fleet.testConnection(formOf(two, regions.sh), two.password, undefined);
    expect(good.stages.map((stage) => [stage.stage, stage.status])).toEqual([['dns', 'pass'], ['tcp', 'pass'], ['tls', 'skipped'], ['login', 'pass'], ['facts', 'pass']]);
    expect(good).toMatchObject({ role: 'stand-alone', facts: { server: { gtidMode: 'ON' } } });
    const badLogin = await test.fleet.testConnection(formOf(two, regions.sh), 'wrong', undefined);
    expect(badLogin.stages.find((stage) => stage.status === 'fail')).toMatchObject({ stage: 'login', error: { code: 'login-refused' } });
    expect(badLogin.facts).toBeNull();
    const badPort = await test.fleet.testConnection(formOf(two, regions.sh, { admin: { host: '127.0.0.1', port: 1 } }), 'p', undefined);
    expect(badPort.stages.map((stage) => stage.status)).toEqual(['pass', 'fail', 'skipped', 'skipped', 'skipped']);
    const badName = await test.fleet.testConnection(formOf(two, regions.sh, { admin: { host: noSuchHost, port: 1 } }), 'p', undefined);
    expect(badName.stages[0]).toMatchObject({ stage: 'dns', status: 'fail', error: { code: 'dns-failed' } });
  });

  it('edits names while the server is away, and lets a connection lead to no other server', async () => {
    two.freeze();
    const renamed = await test.fleet.updateInstance(ids.two, formOf(two, regions.sh, { name: 'orders-sha', note: { owner: 'dba', hourlyCost: '1.2', text: '' } }), undefined).finally(() => two.thaw());
    expect(renamed.instance).toMatchObject({ id: ids.two, name: 'orders-sha', note: { owner: 'dba' } });
    const error = await unchanged(() => refusal(test.fleet.updateInstance(ids.two, formOf(one, regions.sh, { name: 'orders-sha' }), one.password)));
    expect(error).toMatchObject({ code: 'different-server', params: { name: 'orders-sha' } });
    expect((await refusal(test.fleet.setPassword(ids.two, 'wrong'))).code).toBe('login-refused');
    await test.fleet.setPassword(ids.two, two.password);
    expect((await test.fleet.refresh(ids.two)).health.state).toBe('reachable');
  });

  it('lists databases and tables without the server’s own', async () => {
    const [shop, ...others] = await test.fleet.objects(ids.one);
    expect(others).toEqual([]);
    expect(shop).toMatchObject({ name: 'shop', views: 1, tables: [{ name: 'orders', engine: 'InnoDB' }] });
    expect(shop?.tables[0]?.bytes).toBeGreaterThan(0);
  });

  it('is seen by a second process on the same data folder at once', async () => {
    const second = await test.another();
    expect(second.fleet.instances().map((instance) => instance.name)).toEqual(['orders-gz', 'orders-sh']);
    // The servers as last seen are remembered, with their age; the password is not.
    await test.fleet.close();
    const third = openFleet(test.dataFolder);
    expect(third.fleet.view(ids.one)).toMatchObject({ role: 'stand-alone', health: { state: 'unknown' }, passwordKnown: false, facts: { server: { gtidMode: 'ON' } } });
    expect((await third.fleet.refresh(ids.one)).health.state).toBe('unknown');
    expect((await refusal(third.fleet.readFacts(ids.one))).code).toBe('password-missing');
    await third.fleet.setPassword(ids.one, one.password);
    await third.fleet.setPassword(ids.two, two.password);
    const extra = await second.fleet.addRegion('Chengdu');
    expect(third.fleet.snapshot().regions.map((region) => region.name)).toContain('Chengdu');
    await third.fleet.removeRegion(extra.id);
    expect(second.fleet.regions().map((region) => region.name)).not.toContain('Chengdu');
    await second.close();
    test = third;
  });

  it('locks all ten operations on a standby, whatever is asked, and lets a primary transfer its project with its standby', () => asStandby(async () => {
    const service = operationsOf(test);
    expect(service.list(ids.two).map((one_) => one_.permission)).toEqual(operations.map(() => ({ allowed: false, reason: 'standby' })));
    expect(service.list(ids.two)[0]?.primaryId).toBe(ids.one);
    for (const operation of operations) {
      expect(await refusal(service.run(ids.two, operation, { projectId: null, instanceIds: [ids.one] }))).toMatchObject({ code: 'operation-locked', params: { operation, name: 'orders-sh', primary: 'orders-gz' } });
      expect(test.audit.list(1)[0]).toMatchObject({ action: `operation.${operation}`, target: 'orders-sh', outcome: 'refused' });
    }

    const project = await test.fleet.addProject('Retail');
    expect((await refusal(test.fleet.transferProject([ids.two], project.id))).code).toBe('standby-cannot-move');
    await service.run(ids.one, 'transfer-project', { projectId: project.id });
    expect(test.fleet.instances().map((instance) => instance.projectId)).toEqual([project.id, project.id]);
    expect((await refusal(test.fleet.removeProject(project.id))).code).toBe('not-empty');
    expect((await refusal(service.run(ids.one, 'transfer-project', { projectId: 'no-such' }))).code).toBe('not-found');
    expect((await refusal(service.run(ids.one, 'transfer-project', { projectId: 7 }))).code).toBe('invalid-input');
    expect((await refusal(service.run(ids.one, 'sql', {}))).code).toBe('operation-unavailable');
    const transfer = createTransfer({ dataFolder: test.dataFolder, fleet: test.fleet, audit: test.audit, clock: Date.now });
    const [made] = transfer.history();
    expect(made).toMatchObject({ toName: 'Retail', moves: [{ name: 'orders-gz', from: null, follows: null }, { name: 'orders-sh', from: null, follows: 'orders-gz' }] });
    expect(await transfer.undo(made?.id ?? '')).toMatchObject({ back: [{ name: 'orders-gz' }, { name: 'orders-sh' }], left: [] });
    expect(test.fleet.instances().map((instance) => instance.projectId)).toEqual([null, null]);
    expect((await refusal(transfer.undo(made?.id ?? ''))).code).toBe('nothing-to-undo');
    expect((await refusal(transfer.execute({ instanceIds: [ids.two], projectId: project.id }))).code).toBe('operation-locked');
    const { id: again } = await transfer.execute({ instanceIds: [ids.one], projectId: project.id });
    // It was made a server of its own meanwhile: what it followed then has no say over it any more.
    await two.query(`STOP ${replica}; RESET ${replica} ALL`);
    expect(await refusal(transfer.undo(again))).toMatchObject({ code: 'transfer-primary-changed', params: { how: 'itself', name: 'orders-sh', was: 'orders-gz' } });
    expect(test.fleet.instances().map((instance) => instance.projectId)).toEqual([project.id, project.id]);
    await follow(two, one);
    await test.fleet.refresh(ids.two);
    await service.run(ids.one, 'transfer-project', { projectId: null, instanceIds: [ids.two] });
    expect(test.fleet.instances().map((instance) => instance.projectId)).toEqual([null, null]);
  }));

  it('locks operations on a server that cannot be read', async () => {
    const service = operationsOf(test);
    await one.kill();
    try {
      expect((await refusal(service.run(ids.one, 'transfer-project', { projectId: null }))).code).toBe('role-unknown');
      expect(service.list(ids.one)[0]?.permission).toEqual({ allowed: false, reason: 'role-unknown' });
    } finally {
      await one.start();
    }
  });

  it('removes a primary with standbys only when told to dissolve, and nothing without its name', () => asStandby(async () => {
    expect((await unchanged(() => refusal(test.fleet.removeInstance(ids.one, 'orders-g', true)))).code).toBe('confirm-mismatch');
    expect(await unchanged(() => refusal(test.fleet.removeInstance(ids.one, 'orders-gz', false)))).toMatchObject({ code: 'has-standbys', params: { standbys: 'orders-sh' } });
    await test.fleet.setIntent(ids.two, { kind: 'replica', sourceId: ids.one });
    await test.fleet.removeInstance(ids.one, 'orders-gz', true);
    expect(test.fleet.instances().map((instance) => [instance.name, instance.intent.kind])).toEqual([['orders-sh', 'none']]);
    expect(test.fleet.view(ids.two)).toMatchObject({ role: 'standby', sourceId: null });
    expect(test.fleet.snapshot().topology.unregistered).toMatchObject([{ relation: 'source', port: one.port }]);
    expect((await refusal(test.fleet.removeRegion(regions.sh))).code).toBe('not-empty');
  }));
});

describe('servers that cannot take part', () => {
  let mariadb: MariadbServer;
  let old: Awaited<ReturnType<typeof playOldServer>>;
  beforeAll(async () => {
    mariadb = await startMariadb();
    old = await playOldServer();
  });
  afterAll(async () => {
    stopPlaying();
    await mariadb.dispose();
  });
  const form = (port: number, user: string, regionId: string): InstanceForm =>
    instanceForm({ name: 'stranger', host: '127.0.0.1', port, user }, { regionId, tls: { mode: 'off', ca: null } });

  it('MariaDB is recognised and refused', async () => {
    const { fleet } = openFleet();
    const region = await fleet.addRegion('Guangzhou');
    expect(await refusal(fleet.addInstance(form(mariadb.port, mariadb.user, region.id), mariadb.password))).toMatchObject({ code: 'product-unsupported', params: { product: 'MariaDB' } });
    expect(fleet.instances()).toEqual([]);
    const tested = await fleet.testConnection(form(mariadb.port, mariadb.user, region.id), mariadb.password, undefined);
    expect(tested.stages.at(-1)).toMatchObject({ stage: 'facts', status: 'fail', error: { code: 'product-unsupported' } });
  });

  it('MySQL 5.5 is recognised and refused', async () => {
    const { fleet } = openFleet();
    const region = await fleet.addRegion('Guangzhou');
    const error = await refusal(fleet.addInstance(form(old.port, 'root', region.id), 'p'));
    expect(error.code).toBe('version-unsupported');
    expect(fleet.instances()).toEqual([]);
  });
});

describe('an inventory file', () => {
  it('of a newer version stops the fleet from opening and stays untouched', () => {
    const { dataFolder } = openFleet();
    const text = JSON.stringify({ version: 99, regions: [] });
    writeFileSync(join(dataFolder, 'inventory.json'), text);
    expect(() => openFleet(dataFolder)).toThrow(/inventory-newer/);
    expect(readFileSync(join(dataFolder, 'inventory.json'), 'utf8')).toBe(text);
  });
});
