import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createTaskEngine } from '../../../electron/tasks/engine';
import type { TaskEngine } from '../../../electron/tasks/types';
import { definition, temporaryFolder, threeSteps, title, untilAborted, World } from './fixture';

let folder: { path: string; remove: () => void };
let engine: TaskEngine;
let limit: number;
beforeEach(() => {
  folder = temporaryFolder();
  limit = 1;
  engine = createTaskEngine({ dataFolder: folder.path, watch: false, limit: () => limit });
});
afterEach(async () => {
  await engine.close();
  folder.remove();
});

/** A queued task that works until it is cancelled, on servers of its own. */
const long = (name: string) => definition([{ id: 'work', title, run: untilAborted }], { name, queued: true, instanceIds: [name] });
const states = () => Object.fromEntries(engine.list().map(({ name, state }) => [name, state]));

/** Waits for what comes as soon as it can, as long as a busy machine may take. */
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 20_000 });

it('lets no more tasks work than may, says how many are ahead, and goes on when one has left', async () => {
  const first = await engine.start(long('first'));
  const second = await engine.start(long('second'));
  const third = await engine.start(long('third'));
  await eventually(() => expect(states()).toEqual({ first: 'running', second: 'pending', third: 'pending' }));
  expect(engine.get(third.id).waitingFor).toEqual({ key: 'tasks.queued', params: { ahead: 2 } });
  await engine.cancel(first.id);
  await eventually(() => expect(states()).toEqual({ first: 'cancelled', second: 'running', third: 'pending' }));
  expect(engine.get(third.id).waitingFor).toEqual({ key: 'tasks.queued', params: { ahead: 1 } });
  expect(engine.get(second.id).waitingFor).toBeNull();
});

it('lets a task in the queue be cancelled: none of its steps runs, and nobody waits for it', async () => {
  const world = new World();
  const first = await engine.start(long('first'));
  const second = await engine.start(definition(threeSteps(world), { name: 'second', queued: true, instanceIds: ['second'] }));
  const third = await engine.start(long('third'));
  await eventually(() => expect(states()).toMatchObject({ first: 'running', second: 'pending' }));
  await engine.cancel(second.id);
  expect((await engine.whenEnded(second.id)).state).toBe('cancelled');
  expect(world.trace).toEqual([]);
  expect(engine.get(third.id).waitingFor).toEqual({ key: 'tasks.queued', params: { ahead: 1 } });
  await engine.cancel(first.id);
  await eventually(() => expect(states()).toMatchObject({ third: 'running' }));
});

it('begins more when the limit is raised, and holds up no task of another kind', async () => {
  await engine.start(long('first'));
  await engine.start(long('second'));
  const switchover = await engine.start(definition(threeSteps(new World())));
  expect((await engine.whenEnded(switchover.id)).state).toBe('done');
  expect(states()).toMatchObject({ first: 'running', second: 'pending' });
  limit = 2;
  engine.admit();
  await eventually(() => expect(states()).toMatchObject({ first: 'running', second: 'running' }));
});

it('gives the place back when a task is paused, and takes one again to go on', async () => {
  const make = () => ({ ...long('first'), pausable: true });
  const first = await engine.start(make());
  const second = await engine.start(long('second'));
  await eventually(() => expect(states()).toMatchObject({ first: 'running' }));
  await engine.pause(first.id);
  await eventually(() => expect(states()).toEqual({ first: 'paused', second: 'running' }));
  await engine.resume(first.id);
  await eventually(() => expect(engine.get(first.id).waitingFor).toEqual({ key: 'tasks.queued', params: { ahead: 1 } }));
  await engine.cancel(second.id);
  await eventually(() => expect(states()).toMatchObject({ first: 'running' }));
});

it('forgets the journals of tasks that ended long ago, but for the newest and those that are asked for', async () => {
  // All of them in one millisecond: which is the newer is then told by their order alone.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  const ids: string[] = [];
  for (let n = 0; n < 203; n += 1) {
    const task = await engine.start(definition([{ id: 'a', title, run: async () => undefined }], { name: `t${n}`, instanceIds: [`i${n}`] }));
    ids.push((await engine.whenEnded(task.id)).id);
  }
  const day = 86_400_000;
  engine.tidy(new Set(), Date.now() + 100 * day);
  expect(engine.list()).toHaveLength(203);
  engine.tidy(new Set([ids[0] ?? '']), Date.now() + 200 * day);
  expect(engine.list()).toHaveLength(201);
  expect(engine.get(ids[0] ?? '').state).toBe('done');
  expect(() => engine.get(ids[1] ?? '')).toThrow();
  vi.useRealTimers();
});
