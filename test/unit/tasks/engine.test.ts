import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTaskEngine } from '../../../electron/tasks/engine';
import { Failure, failure } from '../../../shared/errors/codes';
import type { TaskView } from '../../../shared/domain/tasks/task';
import { message } from '../../../shared/i18n/message';
import type { Session } from '../../../electron/mysql/types';
import { aftermathKey } from '../../../electron/tasks/aftermath';
import type { Step, TaskEngine } from '../../../electron/tasks/types';
import { broken, definition, gtidSet, handlerOf, journalLines, temporaryFolder, threeSteps, title, untilAborted, World } from './fixture';

let folder: { path: string; remove: () => void };
let engine: TaskEngine;
let world: World;

beforeEach(() => {
  folder = temporaryFolder();
  engine = createTaskEngine({ dataFolder: folder.path, watch: false });
  world = new World();
});
afterEach(async () => {
  await engine.close();
  folder.remove();
});

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (thrown) {
    return thrown instanceof Failure ? thrown.error.code : String(thrown);
  }
  return 'no failure';
};

describe('a task that runs through', () => {
  it('runs its steps in order, opens before and closes after, reports its end once', async () => {
    const ended = vi.fn(async () => undefined);
    const task = await engine.start(
      definition(threeSteps(world), { open: async () => void world.trace.push('open'), close: async () => void world.trace.push('close'), ended }),
    );
    const view = await engine.whenEnded(task.id);
    expect(view.state).toBe('done');
    expect(view.steps.map((step) => step.state)).toEqual(['done', 'done', 'done']);
    expect(view.steps.every((step) => step.ms !== null && step.ms >= 0)).toBe(true);
    expect(world.trace).toEqual(['open', 'do a', 'do b', 'do c', 'close']);
    expect(ended).toHaveBeenCalledTimes(1);
    expect(view.canCancel).toBe(false);
  });

  it('shows a step that found nothing to do as skipped, and takes nothing of it back', async () => {
    const steps = threeSteps(world, { a: { run: async () => 'skipped' }, c: { run: async () => { throw failure('disk-full', { server: 's' }); } } });
    const view = await engine.whenEnded((await engine.start(definition(steps))).id);
    expect(view.steps.map((step) => step.state)).toEqual(['skipped', 'undone', 'undone']);
    expect(world.trace).toEqual(['do b', 'undo c', 'undo b']);
  });

  it('says what no undo brings back wherever it did not end well, also to the engine that finds it later, and says nothing where it did', async () => {
    const lost = failure('restore-dropped', { name: 'gz', count: 1, objects: 'shop.orders', more: 0, backup: 'b' }).error;
    const ends = async (run: Step['run']): Promise<TaskView> => {
      const steps = threeSteps(world, { a: { run: (step) => step.remember(aftermathKey, lost) }, b: { run } });
      return engine.whenEnded((await engine.start(definition(steps))).id);
    };
    const failed = await ends(async () => { throw failure('disk-full', { server: 's' }); });
    expect([failed.state, failed.error?.code, failed.aftermath]).toEqual(['failed', 'disk-full', lost]);
    expect((await ends(async () => undefined)).aftermath).toBeNull();
    await engine.close();
    engine = createTaskEngine({ dataFolder: folder.path, watch: false });
    expect(engine.get(failed.id).aftermath).toEqual(lost);
  });

  it('writes the start of a step before the step runs, and its statements with blanked secrets', async () => {
    const seen: string[][] = [];
    const session = { query: vi.fn(async () => [{ one: 1 }]) } as unknown as Session;
    const steps = threeSteps(world, {
      b: {
        async run(context) {
          seen.push(journalLines(folder.path));
          await context.sql(session, 'orders-gz', { sql: "CREATE USER r IDENTIFIED BY 'hunter2'", redacted: "CREATE USER r IDENTIFIED BY '…'" });
        },
      },
    });
    const task = await engine.start(definition(steps));
    const view = await engine.whenEnded(task.id);
    const before = (seen[0] ?? []).map((line) => JSON.parse(line) as { t: string; step?: string; state?: string });
    expect(before.at(-1)).toMatchObject({ t: 'step', step: 'b', state: 'running' });
    expect(view.steps[1]?.sql).toEqual([{ server: 'orders-gz', sql: "CREATE USER r IDENTIFIED BY '…'" }]);
    expect(journalLines(folder.path).join('\n')).not.toContain('hunter2');
    expect(journalLines(folder.path).filter((line) => line.includes('"sql-end"'))).toHaveLength(1);
  });

  it('remembers durably what a step told it to', async () => {
    const steps = threeSteps(world, {
      a: { run: (context) => context.remember(gtidSet, 'uuid:1-9') },
      c: { run: async (context) => void world.trace.push(String(context.recall(gtidSet))) },
    });
    const task = await engine.start(definition(steps));
    await engine.whenEnded(task.id);
    expect(world.trace).toEqual(['do b', 'uuid:1-9']);
    expect(engine.memory(task.id).recall(gtidSet)).toBe('uuid:1-9');
  });
});

describe('a step that fails', () => {
  it('is undone, itself and what came before, in reverse; the task fails with its error', async () => {
    const steps = threeSteps(world, { c: { run: async () => (world.do('c half'), broken()) } });
    const task = await engine.start(definition(steps));
    const view = await engine.whenEnded(task.id);
    expect(view.state).toBe('failed');
    expect(view.error?.code).toBe('connection-lost');
    expect(world.trace).toEqual(['do a', 'do b', 'do c half', 'undo c', 'undo b', 'undo a']);
    expect(view.steps.map((step) => step.state)).toEqual(['undone', 'undone', 'undone']);
    expect(view.steps[2]?.error?.code).toBe('connection-lost');
  });

  it('is not undone past the point of no return; the task can go on later', async () => {
    let works = false;
    const make = () => definition(threeSteps(world, { b: { pointOfNoReturn: true, run: async () => (works ? world.do('b') : broken()) } }));
    engine.register(handlerOf(make));
    const task = await engine.start(make());
    const view = await engine.whenEnded(task.id);
    expect(view.state).toBe('failed');
    expect(world.trace).toEqual(['do a']);
    expect(await codeOf(engine.undoInterrupted(task.id))).toBe('past-no-return');
    expect((await engine.recoverable()).map((one) => one.task.id)).toEqual([task.id]);
    works = true;
    await engine.resumeInterrupted(task.id);
    expect((await engine.whenEnded(task.id)).state).toBe('done');
    expect(world.done).toEqual(['a', 'b', 'c']);
    expect(await engine.recoverable()).toEqual([]);
  });

  it('is ended by hand on its word alone: nothing runs, its servers are let go, and its end is reported', async () => {
    const ends: (string | undefined)[] = [];
    const ended = async (view: TaskView): Promise<void> => { ends.push(view.error?.code); };
    const make = () => definition(threeSteps(world, { b: { pointOfNoReturn: true, run: broken } }), { ended });
    let asked = 0;
    engine.register({
      ...handlerOf(make), word: () => 'orders-sh',
      letGo: async () => { asked += 1; return { notes: [title], detail: { writes: 'nobody' } }; },
    });
    const task = await engine.start(make());
    await engine.whenEnded(task.id);
    const [left] = await engine.recoverable();
    expect([left?.phrase, left?.holders]).toEqual(['orders-sh', []]);
    expect(await codeOf(engine.endByHand(task.id, 'orders'))).toBe('confirm-mismatch');
    const trace = [...world.trace];
    expect((await engine.endByHand(task.id, 'orders-sh')).detail).toEqual({ writes: 'nobody' });
    expect([world.trace, asked]).toEqual([trace, 1]);
    expect(engine.get(task.id)).toMatchObject({ state: 'failed', error: { code: 'ended-by-hand' } });
    expect(engine.get(task.id).log.map(({ text }) => text.key)).toContain(title.key);
    expect(ends.at(-1)).toBe('ended-by-hand');
    expect(await engine.recoverable()).toEqual([]);
    expect(await codeOf(engine.endByHand(task.id, 'orders-sh'))).toBe('task-state');
    expect(await codeOf(engine.resumeInterrupted(task.id))).toBe('task-state');
  });

  it('over its time limit is aborted and undone with a fresh limit', async () => {
    const undoSignals: boolean[] = [];
    const steps = threeSteps(world, {
      b: {
        limitMs: 30,
        run: untilAborted,
        undo: async (context) => {
          undoSignals.push(context.signal.aborted);
          world.undo('b');
        },
      },
    });
    const task = await engine.start(definition(steps));
    const view = await engine.whenEnded(task.id);
    expect(view.error).toMatchObject({ code: 'step-timeout', params: { step: 'b', seconds: 0.03 } });
    expect(undoSignals).toEqual([false]);
    expect(world.done).toEqual([]);
  });

  it('whose undo fails is told so, and the other undos are still done', async () => {
    const steps = threeSteps(world, { b: { undo: async () => broken() }, c: { run: async () => broken() } });
    const make = () => definition(steps);
    engine.register(handlerOf(make));
    const task = await engine.start(make());
    const view = await engine.whenEnded(task.id);
    expect(view.state).toBe('failed');
    expect(view.error).toMatchObject({ code: 'undo-failed', params: { step: 'b', server: 'orders-sh' } });
    expect(view.steps.map((step) => step.state)).toEqual(['undone', 'undo-failed', 'undone']);
    expect(world.done).toEqual(['b']);
    // It stays on the list of what is left to do, and its undo may be tried again.
    expect(await engine.recoverable()).toHaveLength(1);
    expect(await codeOf(engine.resumeInterrupted(task.id))).toBe('task-state');
    steps.splice(1, 1, { id: 'b', title, run: async () => world.do('b'), undo: async () => world.undo('b') });
    await engine.undoInterrupted(task.id);
    expect((await engine.whenEnded(task.id)).state).toBe('cancelled');
    expect(world.done).toEqual([]);
  });

  it('whose undo hangs is given up after its own limit', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const steps = threeSteps(world, { b: { undoLimitMs: 1000, undo: () => new Promise(() => undefined) }, c: { run: async () => broken() } });
      const task = await engine.start(definition(steps));
      const ended = engine.whenEnded(task.id);
      await vi.waitUntil(async () => (await vi.advanceTimersByTimeAsync(1000), engine.get(task.id).state === 'failed'), { timeout: 5000 });
      expect((await ended).error?.code).toBe('undo-failed');
      expect(world.done).toEqual(['b']);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the lock', () => {
  it('keeps a second task off the same instances, and is free again afterwards', async () => {
    const first = await engine.start(definition(threeSteps(world, { b: { run: untilAborted } })));
    expect(await codeOf(engine.start(definition(threeSteps(world), { name: 'crm', instanceIds: ['i-2', 'i-3'] })))).toBe('lock-held');
    const other = createTaskEngine({ dataFolder: folder.path, watch: false });
    expect(await codeOf(other.start(definition(threeSteps(world), { instanceIds: ['i-2'] })))).toBe('lock-held');
    expect((await other.start(definition([], { instanceIds: ['i-3'] }))).state).not.toBe('failed');
    await engine.cancel(first.id);
    await engine.whenEnded(first.id);
    const second = await other.start(definition(threeSteps(world)));
    expect((await other.whenEnded(second.id)).state).toBe('done');
    await other.close();
  });

  it('that is lost before the point of no return stops the task and undoes it', async () => {
    let held = true;
    const steps = threeSteps(world, { b: { run: async () => void (held = false) } });
    const check = async () => {
      if (!held) throw failure('connection-lost', { host: 'h', port: 1 });
    };
    const task = await engine.start(definition(steps, { check }));
    expect((await engine.whenEnded(task.id)).state).toBe('failed');
    expect(world.trace).toEqual(['do a', 'undo b', 'undo a']);
  });

  it('that is lost past it is logged, and the task goes on', async () => {
    let held = true;
    const steps = threeSteps(world, { b: { pointOfNoReturn: true, run: async () => void (held = false) } });
    const check = async () => {
      if (!held) throw failure('connection-lost', { host: 'h', port: 1 });
    };
    const task = await engine.start(definition(steps, { check }));
    const view = await engine.whenEnded(task.id);
    expect(view.state).toBe('done');
    expect(view.log.map((line) => line.text.key)).toContain('tasks.checkMissed');
  });
});

describe('cancel', () => {
  it.each(['a', 'b', 'c'])('inside step %s stops it and takes everything back', async (where) => {
    const steps = threeSteps(world, { [where]: { run: async (context) => (world.do(where), untilAborted(context)) } });
    const task = await engine.start(definition(steps));
    await vi.waitUntil(() => world.done.includes(where));
    await engine.cancel(task.id);
    const view = await engine.whenEnded(task.id);
    expect(view.state).toBe('cancelled');
    expect(view.error).toBeNull();
    expect(world.done).toEqual([]);
  });

  it('that comes while the last step ends is still heard', async () => {
    const steps = threeSteps(world, { c: { run: async () => (await engine.cancel(engine.list()[0]?.id ?? ''), world.do('c')) } });
    const task = await engine.start(definition(steps));
    expect((await engine.whenEnded(task.id)).state).toBe('cancelled');
    expect(world.done).toEqual([]);
  });

  it('is refused past the point of no return, and the task runs to its end', async () => {
    let go: (() => void) | null = null;
    const steps = threeSteps(world, { b: { pointOfNoReturn: true, run: () => new Promise<void>((resolve) => (go = resolve)) } });
    const task = await engine.start(definition(steps));
    // It counts as running before it does anything.
    const end = await vi.waitUntil(() => go);
    expect(engine.get(task.id).canCancel).toBe(false);
    expect(await codeOf(engine.cancel(task.id))).toBe('past-no-return');
    end();
    expect((await engine.whenEnded(task.id)).state).toBe('done');
  });

  it('is refused while the task goes back already, and once it has ended', async () => {
    let go: (() => void) | null = null;
    const steps = threeSteps(world, { b: { run: async () => broken(), undo: () => new Promise<void>((resolve) => (go = resolve)) } });
    const task = await engine.start(definition(steps));
    const end = await vi.waitUntil(() => go);
    expect(engine.get(task.id)).toMatchObject({ state: 'undoing', steps: [{}, { state: 'undoing' }, {}] });
    expect(await codeOf(engine.cancel(task.id))).toBe('task-state');
    end();
    await engine.whenEnded(task.id);
    expect(await codeOf(engine.cancel(task.id))).toBe('task-state');
    expect(await codeOf(engine.cancel('no-such-task'))).toBe('not-found');
  });

  it('leaves behind a step that does not listen', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const steps = threeSteps(world, { b: { run: async () => (world.do('b'), new Promise(() => undefined)) } });
      const task = await engine.start(definition(steps));
      await vi.waitUntil(async () => (await vi.advanceTimersByTimeAsync(0), world.done.includes('b')));
      await engine.cancel(task.id);
      await vi.waitUntil(async () => (await vi.advanceTimersByTimeAsync(5000), engine.get(task.id).state === 'cancelled'), { timeout: 5000 });
      expect(world.done).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('pause and wait', () => {
  it('pauses inside a step and runs that step again on resume; locks are let go meanwhile', async () => {
    let runs = 0;
    const steps = threeSteps(world, { b: { run: async (context) => ((runs += 1) === 1 ? untilAborted(context) : world.do('b')) } });
    const open = vi.fn(async () => undefined);
    const close = vi.fn(async () => undefined);
    const task = await engine.start(definition(steps, { pausable: true, open, close }));
    await vi.waitUntil(() => runs === 1);
    expect(engine.get(task.id).canPause).toBe(true);
    await engine.pause(task.id);
    const paused = await engine.whenEnded(task.id);
    expect(paused.state).toBe('paused');
    expect(paused.steps.map((step) => step.state)).toEqual(['done', 'pending', 'pending']);
    expect([open.mock.calls.length, close.mock.calls.length]).toEqual([1, 1]);
    await engine.resume(task.id);
    expect((await engine.whenEnded(task.id)).state).toBe('done');
    expect(world.trace).toEqual(['do a', 'do b', 'do c']);
    expect([open.mock.calls.length, close.mock.calls.length]).toEqual([2, 2]);
  });

  it.each([
    ['resumed', 'done'],
    ['cancelled', 'cancelled'],
  ] as const)('can be %s the moment it says that it is paused', async (how, state) => {
    let runs = 0;
    const steps = threeSteps(world, { b: { run: async (context) => ((runs += 1) === 1 ? untilAborted(context) : world.do('b')) } });
    const task = await engine.start(definition(steps, { pausable: true }));
    await vi.waitUntil(() => runs === 1);
    const ordered = new Promise<void>((resolve, reject) => {
      const stop = engine.onChange((view) => {
        if (view.state !== 'paused') return;
        stop();
        (how === 'resumed' ? engine.resume(task.id) : engine.cancel(task.id)).then(resolve, reject);
      });
    });
    await engine.pause(task.id);
    await ordered;
    expect((await engine.whenEnded(task.id)).state).toBe(state);
  });

  it('goes back from a pause on cancel', async () => {
    const steps = threeSteps(world, { b: { run: untilAborted } });
    const task = await engine.start(definition(steps, { pausable: true }));
    await vi.waitUntil(() => engine.get(task.id).steps[1]?.state === 'running');
    await engine.pause(task.id);
    await engine.whenEnded(task.id);
    await engine.cancel(task.id);
    await vi.waitUntil(() => engine.get(task.id).state === 'cancelled');
    expect(world.done).toEqual([]);
  });

  it('refuses to pause what cannot be paused', async () => {
    const task = await engine.start(definition(threeSteps(world, { b: { run: untilAborted } })));
    expect(await codeOf(engine.pause(task.id))).toBe('task-state');
    expect(await codeOf(engine.resume(task.id))).toBe('task-state');
  });

  it('says what it waits for, goes on by itself, and stops waiting on cancel or at the limit', async () => {
    let there = false;
    const what = message('tasks.log');
    const make = (limitMs?: number) =>
      definition(
        threeSteps(world, {
          b: { run: (context) => context.waitFor(what, async () => there, limitMs === undefined ? { everyMs: 5 } : { everyMs: 5, limitMs }) },
        }),
      );
    const first = await engine.start(make());
    await vi.waitUntil(() => engine.get(first.id).state === 'waiting');
    expect(engine.get(first.id).waitingFor).toEqual(what);
    there = true;
    expect((await engine.whenEnded(first.id)).state).toBe('done');
    there = false;
    const second = await engine.start(make());
    await vi.waitUntil(() => engine.get(second.id).state === 'waiting');
    await engine.cancel(second.id);
    expect((await engine.whenEnded(second.id)).state).toBe('cancelled');
    const third = await engine.start(make(20));
    expect((await engine.whenEnded(third.id)).error?.code).toBe('step-timeout');
  });
});

it('shows the tasks of another process and does not touch them', async () => {
  const task = await engine.start(definition(threeSteps(world, { b: { run: untilAborted } }), { pausable: true }));
  await vi.waitUntil(() => engine.get(task.id).steps[1]?.state === 'running');
  const other = createTaskEngine({ dataFolder: folder.path, watch: false });
  const [seen] = other.list();
  expect(seen).toMatchObject({ id: task.id, state: 'running', canCancel: false, canPause: false });
  expect(await codeOf(other.cancel(task.id))).toBe('lock-held');
  expect(await codeOf(other.resumeInterrupted(task.id))).toBe('lock-held');
  expect(await other.recoverable()).toEqual([]);
  await other.close();
});
