import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { cureCommandOf, cureHarms, cureId, type Cure } from '../../../shared/domain/promotion/cure';
import { cureStanding, type CureReading, type CureStanding, type SessionNow } from '../../../shared/domain/promotion/cure-plan';
import { driftPrecondition } from '../../../shared/domain/promotion/settings-drift';
import { runEach } from '../../../electron/promotion/cure/run-each';
import { plain } from '../../../electron/mysql/statement';
import { errorOf, failure } from '../../../shared/errors/codes';
import { parseServerVersion } from '../../../shared/domain/fleet/version';

const end: Cure = { kind: 'end-session', instanceId: 'i2', connectionId: 42, user: 'bak', host: '10.0.0.9' };
const session = (change: Partial<SessionNow> = {}): CureReading => ({
  kind: 'end-session',
  session: { connectionId: 42, user: 'bak', host: '10.0.0.9:4711', command: 'Sleep', state: '', seconds: 34, statement: 'FLUSH TABLES WITH READ LOCK', stamp: '7/3', holds: null, ...change },
});
const align: Cure = { kind: 'align', instanceId: 'i2', settings: [{ name: 'max_connections', value: '500' }, { name: 'sql_mode', value: 'A,B' }] };
const link = (change: object, version = '9.7.0'): CureReading => ({
  kind: 'link', version: parseServerVersion(version, ''),
  link: { channel: '', receiver: 'running', applier: 'running', receiverError: '', applierError: '', delaySeconds: 0, ...change },
});

describe('whether an obstacle still stands', () => {
  test.each<[string, Cure, CureReading, CureStanding['state']]>([
    ['the very session', end, session(), 'stands'],
    ['one that is gone', end, { kind: 'end-session', session: null }, 'gone'],
    ['its id in other hands', end, session({ user: 'app' }), 'gone'],
    ['its id at another client', end, session({ host: '10.0.0.10:4711' }), 'gone'],
    ['an address with colons, without its port', { ...end, host: 'fe80::1' }, session({ host: 'fe80::1:4711' }), 'stands'],
    ['the applier', { ...end, user: 'system user', host: '' }, session({ user: 'system user', host: '' }), 'gone'],
    ['a replica at its log', end, session({ command: 'Binlog Dump GTID' }), 'gone'],
    ['a commit that waits for the disk, which must not be killed', end, session({ command: 'Query', state: 'waiting for handler commit' }), 'unfit'],
    ['the same before 8.0', end, session({ command: 'Query', state: 'query end' }), 'unfit'],
    ['a setting that is on', { kind: 'turn-off', instanceId: 'i2', variable: 'offline_mode' }, { kind: 'turn-off', live: true, persisted: false }, 'stands'],
    ['one that comes back with the next start', { kind: 'turn-off', instanceId: 'i2', variable: 'offline_mode' }, { kind: 'turn-off', live: false, persisted: true }, 'stands'],
    ['one that is off', { kind: 'turn-off', instanceId: 'i2', variable: 'offline_mode' }, { kind: 'turn-off', live: false, persisted: false }, 'gone'],
    ['settings that are others', align, { kind: 'align', live: { max_connections: '100', sql_mode: 'B,A' } }, 'stands'],
    ['settings that are the same by now', align, { kind: 'align', live: { max_connections: '500', sql_mode: 'B,A' } }, 'gone'],
    ['settings that the server does not have', align, { kind: 'align', live: {} }, 'gone'],
    ['a delay', { kind: 'end-delay', instanceId: 'i2' }, link({ delaySeconds: 60 }), 'stands'],
    ['a delay whose end would delete the relay logs', { kind: 'end-delay', instanceId: 'i2' }, link({ delaySeconds: 60 }, '5.6.24'), 'unfit'],
    ['no delay', { kind: 'end-delay', instanceId: 'i2' }, link({}), 'gone'],
    ['a receiver that was stopped', { kind: 'start-thread', instanceId: 'i2', thread: 'receiver' }, link({ receiver: 'stopped' }), 'stands'],
    ['an applier that stopped with an error', { kind: 'start-thread', instanceId: 'i2', thread: 'applier' }, link({ applier: 'stopped', applierError: '1062' }), 'unfit'],
    ['a thread of a link that was taken away', { kind: 'start-thread', instanceId: 'i2', thread: 'receiver' }, { kind: 'link', version: parseServerVersion('9.7.0', ''), link: null }, 'unfit'],
    ['a receiver that tries to connect', { kind: 'start-thread', instanceId: 'i2', thread: 'receiver' }, link({ receiver: 'connecting' }), 'gone'],
    ['a reading of something else', end, link({}), 'gone'],
  ])('%s', (_name, cure, reading, state) => expect(cureStanding(cure, reading).state).toBe(state));

  it('who holds a lock on the instance is the same whatever runs there meanwhile, and another without the lock', () => {
    fc.assert(fc.property(fc.string(), fc.string(), fc.constantFrom(null, 'read-lock', 'backup-lock'), (statement, stamp, holds) => {
      const seen = cureStanding(end, session({ holds: 'backup-lock' })).basis;
      expect(cureStanding(end, session({ statement, stamp, holds })).basis === seen).toBe(holds === 'backup-lock');
    }));
  });

  it('any other statement of a session is something else', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (statement, stamp) => {
      const now = cureStanding(end, session({ statement, stamp }));
      const same = statement === 'FLUSH TABLES WITH READ LOCK' && stamp === '7/3';
      expect(now.basis === cureStanding(end, session()).basis).toBe(same);
    }));
  });
});

describe('what can be made as it is on the primary', () => {
  const offered = (items: readonly (readonly [string, string])[]): readonly string[] => {
    const drift = items.map(([name, source]) => ({ kind: 'parameter' as const, name, source, standby: 'another' }));
    return (driftPrecondition('planned', drift, 'i2').cures ?? []).flatMap((one) => (one.kind === 'align' ? one.settings.map(({ name }) => name) : []));
  };
  it('is what can be set while a server runs', () => {
    expect(offered([['max_connections', '500'], ['innodb_buffer_pool_size', '1'], ['init_connect', 'SELECT 1'], ['sql_mode', '']])).toEqual(['max_connections', 'sql_mode']);
  });
  it('makes no server less durable, more trusting or smaller, nor sets what another version does not know', () => {
    expect(offered([
      ['require_secure_transport', 'OFF'], ['sync_binlog', '0'], ['log_bin_trust_function_creators', 'ON'], ['sql_mode', 'ANSI,NO_AUTO_CREATE_USER'],
      ['character_set_server', 'utf8'], ['collation_server', 'utf8_bin'],
    ])).toEqual([]);
    const drift = [{ kind: 'parameter' as const, name: 'max_connections', source: '100', standby: '500' }];
    expect(driftPrecondition('planned', drift, 'i2').cures).toBeUndefined();
    expect(offered([['character_set_server', 'utf8mb4']])).toEqual(['character_set_server']);
  });
  it('is nothing but a plain word or number, whatever a server says', () => {
    fc.assert(fc.property(fc.string(), (value) => {
      if (/[^\w,.:+/-]/u.test(value)) expect(offered([['time_zone', value]])).toEqual([]);
    }));
  });
});

it('the command names the same cure, each word whole for a shell', () => {
  fc.assert(fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (standby, server) => {
    const command = cureCommandOf(end, { standby, server, kind: 'planned' });
    const words = [...command.matchAll(/'(?:[^']|'\\'')*'|\S+/gs)].map(([word]) => (word.startsWith("'") ? word.slice(1, -1).replaceAll(`'\\''`, "'") : word));
    expect(words).toEqual(['antipode', 'cure', standby, cureId(end, server), '--planned', '--confirm', server]);
  }));
  expect([cureHarms(end), cureHarms({ kind: 'turn-off', instanceId: 'x', variable: 'offline_mode' })]).toEqual([true, false]);
});

describe('settings that are aligned one by one', () => {
  const statements = ['SET PERSIST a = 1', 'SET PERSIST b = 2', 'SET PERSIST c = 3'].map((sql) => plain(sql));
  const refused = failure('privilege-missing', { privilege: 'SYSTEM_VARIABLES_ADMIN' }, { detail: 'Access denied' });
  const failsAt = (which: string) => {
    const ran: string[] = [];
    return { ran, run: ({ sql }: { readonly sql: string }) => {
      if (sql.includes(which)) return Promise.reject(refused);
      ran.push(sql);
      return Promise.resolve();
    } };
  };

  it.each([
    ['a = 1', '—', 'SET PERSIST a = 1; SET PERSIST b = 2; SET PERSIST c = 3'], ['b = 2', 'SET PERSIST a = 1', 'SET PERSIST b = 2; SET PERSIST c = 3'],
    ['c = 3', 'SET PERSIST a = 1; SET PERSIST b = 2', 'SET PERSIST c = 3'],
  ])('a failure at %s tells what was set and what was not, and goes no further', async (which, done, left) => {
    const { ran, run } = failsAt(which);
    const thrown = await runEach('sh', statements, run).catch((reason: unknown) => errorOf(reason));
    expect(thrown).toMatchObject({ code: 'cure-unfinished', params: { server: 'sh', done, left }, server: 'sh', detail: 'Access denied' });
    expect(ran.join('; ') || '—').toBe(done);
  });

  it('all go, and a single one fails with its own words', async () => {
    const { ran, run } = failsAt('nothing');
    await runEach('sh', statements, run);
    expect(ran).toHaveLength(3);
    await expect(runEach('sh', statements.slice(0, 1), failsAt('a = 1').run)).rejects.toBe(refused);
  });
});
