import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { permission } from '../../../../shared/domain/fleet/policy';
import type { RollbackRecord } from '../../../../shared/domain/operations/rollback/record';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import type { PageProps } from '../../../stores/registry';
import { openInstance } from '../../../stores/ui';
import { IconLock } from '../../../ui/icons';
import { InstanceName } from '../../../ui/InstanceName';
import { Page } from '../../../ui/Page';
import { CopyView } from './CopyView';
import { LogView } from './LogView';
import { UndoView } from './UndoView';
import classes from './rollback.module.css';

const views = ['undo', 'log'] as const;
type View = (typeof views)[number];

/** Rollback of an instance: what can be gone back to, one mistake taken back, and the log of every rollback. */
export function RollbackPage({ page: { instanceId, view: first, gtids = [] } }: PageProps<'rollback'>): ReactElement | null {
  const t = useText();
  const instance = useInstance(instanceId);
  const [view, setView] = useState<View>(first);
  const [again, setAgain] = useState<readonly string[]>(gtids);
  const [compared, setCompared] = useState<RollbackRecord | null>(null);
  if (instance === undefined) return null;
  const locked = !permission(instance.role, 'rollback').allowed;
  return (
    <Page
      title={t('operations.name.rollback')} sub={<InstanceName id={instanceId} />}
      back={{ to: instance.instance.name, onBack: () => openInstance(instanceId, 'operations') }}
    >
      {locked ? <p className={classes.locked}><IconLock size={14} aria-hidden /> {t('rollback.locked')}</p> : null}
      <div className={classes.bar}>
        <SegmentedControl
          size="xs" value={view} aria-label={t('operations.name.rollback')} data={views.map((one) => ({ value: one, label: t(`rollback.view.${one}`) }))}
          onChange={(next) => { setCompared(null); setView(views.find((one) => one === next) ?? 'undo'); }}
        />
      </div>
      {view === 'undo' ? <UndoView key={again.join()} instanceId={instanceId} locked={locked} first={again} /> : null}
      {view === 'log' && compared === null ? (
        <LogView instanceId={instanceId} locked={locked} onUndo={(gtids) => { setAgain(gtids); setView('undo'); }} onCompare={setCompared} />
      ) : null}
      {view === 'log' && compared !== null ? <CopyView record={compared} locked={locked} onBack={() => setCompared(null)} /> : null}
    </Page>
  );
}
