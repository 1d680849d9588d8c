import { useRef, useState } from 'react';
import type { AppError } from '../../shared/errors/codes';
import type { Result } from '../api';

/** Runs an act for every item, at most `atOnce` at a time, in order; never more are begun than that. */
export async function eachOf<Item>(items: readonly Item[], atOnce: number, act: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
}

/**
 * What came of an act on one of many: `waiting`: its turn has not come; `skipped`: it was stopped before; `asked`: it was taken, and has not
 * been seen to be done; `changed`: it was not what it had been when its turn came, and is left as it is; `partly`: done but for so many parts.
 */
export type Outcome = { readonly kind: 'waiting' | 'running' | 'asked' | 'done' | 'skipped' | 'changed' } | { readonly kind: 'partly'; readonly but: number }
  | { readonly kind: 'refused'; readonly error: AppError };

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
  const done = kinds.filter((kind) => kind === 'done' || kind === 'partly').length;
  const refused = kinds.filter((kind) => kind === 'refused' || kind === 'changed').length;
  return { done, refused, left: ids.length - done - refused };
}

/** Acts that are ordered at the same time: the engine has other work too. */
const atOnce = 4;

/** One act for each of many. */
interface Many {
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly busy: boolean;
  /**
   * Orders the act for each (`changed`: it would be another act by now); what one of them comes to keeps nothing from the others. Answers what
   * came of each.
   */
  run(ids: readonly string[], order: (id: string) => Promise<Result<unknown> | 'changed'>): Promise<ReadonlyMap<string, Outcome>>;
  /** Orders one act for all of them together, which answers what came of each; where it is refused as a whole, it is of each. */
  runTogether(ids: readonly string[], order: () => Promise<Result<ReadonlyMap<string, Outcome>>>): Promise<ReadonlyMap<string, Outcome>>;
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
        note(id, answer === 'changed' ? { kind: 'changed' } : answer.ok ? { kind: 'done' } : { kind: 'refused', error: answer.error });
      });
      setBusy(false);
      return found;
    },
    runTogether: async (ids, order) => {
      const all = (outcome: Outcome): ReadonlyMap<string, Outcome> => new Map(ids.map((id) => [id, outcome]));
      setBusy(true);
      setOutcomes(all({ kind: 'running' }));
      const answer = await order();
      const found = answer.ok ? answer.value : all({ kind: 'refused', error: answer.error });
      setOutcomes(found);
      setBusy(false);
      return found;
    },
  };
}
