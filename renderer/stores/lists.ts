import { create } from 'zustand';
import type { FleetColumn, FleetList, ListGrouping } from '../../shared/domain/fleet/saved-filter';
import { setTree, useUi } from './ui';
import { nothingChosen, type Selection } from './selection';

/** By the state of a sync task. */
export const stateFilters = ['all', 'active', 'attention'] as const;
/** And by whether anything is known of its link. */
export const syncFilters = [...stateFilters, 'unseen'] as const;
export const syncColumns = ['task', 'state', 'pair', 'scope', 'progress', 'created'] as const;

/** What links can be sorted by. */
export type LinkColumn = 'source' | 'source-region' | 'replica' | 'replica-region' | 'state' | 'lag';

/** Which sync tasks are shown. */
export interface SyncFilter {
  readonly state: (typeof syncFilters)[number];
  /** Parts of the name of the task, or of the name or address of its source or its standby. */
  readonly words: string;
  /** The standby's; null: any. */
  readonly regionId: string | null;
}

interface ListOf<Column> {
  readonly column: Column;
  /** The other way round than the column is sorted at first. */
  readonly down: boolean;
  readonly grouping: ListGrouping;
  readonly selection: Selection;
}

/** How the long lists stand: who opens a line and comes back finds them as they were. */
export interface ListsState {
  /** The instances; what of them is listed is shared with the tree. */
  readonly fleet: ListOf<FleetColumn>;
  readonly sync: ListOf<(typeof syncColumns)[number]> & { readonly filter: SyncFilter };
  /** The dependency view. `regionId`: whose clusters alone are shown; `column` null: in the order of the drawing. */
  readonly links: { readonly form: 'graph' | 'table'; readonly regionId: string | null; readonly column: LinkColumn | null; readonly down: boolean };
}

/** Those whose lines can be chosen. */
export type ListName = 'fleet' | 'sync';

export const everySync: SyncFilter = { state: 'all', words: '', regionId: null };

export const useLists = create<ListsState>(() => ({
  fleet: { column: 'name', down: false, grouping: 'none', selection: nothingChosen },
  sync: { column: 'created', down: false, grouping: 'none', selection: nothingChosen, filter: everySync },
  links: { form: 'graph', regionId: null, column: null, down: false },
}));

/** Changes how one of the lists stands. */
export function setList<Name extends keyof ListsState>(name: Name, change: Partial<ListsState[Name]>): void {
  useLists.setState((state) => ({ ...state, [name]: { ...state[name], ...change } }));
}

/** Changes what is chosen in a list. */
export function choose(name: ListName, change: (selection: Selection) => Selection): void {
  const { selection } = useLists.getState()[name];
  const next = change(selection);
  if (next !== selection) setList(name, { selection: next });
}

/** The list of instances as it stands, to be saved. */
export function useFleetListed(): FleetList {
  const { filter, regionId, search } = useUi((state) => state.tree);
  const { column, down, grouping } = useLists((state) => state.fleet);
  return { filter, regionId, search, column, down, grouping };
}

/** Lists the instances as it was saved. */
export function showFleetList({ filter, regionId, search, column, down, grouping }: FleetList): void {
  setTree({ filter, regionId, search });
  setList('fleet', { column, down, grouping });
}
