import * as v from 'valibot';
import { failure } from '../../shared/errors/codes';

/** One thing that a task keeps durably: its name in the journal, and the form that its value has there. */
export interface MemoryKey<Value> {
  readonly name: string;
  readonly schema: v.GenericSchema<unknown, Value>;
}

/**
 * Declares what a task keeps under a name. The name and the form stand in journals that are read after a crash, by a later
 * version too: a form may only be widened.
 */
export function memoryKey<Value>(name: string, schema: v.GenericSchema<unknown, Value>): MemoryKey<Value> {
  return { name, schema };
}

/**
 * What was kept under a key, as the journal holds it; undefined: nothing, or it was forgotten.
 *
 * @throws Failure `task-damaged` where it has not the form of the key
 */
export function readMemory<Value>(key: MemoryKey<Value>, kept: unknown, task: string): Value | undefined {
  if (kept === undefined) return undefined;
  const parsed = v.safeParse(key.schema, kept);
  if (parsed.success) return parsed.output;
  // What is forgotten is kept as null.
  if (kept === null) return undefined;
  throw failure('task-damaged', { task, what: key.name }, { detail: whereOf(parsed.issues[0]) });
}

/** Which part of a value is not of its form, and what was expected there; never what was found, which may be anything. */
export function whereOf(issue: v.BaseIssue<unknown>): string {
  return `${v.getDotPath(issue) ?? issue.type}: ${issue.expected ?? issue.type}`;
}
