import type { ImportPlan, ImportRequest } from '../../../shared/domain/operations/import/plan';

/** Files of statements brought into a server. */
export interface ImportService {
  /**
   * What a file comes to on an instance, all of it read: what is sent, left out and refused, what is lost. Changes nothing. Throws `operation-locked`,
   * `role-unknown`, `import-file`.
   */
  plan(request: ImportRequest, signal?: AbortSignal): Promise<ImportPlan>;
  /** Starts the task. Throws as `PlanDrafts.take`, `lock-held`, `has-task`. */
  execute(planId: string, phrase: string): Promise<{ readonly taskId: string }>;
}
