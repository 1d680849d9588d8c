// While the app lets a server try a login, a channel stands there for a moment: no link, no role and no alarm comes of it.
import { afterAll, describe, expect, it } from 'vitest';
import { trialNames } from '../../shared/domain/trial';
import { closeFleets, formOf, openFleet } from '../fixtures/fleet';
import { disposeServers, startServer, type Series } from '../fixtures/servers';

afterAll(async () => {
  await closeFleets();
  await disposeServers();
});

describe.each<Series>(['9.7', '5.6'])('a trial of a login on %s', (series) => {
  it.each(Object.values(trialNames))('under the lock %s leaves the channels as they were; what is there afterwards counts', async (lock) => {
    const server = await startServer({ series });
    const { fleet } = openFleet();
    const region = await fleet.addRegion('Guangzhou');
    const { instance } = await fleet.addInstance(formOf(server, region.id), server.password);
    const holder = await server.connect();
    try {
      await holder.query('SELECT GET_LOCK(?, 5)', [lock]);
      await server.query(
        series === '5.6'
          ? "CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1, MASTER_USER = 'nobody'"
          : `CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = 1, SOURCE_USER = 'nobody' FOR CHANNEL '${lock}'`,
      );
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
      await server.dispose();
    }
  });
});
