import type { LaterObstacle, LogGap } from '../domain/backup/moment';
import type { UndoObstacle } from '../domain/promotion/failback/undo';

/**
 * Every way a call can be refused or fail, with what its text needs. The union is closed: a new failure gets a code
 * here, and its text in both catalogues (`errors.<code>`), or it does not compile. Expected outcomes are values of this
 * type on the wire; inside the engine they travel as {@link Failure}.
 */
export interface ErrorParams {
  /** A fault of ours. The correlation id finds it in the log. */
  'internal': { detail: string };
  'cancelled': { what: string };
  'invalid-input': { field: string; reason: string };
  'unknown-method': { method: string };
  'untrusted-sender': { origin: string };
  'not-found': { kind: string; name: string };
  'name-taken': { kind: string; name: string };
  'not-empty': { kind: string; name: string; holds: string };
  'confirm-mismatch': { expected: string };
  'confirm-missing': { expected: string };
  // connecting
  'dns-failed': { host: string };
  'tcp-refused': { host: string; port: number };
  'tcp-timeout': { host: string; port: number; seconds: number };
  'host-unreachable': { host: string; port: number };
  'not-mysql': { host: string; port: number };
  'tls-unavailable': { host: string; port: number };
  'tls-untrusted': { host: string; port: number };
  'tls-name-mismatch': { host: string; port: number };
  'tls-expired': { host: string; port: number };
  'tls-failed': { host: string; port: number };
  'login-refused': { user: string; host: string; port: number };
  'host-not-allowed': { host: string; port: number };
  'host-blocked': { host: string; port: number };
  'auth-plugin-unsupported': { plugin: string; host: string; port: number };
  'password-expired': { user: string; host: string; port: number };
  'too-many-connections': { host: string; port: number };
  'connection-lost': { host: string; port: number };
  /** What a server sent is no MySQL protocol, or more of it than was asked for; the connection was dropped. */
  'protocol-broken': { host: string; port: number };
  'query-timeout': { seconds: number };
  /** A statement was given up, and the server could not be made to let go of it: neither done nor not done. */
  'may-take-hold': { server: string; connection: number };
  'query-failed': { errno: number; sqlState: string };
  'privilege-missing': { privilege: string };
  'read-only-server': { server: string };
  'lock-wait-timeout': { server: string };
  'disk-full': { server: string };
  // servers that cannot take part
  'product-unsupported': { product: string };
  'version-unsupported': { version: string; minimum: string };
  'gtid-off': { server: string; mode: string };
  'same-server': { name: string; uuid: string };
  'different-server': { name: string; expected: string; uuid: string };
  'source-is-target': { name: string };
  'target-is-source': { name: string; replicas: string };
  'target-is-replica': { name: string; source: string };
  'target-fenced': { name: string };
  // failback
  /** What was asked does not belong to where the failback stands; `stage`: a stage, `begun` or `not-begun`. */
  'failback-stage': { name: string; stage: string };
  'failback-not-secured': { name: string };
  /** Another server than the one that burnt, which others replicate from. */
  'failback-foreign': { name: string; count: number };
  'failback-diverged': { name: string; successor: string; count: number };
  'failback-log-gone': { name: string; successor: string };
  /** An old primary lacks transactions that it made itself: no link brings them back. */
  'failback-set-back': { name: string; successor: string; count: number };
  'failback-prepared-xa': { name: string; list: string };
  'failback-login-refused': { name: string; successor: string };
  'link-login-refused': { standby: string; source: string; accounts: string };
  'failback-no-way': { name: string; way: string };
  /** What only the old primary has cannot be undone there; `why`: an obstacle, `what`: the table or statement it is about. Nothing was undone. */
  'failback-undo-impossible': { name: string; why: UndoObstacle; what: string };
  'failback-unproven': { name: string; word: string };
  'target-has-data': { name: string; databases: string };
  'has-standbys': { name: string; standbys: string };
  /** Old primaries that it took the place of, fenced and not compared yet. */
  'has-fenced': { name: string; fenced: string };
  'has-task': { name: string; task: string };
  'read-only-partial': { name: string };
  'password-missing': { name: string };
  /** The one that is kept was given for another address, or for TLS settings that prove more of the server. */
  'password-elsewhere': { name: string };
  'password-not-remembered': { name: string };
  // operations and roles
  'operation-locked': { operation: string; name: string; primary: string };
  'operation-unavailable': { operation: string; name: string };
  'role-unknown': { name: string };
  /** Where the mark stands something was left out when the text was kept. */
  'sql-left-out': { mark: string };
  'result-gone': { row: number };
  'value-too-large': { row: number; column: string; bytes: number };
  /** Some statements of a change ran, and the next one was refused by the server. */
  'account-change-stopped': { account: string; done: number; total: number };
  /** A variable was refused by its server; those that were set along with it are as they were. */
  'parameters-not-set': { name: string; variable: string };
  /** It came back at another port than it was to. */
  'port-not-taken': { name: string; port: number };
  'port-replicas-left': { replicas: string; port: number };
  'not-a-standby': { name: string };
  /** No promotion made another server the primary in its place, as far as is known here. */
  'not-succeeded': { name: string };
  'standby-cannot-move': { name: string };
  'nothing-to-acknowledge': { name: string };
  /** They are others or worse ones by now than whoever wants to acknowledge them saw. */
  'problems-changed': { name: string; problems: string };
  /** A pause would take away what others' safety hangs on. */
  'watch-needed': { name: string; why: 'fenced' | 'filters' };
  /** It is not watched, on somebody's word: its role is not known now. */
  'watch-paused': { name: string; by: string };
  'nothing-to-undo': { names: string };
  'transfer-primary-changed': { how: 'other' | 'itself' | 'stays'; name: string; was: string; primary: string };
  'not-read-only-instance': { name: string };
  'read-only-elsewhere': { name: string; region: string };
  /** The applier of a read-only instance runs: what is taken from it would not stand still. */
  'read-only-runs': { name: string };
  /** What was received would be lost with the change. */
  'receiver-needed': { name: string };
  'delay-needs-log': { name: string; source: string; gtids: string };
  /** A run has ended, or is taken back, and the delay cannot be set again: `how` says why. Without a receiver there is no more to say. */
  'delay-not-back': { how: 'log' | 'receiver'; name: string; seconds: number; source: string; gtids: string };
  'already-applied': { gtid: string; name: string };
  'waiting-log-purged': { name: string; primary: string };
  'transaction-not-pending': { gtid: string; name: string };
  // checks, plans, tasks
  'checks-failed': { count: number; first: string };
  'warnings-not-accepted': { count: number; first: string };
  'precondition-failed': { count: number; first: string };
  'plan-expired': { seconds: number };
  'plan-outdated': { what: string };
  /** `kind` and `what`: what it is held for, see `purposeParams`. */
  'lock-held': { holder: string; since: string; kind: string; what: string };
  'task-state': { name: string; state: string; action: string };
  'past-no-return': { step: string };
  /** What a task was to do stands in its journal in no form that this version knows. */
  'task-unreadable': { task: string };
  /** Not a failure of its own: why a task has ended that was neither finished nor taken back. */
  'ended-by-hand': { task: string };
  /** `what`: the name of something that it kept. */
  'task-damaged': { task: string; what: string };
  'step-failed': { step: string; server: string };
  'step-timeout': { step: string; seconds: number };
  /** `name`: a standby whose applier was let go to the position of its source, in `seconds` each time, and was behind it again and again. */
  'position-not-reached': { name: string; seconds: number };
  /** `count`: rows of `table` (with its database) that hold a moment of an hour that the clocks of their server had twice, beside one of another offset. */
  'moments-of-two-offsets': { table: string; count: number };
  /** More changes of rows were chosen than one undo takes. */
  'rollback-too-many': { most: number };
  /** Changes of rows are few enough, and their values too long to be held. */
  'rollback-too-large': { megabytes: number };
  /** A row moved between the look and the statement; everything was rolled back. */
  'rollback-moved': { name: string; table: string };
  /** Rows of others refer to one that would go; everything was rolled back. */
  'rollback-children': { name: string; table: string };
  /** A table and its copy cannot be held against each other; `why`: `key`, `columns`. */
  'rollback-not-comparable': { table: string; copy: string; why: string };
  /** A COMMIT went unanswered, and the server did not say whether it holds. */
  'rollback-unclear': { name: string };
  /** Of a swap nobody knows whether it took hold. */
  'swap-unclear': { name: string; original: string; copy: string };
  'undo-failed': { step: string; server: string };
  /** The operation is done but for a link, which does not run. */
  'link-not-running': { source: string; standby: string };
  /** A standby that would not take writes once it is opened; nothing was done yet. */
  'opening-barred': { server: string; found: string };
  /** A cure was carried out, and what it is for was still there when the server was read again. */
  'cure-unproven': { server: string };
  /** One statement of a cure failed: those before it are done, and stay so. */
  'cure-unfinished': { server: string; done: string; left: string };
  'promotion-pending': { name: string };
  /** Prepared XA transactions on a fenced server: a fence does not stop their commit. */
  'xa-prepared': { server: string; count: number };
  /** The source is a partial standby itself, and receives less than what is asked of it. */
  'scope-beyond-source': { source: string; task: string; beyond: string };
  /** What a change of scope copies or drops outside of the binary log would not reach the replicas of the standby. */
  'scope-has-replicas': { name: string; replicas: string };
  /** Statements that GTID consistency would refuse were seen in the watch period. */
  'gtid-violations': { count: number; accounts: string };
  'seed-impossible': { seed: string; reason: string };
  /** The copy does not hold what the source held at the same position. */
  'purged-during-copy': { name: string; state: 'removed' | 'due'; hours: number };
  /** DDL on a table between the snapshot of a copy and its reading. */
  'backup-damaged': { name: string; detail: string };
  'backup-unwritable': { place: string };
  'backup-newer': { name: string };
  /** An earlier version wrote moments of these tables otherwise than they are read now. */
  'backup-old-moments': { name: string; tables: string };
  /** It is encrypted, and no passphrase or another one was given. */
  'backup-passphrase': { name: string };
  /** A login that does not see all that its backup is to hold; `grants`: what shows it the rest. */
  'backup-rights': { name: string; grants: string };
  /** A schedule is to encrypt, and nothing would keep its passphrase over a restart. */
  'passphrase-not-kept': Record<never, never>;
  /** A schedule encrypts, and its passphrase is not at hand. */
  'passphrase-missing': { name: string };
  /** It is no whole backup. */
  'backup-incomplete': { name: string };
  'backup-in-use': { name: string };
  'restore-in-the-way': { name: string; objects: string };
  /** Databases of the target that nobody may write to (READ ONLY = 1) are in what would be restored. */
  'restore-read-only': { name: string; databases: string };
  /** A restore that did not come to its end had dropped these, and nothing brings them back by itself. */
  'restore-dropped': { name: string; count: number; objects: string; more: number; backup: string };
  'restore-not-empty': { name: string };
  /**
   * The log does not lead from a backup to a moment: transactions between are `purged`, the backup holds some that the server has not (`foreign`), or
   * the moment is before the backup (`held`).
   */
  'restore-log-gap': { name: string; state: LogGap; gtids: string };
  /** Something between a backup and a moment cannot be made again from the log. */
  'restore-log-event': { name: string; why: LaterObstacle; what: string };
  'practice-unavailable': { series: string };
  'table-changed': { table: string; name: string };
  /** A change of scope that changes nothing, or from or to the whole instance. */
  'scope-unchanged': { name: string };
  'scope-not-partial': { name: string };
  /** Before 5.7.3 replication filters are options of the server's file. */
  'filters-at-start-only': { name: string; version: string };
  /** A row that no INSERT at the target can hold. */
  /** Of a file on this workstation; `reason`: unreadable, notafile, nodump, backup, changed, damaged. */
  'import-file': { path: string; reason: string };
  /** The server refused a statement of a file; what stands before it is committed, nothing of it is. */
  'import-statement': { file: string; line: number; at: number; statement: string; errno: number };
  /** All of a file was sent, and the server refused some of it. */
  'import-collected': { file: string; count: number; line: number; skipped: number };
  /** A session was lost, and nothing tells whether its last statement was applied. */
  'import-part': { file: string; line: number; at: number; end: number; statement: string; errno: number };
  'import-unclear': { file: string; line: number; at: number; end: number; statement: string };
  /** The journal knows of statements that are committed, and the server's own row of it is gone: nothing is sent. */
  'import-mark-missing': { file: string; line: number; statements: number };
  /** A row of a file that was refused where the import ends there; `at`: where it goes on once that is cured, `end`: behind the row. */
  'import-row': { file: string; record: number; line: number; at: number; end: number; column: string; has: 'yes' | 'no'; why: string; errno: number };
  /** Rows that were refused of an import that went on; `path`: where as many as `kept` of them are. */
  'import-rows-collected': { file: string; count: number; record: number; line: number; kept: number; changed: number; path: string };
  'import-row-unclear': { file: string; record: number; line: number; at: number; end: number; committed: number };
  'row-too-long': { table: string; name: string; megabytes: number; limit: number };
  'content-differs': { count: number; tables: string };
  /** Objects whose definitions are not the same on both sides, with the part that differs; the detail says how. */
  'definitions-differ': { count: number; objects: string };
  'accounts-differ': { count: number; accounts: string };
  /** An applier runs (errno 0), or stopped at what is cured in another way than by going past it. */
  'relay-log-needed': { name: string; source: string; gtids: string };
  'not-skippable': { name: string; errno: number };
  /** Several transactions wait, and the server keeps no record of which of them failed. */
  'stop-unclear': { name: string; count: number };
  /** The binary log of a server does not hold a transaction, or not any more. */
  'transaction-not-logged': { gtid: string; name: string };
  /** It holds it in a form that cannot be made readable here. */
  'transaction-unreadable': { gtid: string; name: string };
  /** A link that does not replicate now is not compared on a schedule: its sides differ by what has not arrived. */
  'link-idle': { name: string };
  /** A server that is to become a standby has transactions of its own, which would be lost. */
  'target-has-transactions': { name: string; count: number };
  // storage
  'inventory-newer': { version: number; known: number };
  'inventory-broken': { reason: string };
  'storage-broken': { file: string; kept: string };
  'storage-full': { file: string };
  /** A file that the user named cannot be written there; the detail says why. */
  'file-unwritable': { path: string };
  /** The audit log takes no line now. What would have been recorded was not done. */
  'audit-unwritable': { reason: 'full' | 'busy' | 'other' };
  'vault-locked': Record<never, never>;
  'vault-wrong-passphrase': Record<never, never>;
  'vault-broken': { file: string };
  'keyring-unavailable': Record<never, never>;
  'data-folder-busy': { holder: string };
  /** Another process serves the data folder without a window. */
  'already-served': { holder: string };
  'runtime-missing': { what: string };
  'lab-failed': { detail: string };
  /** A process in the background ended at once, and its log holds no error. */
  'background-ended': { file: string; code: number };
}

export type ErrorCode = keyof ErrorParams;

/** One failure: its code, what its text needs, the server's own text where there is one, and which server it was. */
export type AppError = {
  [Code in ErrorCode]: {
    readonly code: Code;
    readonly params: Readonly<ErrorParams[Code]>;
    /** Text of the server or system, untrusted, never a secret. */
    readonly detail?: string;
    /** The instance's name, where the failure belongs to one. */
    readonly server?: string;
  };
}[ErrorCode];

/** Carries an {@link AppError} through the engine to the envelope. */
export class Failure extends Error {
  readonly error: AppError;

  constructor(error: AppError, options?: ErrorOptions) {
    super(error.detail === undefined ? error.code : `${error.code}: ${error.detail}`, options);
    this.name = 'Failure';
    this.error = error;
  }
}

/** Makes a {@link Failure} of a code with its typed params. */
export function failure<Code extends ErrorCode>(
  code: Code,
  params: ErrorParams[Code],
  more: { detail?: string; server?: string; cause?: unknown } = {},
): Failure {
  const { cause, ...rest } = more;
  const error = { code, params, ...rest } as AppError;
  return new Failure(error, cause === undefined ? undefined : { cause });
}

/** The {@link AppError} of anything thrown; what is not a {@link Failure} is `internal`. */
export function errorOf(thrown: unknown): AppError {
  if (thrown instanceof Failure) return thrown.error;
  const detail = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'internal', params: { detail }, detail };
}
