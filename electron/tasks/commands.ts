import { errorOf, failure } from '../../shared/errors/codes';
import { isUnresolved, type Recoverable } from '../../shared/domain/tasks/task';
import { message } from '../../shared/i18n/message';
import type { TaskKinds } from './kinds';
import type { TaskLauncher } from './launcher';
import type { Entry, TaskRegistry } from './registry';
import type { LetGo, TaskDefinition, TaskEngine, Verdict } from './types';

type Orders = Pick<TaskEngine, 'cancel' | 'pause' | 'resume' | 'recoverable' | 'resumeInterrupted' | 'undoInterrupted' | 'endByHand'>;

/** What a user can order of a task, and what is to be said of one that was left half-way. */
export class TaskCommands implements Orders {
  constructor(
    private readonly registry: TaskRegistry,
    private readonly kinds: TaskKinds,
    private readonly launcher: TaskLauncher,
  ) {}

  async cancel(id: string): Promise<void> {
    const entry = await this.registry.findAtRest(id);
    if (entry.run !== null) {
      refusePastReturn(entry);
      if (!this.registry.viewOf(entry).canCancel) refuse(entry, 'cancel');
      return entry.run.cancel();
    }
    const state = entry.model.currentState();
    if (state === 'interrupted') return this.undoInterrupted(id);
    if (state !== 'paused') refuse(entry, 'cancel');
    if (await this.left(entry)) return;
    await this.launcher.takeOver(entry, (run, from) => run.backward(from));
  }

  async pause(id: string): Promise<void> {
    const entry = this.registry.findOurs(id);
    if (entry.run === null || !this.registry.viewOf(entry).canPause) refuse(entry, 'pause');
    entry.run.pause();
  }

  async resume(id: string): Promise<void> {
    const entry = await this.registry.findAtRest(id);
    if (entry.run !== null || entry.model.currentState() !== 'paused') refuse(entry, 'resume');
    await this.launcher.takeOver(entry, (run, from) => run.forward(from));
  }

  async recoverable(): Promise<readonly Recoverable[]> {
    const left = this.registry.unresolved();
    return Promise.all(left.map(async (entry): Promise<Recoverable> => {
      const verdict = await this.judge(entry);
      return { task: this.registry.viewOf(entry), phrase: this.wordOf(entry), holders: [], ...verdict };
    }));
  }

  async resumeInterrupted(id: string): Promise<void> {
    const entry = await this.registry.findAtRest(id);
    if (!this.isLeft(entry) || entry.model.wentBack()) refuse(entry, 'resume');
    await this.launcher.takeOver(entry, (run, from) => run.forward(from), (definition) => definition.mayResume?.());
  }

  async undoInterrupted(id: string): Promise<void> {
    const entry = await this.registry.findAtRest(id);
    if (this.isLeft(entry) && (await this.left(entry))) return;
    if (!this.isLeft(entry)) refuse(entry, 'undo');
    await this.launcher.takeOver(entry, (run, from) => run.backward(from), (definition) => refuseUnlessUndoable(entry, definition));
  }

  async endByHand(id: string, phrase: string): Promise<LetGo> {
    const entry = await this.registry.findAtRest(id);
    if (!this.isLeft(entry)) refuse(entry, 'end');
    const expected = this.wordOf(entry);
    if (phrase !== expected) throw failure('confirm-mismatch', { expected });
    if (await this.left(entry)) return { notes: [], detail: {} };
    const { created } = entry.model;
    return this.launcher.endByHand(entry, this.kinds.knows(created.kind) ? this.kinds.read(created) : null);
  }

  /** What is typed to end it by hand. */
  private wordOf({ model: { created } }: Entry): string {
    return this.kinds.knows(created.kind) && this.kinds.damageOf(created) === null ? this.kinds.read(created).word : created.name;
  }

  /** It was left half-way, and nobody works on it. */
  private isLeft(entry: Entry): boolean {
    return entry.run === null && isUnresolved(this.registry.viewOf(entry));
  }

  /** Ends a task whose journal cannot be read, which is all that can be done with it; false: it can be read. */
  private async left(entry: Entry): Promise<boolean> {
    const damage = entry.definition === null ? this.kinds.damageOf(entry.model.created) : null;
    if (damage !== null) await this.launcher.leave(entry, damage);
    return damage !== null;
  }

  private async judge(entry: Entry): Promise<Verdict> {
    const { created } = entry.model;
    if (!this.kinds.knows(created.kind)) return { verdict: 'needs-attention', text: message('tasks.verdict.noHandler') };
    if (this.kinds.damageOf(created) !== null) return { verdict: 'can-undo', text: message('tasks.verdict.unreadable') };
    try {
      return await this.kinds.read(created).judge(this.registry.viewOf(entry), entry.model);
    } catch (thrown) {
      const { code, params } = errorOf(thrown);
      return { verdict: 'needs-attention', text: message(`errors.${code}`, params) };
    }
  }
}

function refusePastReturn(entry: Entry): void {
  const step = entry.model.pastNoReturn();
  if (step !== null) throw failure('past-no-return', { step });
}

/** Past the point of no return there is a way back only from that very step, and only where it says so itself. */
function refuseUnlessUndoable(entry: Entry, { steps }: TaskDefinition): void {
  const past = entry.model.pastNoReturn();
  if (past === null) return;
  const at = steps.findIndex(({ id }) => id === past);
  const isLast = steps.slice(at + 1).every(({ id }) => entry.model.stepState(id) === 'pending');
  if (steps[at]?.takeBack === undefined || !isLast) refusePastReturn(entry);
}

function refuse(entry: Entry, action: string): never {
  throw failure('task-state', { name: entry.model.created.name, state: entry.model.currentState(), action });
}
