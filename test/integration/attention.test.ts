// A server that is not watched: nothing connects to it any more, and what it was proves nothing.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Fleet } from '../../electron/fleet/types';
import { openProblems, seenOf } from '../../shared/domain/fleet/attention';
import { closeFleets, formOf, openFleet } from '../fixtures/fleet';
import { eachSeries } from '../fixtures/matrix';
import { disposeServers, startServers, type TestServer } from '../fixtures/servers';
import { waitUntil } from '../fixtures/wait';

afterAll(async () => {
  await closeFleets();
  await disposeServers();
});

eachSeries('attention', (series) => {
  let server: TestServer;
  let fleet: Fleet;
  let id: string;

  beforeAll(async () => {
    ({ server } = await startServers({ server: { series } }));
    ({ fleet } = openFleet());
    const region = await fleet.addRegion('North');
    ({ instance: { id } } = await fleet.addInstance(formOf(server, region.id, { name: 'orders' }), server.password));
    fleet.startPolling();
    await waitUntil('it is read', () => fleet.view(id).health.state === 'reachable', 30_000);
  });

  it('is left alone while it is paused, answers who asks, and is read again afterwards', async () => {
    const sessions = async (): Promise<number> => {
      const [row] = await server.query<{ n: number }>("SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND COMMAND NOT LIKE 'Binlog%' AND COMMAND <> 'Daemon' AND USER <> 'event_scheduler'");
      return Number(row?.n);
    };
    await waitUntil('its session stands', async () => (await sessions()) > 0, 30_000);
    const before = await sessions();
    expect(await fleet.pauseWatching([id], { until: null, note: 'disk swap' })).toEqual([{ id, error: null, changed: [] }]);
    expect(fleet.view(id)).toMatchObject({ health: { state: 'unknown' }, paused: { note: 'disk swap' } });
    await waitUntil('its session is closed', async () => (await sessions()) < before, 20_000);
    const readAt = fleet.view(id).facts?.sampledAt ?? 0;
    // Somebody asks: the reading is of that moment, and proves nothing afterwards.
    const asked = await fleet.refresh(id);
    expect(asked.health.state).toBe('unknown');
    expect(asked.facts?.sampledAt).toBeGreaterThan(readAt);
    await waitUntil('nothing is kept open to it', async () => (await sessions()) < before, 20_000);
    await fleet.endAttention([id], 'pause', null);
    expect(fleet.view(id).paused).toBeNull();
    await waitUntil('it is read again', () => fleet.view(id).health.state === 'reachable', 30_000);
  });

  it('is told as gone again once a problem that was acknowledged is over', async () => {
    await server.stop();
    await waitUntil('it is gone', () => fleet.view(id).problems.some(({ code }) => code === 'unreachable'), 60_000);
    const seen = openProblems(fleet.view(id)).map(seenOf);
    expect(await fleet.acknowledge([{ id, problems: seen }], { until: null, note: '' })).toMatchObject([{ error: null, changed: [] }]);
    expect(fleet.view(id).problems.find(({ code }) => code === 'unreachable')?.quiet).toMatchObject({ kind: 'acknowledged' });
    await server.start();
    await waitUntil('it is back, and the word is forgotten', () => fleet.view(id).health.state === 'reachable' && fleet.instance(id).attention === undefined, 60_000);
  });
});
