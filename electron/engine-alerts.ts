import type { EngineEvent } from '../shared/contract/events';
import type { FleetChange, InstanceView } from '../shared/domain/fleet/view';
import { problemKey, type Problem } from '../shared/domain/fleet/problem';
import { message } from '../shared/i18n/message';

type Alert = Extract<EngineEvent, { type: 'alert' }>;

/**
 * Tells which problems are new. Made from what is known at the start; each change of the fleet then gives an alert per
 * critical problem that was not there before. One that went away and comes back is new again.
 */
export function createAlerts(known: readonly InstanceView[]): (change: FleetChange) => readonly Alert[] {
  const before = new Map(known.map((view) => [view.instance.id, criticalProblems(view)]));
  return (change) => {
    for (const id of change.removedInstanceIds ?? []) before.delete(id);
    return (change.instances ?? []).flatMap((view) => {
      const { id } = view.instance;
      const now = criticalProblems(view);
      const old = before.get(id) ?? new Map<string, Problem>();
      before.set(id, now);
      return [...now].filter(([key]) => !old.has(key)).map(([, { code, params }]): Alert => ({
        type: 'alert', severity: 'critical', instanceId: id, text: message(`problems.${code}.title`, params),
      }));
    });
  };
}

/** By what makes a problem another one: its code, and of a threshold its series. */
function criticalProblems(view: InstanceView): ReadonlyMap<string, Problem> {
  return new Map(view.problems.filter(({ severity }) => severity === 'critical').map((problem) => [problemKey(problem), problem]));
}
