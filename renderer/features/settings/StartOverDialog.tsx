import type { ReactElement } from 'react';
import { api } from '../../api';
import { useText } from '../../stores/language';
import { putSettings } from '../../stores/settings';
import { closeDialog } from '../../stores/ui';
import { GuardedActionDialog } from '../../ui/GuardedActionDialog';

/** Begins an empty password store where the one there is cannot be opened; its file stays. */
export function StartOverDialog(): ReactElement {
  const t = useText();
  return (
    <GuardedActionDialog
      title={t('settings.secrets.start-over-title')}
      subject={t('settings.secrets')}
      phrase={null}
      confirmLabel={t('settings.secrets.start-over')}
      onClose={closeDialog}
      onConfirm={async () => {
        const answer = await api.secrets.startOver();
        if (!answer.ok) return answer.error;
        putSettings({ secrets: answer.value });
        closeDialog();
        return null;
      }}
    >
      <p>{t('settings.secrets.start-over-text')}</p>
    </GuardedActionDialog>
  );
}
