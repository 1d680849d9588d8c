// Tables as they were, from a backup and the log behind it: what a rollback asks of whoever keeps the backups.
import type { GtidSet } from '../../../shared/domain/gtid/set';
import type { ForwardBackup, ForwardReading, ForwardTables } from '../../../shared/domain/operations/rollback/forward';
import type { StepContext } from '../../tasks/types';

export interface ForwardWay {
  /** Of a server that has executed all of it, newest first. Whether the log leads on from it comes out by `plan`. */
  earlier(gtid: string, executed: GtidSet): Promise<readonly ForwardBackup[]>;
  /** What the log adds to a backup, and all that keeps it from being followed. Changes nothing. */
  plan(backupId: string, wanted: ForwardTables, planId: string, signal?: AbortSignal): Promise<ForwardReading>;
  /** Tries all that can fail. Writes nothing. */
  check(step: StepContext, backupId: string, wanted: ForwardTables): Promise<void>;
  /** Makes the tables; answers how many changes of the log that were. They have foreign keys among each other, and no triggers. */
  restore(step: StepContext, backupId: string, wanted: ForwardTables): Promise<number>;
  /** Takes away what `restore` made, and nothing else. */
  remove(step: StepContext, wanted: ForwardTables): Promise<void>;
}
