import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { operations } from '../../shared/domain/fleet/policy';
import { isReplicaRole } from '../../shared/domain/fleet/role';
import type { Role } from '../../shared/domain/fleet/role';
import { openBench, trusted, viewOf } from './fake-engine';
import type { Bench } from './fake-engine';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

/** The fleet says that `b` has this role, after a fresh reading; what a window believes is beside the point. */
function pretend(role: Role): void {
  const { fleet } = bench.engine;
  const views = [viewOf('a', 'primary'), viewOf('b', role, isReplicaRole(role) ? 'a' : null)];
  const viewFor = (id: string) => views.find((one) => one.instance.id === id) ?? viewOf(id, 'unknown');
  vi.spyOn(fleet, 'view').mockImplementation(viewFor);
  vi.spyOn(fleet, 'refresh').mockImplementation(async (id) => viewFor(id));
  vi.spyOn(fleet, 'instance').mockImplementation((id) => viewFor(id).instance);
  vi.spyOn(fleet, 'instances').mockReturnValue(views.map((one) => one.instance));
}

const run = (operation: string, input: unknown = {}) => bench.router.receive(trusted, { method: 'operations.run', callId: 'x', input: { instanceId: 'b', operation, input } });

describe.each(operations)('%s', (operation) => {
  it.each(['standby', 'local-replica', 'read-only', 'fenced'] as const)('is refused on a %s, past any window', async (role) => {
    pretend(role);
    expect(await run(operation, { projectId: null, force: true, role: 'primary' })).toMatchObject({ ok: false, error: { code: 'operation-locked', params: { operation } } });
    expect(bench.engine.audit.list(5)).toMatchObject([{ action: `operation.${operation}`, target: 'orders-b', outcome: 'refused' }]);
  });

  it('is refused where the role is not known', async () => {
    pretend('unknown');
    expect(await run(operation)).toMatchObject({ ok: false, error: { code: 'role-unknown' } });
  });

  it('is listed as locked with its reason on a standby', async () => {
    pretend('standby');
    const answer = await bench.router.dispatch('operations.list', { instanceId: 'b' });
    expect(answer.ok && answer.value.find((one) => one.operation === operation)).toMatchObject({ permission: { allowed: false, reason: 'standby' }, primaryId: 'a' });
  });
});

it.each(['SQL', 'sql ', '__proto__', 'constructor', '', 'drop'])('there is no operation %j', async (operation) => {
  pretend('primary');
  expect(await run(operation)).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
});

it.each(['standby', 'local-replica', 'read-only', 'fenced', 'unknown'] as const)('no account is changed on a server whose role is %s, and that it was asked for is recorded', async (role) => {
  pretend(role);
  const code = role === 'unknown' ? 'role-unknown' : 'operation-locked';
  const input = { instanceId: 'b', change: { kind: 'drop', account: { user: 'app', host: '%' } } };
  expect(await bench.router.receive(trusted, { method: 'accounts.plan', callId: 'x', input })).toMatchObject({ ok: false, error: { code } });
  expect(bench.engine.audit.list(5)).toMatchObject([{ action: 'operation.accounts', outcome: 'refused', detail: { change: 'drop', account: 'app@%', code } }]);
  const order = { planId: 'made-up', phrase: 'app@%', password: null };
  expect(await bench.router.receive(trusted, { method: 'accounts.execute', callId: 'y', input: order })).toMatchObject({ ok: false, error: { code: 'not-found' } });
});

describe.each(['standby', 'local-replica', 'read-only', 'fenced', 'unknown'] as const)('on a server whose role is %s', (role) => {
  const code = role === 'unknown' ? 'role-unknown' : 'operation-locked';
  const ask = (method: string, input: unknown) => bench.router.receive(trusted, { method, callId: 'x', input });

  it('no read-only instance is added, and that it was asked for is recorded', async () => {
    pretend(role);
    const input = { primaryId: 'b', targetId: 'a', name: 'x', delaySeconds: 0, acceptWarnings: true };
    expect(await ask('readOnly.add', input)).toMatchObject({ ok: false, error: { code } });
    expect(bench.engine.audit.list(5)).toMatchObject([{ action: 'operation.read-only-instance', target: 'orders-b', outcome: 'refused' }]);
  });

  it('no file is imported, and that it was asked for is recorded', async () => {
    pretend(role);
    const input = { instanceId: 'b', path: '/dumps/shop.sql', database: null, onError: 'stop', fromByte: 0 };
    expect(await ask('import.plan', input)).toMatchObject({ ok: false, error: { code } });
    expect(bench.engine.audit.list(5)).toMatchObject([{ action: 'operation.import', target: 'orders-b', outcome: 'refused', detail: { code } }]);
    expect(await ask('import.execute', { planId: 'made-up', phrase: 'orders-b' })).toMatchObject({ ok: false, error: { code: 'not-found' } });
  });

  it('no rows of a file are looked at or imported, and that it was asked for is recorded', async () => {
    pretend(role);
    const look = { instanceId: 'b', path: '/etc/hostname', database: 'd', table: 't', form: {} };
    const form = { encoding: 'utf-8', delimiter: ',', quote: '"', escape: 'none', lineEnd: 'lf', header: false, decimal: 'point', nulls: [] };
    const rows = { ...look, form, mapping: ['a'], mode: 'replace', onError: 'collect', fromByte: 0 };
    for (const [method, input] of [['import.inspect', look], ['import.planRows', rows]] as const) {
      expect(await ask(method, input)).toMatchObject({ ok: false, error: { code } });
      expect(bench.engine.audit.list(1)).toMatchObject([{ action: 'operation.import', target: 'orders-b', outcome: 'refused', detail: { code } }]);
    }
  });

  it('its project is not transferred', async () => {
    pretend(role);
    expect(await ask('transfer.execute', { instanceIds: ['b'], projectId: null })).toMatchObject({ ok: false, error: { code } });
    expect(bench.engine.audit.list(5)).toMatchObject([{ action: 'operation.transfer-project', target: 'orders-b', outcome: 'refused' }]);
  });

  if (role !== 'read-only') {
    it.each(['freeze', 'stop', 'start', 'setDelay', 'run', 'fishOut', 'note'])('nothing is ordered of it as of a read-only instance: %s', async (word) => {
      pretend(role);
      const more: Readonly<Record<string, object>> = {
        setDelay: { seconds: 5 }, run: { target: { kind: 'time', at: 5 }, last: null }, fishOut: { database: 'a', table: 'b', into: 'c' }, note: { weight: '', lagLimitSeconds: null },
      };
      expect(await ask(`readOnly.${word}`, { instanceId: 'b', ...more[word] })).toMatchObject({ ok: false, error: { code: 'not-read-only-instance' } });
    });
  }
});

/** The first word of each operation that plans before it acts: nothing of it can be executed without a plan. */
const plannedOperations = {
  'accounts.plan': { operation: 'accounts', more: { change: { kind: 'drop', account: { user: 'app', host: '%' } } } },
  'parameters.plan': { operation: 'parameters', more: { changes: [{ name: 'max_connections', value: '500', keep: 'running' }] } },
  'charset.plan': { operation: 'character-set', more: { charset: 'utf8mb4', collation: null, server: true, databases: true, tables: true, scope: { kind: 'instance' }, reread: [] } },
  'port.plan': { operation: 'port', more: { restart: true, ports: { port: 3310, admin_port: null, mysqlx_port: null, report_port: null } } },
  'rollback.planUndo': { operation: 'rollback', more: { gtids: ['00000000-0000-0000-0000-000000000001:7'] } },
  'rollback.planBeside': {
    operation: 'rollback', more: { gtid: '00000000-0000-0000-0000-000000000001:7', objects: [{ database: 'shop', table: null }], names: null, suffix: '_bak' },
  },
} as const;

describe.each(Object.entries(plannedOperations))('%s', (method, { operation, more }) => {
  it.each(['standby', 'local-replica', 'read-only', 'fenced', 'unknown'] as const)('is refused on a server whose role is %s, and that it was asked for is recorded', async (role) => {
    pretend(role);
    const answer = await bench.router.receive(trusted, { method, callId: 'x', input: { instanceId: 'b', ...more } });
    expect(answer).toMatchObject({ ok: false, error: { code: role === 'unknown' ? 'role-unknown' : 'operation-locked' } });
    expect(bench.engine.audit.list(5)).toMatchObject([{ action: `operation.${operation}`, target: 'orders-b', outcome: 'refused' }]);
  });
});

it.each(['setDelay', 'start', 'run', 'fishOut'])('a read-only instance whose primary is fenced is not let go on: %s', async (word) => {
  pretend('read-only');
  const { fleet } = bench.engine;
  const views = [viewOf('a', 'fenced'), viewOf('b', 'read-only', 'a')];
  const viewFor = (id: string) => views.find((one) => one.instance.id === id) ?? viewOf(id, 'unknown');
  vi.spyOn(fleet, 'view').mockImplementation(viewFor);
  vi.spyOn(fleet, 'refresh').mockImplementation(async (id) => viewFor(id));
  const more: Readonly<Record<string, object>> = { setDelay: { seconds: 5 }, run: { target: { kind: 'time', at: 5 }, last: null }, fishOut: { database: 'a', table: 'b', into: 'c' } };
  const answer = await bench.router.receive(trusted, { method: `readOnly.${word}`, callId: 'x', input: { instanceId: 'b', ...more[word] } });
  expect(answer).toMatchObject({ ok: false, error: { code: 'operation-locked' } });
});

it('keeps texts and favourites of SQL for an instance that is there alone, without what sets a password, and no more than there may be', async () => {
  const call = (method: string, input: unknown) => bench.router.receive(trusted, { method, callId: 'x', input });
  const tab = (id: string, text: string) => ({ id, name: 'SQL 1', text, database: '' });
  expect(await call('sql.keepTabs', { instanceId: 'nobody', tabs: [], active: '' })).toMatchObject({ ok: false, error: { code: 'not-found' } });
  expect(await call('sql.tabs', { instanceId: '../../inventory' })).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
  pretend('standby');
  const tabs = [tab('a', "CREATE USER u IDENTIFIED BY 'Secret-1x'"), tab('b', "SELECT 'x'")];
  expect(await call('sql.keepTabs', { instanceId: 'b', tabs, active: 'a' })).toMatchObject({ ok: true, value: ['a'] });
  const kept = await call('sql.tabs', { instanceId: 'b' });
  expect(JSON.stringify(kept)).toContain("SELECT 'x'");
  expect(JSON.stringify(kept)).not.toContain('Secret-1x');
  for (const bad of [Array.from({ length: 31 }, (_, at) => tab(String(at), '')), [0, 1, 2].map((at) => tab(String(at), 'x'.repeat(900_000)))]) {
    expect(await call('sql.keepTabs', { instanceId: 'b', tabs: bad, active: '' })).toMatchObject({ ok: false, error: { code: 'invalid-input' } });
  }
  expect(await call('sql.keepFavourite', { instanceId: 'b', name: 'f', text: "SET PASSWORD = 'Secret-1x'", database: '' })).toMatchObject({ ok: true, value: { hidden: true } });
  expect(JSON.stringify(await call('sql.memory', { instanceId: 'b' }))).not.toContain('Secret-1x');
  expect(await call('sql.forget', { instanceId: 'b', ids: null })).toMatchObject({ ok: true });
});
