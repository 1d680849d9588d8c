// While the app lets a server try a login, a channel stands there for a moment: no link, no role and no alarm comes of it.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { trialName } from '../../shared/domain/checks/trial';
import { closeFleets, formOf, openFleet } from '../fixtures/fleet';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServer, type TestServer } from '../fixtures/servers';

afterAll(async () => {
  await closeFleets();
  await disposeServers();
});

eachSeries('fleet-trial', (series, traits, { changeSource, source, replica }) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ series });
  });

  it('a trial of a login leaves the channels as they were; what is there afterwards counts', async () => {
    const lock = trialName;
    const { fleet } = openFleet();
    const region = await fleet.addRegion('Guangzhou');
    const { instance } = await fleet.addInstance(formOf(server, region.id), server.password);
    const holder = await server.connect();
    const channel = traits.since57 ? ` FOR CHANNEL '${lock}'` : '';
    try {
      await holder.query('SELECT GET_LOCK(?, 5)', [lock]);
      await server.query(`${changeSource} ${source}_HOST = '127.0.0.1', ${source}_PORT = 1, ${source}_USER = 'nobody'${channel}`);
      const during = await fleet.refresh(instance.id);
      expect(during.facts).toMatchObject({ trialUnderWay: true, channels: [] });
      expect(during.role).toBe('stand-alone');
      expect(during.problems.filter(({ severity }) => severity === 'critical')).toEqual([]);
      await holder.query('SELECT RELEASE_LOCK(?)', [lock]);
      const after = await fleet.refresh(instance.id);
      expect(after.facts?.channels).toHaveLength(1);
      expect(after.role).toBe('standby');
    } finally {
      await holder.end();
      await server.query(`RESET ${replica} ALL${channel}`);
      await closeFleets();
    }
  });
});
