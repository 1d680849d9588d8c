import { describe, expect, it } from 'vitest';
import { analyseFleet, noMemory, type AnalysedMember } from '../../../shared/domain/analysis/analysis';
import { localReplicaObstacleOf } from '../../../shared/domain/analysis/obstacle';
import { roles, type Role } from '../../../shared/domain/fleet/role';
import { operations, permission } from '../../../shared/domain/fleet/policy';
import { facts, member, standby, T0, uuidOfNumber } from '../../fixtures/facts';

const analyse = (members: readonly AnalysedMember[]) => analyseFleet(members, noMemory, T0, 30, 'own');
const rolesOf = (members: readonly AnalysedMember[]): Record<string, Role> =>
  Object.fromEntries(analyse(members).views.map((view) => [view.instance.id, view.role]));
const follows = (sourceId: string) => ({ kind: 'replica', sourceId }) as const;

const cases: readonly (readonly [what: string, members: readonly AnalysedMember[], expected: Record<string, Role>])[] = [
  ['nobody follows and it follows nobody: stand-alone', [member(1)], { i1: 'stand-alone' }],
  ['a follower in another region is a standby, its source a primary', [member(1), member(2, { region: 'r2', facts: standby() })], { i1: 'primary', i2: 'standby' }],
  ['a follower in the same region is a read-only instance', [member(1), member(2, { facts: standby() })], { i1: 'primary', i2: 'read-only' }],
  ['a follower of a server that is not registered is a standby', [member(2, { facts: standby(9) })], { i2: 'standby' }],
  ['a replica that is not registered makes a primary', [member(1, { facts: facts(1, { replicas: [{ serverId: 7, uuid: uuidOfNumber(7), host: 'db7', port: 3306, user: 'repl' }] }) })], { i1: 'primary' }],
  ['registered as a standby and not synchronised is a standby, and makes a primary', [member(1), member(2, { region: 'r2', intent: follows('i1') })], { i1: 'primary', i2: 'standby' }],
  ['registered as a replica in the same region and not synchronised is a read-only instance', [member(1), member(2, { intent: follows('i1') })], { i2: 'read-only' }],
  ['a stopped channel leaves a standby a standby, even if it was made writable', [member(1), member(2, { region: 'r2', facts: standby(1, { receiver: 'stopped', applier: 'stopped' }, { server: { readOnly: false, superReadOnly: false } }) })], { i1: 'primary', i2: 'standby' }],
  ['what follows a standby in its region is a local replica', [member(1), member(2, { region: 'r2', facts: standby() }), member(3, { region: 'r2', facts: standby(2, {}, {}, 3) })], { i1: 'primary', i2: 'standby', i3: 'local-replica' }],
  ['and so is what follows that one there', [member(1), member(2, { region: 'r2', facts: standby() }), member(3, { region: 'r2', facts: standby(2, {}, {}, 3) }), member(4, { region: 'r2', facts: standby(3, {}, {}, 4) })], { i3: 'local-replica', i4: 'local-replica' }],
  ['what follows a standby from a third region is a standby', [member(1), member(2, { region: 'r2', facts: standby() }), member(3, { region: 'r3', facts: standby(2, {}, {}, 3) })], { i3: 'standby' }],
  ['what follows a read-only instance in its region is a read-only instance', [member(1), member(2, { facts: standby() }), member(3, { facts: standby(2, {}, {}, 3) })], { i2: 'read-only', i3: 'read-only' }],
  ['a local replica behind a standby that was never read, and is only meant as one', [member(1), member(2, { region: 'r2', facts: null, health: 'unreachable', intent: follows('i1') }), member(3, { region: 'r2', facts: standby(2, {}, {}, 3) })], { i2: 'standby', i3: 'local-replica' }],
  ['registered behind a standby and not synchronised is a local replica', [member(1), member(2, { region: 'r2', facts: standby() }), member(3, { region: 'r2', intent: follows('i2') })], { i3: 'local-replica' }],
  ['behind what became the primary of that region it is a read-only instance', [member(1, { facts: standby(2, {}, {}, 1) }), member(2, { region: 'r2' }), member(3, { region: 'r2', facts: standby(2, {}, {}, 3) })], { i1: 'standby', i2: 'primary', i3: 'read-only' }],
  ['a ring within a region has no standby above it', [member(1, { facts: standby(2, {}, {}, 1) }), member(2, { facts: standby() })], { i1: 'read-only', i2: 'read-only' }],
  ['never read, and nothing tells: unknown', [member(1, { facts: null, health: 'unreachable' })], { i1: 'unknown' }],
  ['never read, but its standby tells: primary', [member(1, { facts: null, health: 'unreachable' }), member(2, { region: 'r2', facts: standby() })], { i1: 'primary', i2: 'standby' }],
  ['never read, but meant as a standby: standby', [member(1), member(2, { region: 'r2', facts: null, health: 'unreachable', intent: follows('i1') })], { i2: 'standby' }],
  ['away now: the role of before stays', [member(1, { health: 'unreachable' }), member(2, { region: 'r2', health: 'unreachable', facts: standby() })], { i1: 'primary', i2: 'standby' }],
  ['channels that may not be read make no primary and no stand-alone', [member(1, { facts: facts(1, { unread: [{ fact: 'channels', reason: 'denied' }] }) })], { i1: 'unknown' }],
  ['an old primary that was fenced is fenced; its successor is a primary even without followers', [member(1, { intent: { kind: 'fenced', since: T0, successorId: 'i2' } }), member(2, { region: 'r2' })], { i1: 'fenced', i2: 'primary' }],
  ['a fenced one that follows again and takes writes is no standby', [member(1, { intent: { kind: 'fenced', since: T0, successorId: 'i2' }, facts: standby(2, {}, { server: { readOnly: false, superReadOnly: false } }, 1) }), member(2, { region: 'r2' })], { i1: 'fenced', i2: 'primary' }],
  ['a fenced one that follows again is what it follows as', [member(1, { intent: { kind: 'fenced', since: T0, successorId: 'i2' }, facts: standby(2, {}, {}, 1) }), member(2, { region: 'r2' })], { i1: 'standby', i2: 'primary' }],
  ['on a circle the one that takes writes is the primary', [member(1, { facts: standby(2, {}, { server: { readOnly: false, superReadOnly: false } }, 1) }), member(2, { region: 'r2', facts: standby() })], { i1: 'primary', i2: 'standby' }],
  ['a source found by its replication endpoint where its uuid is not known yet', [
    member(1, { serverUuid: null, facts: null, instance: { replication: { host: 'repl.db1', port: 3307 } } }),
    member(2, { region: 'r2', facts: standby(1, { sourceHost: 'REPL.db1', sourcePort: 3307, sourceUuid: null, receiver: 'connecting' }) }),
  ], { i1: 'primary', i2: 'standby' }],
];

describe('roles', () => {
  it.each(cases)('%s', (_what, members, expected) => {
    expect(rolesOf(members)).toMatchObject(expected);
  });

  it('of a standby names its source and the standbys of a primary', () => {
    const { views } = analyse([member(1), member(2, { region: 'r2', facts: standby() }), member(3, { facts: standby(1, {}, {}, 3) }), member(4, { region: 'r2', intent: follows('i1') })]);
    expect(views.map((view) => view.sourceId)).toEqual([null, 'i1', 'i1', 'i1']);
    // A read-only instance and one that is not synchronised protect nothing.
    expect(views[0]?.protectedBy).toEqual(['i2']);
  });
});

describe('the lag of a local replica', () => {
  const A = uuidOfNumber(1);
  const chain = (second: Parameters<typeof standby>[1], more: Parameters<typeof member>[1] = {}, third: Parameters<typeof standby>[1] = {}) =>
    analyse([member(1, { facts: facts(1, { executed: `${A}:1-120` }) }), member(2, { region: 'r2', facts: standby(1, second, { executed: `${A}:1-110` }), ...more }), member(3, { region: 'r2', facts: standby(2, third, { executed: `${A}:1-110` }, 3) })]).views;

  it('is told to its own source and to the primary at the head', () => {
    const [, second, third] = chain({});
    expect(third?.lag).toMatchObject({ state: 'caught-up', toReceive: 0 });
    expect(third?.head).toMatchObject({ headId: 'i1', lag: { state: 'behind', toReceive: 10, toApply: 0 } });
    expect(second?.head).toBeNull();
  });

  it('is not replicating to the head where the standby’s own link stands still', () => {
    const third = chain({ receiver: 'stopped' })[2];
    expect(third?.lag?.state).toBe('caught-up');
    expect(third?.head?.lag).toMatchObject({ state: 'not-replicating', seconds: null, toReceive: 10 });
  });

  it('ends at the head of a longer chain, and there is none on a ring', () => {
    const longer = analyse([member(1), member(2, { region: 'r2', facts: standby() }), member(3, { region: 'r2', facts: standby(2, {}, {}, 3) }), member(4, { region: 'r2', facts: standby(3, {}, {}, 4) })]).views;
    expect(longer.map((view) => view.head?.headId ?? null)).toEqual([null, null, 'i1', 'i1']);
    const ring = analyse([member(1, { facts: standby(2, {}, {}, 1) }), member(2, { region: 'r2', facts: standby() })]).views;
    expect(ring.map((view) => view.head)).toEqual([null, null]);
  });
});

describe('adding a local replica', () => {
  const obstacle = (change: Parameters<typeof standby>[2], intent = false) =>
    localReplicaObstacleOf(analyse([member(1), member(2, { region: 'r2', ...(intent ? { facts: facts(2, change), intent: follows('i1') } : { facts: standby(1, {}, change) }) })]).views[1] ?? { role: 'unknown', facts: null })?.key ?? null;
  it.each([
    ['is offered on a standby', {}, null],
    ['asks for a binary log', { server: { logBin: false } }, 'fleet.obstacle.binlog-off'],
    ['asks for what it receives to be in that log', { server: { logReplicaUpdates: false } }, 'fleet.obstacle.updates-off'],
    ['asks for GTIDs', { server: { gtidMode: 'OFF' } }, 'fleet.obstacle.gtid-online'],
  ] as const)('%s', (_what, change, expected) => {
    expect(obstacle(change)).toBe(expected);
  });

  it('is refused on a standby that follows nobody yet, on a primary, and on what was never read', () => {
    expect(obstacle({}, true)).toBe('fleet.obstacle.not-following');
    expect(localReplicaObstacleOf({ role: 'primary', facts: facts(1) })?.key).toBe('fleet.obstacle.not-a-standby');
    expect(localReplicaObstacleOf({ role: 'standby', facts: null })?.key).toBe('fleet.obstacle.unread');
  });
});

describe('adding a DR instance', () => {
  const obstacle = (one: AnalysedMember, ...others: AnalysedMember[]) => analyse([one, ...others]).views[0]?.standbyObstacle?.key ?? null;
  it.each([
    ['is offered on MySQL 9.7 with GTIDs', member(1), null],
    ['is offered on MySQL 5.6.24 with GTIDs', member(1, { facts: facts(1, { server: { version: '5.6.24-log', superReadOnly: null } }) }), null],
    ['is refused below 5.6.10', member(1, { facts: facts(1, { server: { version: '5.6.9' } }) }), 'fleet.obstacle.version'],
    ['is refused on MariaDB', member(1, { facts: facts(1, { server: { version: '10.11.6-MariaDB' } }) }), 'fleet.obstacle.product'],
    ['is refused without a binary log', member(1, { facts: facts(1, { server: { logBin: false } }) }), 'fleet.obstacle.binlog-off'],
    ['is refused with GTIDs off, with the way that needs no restart', member(1, { facts: facts(1, { server: { gtidMode: 'OFF' } }) }), 'fleet.obstacle.gtid-online'],
    ['is refused with GTIDs off on 5.6, with the way that does', member(1, { facts: facts(1, { server: { version: '5.6.24', gtidMode: 'OFF' } }) }), 'fleet.obstacle.gtid-restart'],
    ['is refused half-way to GTIDs', member(1, { facts: facts(1, { server: { gtidMode: 'ON_PERMISSIVE' } }) }), 'fleet.obstacle.gtid-online'],
    ['is refused without GTID consistency', member(1, { facts: facts(1, { server: { enforceGtidConsistency: 'WARN' } }) }), 'fleet.obstacle.consistency'],
    ['is refused on a server that was never read', member(1, { facts: null }), 'fleet.obstacle.unread'],
    ['is refused on a fenced server', member(1, { intent: { kind: 'fenced', since: T0, successorId: 'i2' } }), 'fleet.obstacle.fenced'],
  ])('%s', (_what, one, expected) => {
    expect(obstacle(one)).toBe(expected);
  });

  it('is refused on a replica, which names its primary', () => {
    const view = analyse([member(2, { region: 'r2', facts: standby() }), member(1)]).views[0];
    expect(view?.standbyObstacle).toEqual({ key: 'fleet.obstacle.replica-of', params: { primary: 'orders-1' } });
  });
});

describe('the policy', () => {
  it('locks all ten operations on every role but primary and stand-alone', () => {
    expect(operations).toHaveLength(10);
    for (const role of roles) {
      for (const operation of operations) expect(permission(role, operation).allowed, `${operation} on ${role}`).toBe(role === 'primary' || role === 'stand-alone');
    }
  });

  it('says why', () => {
    expect(permission('standby', 'sql')).toEqual({ allowed: false, reason: 'standby' });
    expect(permission('local-replica', 'sql')).toEqual({ allowed: false, reason: 'local-replica' });
    expect(permission('unknown', 'sql')).toEqual({ allowed: false, reason: 'role-unknown' });
  });
});

