import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { useText } from '../../stores/language';
import { useSettings } from '../../stores/settings';
import { openDialog } from '../../stores/ui';
import { AttentionBanner } from '../../ui/AttentionBanner';

/** The passwords are in a vault that is shut: nothing can be read before it is opened. */
export function LockedVault(): ReactElement | null {
  const t = useText();
  const locked = useSettings((state) => state.secrets?.locked === true);
  if (!locked) return null;
  return (
    <AttentionBanner role="status" text={<b>{t('settings.secrets.locked')}</b>}>
      <Button onClick={() => openDialog({ kind: 'unlock-vault' })}>{t('settings.secrets.unlock')}</Button>
    </AttentionBanner>
  );
}
