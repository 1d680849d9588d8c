import { Button, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { changedChecks } from '../../../../shared/domain/checks/check';
import type { CheckReport, CheckStatus } from '../../../../shared/domain/checks/check';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import type { DialogProps } from '../../../stores/registry';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { putSync, useSync } from '../../../stores/tasks';
import { closeDialog } from '../../../stores/ui';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { StatusBadge } from '../../../ui/StatusBadge';
import { CopyRateInput } from './CopyRateInput';
import { canLeave } from './wizard';
import type { Draft } from './wizard';
import { WizardChecks } from './WizardChecks';
import classes from './CreateSyncDialog.module.css';

/** Changes a sync task that does not run and whose link does not stand, after a look at what its checks say now. */
export function EditSyncDialog({ dialog }: DialogProps<'edit-sync'>): ReactElement | null {
  const sync = useSync(dialog.syncId);
  return sync === undefined ? null : <EditForm sync={sync} />;
}

function EditForm({ sync }: { sync: SyncTaskView }): ReactElement {
  const t = useText();
  const { spec } = sync;
  const standby = useInstance(spec.standbyId);
  const [busy, setBusy] = useState<'save' | 'start' | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [draft, setDraft] = useState<Draft>(() => ({
    name: spec.name,
    sourceId: spec.sourceId,
    standbyId: spec.standbyId,
    scope: spec.scope,
    seed: spec.seed,
    proposal: null,
    report: null,
    acceptWarnings: spec.acceptWarnings,
    eraseWord: '',
    erase: spec.eraseTarget,
    copyRateMb: spec.copyRateMb ?? null,
  }));
  const change = (part: Partial<Draft>): void => setDraft((before) => ({ ...before, ...part }));
  const blocked = draft.erase && !spec.eraseTarget && draft.eraseWord !== standby?.instance.name;

  const save = async (start: boolean): Promise<void> => {
    setBusy(start ? 'start' : 'save');
    setError(null);
    const { name, scope, seed, acceptWarnings, erase, eraseWord, copyRateMb } = draft;
    const edit = { name: name.trim(), scope, seed, acceptWarnings, eraseTarget: erase, ...(copyRateMb === null ? {} : { copyRateMb }) };
    const saved = await api.sync.edit({ id: sync.id, edit, eraseConfirmation: erase ? eraseWord : null });
    const answer = saved.ok && start ? await api.sync.start({ id: sync.id }) : saved;
    setBusy(null);
    if (!answer.ok) return setError(answer.error);
    putSync(answer.value);
    closeDialog();
  };

  return (
    <Modal opened onClose={busy === null ? closeDialog : () => undefined} title={t('sync.edit.title', { name: spec.name })} size={860} closeOnClickOutside={false} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <div className={classes.alone}>
        <div className={classes.pair}>
          <TextInput label={t('sync.wizard.name')} value={draft.name} maxLength={64} autoComplete="off" spellCheck={false} onChange={(event) => change({ name: event.currentTarget.value })} />
          <CopyRateInput value={draft.copyRateMb} onChange={(copyRateMb) => change({ copyRateMb })} />
        </div>
        {sync.lastReport === null || draft.report === null ? null : <Changed before={sync.lastReport} after={draft.report} />}
        <WizardChecks draft={draft} change={change} />
        {error === null ? null : <ErrorNotice error={error} />}
      </div>
      <div className={classes.foot}>
        <Button onClick={closeDialog} disabled={busy !== null}>{t('common.cancel')}</Button>
        <span className={classes.spring} />
        <Button loading={busy === 'save'} disabled={busy !== null || draft.name.trim() === '' || blocked} onClick={() => void save(false)}>{t('sync.edit.save')}</Button>
        <Button variant="filled" loading={busy === 'start'} disabled={busy !== null || blocked || !canLeave('ends', draft) || !canLeave('checks', draft)} onClick={() => void save(true)}>{t('sync.edit.start')}</Button>
      </div>
    </Modal>
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
      <h3 className={classes.changedTitle}>{t('sync.edit.changed')}</h3>
      {changed.length === 0 ? <p className={classes.note}>{t('sync.edit.unchanged')}</p> : null}
      <ul className={classes.changed}>
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
