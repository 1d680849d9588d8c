import { countChecks, type CheckResult } from '../../../../shared/domain/checks/check';

/** What the checks say altogether. `warn`: only misses that the user may accept. */
export type Verdict = 'fail' | 'warn' | 'pass';

export function verdictOf(results: readonly CheckResult[]): Verdict {
  const { fail, warn } = countChecks(results);
  if (fail > 0) return 'fail';
  return warn > 0 ? 'warn' : 'pass';
}

/** Whether the checks let a task go on. Pure. */
export function mayGoOn(results: readonly CheckResult[], acceptWarnings: boolean): boolean {
  const verdict = verdictOf(results);
  return verdict === 'pass' || (verdict === 'warn' && acceptWarnings);
}
