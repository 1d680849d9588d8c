import { isExecutable, type Precondition } from '../tasks/plan';
import type { PromotionPlan } from './promotion';

/** What a plan may promise before it runs. */
export interface PlanOutlook {
  /** What keeps it from running. */
  readonly failing: readonly Precondition[];
  /** Expected time without writes, milliseconds; null: not told, and never while something keeps it from running. */
  readonly outageMs: number | null;
  /** Transactions that a planned switchover puts at risk: none, or nothing is switched; null: it cannot run. */
  readonly atRisk: 0 | null;
  /** Transactions that the standby has still to apply (planned: to receive as well), as measured; null: not known. */
  readonly toApply: number | null;
}

/** The figures of a plan, none of which says more than its preconditions do. */
export function planOutlookOf(plan: Pick<PromotionPlan, 'preconditions' | 'forecastOutageMs' | 'loss' | 'promotionKind'>): PlanOutlook {
  const runs = isExecutable(plan);
  return {
    failing: plan.preconditions.filter(({ status }) => status === 'fail'),
    outageMs: runs ? plan.forecastOutageMs : null,
    atRisk: runs ? 0 : null,
    toApply: plan.promotionKind === 'planned' ? backlogOf(plan.preconditions) : plan.loss.notApplied,
  };
}

/** A planned switchover loses nothing; what it has to wait for is what its precondition measured. */
function backlogOf(preconditions: readonly Precondition[]): number | null {
  const count = preconditions.find(({ id }) => id === 'backlog')?.measured.params?.['count'];
  return typeof count === 'number' ? count : null;
}
