import * as v from 'valibot';
import type {
  AccountComparison, AccountDetail, AccountList, AccountOutcome, AccountPlan, CarryPlan, TableAccessList,
} from '../domain/operations/accounts/change';
import type { CharsetOverview, CharsetPlan } from '../domain/operations/charset/plan';
import type { PortPlan } from '../domain/operations/port/plan';
import type { GtidPlan } from '../domain/operations/gtid-change';
import type { Drift } from '../domain/operations/parameters/drift';
import type { ParameterEntry, ParameterReport } from '../domain/operations/parameters/history';
import type { ParameterList } from '../domain/operations/parameters/parameter';
import type { OptionFile } from '../domain/operations/parameters/option-file';
import type { ParameterPlan } from '../domain/operations/parameters/plan';
import type { Frozen, PendingPage, ReadOnlyView, RunPlan } from '../domain/operations/read-only/read-only';
import type { RestartOutlook } from '../domain/operations/read-only/restart';
import type { TransferPlan, TransferRecord, TransferUndo } from '../domain/operations/transfer/transfer';
import type { ParameterTemplate } from '../domain/operations/parameters/template';
import type { BesidePlan } from '../domain/operations/rollback/beside-plan';
import type { SwapPlan, TableComparison } from '../domain/operations/rollback/compare';
import type { RollbackRecord } from '../domain/operations/rollback/record';
import type { LoggedTransaction, RollbackWindow, TransactionPage } from '../domain/operations/rollback/transaction';
import type { UndoPlan } from '../domain/operations/rollback/undo-plan';
import type { StatementPlan } from '../domain/operations/sql/explain';
import type { Favourite, KeptTabs, SqlMemory } from '../domain/operations/sql/kept';
import type { SchemaNames } from '../domain/operations/sql/names';
import type { ImportPlan } from '../domain/operations/import/plan';
import type { RowsInspection } from '../domain/operations/import/rows/form';
import type { RowsPlan } from '../domain/operations/import/rows/plan';
import type { ExportedRows, SeenRows, ShownValue, SqlPlan, SqlReport } from '../domain/operations/sql/run';
import type { RunProgress } from '../domain/operations/sql/session';
import type { Operation, Permission } from '../domain/fleet/policy';
import type { SyncTaskView } from '../domain/sync/sync';
import type { TaskView } from '../domain/tasks/task';
import * as imported from './import-inputs';
import * as input from './inputs';
import * as sql from './sql-inputs';
import { command, query } from './method';

/** The methods of the operations of an instance. */
export const operationMethods = {
  /** What turning GTIDs on for the topology of an instance would do, server by server, or why it cannot be done. Changes nothing. */
  'gtid.plan': query<GtidPlan>()(input.gtidRequest),
  /** The phrase is the name of the topology's source. */
  'gtid.execute': command<{ taskId: string }>('changes')(v.strictObject({ planId: input.id, phrase: input.phrase })),

  /** The accounts of a server are read on every role, and changed where the policy allows it. */
  'accounts.list': query<AccountList>()(v.strictObject({ instanceId: input.id })),
  'accounts.show': query<AccountDetail>()(input.oneAccount),
  'accounts.who': query<TableAccessList>()(input.oneTable),
  'accounts.compare': query<AccountComparison>()(v.strictObject({ leftId: input.id, rightId: input.id })),
  /** Statements that make accounts elsewhere, without their passwords; none named: all. */
  'accounts.export': query<string>()(input.someAccounts),
  'accounts.plan': query<AccountPlan>()(input.accountRequest),
  /** What would make accounts of one server on another, or make them the same there. Changes nothing; refused where the policy locks it. */
  'accounts.planCarry': query<CarryPlan>()(input.carryRequest),
  'accounts.carry': command<AccountOutcome>('destroys')(v.strictObject({ planId: input.id })),
  /** The phrase is the account's name where it is dropped, and empty elsewhere. */
  'accounts.execute': command<AccountOutcome>('destroys')(input.accountOrder),

  /** Defaults, and what texts are kept in; read on any role. */
  'charset.overview': query<CharsetOverview>()(v.strictObject({ instanceId: input.id })),
  /** Reads definitions and rows for what stands against a change. Changes nothing; refused where the policy locks the operation. */
  'charset.plan': query<CharsetPlan>()(input.charsetRequest),
  /** The phrase is the instance's name where tables are converted, and empty elsewhere. */
  'charset.execute': command<{ taskId: string }>('changes')(v.strictObject({ planId: input.id, phrase: input.phrase })),

  /** What a server listens on and why, and what a change comes to; the ports of now where none is given. Changes nothing. */
  'port.plan': query<PortPlan>()(input.portRequest),
  /** The phrase is the instance's name. */
  'port.execute': command<{ taskId: string }>('changes')(v.strictObject({ planId: input.id, phrase: input.phrase })),

  'operations.list': query<readonly { operation: Operation; permission: Permission; built: boolean; primaryId: string | null }[]>()(
    v.strictObject({ instanceId: input.id }),
  ),
  /** Runs an operation; refused here on every role but those the policy allows, whatever the window shows. */
  'operations.run': command<void>('changes')(v.strictObject({ instanceId: input.id, operation: input.operation, input: input.operationInput })),

  /** Which instances a transfer of these would move, as they are known now. Changes nothing. */
  'transfer.plan': query<TransferPlan>()(input.transferOrder),
  /** Moves them, and what follows them; refused for whatever the policy locks. */
  'transfer.execute': command<TransferRecord>()(input.transferOrder),
  /** Newest first. */
  'transfer.history': query<readonly TransferRecord[]>()(input.nothing),
  /** Takes one back, as far as nobody has moved the instances on. */
  'transfer.undo': command<TransferUndo>()(input.byId),

  /** Adds a read-only instance in the primary's own region, as a sync task that starts. */
  'readOnly.add': command<SyncTaskView>('changes')(input.readOnlyOrder),
  'readOnly.list': query<readonly ReadOnlyView[]>()(v.strictObject({ instanceId: input.id })),
  /** The user's own word on its share of the reads, and the lag that is marked. */
  'readOnly.note': command<ReadOnlyView>()(input.readOnlyNote),
  /** Stops its applier at once. */
  'readOnly.freeze': command<Frozen>('changes')(v.strictObject({ instanceId: input.id })),
  'readOnly.stop': command<RestartOutlook>('changes')(v.strictObject({ instanceId: input.id })),
  'readOnly.start': command<void>('changes')(v.strictObject({ instanceId: input.id })),
  'readOnly.setDelay': command<RestartOutlook | null>('changes')(v.strictObject({ instanceId: input.id, seconds: input.delaySeconds })),
  /** What its primary committed and it has not applied. Changes nothing. */
  'readOnly.pending': query<PendingPage>()(input.pendingOrder),
  /** Where a run would end, from the log. Changes nothing. */
  'readOnly.planRun': query<RunPlan>()(v.strictObject({ instanceId: input.id, target: input.runTarget })),
  /** Runs it on to there; `last`: what was shown as the last one that it applies. */
  'readOnly.run': command<TaskView>('changes')(v.strictObject({ instanceId: input.id, target: input.runTarget, last: v.nullable(input.gtid) })),
  /** Brings a table back to the primary, in another database. */
  'readOnly.fishOut': command<TaskView>('changes')(input.fishOrder),

  /** Every variable of a server, as it is now; read on any role. */
  'parameters.list': query<ParameterList>()(v.strictObject({ instanceId: input.id })),
  /** How many open sessions have another value than the server has now. */
  'parameters.oldSessions': query<readonly { readonly name: string; readonly count: number }[]>()(input.variableNames),
  /** What changes come to as one set, or why they cannot be made. Changes nothing; refused where the policy locks the operation. */
  'parameters.plan': query<ParameterPlan>()(input.parameterChanges),
  /** What taking an entry of the history back comes to. */
  'parameters.planUndo': query<ParameterPlan>()(v.strictObject({ entryId: input.id })),
  /** Carries a plan out, or takes all of it back; what the server refused is in the report. */
  'parameters.execute': command<ParameterReport>('changes')(v.strictObject({ planId: input.id, acceptWarnings: v.boolean() })),
  /** Newest first. */
  'parameters.history': query<readonly ParameterEntry[]>()(v.strictObject({ instanceId: input.id })),
  /** Servers compared with the first of them, variable by variable. */
  'parameters.drift': query<Drift>()(input.parameterDrift),
  'parameters.templates': query<readonly ParameterTemplate[]>()(input.nothing),
  /** Takes the place of one of that name. */
  'parameters.saveTemplate': command<ParameterTemplate>()(input.parameterTemplate),
  /** Saves what somebody set on a server. */
  'parameters.saveTemplateOf': command<ParameterTemplate>()(v.strictObject({ name: input.name, instanceId: input.id })),
  'parameters.removeTemplate': command<void>()(input.byId),
  /** Its settings as lines of an option file. */
  'parameters.exportTemplate': query<string>()(input.byId),
  /** What an option file gives the server. */
  'parameters.readFile': query<OptionFile>()(input.optionFileText),

  /** What the binary log of a server holds, and its backups; read on any role. */
  'rollback.window': query<RollbackWindow>()(v.strictObject({ instanceId: input.id })),
  /** The latest transactions that a filter lets through. */
  'rollback.transactions': query<TransactionPage>()(input.loggedTransactions),
  /** The transaction that a moment means. */
  'rollback.transactionAt': query<LoggedTransaction | null>()(input.loggedMoment),
  /** What taking transactions back comes to, row by row, or why they cannot be. Changes nothing; refused where the policy locks the operation. */
  'rollback.planUndo': query<UndoPlan>()(input.undoneTransactions),
  /** What tables beside the originals come to, as they were just before a transaction, or why they cannot be made. Changes nothing. */
  'rollback.planBeside': query<BesidePlan>()(input.besideOrder),
  /** A table of a rollback held against its copy, row by row; read on any role. */
  'rollback.compare': query<TableComparison>()(input.comparedTable),
  /** What making rows of a table what they are in its copy comes to. Changes nothing; refused where the policy locks the operation. */
  'rollback.planCopyBack': query<UndoPlan>()(input.copyBackOrder),
  /** What it takes for tables and their copies to change names, or why they may not; null: all of a rollback. Changes nothing. */
  'rollback.planSwap': query<SwapPlan>()(input.swapOrder),
  /** Begins the task that carries a plan out. The phrase is the name of the instance. */
  'rollback.execute': command<TaskView>('destroys')(input.rollbackOrder),
  /** Every rollback, newest first; of one instance, or of all. */
  'rollback.records': query<readonly RollbackRecord[]>()(v.strictObject({ instanceId: v.nullable(input.id) })),
  /** The names that a statement may hold, to complete what is typed: databases, and tables with their columns of one of them. Read on any role. */
  'sql.names': query<SchemaNames>()(sql.names),
  /** What ran on an instance from this workstation, newest first, and the texts that were given a name. */
  'sql.memory': query<SqlMemory>()(v.strictObject({ instanceId: input.id })),
  /** `ids` null: all that ran; what has a name stays. */
  'sql.forget': command<void>()(sql.forgotten),
  /** Keeps a text under a name, in place of the one that has it. What may be a secret is left out. */
  'sql.keepFavourite': command<Favourite>()(sql.favourite),
  'sql.forgetFavourite': command<void>()(v.strictObject({ instanceId: input.id, id: input.id })),
  /** The texts of an instance's SQL page, as they were kept. */
  'sql.tabs': query<KeptTabs>()(v.strictObject({ instanceId: input.id })),
  /** Keeps them. The ids of those that may hold a secret, which is left out of what is kept. */
  'sql.keepTabs': command<readonly string[]>()(sql.tabs),
  /**
   * Whether statements that are run by hand only read on an instance, whatever else is asked for. The phrase is the instance's name where they may
   * write again, and empty where they may not any more.
   */
  'sql.mark': command<void>()(sql.mark),
  /** What a text of SQL comes to on an instance: its statements, what each may do, rows that would be touched. Runs nothing of it. */
  'sql.plan': query<SqlPlan>()(sql.request),
  /** What the server means to do for one statement. `analyze` runs it, and is refused for anything but a reading. */
  'sql.explain': query<StatementPlan>()(sql.explained),
  /** Runs the statements of a plan; what the server refused is in the report. The phrase is the instance's name where one of them is dangerous. */
  'sql.execute': command<SqlReport>('destroys')(v.strictObject({ planId: input.id, phrase: input.phrase })),
  /** How far the run of a plan is: its results so far, but for what is known of them, and how its session stands. null: it is not under way. */
  'sql.progress': query<RunProgress | null>()(sql.progress),
  /** Some rows of a result that is kept in a file; of long values the beginning. */
  'sql.rows': query<SeenRows>()(sql.seen),
  /** One value of it, as far as it is shown. */
  'sql.value': query<ShownValue>()(sql.cell),
  /** Cells of it as text; null: more than the clipboard takes. */
  'sql.copied': query<string | null>()(sql.copiedCells),
  /** Asks where to, and writes all of its rows; while they still come, until the last of them. null: the user cancelled. */
  'sql.export': command<ExportedRows | null>()(sql.exported),
  /** How many rows an export has written; null: it is not under way. */
  'sql.exported': query<number | null>()(v.strictObject({ exportId: input.id })),
  /** Asks where to, and writes one value as its bytes are. null: the user cancelled. */
  'sql.saveValue': command<{ path: string; bytes: number } | null>()(sql.savedValue),
  /** Lets the rows of results go; null: all that there are, of runs that are under way when their rows have come. */
  'sql.release': command<void>()(sql.released),

  /** What a file on this workstation comes to on an instance: all of it is read. Changes nothing; refused where the policy locks the operation. */
  'import.plan': query<ImportPlan>()(imported.statements),
  /** What the beginning of a file of rows (CSV, TSV) shows: its form, its first rows, and into which columns of a table they would go. */
  'import.inspect': query<RowsInspection>()(imported.look),
  /** What the rows of a file come to in a table: all of it is read. Changes nothing; refused where the policy locks the operation. */
  'import.planRows': query<RowsPlan>()(imported.rows),
  /** Begins the task of either plan. The phrase is the instance's name where what is there may be lost, and empty elsewhere. */
  'import.execute': command<{ taskId: string }>('destroys')(v.strictObject({ planId: input.id, phrase: input.phrase })),
} as const;
