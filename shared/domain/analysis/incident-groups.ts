import type { Incident } from './incident';
import type { ProblemCode } from '../fleet/problem';
import type { InstanceView } from '../fleet/view';

/** Incidents of one cause in one region. */
export interface IncidentGroup {
  readonly kind: 'group';
  /** Stays the same while the region has incidents of that cause. */
  readonly id: string;
  readonly code: ProblemCode;
  readonly regionId: string;
  readonly severity: Incident['severity'];
  /** In the order in which they came. */
  readonly incidents: readonly Incident[];
  /** Servers that have the cause, of so many in the region. */
  readonly affected: number;
  readonly of: number;
  /** When the first of them began; null: not told. */
  readonly since: number | null;
}

/** What is told by itself: one incident, or all of one cause in a region. */
export type ToldIncident = IncidentGroup | { readonly kind: 'one'; readonly id: string; readonly incident: Incident };

/** From so many on, incidents of one cause in one region are told as one. */
const groupFrom = 5;

/**
 * The incidents by cause and region, where a region has many of one cause: a region that is gone is one thing to know, not a hundred.
 * Every incident is told exactly once, each where the first of its group stood. Two servers that both take writes are never folded
 * away among others. Pure.
 */
export function groupIncidents(incidents: readonly Incident[], instances: readonly InstanceView[]): readonly ToldIncident[] {
  const keyOf = ({ kind, severity, cause }: Incident): string | null =>
    kind === 'split-brain' ? null : `${cause.problem.code}/${severity}/${cause.view.instance.regionId}`;
  const groups = new Map<string, Incident[]>();
  for (const incident of incidents) {
    const key = keyOf(incident);
    if (key === null) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [incident]);
    else group.push(incident);
  }
  const sizes = new Map<string, number>();
  for (const { instance } of instances) sizes.set(instance.regionId, (sizes.get(instance.regionId) ?? 0) + 1);
  return incidents.flatMap((incident): ToldIncident[] => {
    const key = keyOf(incident);
    const group = key === null ? undefined : groups.get(key);
    if (key === null || group === undefined || group.length < groupFrom) return [{ kind: 'one', id: incident.id, incident }];
    if (group[0] !== incident) return [];
    const { regionId } = incident.cause.view.instance;
    const begun = group.flatMap(({ since }) => (since === null ? [] : [since]));
    return [{
      kind: 'group', id: key, code: incident.cause.problem.code, regionId, severity: incident.severity, incidents: group,
      affected: new Set(group.map(({ cause }) => cause.view.instance.id)).size, of: sizes.get(regionId) ?? 0,
      since: begun.length === 0 ? null : begun.reduce((a, b) => Math.min(a, b)),
    }];
  });
}
