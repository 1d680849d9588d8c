import type { ReactElement } from 'react';
import { isGood } from '../../../shared/domain/backup/standing';
import type { BackupView } from '../../../shared/domain/backup/backup';
import { api, type CallError } from '../../api';
import { loadBackups, useBackup, useBackupsState } from '../../stores/backups';
import { useText, useTimeZone } from '../../stores/language';
import type { DialogProps } from '../../stores/registry';
import { closeDialog } from '../../stores/ui';
import { formatBytes } from '../../ui/format';
import { GuardedActionDialog } from '../../ui/GuardedActionDialog';
import { StatusIcon } from '../../ui/StatusBadge';
import { whenWords } from './backup-words';
import classes from './backup.module.css';

/** Deletes a backup from the disk, on its typed id. */
export function RemoveBackupDialog({ dialog: { backupId } }: DialogProps<'remove-backup'>): ReactElement | null {
  const t = useText();
  const zone = useTimeZone();
  const backup = useBackup(backupId);
  const all = useBackupsState((state) => state.backups);
  if (backup === undefined) return null;
  const { instanceName, startedAt, storedBytes, folder } = backup;
  const name = instanceName === '' ? backupId : instanceName;
  const confirm = async (phrase: string): Promise<CallError | null> => {
    const answer = await api.backup.remove({ backupId, phrase });
    if (!answer.ok) return answer.error;
    closeDialog();
    void loadBackups();
    return null;
  };
  return (
    <GuardedActionDialog
      title={t('backup.screen.remove.title', { name })}
      subject={startedAt <= 0 ? backupId : t('backup.screen.remove.subject', { name, when: whenWords(t, zone, startedAt), size: formatBytes(t.language, storedBytes) })}
      phrase={backupId} confirmLabel={t('backup.screen.remove.confirm')} onConfirm={confirm} onClose={closeDialog} size={640}
    >
      <p className={classes.light}>{t('backup.screen.remove.text', { folder })}</p>
      {lossesOf(backup, all).map((loss) => <p key={loss} className={classes.warning}><StatusIcon tone="warn" /> <span>{t(`backup.screen.remove.${loss}`, { name })}</span></p>)}
    </GuardedActionDialog>
  );
}

/** What goes with a backup that no other one of the same instance has. Pure. */
function lossesOf(backup: BackupView, all: readonly BackupView[]): readonly ('last-good' | 'last-proven')[] {
  if (!isGood(backup)) return [];
  const others = all.filter((one) => one.id !== backup.id && one.serverUuid === backup.serverUuid && isGood(one));
  return [
    ...(others.every(({ startedAt }) => startedAt < backup.startedAt) ? ['last-good' as const] : []),
    ...(backup.proven?.ok === true && others.every(({ proven }) => proven?.ok !== true) ? ['last-proven' as const] : []),
  ];
}
