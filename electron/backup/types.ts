import type { BackupDetail, BackupOrder, BackupPlace, BackupView, RestoreOrder, RestorePlan } from '../../shared/domain/backup/backup';
import type { BackupPolicy } from '../../shared/domain/backup/policy';
import type { ServerVersion } from '../../shared/domain/fleet/version';
import type { TaskView } from '../../shared/domain/tasks/task';
import type { AppError } from '../../shared/errors/codes';
import type { Fleet } from '../fleet/types';
import type { ConnectTarget } from '../mysql/types';
import type { AuditLog, Vault } from '../storage/types';
import type { TaskEngine } from '../tasks/types';

/** A server of this machine that lives for one restore. */
export interface PracticeServer {
  readonly target: ConnectTarget;
  /** Ends it and deletes all that was in it. */
  remove(): Promise<void>;
}

/** Makes such servers. */
export interface Practice {
  /**
   * An empty server that can hold what one of `version` held: the oldest here that is not older. `lowerCaseTableNames` as there.
   * `folder`: made for it.
   *
   * @throws Failure `practice-unavailable` where there is none
   */
  start(version: ServerVersion, lowerCaseTableNames: number, folder: string): Promise<PracticeServer>;
}

/** What the parts of this room share. */
export interface BackupParts {
  readonly dataFolder: string;
  readonly fleet: Fleet;
  readonly clock: () => number;
  /** The program and its version, for manifests. */
  readonly madeBy: string;
  readonly practice: Practice;
  /** Something of the backups has changed. */
  readonly changed: () => void;
}

export interface BackupDeps extends Omit<BackupParts, 'changed'> {
  readonly tasks: TaskEngine;
  readonly audit: AuditLog;
  readonly secrets: Secrets;
}

/** Where passphrases of schedules are kept. */
export type Secrets = Pick<Vault, 'status' | 'get' | 'set' | 'has'>;

/** What a policy has let go of. */
export interface Expiry {
  readonly removed: readonly string[];
  /** Those that could not be deleted. */
  readonly failed: readonly { readonly id: string; readonly error: AppError }[];
}

/** Backups of the registered servers, in folders of this machine. */
export interface BackupService {
  list(): Promise<readonly BackupView[]>;
  show(id: string): Promise<BackupDetail>;
  places(): Promise<readonly BackupPlace[]>;
  addPlace(path: string): Promise<readonly BackupPlace[]>;
  removePlace(path: string): Promise<readonly BackupPlace[]>;
  create(order: BackupOrder): Promise<TaskView>;
  /** The backup that a task writes, reads or restores; null: none yet. */
  backupOf(taskId: string): string | null;
  verify(id: string, passphrase: string | null): Promise<TaskView>;
  prove(id: string, passphrase: string | null): Promise<TaskView>;
  planRestore(order: RestoreOrder, passphrase: string | null): Promise<RestorePlan>;
  restore(planId: string, phrase: string): Promise<TaskView>;
  remove(id: string, phrase: string): Promise<void>;
  /**
   * How backups of an instance are taken on a schedule; the default where nobody has said so.
   *
   * @throws Failure `not-found`
   */
  policy(instanceId: string): BackupPolicy;
  /**
   * `passphrase`: what they are encrypted with from now on; null: what is at hand already. Of a policy that does not encrypt nothing is kept.
   *
   * @throws Failure `not-found` where its instance or its place is not known; `passphrase-not-kept`, `keyring-unavailable`, `vault-locked`,
   * `vault-broken` where there is no place for the passphrase
   */
  setPolicy(policy: BackupPolicy, passphrase: string | null): Promise<BackupPolicy>;
  /**
   * Takes one as the policy of an instance says, of the whole instance.
   *
   * @throws Failure `passphrase-missing` where it is to be encrypted and the passphrase is not at hand: never one in the clear instead
   */
  takeScheduled(instanceId: string): Promise<TaskView>;
  /** Proves the newest where the policy says that it is time for that; null: it is not, or one is being proven. */
  proveDue(instanceId: string): Promise<TaskView | null>;
  /** Its schedule is gone, and the passphrase with it. */
  forgetSchedule(instanceId: string): Promise<void>;
  /** Deletes what the policy of an instance lets go of; one that is in use stays until the next time. Each is recorded. */
  expire(instanceId: string): Promise<Expiry>;
  onChange(listener: () => void): () => void;
}
