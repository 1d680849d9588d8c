import { linkStandingOf, type StandingClock } from '../../../../shared/domain/analysis/standing';
import { isSyncUnseen } from '../../../../shared/domain/analysis/sync-standing';
import type { InstanceView } from '../../../../shared/domain/fleet/view';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import { everySync, type SyncFilter } from '../../../stores/lists';
import { isFoundBy, searchTexts } from '../../../ui/instance-acts';
import { activeStates, attentionStates } from '../sync-text';

/** Whether nothing is left out. Pure. */
export function isEverything({ state, words, regionId }: SyncFilter): boolean {
  return state === everySync.state && words === everySync.words && regionId === everySync.regionId;
}

/** By words and region. The states are counted over these. Pure. */
export function isFound({ words, regionId }: SyncFilter, { spec }: Pick<SyncTaskView, 'spec'>, byId: ReadonlyMap<string, InstanceView>): boolean {
  const source = byId.get(spec.sourceId)?.instance;
  const standby = byId.get(spec.standbyId)?.instance;
  const texts = [source, standby].flatMap((instance) => (instance === undefined ? [] : searchTexts(instance)));
  return isFoundBy(words, [spec.name, ...texts]) && (regionId === null || standby?.regionId === regionId);
}

/** By state; a link that stands needs its user as well where its standby is not well. `standby` undefined: it is not known. Pure. */
export function isInState(state: SyncFilter['state'], sync: Pick<SyncTaskView, 'state'>, standby: InstanceView | undefined, clock: StandingClock): boolean {
  if (state === 'unseen') return isSyncUnseen(sync, standby, clock);
  if (state === 'active') return activeStates.includes(sync.state);
  if (state === 'all' || attentionStates.includes(sync.state)) return true;
  const tone = sync.state === 'replicating' && standby?.lag != null ? linkStandingOf(standby, standby.lag, clock).tone : 'good';
  return tone === 'bad' || tone === 'warn';
}
