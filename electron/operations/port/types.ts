import type { FleetRegistration, FleetServers } from '../../fleet/types';
import type { AuditLog } from '../../storage/types';
import type { PortPlan, PortRequest } from '../../../shared/domain/operations/port/plan';

export interface PortDeps {
  readonly fleet: FleetServers & Pick<FleetRegistration, 'updateInstance'>;
  readonly audit: AuditLog;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** The ports of a server. */
export interface PortService {
  /** What listens where and why, and what a change comes to. Changes nothing. Throws `operation-locked`, `role-unknown`. */
  plan(request: PortRequest, signal?: AbortSignal): Promise<PortPlan>;
  /** Starts the task. Throws as `PlanDrafts.take`, `lock-held`, `has-task`. */
  execute(planId: string, phrase: string): Promise<{ readonly taskId: string }>;
}
