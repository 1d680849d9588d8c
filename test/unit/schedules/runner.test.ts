// Who starts what is due, when, and what is told of it: with a clock that the test turns.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSchedules } from '../../../electron/schedules/service';
import type { ScheduledWork, Schedules } from '../../../electron/schedules/types';
import type { ScheduleOrder, ScheduleView } from '../../../shared/domain/schedules/schedule';
import type { TaskState, TaskView } from '../../../shared/domain/tasks/task';
import { failure } from '../../../shared/errors/codes';
import type { Message } from '../../../shared/i18n/message';

const at = (iso: string): number => Date.parse(iso);
const minute = 60_000;
const hour = 60 * minute;

let dataFolder: string;
let now: number;
/** The timers that are set, of all processes. */
let timers: { readonly at: number; readonly act: () => void }[];
let processes: Process[];

interface Process {
  readonly schedules: Schedules;
  readonly started: { readonly subject: string; readonly at: number }[];
  readonly alerts: { readonly severity: string; readonly instanceId: string | null; readonly text: Message }[];
  readonly told: (readonly ScheduleView[])[];
  readonly audit: { readonly action: string; readonly outcome: string }[];
  refuse: Error | null;
}

/** What there is to schedule, and the tasks that were begun: both are the same to every process. */
let links: Map<string, { readonly rests: boolean }>;
let tasks: Map<string, TaskView>;
let taskListeners: Set<(task: TaskView) => void>;

function taskOf(id: string, state: TaskState): TaskView {
  return {
    id, kind: 'verify', name: 'orders', state, instanceIds: ['gz', 'sh'], createdAt: now, startedAt: now, endedAt: null, steps: [], waitingFor: null,
    error: null, aftermath: null, isReported: false, canCancel: true, canPause: true, log: [],
  };
}

function putTask(id: string, state: TaskState): void {
  tasks.set(id, taskOf(id, state));
  for (const listener of taskListeners) listener(taskOf(id, state));
}

/** A process of the product on the data folder. */
function open(zone = 'UTC'): Process {
  const process: Process = {
    schedules: createSchedules({
      dataFolder, clock: () => now, localZone: () => zone,
      timer: {
        after(ms, act) {
          const timer = { at: now + ms, act };
          timers.push(timer);
          return () => {
            timers = timers.filter((one) => one !== timer);
          };
        },
      },
      tasks: {
        get(id) {
          const found = tasks.get(id);
          if (found === undefined) throw failure('not-found', { kind: 'task', name: id });
          return found;
        },
        onChange(listener) {
          taskListeners.add(listener);
          return () => taskListeners.delete(listener);
        },
      },
      audit: { append: ({ action, outcome }) => void process.audit.push({ action, outcome }) },
      alert: (severity, instanceId, text) => void process.alerts.push({ severity, instanceId, text }),
    }),
    started: [], alerts: [], told: [], audit: [], refuse: null,
  };
  const work: ScheduledWork = {
    single: true,
    subject: (id) => {
      const link = links.get(id);
      return link === undefined ? null : { name: `the ${id} link`, instanceIds: ['gz', 'sh'], rests: link.rests };
    },
    async start({ subject }) {
      if (process.refuse !== null) throw process.refuse;
      process.started.push({ subject, at: now });
      putTask(`task-${tasks.size + 1}`, 'running');
      return taskOf(`task-${tasks.size}`, 'running');
    },
  };
  process.schedules.register('verification', work);
  process.schedules.onChange((schedules) => void process.told.push(schedules));
  processes.push(process);
  return process;
}

/** Lets what was begun come to its end. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** Turns the clock, and lets each timer go off at its time. */
async function turnTo(moment: number): Promise<void> {
  await settle();
  for (;;) {
    const next = timers.filter((timer) => timer.at <= moment).sort((one, other) => one.at - other.at)[0];
    if (next === undefined) break;
    now = Math.max(now, next.at);
    timers = timers.filter((timer) => timer !== next);
    next.act();
    await settle();
  }
  now = moment;
}

/** The machine sleeps: its timers go off once it is awake. */
async function sleepUntil(moment: number): Promise<void> {
  now = moment;
  await turnTo(moment);
}

const order = (change: Partial<ScheduleOrder> = {}): ScheduleOrder => ({
  kind: 'verification', subject: 'orders', pattern: '0 3 * * *', timeZone: 'local', enabled: true, catchUp: false, ...change,
});
const keys = ({ alerts }: Process): string[] => alerts.map(({ text }) => text.key.replace('schedules.alert.', ''));

beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'antipode-schedules-'));
  now = at('2026-11-27T12:00Z');
  timers = [];
  processes = [];
  tasks = new Map();
  taskListeners = new Set();
  links = new Map([['orders', { rests: false }], ['crm', { rests: false }]]);
});
afterEach(async () => {
  for (const { schedules } of processes) await schedules.close();
  rmSync(dataFolder, { recursive: true, force: true });
});

describe('a schedule', () => {
  it('starts its run on the second, once, and says when the next one is', async () => {
    const { schedules, started, told, audit } = open();
    schedules.start();
    await settle();
    const saved = await schedules.save(null, order());
    expect(saved).toMatchObject({ name: 'the orders link', zone: 'UTC', nextRunAt: at('2026-11-28T03:00Z'), lastOutcome: null, missed: null });
    await turnTo(at('2026-11-28T02:59:59Z'));
    expect(started).toEqual([]);
    await turnTo(at('2026-11-28T04:00Z'));
    expect(started).toEqual([{ subject: 'orders', at: at('2026-11-28T03:00Z') }]);
    const [view] = schedules.list();
    expect(view).toMatchObject({
      lastRunAt: at('2026-11-28T03:00Z'), lastOutcome: { kind: 'started', taskId: 'task-1', dueAt: at('2026-11-28T03:00Z') },
      lastTask: { state: 'running' }, nextRunAt: at('2026-11-29T03:00Z'),
    });
    putTask('task-1', 'done');
    expect(told.at(-1)?.[0]?.lastTask).toEqual({ state: 'done', error: null });
    expect(audit.filter(({ outcome }) => outcome === 'done').map(({ action }) => action)).toEqual(['schedule.save', 'schedule.run']);
  });

  it('runs by the local time of the workstation, and by its own zone where it has one', async () => {
    const { schedules, started } = open('Asia/Shanghai');
    schedules.start();
    await schedules.save(null, order());
    await schedules.save(null, order({ subject: 'crm', timeZone: 'Europe/Berlin' }));
    await turnTo(at('2026-11-28T12:00Z'));
    expect(started).toEqual([{ subject: 'orders', at: at('2026-11-27T19:00Z') }, { subject: 'crm', at: at('2026-11-28T02:00Z') }]);
  });

  it('keeps one timer, and is armed anew by a change', async () => {
    const process = open();
    process.schedules.start();
    await settle();
    for (const pattern of ['0 4 * * *', '0 5 * * *', '30 12 * * *']) {
      const [known] = process.schedules.list();
      await process.schedules.save(known?.id ?? null, order({ pattern }));
      expect(timers).toHaveLength(1);
    }
    await turnTo(at('2026-11-27T12:30Z'));
    expect(process.started).toHaveLength(1);
    expect(timers).toHaveLength(1);
  });

  it('that is off does nothing, and what came due meanwhile is not missed when it is on again', async () => {
    const { schedules, started } = open();
    schedules.start();
    const { id } = await schedules.save(null, order({ enabled: false }));
    await turnTo(now + 72 * hour);
    expect(started).toEqual([]);
    expect(await schedules.save(id, order())).toMatchObject({ missed: null, nextRunAt: at('2026-12-01T03:00Z') });
  });

  it('is not started while its last run is not over: that is told, and the next one runs', async () => {
    const process = open();
    process.schedules.start();
    await process.schedules.save(null, order({ pattern: '0 * * * *' }));
    await turnTo(at('2026-11-27T14:00:01Z'));
    expect(process.started).toHaveLength(1);
    expect(process.schedules.list()[0]?.lastOutcome).toMatchObject({ kind: 'skipped', taskId: 'task-1', dueAt: at('2026-11-27T14:00Z') });
    expect(keys(process)).toEqual(['skipped']);
    putTask('task-1', 'failed');
    await turnTo(at('2026-11-27T15:00:01Z'));
    expect(process.started).toHaveLength(2);
    expect(keys(process)).toEqual(['skipped', 'failed']);
  });

  it('whose run is refused tells so and is tried again', async () => {
    const process = open();
    process.schedules.start();
    await process.schedules.save(null, order({ pattern: '0 * * * *' }));
    process.refuse = failure('task-state', { name: 'orders', state: 'stopped', action: 'verify' });
    await turnTo(at('2026-11-27T13:30Z'));
    expect(process.schedules.list()[0]).toMatchObject({ lastRunAt: null, lastOutcome: { kind: 'refused', error: { code: 'task-state' } } });
    expect(process.alerts).toMatchObject([{ severity: 'warning', instanceId: 'sh', text: { key: 'schedules.alert.refused', params: { name: 'the orders link' } } }]);
    // The same again is no news.
    await turnTo(at('2026-11-27T14:30Z'));
    expect(process.schedules.list()[0]?.lastOutcome).toMatchObject({ kind: 'refused', at: at('2026-11-27T14:00Z') });
    expect(process.alerts).toHaveLength(1);
    process.refuse = new Error('a fault of ours');
    await turnTo(at('2026-11-27T15:30Z'));
    expect(process.alerts).toHaveLength(2);
    expect(process.schedules.list()[0]?.lastOutcome).toMatchObject({ kind: 'refused', error: { code: 'internal' } });
    process.refuse = null;
    await turnTo(at('2026-11-27T16:30Z'));
    expect(process.schedules.list()[0]?.lastOutcome).toMatchObject({ kind: 'started' });
  });

  it('goes with what it was of, and rests with it', async () => {
    const { schedules, started, audit } = open();
    schedules.start();
    await schedules.save(null, order({ pattern: '0 * * * *' }));
    links.set('orders', { rests: true });
    await turnTo(now + 5 * hour);
    expect(started).toEqual([]);
    expect(schedules.list()[0]).toMatchObject({ rests: true, nextRunAt: null, missed: null });
    links.set('orders', { rests: false });
    await turnTo(now + hour);
    expect(started).toHaveLength(1);
    links.delete('orders');
    expect(schedules.list()).toEqual([]);
    await turnTo(now + minute);
    expect(readFileSync(join(dataFolder, 'schedules.json'), 'utf8')).not.toContain('orders');
    expect(audit.at(-1)).toEqual({ action: 'schedule.remove', outcome: 'done' });
  });
});

describe('an order', () => {
  it('is refused where it cannot be kept', async () => {
    const { schedules } = open();
    const { id } = await schedules.save(null, order());
    const code = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'kept', (thrown: unknown) => (thrown as { error: { code: string } }).error.code);
    expect(await code(schedules.save(null, order()))).toBe('name-taken');
    expect(await code(schedules.save(null, order({ subject: 'nothing' })))).toBe('not-found');
    expect(await code(schedules.save('nobody', order()))).toBe('not-found');
    expect(await code(schedules.save(null, order({ subject: 'crm', kind: 'backup' })))).toBe('invalid-input');
    expect(await code(schedules.save(id, order({ subject: 'crm' })))).toBe('invalid-input');
    expect(await code(schedules.save(null, order({ subject: 'crm', pattern: '0 0 30 2 *' })))).toBe('invalid-input');
    expect(await code(schedules.save(null, order({ subject: 'crm', timeZone: 'Mars/Olympus' })))).toBe('invalid-input');
    expect(await code(schedules.remove('nobody'))).toBe('not-found');
    expect(schedules.list()).toHaveLength(1);
    await schedules.remove(id);
    expect(schedules.list()).toEqual([]);
  });
});

describe('runs that nothing was there to start', () => {
  const closedFor = async (hours: number, change: Partial<ScheduleOrder> = {}): Promise<Process> => {
    const before = open();
    await before.schedules.save(null, order(change));
    await before.schedules.close();
    now += hours * hour;
    const after = open();
    after.schedules.start();
    await settle();
    return after;
  };

  it('are counted and told once, and none of them is run', async () => {
    const process = await closedFor(72);
    expect(process.started).toEqual([]);
    expect(process.schedules.list()[0]?.missed).toEqual({ count: 3, since: at('2026-11-28T03:00Z') });
    expect(process.alerts).toMatchObject([{ severity: 'warning', text: { key: 'schedules.alert.missed', params: { count: 3, others: 0 } } }]);
    await turnTo(at('2026-12-01T03:00:01Z'));
    expect(process.started).toHaveLength(1);
    expect(process.schedules.list()[0]?.missed).toBeNull();
    expect(process.alerts).toHaveLength(1);
  });

  it('are made up for by one run where that was chosen', async () => {
    const process = await closedFor(72, { catchUp: true });
    expect(process.started).toHaveLength(1);
    expect(process.schedules.list()[0]).toMatchObject({ missed: { count: 2 }, lastOutcome: { kind: 'started', dueAt: at('2026-11-30T03:00Z') } });
    await turnTo(now + 2 * hour);
    expect(process.started).toHaveLength(1);
  });

  it('are those that a machine slept through; waking a little late, it runs', async () => {
    const process = open();
    process.schedules.start();
    await process.schedules.save(null, order());
    await sleepUntil(at('2026-11-28T03:09Z'));
    expect(process.started).toEqual([{ subject: 'orders', at: at('2026-11-28T03:09Z') }]);
    putTask('task-1', 'done');
    await sleepUntil(at('2026-11-29T03:11Z'));
    expect(process.started).toHaveLength(1);
    expect(process.schedules.list()[0]?.missed).toEqual({ count: 1, since: at('2026-11-29T03:00Z') });
    expect(keys(process)).toEqual(['missed']);
  });

  it('include one whose process died as it began', async () => {
    const process = open();
    await process.schedules.save(null, order());
    const file = join(dataFolder, 'schedules.json');
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { schedules: Record<string, unknown>[] };
    const dueAt = at('2026-11-28T03:00Z');
    now = dueAt + 6 * minute;
    writeFileSync(file, JSON.stringify({ ...kept, schedules: [{ ...kept.schedules[0], consideredUntil: dueAt, lastOutcome: { kind: 'starting', at: dueAt, dueAt } }] }));
    process.schedules.start();
    await settle();
    expect(process.started).toEqual([]);
    expect(process.schedules.list()[0]).toMatchObject({ lastOutcome: null, missed: { count: 1, since: dueAt } });
  });
});

describe('several processes on one data folder', () => {
  it('start a run once, and see what another has changed', async () => {
    const [one, other] = [open(), open()];
    one.schedules.start();
    other.schedules.start();
    await one.schedules.save(null, order({ pattern: '*/5 * * * *' }));
    await turnTo(at('2026-11-27T12:05:31Z'));
    expect([...one.started, ...other.started]).toHaveLength(1);
    expect(other.schedules.list()).toEqual(one.schedules.list());
    expect(other.told.at(-1)).toEqual(one.told.at(-1));
    putTask('task-1', 'done');
    await turnTo(at('2026-11-27T12:30:31Z'));
    // The others were not over.
    expect([...one.started, ...other.started]).toHaveLength(2);
  });

  it('leave the runs to the one that serves, until it ends', async () => {
    const [window, service] = [open(), open()];
    window.schedules.start();
    await window.schedules.save(null, order({ pattern: '0 * * * *' }));
    const end = service.schedules.serve();
    expect(() => window.schedules.serve()).toThrow(expect.objectContaining({ error: expect.objectContaining({ code: 'already-served' }) as unknown }) as Error);
    await turnTo(at('2026-11-27T13:00:30Z'));
    expect(window.started).toEqual([]);
    end();
    await turnTo(at('2026-11-27T13:01:30Z'));
    expect(window.started).toHaveLength(1);
    window.schedules.serve()();
  });

  it('are not stopped by one that died while it served', async () => {
    const dead = { pid: 2 ** 30, start: 'long ago', run: 'r', user: 'u', host: 'h' };
    writeFileSync(join(dataFolder, 'serving.json'), JSON.stringify({ version: 1, owner: dead }));
    const process = open();
    process.schedules.start();
    await process.schedules.save(null, order({ pattern: '0 * * * *' }));
    await turnTo(at('2026-11-27T13:00:30Z'));
    expect(process.started).toHaveLength(1);
    process.schedules.serve()();
  });
});

it('what cannot be read of the file is set aside, and the rest is run', async () => {
  const process = open();
  await process.schedules.save(null, order({ pattern: '0 * * * *' }));
  const file = join(dataFolder, 'schedules.json');
  const kept = JSON.parse(readFileSync(file, 'utf8')) as { schedules: Record<string, unknown>[] };
  writeFileSync(file, JSON.stringify({ ...kept, schedules: [{ ...kept.schedules[0], id: 'bad', subject: 'crm', pattern: 'x * * * *' }, ...kept.schedules] }));
  process.schedules.start();
  await turnTo(at('2026-11-27T13:00:30Z'));
  expect(process.started).toEqual([{ subject: 'orders', at: at('2026-11-27T13:00Z') }]);
  expect(readFileSync(join(dataFolder, 'schedules.quarantine.jsonl'), 'utf8')).toContain('"bad"');
});
