import { Anchor } from '@mantine/core';
import type { ReactElement } from 'react';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { useSyncOfStandby } from '../../../stores/tasks';
import { closeDialog, go } from '../../../stores/ui';
import { StatusBadge } from '../../../ui/StatusBadge';
import { SyncState } from '../SyncState';
import pageClasses from '../page.module.css';

/** The sync task that a standby has already, and the way to it: another one would be refused. Nothing where it has none. */
export function KnownTask({ standbyId }: { standbyId: string }): ReactElement | null {
  const t = useText();
  const sync = useSyncOfStandby(standbyId);
  const standby = useInstance(standbyId);
  if (sync === undefined) return null;
  const open = (): void => {
    closeDialog();
    go({ id: 'sync-task', syncId: sync.id });
  };
  return (
    <div role="status" className={pageClasses.waiting}>
      <div className={pageClasses.sub}>
        <StatusBadge tone="warn">{t('sync.wizard.known', { standby: standby?.instance.name ?? t('common.not-known') })}</StatusBadge>
        <SyncState sync={sync} plain />
        <Anchor component="button" type="button" ml="auto" onClick={open}>{t('sync.page.open', { name: sync.spec.name })}</Anchor>
      </div>
    </div>
  );
}
