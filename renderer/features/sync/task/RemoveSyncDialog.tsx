import { Radio } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { api } from '../../../api';
import type { DialogProps } from '../../../stores/registry';
import { useText } from '../../../stores/language';
import { dropSync, useSync } from '../../../stores/tasks';
import { closeDialog, go } from '../../../stores/ui';
import { GuardedActionDialog } from '../../../ui/GuardedActionDialog';
import { InstanceName } from '../../../ui/InstanceName';

/** Removes a sync task; the link stays or goes, as the user says. */
export function RemoveSyncDialog({ dialog }: DialogProps<'remove-sync'>): ReactElement | null {
  const t = useText();
  const sync = useSync(dialog.syncId);
  const linked = sync?.state === 'replicating' || sync?.state === 'stopped';
  const [stop, setStop] = useState(false);
  if (sync === undefined) return null;
  return (
    <GuardedActionDialog
      title={t('sync.remove.title', { name: sync.spec.name })}
      subject={<><InstanceName id={sync.spec.sourceId} /> → <InstanceName id={sync.spec.standbyId} /></>}
      phrase={sync.spec.name}
      confirmLabel={t('sync.action.remove')}
      danger={stop}
      onClose={closeDialog}
      onConfirm={async (phrase) => {
        const answer = await api.sync.remove({ id: sync.id, phrase, stopReplication: stop });
        if (!answer.ok) return answer.error;
        closeDialog();
        go({ id: 'sync' });
        dropSync(sync.id);
        return null;
      }}
    >
      {linked ? (
        <Radio.Group label={t('sync.remove.label')} value={stop ? 'stop' : 'keep'} onChange={(value) => setStop(value === 'stop')}>
          <Radio mt={6} value="keep" label={t('sync.remove.keep')} />
          <Radio mt={6} value="stop" label={t('sync.remove.stop')} />
        </Radio.Group>
      ) : null}
    </GuardedActionDialog>
  );
}
