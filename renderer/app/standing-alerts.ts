import type { InstanceView } from '../../shared/domain/fleet';
import type { Alert } from '../stores/connection';

export interface StandingAlert extends Alert {
  /** The instance it is about; null: none that is registered. */
  readonly view: InstanceView | null;
}

/** The alerts that still hold: one that names a problem goes with the problem, whoever cured it. */
export function standingAlerts(alerts: readonly Alert[], instances: readonly InstanceView[]): readonly StandingAlert[] {
  return alerts.flatMap((alert) => {
    const view = instances.find(({ instance }) => instance.id === alert.instanceId) ?? null;
    const code = /^problems\.(.+)\.title$/.exec(alert.text.key)?.[1];
    const holds = code === undefined || view?.problems.some((problem) => problem.code === code) === true;
    return holds ? [{ ...alert, view }] : [];
  });
}
