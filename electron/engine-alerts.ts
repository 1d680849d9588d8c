import type { EngineEvent } from '../shared/contract/events';
import { isInForce } from '../shared/domain/fleet/attention';
import type { FleetChange, InstanceView } from '../shared/domain/fleet/view';
import { problemKey, type Problem } from '../shared/domain/fleet/problem';
import type { FleetInventory } from './fleet/types';
import { message } from '../shared/i18n/message';

type Alert = Extract<EngineEvent, { type: 'alert' }>;

/**
 * Tells which problems are new. Made from what is known at the start; each change of the fleet then gives an alert per
 * critical problem that was not there before. One that went away and comes back is new again; so is one that stood quietly, once nothing keeps it quiet.
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

/** Those that somebody is called for, by what makes a problem another one: its code, and of a threshold its series. */
function criticalProblems(view: InstanceView): ReadonlyMap<string, Problem> {
  const told = view.problems.filter(({ severity, quiet }) => severity === 'critical' && quiet === undefined);
  return new Map(told.map((problem) => [problemKey(problem), problem]));
}

/** Whether nobody is called for an instance now; null: it is about none. */
export function isSilenced(fleet: Pick<FleetInventory, 'instances'>, instanceId: string | null, now: number): boolean {
  return instanceId !== null && isInForce(fleet.instances().find(({ id }) => id === instanceId)?.attention?.silenced, now);
}
