import type { CurePlan } from '../../shared/domain/promotion/cure-plan';
import type { PromotionKind, PromotionPlan, PromotionReport, PromotionRequest } from '../../shared/domain/promotion/promotion';
import type { Scope } from '../../shared/domain/scope/scope';
import type { FleetServers } from '../fleet/types';
import type { AuditLog } from '../storage/types';
import type { TaskEngine } from '../tasks/types';

/** Told when a standby has become the primary; sync tasks of the old link are superseded by it. */
interface Promoted {
  readonly newPrimaryId: string;
  readonly oldPrimaryId: string | null;
  readonly kind: PromotionKind;
  /** The old primary follows the new one. */
  readonly oldFollows: boolean;
}

/** What the promotion service is made from. */
export interface PromotionDeps {
  readonly dataFolder: string;
  readonly fleet: FleetServers;
  readonly tasks: TaskEngine;
  readonly audit: AuditLog;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly onPromoted: (promoted: Promoted) => void | Promise<void>;
  /** Told when another replica was pointed at the new primary: the sync task that owns its link goes on with that source. */
  readonly onRepointed: (replicaId: string, newSourceId: string) => void | Promise<void>;
  /** The scope of the sync task that owns the link to a standby; whole instance where there is none. */
  readonly scopeOf: (standbyId: string) => Scope;
  /** A failback is under way to this standby, and nothing proves that it holds what its source holds. */
  readonly isUnproven: (standbyId: string) => boolean;
}

/** One cure of those that a plan of a promotion offers. */
export interface CureRequest {
  /** The plan that offers it. */
  readonly planId: string;
  readonly cureId: string;
}

/** The two servers of an operation. */
export interface Pair {
  readonly standbyId: string;
  readonly standbyName: string;
  readonly sourceId: string;
  readonly sourceName: string;
}

/** Planned switchover, emergency promotion, fencing. */
export interface PromotionService {
  plan(request: PromotionRequest): Promise<PromotionPlan>;
  execute(planId: string, phrase: string): Promise<{ taskId: string }>;
  stopWaiting(taskId: string, phrase: string): Promise<void>;
  /** What takes away an obstacle that a plan names. Changes nothing. */
  planCure(request: CureRequest): Promise<CurePlan>;
  /** Takes it away. Done only where the server, read again, does not show it any more. */
  cure(planId: string, phrase: string): Promise<void>;
  acknowledge(reportId: string): Promise<void>;
  reports(): readonly PromotionReport[];
  /** Holds the reports against what the fleet knows of the old primaries now; a loss that has to be told anew is. */
  reviseReports(): void;
  reportForTask(taskId: string): PromotionReport | null;
  fence(instanceId: string, phrase: string): Promise<void>;
}
