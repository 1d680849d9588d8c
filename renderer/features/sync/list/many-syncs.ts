import type { SyncTaskState, SyncTaskView } from '../../../../shared/domain/sync/sync';

/** Many sync tasks, taken apart by whether they take an act now. */
export interface ManySyncs {
  readonly take: readonly { readonly id: string; readonly name: string; readonly state: SyncTaskState }[];
  /** `state` null: it was removed meanwhile. */
  readonly left: readonly { readonly id: string; readonly name: string; readonly state: SyncTaskState | null }[];
  /** Links that stand among those that take it: replication itself stops, or starts. */
  readonly linked: number;
}

/** Every one of them is in one of the parts. Pure. */
export function manySyncParts(ids: readonly string[], syncs: ReadonlyMap<string, SyncTaskView>, act: 'pause' | 'resume'): ManySyncs {
  const take: ManySyncs['take'][number][] = [];
  const left: ManySyncs['left'][number][] = [];
  for (const id of ids) {
    const sync = syncs.get(id);
    if (sync === undefined) left.push({ id, name: id, state: null });
    else (sync.can[act] ? take : left).push({ id, name: sync.spec.name, state: sync.state });
  }
  return { take, left, linked: take.filter(({ state }) => state === 'replicating' || state === 'stopped').length };
}
