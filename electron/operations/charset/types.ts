import type { CharsetOverview, CharsetPlan, CharsetRequest } from '../../../shared/domain/operations/charset/plan';

/** The character sets of a server, its databases and its tables. */
export interface CharsetService {
  /** What is set, and what the texts are kept in. Read on any role. */
  overview(instanceId: string, signal?: AbortSignal): Promise<CharsetOverview>;
  /**
   * What a change comes to and what stands against it, rows included: every table in it is read. Changes nothing.
   * Throws `operation-locked`, `role-unknown`, `invalid-input`.
   */
  plan(request: CharsetRequest, signal?: AbortSignal): Promise<CharsetPlan>;
  /** Starts the task. Throws as `PlanDrafts.take`, `lock-held`, `has-task`. */
  execute(planId: string, phrase: string): Promise<{ readonly taskId: string }>;
}
