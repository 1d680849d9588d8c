import type { Outcome } from '../../../ui/many';
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
  return { take, left, linked: take.filter(({ state }) => isLink(state)).length };
}

/** It is a link that stands: an act on it is one on replication itself, and no more one on a run. */
const isLink = (state: SyncTaskState): boolean => state === 'replicating' || state === 'stopped';

/** Whether the act would still be what its user agreed to: a copy that became a link meanwhile is another thing to stop. Pure. */
export function isSameAct(then: SyncTaskState, sync: SyncTaskView | undefined, act: 'pause' | 'resume'): boolean {
  return sync !== undefined && sync.can[act] && isLink(then) === isLink(sync.state);
}

/** How a task stands on which the act was ordered, and has not taken hold yet. */
const before: Record<'pause' | 'resume', readonly SyncTaskState[]> = {
  pause: ['pausing', 'running', 'checking', 'waiting', 'replicating'], resume: ['paused', 'stopped'],
};

/** What came of each as far as it can be seen: what is done only once its task shows it, was asked for until then. Pure. */
export function asSeen(outcomes: ReadonlyMap<string, Outcome>, syncs: ReadonlyMap<string, SyncTaskView>, act: 'pause' | 'resume'): ReadonlyMap<string, Outcome> {
  return new Map([...outcomes].map(([id, outcome]) => {
    const sync = syncs.get(id);
    const isOpen = outcome.kind === 'done' && sync !== undefined && before[act].includes(sync.state);
    const seen: Outcome = isOpen ? { kind: 'asked' } : outcome;
    return [id, seen] as const;
  }));
}
