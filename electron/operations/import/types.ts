import type { RowsInspection } from '../../../shared/domain/operations/import/rows/form';
import type { RowsInspectionRequest, RowsPlan, RowsRequest } from '../../../shared/domain/operations/import/rows/plan';
import type { ImportPlan, ImportRequest } from '../../../shared/domain/operations/import/plan';

/** Files of statements, and of rows, brought into a server. */
export interface ImportService {
  /**
   * What a file comes to on an instance, all of it read: what is sent, left out and refused, what is lost. Changes nothing. Throws `operation-locked`,
   * `role-unknown`, `import-file`.
   */
  plan(request: ImportRequest, signal?: AbortSignal): Promise<ImportPlan>;
  /** What the beginning of a file of rows shows, and where its columns would go. Changes nothing. Throws as `plan`. */
  inspect(request: RowsInspectionRequest, signal?: AbortSignal): Promise<RowsInspection>;
  /** What the rows of a file come to in a table, all of it read. Changes nothing. Throws as `plan`. */
  planRows(request: RowsRequest, signal?: AbortSignal): Promise<RowsPlan>;
  /** Starts the task of a plan of either. Throws as `PlanDrafts.take`, `lock-held`, `has-task`. */
  execute(planId: string, phrase: string): Promise<{ readonly taskId: string }>;
}
