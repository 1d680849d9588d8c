// What stands against a change of ports, without a server.
import { describe, expect, it } from 'vitest';
import { changedPorts, listeningAt, persistedSince, portAfter, portPreconditions, type PortFact, type PortFacts, type WantedPorts } from '../../../shared/domain/operations/port/plan';
import { isSettled, lostLog, replicaStanding, type ReplicaStanding } from '../../../shared/domain/operations/port/replica';

const fact = (name: PortFact['name'], value: number, more: Partial<PortFact> = {}): PortFact => ({ name, value, source: 'compiled', file: '', persisted: null, listens: true, socket: '', ...more });
const facts = (more: Partial<PortFacts> = {}): PortFacts => ({
  ports: [fact('port', 3306), fact('admin_port', 33_062), fact('mysqlx_port', 33_060), fact('report_port', 3306)], uuid: 'u', host: 'h', adminPort: 3306, persists: true,
  restarts: true, taken: [], replicas: [], away: [], strangers: [], ...more,
});
const wanted = (more: Partial<WantedPorts>): WantedPorts => ({ port: null, admin_port: null, mysqlx_port: null, report_port: null, ...more });
const found = (one: PortFacts, ports: Partial<WantedPorts>, restart = false): readonly string[] =>
  portPreconditions(one, { instanceId: 'i', ports: wanted(ports), restart }).map(({ id, status }) => `${status} ${id}`);

describe('who listens', () => {
  const around = { skipsNetworking: false, socket: '/s', adminAddress: '', mysqlxPort: '33060', mysqlxSocket: '/x' };
  it.each([
    ['port', 3306, {}, true, '/s'], ['port', 0, {}, false, '/s'], ['port', 3306, { skipsNetworking: true }, false, '/s'],
    // 8.0 and 9.7 have 33062 whether anybody listens there or not.
    ['admin_port', 33_062, {}, false, ''], ['admin_port', 33_062, { adminAddress: '127.0.0.1' }, true, ''], ['admin_port', 33_062, { adminAddress: null }, null, ''],
    ['mysqlx_port', 33_060, {}, true, '/x'], ['mysqlx_port', 33_060, { mysqlxPort: 'UNDEFINED', mysqlxSocket: 'UNDEFINED' }, false, ''],
    // 8.0.15 leaves both empty.
    ['mysqlx_port', 33_060, { mysqlxPort: '', mysqlxSocket: '' }, null, ''], ['report_port', 3306, {}, null, ''],
  ] as const)('%s %i with %o: %s, %s', (name, value, more, listens, socket) => {
    expect(listeningAt(name, value, { ...around, ...more })).toEqual({ listens, socket });
  });

  it('a number at which nobody listens may change, and that it does nothing is told; without the plugin there is none', () => {
    expect(found(facts({ ports: [fact('admin_port', 33_062, { listens: false })] }), { admin_port: 4000 })).toEqual(['warn silent:admin_port', 'warn clients']);
    expect(found(facts({ ports: [fact('port', 3306)] }), { mysqlx_port: 4000 })).toEqual(['fail lacking:mysqlx_port']);
  });
});

describe('what is kept for the next start', () => {
  it.each([
    [null, 4000, ['report_port'], []], [null, null, [], []], [3306, 3306, [], []], [null, 5000, [], [5000]], [3306, null, [], [null]],
  ])('before %s, now %s: goes back %o, stays %o', (before, now, ours, moved) => {
    const since = persistedSince([{ name: 'report_port', before, now }], wanted({ report_port: 4000 }));
    expect([since.ours, since.moved.map((one) => one.now)]).toEqual([ours, moved]);
  });
});

describe('a change of ports', () => {
  it('is only what changes', () => {
    expect(changedPorts(facts(), wanted({ port: 3306, admin_port: 4000 }))).toEqual([{ name: 'admin_port', from: 33_062, to: 4000 }]);
    expect(found(facts(), { port: 3306 })).toEqual(['fail nothing']);
    expect(found(facts(), { port: 3307 })).toEqual(['warn clients']);
  });

  it.each([
    // mysqld_safe passes on what its option file says; a container names it among its arguments.
    ['the command line', facts({ ports: [fact('port', 3306, { source: 'command-line' })] }), { port: 3307 }, 'fail command-line:port'],
    // gh-ost#378: the port that is connected to is not the one that the server listens on.
    ['something that forwards', facts({ adminPort: 13_306 }), { port: 3307 }, 'fail forwarded'],
    // resource-agents#788: another server of the same host is there.
    ['another server', facts({ taken: [{ name: 'port', by: 'h:3307' }] }), { port: 3307 }, 'fail taken:port'],
    ['a port of its own', facts(), { port: 33_060 }, 'fail twice'],
    ['a variable that is not there', facts({ ports: [fact('port', 3306)] }), { admin_port: 4000 }, 'fail lacking:admin_port'],
    ['a server that does not say', facts({ ports: [fact('port', 3306, { source: null })] }), { port: 3307 }, 'warn untold'],
    ['a low port', facts(), { port: 306 }, 'warn reserved:port'],
    ['what it reports', facts({ ports: [fact('port', 3306), fact('report_port', 3306, { source: 'explicit' })] }), { port: 3307 }, 'warn report'],
    ['replicas that nobody registered', facts({ strangers: ['repl@10.0.0.9'] }), { port: 3307 }, 'warn strangers'],
    ['replicas that are away', facts({ away: ['sh'] }), { port: 3307 }, 'warn away'],
  ])('meets %s', (_what, one, ports, expected) => expect(found(one, ports)).toContain(expected));

  it('goes on where the inventory reaches it by the administrators\' port', () => {
    expect(found(facts({ adminPort: 33_062 }), { port: 3307 })).toEqual(['warn clients']);
    const change = { from: wanted({ port: 3306, admin_port: 33_062 }), to: wanted({ port: 3307, admin_port: 4000 }) };
    expect([3306, 33_062, 13_306].map((port) => portAfter(port, change))).toEqual([3307, 4000, 13_306]);
    expect(portAfter(33_062, { from: wanted({ port: 3306 }), to: wanted({ port: 3307 }) })).toBe(33_062);
  });

  it('is refused where a replica would have to be sent what is gone', () => {
    const replica = { id: 'r', name: 'sh', channel: '', lost: { kind: 'file', file: 'b.000003' } } as const;
    expect(found(facts({ replicas: [replica] }), { port: 3307 })).toContain('fail lost:sh');
    expect(found(facts({ replicas: [{ ...replica, lost: null }] }), { port: 3307 })).toEqual(['warn clients']);
    // Its port stays: nobody is pointed anywhere.
    expect(found(facts({ replicas: [replica] }), { mysqlx_port: 4000 })).toEqual(['warn clients']);
    const [uuid, here] = ['3e11fa47-71ca-11e1-9e33-c80aa9429562', 'b.2'];
    expect([['b.1', '1-5'], ['b.1', '1-4'], [here, ''], [null, '']].map(([file, executed]) => [true, false].map((autoPosition) => lostLog(
      { autoPosition, relaySourceLogFile: file ?? null, received: `${uuid}:3-6` }, executed === '' ? '' : `${uuid}:${String(executed)}`, { files: [here], purged: executed === '' ? '' : `${uuid}:1-5` },
    )))).toEqual([
      [null, { kind: 'file', file: 'b.1' }], [{ kind: 'gtids', gtids: expect.stringContaining(':5') }, { kind: 'file', file: 'b.1' }], [null, null], [null, null],
    ]);
  });

  it('is restarted from here only where the server can', () => {
    expect(found(facts({ restarts: false }), { port: 3307 }, true)).toContain('fail no-restart');
    expect(found(facts({ restarts: false }), { port: 3307 }, false)).toEqual(['warn clients']);
  });
});

describe('a replica after a change of ports', () => {
  const channel = { sourcePort: 3307, sourceUuid: 'u', receiver: 'running', applier: 'running' } as const;
  const want = { port: 3307, uuid: 'U', receives: true, applies: true };
  it.each<[ReplicaStanding, Parameters<typeof replicaStanding>[0], Partial<typeof want>]>([
    ['right', channel, {}], ['gone', null, {}], ['elsewhere', { ...channel, sourcePort: 3306 }, {}], ['elsewhere', { ...channel, sourcePort: 13_306 }, {}],
    ['silent', { ...channel, receiver: 'connecting' }, {}], ['silent', { ...channel, receiver: 'stopped' }, {}], ['silent', { ...channel, sourceUuid: null }, {}],
    ['other-server', { ...channel, sourceUuid: 'x' }, {}], ['stands', { ...channel, applier: 'stopped' }, {}], ['right', { ...channel, applier: 'stopped' }, { applies: false }],
    ['unproven', { ...channel, receiver: 'stopped' }, { receives: false }], ['other-server', { ...channel, sourceUuid: 'x' }, { receives: false }],
  ])('%s: %o, %o', (standing, one, more) => {
    expect(replicaStanding(one, { ...want, ...more })).toBe(standing);
    expect(isSettled(standing)).toBe(standing === 'right' || standing === 'unproven');
  });
});
