import { message } from '../../i18n/message';
import type { Problem } from '../fleet/problem';
import type { Precondition } from '../tasks/plan';

/** What is known of a standby's data against its source's, from comparisons and from what was passed over since. */
export type KnownDifference =
  /** The last comparison found that these differ. Names: untrusted. */
  | { readonly kind: 'differs'; readonly tables: string }
  /** Transactions were passed over, and nothing was compared since. */
  | { readonly kind: 'uncompared'; readonly count: number };

/** As the problems of a standby tell it, which hold whether it can be reached or not; null: nothing of the kind is known. */
export function knownDifference(problems: readonly Problem[]): KnownDifference | null {
  const differs = problems.find(({ code }) => code === 'content-differs');
  if (differs !== undefined) return { kind: 'differs', tables: String(differs.params['tables'] ?? '') };
  const uncompared = problems.find(({ code }) => code === 'needs-verification');
  return uncompared === undefined ? null : { kind: 'uncompared', count: Number(uncompared.params['count'] ?? 0) };
}

/** What differs, in one line for a report; none: nothing is known to. No count of transactions shows it. */
export function differingLines(difference: KnownDifference | null, standbyName: string): readonly string[] {
  return difference?.kind === 'differs' ? [`${standbyName} ≠ ${difference.tables}`] : [];
}

/** A planned switchover loses nothing, or does not happen: not to a standby that is known to hold something else. In an emergency it is told. */
export function compared(
  difference: KnownDifference | null, kind: 'planned' | 'emergency', names: { readonly standby: string; readonly source: string },
): Precondition {
  const measured = difference === null ? message('promotion.measured.none')
    : difference.kind === 'differs' ? message('promotion.measured.value', { value: difference.tables })
      : message('promotion.measured.uncompared', { count: difference.count });
  return {
    id: 'compared',
    title: message('promotion.precondition.compared.title'),
    status: difference === null ? 'pass' : kind === 'planned' && difference.kind === 'differs' ? 'fail' : 'warn',
    measured,
    remedy: difference === null ? null : message(`promotion.precondition.compared.remedy-${kind}`, names),
    // The sums that a comparison holds against each other.
    sql: 'SELECT COUNT(*), SUM(…) FROM …',
  };
}
