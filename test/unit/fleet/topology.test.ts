import { describe, expect, it } from 'vitest';
import { analyseFleet, noMemory, type AnalysedMember } from '../../../shared/domain/analysis/analysis';
import type { ReplicaChannel } from '../../../shared/domain/fleet/facts';
import type { LinkState } from '../../../shared/domain/fleet/topology';
import { facts, member, standby, T0, uuidOfNumber } from '../../fixtures/facts';

const topology = (members: readonly AnalysedMember[]) => analyseFleet(members, noMemory, T0, 30, 'own').topology;

describe('a sync link', () => {
  it.each<readonly [string, Partial<ReplicaChannel>, LinkState, string | null]>([
    ['healthy', {}, 'healthy', null],
    ['lagging', { secondsBehind: 31, received: `${uuidOfNumber(1)}:1-101` }, 'lagging', 'fleet.link.lagging'],
    ['a delay that is wanted is no lag', { secondsBehind: 31, delaySeconds: 3600, received: `${uuidOfNumber(1)}:1-101` }, 'healthy', null],
    ['connecting', { receiver: 'connecting' }, 'connecting', 'fleet.link.connecting'],
    ['connecting with the server’s reason', { receiver: 'connecting', receiverError: { errno: 2003, text: 'no way', at: null } }, 'connecting', 'fleet.link.connecting-error'],
    ['stopped by order', { receiver: 'stopped', applier: 'stopped' }, 'stopped', 'fleet.link.stopped'],
    ['only the receiver stopped', { receiver: 'stopped' }, 'stopped', 'fleet.link.receiver-stopped'],
    ['only the applier stopped', { applier: 'stopped' }, 'stopped', 'fleet.link.applier-stopped'],
    ['broken by a receiver error', { receiver: 'stopped', receiverError: { errno: 1236, text: 'purged', at: null } }, 'broken', 'fleet.link.receiver-error'],
    ['broken by an applier error', { applier: 'stopped', applierError: { errno: 1062, text: 'duplicate', at: null } }, 'broken', 'fleet.link.applier-error'],
  ])('is %s', (_what, change, state, reason) => {
    const [link] = topology([member(1), member(2, { region: 'r2', facts: standby(1, change) })]).links;
    expect(link).toMatchObject({ id: 'i2/', sourceId: 'i1', replicaId: 'i2', state });
    expect(link?.reason?.key ?? null).toBe(reason);
  });

  it('of a replica that is away is unknown, never healthy', () => {
    const [link] = topology([member(1), member(2, { region: 'r2', facts: standby(), health: 'unreachable' })]).links;
    expect(link).toMatchObject({ state: 'unknown', reason: { key: 'fleet.link.replica-unreachable' } });
  });

  it('to a source that is away is unknown unless the replica hears it', () => {
    const source = member(1, { health: 'unreachable' });
    expect(topology([source, member(2, { region: 'r2', facts: standby(1, { lastHeartbeatAgeSeconds: 50 }) })]).links[0]?.state).toBe('unknown');
    expect(topology([source, member(2, { region: 'r2', facts: standby(1, { lastHeartbeatAgeSeconds: 1 }) })]).links[0]?.state).toBe('healthy');
  });

  it.each([
    ['paused', { health: 'unknown' as const }, { isPaused: true }], ['unread', { facts: null }, {}], ['unreachable', { health: 'unreachable' as const }, {}],
  ])('to a source that is %s is told as that unless the replica hears it', (why, change, more) => {
    const linkOf = (lastHeartbeatAgeSeconds: number | null) =>
      topology([{ ...member(1, change), ...more }, member(2, { region: 'r2', facts: standby(1, { lastHeartbeatAgeSeconds }) })]).links[0];
    for (const age of [50, null]) expect(linkOf(age)).toMatchObject({ state: 'unknown', reason: { key: `fleet.link.source-${why}` } });
    expect(linkOf(1)).toMatchObject({ state: 'healthy', reason: null });
  });

  it('that is only intended is not synchronised', () => {
    const [link] = topology([member(1), member(2, { region: 'r2', intent: { kind: 'replica', sourceId: 'i1' } })]).links;
    expect(link).toMatchObject({ sourceId: 'i1', state: 'not-synchronised', sourceHost: 'db1', lag: { state: 'not-replicating', seconds: null } });
  });

  it('that runs is believed before an intent', () => {
    const { links } = topology([member(1), member(2), member(3, { region: 'r2', facts: standby(2, {}, {}, 3), intent: { kind: 'replica', sourceId: 'i1' } })]);
    expect(links.map((link) => link.sourceId)).toEqual(['i2']);
  });

  it('finds its source by uuid, whatever address it goes by', () => {
    const [link] = topology([member(1), member(2, { facts: standby(1, { sourceHost: '10.9.9.9', sourcePort: 13306 }) })]).links;
    expect(link?.sourceId).toBe('i1');
  });

  it('that runs is not taken for one to a registered server that only has the address', () => {
    const [link] = topology([member(1), member(2, { facts: standby(1, { sourceUuid: uuidOfNumber(99) }) })]).links;
    expect(link?.sourceId).toBeNull();
    // While it cannot connect, the address is what counts: the server behind it was set up anew.
    const [connecting] = topology([member(1), member(2, { facts: standby(1, { sourceUuid: uuidOfNumber(99), receiver: 'connecting' }) })]).links;
    expect(connecting?.sourceId).toBe('i1');
  });

  it('exists once for every channel', () => {
    const reading = standby();
    const two = { ...reading, channels: [...reading.channels, ...standby(3, { name: 'crm' }).channels] };
    const { links } = topology([member(1), member(2, { region: 'r2', facts: two }), member(3)]);
    expect(links.map((link) => [link.id, link.sourceId])).toEqual([['i2/', 'i1'], ['i2/crm', 'i3']]);
  });
});

describe('servers that are not registered', () => {
  it('are shown as sources', () => {
    expect(topology([member(2, { facts: standby(9) }), member(3, { facts: standby(9, {}, {}, 3) })]).unregistered).toEqual([
      { key: uuidOfNumber(9), host: 'db9', port: 3306, uuid: uuidOfNumber(9), relation: 'source', seenFrom: ['i2', 'i3'] },
    ]);
  });

  it('are shown as replicas', () => {
    const replicas = [
      { serverId: 2, uuid: uuidOfNumber(2).toUpperCase(), host: '', port: 0, user: 'repl' },
      { serverId: 7, uuid: uuidOfNumber(7), host: 'db7', port: 3306, user: 'repl' },
      { serverId: null, uuid: null, host: null, port: null, user: 'nobody' },
    ];
    expect(topology([member(1, { facts: facts(1, { replicas }) }), member(2, { facts: standby() })]).unregistered).toEqual([
      { key: uuidOfNumber(7), host: 'db7', port: 3306, uuid: uuidOfNumber(7), relation: 'replica', seenFrom: ['i1'] },
    ]);
  });

  it('are not made of registered replicas whose uuid the source does not tell', () => {
    const byServerId = { serverId: 2, uuid: null, host: '192.0.2.7', port: null, user: 'repl' };
    const byEndpoint = { serverId: null, uuid: null, host: 'DB3', port: 3306, user: 'repl' };
    expect(
      topology([member(1, { facts: facts(1, { replicas: [byServerId, byEndpoint] }) }), member(2, { facts: standby() }), member(3)]).unregistered,
    ).toEqual([]);
  });
});
