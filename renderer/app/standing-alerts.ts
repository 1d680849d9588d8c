import type { InstanceView } from '../../shared/domain/fleet/view';
import type { ProblemCode } from '../../shared/domain/fleet/problem';
import type { Alert } from '../stores/connection';

export interface StandingAlert extends Alert {
  /** The instance it is about; null: none that is registered. */
  readonly view: InstanceView | null;
}

/** Alerts that tell more of a problem than its name: what was done about it. */
const tellsOf: Readonly<Record<string, ProblemCode>> = { 'sync.alert.driftStopped': 'filter-drift', 'sync.alert.driftIdle': 'filter-drift' };

const isProblemName = ({ text }: Alert): boolean => /^problems\..+\.title$/.test(text.key);

/**
 * The alerts that are shown by themselves: one that tells what was done about a problem goes with the problem, whoever
 * cured it, and of several about one problem the first is left (the newest comes first). One that is no more than the name
 * of a problem is not among them: its incident is shown, for as long as it lasts.
 */
export function standingAlerts(alerts: readonly Alert[], instances: readonly InstanceView[]): readonly StandingAlert[] {
  const seen = new Set<string>();
  return alerts.flatMap((alert) => {
    const view = instances.find(({ instance }) => instance.id === alert.instanceId) ?? null;
    const code = tellsOf[alert.text.key] ?? null;
    if (code === null) return isProblemName(alert) ? [] : [{ ...alert, view }];
    const about = `${alert.instanceId ?? ''} ${code}`;
    if (seen.has(about) || view?.problems.some((problem) => problem.code === code) !== true) return [];
    seen.add(about);
    return [{ ...alert, view }];
  });
}
