import type { Server } from '../../replication/servers';
import type { StepContext } from '../../tasks/types';
import type { PromotionDeps } from '../types';

/** The other replicas of a promotion, and what is to become of each. */
export interface Settling {
  readonly newPrimaryId: string;
  readonly newPrimaryName: string;
  /** Servers that the new primary replaces: the old primary, and what stood between. */
  readonly replacedIds: readonly string[];
  /** Those of them that no replica may go back to: after an emergency, and where the old primary does not follow. */
  readonly untrustedIds: readonly string[];
  /** Replicas of the old primary, to be pointed at the new one. */
  readonly siblingIds: readonly string[];
  /** Replicas of the new primary: they go on following it. */
  readonly keptIds: readonly string[];
  /** Replicas of the old primary that are older than the new one. */
  readonly olderIds: readonly string[];
  /** Local replicas of the old primary that go on behind it, and so follow the new one through it. */
  readonly behind?: { readonly sourceId: string; readonly sourceName: string; readonly ids: readonly string[] };
}

/** What settling one replica stands on. */
export interface Ground {
  readonly deps: PromotionDeps;
  readonly context: StepContext;
  readonly primary: Server;
  readonly work: Settling;
}
