import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { api } from '../../api';
import { useAct } from '../../stores/act';
import { useBackup } from '../../stores/backups';
import { useText, useTimeZone } from '../../stores/language';
import type { DialogProps } from '../../stores/registry';
import { putTask } from '../../stores/tasks';
import { closeDialog } from '../../stores/ui';
import { DialogFoot } from '../../ui/DialogFoot';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { formatBytes } from '../../ui/format';
import { FormModal } from '../../ui/FormModal';
import { whenWords } from './backup-words';
import { PassphraseField } from './Passphrase';
import classes from './backup.module.css';

/** Before a backup is verified or proven: what that does, and its passphrase where it has one. */
export function CheckBackupDialog({ dialog: { backupId, check } }: DialogProps<'check-backup'>): ReactElement | null {
  const t = useText();
  const zone = useTimeZone();
  const backup = useBackup(backupId);
  const [passphrase, setPassphrase] = useState('');
  const { busy, error, act } = useAct<'start'>();
  if (backup === undefined) return null;
  const { instanceName: name, startedAt, encrypted, plainBytes } = backup;
  const order = { backupId, passphrase: encrypted ? passphrase : null };
  const start = (): void => void act('start', () => (check === 'verify' ? api.backup.verify(order) : api.backup.prove(order)), (task) => {
    putTask(task);
    closeDialog();
  });
  return (
    <FormModal title={t(`backup.screen.check.${check}.title`, { name })} size={560} busy={busy !== null} dirty={passphrase !== ''} onClose={closeDialog}>
      <form onSubmit={(event) => { event.preventDefault(); start(); }}>
        <div className={classes.form}>
          <b>{whenWords(t, zone, startedAt)}</b>
          <p className={classes.light}>{t(`backup.screen.check.${check}.text`, { size: formatBytes(t.language, plainBytes * 2) })}</p>
          {encrypted ? <PassphraseField value={passphrase} onChange={setPassphrase} /> : null}
          {error === null ? null : <ErrorNotice error={error} />}
        </div>
        <DialogFoot>
          <Button onClick={closeDialog} disabled={busy !== null}>{t('common.cancel')}</Button>
          <Button type="submit" variant="filled" loading={busy !== null} disabled={encrypted && passphrase === ''} data-autofocus>{t(`backup.screen.check.${check}.start`)}</Button>
        </DialogFoot>
      </form>
    </FormModal>
  );
}
