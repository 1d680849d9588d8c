import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { wholeInstance } from '../../../../shared/domain/scope/scope';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import { api } from '../../../api';
import type { DialogProps } from '../../../stores/registry';
import { useAct } from '../../../stores/act';
import { useFleet, useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { putSync, useSyncOfStandby } from '../../../stores/tasks';
import { closeDialog, go } from '../../../stores/ui';
import { DialogFoot } from '../../../ui/DialogFoot';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { FormModal } from '../../../ui/FormModal';
import { KnownTask } from './KnownTask';
import { canLeave, eraseConfirmation, erasedBy, isChanged, lacksEraseWord, newDraft, proposedName, settingsOf, wizardSteps } from './wizard';
import type { Draft, WizardStep, WizardStepProps } from './wizard';
import { WizardAside } from './WizardAside';
import { WizardChecks } from './WizardChecks';
import { WizardEnds } from './WizardEnds';
import { WizardObjects } from './WizardObjects';
import { WizardStart } from './WizardStart';
import classes from './CreateSyncDialog.module.css';

const pages: Record<WizardStep, (props: WizardStepProps) => ReactElement> = {
  ends: WizardEnds,
  objects: WizardObjects,
  checks: WizardChecks,
  start: WizardStart,
};

/** Create sync task (S11): name and ends → objects → checks → start. */
export function CreateSyncDialog({ dialog: { sourceId, standbyId } }: DialogProps<'create-sync'>): ReactElement {
  const t = useText();
  const byId = useFleet((state) => state.byId);
  const nameOf = (id: string): string | undefined => byId.get(id)?.instance.name;
  // What is partial itself passes on no more than it receives.
  const scope = useSyncOfStandby(sourceId)?.spec.scope ?? wholeInstance;
  const [step, setStep] = useState<WizardStep>('ends');
  const { busy, error, act } = useAct<'save' | 'start'>();
  const [initial] = useState<Draft>(() =>
    newDraft({ name: standbyId === null ? '' : proposedName(nameOf(sourceId), nameOf(standbyId)), sourceId, standbyId: standbyId ?? '', scope }));
  const [draft, setDraft] = useState(initial);
  const change = (part: Partial<Draft>): void => setDraft((before) => ({ ...before, ...part }));
  const create = (start: boolean): Promise<void> => {
    const spec = { ...settingsOf(draft), sourceId: draft.sourceId, standbyId: draft.standbyId };
    return act(start ? 'start' : 'save', () => api.sync.create({ spec, start, eraseConfirmation: eraseConfirmation(draft) }), openTask);
  };
  const Page = pages[step];
  return (
    <FormModal title={t('sync.wizard.title')} size={960} busy={busy !== null} dirty={step !== 'ends' || isChanged(draft, initial)} onClose={closeDialog}>
      <div className={classes.wizard}>
        <WizardAside step={step} draft={draft} />
        <div className={classes.main}>
          <KnownTask standbyId={draft.standbyId} />
          <Page draft={draft} change={change} />
          {error === null ? null : <ErrorNotice error={error} />}
        </div>
      </div>
      <WizardFoot step={step} draft={draft} busy={busy} onStep={setStep} onCreate={(start) => void create(start)} />
    </FormModal>
  );
}

function openTask(created: SyncTaskView): void {
  putSync(created);
  closeDialog();
  go({ id: 'sync-task', syncId: created.id });
}

interface FootProps {
  readonly step: WizardStep;
  readonly draft: Draft;
  readonly busy: 'save' | 'start' | null;
  readonly onStep: (step: WizardStep) => void;
  readonly onCreate: (start: boolean) => void;
}

/** Back and on; at the last step the task is saved or started. */
function WizardFoot({ step, draft, busy, onStep, onCreate }: FootProps): ReactElement {
  const t = useText();
  const standby = useInstance(draft.standbyId);
  const lacksWord = lacksEraseWord(draft, standby?.instance.name);
  const erases = draft.erase && erasedBy(draft).length > 0;
  const at = wizardSteps.indexOf(step);
  const before = wizardSteps[at - 1];
  const after = wizardSteps[at + 1];
  return (
    <DialogFoot apart start={<Button onClick={closeDialog} disabled={busy !== null}>{t('common.cancel')}</Button>}>
      {before === undefined ? null : <Button disabled={busy !== null} onClick={() => onStep(before)}>{t('common.back')}</Button>}
      {after === undefined ? (
        <>
          <Button loading={busy === 'save'} disabled={busy !== null} onClick={() => onCreate(false)}>{t('sync.wizard.save')}</Button>
          <Button variant="filled" color={erases ? 'red' : 'accent'} loading={busy === 'start'} disabled={busy !== null || lacksWord} onClick={() => onCreate(true)}>{erases ? t('sync.wizard.start-erasing', { name: standby?.instance.name ?? '' }) : t('sync.wizard.start')}</Button>
        </>
      ) : (
        <Button variant="filled" disabled={!canLeave(step, draft) || (step === 'checks' && lacksWord)} onClick={() => onStep(after)}>{t('common.next')}</Button>
      )}
    </DialogFoot>
  );
}
