import { useRef, useState } from 'react';
import type { CallError, Result } from '../api';

/** Runs an act for every item, at most `atOnce` at a time, in order; never more are begun than that. */
export async function eachOf<Item>(items: readonly Item[], atOnce: number, act: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}

/** What came of an act on one of many: `waiting`: its turn has not come; `skipped`: it was stopped before. */
export type Outcome = { readonly kind: 'waiting' | 'running' | 'done' | 'skipped' } | { readonly kind: 'refused'; readonly error: CallError };

/** How many of many came to what. */
export interface Tally {
  readonly done: number;
  readonly refused: number;
  /** Under way, or not begun. */
  readonly left: number;
}

/** Counts outcomes; what has none yet is left. Pure. */
export function tallyOf(ids: readonly string[], outcomes: ReadonlyMap<string, Outcome>): Tally {
  const kinds = ids.map((id) => outcomes.get(id)?.kind);
  const done = kinds.filter((kind) => kind === 'done').length;
  const refused = kinds.filter((kind) => kind === 'refused').length;
  return { done, refused, left: ids.length - done - refused };
}

/** Acts that are ordered at the same time: the engine has other work too. */
const atOnce = 4;

/** One act for each of many. */
interface Many {
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly busy: boolean;
  /** Orders the act for each; what one of them comes to keeps nothing from the others. Answers what came of each. */
  run(ids: readonly string[], order: (id: string) => Promise<Result<unknown>>): Promise<ReadonlyMap<string, Outcome>>;
  /** No more are begun; those that are under way end as they would. */
  stop(): void;
}

/** An act on many, with what came of it for each. */
export function useMany(): Many {
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome>>(new Map());
  const [busy, setBusy] = useState(false);
  const isStopped = useRef(false);
  return {
    outcomes,
    busy,
    stop: () => {
      isStopped.current = true;
    },
    run: async (ids, order) => {
      const found = new Map<string, Outcome>(ids.map((id) => [id, { kind: 'waiting' }]));
      const note = (id: string, outcome: Outcome): void => setOutcomes(new Map(found.set(id, outcome)));
      isStopped.current = false;
      setBusy(true);
      setOutcomes(new Map(found));
      await eachOf(ids, atOnce, async (id) => {
        if (isStopped.current) return note(id, { kind: 'skipped' });
        note(id, { kind: 'running' });
        const answer = await order(id);
        note(id, answer.ok ? { kind: 'done' } : { kind: 'refused', error: answer.error });
      });
      setBusy(false);
      return found;
    },
  };
}
