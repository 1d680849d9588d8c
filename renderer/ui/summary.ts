import type { InstanceView } from '../../shared/domain/fleet/view';
import type { Project, Region } from '../../shared/domain/fleet/instance';
import type { Role } from '../../shared/domain/fleet/role';
import type { Problem, Severity } from '../../shared/domain/fleet/problem';
import type { Tone } from './StatusBadge';
import type { FleetFilter, Grouping } from '../stores/ui';

const rank: Record<Severity, number> = { critical: 2, warning: 1, info: 0 };

/** The worst severity among problems; null where there is none. */
export function worstSeverity(problems: readonly Problem[]): Severity | null {
  let worst: Severity | null = null;
  for (const { severity } of problems) if (worst === null || rank[severity] > rank[worst]) worst = severity;
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

/** Problems of the whole fleet, worst first, then by instance name; notes last. */
export function problemsOf(instances: readonly InstanceView[]): readonly { readonly view: InstanceView; readonly problem: Problem }[] {
  return instances
    .flatMap((view) => view.problems.map((problem) => ({ view, problem })))
    .sort((a, b) => rank[b.problem.severity] - rank[a.problem.severity] || a.view.instance.name.localeCompare(b.view.instance.name));
}

/** Whether a standby really follows its source now: reachable, and its link carries data. */
export function followsNow(view: Pick<InstanceView, 'health' | 'lag'>): boolean {
  return view.health.state === 'reachable' && view.lag !== null && (view.lag.state === 'caught-up' || view.lag.state === 'behind');
}

/** S13: what takes part in the protection of something has an icon that opens its dependency view. */
export function hasDependencies(role: Role): boolean {
  return role === 'primary' || role === 'standby' || role === 'local-replica';
}

/** Figures of the fleet page's head. */
export interface FleetFigures {
  readonly instances: number;
  readonly primaries: number;
  /** Primaries with at least one DR standby that really follows. */
  readonly protectedPrimaries: number;
  readonly critical: number;
  readonly warning: number;
  readonly unknown: number;
}

export function fleetFigures(instances: readonly InstanceView[]): FleetFigures {
  const figures = { instances: instances.length, primaries: 0, protectedPrimaries: 0, critical: 0, warning: 0, unknown: 0 };
  const following = new Set(instances.filter(followsNow).map((view) => view.instance.id));
  for (const view of instances) {
    if (view.role === 'primary') {
      figures.primaries += 1;
      if (view.protectedBy.some((id) => following.has(id))) figures.protectedPrimaries += 1;
    }
    if (view.health.state === 'unknown') figures.unknown += 1;
    for (const { severity } of view.problems) {
      if (severity === 'critical') figures.critical += 1;
      else if (severity === 'warning') figures.warning += 1;
    }
  }
  return figures;
}

export interface FleetQuery {
  readonly filter: FleetFilter;
  readonly regionId: string | null;
  readonly search: string;
}

/** Whether an instance is shown under a filter and a search (name, host, region, project; letter case aside). */
export function matches(view: InstanceView, query: FleetQuery, regionName: string, projectName: string): boolean {
  const { instance, role } = view;
  if (query.regionId !== null && instance.regionId !== query.regionId) return false;
  switch (query.filter) {
    case 'all':
      break;
    case 'primaries':
      if (role !== 'primary') return false;
      break;
    case 'standbys':
      if (role !== 'standby') return false;
      break;
    case 'problems': {
      const tone = instanceTone(view);
      if (tone === 'good') return false;
      break;
    }
    default: {
      const unknown: never = query.filter;
      throw new Error(`Unknown filter ${String(unknown)}`);
    }
  }
  const wanted = query.search.trim().toLowerCase();
  if (wanted === '') return true;
  return [instance.name, instance.admin.host, instance.replication?.host ?? '', regionName, projectName].some((text) => text.toLowerCase().includes(wanted));
}

export interface Group {
  readonly id: string;
  readonly name: string;
  readonly critical: number;
  readonly warning: number;
  readonly instances: readonly InstanceView[];
}

/**
 * Instances by region or project in the order of their names. Regions without a match are left out while something is
 * searched or filtered, and stay otherwise: an empty region is a fact too. `''` is the id of "no project".
 */
export function groupsOf(
  fleet: { readonly instances: readonly InstanceView[]; readonly regions: readonly Region[]; readonly projects: readonly Project[] },
  grouping: Grouping,
  query: FleetQuery,
  noProject: string,
): readonly Group[] {
  const regionNames = new Map(fleet.regions.map((region) => [region.id, region.name]));
  const projectNames = new Map(fleet.projects.map((project) => [project.id, project.name]));
  const shown = fleet.instances.filter((view) =>
    matches(view, query, regionNames.get(view.instance.regionId) ?? '', view.instance.projectId === null ? '' : (projectNames.get(view.instance.projectId) ?? '')),
  );
  const narrowed = query.filter !== 'all' || query.search.trim() !== '' || query.regionId !== null;
  const heads: { id: string; name: string }[] =
    grouping === 'region'
      ? [...fleet.regions]
      : [...fleet.projects, ...(shown.some((view) => view.instance.projectId === null) ? [{ id: '', name: noProject }] : [])];
  const placeOf = (view: InstanceView): string => (grouping === 'region' ? view.instance.regionId : (view.instance.projectId ?? ''));
  return heads
    .map(({ id, name }) => {
      const instances = shown.filter((view) => placeOf(view) === id);
      let critical = 0;
      let warning = 0;
      for (const { problems } of instances) {
        const worst = worstSeverity(problems);
        if (worst === 'critical') critical += 1;
        else if (worst === 'warning') warning += 1;
      }
      return { id, name, critical, warning, instances };
    })
    .filter((group) => !narrowed || group.instances.length > 0);
}
