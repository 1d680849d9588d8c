// What a comparison has found so far, kept with its task: it goes on where it was after a pause, and after a restart of the app.
import * as v from 'valibot';
import { differenceKinds, tableStates, verificationMethods, type RowDifference, type TableResult } from '../../shared/domain/verification/result';
import type { Failure } from '../../shared/errors/codes';
import { wholeReasons } from '../../shared/domain/verification/touched';
import { memoryKey } from '../tasks/memory';
import type { StepContext, TaskMemory } from '../tasks/types';
import type { TableOutcome } from './compare-tables';

const count = v.pipe(v.number(), v.minValue(0));
const table = v.object({
  database: v.string(), table: v.string(), state: v.picklist(tableStates), rows: count, differing: count, gtidSet: v.string(), note: v.nullable(v.string()),
  touched: v.optional(v.nullable(count), null), whole: v.optional(v.nullable(v.picklist(wholeReasons)), null),
});
const values = v.record(v.string(), v.nullable(v.string()));
const row = v.object({
  database: v.string(), table: v.string(), kind: v.picklist(differenceKinds), locator: v.string(), key: values, copies: count, columns: v.array(v.string()),
  source: v.nullable(values), standby: v.nullable(values),
});
const round = v.object({
  /** Milliseconds since the epoch. */
  at: v.number(),
  gtidSet: v.string(), errant: v.string(), method: v.picklist(verificationMethods), pauseMs: count,
  touchedSince: v.optional(v.nullable(v.string()), null),
});

export type Round = v.InferOutput<typeof round>;

export const tablesKept = memoryKey('verified-tables', v.array(table));
export const rowsKept = memoryKey('differing-rows', v.array(row));
export const roundsKept = memoryKey('verification-rounds', v.array(round));
export const spentKept = memoryKey('verification-ms', count);

/** As many differing rows are kept of all tables together. */
const mostRows = 20_000;
/** What was found is kept again after so long, and at once where something differs. Milliseconds. */
const keepEveryMs = 3000;

export class Findings {
  readonly #tables: TableResult[];
  readonly #rows: RowDifference[];
  readonly #rounds: Round[];
  readonly #spentBefore: number;
  readonly #began = performance.now();
  #keptAt = 0;
  /** What of the definitions differs, as they were last read; null: nothing. */
  definitionsDiffer: Failure | null = null;

  /** What the task kept of it: nothing as it begins. */
  constructor(memory: TaskMemory) {
    this.#tables = [...(memory.recall(tablesKept) ?? [])];
    this.#rows = [...(memory.recall(rowsKept) ?? [])];
    this.#rounds = [...(memory.recall(roundsKept) ?? [])];
    this.#spentBefore = memory.recall(spentKept) ?? 0;
  }

  get tables(): readonly TableResult[] { return this.#tables; }
  get rows(): readonly RowDifference[] { return this.#rows; }
  get rounds(): readonly Round[] { return this.#rounds; }
  /** Milliseconds that it worked, pauses of its own left out. */
  get ms(): number { return Math.round(this.#spentBefore + performance.now() - this.#began); }

  has(database: string, name: string): boolean {
    return this.#tables.some((one) => one.database === database && one.table === name);
  }

  async open(step: Pick<StepContext, 'remember'>, begun: Round): Promise<void> {
    this.#rounds.push(begun);
    await step.remember(roundsKept, this.#rounds);
  }

  async add(step: Pick<StepContext, 'remember'>, { result, rows }: TableOutcome): Promise<void> {
    this.#tables.push(result);
    this.#rows.push(...rows.slice(0, Math.max(0, mostRows - this.#rows.length)));
    if (result.state === 'equal' && performance.now() - this.#keptAt < keepEveryMs) return;
    await this.keep(step);
  }

  async keep(step: Pick<StepContext, 'remember'>): Promise<void> {
    // Rows first: a table that counts as looked at has its rows beside it.
    if (this.#rows.length > 0) await step.remember(rowsKept, this.#rows.map(mutableRow));
    await step.remember(tablesKept, this.#tables.map((one) => ({ ...one })));
    await step.remember(spentKept, this.ms);
    this.#keptAt = performance.now();
  }
}

/** What was found goes: what comes is another comparison. */
export async function forgetFindings(step: Pick<StepContext, 'forget'>): Promise<void> {
  for (const key of [tablesKept, rowsKept, roundsKept]) await step.forget(key);
}

function mutableRow(one: RowDifference): v.InferOutput<typeof row> {
  return {
    ...one, key: { ...one.key }, columns: [...one.columns],
    source: one.source === null ? null : { ...one.source }, standby: one.standby === null ? null : { ...one.standby },
  };
}
