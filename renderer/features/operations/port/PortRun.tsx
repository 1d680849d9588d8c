import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { endedStates, type TaskView } from '../../../../shared/domain/tasks/task';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useText } from '../../../stores/language';
import { useTask } from '../../../stores/tasks';
import { DialogFoot } from '../../../ui/DialogFoot';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { PlanBody } from '../../../ui/PlanDialog';
import { StatusBadge, type Tone } from '../../../ui/StatusBadge';
import { StepList } from '../../../ui/StepList';
import classes from './port.module.css';

function toneOf(task: TaskView | undefined): readonly [Tone, `port.dialog.${'running' | 'done' | 'stopped'}`] {
  if (task === undefined || !(endedStates.includes(task.state) || task.state === 'interrupted')) return ['busy', 'port.dialog.running'];
  return task.state === 'done' ? ['good', 'port.dialog.done'] : [task.state === 'cancelled' ? 'warn' : 'bad', 'port.dialog.stopped'];
}

/** The change under way: what it waits for, the proof, and who follows. */
export function PortRun({ taskId, onClose }: { taskId: string; onClose: () => void }): ReactElement {
  const t = useText();
  const task = useTask(taskId);
  const { busy, error, act } = useAct<'stop'>();
  const [tone, text] = toneOf(task);
  return (
    <>
      <PlanBody>
        <div role="status"><StatusBadge tone={tone}>{t(text)}</StatusBadge></div>
        {task?.waitingFor == null ? null : <p role="status">{t.message(task.waitingFor)}</p>}
        {task?.error == null ? null : <ErrorNotice error={task.error} />}
        {task === undefined ? null : <StepList steps={task.steps} label={t('port.dialog.steps')} />}
        {task === undefined || task.log.length === 0 ? null : <ul className={classes.notes}>{task.log.map((one, at) => <li key={at}>{t.message(
          one.text)}</li>)}</ul>}
        {error === null ? null : <ErrorNotice error={error} />}
      </PlanBody>
      <DialogFoot>
        {tone !== 'busy' ? null : (
          <Button loading={busy === 'stop'} disabled={task?.canCancel !== true} onClick={() => void act('stop', () => api.tasks.cancel({ id: taskId }),
            () => undefined)}>
            {t('port.dialog.stop')}
          </Button>
        )}
        <Button variant={tone === 'busy' ? 'default' : 'filled'} onClick={onClose} data-autofocus>{t('common.close')}</Button>
      </DialogFoot>
    </>
  );
}
