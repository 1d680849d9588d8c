import type { InstanceView } from '../../../../shared/domain/fleet/view';
import type { FleetState } from '../../../stores/fleet';
import { protectionStandingOf, type ProtectionStanding } from '../../../../shared/domain/analysis/protection';
import { standingOf, toneRank, type StandingClock, type StandingTone } from '../../../../shared/domain/analysis/standing';
import { matches } from './fleet-query';
import type { FleetQuery } from './fleet-query';

export const columns = ['name', 'role', 'region', 'lag', 'health', 'version', 'protected'] as const;
export type Column = (typeof columns)[number];

/** `down`: from the last to the first. */
export interface Sort {
  readonly column: Column;
  readonly down: boolean;
}

export interface InstanceRow {
  readonly view: InstanceView;
  readonly region: string;
  /** Names of its standbys. */
  readonly protectors: string;
  readonly protection: ProtectionStanding;
  readonly tone: StandingTone;
}

function compare(a: InstanceRow, b: InstanceRow, column: Column): number {
  switch (column) {
    case 'name':
      return 0;
    case 'role':
      return a.view.role.localeCompare(b.view.role);
    case 'region':
      return a.region.localeCompare(b.region);
    case 'lag':
      return (b.view.lag?.seconds ?? -1) - (a.view.lag?.seconds ?? -1);
    case 'health':
      return toneRank(b.tone) - toneRank(a.tone);
    case 'version':
      return (a.view.facts?.server.version ?? '').localeCompare(b.view.facts?.server.version ?? '', undefined, { numeric: true });
    case 'protected':
      return a.protectors.localeCompare(b.protectors);
    default: {
      const unknown: never = column;
      throw new Error(`Unknown column ${String(unknown)}`);
    }
  }
}

/** The instances that pass a query, in an order; equals by name. */
export function instanceRows(
  { instances, regions, projects }: Pick<FleetState, 'instances' | 'regions' | 'projects'>,
  query: FleetQuery,
  { column, down }: Sort,
  clock: StandingClock,
): readonly InstanceRow[] {
  const regionNames = new Map(regions.map((region) => [region.id, region.name]));
  const projectNames = new Map(projects.map((project) => [project.id, project.name]));
  return instances
    .map((view): InstanceRow => {
      const protection = protectionStandingOf(view, instances, clock);
      return {
        view,
        region: regionNames.get(view.instance.regionId) ?? '',
        protectors: protection.standbys.map(({ instance }) => instance.name).join(', '),
        protection,
        tone: standingOf(view, clock).tone,
      };
    })
    .filter(({ view, region }) => matches(view, query, region, projectNames.get(view.instance.projectId ?? '') ?? '', clock))
    .sort((a, b) => (down ? -1 : 1) * (compare(a, b, column) || a.view.instance.name.localeCompare(b.view.instance.name)));
}
