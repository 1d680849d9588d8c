import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { useFleet } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { useSettings } from '../../../stores/settings';
import { openDialog, useUi } from '../../../stores/ui';
import { AttentionBanner } from '../../../ui/AttentionBanner';
import { needPassword } from './missing-passwords';

/**
 * Above every page, as after a start without a keyring: how many servers cannot be read before their password is given. A vault that
 * is shut says so itself.
 */
export function MissingPasswords(): ReactElement | null {
  const t = useText();
  const count = useFleet((state) => needPassword(state.instances).length);
  const locked = useSettings((state) => state.secrets?.locked === true);
  const entering = useUi((state) => state.dialog?.kind === 'set-passwords');
  if (count === 0 || locked || entering) return null;
  return (
    <AttentionBanner role="status" text={<b>{t('fleet.passwords.needed', { n: count })}</b>}>
      <Button onClick={() => openDialog({ kind: 'set-passwords' })}>{t('fleet.passwords.enter')}</Button>
    </AttentionBanner>
  );
}
