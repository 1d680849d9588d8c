import type { ReactElement } from 'react';
import { useTasks } from '../../../stores/tasks';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { StepList } from '../../../ui/StepList';
import { useText } from '../../../stores/language';
import classes from './read-only.module.css';

/** The last run of an instance to a place in the log, step by step. */
export function RunProgress({ instanceId }: { instanceId: string }): ReactElement | null {
  const t = useText();
  const tasks = useTasks((state) => state.tasks);
  const [last] = [...tasks.values()].filter(({ kind, instanceIds }) => kind === 'read-only' && instanceIds.includes(instanceId)).sort((a, b) => b.createdAt - a.createdAt);
  if (last === undefined) return null;
  return (
    <section className={classes.section} aria-label={t('tasks.kind.read-only')}>
      <h2>{t('tasks.kind.read-only')}</h2>
      <StepList steps={last.steps} label={t('tasks.kind.read-only')} />
      {last.error === null ? null : <ErrorNotice error={last.error} />}
    </section>
  );
}
