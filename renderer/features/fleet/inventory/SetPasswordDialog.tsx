import { Button, PasswordInput } from '@mantine/core';
import { useState } from 'react';
import type { FormEvent, ReactElement } from 'react';
import { formatEndpoint } from '../../../../shared/domain/fleet/instance';
import type { DialogProps } from '../../../stores/registry';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { closeDialog } from '../../../stores/ui';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { FormModal } from '../../../ui/FormModal';
import classes from './InstanceDialog.module.css';

/** Gives the engine the password of an instance. */
export function SetPasswordDialog({ dialog }: DialogProps<'set-password'>): ReactElement | null {
  const t = useText();
  const view = useInstance(dialog.instanceId);
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<CallError | null>(null);
  if (view === undefined) return null;
  const { instance } = view;
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    const answer = await api.fleet.setPassword({ id: instance.id, password });
    setBusy(false);
    if (answer.ok) closeDialog();
    else setError(answer.error);
  };
  return (
    <FormModal title={t('fleet.password.title', { name: instance.name })} size={440} dirty={password !== ''} onClose={closeDialog}>
      <form onSubmit={(event) => void submit(event)}>
        <div className={classes.fields}>
          <p>{t('fleet.password.text', { user: instance.user, address: formatEndpoint(instance.admin) })}</p>
          <PasswordInput label={t('fleet.form.password')} value={password} onChange={(event) => setPassword(event.currentTarget.value)} autoComplete="off" data-autofocus visibilityToggleButtonProps={{ 'aria-label': t('common.show') }} />
          {error === null ? null : <ErrorNotice error={error} />}
        </div>
        <div className={classes.foot}>
          <Button onClick={closeDialog}>{t('common.cancel')}</Button>
          <Button type="submit" variant="filled" loading={busy}>
            {t('common.save')}
          </Button>
        </div>
      </form>
    </FormModal>
  );
}
