import * as v from 'valibot';
import { mostRecords, rollbackWays, type RollbackOutcome, type RollbackRecord } from '../../../shared/domain/operations/rollback/record';
import { endedStates, taskStates, type TaskView } from '../../../shared/domain/tasks/task';
import { failure, type AppError } from '../../../shared/errors/codes';
import { openDocument, type OpenDocument } from '../../storage/document';
import { isFields, keptMessage } from '../../storage/records';

const error = v.custom<AppError>((value) => isFields(value) && typeof value['code'] === 'string' && isFields(value['params']));
const newName = v.object({ database: v.string(), table: v.string(), newDatabase: v.string(), newTable: v.string() });
const stepStates = ['pending', 'running', 'done', 'failed', 'undoing', 'undone', 'undo-failed', 'skipped'] as const;

const record = v.object({
  id: v.string(),
  instanceId: v.string(),
  name: v.string(),
  at: v.number(),
  actor: v.string(),
  way: v.picklist(rollbackWays),
  gtids: v.array(v.string()),
  moment: v.nullable(v.object({ gtid: v.string(), at: v.number() })),
  names: v.array(newName),
  taskId: v.string(),
  outcome: v.nullable(v.object({ gtid: v.nullable(v.string()), rows: v.number(), left: v.number() })),
  end: v.nullable(v.object({
    state: v.picklist(taskStates),
    at: v.number(),
    error: v.nullable(error),
    steps: v.array(v.object({ id: v.string(), title: keptMessage, state: v.picklist(stepStates), ms: v.nullable(v.number()), error: v.nullable(error) })),
    log: v.array(v.object({ at: v.number(), level: v.picklist(['info', 'warning', 'error']), text: keptMessage })),
  })),
});
const schema = v.object({ rollbacks: v.array(record) });
type Kept = v.InferOutput<typeof record>;

/** Lines of the log of one rollback that are kept. */
const mostLines = 500;

/** Every rollback, kept in `rollbacks.json`: on the disk before its first statement. */
export class RollbackBook {
  readonly #document: OpenDocument<v.InferOutput<typeof schema>>;

  /** See `openDocument` for what it throws. */
  constructor(dataFolder: string) {
    this.#document = openDocument({ dataFolder, name: 'rollbacks', version: 1, schema, empty: { rollbacks: [] } });
  }

  /** Newest first; of one instance, or of all. */
  list(instanceId: string | null): readonly RollbackRecord[] {
    return this.#document.get().rollbacks.filter((one) => instanceId === null || one.instanceId === instanceId).reverse();
  }

  /** @throws Failure `not-found` */
  get(id: string): RollbackRecord {
    const found = this.#document.get().rollbacks.find((one) => one.id === id);
    if (found === undefined) throw failure('not-found', { kind: 'rollback', name: id });
    return found;
  }

  add(made: RollbackRecord): void {
    this.#document.update(({ rollbacks }) => ({ rollbacks: [...rollbacks, kept(made)].slice(-mostRecords) }));
  }

  noteOutcome(id: string, outcome: RollbackOutcome): void {
    this.#change(id, (one) => ({ ...one, outcome: { ...outcome } }));
  }

  noteTask(id: string, taskId: string): void {
    this.#change(id, (one) => ({ ...one, taskId }));
  }

  noteEnd(id: string, view: TaskView, at: number): void {
    const { state, error: why, steps, log } = view;
    if (!endedStates.includes(state)) return;
    this.#change(id, (one) => ({
      ...one,
      end: {
        state, at: view.endedAt ?? at, error: why,
        steps: steps.map((step) => ({ id: step.id, title: step.title, state: step.state, ms: step.ms, error: step.error })), log: log.slice(-mostLines),
      },
    }));
  }

  #change(id: string, change: (one: Kept) => Kept): void {
    this.#document.update(({ rollbacks }) => ({ rollbacks: rollbacks.map((one) => (one.id === id ? change(one) : one)) }));
  }
}

const kept = (made: RollbackRecord): Kept => ({
  ...made, gtids: [...made.gtids], names: made.names.map((name) => ({ ...name })), outcome: null, end: null,
});
