import type { NamedObject } from '../scope/named-objects';
import type { Scope } from '../scope/scope';
import type { RestoreMoment } from './moment';
import type { AppError } from '../../errors/codes';

/**
 * What a folder of a backup is:
 * - `complete`: it has its manifest, which is written last.
 * - `running`: a task is at it now. - `incomplete`: whoever made it did not come to its end; it restores nothing.
 * - `damaged`: it has a manifest that cannot be read. - `newer`: one of a later version of the program.
 */
type BackupState = 'complete' | 'running' | 'incomplete' | 'damaged' | 'newer';

/** What a look at a backup found, and when. Milliseconds since the epoch. */
export interface BackupFinding {
  readonly at: number;
  readonly ok: boolean;
  /** What is wrong with it; null: nothing. */
  readonly error: AppError | null;
}

/** A backup as lists show it. */
export interface BackupView {
  readonly id: string;
  /** The folder it is in, a path on this machine. */
  readonly folder: string;
  readonly state: BackupState;
  /** The instance it was taken from, where that is registered here still. */
  readonly instanceId: string | null;
  readonly instanceName: string;
  readonly serverUuid: string;
  /** Of the server, `8.0.31`. Empty where the manifest cannot be read. */
  readonly version: string;
  readonly scope: Scope;
  /** The transactions that it holds, all of them and no others. */
  readonly gtidSet: string;
  readonly startedAt: number;
  /** Null: it has not ended. */
  readonly endedAt: number | null;
  /** On the disk. */
  readonly storedBytes: number;
  /** As the rows and definitions are without compression. */
  readonly plainBytes: number;
  readonly tables: number;
  readonly rows: number;
  readonly encrypted: boolean;
  /** Read again and held against its manifest. */
  readonly verified: BackupFinding | null;
  /** Restored into a practice server, and the content compared. */
  readonly proven: BackupFinding | null;
}

/** A table of a backup. */
interface BackupTable {
  readonly database: string;
  readonly table: string;
  readonly rows: number;
  readonly plainBytes: number;
}

/** A backup with what is in it. */
export interface BackupDetail extends BackupView {
  readonly databases: readonly string[];
  readonly contents: readonly BackupTable[];
  /** Views, routines, triggers, events and accounts, by name. */
  readonly programs: readonly NamedObject[];
  readonly accounts: readonly string[];
  /** What the source would not show, and why. */
  readonly leftOut: readonly { readonly object: NamedObject; readonly why: string }[];
  /** For how long nobody could write on the source while it began, milliseconds. */
  readonly lockedMs: number;
}

/** What a backup is to hold and where it goes. */
export interface BackupOrder {
  readonly instanceId: string;
  readonly scope: Scope;
  /** The folder that backups go to; null: the program's own. */
  readonly place: string | null;
  /** It is encrypted with a key made from this; null: it is not. */
  readonly passphrase: string | null;
}

/** One database under another name. */
export interface Renaming {
  readonly from: string;
  readonly to: string;
}

/** What becomes of the accounts of a backup: left where they are, or those made that the target has not. Existing ones are never changed. */
export const restoreAccounts = ['none', 'missing'] as const;
export type RestoreAccounts = (typeof restoreAccounts)[number];

export interface RestoreOrder {
  readonly backupId: string;
  readonly targetId: string;
  /** Of what the backup holds. */
  readonly scope: Scope;
  readonly renamings: readonly Renaming[];
  readonly accounts: RestoreAccounts;
  /**
   * The target, which is empty, gets the position of the backup too and nothing of it enters its binary log: it can follow from there, as a
   * standby that is adopted.
   */
  readonly asStandby: boolean;
  /** What is in the way on the target is dropped first. */
  readonly replace: boolean;
  /** To a moment behind the backup, by the log of an instance; absent or null: to the backup's own. */
  readonly until?: RestoreMoment | null | undefined;
}

/** What a restore would do, as both the folder and the target are now. Nothing has been changed. */
export interface RestorePlan {
  readonly id: string;
  readonly order: RestoreOrder;
  readonly targetName: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** What is typed to start it. */
  readonly phrase: string;
  /** Databases that will be there afterwards, by their new names. */
  readonly databases: readonly string[];
  readonly tables: number;
  readonly rows: number;
  readonly plainBytes: number;
  /** What the target has of the same name: dropped first where the order says so, else the restore is refused. */
  readonly inTheWay: readonly NamedObject[];
  /** What will not be as it was, each with its reason. */
  readonly notes: readonly RestoreNote[];
  /** What the log adds to the backup; null: nothing is asked of it, or it cannot be read. */
  readonly later: { readonly transactions: number; readonly changes: number } | null;
  /** Why it cannot be done; empty: it can. */
  readonly obstacles: readonly AppError[];
}

/**
 * - `events-disabled`: events arrive disabled. - `names-kept`: a program's text names the old database and was not changed.
 * - `accounts-left`: accounts of the backup are not restored. - `other-series`: the target is of another series than the source was.
 * - `definers-absent`: in their names views and programs run, and the target does not have them; `definers-unknown`: it does not let us see.
 * - `read-only`: databases that are made read only at the end, as they were. - `read-only-lost`: the target is too old for that.
 */
export interface RestoreNote {
  readonly kind: 'events-disabled' | 'names-kept' | 'accounts-left' | 'definers-absent' | 'definers-unknown' | 'other-series' | 'read-only' | 'read-only-lost';
  /** Names, as many as there are. */
  readonly names: readonly string[];
}

/** A folder that holds backups. */
export interface BackupPlace {
  readonly path: string;
  /** The program's own: it cannot be removed. */
  readonly isDefault: boolean;
  /** Bytes that are free there; null: it cannot be read. */
  readonly freeBytes: number | null;
}
