import { createPromotion, type PromotionDeps } from './promotion/service';
import type { PromotionService } from './promotion/types';
import type { Sync } from './sync/types';

/** What a promotion is put together from. */
interface PromotionParts extends Omit<PromotionDeps, 'onPromoted' | 'onRepointed' | 'scopeOf'> {
  readonly sync: Sync;
}

/** The promotion service over the sync tasks, whose links it cuts, turns round and points elsewhere. */
export function createPromotionService({ sync, ...parts }: PromotionParts): PromotionService {
  const { fleet } = parts;
  return createPromotion({
    ...parts,
    scopeOf: (standbyId) => sync.scopeOf(standbyId),
    onRepointed: (replicaId, newSourceId) => sync.afterPromotion.repointed(replicaId, newSourceId),
    async onPromoted({ newPrimaryId, oldPrimaryId, oldFollows }) {
      sync.afterPromotion.markSuperseded(newPrimaryId);
      if (!oldFollows || oldPrimaryId === null) return;
      await sync.afterPromotion.adoptReversedLink(oldPrimaryId, newPrimaryId);
      // What was last seen of both is evidence in the next promotion: it must not be from before this one.
      await Promise.allSettled([fleet.refresh(newPrimaryId), fleet.refresh(oldPrimaryId)]);
    },
  });
}
