import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { useText } from '../../stores/language';
import { useSettings } from '../../stores/settings';
import { openDialog } from '../../stores/ui';
import { AttentionBanner } from '../../ui/AttentionBanner';

/** The passwords are in a vault that is shut, or in one that is damaged: what can be done about either. */
export function LockedVault(): ReactElement | null {
  const t = useText();
  const secrets = useSettings((state) => state.secrets);
  if (secrets?.damage !== undefined) {
    return (
      <AttentionBanner role="alert" text={<b>{t(`settings.secrets.damaged-${secrets.damage.what}`, { file: secrets.damage.file })}</b>}>
        <Button onClick={() => openDialog({ kind: 'start-over' })}>{t('settings.secrets.start-over')}</Button>
      </AttentionBanner>
    );
  }
  if (secrets?.locked !== true) return null;
  return (
    <AttentionBanner role="status" text={<b>{t('settings.secrets.locked')}</b>}>
      <Button onClick={() => openDialog({ kind: 'unlock-vault' })}>{t('settings.secrets.unlock')}</Button>
    </AttentionBanner>
  );
}
