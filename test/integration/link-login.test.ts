// The account of a link is limited to where its servers connect from, as far as the user says so, and serves in either direction.
import { afterAll, beforeAll, expect } from 'vitest';
import type { InstanceForm } from '../../shared/domain/fleet/instance';
import { instanceForm } from '../fixtures/instance-form';
import { journey } from '../fixtures/journey';
import { eachSeries } from '../fixtures/matrix';
import { promote, request } from '../fixtures/promotion-request';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { openBench, remove, trouble, until, type Bench } from './sync-bench';

eachSeries('link-login', (series) => {
  let servers: Record<'north' | 'south' | 'east', TestServer>;
  let bench: Bench;
  beforeAll(async () => {
    servers = await startServers({ north: { series }, south: { series }, east: { series } });
    await servers.north.query('CREATE DATABASE app; CREATE TABLE app.t (id INT PRIMARY KEY); INSERT INTO app.t VALUES (1)');
    await servers.north.query("CREATE DATABASE big; CREATE TABLE big.t (id INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(2000)); INSERT INTO big.t (note) VALUES (REPEAT('x', 2000))");
    for (let rows = 1; rows < 2 ** 10; rows *= 2) await servers.north.query('INSERT INTO big.t (note) SELECT note FROM big.t');
    bench = await openBench({
      // Nobody connects from there: addresses for documentation (RFC 5737).
      north: { ...serverOf('north'), connectsFrom: '192.0.2.1' },
      south: { ...serverOf('south'), connectsFrom: '192.0.2.2' },
      east: { ...serverOf('east'), connectsFrom: '192.0.2.3' },
    });
  });
  afterAll(async () => {
    await bench.close();
    remove(bench.folder);
    await disposeServers();
  });

  const serverOf = (name: keyof typeof servers) => {
    const { host, port, user, password } = servers[name];
    return { host, port, user, password };
  };
  const idOf = (name: keyof typeof servers): string => bench.ids[name] ?? '';
  const refresh = async (): Promise<void> => {
    await Promise.all(Object.values(bench.ids).map((id) => bench.fleet.refresh(id)));
  };
  const accounts = async (name: keyof typeof servers): Promise<string[]> => {
    const rows = await servers[name].query<{ account: string }>("SELECT CONCAT(User, '@', Host) AS account FROM mysql.user WHERE User LIKE 'antipode\\_%'");
    return rows.map(({ account }) => account).sort();
  };
  const arrives = async (id: number, from: keyof typeof servers, to: keyof typeof servers): Promise<void> => {
    await servers[from].query(`INSERT INTO app.t VALUES (${id})`);
    await until(`row ${id} on ${to}`, async () => (await servers[to].query(`SELECT id FROM app.t WHERE id = ${id}`)).length === 1);
  };
  const edit = async (name: keyof typeof servers, change: Partial<InstanceForm>): Promise<void> => {
    const { regionId } = bench.fleet.instance(idOf(name));
    await bench.fleet.updateInstance(idOf(name), instanceForm({ ...servers[name], name }, { regionId, ...change }), undefined);
  };
  const both = ['antipode_repl@127.0.0.0/255.255.255.0', 'antipode_repl@127.0.0.1'];

  const step = journey('lets in who is said to connect from there, and nobody else');

  step('a server that connects from elsewhere is found out before anything of it is changed', async () => {
    const refused = await bench.run(bench.spec('north', 'south'));
    const params = { standby: 'south', source: 'north', accounts: 'antipode_repl@192.0.2.1, antipode_repl@192.0.2.2' };
    expect(refused.error, JSON.stringify(trouble(refused))).toMatchObject({ code: 'link-login-refused', params });
    expect(await servers.south.query("SHOW DATABASES LIKE 'app'")).toEqual([]);
    expect(await accounts('north')).toEqual([]);
  });

  step('one account for each end, here and there', async () => {
    await edit('north', { connectsFrom: '127.0.0.1' });
    await edit('south', { connectsFrom: '127.0.0.0/255.255.255.0' });
    const { id } = bench.sync.byName('north to south');
    await bench.sync.start(id);
    const made = await bench.sync.whenSettled(id);
    expect(made.state, JSON.stringify(trouble(made), null, 1)).toBe('replicating');
    for (const name of ['north', 'south'] as const) expect(await accounts(name)).toEqual(both);
    await arrives(2, 'north', 'south');
  });

  step('there and back again by the same accounts', async () => {
    await refresh();
    for (const [to, from, row] of [['south', 'north', 3], ['north', 'south', 4]] as const) {
      const { report } = await promote(bench, request(idOf(to)));
      expect(report.outcome, JSON.stringify(report.notes)).toBe('done');
      await refresh();
      await arrives(row, to, from);
      expect(await accounts(to)).toEqual(both);
    }
  });

  step('an undo takes back what was added for one, and leaves what the others need', async () => {
    const { id } = await bench.sync.create(bench.spec('north', 'east', { name: 'slow', copyRateMb: 0.1 }), true, null);
    await until('rows are on their way', () => Promise.resolve(bench.sync.get(id).task?.steps.some((one) => one.id === 'seed' && one.state === 'running') === true));
    expect(await accounts('north')).toEqual([...both, 'antipode_repl@192.0.2.3']);
    await bench.sync.cancel(id);
    await bench.sync.whenSettled(id);
    expect(await accounts('north')).toEqual(both);
    await arrives(5, 'north', 'south');
  });

  step('one of which nobody says where it connects from opens the account to any address', async () => {
    await edit('east', {});
    await bench.sync.remove(bench.sync.byName('slow').id, 'slow', false);
    const made = await bench.run(bench.spec('north', 'east', { name: 'anywhere' }));
    expect(made.state, JSON.stringify(trouble(made), null, 1)).toBe('replicating');
    expect(await accounts('north')).toEqual(['antipode_repl@%', ...both]);
    await arrives(6, 'north', 'east');
  });

  step('all follow the server that is promoted when the primary is dead', async () => {
    await refresh();
    await servers.north.kill();
    await refresh();
    const { report } = await promote(bench, request(idOf('south'), { kind: 'emergency' }));
    expect(report.outcome, JSON.stringify(report.notes)).toBe('done');
    await arrives(7, 'south', 'east');
  });
});
