import type { Explained } from '../../../shared/domain/slow/plan';
import type { SlowView } from '../../../shared/domain/slow/report';
import type { SlowTrend } from '../../../shared/domain/slow/trend';

export interface SlowOrder {
  readonly id: string;
  /** The last so many minutes; null: since the server began to count. */
  readonly minutes: number | null;
  /** Compared with as long an interval that ended so many minutes earlier; null: with none. */
  readonly back: number | null;
}

export interface ExplainOrder {
  readonly id: string;
  readonly digest: string;
  /** The default database; '': none. */
  readonly database: string;
  /** Whether the sample is told with its literals. */
  readonly literals: boolean;
}

export interface TrendOrder {
  readonly id: string;
  readonly digest: string;
  /** The default database; '': none. */
  readonly database: string;
  readonly minutes: number;
}

/** What statements cost on a server, from what it counts of them. Reads and never changes what it counts, nor how. */
export interface SlowService {
  /** What was slow until now. Throws what the session throws where the server does not answer. */
  view(order: SlowOrder, signal?: AbortSignal): Promise<SlowView>;
  /** What one of the statements cost over time, from what is kept; asks nothing of the server. */
  trend(order: TrendOrder): Promise<SlowTrend>;
  /** What the server would do for one of the statements. */
  explain(order: ExplainOrder, signal?: AbortSignal): Promise<Explained>;
}
