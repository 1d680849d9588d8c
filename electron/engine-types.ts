import type { EngineEvent } from '../shared/contract/events';
import type { BackupService } from './backup/types';
import type { Fleet } from './fleet/types';
import type { LabService } from './lab/types';
import type { MonitoringService } from './monitoring/types';
import type { AccountService } from './operations/accounts/types';
import type { CharsetService } from './operations/charset/types';
import type { ImportService } from './operations/import/types';
import type { GtidService } from './operations/gtid/types';
import type { PortService } from './operations/port/types';
import type { ParametersService } from './operations/parameters/types';
import type { RollbackService } from './operations/rollback/types';
import type { ReadOnlyService } from './operations/read-only/types';
import type { TransferService } from './operations/transfer/types';
import type { SqlService } from './operations/sql/types';
import type { OperationsService } from './operations/types';
import type { FailbackService } from './promotion/failback/types';
import type { DossierService } from './promotion/report/dossier/types';
import type { PromotionService } from './promotion/types';
import type { ScheduleService } from './schedules/types';
import type { SettingsStore } from './storage/settings';
import type { AuditLog, Keyring, Vault } from './storage/types';
import type { SyncService } from './sync/types';
import type { TaskEngine } from './tasks/types';
import type { SlowService } from './monitoring/slow/types';
import type { VerificationService } from './verification/types';

/** The engine: the same in Electron's main process and in plain Node. Built by `createEngine`. */
export interface Engine {
  readonly fleet: Fleet;
  readonly sync: SyncService;
  readonly promotion: PromotionService;
  readonly failback: FailbackService;
  readonly dossiers: DossierService;
  readonly operations: OperationsService;
  readonly accounts: AccountService;
  readonly charset: CharsetService;
  readonly parameters: ParametersService;
  readonly sql: SqlService;
  readonly imports: ImportService;
  readonly port: PortService;
  readonly rollback: RollbackService;
  readonly transfer: TransferService;
  readonly readOnly: ReadOnlyService;
  readonly gtid: GtidService;
  readonly verification: VerificationService;
  readonly schedules: ScheduleService;
  readonly slow: SlowService;
  readonly monitoring: MonitoringService;
  readonly backups: BackupService;
  readonly tasks: TaskEngine;
  readonly audit: AuditLog;
  readonly settings: Pick<SettingsStore, 'get' | 'set'>;
  readonly vault: Vault;
  readonly lab: LabService;
  onEvent(listener: (event: EngineEvent) => void): () => void;
  /** Tells whoever listens of a fault of the program that nobody caught. */
  readonly tellFault: (detail: string) => void;
  /** Polls the fleet, records its values and starts what is scheduled, from now on; an engine that was built to poll does already. */
  watch(): void;
  /** Stops polling, closes every session; running tasks are left as a crash would, and recovered at the next start. */
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly dataFolder: string;
  readonly front: 'desktop' | 'terminal';
  readonly keyring: Keyring | null;
  readonly appVersion: string;
  /** Poll the fleet in the background; the terminal reads only what a command needs. */
  readonly poll: boolean;
  /**
   * Stands before the fleet, for every service and for whoever uses the engine: tests look there at what goes to the
   * servers, or break it. What the fleet reads for itself (polls, registration) does not pass it.
   */
  readonly around?: (fleet: Fleet) => Fleet;
}
