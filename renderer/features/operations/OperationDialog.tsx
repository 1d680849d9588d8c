import { Button, Modal } from '@mantine/core';
import type { ReactElement } from 'react';
import { permission } from '../../../shared/domain/fleet/policy';
import type { LockReason, Operation } from '../../../shared/domain/fleet/policy';
import type { MessageKey } from '../../../shared/i18n/en';
import type { DialogProps } from '../../stores/registry';
import { useInstance } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { closeDialog, openInstance } from '../../stores/ui';
import { IconLock } from '../../ui/icons';
import { TransferProject } from './TransferProject';
import classes from './Operations.module.css';

const unlocks: Record<LockReason, MessageKey> = {
  'standby': 'operations.lock.unlock-standby',
  'local-replica': 'operations.lock.unlock-local-replica',
  'read-only-instance': 'operations.lock.unlock-standby',
  'fenced': 'operations.lock.unlock-fenced',
  'role-unknown': 'operations.lock.unlock-unknown',
};

/** One operation: its own form, or, where it is locked, why, where instead, and what unlocks it. */
export function OperationDialog({ dialog }: DialogProps<'operation'>): ReactElement | null {
  const view = useInstance(dialog.instanceId);
  if (view === undefined) return null;
  const decision = permission(view.role, dialog.operation);
  if (!decision.allowed) return <Locked instanceId={dialog.instanceId} operation={dialog.operation} reason={decision.reason} />;
  return dialog.operation === 'transfer-project' ? <TransferProject view={view} /> : null;
}

function Locked({ instanceId, operation, reason }: { instanceId: string; operation: Operation; reason: LockReason }): ReactElement | null {
  const t = useText();
  const view = useInstance(instanceId);
  const successor = view?.instance.intent.kind === 'fenced' ? view.instance.intent.successorId : null;
  const primary = useInstance(view?.sourceId ?? successor);
  if (view === undefined) return null;
  const go = (): void => {
    closeDialog();
    if (primary !== undefined) openInstance(primary.instance.id, 'operations');
  };
  return (
    <Modal opened onClose={closeDialog} title={<><IconLock size={15} aria-hidden /> {t('operations.lock.title', { operation: t(`operations.name.${operation}`), name: view.instance.name })}</>} size={520} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <dl className={classes.facts}>
        <dt>{t('operations.lock.why')}</dt>
        <dd>{t(`operations.lock.${reason}`)}</dd>
        <dt>{t('operations.lock.where')}</dt>
        <dd>{primary === undefined ? t('operations.lock.no-primary') : primary.instance.name}</dd>
        <dt>{t('operations.lock.unlocks')}</dt>
        <dd>{t(unlocks[reason])}</dd>
      </dl>
      <div className={classes.foot}>
        <Button onClick={closeDialog} data-autofocus>{t('common.close')}</Button>
        {primary === undefined ? null : <Button variant="filled" onClick={go}>{t('operations.lock.go', { name: primary.instance.name })}</Button>}
      </div>
    </Modal>
  );
}
