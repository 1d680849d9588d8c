import { Button, PasswordInput } from '@mantine/core';
import { useState } from 'react';
import type { FormEvent, ReactElement } from 'react';
import { api } from '../../api';
import type { CallError } from '../../api';
import { useText } from '../../stores/language';
import { putSettings } from '../../stores/settings';
import { closeDialog, openDialog } from '../../stores/ui';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { FormModal } from '../../ui/FormModal';
import classes from './SettingsPage.module.css';

/** Opens the passphrase vault for this run. */
export function UnlockVaultDialog(): ReactElement {
  const t = useText();
  const [passphrase, setPassphrase] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<CallError | null>(null);
  const unlock = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const answer = await api.secrets.unlock({ passphrase });
    setBusy(false);
    setPassphrase('');
    if (!answer.ok) return setError(answer.error);
    putSettings({ secrets: answer.value });
    closeDialog();
  };
  return (
    <FormModal title={t('settings.secrets.unlock-title')} size={420} busy={busy} dirty={passphrase !== ''} onClose={closeDialog}>
      <form onSubmit={(event) => void unlock(event)}>
        <PasswordInput label={t('settings.secrets.passphrase-field')} value={passphrase} onChange={(event) => setPassphrase(event.currentTarget.value)} data-autofocus autoComplete="current-password" />
        {error === null ? null : <ErrorNotice error={error} />}
        <div className={classes.foot}>
          <Button variant="subtle" onClick={() => openDialog({ kind: 'start-over' })}>{t('settings.secrets.lost')}</Button>
          <Button onClick={closeDialog}>{t('common.cancel')}</Button>
          <Button type="submit" variant="filled" loading={busy} disabled={passphrase === ''}>{t('settings.secrets.unlock')}</Button>
        </div>
      </form>
    </FormModal>
  );
}
