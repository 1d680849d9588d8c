import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { endedStates, type TaskView } from '../../../shared/domain/tasks/task';
import { api } from '../../api';
import { useAct } from '../../stores/act';
import { useInstance } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { useTask } from '../../stores/tasks';
import { closeDialog, openInstance } from '../../stores/ui';
import { DialogFoot } from '../../ui/DialogFoot';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { PlanBody } from '../../ui/PlanDialog';
import { StatusBadge, StatusIcon, type Tone } from '../../ui/StatusBadge';
import { StepList } from '../../ui/StepList';
import classes from './backup.module.css';

type Outcome = 'running' | 'undoing' | 'done' | 'cancelled' | 'failed';
const tones: Record<Outcome, Tone> = { running: 'busy', undoing: 'busy', done: 'good', cancelled: 'warn', failed: 'bad' };

function outcomeOf(state: TaskView['state'] | undefined): Outcome {
  switch (state) {
    case 'done':
    case 'cancelled':
      return state;
    case 'failed':
    case 'interrupted':
      return 'failed';
    case 'cancelling':
    case 'undoing':
      return 'undoing';
    case undefined:
    case 'pending':
    case 'running':
    case 'waiting':
    case 'pausing':
    case 'paused':
      return 'running';
    default:
      return state satisfies never;
  }
}

/** A restore under way, step by step, and what came of it; it goes on where the dialog is closed. */
export function RestoreRun({ taskId, targetId }: { taskId: string; targetId: string }): ReactElement {
  const t = useText();
  const task = useTask(taskId);
  const target = useInstance(targetId)?.instance.name ?? t('common.not-known');
  const { busy, error, act } = useAct<'stop'>();
  const outcome = outcomeOf(task?.state);
  const ended = task !== undefined && endedStates.includes(task.state);
  const open = (): void => {
    closeDialog();
    openInstance(targetId);
  };
  return (
    <>
      <PlanBody>
        <div role="status"><StatusBadge tone={tones[outcome]}>{t(`backup.screen.restore.${outcome}`, { target })}</StatusBadge></div>
        {task?.waitingFor == null ? null : <p className={classes.warning} role="status"><StatusIcon tone="warn" /> <span>{t('tasks.waitingFor', { what: t.message(task.waitingFor) })}</span></p>}
        {task?.error == null ? null : <ErrorNotice error={task.error} />}
        {ended && task.aftermath !== null ? <ErrorNotice error={task.aftermath} /> : null}
        {task === undefined ? null : <StepList steps={task.steps} label={t('backup.screen.task.steps')} />}
        {task?.log.filter(({ level }) => level !== 'info').map(({ at, text }, index) => (
          <p key={`${at}/${index}`} className={classes.warning}><StatusIcon tone="warn" /> <span>{t.message(text)}</span></p>
        ))}
        {error === null ? null : <ErrorNotice error={error} />}
      </PlanBody>
      <DialogFoot hint={ended ? null : t('backup.screen.restore.hide')}>
        {ended ? null : <Button disabled={task?.canCancel !== true} loading={busy === 'stop'} onClick={() => void act('stop', () => api.tasks.cancel({ id: taskId }), () => undefined)}>{t('backup.screen.restore.stop')}</Button>}
        {outcome === 'done' ? <Button onClick={open}>{t('backup.screen.restore.open', { target })}</Button> : null}
        <Button variant={ended ? 'filled' : 'default'} onClick={closeDialog} data-autofocus>{t('common.close')}</Button>
      </DialogFoot>
    </>
  );
}
