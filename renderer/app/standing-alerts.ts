import type { InstanceView } from '../../shared/domain/fleet/view';
import type { ProblemCode } from '../../shared/domain/fleet/problem';
import type { Alert } from '../stores/connection';

export interface StandingAlert extends Alert {
  /** The instance it is about; null: none that is registered. */
  readonly view: InstanceView | null;
}

/** Alerts that tell more of a problem than its name: what was done about it. */
const tellsOf: Readonly<Record<string, ProblemCode>> = { 'sync.alert.driftStopped': 'filter-drift', 'sync.alert.driftIdle': 'filter-drift' };

/** The problem an alert is about; null: none. */
function problemOf({ text }: Alert): string | null {
  return tellsOf[text.key] ?? /^problems\.(.+)\.title$/.exec(text.key)?.[1] ?? null;
}

/**
 * The alerts that still hold: one about a problem goes with the problem, whoever cured it. Of several about one problem
 * the one that tells the most is left, and of equals the first (the newest comes first).
 */
export function standingAlerts(alerts: readonly Alert[], instances: readonly InstanceView[]): readonly StandingAlert[] {
  const told = new Set(alerts.filter(({ text }) => tellsOf[text.key] !== undefined).map((alert) => `${alert.instanceId ?? ''} ${problemOf(alert) ?? ''}`));
  const seen = new Set<string>();
  return alerts.flatMap((alert) => {
    const view = instances.find(({ instance }) => instance.id === alert.instanceId) ?? null;
    const code = problemOf(alert);
    const holds = code === null || view?.problems.some((problem) => problem.code === code) === true;
    const about = `${alert.instanceId ?? ''} ${code ?? ''}`;
    const isTold = code !== null && (seen.has(about) || (tellsOf[alert.text.key] === undefined && told.has(about)));
    if (!holds || isTold) return [];
    seen.add(about);
    return [{ ...alert, view }];
  });
}
