import type { Scope } from '../../shared/domain/scope/scope';
import type { SyncService } from '../engine-types';
import type { Fleet } from '../fleet/types';
import type { AuditLog } from '../storage/types';
import type { TaskEngine } from '../tasks/types';
import type { AfterPromotion } from './after-promotion';
import type { Alert } from './link/filter-guard';

export interface SyncDeps {
  readonly dataFolder: string;
  readonly fleet: Fleet;
  readonly tasks: TaskEngine;
  readonly audit: AuditLog;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Told what people must know at once: filters of a partial standby that are gone. */
  readonly alert: Alert;
}

/** The sync service with what the composition root needs besides. */
export interface Sync extends SyncService {
  onRemoved(listener: (id: string) => void): () => void;
  /** The scope of the link to a standby; whole instance where no task owns it. */
  scopeOf(standbyId: string): Scope;
  /** What a promotion does to the tasks. */
  readonly afterPromotion: AfterPromotion;
  close(): void;
}
