import { Button } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import { useText } from '../../../stores/language';
import { openDialog } from '../../../stores/ui';
import { useRefusal } from '../../../ui/AtWork';
import { IconEqual, IconPlayerPause, IconPlayerPlay, IconPlayerStop, IconTransfer, IconTrash } from '../../../ui/icons';
import { locksOf } from '../sync-text';

export type TaskAction = 'start' | 'pause' | 'resume' | 'verify' | 'cancel';
const icons: Record<TaskAction, ReactNode> = {
  start: <IconPlayerPlay size={14} />,
  pause: <IconPlayerPause size={14} />,
  resume: <IconPlayerPlay size={14} />,
  verify: <IconEqual size={14} />,
  cancel: <IconPlayerStop size={14} />,
};
const actions: readonly TaskAction[] = ['start', 'pause', 'resume', 'verify', 'cancel'];

/** Another workstation at work on the pair would refuse it. */
const takesLocks = (action: TaskAction): boolean => action === 'start' || action === 'resume' || action === 'verify';

/** Where a comparison is needed, the notice about it has the button. */
function isOffered(action: TaskAction, { can, needsVerification }: SyncTaskView): boolean {
  return can[action] && !(action === 'verify' && needsVerification !== null);
}

/** What can be done with a sync task now. */
export function TaskActions({ sync, busy, onAction }: { sync: SyncTaskView; busy: TaskAction | null; onAction: (action: TaskAction) => void }): ReactElement {
  const t = useText();
  const refusal = useRefusal(locksOf(sync.spec));
  const syncId = sync.id;
  return (
    <>
      {actions.filter((action) => isOffered(action, sync)).map((action) => {
        const refused = takesLocks(action) ? refusal : null;
        return (
          <Button
            key={action}
            variant={action === 'start' || action === 'resume' ? 'filled' : 'default'}
            leftSection={icons[action]}
            loading={busy === action}
            disabled={busy !== null || refused !== null}
            title={refused ?? undefined}
            onClick={() => onAction(action)}
          >
            {t(`sync.action.${action}`)}
          </Button>
        );
      })}
      {sync.can.edit ? <Button onClick={() => openDialog({ kind: 'edit-sync', syncId })}>{t('sync.action.edit')}</Button> : null}
      {sync.can.changeScope && sync.spec.scope.kind === 'partial' ? (
        <Button leftSection={<IconTransfer size={14} />} onClick={() => openDialog({ kind: 'change-scope', syncId })}>
          {t('sync.scope.change')}
        </Button>
      ) : null}
      {sync.can.remove ? (
        <Button leftSection={<IconTrash size={14} />} onClick={() => openDialog({ kind: 'remove-sync', syncId })}>
          {t('sync.action.remove')}
        </Button>
      ) : null}
    </>
  );
}
