import * as v from 'valibot';
import { ownSchema } from '../../../shared/domain/scope/scope';
import { copiedObjectStates, type CopiedObject } from '../../../shared/domain/sync/sync';
import { memoryKey } from '../../tasks/memory';
import type { StepContext, TaskMemory } from '../../tasks/types';
import type { Chunk, TableToCopy } from './chunks';

const count = v.pipe(v.number(), v.minValue(0));
/** As it is kept: by database, each table as [name, state, rows, estimated rows, bytes], short for the sake of thousands. */
const kept = v.array(v.tuple([v.string(), v.array(v.tuple([v.string(), v.picklist(copiedObjectStates), count, v.nullable(count), count]))]));
/** It is for showing alone: one that cannot be read is as good as none. */
export const objectsKept = memoryKey('objects', v.fallback(kept, []));

function byName({ table: one }: Chunk, { table: other }: Chunk): number {
  return one.database === other.database ? (one.table < other.table ? -1 : Number(one.table > other.table)) : one.database < other.database ? -1 : 1;
}

type State = CopiedObject['state'];

interface Entry {
  readonly estimatedRows: number | null;
  state: State;
  rows: number;
  bytes: number;
  /** Parts that are not there (or, once it is compared, not compared) yet. */
  partsLeft: number;
}

/** Bytes per second that keeping the list may write on average: a list of thousands is kept seldom. */
const keepBytesPerSecond = 1000;
const keepEveryMs = 5000;

/**
 * How far each table of a copy is: told to whoever asks while it runs, and kept with the task from time to time, so that
 * it is there after the end, after a crash and in another process.
 */
export class ObjectList {
  readonly #entries = new Map<string, Map<string, Entry>>();
  #changed = false;
  #keepAfter = 0;

  /** Begins a list; `state` is what holds of every table now. */
  begin(chunks: readonly Chunk[], state: 'waiting' | 'copied'): void {
    this.#entries.clear();
    // Our own tables are no data of the user's.
    for (const { table } of chunks.filter(({ table: { database } }) => database !== ownSchema).sort(byName)) {
      const entry = this.#entryOf(table);
      if (entry !== undefined) {
        entry.partsLeft += 1;
        continue;
      }
      const tables = this.#entries.get(table.database) ?? new Map<string, Entry>();
      tables.set(table.table, { estimatedRows: table.rows, state, rows: 0, bytes: 0, partsLeft: 1 });
      this.#entries.set(table.database, tables);
    }
    this.#changed = true;
    this.#keepAfter = 0;
  }

  moved({ table }: Chunk, rows: number, bytes: number): void {
    this.#change(table, (entry) => {
      entry.state = 'copying';
      entry.rows += rows;
      entry.bytes += bytes;
    });
  }

  /** What had moved of a part was taken away again. */
  restarted({ table }: Chunk, rows: number): void {
    this.#change(table, (entry) => (entry.rows = Math.max(0, entry.rows - rows)));
  }

  /** One part of a table is there. */
  finished({ table }: Chunk): void {
    this.#change(table, (entry) => {
      entry.partsLeft -= 1;
      entry.state = entry.partsLeft === 0 ? 'copied' : 'copying';
    });
  }

  /** From here on the parts are compared: what is counted counts. */
  beginComparison(chunks: readonly Chunk[]): void {
    if (chunks.some(({ table }) => table.database !== ownSchema && this.#entryOf(table) === undefined)) this.begin(chunks, 'copied');
    for (const tables of this.#entries.values()) for (const entry of tables.values()) Object.assign(entry, { partsLeft: 0, rows: 0, state: 'copied' });
    for (const { table } of chunks) this.#change(table, (entry) => (entry.partsLeft += 1));
  }

  /** One part was found equal, with so many rows. A table with a part that differs never counts as compared. */
  compared({ table }: Chunk, rows: number): void {
    this.#change(table, (entry) => {
      entry.rows += rows;
      entry.partsLeft -= 1;
      if (entry.partsLeft === 0) entry.state = 'compared';
    });
  }

  list(): readonly CopiedObject[] {
    return [...this.#entries].flatMap(([database, tables]) =>
      [...tables].map(([table, { state, rows, estimatedRows, bytes }]) => ({ database, table, state, rows, estimatedRows, bytes })),
    );
  }

  /** Keeps the list with the task: now, or where `sparsely` only if it has changed and was not kept for long enough. */
  async keep(step: Pick<StepContext, 'remember'>, sparsely = false): Promise<void> {
    const now = performance.now();
    if (!this.#changed || (sparsely && now < this.#keepAfter)) return;
    this.#changed = false;
    const value = this.#kept();
    this.#keepAfter = now + Math.max(keepEveryMs, (JSON.stringify(value).length / keepBytesPerSecond) * 1000);
    await step.remember(objectsKept, value);
  }

  /** The copy was taken away: nothing of it is on the standby any more. */
  async forget(step: Pick<StepContext, 'forget' | 'recall'>): Promise<void> {
    this.#entries.clear();
    if ((step.recall(objectsKept) ?? []).length > 0) await step.forget(objectsKept);
  }

  #kept(): v.InferOutput<typeof kept> {
    return [...this.#entries].map(([database, tables]) => [
      database,
      [...tables].map(([table, { state, rows, estimatedRows, bytes }]) => [table, state, rows, estimatedRows, bytes]),
    ]);
  }

  #entryOf({ database, table }: TableToCopy): Entry | undefined {
    return this.#entries.get(database)?.get(table);
  }

  #change(table: TableToCopy, change: (entry: Entry) => void): void {
    const entry = this.#entryOf(table);
    if (entry === undefined) return;
    change(entry);
    this.#changed = true;
  }
}

/** The list that a task kept last; empty where it kept none. */
export function keptObjects(memory: TaskMemory): readonly CopiedObject[] {
  return (memory.recall(objectsKept) ?? []).flatMap(([database, tables]) =>
    tables.map(([table, state, rows, estimatedRows, bytes]) => ({ database, table, state, rows, estimatedRows, bytes })),
  );
}
