// The two sides of a comparison while they are read.
import type { StatementSession } from '../mysql/types';
import type { DescribedColumn } from './compared-table';

type SideName = 'source' | 'standby';

/** A session of each side; each sees its server in one moment. */
export interface SessionPair {
  readonly source: StatementSession;
  readonly standby: StatementSession;
}

/** One side of one table. */
export interface Side {
  readonly name: SideName;
  readonly session: StatementSession;
  readonly columns: readonly DescribedColumn[];
}

/** Runs the same on both sides at the same time. */
export async function onBoth<Result>(
  { source, standby }: { readonly source: Side; readonly standby: Side }, work: (side: Side) => Promise<Result>,
): Promise<{ readonly source: Result; readonly standby: Result }> {
  // Both are waited for: a statement that still runs holds its session.
  const [here, there] = await Promise.allSettled([work(source), work(standby)]);
  if (here.status === 'rejected') throw here.reason as Error;
  if (there.status === 'rejected') throw there.reason as Error;
  return { source: here.value, standby: there.value };
}
