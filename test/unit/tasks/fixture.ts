import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { message } from '../../../shared/i18n/message';
import { failure } from '../../../shared/errors/codes';
import { memoryKey } from '../../../electron/tasks/memory';
import type { Step, StepContext, TaskDefinition, TaskKindHandler } from '../../../electron/tasks/types';

/** Something that a step of a test keeps. */
export const gtidSet = memoryKey('set', v.string());

/** What the pretended servers of a test hold: names of the things that steps did and did not take back. */
export class World {
  readonly done: string[] = [];
  readonly trace: string[] = [];

  do(what: string): void {
    this.trace.push(`do ${what}`);
    if (!this.done.includes(what)) this.done.push(what);
  }

  undo(what: string): void {
    this.trace.push(`undo ${what}`);
    const index = this.done.indexOf(what);
    if (index >= 0) this.done.splice(index, 1);
  }
}

export const title = message('tasks.title');

/** Steps a, b, c that leave a mark in the world and take it back; each may be changed. */
export function threeSteps(world: World, change: Partial<Record<string, Partial<Step>>> = {}): Step[] {
  return ['a', 'b', 'c'].map((id): Step => ({
    id,
    title,
    async run() {
      world.do(id);
    },
    async undo() {
      world.undo(id);
    },
    ...change[id],
  }));
}

export function definition(steps: readonly Step[], more: Partial<TaskDefinition> = {}): TaskDefinition {
  return { kind: 'switchover', name: 'orders', instanceIds: ['i-1', 'i-2'], input: { standby: 'i-2' }, steps, ...more };
}

/** A handler that builds the same steps again, as a service does after a crash. */
export function handlerOf(make: () => TaskDefinition): TaskKindHandler<unknown> {
  return {
    kind: 'switchover',
    input: v.object({ standby: v.string() }),
    rebuild: async () => make(),
    judge: async () => ({ verdict: 'can-resume', text: title }),
  };
}

export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'antipode-tasks-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export function journalLines(dataFolder: string): string[] {
  const folder = join(dataFolder, 'tasks');
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  if (file === undefined) throw new Error('no journal');
  return readFileSync(join(folder, file), 'utf8').split('\n').filter((line) => line !== '');
}

export function writeJournal(dataFolder: string, text: string): void {
  const folder = join(dataFolder, 'tasks');
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  if (file === undefined) throw new Error('no journal');
  writeFileSync(join(folder, file), text);
}

/** A step that waits until it is told to stop, like a long copy. */
export async function untilAborted(context: StepContext): Promise<void> {
  await new Promise((_, reject) => context.signal.addEventListener('abort', () => reject(context.signal.reason)));
}

export function broken(): never {
  throw failure('connection-lost', { host: '10.0.0.9', port: 3306 }, { server: 'orders-sh' });
}
