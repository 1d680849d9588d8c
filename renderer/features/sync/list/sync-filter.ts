import type { InstanceView } from '../../../../shared/domain/fleet/view';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import { isFoundBy, searchTexts } from '../../../ui/instance-acts';
import { activeStates, attentionStates } from '../sync-text';

export const stateFilters = ['all', 'active', 'attention'] as const;

/** Which sync tasks are shown. */
export interface SyncFilter {
  readonly state: (typeof stateFilters)[number];
  /** Parts of the name of the task, or of the name or address of its source or its standby. */
  readonly words: string;
  /** The standby's; null: any. */
  readonly regionId: string | null;
}

export const everything: SyncFilter = { state: 'all', words: '', regionId: null };

export function isEverything({ state, words, regionId }: SyncFilter): boolean {
  return state === 'all' && words === '' && regionId === null;
}

/** By words and region. The states are counted over these. Pure. */
export function isFound({ words, regionId }: SyncFilter, { spec }: Pick<SyncTaskView, 'spec'>, byId: ReadonlyMap<string, InstanceView>): boolean {
  const source = byId.get(spec.sourceId)?.instance;
  const standby = byId.get(spec.standbyId)?.instance;
  const texts = [source, standby].flatMap((instance) => (instance === undefined ? [] : searchTexts(instance)));
  return isFoundBy(words, [spec.name, ...texts]) && (regionId === null || standby?.regionId === regionId);
}

export function isInState(state: SyncFilter['state'], sync: Pick<SyncTaskView, 'state'>): boolean {
  if (state === 'active') return activeStates.includes(sync.state);
  return state === 'all' || attentionStates.includes(sync.state);
}
