import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { wholeInstance } from '../../../../shared/domain/scope/scope';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import type { DialogProps } from '../../../stores/registry';
import { useFleet, useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { putSync, useSyncOfStandby } from '../../../stores/tasks';
import { closeDialog, go } from '../../../stores/ui';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconCheck } from '../../../ui/icons';
import { scopeText } from '../list/sync-text';
import { canLeave, wizardSteps } from './wizard';
import type { Draft, WizardStep } from './wizard';
import { WizardChecks } from './WizardChecks';
import { WizardEnds } from './WizardEnds';
import { WizardObjects } from './WizardObjects';
import { WizardStart } from './WizardStart';
import classes from './CreateSyncDialog.module.css';

/** Create sync task (S11): name and ends → objects → checks → start. */
export function CreateSyncDialog({ dialog }: DialogProps<'create-sync'>): ReactElement {
  const t = useText();
  const byId = useFleet((state) => state.byId);
  const names = (id: string): string => byId.get(id)?.instance.name ?? '';
  const received = useSyncOfStandby(dialog.sourceId)?.spec.scope ?? wholeInstance;
  const [step, setStep] = useState<WizardStep>('ends');
  const [busy, setBusy] = useState<'save' | 'start' | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [draft, setDraft] = useState<Draft>(() => ({
    name: dialog.standbyId === null ? '' : `${names(dialog.sourceId)}-${names(dialog.standbyId)}`.slice(0, 64),
    sourceId: dialog.sourceId,
    standbyId: dialog.standbyId ?? '',
    // What is partial itself passes on no more than it receives.
    scope: received,
    seed: 'auto',
    proposal: null,
    report: null,
    acceptWarnings: false,
    eraseWord: '',
    erase: false,
    copyRateMb: null,
  }));
  const change = (part: Partial<Draft>): void => setDraft((before) => ({ ...before, ...part }));
  const at = wizardSteps.indexOf(step);
  const standby = useInstance(draft.standbyId);
  const blocked = draft.erase && draft.eraseWord !== standby?.instance.name;

  const create = async (start: boolean): Promise<void> => {
    setBusy(start ? 'start' : 'save');
    setError(null);
    const { name, sourceId, standbyId, scope, seed, acceptWarnings, erase, eraseWord, copyRateMb } = draft;
    const spec = { name: name.trim(), sourceId, standbyId, scope, seed, acceptWarnings, eraseTarget: erase, ...(copyRateMb === null ? {} : { copyRateMb }) };
    const answer = await api.sync.create({ spec, start, eraseConfirmation: erase ? eraseWord : null });
    setBusy(null);
    if (!answer.ok) return setError(answer.error);
    putSync(answer.value);
    closeDialog();
    go({ id: 'sync-task', syncId: answer.value.id });
  };

  return (
    <Modal opened onClose={busy === null ? closeDialog : () => undefined} title={t('sync.wizard.title')} size={960} closeOnClickOutside={false} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <div className={classes.wizard}>
        <nav className={classes.aside} aria-label={t('sync.wizard.title')}>
          <ol className={classes.steps}>
            {wizardSteps.map((one, index) => (
              <li key={one} data-state={index < at ? 'done' : index === at ? 'current' : 'next'} aria-current={index === at ? 'step' : undefined}>
                <span className={classes.number} aria-hidden>{index < at ? <IconCheck size={12} /> : index + 1}</span>
                {t(`sync.wizard.step.${one}`)}
              </li>
            ))}
          </ol>
          <div className={classes.summary}>
            <h3>{t('sync.wizard.summary')}</h3>
            <dl>
              <dt>{t('sync.wizard.source')}</dt>
              <dd>{names(draft.sourceId) || '—'}</dd>
              <dt>{t('sync.wizard.standby')}</dt>
              <dd>{names(draft.standbyId) || '—'}</dd>
              <dt>{t('sync.wizard.scope')}</dt>
              <dd>{at < 1 ? '—' : scopeText(t, draft.scope)}</dd>
            </dl>
          </div>
        </nav>
        <div className={classes.main}>
          {step === 'ends' ? <WizardEnds draft={draft} change={change} /> : null}
          {step === 'objects' ? <WizardObjects draft={draft} change={change} /> : null}
          {step === 'checks' ? <WizardChecks draft={draft} change={change} /> : null}
          {step === 'start' ? <WizardStart draft={draft} change={change} /> : null}
          {error === null ? null : <ErrorNotice error={error} />}
        </div>
      </div>
      <div className={classes.foot}>
        <Button onClick={closeDialog} disabled={busy !== null}>{t('common.cancel')}</Button>
        <span className={classes.spring} />
        {at === 0 ? null : <Button disabled={busy !== null} onClick={() => setStep(wizardSteps[at - 1] ?? 'ends')}>{t('common.back')}</Button>}
        {step === 'start' ? (
          <>
            <Button loading={busy === 'save'} disabled={busy !== null} onClick={() => void create(false)}>{t('sync.wizard.save')}</Button>
            <Button variant="filled" loading={busy === 'start'} disabled={busy !== null || blocked} onClick={() => void create(true)}>{t('sync.wizard.start')}</Button>
          </>
        ) : (
          <Button variant="filled" disabled={!canLeave(step, draft) || (step === 'checks' && blocked)} onClick={() => setStep(wizardSteps[at + 1] ?? 'start')}>{t('common.next')}</Button>
        )}
      </div>
    </Modal>
  );
}
