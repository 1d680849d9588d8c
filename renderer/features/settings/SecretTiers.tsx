import { Button, PasswordInput, Radio } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { secretTiers } from '../../../shared/domain/settings';
import type { SecretTier } from '../../../shared/domain/settings';
import { api } from '../../api';
import type { CallError } from '../../api';
import { useText } from '../../stores/language';
import { putSettings, useSettings } from '../../stores/settings';
import { openDialog } from '../../stores/ui';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { StatusBadge } from '../../ui/StatusBadge';
import classes from './SettingsPage.module.css';

/** Where passwords are kept: three tiers, the one in force in plain sight. */
export function SecretTiers(): ReactElement | null {
  const t = useText();
  const secrets = useSettings((state) => state.secrets);
  const [chosen, setChosen] = useState<SecretTier | null>(null);
  const [passphrase, setPassphrase] = useState('');
  const [again, setAgain] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<CallError | null>(null);
  if (secrets === null) return null;
  const tier = chosen ?? secrets.tier;
  const differs = again !== '' && passphrase !== again;

  const apply = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    const answer = await api.secrets.choose(tier === 'passphrase' ? { tier, passphrase } : { tier });
    setBusy(false);
    if (!answer.ok) return setError(answer.error);
    putSettings({ secrets: answer.value });
    setChosen(null);
    setPassphrase('');
    setAgain('');
  };

  return (
    <>
      {secrets.damage === undefined ? null : (
        <div className={classes.row}>
          <StatusBadge tone="bad" plain>{t(`settings.secrets.damaged-${secrets.damage.what}`, { file: secrets.damage.file })}</StatusBadge>
          <Button onClick={() => openDialog({ kind: 'start-over' })}>{t('settings.secrets.start-over')}</Button>
        </div>
      )}
      {secrets.locked ? (
        <div className={classes.row}>
          <StatusBadge tone="warn">{t('settings.secrets.locked')}</StatusBadge>
          <Button onClick={() => openDialog({ kind: 'unlock-vault' })}>{t('settings.secrets.unlock')}</Button>
          <Button variant="subtle" onClick={() => openDialog({ kind: 'start-over' })}>{t('settings.secrets.start-over')}</Button>
        </div>
      ) : null}
      <Radio.Group value={tier} onChange={(value) => setChosen(secretTiers.find((one) => one === value) ?? null)} aria-label={t('settings.secrets.tier')}>
        {secretTiers.map((one) => (
          <div key={one} className={classes.tier}>
            <Radio value={one} label={t(`settings.secrets.${one}`)} description={one === 'keyring' && !secrets.keyringAvailable ? t('settings.secrets.keyring-none') : t(`settings.secrets.${one}-text`)} disabled={(one === 'keyring' && !secrets.keyringAvailable) || secrets.locked} />
          </div>
        ))}
      </Radio.Group>
      {tier === secrets.tier ? null : (
        <div className={classes.form}>
          {tier === 'passphrase' ? (
            <>
              <PasswordInput label={t('settings.secrets.passphrase-field')} value={passphrase} w={220} autoComplete="new-password" onChange={(event) => setPassphrase(event.currentTarget.value)} />
              <PasswordInput label={t('settings.secrets.passphrase-again')} value={again} w={220} autoComplete="new-password" error={differs ? t('settings.secrets.passphrase-differs') : null} onChange={(event) => setAgain(event.currentTarget.value)} />
            </>
          ) : null}
          <Button variant="filled" loading={busy} disabled={tier === 'passphrase' && (passphrase === '' || passphrase !== again)} onClick={() => void apply()}>{t('settings.secrets.apply')}</Button>
        </div>
      )}
      {error === null ? null : <ErrorNotice error={error} />}
    </>
  );
}
