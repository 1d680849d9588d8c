import { DependencyPage } from '../features/fleet/topology/DependencyPage';
import { FleetPage } from '../features/fleet/overview/FleetPage';
import { SavedFiltersDialog } from '../features/fleet/overview/SavedFiltersDialog';
import { TransferManyDialog } from '../features/fleet/overview/TransferManyDialog';
import { WatchingDialog } from '../features/fleet/overview/WatchingDialog';
import { GroupsDialog } from '../features/fleet/inventory/GroupsDialog';
import { ImportDialog } from '../features/fleet/inventory/ImportDialog';
import { AddInstanceDialog, EditInstanceDialog } from '../features/fleet/inventory/InstanceDialog';
import { InstancePage } from '../features/fleet/instance/InstancePage';
import { LabDialog } from '../features/lab/LabDialog';
import { LabPanel } from '../features/lab/LabPanel';
import { RemoveInstanceDialog } from '../features/fleet/inventory/RemoveInstanceDialog';
import { MissingPasswords } from '../features/fleet/inventory/MissingPasswords';
import { SetPasswordDialog } from '../features/fleet/inventory/SetPasswordDialog';
import { SetPasswordsDialog } from '../features/fleet/inventory/SetPasswordsDialog';
import { AuditPage } from '../features/audit/AuditPage';
import { DamagedAudit } from '../features/audit/DamagedAudit';
import { BackupNowDialog } from '../features/backup/BackupNowDialog';
import { BackupsPage } from '../features/backup/BackupsPage';
import { BackupsTab } from '../features/backup/BackupsTab';
import { CheckBackupDialog } from '../features/backup/CheckBackupDialog';
import { RemoveBackupDialog } from '../features/backup/RemoveBackupDialog';
import { RestoreDialog } from '../features/backup/RestoreDialog';
import { ShowBackupDialog } from '../features/backup/ShowBackupDialog';
import { Monitoring } from '../features/monitoring/Monitoring';
import { ThresholdsDialog } from '../features/monitoring/ThresholdsDialog';
import { AccountsPage } from '../features/operations/accounts/AccountsPage';
import { ImportPage } from '../features/operations/import/ImportPage';
import { CharsetPage } from '../features/operations/charset/CharsetPage';
import { EnableGtid, EnableGtidDialog } from '../features/operations/gtid/EnableGtidDialog';
import { OperationDialog } from '../features/operations/OperationDialog';
import { Operations } from '../features/operations/Operations';
import { ChangePortDialog } from '../features/operations/port/ChangePortDialog';
import { ParametersPage } from '../features/operations/parameters/ParametersPage';
import { RollbackPage } from '../features/operations/rollback/RollbackPage';
import { SqlPage } from '../features/operations/sql/SqlPage';
import { ReadOnlyPage } from '../features/operations/read-only/ReadOnlyPage';
import { FenceDialog } from '../features/promotion/FenceDialog';
import { PendingPromotions } from '../features/promotion/PendingPromotions';
import { FailbackPage } from '../features/promotion/failback/FailbackPage';
import { DossierPage } from '../features/promotion/dossier/DossierPage';
import { ReportPage } from '../features/promotion/ReportPage';
import { SwitchAction, SwitchForecast } from '../features/promotion/SwitchAction';
import { SwitchDialog } from '../features/promotion/SwitchDialog';
import { SwitchReports } from '../features/promotion/SwitchReports';
import { LockedVault } from '../features/settings/LockedVault';
import { SettingsPage } from '../features/settings/SettingsPage';
import { StartOverDialog } from '../features/settings/StartOverDialog';
import { UnlockVaultDialog } from '../features/settings/UnlockVaultDialog';
import { AddStandbyDialog } from '../features/sync/create/AddStandbyDialog';
import { ChangeScopeDialog } from '../features/sync/scope/ChangeScopeDialog';
import { CreateSyncDialog } from '../features/sync/create/CreateSyncDialog';
import { ScopePicker } from '../features/sync/scope/ScopePicker';
import { SyncCure } from '../features/sync/task/SyncCure';
import { EditSyncDialog } from '../features/sync/create/EditSyncDialog';
import { RemoveSyncDialog } from '../features/sync/task/RemoveSyncDialog';
import { SkipTransactionDialog } from '../features/sync/skip/SkipTransactionDialog';
import { StandbySync } from '../features/sync/list/StandbySync';
import { ManySyncsDialog } from '../features/sync/list/ManySyncsDialog';
import { SyncPage } from '../features/sync/list/SyncPage';
import { SyncTaskPage } from '../features/sync/task/SyncTaskPage';
import { InterruptedTasks } from '../features/tasks/InterruptedTasks';
import { SlowTab } from '../features/slow/SlowTab';
import { RepairDialog } from '../features/verification/RepairDialog';
import { VerificationPage } from '../features/verification/VerificationPage';
import type { Features } from '../stores/registry';

/**
 * What is built. A feature joins by adding its page, dialogs and slots here; until then nothing in the window leads to it.
 */
export const features: Features = {
  pages: {
    'fleet': FleetPage,
    'instance': InstancePage,
    'dependencies': DependencyPage,
    'sync': SyncPage,
    'sync-task': SyncTaskPage,
    'failback': FailbackPage,
    'backups': BackupsPage,
    'audit': AuditPage,
    'report': ReportPage,
    'verification': VerificationPage,
    'dossier': DossierPage,
    'accounts': AccountsPage,
    'charset': CharsetPage,
    'import': ImportPage,
    'parameters': ParametersPage,
    'rollback': RollbackPage,
    'read-only': ReadOnlyPage,
    'sql': SqlPage,
    'settings': SettingsPage,
  },
  dialogs: {
    'add-instance': AddInstanceDialog,
    'edit-instance': EditInstanceDialog,
    'set-password': SetPasswordDialog,
    'set-passwords': SetPasswordsDialog,
    'remove-instance': RemoveInstanceDialog,
    'manage-groups': GroupsDialog,
    'import-inventory': ImportDialog,
    'transfer-many': TransferManyDialog,
    'watching': WatchingDialog,
    'saved-filters': SavedFiltersDialog,
    'many-syncs': ManySyncsDialog,
    'lab': LabDialog,
    'add-standby': AddStandbyDialog,
    'create-sync': CreateSyncDialog,
    'change-scope': ChangeScopeDialog,
    'edit-sync': EditSyncDialog,
    'remove-sync': RemoveSyncDialog,
    'skip-transaction': SkipTransactionDialog,
    'repair-rows': RepairDialog,
    'switch': SwitchDialog,
    'fence': FenceDialog,
    'enable-gtid': EnableGtidDialog,
    'change-port': ChangePortDialog,
    'operation': OperationDialog,
    'thresholds': ThresholdsDialog,
    'backup-now': BackupNowDialog,
    'show-backup': ShowBackupDialog,
    'check-backup': CheckBackupDialog,
    'restore-backup': RestoreDialog,
    'remove-backup': RemoveBackupDialog,
    'unlock-vault': UnlockVaultDialog,
    'start-over': StartOverDialog,
  },
  tabs: {
    'monitoring': Monitoring,
    'backups': BackupsTab,
    'slow-queries': SlowTab,
    'operations': Operations,
  },
  slots: {
    instanceAction: SwitchAction,
    switchForecast: SwitchForecast,
    standbySync: StandbySync,
    problemCure: SyncCure,
    banners: [LockedVault, DamagedAudit, MissingPasswords, InterruptedTasks, PendingPromotions],
    reports: SwitchReports,
    practice: LabPanel,
    gtidChange: EnableGtid,
    scopePicker: ScopePicker,
  },
};
