import { Button, Modal, Radio, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { wholeInstance } from '../../../../shared/domain/scope/scope';
import type { SyncPolicy } from '../../../../shared/domain/sync/sync';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import type { DialogProps } from '../../../stores/registry';
import { putInstance, useFleet, useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { putSync, useSyncOfStandby } from '../../../stores/tasks';
import { closeDialog, go, openDialog, openInstance } from '../../../stores/ui';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconPlus } from '../../../ui/icons';
import { StatusBadge } from '../../../ui/StatusBadge';
import { scopeText } from '../list/sync-text';
import classes from './CreateSyncDialog.module.css';

/**
 * Add DR instance (S9, S10): region, target server, name and sync policy. Behind a standby the same form adds its local
 * replica (S2): the region is the standby's, and the scope is that of the standby's own sync task.
 */
export function AddStandbyDialog({ dialog }: DialogProps<'add-standby'>): ReactElement {
  const t = useText();
  const source = useInstance(dialog.sourceId);
  const regions = useFleet((state) => state.regions);
  const instances = useFleet((state) => state.instances);
  const local = source?.role === 'standby';
  const scope = useSyncOfStandby(dialog.sourceId)?.spec.scope ?? wholeInstance;
  const elsewhere = regions.find((region) => region.id !== source?.instance.regionId && instances.some((view) => view.instance.regionId === region.id && view.role === 'stand-alone'));
  const [regionId, setRegionId] = useState((local ? source.instance.regionId : elsewhere?.id) ?? regions.find((region) => region.id !== source?.instance.regionId)?.id ?? '');
  const targets = instances.filter((view) => view.instance.regionId === regionId && view.instance.id !== dialog.sourceId && (view.role === 'stand-alone' || view.role === 'unknown'));
  const [chosenId, setChosenId] = useState('');
  const targetId = targets.some((view) => view.instance.id === chosenId) ? chosenId : (targets[0]?.instance.id ?? '');
  const target = targets.find((view) => view.instance.id === targetId);
  const [name, setName] = useState<string | null>(null);
  const [policy, setPolicy] = useState<SyncPolicy>('immediately');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<CallError | null>(null);
  const sourceName = source?.instance.name ?? '';
  const taskName = name ?? (target === undefined ? '' : `${sourceName}-${target.instance.name}`.slice(0, 64));

  const add = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    const added = await api.sync.addStandby({ sourceId: dialog.sourceId, standbyId: targetId });
    if (!added.ok) {
      setBusy(false);
      return setError(added.error);
    }
    putInstance(added.value);
    if (policy === 'after-creation') {
      closeDialog();
      return openInstance(targetId);
    }
    const created = await api.sync.create({
      spec: { name: taskName.trim(), sourceId: dialog.sourceId, standbyId: targetId, scope: local ? scope : wholeInstance, seed: 'auto', acceptWarnings: true, eraseTarget: false },
      start: true,
      eraseConfirmation: null,
    });
    setBusy(false);
    if (!created.ok) return setError(created.error);
    putSync(created.value);
    closeDialog();
    go({ id: 'sync-task', syncId: created.value.id });
  };

  return (
    <Modal opened onClose={busy ? () => undefined : closeDialog} title={t(local ? 'sync.add.local-title' : 'sync.add.title', { name: sourceName })} size={600} closeOnClickOutside={false} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <div className={classes.choices}>
        <div className={classes.pair}>
          <Select label={t(local ? 'sync.add.local-region' : 'sync.add.region')} disabled={local} data={regions.map((region) => ({ value: region.id, label: region.name }))} value={regionId === '' ? null : regionId} onChange={(id) => setRegionId(id ?? '')} />
          <Select
            label={t('sync.add.target')}
            data={targets.map((view) => ({ value: view.instance.id, label: view.instance.name }))}
            value={targetId === '' ? null : targetId}
            onChange={(id) => setChosenId(id ?? '')}
            placeholder={targets.length === 0 ? t('sync.add.no-target') : t('sync.wizard.choose')}
            disabled={targets.length === 0}
          />
        </div>
        <div className={classes.wait}>
          <span>{t('sync.add.target-hint')}</span>
          <Button flex="none" ml="auto" leftSection={<IconPlus size={14} />} onClick={() => openDialog({ kind: 'add-instance', prefill: regionId === '' ? {} : { regionId } })}>{t('sync.add.register')}</Button>
        </div>
        {local ? <p className={classes.note}>{t('sync.add.local-text', { name: sourceName, scope: scopeText(t, scope) })}</p> : null}
        {!local && regionId !== '' && regionId === source?.instance.regionId ? <StatusBadge tone="warn" plain>{t('sync.add.same-region')}</StatusBadge> : null}
        <Radio.Group value={policy} onChange={(value) => setPolicy(value === 'after-creation' ? 'after-creation' : 'immediately')} label={t('sync.add.policy')}>
          <div className={classes.choices}>
            <div className={classes.choice} data-checked={policy === 'immediately' || undefined}>
              <Radio value="immediately" label={t('sync.add.immediately')} description={t('sync.add.immediately-text')} />
            </div>
            <div className={classes.choice} data-checked={policy === 'after-creation' || undefined}>
              <Radio value="after-creation" label={t('sync.add.after')} description={t(local ? 'sync.add.local-after-text' : 'sync.add.after-text')} />
            </div>
          </div>
        </Radio.Group>
        {policy === 'immediately' ? <TextInput label={t('sync.add.name')} value={taskName} maxLength={64} onChange={(event) => setName(event.currentTarget.value)} /> : null}
        {error === null ? null : <ErrorNotice error={error} />}
      </div>
      <div className={classes.foot} data-spaced>
        <span className={classes.spring} />
        <Button onClick={closeDialog} disabled={busy}>{t('common.cancel')}</Button>
        <Button variant="filled" loading={busy} disabled={targetId === '' || (policy === 'immediately' && taskName.trim() === '')} onClick={() => void add()}>{t(local ? 'sync.add.local-confirm' : 'sync.add.confirm')}</Button>
      </div>
    </Modal>
  );
}
