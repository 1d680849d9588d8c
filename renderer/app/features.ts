import { DependencyPage } from '../features/fleet/DependencyPage';
import { FleetPage } from '../features/fleet/FleetPage';
import { GroupsDialog } from '../features/fleet/GroupsDialog';
import { ImportDialog } from '../features/fleet/ImportDialog';
import { AddInstanceDialog, EditInstanceDialog } from '../features/fleet/InstanceDialog';
import { InstancePage } from '../features/fleet/InstancePage';
import { LabDialog } from '../features/fleet/LabDialog';
import { RemoveInstanceDialog } from '../features/fleet/RemoveInstanceDialog';
import { SetPasswordDialog } from '../features/fleet/SetPasswordDialog';
import { AuditPage } from '../features/audit/AuditPage';
import { EnableGtidDialog } from '../features/operations/gtid/EnableGtidDialog';
import { OperationDialog } from '../features/operations/OperationDialog';
import { Operations } from '../features/operations/Operations';
import { FenceDialog } from '../features/promotion/FenceDialog';
import { SwitchAction, SwitchForecast } from '../features/promotion/SwitchAction';
import { SwitchDialog } from '../features/promotion/SwitchDialog';
import { SettingsPage } from '../features/settings/SettingsPage';
import { UnlockVaultDialog } from '../features/settings/UnlockVaultDialog';
import { AddStandbyDialog } from '../features/sync/AddStandbyDialog';
import { ChangeScopeDialog } from '../features/sync/ChangeScopeDialog';
import { CreateSyncDialog } from '../features/sync/CreateSyncDialog';
import { SyncCure } from '../features/sync/SyncCure';
import { EditSyncDialog } from '../features/sync/EditSyncDialog';
import { RemoveSyncDialog } from '../features/sync/RemoveSyncDialog';
import { SkipTransactionDialog } from '../features/sync/SkipTransactionDialog';
import { StandbySync } from '../features/sync/StandbySync';
import { SyncPage } from '../features/sync/SyncPage';
import { SyncTaskPage } from '../features/sync/SyncTaskPage';
import { AttentionBanner } from '../features/tasks/AttentionBanner';
import type { Features } from './registry';

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
    'audit': AuditPage,
    'settings': SettingsPage,
  },
  dialogs: {
    'add-instance': AddInstanceDialog,
    'edit-instance': EditInstanceDialog,
    'set-password': SetPasswordDialog,
    'remove-instance': RemoveInstanceDialog,
    'manage-groups': GroupsDialog,
    'import-inventory': ImportDialog,
    'lab': LabDialog,
    'add-standby': AddStandbyDialog,
    'create-sync': CreateSyncDialog,
    'change-scope': ChangeScopeDialog,
    'edit-sync': EditSyncDialog,
    'remove-sync': RemoveSyncDialog,
    'skip-transaction': SkipTransactionDialog,
    'switch': SwitchDialog,
    'fence': FenceDialog,
    'enable-gtid': EnableGtidDialog,
    'operation': OperationDialog,
    'unlock-vault': UnlockVaultDialog,
  },
  slots: {
    instanceAction: SwitchAction,
    switchForecast: SwitchForecast,
    standbySync: StandbySync,
    problemCure: SyncCure,
    operations: Operations,
    banner: AttentionBanner,
  },
};
