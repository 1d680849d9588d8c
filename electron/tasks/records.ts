import * as v from 'valibot';
import { taskKinds, taskStates } from '../../shared/domain/tasks/task';
import type { AppError } from '../../shared/errors/codes';
import { isFields, keptMessage as message } from '../storage/records';
import type { Progress } from '../../shared/domain/tasks/task';

/** Version of the journal's lines. A journal of a newer version is left alone. */
export const journalVersion = 1;

export const appError = v.pipe(
  v.custom<AppError>((value) => isFields(value) && typeof value['code'] === 'string' && isFields(value['params'])),
  // Journals from before it told the kind.
  v.transform((error): AppError => (error.code === 'lock-held' ? {
    ...error, params: { ...error.params, kind: (error.params as { kind?: string }).kind ?? 'other' },
  } : error)),
);
const progress = v.custom<Progress>((value) => isFields(value) && typeof value['done'] === 'number' && typeof value['unit'] === 'string');
const at = v.number();

const owner = v.object({ pid: v.number(), start: v.string(), run: v.string(), user: v.string(), host: v.string() });
const plannedSql = v.object({ server: v.string(), sql: v.string() });

const step = v.object({ id: v.string(), title: message, pointOfNoReturn: v.boolean(), sql: v.array(plannedSql) });

/** First line: everything that is known before the first step; written and on disk before anything runs. */
const created = v.object({
  t: v.literal('created'),
  v: v.literal(journalVersion),
  at,
  id: v.string(),
  kind: v.picklist(taskKinds),
  name: v.string(),
  instanceIds: v.array(v.string()),
  /** Read by the kind it is of. */
  input: v.unknown(),
  pausable: v.boolean(),
  steps: v.array(step),
  owner,
});

const stepStates = ['pending', 'running', 'done', 'failed', 'undoing', 'undone', 'undo-failed', 'skipped'] as const;

const record = v.variant('t', [
  created,
  /** Another process took the task over after its owner died, or its owner goes on with it after a pause. */
  v.object({ t: v.literal('adopted'), at, owner, steps: v.array(step) }),
  v.object({ t: v.literal('state'), at, state: v.picklist(taskStates), error: v.nullable(appError), waitingFor: v.nullable(message) }),
  v.object({ t: v.literal('step'), at, step: v.string(), state: v.picklist(stepStates), ms: v.nullable(v.number()), error: v.nullable(appError) }),
  /** A statement that is about to run; `sql-end` with the same `n` tells how it went. */
  v.object({ t: v.literal('sql'), at, n: v.number(), step: v.string(), server: v.string(), sql: v.string() }),
  v.object({ t: v.literal('sql-end'), at, n: v.number(), ms: v.number(), error: v.nullable(appError) }),
  v.object({ t: v.literal('memory'), at, key: v.string(), value: v.unknown() }),
  v.object({ t: v.literal('log'), at, level: v.picklist(['info', 'warning', 'error']), text: message }),
  v.object({ t: v.literal('progress'), at, step: v.string(), progress }),
  /** The end was reported (`ended` of the definition ran). */
  v.object({ t: v.literal('reported'), at }),
]);

/** One line of a task's journal. */
export type JournalRecord = v.InferOutput<typeof record>;
export type CreatedRecord = v.InferOutput<typeof created>;

/** Reads one line; null where it is no record (torn by a crash, or damaged). */
export function parseRecord(line: string): JournalRecord | null {
  try {
    const result = v.safeParse(record, JSON.parse(line));
    return result.success ? result.output : null;
  } catch {
    return null;
  }
}
