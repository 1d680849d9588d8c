import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { changedChecks } from '../../../../shared/domain/checks/check';
import type { CheckReport, CheckStatus } from '../../../../shared/domain/checks/check';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import { api } from '../../../api';
import type { Result } from '../../../api';
import type { DialogProps } from '../../../stores/registry';
import { useAct } from '../../../stores/act';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { putSync, useSync } from '../../../stores/tasks';
import { closeDialog } from '../../../stores/ui';
import { DialogFoot } from '../../../ui/DialogFoot';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { FormModal } from '../../../ui/FormModal';
import { StatusBadge } from '../../../ui/StatusBadge';
import { CopyRateInput } from '../CopyRateInput';
import { canLeave, draftOf, eraseConfirmation, isChanged, lacksEraseWord, maxNameLength, settingsOf } from './wizard';
import type { Draft } from './wizard';
import { WizardChecks } from './WizardChecks';
import classes from '../dialog.module.css';
import changedClasses from './EditSyncDialog.module.css';

/** Changes a sync task that does not run and whose link does not stand, after a look at what its checks say now. */
export function EditSyncDialog({ dialog }: DialogProps<'edit-sync'>): ReactElement | null {
  const sync = useSync(dialog.syncId);
  return sync === undefined ? null : <EditForm sync={sync} />;
}

function EditForm({ sync }: { sync: SyncTaskView }): ReactElement {
  const t = useText();
  const { id, spec } = sync;
  const standby = useInstance(spec.standbyId);
  const { busy, error, act } = useAct<'save' | 'start'>();
  const [draft, setDraft] = useState<Draft>(() => draftOf(spec));
  const change = (part: Partial<Draft>): void => setDraft((before) => ({ ...before, ...part }));
  // What was agreed to before needs no word again.
  const lacksWord = !spec.eraseTarget && lacksEraseWord(draft, standby?.instance.name);
  const save = (): Promise<Result<SyncTaskView>> => api.sync.edit({ id, edit: settingsOf(draft), eraseConfirmation: eraseConfirmation(draft) });
  const saveAndStart = async (): Promise<Result<SyncTaskView>> => {
    const saved = await save();
    return saved.ok ? await api.sync.start({ id }) : saved;
  };
  const done = (saved: SyncTaskView): void => {
    putSync(saved);
    closeDialog();
  };

  return (
    <FormModal title={t('sync.edit.title', { name: spec.name })} size={860} busy={busy !== null} dirty={isChanged(draft, draftOf(spec))} onClose={closeDialog}>
      <div className={classes.alone}>
        <div className={classes.pair}>
          <TextInput label={t('sync.wizard.name')} value={draft.name} maxLength={maxNameLength} autoComplete="off" spellCheck={false} onChange={(event) => change({ name: event.currentTarget.value })} />
          <CopyRateInput value={draft.copyRateMb} onChange={(copyRateMb) => change({ copyRateMb })} />
        </div>
        {sync.lastReport === null || draft.report === null ? null : <Changed before={sync.lastReport} after={draft.report} />}
        <WizardChecks draft={draft} change={change} />
        {error === null ? null : <ErrorNotice error={error} />}
      </div>
      <DialogFoot apart start={<Button onClick={closeDialog} disabled={busy !== null}>{t('common.cancel')}</Button>}>
        <Button loading={busy === 'save'} disabled={busy !== null || draft.name.trim() === '' || lacksWord} onClick={() => void act('save', save, done)}>{t('sync.edit.save')}</Button>
        <Button
          variant="filled"
          loading={busy === 'start'}
          disabled={busy !== null || lacksWord || !canLeave('ends', draft) || !canLeave('checks', draft)}
          onClick={() => void act('start', saveAndStart, done)}
        >
          {t('sync.edit.start')}
        </Button>
      </DialogFoot>
    </FormModal>
  );
}

const isMiss = (status: CheckStatus | null): boolean => status === 'fail' || status === 'error' || status === 'warn';

/** Which checks say something else than at the last run. */
function Changed({ before, after }: { before: CheckReport; after: CheckReport }): ReactElement {
  const t = useText();
  const changed = changedChecks(before, after);
  const word = (status: CheckStatus | null): string => (status === null ? t('sync.edit.not-run') : t(`sync.checks.status.${status}`));
  return (
    <section className={classes.stack} aria-label={t('sync.edit.changed')}>
      <h3 className={changedClasses.title}>{t('sync.edit.changed')}</h3>
      {changed.length === 0 ? <p className={classes.note}>{t('sync.edit.unchanged')}</p> : null}
      <ul className={changedClasses.list}>
        {changed.map(({ id, title, was, is }) => (
          <li key={id}>
            <StatusBadge tone={is === 'warn' ? 'warn' : isMiss(is) ? 'bad' : 'good'} plain>{t.message(title)}</StatusBadge>
            <span>{t('sync.edit.was', { was: word(was), is: word(is) })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
