// The task that changes ports, on servers that are functions: who is pointed where, what is started when, and what is refused.
import { describe, expect, it } from 'vitest';
import { stepsOf } from '../../../electron/operations/port/draft';
import { pointToPort, standingOf } from '../../../electron/operations/port/replica';
import { portDefinition } from '../../../electron/operations/port/task';
import type { PortDeps } from '../../../electron/operations/port/types';
import { portsAfterRestart, threadsKey, type PortInput } from '../../../electron/operations/port/work';
import type { Fleet } from '../../../electron/fleet/types';
import { dialectFor } from '../../../electron/mysql/dialect/dialect';
import { parseServerVersion } from '../../../shared/domain/fleet/version';
import { errorOf, failure } from '../../../shared/errors/codes';
import { fakeSession } from '../../fixtures/fake-session';
import { loneStep } from '../../fixtures/lone-step';
import { instanceView } from '../../fixtures/renderer-fleet';

const uuid = '11111111-1111-1111-1111-111111111111';
const other = '22222222-2222-2222-2222-222222222222';
const none = { port: null, admin_port: null, mysqlx_port: null, report_port: null };
const replica = { id: 'r', name: 'standby', channel: '' };
const inputOf = (more: Partial<PortInput> = {}): PortInput => ({
  instanceId: 'p', name: 'primary', uuid, from: { ...none, port: 3306 }, to: { ...none, port: 3307 }, restart: true, persist: [], optionLines: [], optionFile: '',
  endpoint: 3306, replicas: [replica], ...more,
});

/** A replica, and what it was told; `there`: who answers by port. */
function replicaOf(
  state: { port?: number; receiver?: string; applier?: string; uuid?: string; auto?: string; file?: string }, there: Readonly<Record<number, string>>,
  list: readonly { readonly host: string; readonly port: number }[] = [],
) {
  const now = { port: 3306, receiver: 'Connecting', applier: 'Yes', uuid, auto: '1', file: 'b.000007', ...state };
  const told: string[] = [];
  const session = fakeSession('standby', (sql) => {
    if (sql.startsWith('SHOW REPLICA STATUS')) {
      // Called connected before it has asked whom it met.
      const row = { Channel_Name: '', Source_Host: 'h', Source_Port: now.port, Source_UUID: now.uuid, Replica_IO_Running: now.receiver, Replica_SQL_Running: now.applier,
        Auto_Position: now.auto, Relay_Source_Log_File: now.file, Exec_Source_Log_Pos: 157 };
      if (now.receiver === 'Yes' && now.uuid === '') now.uuid = there[now.port] ?? '';
      return [row];
    }
    if (sql.includes('connection_failover') && sql.includes('WEIGHT')) return list.map((one) => ({ channel: '', networkNamespace: '', weight: 80, ...one }));
    if (/failover_(add|delete)/.test(sql)) told.push(sql);
    if (!/^(?:START|STOP|CHANGE)/.test(sql)) return sql.includes('gtid') ? [{ executed: '', uuid: other }] : [];
    told.push(sql);
    if (sql.startsWith('STOP')) Object.assign(now, { receiver: 'No', applier: 'No' });
    if (sql.startsWith('CHANGE')) Object.assign(now, { port: Number(/SOURCE_PORT = (\d+)/.exec(sql)?.[1]), uuid: '' });
    if (/^START REPLICA(?: IO_THREAD)?(?: FOR|$)/.test(sql)) now.receiver = there[now.port] === undefined ? 'Connecting' : 'Yes';
    if (/^START REPLICA(?: SQL_THREAD)?(?: FOR|$)/.test(sql)) now.applier = 'Yes';
    return [];
  });
  const source = fakeSession('primary', (sql) => (sql === 'SHOW BINARY LOGS' ? [{ Log_name: 'b.000007' }] : [{ purged: '' }]));
  const withSession: Fleet['withSession'] = (id, use) => use(id === 'p' ? source : session);
  const { instance } = instanceView(1, { id: 'p', region: 'gz', role: 'primary', source: 's' });
  return { now, told, deps: { fleet: { withSession, instance: () => ({ ...instance, admin: { host: 'known', port: 3306 } }) } } };
}
const verbs = (told: readonly string[]): readonly string[] => told.map((sql) => sql.replace(/ FOR CHANNEL ''/, '').replace(/^CHANGE .*SOURCE_PORT = (\d+).*/, 'PORT $1'));

describe('a replica', () => {
  it('applies only when its receiver has met the server itself', async () => {
    const { deps, told, now } = replicaOf({}, { 3307: uuid });
    const step = loneStep();
    await pointToPort(deps, step, replica, inputOf());
    expect(verbs(told)).toEqual(['STOP REPLICA', 'PORT 3307', 'START REPLICA IO_THREAD', 'START REPLICA SQL_THREAD']);
    expect([now.receiver, now.applier, await standingOf(deps, step, replica, inputOf())]).toEqual(['Yes', 'Yes', 'right']);
  });

  it('that meets another server applies nothing of it, and stands still where it was', async () => {
    const { deps, told, now } = replicaOf({}, { 3307: other });
    const step = loneStep();
    const error = await pointToPort(deps, step, replica, inputOf()).then(() => null, errorOf);
    expect(error).toMatchObject({ code: 'different-server', params: { expected: uuid, uuid: other } });
    expect(verbs(told)).toEqual(['STOP REPLICA', 'PORT 3307', 'START REPLICA IO_THREAD', 'STOP REPLICA', 'PORT 3306']);
    expect([now.port, now.receiver, now.applier, await standingOf(deps, step, replica, inputOf())]).toEqual([3306, 'No', 'No', 'elsewhere']);
  });

  it('that is right is told nothing', async () => {
    const { deps, told } = replicaOf({ port: 3307, receiver: 'Yes' }, { 3307: uuid });
    await pointToPort(deps, loneStep(), replica, inputOf());
    expect(told).toEqual([]);
  });

  it('finds the source by its new port in its failover list, by every name of it; what else is in the list stays', async () => {
    const list = [{ host: 'h', port: 3306 }, { host: 'known', port: 3306 }, { host: 'else', port: 3306 }, { host: 'h', port: 3310 }];
    const { deps, told } = replicaOf({ port: 3307, receiver: 'Yes' }, { 3307: uuid }, list);
    await pointToPort(deps, loneStep(), replica, inputOf());
    const words = told.map((sql) => sql.replace('SELECT asynchronous_connection_failover_', ''));
    expect(words).toEqual(["add_source('', 'h', 3307, '', 80)", "delete_source('', 'h', 3306, '')", "add_source('', 'known', 3307, '', 80)", "delete_source('', 'known', 3306, '')"]);
    const again = replicaOf({ port: 3307, receiver: 'Yes' }, { 3307: uuid }, [{ host: 'h', port: 3306 }, { host: 'h', port: 3307 }]);
    await pointToPort(again.deps, loneStep(), replica, inputOf());
    expect(again.told).toEqual(["SELECT asynchronous_connection_failover_delete_source('', 'h', 3306, '')"]);
  });

  it('that was pointed before a crash is started in the same order', async () => {
    const { deps, told } = replicaOf({ port: 3307, receiver: 'No', applier: 'No', uuid: '' }, { 3307: uuid });
    const step = loneStep();
    await step.remember(threadsKey('r'), { receiver: true, applier: true });
    await pointToPort(deps, step, replica, inputOf());
    expect(verbs(told)).toEqual(['START REPLICA IO_THREAD', 'START REPLICA SQL_THREAD']);
  });

  it('that did not receive is proven by nobody: its applier stands still, and that is told', async () => {
    const { deps, told } = replicaOf({ receiver: 'No' }, { 3307: uuid });
    const logged: string[] = [];
    await pointToPort(deps, loneStep({ log: (_level, key) => void logged.push(key) }), replica, inputOf());
    expect([verbs(told), logged]).toEqual([['STOP REPLICA', 'PORT 3307'], ['port.log.unproven']]);
  });

  it('that follows by file and position is left where it is where its source has that file no more', async () => {
    const { deps, told } = replicaOf({ auto: '0', file: 'b.000003' }, { 3307: uuid });
    expect(await pointToPort(deps, loneStep(), replica, inputOf()).then(() => null, errorOf)).toMatchObject({ code: 'step-failed', params: { step: 'binary-log' }, detail: 'b.000003' });
    const kept = replicaOf({ auto: '0', file: 'b.000007' }, { 3307: uuid });
    await pointToPort(kept.deps, loneStep(), replica, inputOf());
    expect([told, kept.told[1]]).toEqual([[], expect.stringMatching(/SOURCE_LOG_FILE = 'b.000007', SOURCE_LOG_POS = 157/)]);
  });
});

describe('a server after its restart', () => {
  const to = { ...none, port: 3307, mysqlx_port: 33_070 };
  it.each([
    ['has all its ports', { port: 3307, mysqlx_port: 33_070 }, 0, 'there'],
    ['has a plugin that does not listen yet', { port: 3307, mysqlx_port: 0 }, 0, 'not-yet'],
    ['has none of that plugin yet', { port: 3307 }, 5000, 'not-yet'],
    ['has a plugin that found no port', { port: 3307, mysqlx_port: 0 }, 10_000, 'not-taken'],
    ['lacks another port', { port: 3306, mysqlx_port: 33_070 }, 0, 'not-taken'],
    ['lacks both', { port: 3306, mysqlx_port: 0 }, 0, 'not-taken'],
  ] as const)('that %s', (_what, says, upMs, expected) => {
    expect(portsAfterRestart({ says }, { to }, upMs)).toBe(expected);
  });
});

describe('the task', () => {
  const dialect = dialectFor(parseServerVersion('8.0.31', 'MySQL Community Server - GPL'));
  const view = instanceView(1, { id: 'p', region: 'gz', role: 'standby', source: 's' });
  const away = () => Promise.reject(failure('query-timeout', { seconds: 1 }));
  const stepOf = (id: string, input: PortInput, fleet: Partial<PortDeps['fleet']>) => {
    const deps = { fleet: fleet as PortDeps['fleet'], clock: () => 1 } as PortDeps;
    const found = portDefinition(deps, input, stepsOf(input, dialect)).steps.find((one) => one.id === id);
    if (found === undefined) throw new Error(`no step ${id}`);
    return found.run(loneStep());
  };

  it.each(['persist', 'restart'])('refuses before it does anything in %s on what has become a standby', async (id) => {
    const asked: string[] = [];
    const fleet: Partial<PortDeps['fleet']> = {
      refresh: () => { asked.push('refresh'); return Promise.resolve(view); }, view: () => ({ ...view, sourceId: null }), instance: () => view.instance,
      loginOf: () => { asked.push('login'); return Promise.resolve({ host: '127.0.0.1', port: 1, user: 'u', password: 'p', tls: { mode: 'off', ca: null } }); },
    };
    const input = inputOf({ from: { ...none, report_port: 1 }, to: { ...none, report_port: 2 }, persist: [{ name: 'report_port', before: null }], endpoint: 1 });
    expect(await stepOf(id, input, fleet).then(() => null, errorOf)).toMatchObject({ code: 'operation-locked', params: { operation: 'port' } });
    expect(asked.at(-1)).toBe('refresh');
  });

  it.each<[string, Partial<PortInput>, number, number | null, number | null]>([
    ['the port of clients', {}, 3306, 3306, 3307],
    ['the administrators\' port, by which it is reached', { from: { ...none, admin_port: 33_062 }, to: { ...none, admin_port: 4000 }, endpoint: 33_062 }, 33_062, 3306, 4000],
    ['both', { from: { ...none, port: 3306, admin_port: 33_062 }, to: { ...none, port: 3307, admin_port: 4000 }, endpoint: 33_062 }, 33_062, 3306, 4000],
    ['both, each to the other', { from: { ...none, port: 3306, admin_port: 4000 }, to: { ...none, port: 4000, admin_port: 3306 }, endpoint: 3306 }, 3306, null, 4000],
    ['the port of clients of one that is reached by the other', { endpoint: 33_062 }, 33_062, 3306, 33_062],
    ['what an earlier version began', { endpoint: undefined }, 3306, null, 3307],
  ])('the inventory follows %s', async (_what, more, admin, replication, expected) => {
    const saved: unknown[] = [];
    const input = inputOf(more);
    const ends = (port: number | null) => (port === null ? null : { host: 'h', port });
    const fleet: Partial<PortDeps['fleet']> = {
      instance: () => ({ ...view.instance, admin: { host: 'h', port: admin }, replication: ends(replication) }), connect: away,
      loginOf: () => Promise.resolve({ host: 'h', port: admin, user: 'u', password: 'p', tls: { mode: 'off', ca: null } }),
      updateInstance: (_id, { admin: to, replication: its }) => { saved.push([to.port, its?.port ?? null]); return Promise.resolve(view); },
    };
    await stepOf('inventory', input, fleet).catch(() => undefined);
    expect(saved).toEqual([[expected, replication === null ? null : input.to.port ?? replication]]);
  });
});
