import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Fleet } from '../../../electron/fleet/types';
import { MysqlError } from '../../../electron/mysql/errors';
import type { LiveSession } from '../../../electron/mysql/session/session';
import { delayChangesOf } from '../../../electron/operations/read-only/delay-run';
import { createReadOnly, type ReadOnlyDeps } from '../../../electron/operations/read-only/service';
import { StandingLinks } from '../../../electron/replication/standing';
import type { AuditLog } from '../../../electron/storage/types';
import { createTaskEngine } from '../../../electron/tasks/engine';
import type { TaskEngine } from '../../../electron/tasks/types';
import type { RestoreOrder } from '../../../shared/domain/backup/backup';
import { wholeInstance, type Scope } from '../../../shared/domain/scope/scope';
import type { TaskView } from '../../../shared/domain/tasks/task';
import { errorOf, Failure } from '../../../shared/errors/codes';
import { facts, member, standby } from '../../fixtures/facts';
import { fakeSession } from '../../fixtures/fake-session';

/** What happened, in its order: statements that change something, and what the service did besides. */
let done: string[];
let dataFolder: string;
let applier: 'Yes' | 'No';
let executed: string;
let stopFails: Error | null;
let changeFails: Error | null;
beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'antipode-read-only-'));
  [done, applier, executed, stopFails, changeFails] = [[], 'No', '00000000-0000-0000-0000-000000000001:1-5', null, null];
});
afterEach(() => rmSync(dataFolder, { recursive: true, force: true }));

const server = () => fakeSession('late', (sql) => {
  if (/SHOW (REPLICA|SLAVE) STATUS/.test(sql)) return [{ Source_Host: 'db1', Replica_IO_Running: 'Yes', Replica_SQL_Running: applier, SQL_Delay: 3600 }];
  if (sql.includes('IS_USED_LOCK')) return [{ mine: 1 }];
  if (sql.includes('GET_LOCK')) return [{ got: 1 }];
  if (sql.includes('gtid_executed')) return [{ gtid_executed: executed }];
  if (sql.includes('persisted_globals')) return [{ loads: 1, running: 0 }];
  if (sql.startsWith('STOP') && stopFails !== null) throw stopFails;
  if (sql.startsWith('CHANGE') && changeFails !== null) {
    const thrown = changeFails;
    changeFails = null;
    throw thrown;
  }
  if (sql === 'STOP REPLICA SQL_THREAD') applier = 'No';
  if (sql === 'START REPLICA SQL_THREAD') applier = 'Yes';
  if (/^(STOP|START|SET PERSIST|RESET|CHANGE)/.test(sql)) done.push(sql);
  return [];
}, '9.7.0');

const task = (more: Partial<TaskView>): TaskView => ({
  id: 'mine', kind: 'backup', name: 'late', state: 'done', instanceIds: ['i2'], createdAt: 0, startedAt: 0, endedAt: 1, steps: [], waitingFor: null, error: null,
  aftermath: null, isReported: true, canCancel: false, canPause: false, log: [], ...more,
});

const live = (): LiveSession => ({
  ...server(), closed: false, idle: true, client: null, lend: () => Promise.reject(new Error('not lent')), ping: () => Promise.resolve(), onClose: () => undefined, end: () => Promise.resolve(),
});

function service(more: { readonly running?: readonly TaskView[]; readonly hold?: ReadOnlyDeps['hold']; readonly made?: () => void; readonly scope?: Scope; readonly isHeld?: () => boolean } = {}) {
  const view = (id: string) => {
    const { instance, health } = id === 'i2' ? member(2, { facts: standby() }) : member(1);
    return {
      instance, health, facts: id === 'i2' ? standby() : facts(1), lag: null, role: id === 'i2' ? 'read-only' : 'primary', sourceId: id === 'i2' ? 'i1' : null,
    } as ReturnType<Fleet['view']>;
  };
  const fleet: Pick<Fleet, 'instance' | 'instances' | 'view' | 'refresh' | 'withSession' | 'connect'> = {
    instance: (id) => view(id).instance,
    instances: () => [view('i1').instance, view('i2').instance],
    view,
    refresh: async (id) => view(id),
    withSession: (_id, use) => use(server()),
    connect: async () => live(),
  };
  const orders: RestoreOrder[] = [];
  const own = createTaskEngine({ dataFolder, watch: false });
  const tasks: Pick<TaskEngine, 'register' | 'list' | 'whenEnded' | 'start' | 'memory'> = {
    register: () => undefined,
    list: () => more.running ?? own.list(),
    start: (definition) => own.start(definition),
    memory: (id) => own.memory(id),
    whenEnded: async (id) => {
      if (own.list().some((one) => one.id === id)) return own.whenEnded(id);
      more.made?.();
      return task({ id });
    },
  };
  const audit: Pick<AuditLog, 'append'> = { append: ({ action, outcome }) => void done.push(`audit ${action} ${outcome}`) };
  const deps: ReadOnlyDeps = {
    dataFolder, fleet: fleet as Fleet, tasks: tasks as TaskEngine, clock: () => 5, standing: new StandingLinks(dataFolder),
    audit: audit as AuditLog,
    hold: more.hold ?? ((_id, held) => void done.push(`hold ${String(held)}`)),
    sync: { addStandby: () => Promise.reject(new Error('no')), create: () => Promise.reject(new Error('no')), scopeOf: () => more.scope ?? wholeInstance, isHeld: () => more.isHeld?.() ?? false },
    backups: {
      list: () => Promise.reject(new Error('whose backup is the newest is not asked')),
      backupOf: (id) => (id === 'mine' ? 'late-1' : null),
      create: async () => task({ state: 'running' }),
      planRestore: (order) => {
        orders.push(order);
        return Promise.reject(new Failure({ code: 'cancelled', params: { what: 'the rest is not of interest' } }));
      },
      restore: () => Promise.reject(new Error('no')),
    },
  };
  return { readOnly: createReadOnly(deps), orders, standing: deps.standing, tasks: own };
}

const refused = (work: Promise<unknown>): Promise<string> => work.then(() => 'done', (thrown: unknown) => errorOf(thrown).code);
const fish = { instanceId: 'i2', database: 'shop', table: 'orders', into: 'back' };

it('a freeze stops first; what keeps it stopped, and who has to know, come after', async () => {
  await service().readOnly.freeze('i2');
  // Once more at the end: whoever had stopped it for work of its own may have started it before it was held.
  expect(done).toEqual(['STOP REPLICA SQL_THREAD', 'SET PERSIST_ONLY skip_replica_start = ON', 'hold true', 'audit readonly.freeze done', 'STOP REPLICA SQL_THREAD']);
});

it('a freeze stops, is kept and recorded although the link cannot be held', async () => {
  const { readOnly, standing } = service({ hold: () => { throw new Failure({ code: 'storage-full', params: { file: 'sync.json' } }); } });
  expect(await refused(readOnly.freeze('i2'))).toBe('storage-full');
  expect(done).toEqual(['STOP REPLICA SQL_THREAD', 'SET PERSIST_ONLY skip_replica_start = ON', 'audit readonly.freeze done']);
  expect(standing.isKept('i2')).toBe(true);
});

it.each([['freeze'], ['stop']] as const)('a stop that the server has not done in time is held all the same (%s); one that it refused is not', async (order) => {
  const { readOnly } = service();
  stopFails = new MysqlError({ code: 'query-timeout', params: { seconds: 30 } }, 0, '');
  await refused(readOnly[order]('i2'));
  expect(done.filter((one) => one.startsWith('hold'))).toEqual(['hold true']);
  done.length = 0;
  stopFails = new MysqlError({ code: 'privilege-missing', params: { privilege: 'REPLICATION_SLAVE_ADMIN' } }, 1227, '42000');
  await refused(readOnly[order]('i2'));
  expect(done.filter((one) => one.startsWith('hold'))).toEqual([]);
});

it('a start runs the link, and only then lets a restart start it', async () => {
  const { readOnly, standing } = service();
  await readOnly.freeze('i2');
  done.length = 0;
  await readOnly.start('i2');
  expect(done.slice(1, -1)).toEqual(['STOP REPLICA SQL_THREAD', 'START REPLICA', 'hold false', 'RESET PERSIST IF EXISTS skip_replica_start']);
  expect(standing.isKept('i2')).toBe(false);
});

it('one that stands is kept from a start by a restart before its delay goes', async () => {
  expect(await service().readOnly.setDelay('i2', 0)).toEqual({ stands: true });
  expect(done.slice(1, 3)).toEqual(['SET PERSIST_ONLY skip_replica_start = ON', expect.stringContaining('SOURCE_DELAY = 0')]);
});

it('one that is frozen while its delay changes stands afterwards', async () => {
  applier = 'Yes';
  const { readOnly } = service({ isHeld: () => true });
  await readOnly.setDelay('i2', 60);
  expect(done.filter((sql) => sql.startsWith('START'))).toEqual([]);
});

it('a delay that the server refuses is taken back: the applier runs again, with the delay it had', async () => {
  applier = 'Yes';
  const { readOnly, tasks } = service();
  changeFails = new MysqlError({ code: 'privilege-missing', params: { privilege: 'REPLICATION_SLAVE_ADMIN' } }, 1227, '42000');
  expect(await refused(readOnly.setDelay('i2', 60))).toBe('privilege-missing');
  expect(done.filter((sql) => /^(STOP|START|CHANGE)/.test(sql))).toEqual(['STOP REPLICA SQL_THREAD', 'START REPLICA SQL_THREAD']);
  expect(tasks.list().map(({ kind, steps }) => [kind, ...steps.map(({ state }) => state)])).toEqual([['read-only-delay', 'undone', 'undone', 'pending']]);
});

it('a change of the delay is a task, and tells what it was', async () => {
  applier = 'Yes';
  const { readOnly, tasks } = service();
  expect(await readOnly.setDelay('i2', 60)).toBeNull();
  expect(done.filter((sql) => /^(STOP|START|CHANGE)/.test(sql))).toEqual(['STOP REPLICA SQL_THREAD', expect.stringContaining('SOURCE_DELAY = 60'), 'START REPLICA SQL_THREAD']);
  expect(delayChangesOf(tasks, 'i2')).toMatchObject([{ from: 3600, to: 60 }]);
  expect(delayChangesOf(tasks, 'i1')).toEqual([]);
});

it.each(['start', 'run'] as const)('%s is refused on a part of a source, whose filters a restart takes away', async (order) => {
  const { readOnly } = service({ scope: { kind: 'partial', databases: [{ database: 'shop', tables: null }] } });
  expect(await refused(order === 'start' ? readOnly.start('i2') : readOnly.run('i2', { kind: 'time', at: 5 }, null))).toBe('read-only-partial');
  expect(done.filter((one) => !one.startsWith('audit'))).toEqual([]);
});

it.each(['start', 'setDelay'] as const)('%s is refused while a task has the instance, before any statement', async (order) => {
  const { readOnly } = service({ running: [task({ kind: 'read-only', state: 'running' })] });
  expect(await refused(order === 'start' ? readOnly.start('i2') : readOnly.setDelay('i2', 0))).toBe('has-task');
  expect(done.filter((one) => !one.startsWith('audit'))).toEqual([]);
});

it('a table comes out of the backup that was made for it', async () => {
  const { readOnly, orders } = service();
  expect(await refused(readOnly.fishOut(fish))).toBe('cancelled');
  expect(orders).toMatchObject([{ backupId: 'late-1', targetId: 'i1' }]);
});

const nothing = (): void => undefined;
const runs = (): void => { applier = 'Yes'; };
const applied = (): void => { executed = '00000000-0000-0000-0000-000000000001:1-6'; };
it.each([['runs before', runs, nothing], ['runs after', nothing, runs], ['has applied more after', nothing, applied]] as const)('a table of an instance that %s it was read is not restored', async (_when, before, after) => {
  before();
  const { readOnly, orders } = service({ made: after });
  expect(await refused(readOnly.fishOut(fish))).toBe('read-only-runs');
  expect(orders).toEqual([]);
});
