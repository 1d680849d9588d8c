import type { GtidPlan, GtidRequest } from '../../../shared/domain/operations/gtid-change';

/** The guided online change to GTID of a source and its replicas. */
export interface GtidService {
  plan(request: GtidRequest, signal?: AbortSignal): Promise<GtidPlan>;
  execute(planId: string, phrase: string): Promise<{ taskId: string }>;
}
