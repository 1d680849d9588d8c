// A scheduled backup: what is ordered, and that only one that ended well has old ones deleted.
import { beforeEach, expect, it } from 'vitest';
import { backupWork } from '../../../electron/engine-schedules';
import type { Expiry } from '../../../electron/backup/types';
import type { ScheduledWork } from '../../../electron/schedules/types';
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

let taken: string[];
let asked: string[];
let forgotten: string[];
let proof: TaskView | Error | null;
let proofEnds: TaskView;
let expired: string[];
let alerts: Message[];
let answer: Expiry | Error;
let end: (state: TaskState) => void;
let work: ScheduledWork;

beforeEach(() => {
  taken = [];
  asked = [];
  forgotten = [];
  proof = null;
  expired = [];
  alerts = [];
  answer = { removed: [], failed: [] };
  work = backupWork({
    fleet: { instances: () => [instance], view: () => viewOf('gz', 'primary'), refresh: async () => viewOf('gz', 'primary') },
    backups: {
      async takeScheduled(id) {
        taken.push(id);
        return taskIn('running');
      },
      async proveDue(id) {
        asked.push(id);
        if (proof instanceof Error) throw proof;
        return proof;
      },
      async forgetSchedule(id) {
        forgotten.push(id);
      },
      async expire(id) {
        expired.push(id);
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
    tasks: {
      get: () => taskIn('running'),
      onChange: () => () => undefined,
      whenEnded: (id) => id === 'p' ? Promise.resolve(proofEnds) : new Promise<TaskView>((resolve) => { end = (state) => resolve(taskIn(state)); }),
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

it('is taken as the policy of its instance says, and what is kept for it goes with it', async () => {
  await run('done');
  expect(taken).toEqual(['gz']);
  expect(work.subject('gz')).toEqual({ name: 'orders-gz', instanceIds: ['gz'], rests: false });
  expect(work.subject('gone')).toBeNull();
  await work.removed?.('gz');
  expect(forgotten).toEqual(['gz']);
});

it('has the newest proven once it ended well, where that is due; tells why that came to nothing, once', async () => {
  const ends = async (state: TaskState, code: 'practice-unavailable' | 'content-differs' | null): Promise<void> => {
    proof = { ...taskIn('running'), id: 'p', kind: 'backup-prove' };
    const error = code === null ? null : code === 'content-differs' ? failure(code, { count: 1, tables: 'a.b' }).error : failure(code, { series: '9.7' }).error;
    proofEnds = { ...proof, state, error };
    await run('done');
  };
  await run('failed');
  expect(asked).toEqual([]);
  await ends('failed', 'practice-unavailable');
  await ends('failed', 'practice-unavailable');
  expect(alerts).toEqual([{ key: 'backup.alert.prove', params: { name: 'orders-gz', detail: 'practice-unavailable' } }]);
  await ends('failed', 'content-differs');
  await ends('done', null);
  await ends('failed', 'content-differs');
  expect(alerts.slice(1).map(({ params }) => params?.['detail'])).toEqual(['content-differs', 'content-differs']);
  proof = failure('vault-locked', {});
  await run('done');
  expect(alerts.at(-1)?.params).toEqual({ name: 'orders-gz', detail: 'vault-locked' });
  expect(asked).toHaveLength(6);
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
