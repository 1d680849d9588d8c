import type { StandingClock } from '../../../../shared/domain/analysis/standing';
import { syncStandingOf } from '../../../../shared/domain/analysis/sync-standing';
import { compareNames } from '../../../../shared/domain/fleet/names';
import type { ListGrouping } from '../../../../shared/domain/fleet/saved-filter';
import type { InstanceView } from '../../../../shared/domain/fleet/view';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import type { syncColumns } from '../../../stores/lists';
import type { Tone } from '../../../ui/StatusBadge';
import { isInState } from './sync-filter';

export type SyncColumn = (typeof syncColumns)[number];

/** `down`: the other way round than a column is sorted at first. */
export interface SyncSort {
  readonly column: SyncColumn;
  readonly down: boolean;
}

export type SyncLine =
  | { readonly kind: 'task'; readonly key: string; readonly sync: SyncTaskView }
  | { readonly kind: 'group'; readonly key: string; readonly name: string; readonly tasks: number; readonly attention: number; readonly unseen: number };

/** What the list is made from. */
export interface SyncReading {
  readonly byId: ReadonlyMap<string, InstanceView>;
  readonly regions: readonly { readonly id: string; readonly name: string }[];
  readonly projects: readonly { readonly id: string; readonly name: string }[];
  readonly clock: StandingClock;
  /** What the group of those without a project is called. */
  readonly noProject: string;
}

const rank: Record<Tone, number> = { bad: 0, warn: 1, mute: 2, busy: 3, calm: 4, good: 5 };

/** Without the difference, which of two infinite ones is no number. */
const compareNumbers = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

/** How much a task carries: a whole instance is more than any part of it. Pure. */
function sizeOf({ spec: { scope } }: SyncTaskView): number {
  return scope.kind === 'instance' ? Number.POSITIVE_INFINITY : scope.databases.reduce((sum, { tables }) => sum + (tables?.length ?? 1_000_000), 0);
}

/** How far a standby is behind, to sort by: what does not replicate is worst, then what nobody knows; a task without a link comes last. Pure. */
function lagRank({ state }: Pick<SyncTaskView, 'state'>, standby: InstanceView | undefined): number {
  if (state === 'stopped') return Number.POSITIVE_INFINITY;
  if (state !== 'replicating') return -1;
  const lag = standby?.lag;
  if (lag?.state === 'not-replicating') return Number.POSITIVE_INFINITY;
  if (lag == null || lag.state === 'unknown' || standby?.health.state !== 'reachable') return Number.MAX_VALUE;
  return lag.seconds ?? (lag.state === 'caught-up' ? 0 : Number.MAX_VALUE);
}

/** The tasks in an order, and under heads where they are grouped: the worst on top when sorted by state, the newest by time. Pure. */
export function syncLines(syncs: readonly SyncTaskView[], { column, down }: SyncSort, grouping: ListGrouping, reading: SyncReading): readonly SyncLine[] {
  const { byId, clock } = reading;
  const nameOf = (id: string): string => byId.get(id)?.instance.name ?? '';
  const tones = new Map(syncs.map((sync) => [sync.id, syncStandingOf(sync, byId.get(sync.spec.standbyId), clock).tone]));
  const rankOf = ({ id }: SyncTaskView): number => rank[tones.get(id) ?? 'mute'];
  const behind = (sync: SyncTaskView): number => lagRank(sync, byId.get(sync.spec.standbyId));
  const compare = (a: SyncTaskView, b: SyncTaskView): number => {
    if (column === 'task') return compareNames(a.spec.name, b.spec.name);
    if (column === 'state') return rankOf(a) - rankOf(b);
    if (column === 'scope') return compareNumbers(sizeOf(b), sizeOf(a));
    if (column === 'progress') return compareNumbers(behind(b), behind(a));
    if (column === 'pair') return compareNames(nameOf(a.spec.sourceId), nameOf(b.spec.sourceId)) || compareNames(nameOf(a.spec.standbyId), nameOf(b.spec.standbyId));
    return b.createdAt - a.createdAt;
  };
  const ordered = [...syncs].sort((a, b) => (down ? -1 : 1) * compare(a, b) || b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
  const lineOf = (sync: SyncTaskView): SyncLine => ({ kind: 'task', key: sync.id, sync });
  if (grouping === 'none') return ordered.map(lineOf);
  const groups = new Map<string, SyncTaskView[]>();
  for (const sync of ordered) {
    const place = byId.get(sync.spec.standbyId)?.instance;
    const id = (grouping === 'region' ? place?.regionId : place?.projectId) ?? '';
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [sync]);
    else group.push(sync);
  }
  // The heads count what the filters count.
  const countOf = (tasks: readonly SyncTaskView[], filter: 'attention' | 'unseen'): number =>
    tasks.filter((sync) => isInState(filter, sync, byId.get(sync.spec.standbyId), clock)).length;
  const names = new Map((grouping === 'region' ? reading.regions : reading.projects).map(({ id, name }) => [id, name]));
  return [...groups]
    .map(([id, tasks]) => ({
      id, name: names.get(id) ?? (id === '' ? reading.noProject : id), tasks, attention: countOf(tasks, 'attention'), unseen: countOf(tasks, 'unseen'),
    }))
    .sort((a, b) => compareNames(a.name, b.name))
    .flatMap(({ id, name, tasks, ...counts }): SyncLine[] => [{ kind: 'group', key: `group-${id}`, name, tasks: tasks.length, ...counts }, ...tasks.map(lineOf)]);
}
