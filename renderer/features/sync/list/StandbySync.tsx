import { Anchor, Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { isReplicaRole } from '../../../../shared/domain/fleet/role';
import type { InstanceSlotProps } from '../../../stores/registry';
import { useFleet, useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { useSyncOfStandby } from '../../../stores/tasks';
import { go, openDialog } from '../../../stores/ui';
import { IconTransfer } from '../../../ui/icons';
import { StatusBadge } from '../../../ui/StatusBadge';
import { ProtectionSection } from '../scope/ProtectionSection';
import { SyncState } from '../SyncState';
import { scopeText } from '../sync-text';
import { ComparisonLink, VerificationNotice, VerifiedText } from '../Verification';
import pageClasses from '../page.module.css';
import classes from './StandbySync.module.css';

/** On a standby's page: its sync task, or “not synchronised” with *Create sync task*. */
export function StandbySync({ instanceId }: InstanceSlotProps): ReactElement | null {
  const t = useText();
  const view = useInstance(instanceId);
  const source = useInstance(view?.sourceId ?? null);
  const sync = useSyncOfStandby(instanceId);
  const unlinked = useFleet((state) => state.topology.links.some((link) => link.replicaId === instanceId && link.state === 'not-synchronised'));
  if (view === undefined || !isReplicaRole(view.role)) return null;
  if (sync !== undefined) {
    return (
      <>
        <div className={classes.standby}>
          <span className={pageClasses.when}>{t('sync.standby.task')}</span>
          <Anchor component="button" type="button" onClick={() => go({ id: 'sync-task', syncId: sync.id })}>{sync.spec.name}</Anchor>
          <SyncState sync={sync} plain />
          <span className={pageClasses.when}>{scopeText(t, sync.spec.scope)}</span>
          {sync.verified === null ? <ComparisonLink sync={sync} /> : <><span className={pageClasses.when}>{t('sync.verify.equal')}</span> <VerifiedText sync={sync} /></>}
        </div>
        <VerificationNotice sync={sync} />
        {sync.spec.scope.kind === 'partial' ? <ProtectionSection sync={sync} /> : null}
      </>
    );
  }
  if (unlinked && view.instance.intent.kind === 'replica') {
    const { sourceId } = view.instance.intent;
    return (
      <div className={pageClasses.waiting}>
        <div className={pageClasses.sub}>
          <StatusBadge tone="warn">{t('sync.standby.none')}</StatusBadge>
          <span>{t('sync.standby.none-text', { source: source?.instance.name ?? t('common.not-known') })}</span>
          <Button ml="auto" variant="filled" leftSection={<IconTransfer size={14} />} onClick={() => openDialog({ kind: 'create-sync', sourceId, standbyId: instanceId })}>{t('sync.page.create')}</Button>
        </div>
      </div>
    );
  }
  return <p className={pageClasses.nothing}>{t('sync.standby.unmanaged')}</p>;
}
