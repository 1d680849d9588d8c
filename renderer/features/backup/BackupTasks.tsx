import { Button, CloseButton } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { endedStates, type TaskView } from '../../../shared/domain/tasks/task';
import { api } from '../../api';
import { useAct } from '../../stores/act';
import { useStretch, useNow } from '../../stores/clock';
import { useFleet } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { useTasks } from '../../stores/tasks';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { Fold } from '../../ui/Fold';
import { formatAgo } from '../../ui/format';
import { StatusBadge } from '../../ui/StatusBadge';
import { ProgressLine, StepList } from '../../ui/StepList';
import classes from './backup.module.css';

const kinds = ['backup', 'backup-verify', 'backup-prove', 'restore'] as const;
/** For how long one that failed is told, unless it is dismissed. */
const toldMs = 86_400_000;

const isAtWork = ({ state }: TaskView): boolean => !endedStates.includes(state) && state !== 'interrupted';

/** It did not end well, or left something behind that no undo brings back. */
const hasFailed = ({ state, aftermath }: TaskView): boolean => state === 'failed' || (state === 'cancelled' && aftermath !== null);

/** Those that are under way, and of each kind the newest where it failed lately. `instanceId` null: of every instance, and of none. Pure. */
export function shownTasks(tasks: Iterable<TaskView>, instanceId: string | null, now: number): readonly TaskView[] {
  const mine = [...tasks].filter(({ kind, instanceIds }) => kinds.some((one) => one === kind) && (instanceId === null || instanceIds.includes(instanceId)));
  const newest = new Map<string, TaskView>();
  for (const task of mine) if (task.createdAt >= (newest.get(task.kind)?.createdAt ?? 0)) newest.set(task.kind, task);
  return mine
    .filter((task) => isAtWork(task) || (hasFailed(task) && newest.get(task.kind) === task && now - (task.endedAt ?? 0) < toldMs))
    .sort((a, b) => b.createdAt - a.createdAt);
}

/** What is being done with backups now, with progress and the way to stop it; what failed lately. */
export function BackupTasks({ instanceId }: { instanceId: string | null }): ReactElement | null {
  const t = useText();
  const tasks = useTasks((state) => state.tasks);
  const now = useStretch(60_000);
  const [dismissed, setDismissed] = useState<readonly string[]>([]);
  const byId = useFleet((state) => state.byId);
  // What failed is told at its instance, if it has one.
  const hasPlace = ({ instanceIds }: TaskView): boolean => instanceId === null && instanceIds.some((id) => byId.has(id));
  const isTold = (task: TaskView): boolean => !dismissed.includes(task.id) && (isAtWork(task) || !hasPlace(task));
  const shown = shownTasks(tasks.values(), instanceId, now).filter(isTold);
  if (shown.length === 0) return null;
  return (
    <section className={classes.tasks} aria-label={t('backup.screen.tasks')}>
      {shown.map((task) => isAtWork(task)
        ? <AtWorkCard key={task.id} task={task} />
        : <FailedCard key={task.id} task={task} onDismiss={() => setDismissed([...dismissed, task.id])} />)}
    </section>
  );
}

function AtWorkCard({ task }: { task: TaskView }): ReactElement {
  const t = useText();
  const { busy, error, act } = useAct<'cancel'>();
  const step = task.steps.find(({ state }) => state === 'running' || state === 'undoing');
  return (
    <div className={classes.task}>
      <div className={classes.taskHead}>
        <StatusBadge tone="busy">{t(`tasks.state.${task.state}`)}</StatusBadge>
        <b>{t(`tasks.kind.${task.kind}`)}</b> <span className={classes.taskName}>{task.name}</span>
        <Button size="compact-xs" disabled={!task.canCancel} loading={busy === 'cancel'} onClick={() => void act('cancel', () => api.tasks.cancel({ id: task.id }), () => undefined)}>
          {t('backup.screen.task.cancel')}
        </Button>
      </div>
      {step === undefined ? null : <div>{t.message(step.title)}</div>}
      {step?.progress == null ? null : <div className={classes.progress}><ProgressLine progress={step.progress} label={t.message(step.title)} /></div>}
      {task.waitingFor === null ? null : <div role="status">{t('tasks.waitingFor', { what: t.message(task.waitingFor) })}</div>}
      {error === null ? null : <ErrorNotice error={error} />}
      <Steps task={task} />
    </div>
  );
}

function Steps({ task: { steps } }: { task: TaskView }): ReactElement | null {
  const t = useText();
  if (steps.length === 0) return null;
  return <Fold title={t('backup.screen.task.steps')}><StepList steps={steps} label={t('backup.screen.task.steps')} /></Fold>;
}

function FailedCard({ task, onDismiss }: { task: TaskView; onDismiss: () => void }): ReactElement {
  const t = useText();
  const now = useNow();
  return (
    <div className={classes.task}>
      <div className={classes.taskHead}>
        <StatusBadge tone="bad">{t(task.state === 'cancelled' ? 'backup.screen.task.cancelled' : 'backup.screen.task.failed', { when: formatAgo(t, task.endedAt ?? task.createdAt, now) })}</StatusBadge>
        <b>{t(`tasks.kind.${task.kind}`)}</b> <span className={classes.taskName}>{task.name}</span>
        <CloseButton size="sm" aria-label={t('backup.screen.task.dismiss')} title={t('backup.screen.task.dismiss')} onClick={onDismiss} />
      </div>
      {task.error === null ? null : <ErrorNotice error={task.error} />}
      {task.aftermath === null ? null : <ErrorNotice error={task.aftermath} />}
      <Steps task={task} />
    </div>
  );
}
