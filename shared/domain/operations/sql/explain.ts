import { atLeast, type ServerVersion } from '../../fleet/version';
import type { PlanNode } from '../../slow/plan';
import type { ResultSet } from './run';

/** How a plan is told: version 1 and 2 of FORMAT=JSON, TREE, TREE with what was measured (which runs the statement), and the table of old. */
export const explainForms = ['json', 'json2', 'tree', 'analyze', 'classic'] as const;
export type ExplainForm = (typeof explainForms)[number];

export interface ExplainOrder {
  readonly instanceId: string;
  readonly text: string;
  /** Default database; null: none. */
  readonly database: string | null;
  readonly form: ExplainForm;
  /** Time limit, seconds. */
  readonly seconds: number;
}

/** What a server means to do for a statement, or did. */
export interface StatementPlan {
  readonly form: ExplainForm;
  /** null: it is told as rows, or in a form that is not understood. */
  readonly plan: PlanNode | null;
  /** As the server told it. */
  readonly text: string;
  readonly rows: ResultSet | null;
  /**
   * Why there is none. `several`: one statement at a time; `other`: it is neither a reading nor a change of rows whose whole reach is known;
   * `not-read`: what does more than read is not run to be measured; `version`: the server is too old for the form.
   */
  readonly without: 'several' | 'other' | 'not-read' | 'version' | null;
}

const since: Readonly<Record<ExplainForm, readonly [number, number, number]>> = {
  classic: [5, 5, 0], json: [5, 7, 0], tree: [8, 0, 16], analyze: [8, 0, 18], json2: [8, 3, 0],
};

/** The forms that a server has; null: it is not known which it is. Before 5.7 the table alone: its FORMAT=JSON runs what stands in FROM. */
export function formsOf(version: ServerVersion | null): readonly ExplainForm[] {
  return version === null ? explainForms : explainForms.filter((form) => atLeast(version, ...since[form]));
}
