import { Button, NumberInput, Radio, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { wholeInstance } from '../../../../shared/domain/scope/scope';
import type { SyncPolicy, SyncTaskView } from '../../../../shared/domain/sync/sync';
import { api } from '../../../api';
import type { Result } from '../../../api';
import type { DialogProps } from '../../../stores/registry';
import { useAct } from '../../../stores/act';
import { putInstance, useFleet, useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { putSync, useSyncOfStandby } from '../../../stores/tasks';
import { closeDialog, go, openDialog, openInstance } from '../../../stores/ui';
import { DialogFoot } from '../../../ui/DialogFoot';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { FormModal } from '../../../ui/FormModal';
import { IconPlus } from '../../../ui/icons';
import { StatusBadge } from '../../../ui/StatusBadge';
import { scopeText } from '../sync-text';
import { firstRegion, targetsIn } from './add-standby';
import { maxNameLength, newDraft, proposedName, settingsOf } from './wizard';
import classes from '../dialog.module.css';

/**
 * Add DR instance (S9, S10): region, target server, name and sync policy. Behind a standby the same form adds its local
 * replica (S2): the region is the standby's, and the scope is that of the standby's own sync task.
 */
export function AddStandbyDialog({ dialog: { sourceId, readOnly = false } }: DialogProps<'add-standby'>): ReactElement {
  const t = useText();
  const source = useInstance(sourceId);
  const regions = useFleet((state) => state.regions);
  const instances = useFleet((state) => state.instances);
  const isLocal = source?.role === 'standby';
  const scope = useSyncOfStandby(sourceId)?.spec.scope ?? wholeInstance;
  const [regionId, setRegionId] = useState(() => firstRegion(source, isLocal || readOnly, regions, instances));
  const [chosenId, setChosenId] = useState('');
  const [name, setName] = useState<string | null>(null);
  const [delaySeconds, setDelaySeconds] = useState(0);
  const [policy, setPolicy] = useState<SyncPolicy>('immediately');
  const { busy, error, act } = useAct<'add'>();
  const targets = targetsIn(regionId, instances, sourceId);
  const target = targets.find((view) => view.instance.id === chosenId) ?? targets[0];
  const standbyId = target?.instance.id ?? '';
  const sourceName = source?.instance.name ?? '';
  const taskName = name ?? (target === undefined ? '' : proposedName(sourceName, target.instance.name));

  const add = (): Promise<Result<SyncTaskView | null>> => readOnly
    ? api.readOnly.add({ primaryId: sourceId, targetId: standbyId, name: taskName, delaySeconds, acceptWarnings: true })
    : orderStandby({ name: taskName, sourceId, standbyId, scope: isLocal ? scope : wholeInstance }, policy);
  const done = (created: SyncTaskView | null): void => {
    closeDialog();
    if (created === null) return openInstance(standbyId);
    putSync(created);
    go({ id: 'sync-task', syncId: created.id });
  };

  return (
    <FormModal
      title={t(readOnly ? 'readonly.add.title' : isLocal ? 'sync.add.local-title' : 'sync.add.title', { name: sourceName })} size={600} busy={busy !== null}
      dirty={name !== null || chosenId !== '' || policy !== 'immediately'} onClose={closeDialog}
    >
      <div className={classes.choices}>
        <TargetChoice
          isLocal={isLocal} readOnly={readOnly} regionId={regionId} onRegion={setRegionId} targets={targets} targetId={standbyId} onTarget={setChosenId}
        />
        {isLocal ? <p className={classes.note}>{t('sync.add.local-text', { name: sourceName, scope: scopeText(t, scope) })}</p> : null}
        {!isLocal && !readOnly && regionId !== '' && regionId === source?.instance.regionId ? <StatusBadge tone="warn" plain>{t('sync.add.same-region')}</StatusBadge> : null}
        {readOnly
          ? <NumberInput label={t('readonly.add.delay')} value={delaySeconds} min={0} max={2_147_483_647} allowDecimal={false} onChange={(value) => setDelaySeconds(typeof value === 'number' ? value : 0)} />
          : <PolicyChoice isLocal={isLocal} policy={policy} onChange={setPolicy} />}
        {policy === 'immediately' ? <TextInput label={t('sync.add.name')} value={taskName} maxLength={maxNameLength} onChange={(event) => setName(event.currentTarget.value)} /> : null}
        {error === null ? null : <ErrorNotice error={error} />}
      </div>
      <DialogFoot apart>
        <Button onClick={closeDialog} disabled={busy !== null}>{t('common.cancel')}</Button>
        <Button
          variant="filled"
          loading={busy !== null}
          disabled={standbyId === '' || (policy === 'immediately' && taskName.trim() === '')}
          onClick={() => void act('add', add, done)}
        >
          {t(readOnly ? 'readonly.add' : isLocal ? 'sync.add.local-confirm' : 'sync.add.confirm')}
        </Button>
      </DialogFoot>
    </FormModal>
  );
}

/** Makes the server a standby; and its sync task, unless that comes later: then null. */
async function orderStandby(ends: Parameters<typeof newDraft>[0], policy: SyncPolicy): Promise<Result<SyncTaskView | null>> {
  const { sourceId, standbyId } = ends;
  const added = await api.sync.addStandby({ sourceId, standbyId });
  if (!added.ok) return added;
  putInstance(added.value);
  if (policy === 'after-creation') return { ok: true, value: null };
  const spec = { ...settingsOf(newDraft(ends)), sourceId, standbyId, acceptWarnings: true };
  return api.sync.create({ spec, start: true, eraseConfirmation: null });
}

interface TargetProps {
  /** The region is given then. */
  readonly isLocal: boolean;
  readonly readOnly: boolean;
  readonly regionId: string;
  readonly onRegion: (regionId: string) => void;
  readonly targets: ReturnType<typeof targetsIn>;
  readonly targetId: string;
  readonly onTarget: (targetId: string) => void;
}

/** The region and a server of it; a server that is not there yet is registered from here. */
function TargetChoice({ isLocal, readOnly, regionId, onRegion, targets, targetId, onTarget }: TargetProps): ReactElement {
  const t = useText();
  const regions = useFleet((state) => state.regions);
  return (
    <>
      <div className={classes.pair}>
        <Select
          label={t(readOnly ? 'readonly.add.region' : isLocal ? 'sync.add.local-region' : 'sync.add.region')}
          disabled={isLocal || readOnly}
          data={regions.map((region) => ({ value: region.id, label: region.name }))}
          value={regionId === '' ? null : regionId}
          onChange={(id) => onRegion(id ?? '')}
        />
        <Select
          label={t('sync.add.target')}
          data={targets.map((view) => ({ value: view.instance.id, label: view.instance.name }))}
          value={targetId === '' ? null : targetId}
          onChange={(id) => onTarget(id ?? '')}
          placeholder={targets.length === 0 ? t('sync.add.no-target') : t('sync.wizard.choose')}
          disabled={targets.length === 0}
        />
      </div>
      <div className={classes.row}>
        <span>{t('sync.add.target-hint')}</span>
        <Button flex="none" ml="auto" leftSection={<IconPlus size={14} />} onClick={() => openDialog({ kind: 'add-instance', prefill: regionId === '' ? {} : { regionId } })}>
          {t('sync.add.register')}
        </Button>
      </div>
    </>
  );
}

function PolicyChoice({ isLocal, policy, onChange }: { isLocal: boolean; policy: SyncPolicy; onChange: (policy: SyncPolicy) => void }): ReactElement {
  const t = useText();
  return (
    <Radio.Group value={policy} onChange={(value) => onChange(value === 'after-creation' ? 'after-creation' : 'immediately')} label={t('sync.add.policy')}>
      <div className={classes.choices}>
        <div className={classes.choice} data-checked={policy === 'immediately' || undefined}>
          <Radio value="immediately" label={t('sync.add.immediately')} description={t('sync.add.immediately-text')} />
        </div>
        <div className={classes.choice} data-checked={policy === 'after-creation' || undefined}>
          <Radio value="after-creation" label={t('sync.add.after')} description={t(isLocal ? 'sync.add.local-after-text' : 'sync.add.after-text')} />
        </div>
      </div>
    </Radio.Group>
  );
}
