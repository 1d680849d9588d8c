import type { EngineEvent } from '../shared/contract/events';
import type { FleetChange, InstanceView } from '../shared/domain/fleet/view';
import { message } from '../shared/i18n/message';

type Alert = Extract<EngineEvent, { type: 'alert' }>;

/**
 * Tells which problems are new. Made from what is known at the start; each change of the fleet then gives an alert per
 * critical problem that was not there before. One that went away and comes back is new again.
 */
export function createAlerts(known: readonly InstanceView[]): (change: FleetChange) => readonly Alert[] {
  const before = new Map(known.map((view) => [view.instance.id, criticalCodes(view)]));
  return (change) => {
    for (const id of change.removedInstanceIds ?? []) before.delete(id);
    return (change.instances ?? []).flatMap((view) => {
      const { id } = view.instance;
      const now = criticalCodes(view);
      const old = before.get(id) ?? new Set();
      before.set(id, now);
      return [...now].filter((code) => !old.has(code)).map((code): Alert => ({ type: 'alert', severity: 'critical', instanceId: id, text: message(`problems.${code}.title`) }));
    });
  };
}

function criticalCodes(view: InstanceView) {
  return new Set(view.problems.filter((problem) => problem.severity === 'critical').map((problem) => problem.code));
}
