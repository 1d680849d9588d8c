import type { SchemaNames } from '../../../shared/domain/operations/sql/names';
import type { SqlPlan, SqlReport, SqlRequest } from '../../../shared/domain/operations/sql/run';

/** Runs statements of the user's on an instance, where the policy allows it. */
export interface SqlService {
  /** What can be named on an instance, in a database of it too. Changes nothing, and is there on any role. */
  names(instanceId: string, database: string | null, signal?: AbortSignal): Promise<SchemaNames>;
  /**
   * What a text comes to: its statements, what each may do, and the rows that the dangerous ones would touch. Runs nothing of it. Throws `operation-locked`,
   * `role-unknown`, `invalid-input`.
   */
  plan(request: SqlRequest, signal?: AbortSignal): Promise<SqlPlan>;
  /**
   * Runs the statements of a plan one after the other in one session. What fails at the server is in the report; `signal` ends the statement that runs by
   * KILL QUERY, and the run. Throws as `PlanDrafts.take`.
   */
  execute(planId: string, phrase: string, signal?: AbortSignal): Promise<SqlReport>;
}
