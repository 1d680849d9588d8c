import type { InstanceView } from '../../../../shared/domain/fleet/view';
import type { FleetColumn, ListGrouping } from '../../../../shared/domain/fleet/saved-filter';
import type { FleetState } from '../../../stores/fleet';
import { protectionStandingOf, type ProtectionStanding } from '../../../../shared/domain/analysis/protection';
import { standingOf, toneRank, type StandingClock, type StandingTone } from '../../../../shared/domain/analysis/standing';
import { matches } from './fleet-query';
import type { FleetQuery } from './fleet-query';
import { compareNames } from '../../../../shared/domain/fleet/names';

/** `down`: the other way round than a column is sorted at first. */
export interface Sort {
  readonly column: FleetColumn;
  readonly down: boolean;
}

export interface InstanceRow {
  readonly view: InstanceView;
  readonly region: string;
  /** Empty: none. */
  readonly project: string;
  /** Names of its standbys. */
  readonly protectors: string;
  readonly protection: ProtectionStanding;
  readonly tone: StandingTone;
}

/** Whether a column is sorted from its most at first: who asks for lag or health asks for the worst. */
export const beginsWithMost = (column: FleetColumn): boolean => column === 'lag' || column === 'health';

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

function compare(a: InstanceRow, b: InstanceRow, column: FleetColumn): number {
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
  const projectOf = ({ instance }: InstanceView): string => projectNames.get(instance.projectId ?? '') ?? '';
  return instances
    .filter((view) => matches(view, query, regionOf(view), projectOf(view), clock))
    .map((view): InstanceRow => {
      const protection = protectionStandingOf(view, instances, clock);
      return {
        view,
        region: regionOf(view),
        project: projectOf(view),
        protectors: protection.standbys.map(({ instance }) => instance.name).join(', '),
        protection,
        tone: standingOf(view, clock).tone,
      };
    })
    .sort((a, b) => (down ? -1 : 1) * (compare(a, b, column) || byName(a, b)));
}

/** A line of the list: an instance, or the head of those of a region or a project. */
export type InstanceLine =
  | { readonly kind: 'instance'; readonly key: string; readonly row: InstanceRow }
  | { readonly kind: 'group'; readonly key: string; readonly name: string; readonly ids: readonly string[]; readonly critical: number; readonly warning: number };

/** The rows in their order, under heads by name where they are grouped. Pure. */
export function instanceLines(rows: readonly InstanceRow[], grouping: ListGrouping, noProject: string): readonly InstanceLine[] {
  const lineOf = (row: InstanceRow): InstanceLine => ({ kind: 'instance', key: row.view.instance.id, row });
  if (grouping === 'none') return rows.map(lineOf);
  const groups = new Map<string, InstanceRow[]>();
  for (const row of rows) {
    const { regionId, projectId } = row.view.instance;
    const id = grouping === 'region' ? regionId : (projectId ?? '');
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [row]);
    else group.push(row);
  }
  const nameOf = (row: InstanceRow | undefined): string => (grouping === 'region' ? row?.region : row?.project) ?? '';
  return [...groups]
    .map(([id, members]) => ({ id, members, name: nameOf(members[0]) }))
    // What has no project comes after those that have one.
    .sort((a, b) => Number(a.name === '') - Number(b.name === '') || compareNames(a.name, b.name))
    .flatMap(({ id, members, name }): InstanceLine[] => [
      {
        kind: 'group', key: `group-${id}`, name: name === '' ? noProject : name, ids: members.map(({ view }) => view.instance.id),
        critical: members.filter(({ tone }) => tone === 'bad').length, warning: members.filter(({ tone }) => tone === 'warn').length,
      },
      ...members.map(lineOf),
    ]);
}
