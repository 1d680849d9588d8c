import type { InstanceView } from '../../shared/domain/fleet/view';
import type { Problem, Severity } from '../../shared/domain/fleet/problem';
import type { Tone } from './StatusBadge';

/** Worse is higher. */
export const severityRank: Record<Severity, number> = { critical: 2, warning: 1, info: 0 };

/** The worst severity among problems; null where there is none. */
export function worstSeverity(problems: readonly Problem[]): Severity | null {
  let worst: Severity | null = null;
  for (const { severity } of problems) if (worst === null || severityRank[severity] > severityRank[worst]) worst = severity;
  return worst;
}

/**
 * The state of an instance at a glance. What was never read is unknown, what cannot be reached is at risk, a note alone
 * leaves it healthy.
 */
export function instanceTone(view: Pick<InstanceView, 'health' | 'problems'>): Tone {
  if (view.health.state === 'unknown') return 'mute';
  if (view.health.state === 'unreachable') return 'bad';
  const worst = worstSeverity(view.problems);
  return worst === 'critical' ? 'bad' : worst === 'warning' ? 'warn' : 'good';
}
