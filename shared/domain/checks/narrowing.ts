import type { CheckReport } from './check';

/**
 * What fails where a scope only gets narrower too: a name that cannot be in a filter, and a foreign key that leaves its parent or its
 * child outside, by which rows would stop the applier or silently go on there.
 */
const always: readonly string[] = ['obj.system', 'obj.name', 'obj.fk', 'obj.fk.action'];

/**
 * The checks of a change of scope as they count. Where nothing is added nothing is copied: what would keep a copy from being made, or is so
 * already, warns and does not stand in the way of the cure that taking something out is.
 */
export function reportOfChange(report: CheckReport, copies: boolean): CheckReport {
  if (copies) return report;
  const results = report.results.map((result) => (result.status === 'fail' && !always.includes(result.id) ? ({ ...result, status: 'warn' } as const) : result));
  return { ...report, results };
}
