import type { ReactElement } from 'react';
import { api } from '../../api';
import type { DialogProps } from '../../stores/registry';
import { useInstance, useRegionName } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { closeDialog } from '../../stores/ui';
import { RefusalNotice } from '../../ui/AtWork';
import { GuardedActionDialog } from '../../ui/GuardedActionDialog';

/** Makes an old primary refuse writes, on the user's word. */
export function FenceDialog({ dialog }: DialogProps<'fence'>): ReactElement | null {
  const t = useText();
  const view = useInstance(dialog.instanceId);
  const region = useRegionName(view?.instance.regionId ?? '');
  if (view === undefined) return null;
  const { name } = view.instance;
  return (
    <GuardedActionDialog
      title={t('promotion.fence.title', { name })}
      subject={t('common.confirm-what', { name, region })}
      phrase={name}
      confirmLabel={t('promotion.fence.confirm')}
      onClose={closeDialog}
      onConfirm={async (phrase) => {
        const answer = await api.promotion.fence({ instanceId: dialog.instanceId, phrase });
        if (!answer.ok) return answer.error;
        closeDialog();
        return null;
      }}
    >
      <RefusalNotice wanted={[{ instanceId: dialog.instanceId }]} />
      {t('promotion.fence.text')}
    </GuardedActionDialog>
  );
}
