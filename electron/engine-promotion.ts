import { errorOf } from '../shared/errors/codes';
import { createPromotion, type PromotionDeps } from './promotion/service';
import type { PromotionService } from './promotion/types';
import type { StandingLinks } from './replication/standing';
import type { Sync } from './sync/types';

/** What a promotion is put together from. */
interface PromotionParts extends Omit<PromotionDeps, 'onPromoted' | 'onRepointed' | 'scopeOf'> {
  readonly sync: Sync;
  readonly standing: StandingLinks;
}

/** The promotion service over the sync tasks, whose links it cuts, turns round and points elsewhere. */
export function createPromotionService({ sync, standing, ...parts }: PromotionParts): PromotionService {
  const { fleet } = parts;
  /** A link that stood on the user's word is gone with a promotion: should the server follow again one day, a restart is to start it. */
  const letStart = async (id: string): Promise<void> => {
    if (!standing.isKept(id)) return;
    // The promotion is done whatever becomes of this: the mark stays then, and the next start of a link takes it back.
    await fleet.withSession(id, (session) => standing.release(session, id, (statement) => session.run(statement))).catch((thrown: unknown) => errorOf(thrown));
  };
  return createPromotion({
    ...parts,
    scopeOf: (standbyId) => sync.scopeOf(standbyId),
    onRepointed: (replicaId, newSourceId) => sync.afterPromotion.repointed(replicaId, newSourceId),
    async onPromoted({ newPrimaryId, oldPrimaryId, oldFollows }) {
      sync.afterPromotion.markSuperseded(newPrimaryId);
      await letStart(newPrimaryId);
      if (!oldFollows || oldPrimaryId === null) return;
      await sync.afterPromotion.adoptReversedLink(oldPrimaryId, newPrimaryId);
      // What was last seen of both is evidence in the next promotion: it must not be from before this one.
      await Promise.allSettled([fleet.refresh(newPrimaryId), fleet.refresh(oldPrimaryId)]);
    },
  });
}
