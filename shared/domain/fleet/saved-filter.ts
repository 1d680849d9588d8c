// How the instances are listed, and such lists saved under a name.

/** What of the fleet is listed. */
export const fleetFilters = ['all', 'primaries', 'standbys', 'problems', 'unknown'] as const;
export type FleetFilter = (typeof fleetFilters)[number];

/** The columns of the list of instances, by which it can be sorted. */
export const fleetColumns = ['name', 'role', 'region', 'lag', 'health', 'version', 'protected'] as const;
export type FleetColumn = (typeof fleetColumns)[number];

/** Under which heads the instances stand. */
export const listGroupings = ['none', 'region', 'project'] as const;
export type ListGrouping = (typeof listGroupings)[number];

/** Which instances are listed, and in which order. */
export interface FleetList {
  readonly filter: FleetFilter;
  /** Null: of every region. */
  readonly regionId: string | null;
  readonly search: string;
  readonly column: FleetColumn;
  /** The other way round than the column is sorted at first. */
  readonly down: boolean;
  readonly grouping: ListGrouping;
}

/** A list that the user gave a name. */
export interface SavedFilter extends FleetList {
  readonly name: string;
}

/** Most that are kept. */
export const mostSavedFilters = 50;

const key = (name: string): string => name.trim().toLowerCase();

/** The one of a name, letter case aside. Pure. */
export function filterNamed(saved: readonly SavedFilter[], name: string): SavedFilter | undefined {
  return saved.find((one) => key(one.name) === key(name));
}

/** Whether both list the same in the same order. Pure. */
export function isSameList(a: FleetList, b: FleetList): boolean {
  return a.filter === b.filter && a.regionId === b.regionId && a.search.trim() === b.search.trim()
    && a.column === b.column && a.down === b.down && a.grouping === b.grouping;
}

/** Saves a list under a name: it takes the place of the one that has it, else it comes last. Null: there are too many. Pure. */
export function withFilter(saved: readonly SavedFilter[], name: string, list: FleetList): readonly SavedFilter[] | null {
  const { filter, regionId, search, column, down, grouping } = list;
  const next: SavedFilter = { name: name.trim(), filter, regionId, search: search.trim(), column, down, grouping };
  if (filterNamed(saved, name) !== undefined) return saved.map((one) => (key(one.name) === key(name) ? next : one));
  return saved.length >= mostSavedFilters ? null : [...saved, next];
}

/** Gives one another name, in its place. Null: another one has that name. Pure. */
export function renamedFilter(saved: readonly SavedFilter[], from: string, to: string): readonly SavedFilter[] | null {
  if (key(from) !== key(to) && filterNamed(saved, to) !== undefined) return null;
  return saved.map((one) => (key(one.name) === key(from) ? { ...one, name: to.trim() } : one));
}

/** Takes one away. Pure. */
export function withoutFilter(saved: readonly SavedFilter[], name: string): readonly SavedFilter[] {
  return saved.filter((one) => key(one.name) !== key(name));
}
