import type { FailbackView, RejoinWay } from '../../../shared/domain/promotion/failback/failback';
import type { PromotionPlan, PromotionRequest } from '../../../shared/domain/promotion/promotion';
import type { Scope } from '../../../shared/domain/scope/scope';
import type { SeedProposal, SyncTaskView } from '../../../shared/domain/sync/sync';
import type { Proof } from '../../../shared/domain/verification/result';
import type { FleetServers } from '../../fleet/types';
import type { AuditLog } from '../../storage/types';
import type { TaskEngine } from '../../tasks/types';

/** What a failback needs of the links between servers. */
interface FailbackLinks {
  /** What the link carried that ran from the one to the other. */
  scopeBefore(sourceId: string, standbyId: string): Scope;
  propose(sourceId: string, standbyId: string, scope: Scope): Promise<SeedProposal>;
  /** Seeds the standby anew, which erases it, and starts its link. */
  seed(order: {
    readonly sourceId: string; readonly standbyId: string; readonly scope: Scope; readonly seed: 'copy' | 'clone'; readonly phrase: string;
  }): Promise<SyncTaskView>;
  /** The task that owns the link to a standby; null: none does. */
  linkOf(standbyId: string): SyncTaskView | null;
  /** `first`: what was written since this GTID set is compared before all else. */
  verify(syncId: string, first: string | null): Promise<SyncTaskView>;
  /** When the link was last proven to carry equal data, with nothing passed over since; null: not proven. */
  proof(sourceId: string, standbyId: string): Proof | null;
  /** A link that stands already gets a task that owns it. */
  adopt(standbyId: string, sourceId: string): Promise<void>;
  /** The link to a standby was taken off: its task never starts again. */
  supersede(standbyId: string): void;
}

export interface FailbackDeps {
  readonly dataFolder: string;
  readonly fleet: FleetServers;
  readonly tasks: TaskEngine;
  readonly audit: AuditLog;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly links: FailbackLinks;
  readonly planSwitchover: (request: PromotionRequest) => Promise<PromotionPlan>;
}

/** What a user may decide as a failback begins. */
export interface FailbackOrder {
  readonly oldId: string;
  /** The name of the old primary. */
  readonly phrase: string;
  /** null: the best there is. */
  readonly way: RejoinWay | null;
  readonly proofMinutes: number;
}

/** The way home after an emergency: stage by stage, each on the user's word, each from what the servers say. */
export interface FailbackService {
  /** Reads both servers and says where it stands; of one that has not begun, where it would begin. */
  show(oldId: string): Promise<FailbackView>;
  /** Begins it: the old primary is made safe first. Returns where it stands then. */
  start(order: FailbackOrder): Promise<FailbackView>;
  /** Gives up the transactions that only the old primary has, by the word that is bound to exactly these. */
  giveUp(oldId: string, word: string): Promise<FailbackView>;
  /** Chooses how the old primary rejoins, until it does. */
  choose(oldId: string, way: RejoinWay): Promise<FailbackView>;
  /** Does what comes next; `phrase`: the name of the old primary, where it is erased, what only it has is undone, or it is another server than before. */
  goOn(oldId: string, phrase: string | null): Promise<FailbackView>;
  /** The plan of the switch back, once both sides are proven equal, or on `<name> unproven`. It is executed as any switchover. */
  planSwitchBack(oldId: string, phrase: string | null, acceptPartial: boolean): Promise<PromotionPlan>;
  /** A failback is under way to this standby, and it is not proven to hold what its source holds. */
  isUnproven(standbyId: string): boolean;
  /** Ends it where it stands: what was done stays, and so does the fence. */
  cancel(oldId: string, phrase: string): Promise<FailbackView>;
}
