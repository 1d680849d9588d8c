import type { InstanceView } from '../../../../shared/domain/fleet/view';
import type { FleetState } from '../../../stores/fleet';
import { protectionStandingOf, type ProtectionStanding } from '../../../../shared/domain/analysis/protection';
import { standingOf, toneRank, type StandingClock, type StandingTone } from '../../../../shared/domain/analysis/standing';
import { matches } from './fleet-query';
import type { FleetQuery } from './fleet-query';
import { compareNames } from '../../../../shared/domain/fleet/names';

export const columns = ['name', 'role', 'region', 'lag', 'health', 'version', 'protected'] as const;
export type Column = (typeof columns)[number];

/** `down`: the other way round than a column is sorted at first. */
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

/** Whether a column is sorted from its most at first: who asks for lag or health asks for the worst. */
export const beginsWithMost = (column: Column): boolean => column === 'lag' || column === 'health';

/**
 * How bad a lag is, to sort by: what does not replicate is worse than what nobody knows, and that is worse than any number. A
 * standby that cannot be read has no lag that is known, whatever was last seen. Null: it has none to be sorted by, as a primary.
 */
function lagRank({ lag, health }: Pick<InstanceView, 'lag' | 'health'>): number | null {
  if (lag === null) return null;
  if (lag.state === 'not-replicating') return Number.POSITIVE_INFINITY;
  const unknown = health.state !== 'reachable' || lag.state === 'unknown' || (lag.state === 'behind' && lag.seconds === null);
  if (unknown) return Number.MAX_VALUE;
  return lag.state === 'caught-up' ? (lag.seconds ?? 0) : (lag.seconds ?? Number.MAX_VALUE);
}

const byName = (a: InstanceRow, b: InstanceRow): number => compareNames(a.view.instance.name, b.view.instance.name);
const compareVersions = new Intl.Collator(undefined, { numeric: true }).compare;
const compareNumbers = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

function compare(a: InstanceRow, b: InstanceRow, column: Column): number {
  switch (column) {
    case 'name':
      return byName(a, b);
    case 'role':
      return compareNames(a.view.role, b.view.role);
    case 'region':
      return compareNames(a.region, b.region);
    case 'lag':
      return compareNumbers(lagRank(b.view) ?? -1, lagRank(a.view) ?? -1);
    case 'health':
      return toneRank(b.tone) - toneRank(a.tone);
    case 'version':
      return compareVersions(a.view.facts?.server.version ?? '', b.view.facts?.server.version ?? '');
    case 'protected':
      return compareNames(a.protectors, b.protectors);
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
  const regionOf = ({ instance }: InstanceView): string => regionNames.get(instance.regionId) ?? '';
  return instances
    .filter((view) => matches(view, query, regionOf(view), projectNames.get(view.instance.projectId ?? '') ?? '', clock))
    .map((view): InstanceRow => {
      const protection = protectionStandingOf(view, instances, clock);
      return {
        view,
        region: regionOf(view),
        protectors: protection.standbys.map(({ instance }) => instance.name).join(', '),
        protection,
        tone: standingOf(view, clock).tone,
      };
    })
    .sort((a, b) => (down ? -1 : 1) * (compare(a, b, column) || byName(a, b)));
}
