import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { endedStates, type TaskView } from '../../../../shared/domain/tasks/task';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useText } from '../../../stores/language';
import { useTask } from '../../../stores/tasks';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { StatusBadge, type Tone } from '../../../ui/StatusBadge';
import { StepList } from '../../../ui/StepList';
import classes from './import.module.css';

/** How an import stands. */
export function toneOf(task: TaskView | undefined): Tone {
  if (task === undefined || !(endedStates.includes(task.state) || task.state === 'interrupted')) return 'busy';
  if (task.state === 'done') return 'good';
  return task.state === 'failed' ? 'bad' : 'warn';
}

/** What an import said, line by line. */
export function LogNotes({ task }: { task: TaskView }): ReactElement {
  const t = useText();
  return <ul className={classes.notes}>{task.log.map((one, at) => <li key={at}>{t.message(one.text)}</li>)}</ul>;
}

/** The import under way: how far it is, what it waits for, and what came of it. */
export function ImportRun({ taskId, onClose }: { taskId: string; onClose: () => void }): ReactElement {
  const t = useText();
  const task = useTask(taskId);
  const { busy, error, act } = useAct<'stop'>();
  const tone = toneOf(task);
  const stop = (): void => void act('stop', () => api.tasks.cancel({ id: taskId }), () => undefined);
  return (
    <>
      <div role="status"><StatusBadge tone={tone}>{t(`tasks.state.${task?.state ?? 'pending'}`)}</StatusBadge></div>
      {task?.waitingFor == null ? null : <p className={classes.light} role="status">{t.message(task.waitingFor)}</p>}
      {task === undefined ? null : <StepList steps={task.steps} label={t('import.steps')} />}
      {task?.error == null || task.steps.some((one) => one.error !== null) ? null : <ErrorNotice error={task.error} />}
      {task === undefined || task.log.length === 0 ? null : <LogNotes task={task} />}
      {error === null ? null : <ErrorNotice error={error} />}
      <div className={classes.foot}>
        {tone === 'busy'
          ? <Button variant="default" loading={busy === 'stop'} disabled={task?.canCancel !== true} onClick={stop}>{t('import.stop')}</Button>
          : <Button variant="filled" onClick={onClose}>{t('common.close')}</Button>}
      </div>
    </>
  );
}
