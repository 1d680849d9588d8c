import { createFailback } from './promotion/failback/service';
import type { FailbackDeps, FailbackService } from './promotion/failback/types';
import type { PromotionService } from './promotion/types';
import type { Sync } from './sync/types';
import type { VerificationService } from './verification/types';

/** The parts that the way home is put together from. */
interface FailbackParts extends Omit<FailbackDeps, 'links' | 'planSwitchover'> {
  readonly sync: Sync;
  readonly promotion: PromotionService;
  readonly verification: VerificationService;
}

/** The failback service over the sync tasks, which own every link, and the promotion that switches back. */
export function createFailbackService({ sync, promotion, verification, ...parts }: FailbackParts): FailbackService {
  const { afterPromotion } = sync;
  return createFailback({
    ...parts,
    links: {
      scopeBefore: (sourceId, standbyId) => afterPromotion.scopeBefore(sourceId, standbyId),
      propose: (sourceId, standbyId, scope) => sync.propose(sourceId, standbyId, scope),
      seed: async ({ phrase, ...order }) => {
        const left = sync.forStandby(order.standbyId);
        // A seed that was refused or taken back leaves its task: that one is started again, the way that is chosen now.
        if (left !== null && left.spec.sourceId === order.sourceId && left.can.edit && left.can.start) {
          const { sourceId: _source, standbyId: _standby, ...before } = left.spec;
          await sync.edit(left.id, { ...before, scope: order.scope, seed: order.seed, acceptWarnings: true, eraseTarget: true }, phrase);
          return sync.start(left.id);
        }
        const name = afterPromotion.freeName(order.sourceId, order.standbyId);
        return sync.create({ ...order, name, acceptWarnings: true, eraseTarget: true }, true, phrase);
      },
      linkOf: (standbyId) => sync.forStandby(standbyId),
      verify: (syncId, first) => sync.skips.verify(syncId, first),
      proof: (sourceId, standbyId) => (sync.forStandby(standbyId)?.needsVerification == null ? verification.proof(sourceId, standbyId) : null),
      adopt: (standbyId, sourceId) => afterPromotion.adoptReversedLink(standbyId, sourceId),
      supersede: (standbyId) => afterPromotion.markSuperseded(standbyId),
    },
    planSwitchover: (request) => promotion.plan(request),
  });
}
