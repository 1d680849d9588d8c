import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { endedStates, type TaskState } from '../../../../shared/domain/tasks/task';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useText } from '../../../stores/language';
import { useTask } from '../../../stores/tasks';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { StatusBadge, type Tone } from '../../../ui/StatusBadge';
import { StepList } from '../../../ui/StepList';
import classes from './rollback.module.css';

/** How the end, or the state, of a rollback looks. */
export function toneOfState(state: TaskState | undefined): Tone {
  if (state === 'done') return 'good';
  if (state === 'failed' || state === 'interrupted') return 'bad';
  return state === 'cancelled' ? 'calm' : 'busy';
}

/** A rollback under way, step by step with its log, and what came of it; it goes on where the page is left. */
export function RollbackRun({ taskId, onAgain }: { taskId: string; onAgain: () => void }): ReactElement {
  const t = useText();
  const task = useTask(taskId);
  const { error, act } = useAct<'cancel'>();
  const ended = task !== undefined && endedStates.includes(task.state);
  return (
    <>
      <div role="status"><StatusBadge tone={toneOfState(task?.state)}>{t(`tasks.state.${task?.state ?? 'pending'}`)}</StatusBadge></div>
      {task?.error == null ? null : <ErrorNotice error={task.error} />}
      {task === undefined ? null : <StepList steps={task.steps} label={t('tasks.steps')} />}
      {task === undefined || task.log.length === 0 ? null : <ul className={classes.log}>{task.log.map(({ at, text }, i) => <li key={`${String(at)}/${String(i)}`}>{t.message(text)}</li>)}</ul>}
      {error === null ? null : <ErrorNotice error={error} />}
      <div className={classes.foot}>
        {ended ? null : <Button disabled={task?.canCancel !== true} onClick={() => void act('cancel', () => api.tasks.cancel({ id: taskId }), () => undefined)}>{t('tasks.cancel')}</Button>}
        {ended ? <Button variant="filled" onClick={onAgain}>{t('rollback.again')}</Button> : null}
      </div>
    </>
  );
}
