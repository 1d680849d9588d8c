import * as v from 'valibot';
import type { BackupDetail, BackupPlace, BackupView, RestorePlan } from '../domain/backup/backup';
import type { BackupPolicy } from '../domain/backup/policy';
import type { CheckReport, CheckResult, MissingObject } from '../domain/checks/check';
import type { AttentionOutcome, ConnectionTest, DatabaseObjects, FleetSnapshot, ImportResult, InstanceView } from '../domain/fleet/view';
import { attentionActs } from '../domain/fleet/attention';
import type { Project, Region } from '../domain/fleet/instance';
import type { Mark, MonitoringRange, MonitoringView } from '../domain/monitoring/monitoring';
import type { Threshold } from '../domain/monitoring/thresholds';
import { rejoinWays, type FailbackView } from '../domain/promotion/failback/failback';
import type { Dossier, DossierOutcome, EntryPage, StatementOfEntry } from '../domain/promotion/dossier/dossier';
import type { CurePlan } from '../domain/promotion/cure-plan';
import type { PromotionPlan, PromotionReport } from '../domain/promotion/promotion';
import type { AuditEntry, AuditProof, LabStatus, SecretStatus, Settings } from '../domain/settings';
import type { StoppedAt } from '../domain/scope/border';
import type { Protection } from '../domain/scope/protection';
import type { ScopeChangePlan } from '../domain/scope/change';
import type { CopiedObject, SeedProposal, SyncTaskView } from '../domain/sync/sync';
import type { Recoverable, TaskView } from '../domain/tasks/task';
import type { ScheduleView } from '../domain/schedules/schedule';
import type { SkipPlan, SkipResult } from '../domain/sync/skip';
import type { RepairPlan } from '../domain/verification/repair';
import type { Proof, VerificationResult, VerificationSummary } from '../domain/verification/result';
import type { Explained } from '../domain/slow/plan';
import type { SlowView } from '../domain/slow/report';
import type { SlowTrend } from '../domain/slow/trend';
import * as input from './inputs';
import { command, query } from './method';
import { settingsChange } from './setting-inputs';
import { operationMethods } from './operation-methods';

/** What the window is told of the program that it belongs to. */
export interface AppInfo {
  readonly version: string;
  readonly electron: string;
  readonly dataFolder: string;
  readonly systemLanguage: 'zh-CN' | 'en';
  readonly platform: string;
  /** Time zone of the workstation, IANA name. */
  readonly timeZone: string;
}

/**
 * The whole surface between the windows and the engine, in one table. A handler that is missing or too many does not
 * compile. `danger` says how a method is guarded: `none` changes nothing on a server, `changes` does, `destroys` needs
 * the typed word.
 */
export const methods = {
  'app.info': query<AppInfo>()(input.nothing),
  'app.copy': command<void>()(v.strictObject({ text: v.pipe(v.string(), v.maxLength(4_000_000)) })),
  /** Asks where to, and writes; null: the user cancelled. */
  'app.savePng': command<string | null>()(v.strictObject({
    suggestedName: v.pipe(v.string(), v.maxLength(200)), base64: v.pipe(v.string(), v.base64('base64'), v.maxLength(60_000_000)),
  })),
  'app.saveText': command<string | null>()(v.strictObject({
    suggestedName: v.pipe(v.string(), v.maxLength(200)), text: v.pipe(v.string(), v.maxLength(60_000_000)),
  })),
  /** Asks for a file, and reads it; null: the user cancelled. */
  'app.openText': command<{ path: string; text: string } | null>()(v.strictObject({
    extensions: v.pipe(v.array(v.pipe(v.string(), v.maxLength(16))), v.maxLength(16)),
  })),
  /** Asks for a file that is imported; null: the user cancelled. */
  'app.chooseFile': command<string | null>()(input.nothing),
  'app.chooseProgram': command<string | null>()(input.nothing),
  /** Asks for a folder; null: the user cancelled. */
  'app.chooseFolder': command<string | null>()(input.nothing),

  'settings.get': query<Settings>()(input.nothing),
  'settings.set': command<Settings>()(settingsChange),
  'secrets.status': query<SecretStatus>()(input.nothing),
  'secrets.unlock': command<SecretStatus>()(v.strictObject({ passphrase: input.password })),
  /** Puts a store that cannot be opened aside and begins an empty one; the file stays. */
  'secrets.startOver': command<SecretStatus>()(input.nothing),
  'secrets.choose': command<SecretStatus>()(v.strictObject({ tier: input.secretTier, passphrase: v.optional(input.password) })),

  'fleet.snapshot': query<FleetSnapshot>()(input.nothing),
  'fleet.refresh': query<InstanceView>()(input.byId),
  /** The instances that the window shows: where a whole fleet waits to be read, they are read first. */
  'fleet.show': command<void>()(v.strictObject({ ids: v.pipe(v.array(input.id), v.maxLength(200)) })),
  'fleet.objects': query<readonly DatabaseObjects[]>()(input.byId),
  'fleet.addRegion': command<Region>()(v.strictObject({ name: input.name })),
  'fleet.renameRegion': command<Region>()(v.strictObject({ id: input.id, name: input.name })),
  'fleet.removeRegion': command<void>()(input.byId),
  'fleet.addProject': command<Project>()(v.strictObject({ name: input.name })),
  'fleet.renameProject': command<Project>()(v.strictObject({ id: input.id, name: input.name })),
  'fleet.removeProject': command<void>()(input.byId),
  'fleet.testConnection': query<ConnectionTest>()(v.strictObject({
    form: input.instanceForm, password: v.optional(input.password), instanceId: v.optional(input.id),
  })),
  'fleet.addInstance': command<InstanceView>()(v.strictObject({ form: input.instanceForm, password: input.password })),
  'fleet.updateInstance': command<InstanceView>()(v.strictObject({ id: input.id, form: input.instanceForm, password: v.optional(input.password) })),
  'fleet.setPassword': command<void>()(v.strictObject({ id: input.id, password: input.password })),
  /** `dissolve`: forget its standbys' links too (they stay registered); without it an instance with standbys is refused. */
  'fleet.removeInstance': command<void>('destroys')(v.strictObject({ id: input.id, phrase: input.phrase, dissolve: v.boolean() })),
  /**
   * `problems`: as they were seen; others and worse ones are not acknowledged. `until`: milliseconds since the epoch; null: until it is taken back,
   * or over. Of all of these: an outcome for each instance, in their order.
   */
  'fleet.acknowledge': command<readonly AttentionOutcome[]>()(v.strictObject({
    instances: input.seenProblems, until: v.nullable(input.moment), note: input.wordNote,
  })),
  'fleet.silence': command<readonly AttentionOutcome[]>()(v.strictObject({ ids: input.instanceIds, until: input.moment, note: input.wordNote })),
  'fleet.pauseWatching': command<readonly AttentionOutcome[]>()(v.strictObject({
    ids: input.instanceIds, until: v.nullable(input.moment), note: input.wordNote,
  })),
  /** `problems`: by their keys, of those that were acknowledged; null: all. */
  'fleet.endAttention': command<readonly AttentionOutcome[]>()(v.strictObject({
    ids: input.instanceIds, act: v.picklist(attentionActs),
    problems: v.nullable(v.pipe(v.array(input.problem), v.minLength(1), v.maxLength(100), v.readonly())),
  })),
  'fleet.exportInventory': query<string>()(input.nothing),
  'fleet.importInventory': command<ImportResult>()(v.strictObject({ text: v.pipe(v.string(), v.maxLength(50_000_000)), dryRun: v.boolean() })),

  'sync.addStandby': command<InstanceView>()(v.strictObject({ sourceId: input.id, standbyId: input.id })),
  'sync.propose': query<SeedProposal>()(v.strictObject({ sourceId: input.id, standbyId: input.id, scope: input.scope })),
  'sync.check': query<CheckReport>()(input.checkRequest),
  'sync.checkOne': query<CheckResult>()(v.strictObject({ ...input.checkRequest.entries, checkId: input.checkId })),
  'sync.fix': command<CheckResult>('changes')(v.strictObject({ ...input.checkRequest.entries, checkId: input.checkId })),
  'sync.create': command<SyncTaskView>()(v.strictObject({ spec: input.syncSpec, start: v.boolean(), eraseConfirmation: v.nullable(input.phrase) })),
  /** Of a task whose link does not stand and which does not run. `eraseConfirmation` as for `sync.create`. */
  'sync.edit': command<SyncTaskView>('changes')(v.strictObject({ id: input.id, edit: input.syncEdit, eraseConfirmation: v.nullable(input.phrase) })),
  /** The speed limit of a first copy that is ahead, under way or paused; MB per second, null: none. */
  'sync.setCopyRate': command<SyncTaskView>('changes')(v.strictObject({ id: input.id, copyRateMb: v.nullable(input.copyRateMb) })),
  'sync.list': query<readonly SyncTaskView[]>()(input.nothing),
  'sync.get': query<SyncTaskView>()(input.byId),
  /** The tables of the copy of its last run and how far each is; empty where none was begun. */
  'sync.objects': query<readonly CopiedObject[]>()(input.byId),
  'sync.start': command<SyncTaskView>('changes')(input.byId),
  'sync.pause': command<SyncTaskView>('changes')(input.byId),
  'sync.resume': command<SyncTaskView>('changes')(input.byId),
  'sync.cancel': command<SyncTaskView>('changes')(input.byId),
  /** What a scope lacks to be whole, with what that needs in turn. */
  'sync.missing': query<readonly MissingObject[]>()(v.strictObject({ sourceId: input.id, standbyId: input.id, scope: input.scope })),
  /** What a change of a partial scope would do, with the checks it has to pass. */
  'sync.planScope': query<ScopeChangePlan>()(input.scopeChange),
  /** Changes the scope of a link that runs; `phrase`: the name of the task, where something on the standby is dropped. */
  'sync.changeScope': command<SyncTaskView>('destroys')(v.strictObject({
    ...input.scopeChange.entries, acceptWarnings: v.boolean(), phrase: v.nullable(input.phrase),
  })),
  /** Which databases and tables of the source its standby protects and which not, as both say now. */
  'sync.coverage': query<Protection>()(input.byId),
  /** What of the transaction at which the applier of its standby stopped reaches over the border of the scope, or was left out by its first copy. */
  'sync.border': query<StoppedAt | null>()(input.byId),
  /** Sets the filters of a partial task on its standby again, and starts replication. */
  'sync.reapplyFilters': command<SyncTaskView>('changes')(input.byId),
  /** Whether filters that a restart of the standby took away are set again by themselves. */
  'sync.setRestoresFilters': command<SyncTaskView>()(v.strictObject({ id: input.id, on: v.boolean() })),
  /** The transaction at which the applier of a standby stopped, readable, and what passing it over means. Changes nothing. */
  'sync.planSkip': query<SkipPlan>()(input.byId),
  /** Puts an empty transaction in its place; the phrase is the name of the standby. Refused where the applier is elsewhere by now. */
  'sync.skipTransaction': command<SkipResult>('destroys')(v.strictObject({ id: input.id, gtid: input.gtid, phrase: input.phrase })),
  /** Compares both sides of a link that runs, at one position, as a run of the sync task. */
  'sync.verify': command<SyncTaskView>('changes')(input.byId),
  /** Removes the task; with `stopReplication` the link is taken off the standby too. */
  'sync.remove': command<void>('destroys')(v.strictObject({ id: input.id, phrase: input.phrase, stopReplication: v.boolean() })),

  'slow.view': query<SlowView>()(input.slowOrder),
  'slow.trend': query<SlowTrend>()(input.trendOrder),
  'slow.explain': query<Explained>()(input.explainOrder),

  /** Compares two servers down to the row, at one position; `scope`: a part of what the link carries, null: all of it. */
  'verification.compare': command<TaskView>('changes')(v.strictObject({
    sourceId: input.id, standbyId: input.id, scope: v.nullable(input.scope), touchedSince: v.nullable(input.gtidSet),
    rowsPerSecond: input.rowsPerSecond,
  })),
  'verification.pause': command<TaskView>()(input.byId),
  'verification.resume': command<TaskView>('changes')(input.byId),
  /** What comparisons came to, newest last. */
  'verification.history': query<readonly VerificationSummary[]>()(input.nothing),
  /** What one found, as far as it is: each table, and the rows that differ. */
  'verification.result': query<VerificationResult>()(input.byId),
  /** The last proof that a standby holds what its source holds; null: there is none that still stands. */
  'verification.proof': query<Proof | null>()(v.strictObject({ sourceId: input.id, standbyId: input.id })),
  /** The statements that would make the rows that a comparison found right on the standby. Changes nothing. */
  'verification.planRepair': query<RepairPlan>()(input.byId),
  /** Runs them, and compares the tables again; the phrase is the name of the standby. */
  'verification.repair': command<{ taskId: string }>('destroys')(v.strictObject({ planId: input.id, phrase: input.phrase })),

  /** What is started at set times, and when next. */
  'schedules.list': query<readonly ScheduleView[]>()(input.nothing),
  /** Adds one, or changes the one with the id. */
  'schedules.save': command<ScheduleView>()(input.scheduleOrder),
  'schedules.remove': command<void>()(input.byId),

  'promotion.plan': query<PromotionPlan>()(input.promotionRequest),
  'promotion.execute': command<{ taskId: string }>('destroys')(v.strictObject({ planId: input.id, phrase: input.phrase })),
  /** Emergency: stop waiting for the drain and discard what is left, the count confirmed by the typed name. */
  'promotion.stopWaiting': command<void>('destroys')(v.strictObject({ taskId: input.id, phrase: input.phrase })),
  /** What takes away an obstacle that a plan names, as its server is now. Changes nothing. */
  'promotion.planCure': query<CurePlan>()(v.strictObject({ planId: input.id, cureId: input.cureId })),
  /** Takes it away; the phrase is the name of the server where somebody loses by it, else empty. */
  'promotion.cure': command<void>('destroys')(v.strictObject({ planId: input.id, phrase: input.phrase })),
  'promotion.acknowledge': command<void>()(input.byId),
  'promotion.reports': query<readonly PromotionReport[]>()(input.nothing),
  /** Fences an instance on the user's word (a returned old primary): super_read_only on, sessions closed. */
  'promotion.fence': command<void>('changes')(v.strictObject({ instanceId: input.id, phrase: input.phrase })),

  /** Reads both servers: where the way home stands, or would begin. */
  'failback.show': query<FailbackView>()(v.strictObject({ oldId: input.id })),
  'failback.start': command<FailbackView>('destroys')(input.failbackOrder),
  'failback.giveUp': command<FailbackView>('destroys')(v.strictObject({ oldId: input.id, word: input.phrase })),
  /** `phrase`: the name of the old primary, where it is to be erased. */
  'failback.choose': command<FailbackView>('changes')(v.strictObject({ oldId: input.id, way: v.picklist(rejoinWays) })),
  'failback.goOn': command<FailbackView>('destroys')(v.strictObject({ oldId: input.id, phrase: v.nullable(input.phrase) })),
  /** The switch back, executed as any other; `phrase`: the word that says what is not proven. */
  'failback.planSwitchBack': command<PromotionPlan>()(
    v.strictObject({ oldId: input.id, phrase: v.nullable(input.phrase), acceptPartial: v.boolean() }),
  ),
  'failback.cancel': command<FailbackView>('changes')(v.strictObject({ oldId: input.id, phrase: input.phrase })),
  /** Reads what an old primary holds and its successor lacks, out of its log, and judges it by the successor as it is now. Changes nothing. */
  'dossier.read': query<Dossier>()(v.strictObject({ oldId: input.id })),
  'dossier.rows': query<EntryPage>()(input.dossierPage),
  /** The statements that would apply rows; null: its class is none that is applied. */
  'dossier.statements': query<readonly StatementOfEntry[]>()(input.dossierStatements),
  /** Asks where to, and writes; null: the user cancelled. */
  'dossier.export': command<string | null>()(input.dossierExport),
  /** Applies rows to the new primary, whose name is the phrase, in one transaction a class. */
  'dossier.apply': command<DossierOutcome>('destroys')(input.dossierApply),

  ...operationMethods,

  'monitoring.view': query<MonitoringView>()(v.strictObject({ instanceId: input.id })),
  /** From what is kept, by the finest ring that reaches back to `from`; steps are joined where there are more than `maxPoints`. */
  'monitoring.range': query<MonitoringRange>()(input.monitoringRange),
  /** A sample each second for the next minute, and each as an event `live-point`; a page that stays open asks again before. */
  'monitoring.watch': command<MonitoringView>()(v.strictObject({ instanceId: input.id })),
  'monitoring.unwatch': command<void>()(v.strictObject({ instanceId: input.id })),
  /** Marked: a sample each second for good, whether or not a page is open. */
  'monitoring.setMarked': command<MonitoringView>()(v.strictObject({ instanceId: input.id, on: v.boolean() })),
  /** What happened in a range of time, oldest first: promotions, tasks, restarts, alerts. */
  'monitoring.marks': query<readonly Mark[]>()(input.marksRequest),
  /** Those that are in force, the defaults among them where nobody changed them. */
  'monitoring.thresholds': query<readonly Threshold[]>()(input.nothing),
  /** Takes the place of all that were; a default that is left out is switched off by an entry with `on: false`, else it is in force again. */
  'monitoring.setThresholds': command<readonly Threshold[]>()(v.strictObject({ thresholds: input.thresholds })),

  /** Every backup in the folders that are known, newest first. */
  'backup.list': query<readonly BackupView[]>()(input.nothing),
  'backup.show': query<BackupDetail>()(input.byBackup),
  'backup.places': query<readonly BackupPlace[]>()(input.nothing),
  /** Backups that are in a folder count from now on. A window names one that a dialog of this run returned. */
  'backup.addPlace': command<readonly BackupPlace[]>()(v.strictObject({ path: input.folder })),
  /** Forgets a folder; what is in it stays. */
  'backup.removePlace': command<readonly BackupPlace[]>()(v.strictObject({ path: input.folder })),
  'backup.create': command<TaskView>()(input.backupOrder),
  /** Reads all of it and holds it against its manifest. */
  'backup.verify': command<TaskView>()(input.openBackup),
  /** Restores it into a practice server of this machine, and compares the content. */
  'backup.prove': command<TaskView>()(input.openBackup),
  /** What a restore would do, read from both sides. Changes nothing. */
  'backup.planRestore': query<RestorePlan>()(v.strictObject({ order: input.restoreOrder, passphrase: v.nullable(input.password) })),
  /** Carries a plan out; the phrase is the name of the target. */
  'backup.restore': command<TaskView>('destroys')(v.strictObject({ planId: input.id, phrase: input.phrase })),
  /** Deletes it from the disk; the phrase is its id. */
  'backup.remove': command<void>('destroys')(v.strictObject({ ...input.byBackup.entries, phrase: input.phrase })),
  /** How a schedule backs the instance with this id up, and what it keeps. */
  'backup.policy': query<BackupPolicy>()(input.byId),
  /** What it does not keep is deleted after the next scheduled backup that ends well. */
  'backup.setPolicy': command<BackupPolicy>('changes')(input.backupPolicyOrder),

  'tasks.list': query<readonly TaskView[]>()(input.nothing),
  'tasks.get': query<TaskView>()(input.byId),
  'tasks.cancel': command<void>()(input.byId),
  'tasks.recoverable': query<readonly Recoverable[]>()(input.nothing),
  'tasks.resume': command<void>('changes')(input.byId),
  'tasks.undo': command<void>('changes')(input.byId),
  /** Ends one that was left half-way and was dealt with by hand; the phrase as its entry in `tasks.recoverable` says. */
  'tasks.endByHand': command<void>('destroys')(v.strictObject({ id: input.id, phrase: input.phrase })),

  'audit.list': query<readonly AuditEntry[]>()(v.strictObject({ limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_000)) })),
  /** Reads the whole log and says whether its lines hold together. */
  'audit.verify': query<AuditProof>()(input.nothing),
  'audit.export': query<string>()(v.strictObject({ format: v.picklist(['json', 'csv']) })),

  'lab.status': query<LabStatus>()(input.nothing),
  'lab.up': command<LabStatus>()(v.strictObject({
    servers: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(6)), runtimeId: v.nullable(v.pipe(v.string(), v.maxLength(64))), sample: v.boolean(),
  })),
  'lab.down': command<LabStatus>()(input.nothing),
  /** One practice server, by its name in the lab. */
  'lab.start': command<LabStatus>()(v.strictObject({ name: input.name })),
  'lab.stop': command<LabStatus>()(v.strictObject({ name: input.name })),
  /** Ends its process at once, as a host that dies, to practise on. */
  'lab.lose': command<LabStatus>()(v.strictObject({ name: input.name })),
  'lab.remove': command<LabStatus>('destroys')(input.nothing),
  'lab.useProgram': command<LabStatus>()(v.strictObject({ path: v.pipe(v.string(), v.maxLength(4096)) })),
} as const;

export type MethodName = keyof typeof methods;
export type InputOf<Name extends MethodName> = v.InferOutput<(typeof methods)[Name]['input']>;
export type OutputOf<Name extends MethodName> = Exclude<(typeof methods)[Name]['output'], undefined> extends infer Output
  ? ([Output] extends [never] ? void : Output)
  : never;
