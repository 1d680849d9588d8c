import * as v from 'valibot';
import { failbackStages, rejoinWays, type FailbackStage } from '../../../shared/domain/promotion/failback/failback';
import { undoStates } from '../../../shared/domain/promotion/failback/undo';
import { openDocument } from '../../storage/document';

const recordSchema = v.object({
  id: v.string(),
  oldId: v.string(),
  oldName: v.string(),
  successorId: v.string(),
  successorName: v.string(),
  /** The identity of the old primary as it was known before it burnt; null: it never was. */
  formerUuid: v.nullable(v.string()),
  startedAt: v.number(),
  /** Transactions that the user gave up, by the word that is bound to them. */
  givenUp: v.string(),
  /** The way the user chose; null: the best there is. */
  way: v.nullable(v.picklist(rejoinWays)),
  /** How long its binary logs were kept before they were kept from going, seconds; null: not touched. */
  logSeconds: v.nullable(v.number()),
  rejoinedAt: v.nullable(v.number()),
  /** Up to where both held the same by their numbers, before it followed; null: it was seeded anew, or is not known. */
  common: v.optional(v.nullable(v.string()), null),
  returnedAt: v.nullable(v.number()),
  proofMinutes: v.number(),
  /** An undoing that was begun; null: none was. */
  undo: v.optional(v.nullable(v.object({ state: v.picklist(undoStates), gtid: v.string(), own: v.string(), target: v.string(), file: v.string() })), null),
  reached: v.array(v.object({ stage: v.picklist(failbackStages), at: v.number() })),
  outcome: v.nullable(v.picklist(['done', 'cancelled'])),
});

/** What is kept of a failback: the user's decisions, and what the servers cannot tell. Where it stands they tell. */
export type FailbackRecord = v.InferOutput<typeof recordSchema>;

/** How old a proof of equality may be for the way back, minutes, where the user says nothing. */
export const defaultProofMinutes = 60;

/** The failbacks of this data folder, kept for ever. */
export class FailbackRecords {
  readonly #document;

  constructor(dataFolder: string) {
    this.#document = openDocument({
      dataFolder, name: 'failbacks', version: 1, schema: v.object({ failbacks: v.array(recordSchema) }), empty: { failbacks: [] },
    });
  }

  /** Newest first. */
  list(): readonly FailbackRecord[] {
    return [...this.#document.get().failbacks].sort((a, b) => b.startedAt - a.startedAt);
  }

  /** The one under way of an old primary; null: none is. */
  open(oldId: string): FailbackRecord | null {
    return this.list().find((record) => record.oldId === oldId && record.outcome === null) ?? null;
  }

  /** The one under way, else the last one that ended. */
  last(oldId: string): FailbackRecord | null {
    return this.open(oldId) ?? this.list().find((record) => record.oldId === oldId) ?? null;
  }

  add(record: FailbackRecord): void {
    this.#document.update((value) => ({ failbacks: [...value.failbacks, record] }));
  }

  change(id: string, change: (record: FailbackRecord) => FailbackRecord): FailbackRecord {
    this.#document.update((value) => ({ failbacks: value.failbacks.map((record) => (record.id === id ? change(record) : record)) }));
    const changed = this.list().find((record) => record.id === id);
    if (changed === undefined) throw new RangeError(`No failback ${id}`);
    return changed;
  }
}

/** The record with a stage noted, where it was not reached before. */
export function reaching(record: FailbackRecord, stage: FailbackStage, at: number): FailbackRecord {
  return record.reached.some((one) => one.stage === stage) ? record : { ...record, reached: [...record.reached, { stage, at }] };
}
