import * as v from 'valibot';
import { failure, type AppError, type Failure } from '../../shared/errors/codes';
import type { TaskKind, TaskView } from '../../shared/domain/tasks/task';
import { whereOf } from './memory';
import type { CreatedRecord } from './records';
import type { LetGo, TaskDefinition, TaskKindHandler, TaskMemory, Verdict } from './types';

type Task = Pick<CreatedRecord, 'kind' | 'name' | 'input'>;

/** A kind of task with the input of one task of it, which has been read. */
interface ReadTask {
  rebuild(memory: TaskMemory): Promise<TaskDefinition>;
  judge(view: TaskView, memory: TaskMemory): Promise<Verdict>;
  readonly word: string;
  letGo(view: TaskView, run: string | null): Promise<LetGo>;
}

type Reading = { readonly task: ReadTask; readonly input: unknown } | { readonly damage: Failure };

/** The kinds of tasks that are known here, and the one place where the durable input of a task is read. */
export class TaskKinds {
  private readonly readers = new Map<TaskKind, (task: Task) => Reading>();

  register<Input>(handler: TaskKindHandler<Input>): void {
    this.readers.set(handler.kind, ({ name, input: journaled }) => {
      const parsed = v.safeParse(handler.input, journaled);
      if (!parsed.success) return { damage: failure('task-unreadable', { task: name }, { detail: whereOf(parsed.issues[0]) }) };
      const input = parsed.output;
      return {
        input,
        task: {
          rebuild: (memory) => handler.rebuild(input, memory),
          judge: (view, memory) => handler.judge(view, input, memory),
          word: handler.word?.(input) ?? name,
          letGo: async (view, run) => (await handler.letGo?.(view, input, run)) ?? { notes: [], detail: {} },
        },
      };
    });
  }

  knows(kind: TaskKind): boolean {
    return this.readers.has(kind);
  }

  /** @throws Failure `task-unreadable` where its input has no form that this version knows */
  read(task: Task): ReadTask {
    const reading = this.reading(task);
    if ('damage' in reading) throw reading.damage;
    return reading.task;
  }

  /** Why the input of a task cannot be read; null: it can, or nobody here knows tasks of its kind. */
  damageOf(task: Task): AppError | null {
    if (!this.knows(task.kind)) return null;
    const reading = this.reading(task);
    return 'damage' in reading ? reading.damage.error : null;
  }

  /** The input of a new task as its journal keeps it. Throws where it could not be read again. */
  inputOf(task: Task): unknown {
    if (!this.knows(task.kind)) return task.input;
    const reading = this.reading(task);
    if ('damage' in reading) throw failure(
      'internal',
      { detail: `the input of a ${task.kind} task does not fit its own form: ${reading.damage.error.detail ?? ''}` },
    );
    return reading.input;
  }

  private reading(task: Task): Reading {
    const read = this.readers.get(task.kind);
    if (read === undefined) throw failure('internal', { detail: `no handler for tasks of kind ${task.kind}` });
    return read(task);
  }
}
