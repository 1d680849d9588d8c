import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { GtidPlan } from '../../../../shared/domain/operations/gtid-change';
import { endedStates, type TaskView } from '../../../../shared/domain/tasks/task';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useText } from '../../../stores/language';
import { useTask } from '../../../stores/tasks';
import { DialogFoot } from '../../../ui/DialogFoot';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { PlanBody } from '../../../ui/PlanDialog';
import { StatusBadge, StatusIcon } from '../../../ui/StatusBadge';
import type { Tone } from '../../../ui/StatusBadge';
import { StepList } from '../../../ui/StepList';
import { ConfigLines } from './GtidPlanView';
import classes from './gtid.module.css';

type Outcome = 'running' | 'undoing' | 'done' | 'put-back' | 'failed';
const tones: Record<Outcome, Tone> = { 'running': 'busy', 'undoing': 'busy', 'done': 'good', 'put-back': 'warn', 'failed': 'bad' };

function outcomeOf(task: TaskView | undefined): Outcome {
  switch (task?.state) {
    case 'done':
      return 'done';
    case 'cancelled':
      return 'put-back';
    case 'failed':
      return task.steps.some(({ state }) => state === 'undo-failed') ? 'failed' : 'put-back';
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
  }
}

/** The change under way, step by step, what it waits for, and what came of it; it goes on where the dialog is closed. */
export function GtidRun({ taskId, plan, onClose }: { taskId: string; plan: GtidPlan | null; onClose: () => void }): ReactElement {
  const t = useText();
  const task = useTask(taskId);
  const [error, setError] = useState<CallError | null>(null);
  const outcome = outcomeOf(task);
  const ended = task !== undefined && endedStates.includes(task.state);
  const stop = async (): Promise<void> => {
    const answer = await api.tasks.cancel({ id: taskId });
    if (!answer.ok) setError(answer.error);
  };
  return (
    <>
      <PlanBody>
        <div role="status"><StatusBadge tone={tones[outcome]}>{t(`gtid.dialog.${outcome}`)}</StatusBadge></div>
        {task?.waitingFor == null ? null : <div className={classes.warning} role="status"><StatusIcon tone="warn" /> <span>{t('gtid.dialog.waiting', { what: t.message(task.waitingFor) })}</span></div>}
        {task?.error == null ? null : <ErrorNotice error={task.error} />}
        {task === undefined ? null : <StepList steps={task.steps} label={t('gtid.dialog.steps')} />}
        {task?.log.filter(({ level }) => level !== 'info').map(({ at, text }, index) => (
          <div key={`${at}/${index}`} className={classes.warning}><StatusIcon tone="warn" /> <span>{t.message(text)}</span></div>
        ))}
        {plan === null || outcome !== 'done' ? null : <ConfigLines servers={plan.servers} />}
        {error === null ? null : <ErrorNotice error={error} />}
      </PlanBody>
      <DialogFoot hint={ended ? null : t('gtid.dialog.hide')}>
        {ended ? null : <Button disabled={task?.canCancel !== true} onClick={() => void stop()}>{t('gtid.dialog.stop')}</Button>}
        <Button variant={ended ? 'filled' : 'default'} onClick={onClose} data-autofocus>{t('common.close')}</Button>
      </DialogFoot>
    </>
  );
}
