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
import classes from './charset.module.css';

function toneOf(task: TaskView | undefined): readonly [Tone, `charset.run.${'running' | 'done' | 'stopped' | 'failed'}`] {
  if (task === undefined || !(endedStates.includes(task.state) || task.state === 'interrupted')) return ['busy', 'charset.run.running'];
  if (task.state === 'done') return ['good', 'charset.run.done'];
  return task.state === 'cancelled' ? ['warn', 'charset.run.stopped'] : ['bad', 'charset.run.failed'];
}

/** The change under way, table by table, what it waits for, and what came of it. */
export function CharsetRun({ taskId, onClose }: { taskId: string; onClose: () => void }): ReactElement {
  const t = useText();
  const task = useTask(taskId);
  const { busy, error, act } = useAct<'stop'>();
  const [tone, text] = toneOf(task);
  return (
    <>
      <div role="status"><StatusBadge tone={tone}>{t(text)}</StatusBadge></div>
      {task?.waitingFor == null ? null : <p className={classes.light} role="status">{t.message(task.waitingFor)}</p>}
      {task?.error == null ? null : <ErrorNotice error={task.error} />}
      {task === undefined ? null : <StepList steps={task.steps} label={t('charset.run.steps')} />}
      {task === undefined || task.log.length === 0 ? null : <ul className={classes.notes}>{task.log.map((one, at) => <li key={at}>{t.message(
        one.text)}</li>)}</ul>}
      {error === null ? null : <ErrorNotice error={error} />}
      <div className={classes.foot}>
        {tone === 'busy'
          ? <Button variant="default" loading={busy === 'stop'} disabled={task?.canCancel !== true} onClick={() => void act('stop',
            () => api.tasks.cancel({ id: taskId }), () => undefined)}>{t('charset.stop')}</Button>
          : <Button variant="filled" onClick={onClose}>{t('charset.close')}</Button>}
      </div>
    </>
  );
}
