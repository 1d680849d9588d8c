import type { BackupDetail, BackupOrder, BackupPlace, BackupView, RestoreOrder, RestorePlan } from '../../shared/domain/backup/backup';
import type { ServerVersion } from '../../shared/domain/fleet/version';
import type { TaskView } from '../../shared/domain/tasks/task';
import type { Fleet } from '../fleet/types';
import type { ConnectTarget } from '../mysql/types';
import type { AuditLog } from '../storage/types';
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
}

/** Backups of the registered servers, in folders of this machine. */
export interface BackupService {
  list(): Promise<readonly BackupView[]>;
  show(id: string): Promise<BackupDetail>;
  places(): Promise<readonly BackupPlace[]>;
  addPlace(path: string): Promise<readonly BackupPlace[]>;
  removePlace(path: string): Promise<readonly BackupPlace[]>;
  create(order: BackupOrder): Promise<TaskView>;
  verify(id: string, passphrase: string | null): Promise<TaskView>;
  prove(id: string, passphrase: string | null): Promise<TaskView>;
  planRestore(order: RestoreOrder, passphrase: string | null): Promise<RestorePlan>;
  restore(planId: string, phrase: string): Promise<TaskView>;
  remove(id: string, phrase: string): Promise<void>;
  onChange(listener: () => void): () => void;
}
