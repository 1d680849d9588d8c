import type { Failure } from '../../../shared/errors/codes';

/** What a copy counts besides tables and rows. */
export type Counted = 'routines' | 'views' | 'triggers' | 'events';
export type ProgramCounts = Record<Counted, number>;

/** Something to create or to give on the target that may need something else there first. */
export interface Attempt {
  /** null: done; else what the target answered. */
  run(): Promise<Failure | null>;
  /** Told once it is clear that it will not work: left out, by name. */
  leave(why: Failure): Promise<void>;
  /** Counted as one of these; absent: it is not counted. */
  readonly counts?: Counted;
}

/**
 * Makes every attempt, and those that were refused again for as long as another one has worked meanwhile: a view on a view, a definer whose
 * rights name a table, a right on a routine. What is left then does not work on the source either, or reaches out of a partial scope.
 */
export async function makeAttempts(all: readonly Attempt[]): Promise<ProgramCounts> {
  const counts: ProgramCounts = { routines: 0, views: 0, triggers: 0, events: 0 };
  let left = all;
  for (;;) {
    const refused: { readonly attempt: Attempt; readonly why: Failure }[] = [];
    for (const attempt of left) {
      const why = await attempt.run();
      if (why !== null) refused.push({ attempt, why });
      else if (attempt.counts !== undefined) counts[attempt.counts] += 1;
    }
    if (refused.length === 0 || refused.length === left.length) {
      for (const { attempt, why } of refused) await attempt.leave(why);
      return counts;
    }
    left = refused.map(({ attempt }) => attempt);
  }
}
