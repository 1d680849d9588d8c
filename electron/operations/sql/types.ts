import type { ExplainOrder, StatementPlan } from '../../../shared/domain/operations/sql/explain';
import type { Favourite, KeptTabs, SqlMemory, TabText } from '../../../shared/domain/operations/sql/kept';
import type { SchemaNames } from '../../../shared/domain/operations/sql/names';
import type { CellPlace, CopyOrder, ExportOrder, SeenOrder } from '../../../shared/domain/operations/sql/results';
import type { ExportedRows, SeenRows, ShownValue, SqlPlan, SqlReport, SqlRequest } from '../../../shared/domain/operations/sql/run';
import type { KnownProgress, RunProgress } from '../../../shared/domain/operations/sql/session';

/** Texts, favourites and what ran, of each instance, on this workstation. Every method throws `not-found` where the instance is not registered. */
export interface SqlKeeper {
  memory(instanceId: string): SqlMemory;
  /** `ids` null: all of them. Favourites stay. */
  forgetStatements(instanceId: string, ids: readonly string[] | null): void;
  /** Takes the place of the one of that name. Throws `invalid-input` where there are too many. */
  keepFavourite(instanceId: string, text: Pick<Favourite, 'name' | 'text' | 'database'>): Favourite;
  forgetFavourite(instanceId: string, id: string): void;
  tabs(instanceId: string): KeptTabs;
  /** Gives the ids of the texts that are kept without their literals, or some of them: there may be a secret among them. */
  keepTabs(instanceId: string, tabs: KeptTabs<TabText>): readonly string[];
}

/** Rows that runs left in files of this program. Each method but `exported` and `release` throws `result-gone` where they are not there (any more). */
export interface SqlResults {
  rows(order: SeenOrder): Promise<SeenRows>;
  value(place: CellPlace): Promise<ShownValue>;
  /** null: it is more than the clipboard takes. */
  copied(order: CopyOrder): Promise<string | null>;
  /** Writes all rows into a file; while they still come, until the last of them. See `exportRows` for what it throws. */
  export(order: ExportOrder, path: string, signal?: AbortSignal): Promise<ExportedRows>;
  /** How many rows an export has written; null: there is none under way of that id. */
  exported(exportId: string): number | null;
  /** Writes one value as its bytes are; how many they were. */
  saveValue(place: CellPlace, path: string, signal?: AbortSignal): Promise<number>;
  /** Lets results go that nobody looks at any more; null: all that there are, those whose rows still come at their end. */
  release(resultIds: readonly string[] | null): Promise<void>;
}

/** Runs statements of the user's on an instance, where the policy allows it. */
export interface SqlService extends SqlKeeper {
  readonly results: SqlResults;
  /**
   * Nothing is kept any more of an instance that was taken off the inventory on purpose. One that is missing from it for another reason, as its record could
   * not be read, may come back.
   */
  forgetInstance(instanceId: string): void;
  /** What can be named on an instance, in a database of it too. Changes nothing, and is there on any role. */
  names(instanceId: string, database: string | null, signal?: AbortSignal): Promise<SchemaNames>;
  /**
   * What a text comes to: its statements, what each may do, and the rows that the dangerous ones would touch. Runs nothing of it. Throws `operation-locked`,
   * `role-unknown`, `invalid-input`, `sql-left-out`.
   */
  plan(request: SqlRequest, signal?: AbortSignal): Promise<SqlPlan>;
  /**
   * What the server means to do for the one statement of a text, or did, where it is run to be measured: readings alone. Throws as `plan`, and what the server
   * refuses it with.
   */
  explain(order: ExplainOrder, signal?: AbortSignal): Promise<StatementPlan>;
  /**
   * Runs the statements of a plan one after the other in one session. What fails at the server is in the report; `signal` ends the statement that runs by
   * KILL QUERY, and the run. Throws as `PlanDrafts.take`.
   */
  execute(planId: string, phrase: string, signal?: AbortSignal): Promise<SqlReport>;
  /** How far the run of a plan is: its results so far, but for what is known of them, and how its session stands. null: it is not under way. */
  progress(planId: string, known?: KnownProgress): RunProgress | null;
  /** The program ends: the rows of all results go. */
  close(): Promise<void>;
}
