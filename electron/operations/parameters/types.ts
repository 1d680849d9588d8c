import type { ParameterChange } from '../../../shared/domain/operations/parameters/change';
import type { Drift } from '../../../shared/domain/operations/parameters/drift';
import type { ParameterEntry, ParameterReport } from '../../../shared/domain/operations/parameters/history';
import type { FileOption, OptionFile } from '../../../shared/domain/operations/parameters/option-file';
import type { ParameterList } from '../../../shared/domain/operations/parameters/parameter';
import type { ParameterPlan } from '../../../shared/domain/operations/parameters/plan';
import type { ParameterTemplate } from '../../../shared/domain/operations/parameters/template';

/** The parameters of servers: read on any, changed where the policy allows it. */
export interface ParametersService {
  list(instanceId: string, signal?: AbortSignal): Promise<ParameterList>;
  /** How many open sessions keep another value than the server has now, by variable. */
  oldSessions(instanceId: string, names: readonly string[], signal?: AbortSignal): Promise<readonly { readonly name: string; readonly count: number }[]>;
  /** What the changes come to as one set. Changes nothing. Throws `operation-locked`, `role-unknown`. */
  plan(instanceId: string, changes: readonly ParameterChange[], signal?: AbortSignal): Promise<ParameterPlan>;
  /** What taking an entry of the history back comes to. */
  planUndo(entryId: string, signal?: AbortSignal): Promise<ParameterPlan>;
  /**
   * Carries a plan out, or all of it is taken back. Throws as `PlanDrafts.take`; `warnings-not-accepted`; `lock-held`; `operation-locked`.
   * What failed at the server is in the report.
   */
  execute(planId: string, acceptWarnings: boolean): Promise<ParameterReport>;
  /** Newest first. */
  history(instanceId: string): readonly ParameterEntry[];
  /** Compares servers with the first of them. */
  drift(instanceIds: readonly string[], signal?: AbortSignal): Promise<Drift>;
  templates(): readonly ParameterTemplate[];
  /** Replaces one of that name. */
  saveTemplate(name: string, settings: readonly FileOption[], from: string): Promise<ParameterTemplate>;
  /** Saves what was changed on a server. */
  saveTemplateOf(name: string, instanceId: string): Promise<ParameterTemplate>;
  removeTemplate(id: string): Promise<void>;
  /** Settings as lines of an option file, section [mysqld]. */
  exportTemplate(id: string): string;
  /** What an option file gives the server. */
  readFile(text: string): OptionFile;
}
