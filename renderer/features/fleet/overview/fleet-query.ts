import type { InstanceView } from '../../../../shared/domain/fleet/view';
import type { Project, Region } from '../../../../shared/domain/fleet/instance';
import type { FleetFilter } from '../../../../shared/domain/fleet/saved-filter';
import type { Grouping } from '../../../stores/ui';
import { standingOf, type StandingClock } from '../../../../shared/domain/analysis/standing';
import { isFoundBy, searchTexts } from '../../../ui/instance-acts';

/** What of the fleet is listed, in the tree and in the table alike. */
export interface FleetQuery {
  readonly filter: FleetFilter;
  readonly regionId: string | null;
  readonly search: string;
}

/** Whether an instance is shown under a filter and a search (name, host and port, region, project; letter case aside). */
export function matches(view: InstanceView, query: FleetQuery, regionName: string, projectName: string, clock: StandingClock): boolean {
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
      // What was not read yet is unknown, not wrong; it is counted by itself.
      const { tone } = standingOf(view, clock);
      if (tone !== 'bad' && tone !== 'warn') return false;
      break;
    }
    case 'unknown': {
      // As it is counted under the page's title.
      const { tone, problem } = standingOf(view, clock);
      if (tone !== 'mute' || problem !== null) return false;
      break;
    }
    default: {
      const unknown: never = query.filter;
      throw new Error(`Unknown filter ${String(unknown)}`);
    }
  }
  return query.search === '' || isFoundBy(query.search, [...searchTexts(instance), regionName, projectName]);
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
  clock: StandingClock,
): readonly Group[] {
  const regionNames = new Map(fleet.regions.map((region) => [region.id, region.name]));
  const projectNames = new Map(fleet.projects.map((project) => [project.id, project.name]));
  const shown = fleet.instances.filter((view) =>
    matches(view, query, regionNames.get(view.instance.regionId) ?? '', view.instance.projectId === null ? '' : (projectNames.get(view.instance.projectId) ?? ''), clock),
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
      for (const view of instances) {
        const { tone } = standingOf(view, clock);
        if (tone === 'bad') critical += 1;
        else if (tone === 'warn') warning += 1;
      }
      return { id, name, critical, warning, instances };
    })
    .filter((group) => !narrowed || group.instances.length > 0);
}
