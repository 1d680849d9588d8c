// A scheduled backup: what is ordered, and that only one that ended well has old ones deleted.
import { beforeEach, expect, it } from 'vitest';
import { backupWork } from '../../../electron/engine-schedules';
import type { Expiry } from '../../../electron/backup/types';
import type { ScheduledWork } from '../../../electron/schedules/types';
import type { BackupOrder } from '../../../shared/domain/backup/backup';
import { defaultPolicy } from '../../../shared/domain/backup/policy';
import type { Schedule } from '../../../shared/domain/schedules/schedule';
import type { TaskState, TaskView } from '../../../shared/domain/tasks/task';
import { failure } from '../../../shared/errors/codes';
import type { Message } from '../../../shared/i18n/message';
import { viewOf } from '../../contract/fake-engine';

const schedule: Schedule = {
  id: 's', kind: 'backup', subject: 'gz', pattern: '0 3 * * *', timeZone: 'local', enabled: true, catchUp: false, createdAt: 0, consideredUntil: 0,
  lastRunAt: null, lastTaskId: null, lastOutcome: null, missed: null,
};
const taskIn = (state: TaskState): TaskView => ({
  id: 't', kind: 'backup', name: 'orders-gz', state, instanceIds: ['gz'], createdAt: 0, startedAt: 0, endedAt: null, steps: [], waitingFor: null, error: null,
  aftermath: null, isReported: false, canCancel: true, canPause: false, log: [],
});
const { instance } = viewOf('gz', 'primary');

let orders: BackupOrder[];
let expired: string[];
let alerts: Message[];
let answer: Expiry | Error;
let end: (state: TaskState) => void;
let work: ScheduledWork;

beforeEach(() => {
  orders = [];
  expired = [];
  alerts = [];
  answer = { removed: [], failed: [] };
  work = backupWork({
    fleet: { instances: () => [instance], refresh: async () => viewOf('gz', 'primary') },
    backups: {
      async create(order) {
        orders.push(order);
        return taskIn('running');
      },
      policy: (id) => ({ ...defaultPolicy(id), place: '/mnt/nas' }),
      async expire(id) {
        expired.push(id);
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    tasks: {
      get: () => taskIn('running'),
      onChange: () => () => undefined,
      whenEnded: () => new Promise<TaskView>((resolve) => { end = (state) => resolve(taskIn(state)); }),
    },
    alert: (_severity, _id, text) => void alerts.push(text),
  });
});

/** A run that ends so. */
async function run(state: TaskState): Promise<void> {
  await work.start(schedule);
  end(state);
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

it('is of the whole instance, not encrypted, in the folder of its policy', async () => {
  await run('done');
  expect(orders).toEqual([{ instanceId: 'gz', scope: { kind: 'instance' }, place: '/mnt/nas', passphrase: null }]);
  expect(work.subject('gz')).toEqual({ name: 'orders-gz', instanceIds: ['gz'], rests: false });
  expect(work.subject('gone')).toBeNull();
});

it('has old ones deleted once it ended well, and not before', async () => {
  await work.start(schedule);
  expect(expired).toEqual([]);
  await run('done');
  expect([expired, alerts]).toEqual([['gz'], []]);
});

it.each(['failed', 'cancelled', 'interrupted', 'paused'] as const)('deletes nothing where it %s', async (state) => {
  await run(state);
  expect([expired, alerts]).toEqual([[], []]);
});

it('tells of those that could not be deleted, once each', async () => {
  const failed = (...ids: string[]): Expiry => ({ removed: [], failed: ids.map((id) => ({ id, error: failure('backup-unwritable', { place: '/mnt/nas' }).error })) });
  answer = failed('a', 'b');
  await run('done');
  await run('done');
  expect(alerts).toEqual([{ key: 'backup.alert.expire', params: { name: 'orders-gz', id: 'a', others: 1 } }]);
  answer = failed('a', 'b', 'c');
  await run('done');
  expect(alerts.slice(1)).toEqual([{ key: 'backup.alert.expire', params: { name: 'orders-gz', id: 'c', others: 0 } }]);
});

it('tells where what is to go cannot be found out', async () => {
  answer = failure('storage-full', { file: 'backups' });
  await run('done');
  expect(alerts).toEqual([{ key: 'backup.alert.retention', params: { name: 'orders-gz', detail: 'storage-full' } }]);
});
