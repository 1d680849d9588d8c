import { expect, it } from 'vitest';
import { chainHead, directoryOf, sourceOfChannel } from '../../../shared/domain/fleet/source';

const known = (id: string, uuid: string | null, host: string, replicationPort: number | null = null) => ({
  id, serverUuid: uuid, admin: { host, port: 3306 }, replication: replicationPort === null ? null : { host, port: replicationPort },
});
const channel = (sourceUuid: string | null, sourceHost: string, sourcePort = 3306, receiver: 'running' | 'stopped' = 'running') => ({ sourceUuid, sourceHost, sourcePort, receiver });

it.each([
  ['by its uuid, whatever its address says', channel('U1', 'elsewhere'), 'a'],
  ['by its address, host names in any letter case', channel(null, 'A.Example'), 'a'],
  ['by its replication endpoint', channel(null, 'b.example', 3307), 'b'],
  ['of two with one uuid by the address', channel('U3', 'd.example'), 'd'],
  ['nobody where another uuid answers at the address', channel('other', 'a.example'), null],
  ['by the address where the receiver has stopped: the uuid may be of an earlier source', channel('other', 'a.example', 3306, 'stopped'), 'a'],
  ['never the replica itself', channel(null, 'replica.example'), null],
  ['nobody where nothing fits', channel(null, 'x.example'), null],
])('the source of a channel is found %s', (_how, given, expected) => {
  const directory = directoryOf([
    known('a', 'u1', 'a.example'), known('b', null, 'b.example', 3307), known('c', 'u3', 'c.example'), known('d', 'U3', 'd.example'), known('replica', 'u9', 'replica.example'),
  ]);
  expect(sourceOfChannel(given, 'replica', directory)).toBe(expected);
});

it.each([
  ['an instance that follows nobody', {}, 'a', [], 'a'],
  ['a replica of a replica', { a: 'b', b: 'c' }, 'a', [], 'c'],
  ['a ring, where it closes', { a: 'b', b: 'c', c: 'a' }, 'a', [], 'c'],
  ['a chain that leads over one to be left out', { a: 'b', b: 'c' }, 'a', ['b'], 'a'],
])('the head of %s', (_what, above: Readonly<Record<string, string>>, from, but, head) => {
  expect(chainHead(from, (id) => above[id] ?? null, but)).toBe(head);
});
