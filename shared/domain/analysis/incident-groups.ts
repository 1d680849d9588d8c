import type { Incident } from './incident';
import type { ProblemCode } from '../fleet/problem';
import type { InstanceView } from '../fleet/view';

/** Incidents of one cause in one region. */
export interface IncidentGroup {
  readonly kind: 'group';
  /** Stays the same while the region has incidents of that cause. */
  readonly id: string;
  readonly code: ProblemCode;
  /** Primaries that are down are told as that, never among other servers. */
  readonly of: 'primaries' | 'servers';
  readonly regionId: string;
  readonly severity: Incident['severity'];
  /** In the order in which they came. */
  readonly incidents: readonly Incident[];
  /** Servers of the region that have the cause, the primaries with them, of so many that are there. */
  readonly affected: number;
  readonly size: number;
  /** Primaries whose recommended act is a promotion, and those that somebody still hears; of others 0. */
  readonly promotable: number;
  readonly heard: number;
  /** When the first and the last of them began; null: not told. */
  readonly since: number | null;
  readonly last: number | null;
}

/** What is told by itself: one incident, or all of one cause in a region. */
export type ToldIncident = IncidentGroup | { readonly kind: 'one'; readonly id: string; readonly incident: Incident };

/** From so many on, incidents of one cause in one region are told as one. */
const groupFrom = 5;

/**
 * The incidents by cause and region, where a region has many of one cause: a region that is gone is one thing to know, not a hundred.
 * Every incident is told exactly once, each where the first of its group stood. Two servers that both take writes are never folded
 * away among others, and primaries only among primaries: what is to be done about them stands in their headline. Pure.
 */
export function groupIncidents(incidents: readonly Incident[], instances: readonly InstanceView[]): readonly ToldIncident[] {
  const causeOf = ({ severity, cause }: Incident): string => `${cause.problem.code}/${severity}/${cause.view.instance.regionId}`;
  const keyOf = (incident: Incident): string | null =>
    incident.kind === 'split-brain' ? null : `${incident.kind === 'primary-down' ? 'primaries' : 'servers'}/${causeOf(incident)}`;
  const groups = grouped(incidents, keyOf);
  const causes = grouped(incidents, causeOf);
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
      kind: 'group', id: key, code: incident.cause.problem.code, of: incident.kind === 'primary-down' ? 'primaries' : 'servers', regionId,
      severity: incident.severity, incidents: group,
      affected: new Set((causes.get(causeOf(incident)) ?? group).map(({ cause }) => cause.view.instance.id)).size, size: sizes.get(regionId) ?? 0,
      promotable: group.filter(({ act }) => act?.kind === 'promote').length, heard: group.filter(({ down }) => down?.verdict === 'only-from-here').length,
      since: begun.length === 0 ? null : begun.reduce((a, b) => Math.min(a, b)), last: begun.length === 0 ? null : begun.reduce((a, b) => Math.max(a, b)),
    }];
  });
}

function grouped(incidents: readonly Incident[], keyOf: (incident: Incident) => string | null): ReadonlyMap<string, readonly Incident[]> {
  const groups = new Map<string, Incident[]>();
  for (const incident of incidents) {
    const key = keyOf(incident);
    if (key === null) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [incident]);
    else group.push(incident);
  }
  return groups;
}
