import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { appendFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createTaskEngine } from '../../../electron/tasks/engine';
import { isAlive } from '../../../electron/tasks/owner';
import type { TaskDefinition } from '../../../electron/tasks/types';
import { broken, definition, gtidSet, handlerOf, journalLines, temporaryFolder, threeSteps, untilAborted, World, writeJournal } from './fixture';

let folder: { path: string; remove: () => void };
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

/** Runs a task to its end and gives the journal it wrote. */
async function journalOf(make: () => TaskDefinition): Promise<string[]> {
  const engine = createTaskEngine({ dataFolder: folder.path, watch: false });
  const task = await engine.start(make());
  await engine.whenEnded(task.id);
  await engine.close();
  return journalLines(folder.path);
}

/** What the servers would hold had the process died after `lines`: steps whose start was journaled may have run. */
function worldAfter(lines: readonly string[]): World {
  const world = new World();
  for (const line of lines) {
    const record = JSON.parse(line) as { t: string; step?: string; state?: string };
    if (record.t !== 'step' || record.step === undefined) continue;
    if (record.state === 'running') world.do(record.step);
    if (record.state === 'undone') world.undo(record.step);
  }
  world.trace.length = 0;
  return world;
}

const steps = (world: World): TaskDefinition['steps'] =>
  threeSteps(world, { b: { run: async (context) => (await context.remember(gtidSet, 'u:1-3'), context.log('info', 'tasks.log'), world.do('b')) } });

describe('the process dies after any line of the journal', () => {
  it.each(['go on', 'go back'])('and the next one can %s', async (way) => {
    const all = await journalOf(() => definition(steps(new World())));
    expect(all.length).toBeGreaterThan(8);
    for (let cut = 1; cut <= all.length; cut += 1) {
      const lines = all.slice(0, cut);
      const world = worldAfter(lines);
      const make = () => definition(steps(world));
      writeJournal(folder.path, `${lines.join('\n')}\n`);
      const engine = createTaskEngine({ dataFolder: folder.path, watch: false });
      engine.register(handlerOf(make));
      const [view] = engine.list();
      if (view === undefined) throw new Error(`nothing to see after line ${cut}`);
      const finished = lines.some((line) => line.includes('"state":"done"') && line.includes('"t":"state"'));
      expect(view.state, `after line ${cut}`).toBe(finished ? 'done' : 'interrupted');
      if (!finished) {
        expect((await engine.recoverable()).map((one) => one.verdict)).toEqual(['can-resume']);
        if (way === 'go on') await engine.resumeInterrupted(view.id);
        else await engine.undoInterrupted(view.id);
        const end = await engine.whenEnded(view.id);
        expect(end.state, `after line ${cut}`).toBe(way === 'go on' ? 'done' : 'cancelled');
        expect([...world.done].sort(), `after line ${cut}`).toEqual(way === 'go on' ? ['a', 'b', 'c'] : []);
        if (way === 'go on') expect(engine.memory(view.id).recall(gtidSet)).toBe('u:1-3');
        expect(await engine.recoverable()).toEqual([]);
      }
      await engine.close();
    }
  });

  it.each(['go on', 'go back'])('and who looks at the tasks while the next one takes over to %s sees how it goes and ends', async (way) => {
    const lines = (await journalOf(() => definition(steps(new World())))).slice(0, 4);
    const world = worldAfter(lines);
    writeJournal(folder.path, `${lines.join('\n')}\n`);
    const engine = createTaskEngine({ dataFolder: folder.path, watch: false });
    engine.register(handlerOf(() => definition(steps(world))));
    const [view] = engine.list();
    const told: string[] = [];
    engine.onChange(({ state }) => told.push(state));
    let isTaken = false;
    const taking = (way === 'go on' ? engine.resumeInterrupted(view!.id) : engine.undoInterrupted(view!.id)).finally(() => { isTaken = true; });
    // Until what takes over is on disk, the journals are read again and again.
    while (!isTaken) {
      engine.list();
      await new Promise(setImmediate);
    }
    await taking;
    expect((await engine.whenEnded(view!.id)).state).toBe(way === 'go on' ? 'done' : 'cancelled');
    expect([told.at(-1), engine.get(view!.id).state]).toEqual(way === 'go on' ? ['done', 'done'] : ['cancelled', 'cancelled']);
    await engine.close();
  });

  it('even while it goes back: then the rest is taken back, and going on is refused', async () => {
    const all = await journalOf(() => definition(threeSteps(new World(), { c: { run: async () => broken() } })));
    const firstUndo = all.findIndex((line) => line.includes('"undoing"') && line.includes('"t":"step"'));
    for (let cut = firstUndo + 1; cut <= all.length; cut += 1) {
      const lines = all.slice(0, cut);
      const world = worldAfter(lines);
      writeJournal(folder.path, `${lines.join('\n')}\n`);
      const engine = createTaskEngine({ dataFolder: folder.path, watch: false });
      engine.register(handlerOf(() => definition(threeSteps(world))));
      const [view] = engine.list();
      if (view?.state !== 'interrupted') {
        expect(view?.state).toBe('failed');
        await engine.close();
        continue;
      }
      await expect(engine.resumeInterrupted(view.id)).rejects.toMatchObject({ error: { code: 'task-state' } });
      await engine.undoInterrupted(view.id);
      await engine.whenEnded(view.id);
      expect(world.done, `after line ${cut}`).toEqual([]);
      await engine.close();
    }
  });

  it('past the point of no return: going back is refused, going on works', async () => {
    const make = (world: World) => definition(threeSteps(world, { b: { pointOfNoReturn: true } }));
    const all = await journalOf(() => make(new World()));
    const cut = all.findIndex((line) => line.includes('"step":"b"') && line.includes('"running"')) + 1;
    const world = worldAfter(all.slice(0, cut));
    writeJournal(folder.path, `${all.slice(0, cut).join('\n')}\n`);
    const engine = createTaskEngine({ dataFolder: folder.path, watch: false });
    engine.register(handlerOf(() => make(world)));
    const id = engine.list()[0]?.id ?? '';
    await expect(engine.undoInterrupted(id)).rejects.toMatchObject({ error: { code: 'past-no-return' } });
    await engine.resumeInterrupted(id);
    expect((await engine.whenEnded(id)).state).toBe('done');
    await engine.close();
  });
});

it('reads a journal whose last line is torn, and appends behind it without joining it', async () => {
  const all = await journalOf(() => definition(steps(new World())));
  const whole = all.slice(0, 5);
  const torn = (all[5] ?? '').slice(0, 17);
  writeJournal(folder.path, `${whole.join('\n')}\n${torn}`);
  const world = worldAfter(whole);
  const engine = createTaskEngine({ dataFolder: folder.path, watch: false });
  engine.register(handlerOf(() => definition(steps(world))));
  const [view] = engine.list();
  expect(view?.state).toBe('interrupted');
  expect(view?.log).toEqual([]);
  await engine.resumeInterrupted(view?.id ?? '');
  expect((await engine.whenEnded(view?.id ?? '')).state).toBe('done');
  await engine.close();
  const after = createTaskEngine({ dataFolder: folder.path, watch: false });
  expect(after.list()[0]?.state).toBe('done');
  // Now that lines follow it, the torn one counts as damage and is told.
  expect(after.list()[0]?.log.map((line) => line.text.key)).toContain('tasks.journalDamaged');
  await after.close();
});

it('leaves journals alone that it cannot read: empty, not JSON, of a newer version', async () => {
  const all = await journalOf(() => definition(steps(new World())));
  const tasks = join(folder.path, 'tasks');
  writeFileSync(join(tasks, 'empty.jsonl'), '');
  writeFileSync(join(tasks, 'noise.jsonl'), '\u0000\u0001{{{\n');
  writeFileSync(join(tasks, 'newer.jsonl'), `${JSON.stringify({ ...(JSON.parse(all[0] ?? '') as object), id: 'newer', v: 2 })}\n`);
  const engine = createTaskEngine({ dataFolder: folder.path, watch: false });
  expect(engine.list().map((view) => view.state)).toEqual(['done']);
  expect(await engine.recoverable()).toEqual([]);
  await engine.close();
  expect(readdirSync(tasks).filter((name) => name.endsWith('.jsonl'))).toHaveLength(4);
});

it('keeps a paused task paused over a restart, and resumes it', async () => {
  const first = createTaskEngine({ dataFolder: folder.path, watch: false });
  const world = new World();
  const task = await first.start(definition(threeSteps(world, { b: { run: untilAborted } }), { pausable: true }));
  await vi.waitUntil(() => first.get(task.id).steps[1]?.state === 'running');
  await first.pause(task.id);
  await first.whenEnded(task.id);
  await first.close();
  const second = createTaskEngine({ dataFolder: folder.path, watch: false });
  second.register(handlerOf(() => definition(threeSteps(world), { pausable: true })));
  expect(second.get(task.id).state).toBe('paused');
  await second.resume(task.id);
  expect((await second.whenEnded(task.id)).state).toBe('done');
  expect(world.done).toEqual(['a', 'b', 'c']);
  await second.close();
});

it('leaves a running task as a crash would when it is closed', async () => {
  const first = createTaskEngine({ dataFolder: folder.path, watch: false });
  const world = new World();
  const task = await first.start(definition(threeSteps(world, { b: { run: async (context) => (world.do('b'), untilAborted(context)) } })));
  await vi.waitUntil(() => world.done.includes('b'));
  await first.close();
  const second = createTaskEngine({ dataFolder: folder.path, watch: false });
  second.register(handlerOf(() => definition(threeSteps(world))));
  expect(second.get(task.id).state).toBe('interrupted');
  expect(world.trace).toEqual(['do a', 'do b']);
  await vi.waitUntil(async () => second.resumeInterrupted(task.id).then(() => true, () => false));
  expect((await second.whenEnded(task.id)).state).toBe('done');
  await second.close();
});

it('falls back to interrupted where the servers cannot be opened, and says why', async () => {
  const all = await journalOf(() => definition(steps(new World())));
  writeJournal(folder.path, `${all.slice(0, 4).join('\n')}\n`);
  const world = new World();
  let reachable = false;
  const engine = createTaskEngine({ dataFolder: folder.path, watch: false });
  engine.register(handlerOf(() => definition(steps(world), { open: async () => (reachable ? undefined : broken()) })));
  const id = engine.list()[0]?.id ?? '';
  await engine.resumeInterrupted(id);
  const view = await engine.whenEnded(id);
  expect(view).toMatchObject({ state: 'interrupted', error: { code: 'connection-lost' } });
  expect(world.trace).toEqual([]);
  reachable = true;
  await engine.resumeInterrupted(id);
  expect((await engine.whenEnded(id)).state).toBe('done');
  await engine.close();
});

it('makes up for a report that a crash kept from being written', async () => {
  const all = await journalOf(() => definition(steps(new World())));
  writeJournal(folder.path, `${all.filter((line) => !line.includes('"reported"')).join('\n')}\n`);
  const ended = vi.fn(async () => undefined);
  for (const expected of [1, 1]) {
    const engine = createTaskEngine({ dataFolder: folder.path, watch: false });
    engine.register(handlerOf(() => definition(steps(new World()), { ended })));
    await vi.waitUntil(() => journalLines(folder.path).some((line) => line.includes('"reported"')));
    await engine.close();
    expect(ended).toHaveBeenCalledTimes(expected);
  }
});

it('tells a process from a later one with the same pid', () => {
  const child = spawnSync(process.execPath, ['-e', '']);
  expect(isAlive({ pid: child.pid, start: 'gone', run: 'x' })).toBe(false);
  expect(isAlive({ pid: process.ppid, start: 'another start', run: 'x' })).toBe(false);
  expect(isAlive({ pid: process.ppid, start: 'unknown', run: 'x' })).toBe(true);
  expect(isAlive({ pid: process.pid, start: 'another start', run: 'x' })).toBe(false);
});

it('takes over the lock file of a dead process, and one that is damaged', async () => {
  const locks = join(folder.path, 'tasks', 'locks');
  mkdirSync(locks, { recursive: true });
  writeFileSync(join(locks, 'i-1.lock'), JSON.stringify({ owner: { pid: process.ppid, start: 'another start', run: 'x', user: 'u', host: 'h' }, taskId: 't', what: 'w', since: 1 }));
  writeFileSync(join(locks, 'i-2.lock'), '');
  appendFileSync(join(locks, 'i-2.lock'), '{"owner":');
  const engine = createTaskEngine({ dataFolder: folder.path, watch: false });
  const world = new World();
  const task = await engine.start(definition(threeSteps(world)));
  expect((await engine.whenEnded(task.id)).state).toBe('done');
  await vi.waitUntil(() => readdirSync(locks).length === 0);
  await engine.close();
});

it('ends a paused task whose input cannot be read where it is cancelled, and touches nothing', async () => {
  const first = createTaskEngine({ dataFolder: folder.path, watch: false });
  const world = new World();
  const task = await first.start(definition(threeSteps(world, { b: { run: untilAborted } }), { pausable: true, input: { standby: 2 } }));
  await vi.waitUntil(() => first.get(task.id).steps[1]?.state === 'running');
  await first.pause(task.id);
  await first.whenEnded(task.id);
  await first.close();
  const second = createTaskEngine({ dataFolder: folder.path, watch: false });
  second.register(handlerOf(() => definition(threeSteps(world), { pausable: true })));
  await expect(second.resume(task.id)).rejects.toMatchObject({ error: { code: 'task-unreadable', params: { task: 'orders' } } });
  expect(second.get(task.id).state).toBe('paused');
  await second.cancel(task.id);
  expect(second.get(task.id)).toMatchObject({ state: 'failed', error: { code: 'task-unreadable' } });
  expect(world.trace).toEqual(['do a']);
  await second.close();
});

it('makes up for the reports of the others where one task cannot be told of', async () => {
  const all = await journalOf(() => definition(steps(new World())));
  const unreported = all.filter((line) => !line.includes('"reported"'));
  writeJournal(folder.path, `${unreported.join('\n')}\n`);
  const damaged = unreported.join('\n').replaceAll('{"standby":"i-2"}', '{}').replaceAll(/"id":"[0-9a-f-]{36}"/g, '"id":"0"');
  writeFileSync(join(folder.path, 'tasks', '0.jsonl'), `${damaged}\n`);
  const ended = vi.fn(async () => undefined);
  const engine = createTaskEngine({ dataFolder: folder.path, watch: false });
  engine.register(handlerOf(() => definition(steps(new World()), { ended })));
  await vi.waitUntil(() => engine.list().some((task) => task.isReported));
  expect(engine.list().map(({ id, isReported }) => [id === '0', isReported])).toEqual(expect.arrayContaining([[true, false], [false, true]]));
  expect(ended).toHaveBeenCalledTimes(1);
  await engine.close();
});

it('refuses an input that it could not read again', async () => {
  const engine = createTaskEngine({ dataFolder: folder.path, watch: false });
  engine.register(handlerOf(() => definition([])));
  await expect(engine.start(definition([], { input: { standby: 2 } }))).rejects.toMatchObject({ error: { code: 'internal' } });
  expect(engine.list()).toEqual([]);
  await engine.close();
});
