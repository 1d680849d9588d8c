import { Button, Checkbox, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { SwapPlan } from '../../../../shared/domain/operations/rollback/compare';
import type { NewName } from '../../../../shared/domain/operations/rollback/names';
import { isExecutable } from '../../../../shared/domain/tasks/plan';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useText } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { Fold } from '../../../ui/Fold';
import { Preconditions } from '../../../ui/Preconditions';
import { SqlBlock } from '../../../ui/SqlBlock';
import { RollbackRun } from './RollbackRun';
import classes from './rollback.module.css';

/** The original and its copy change names: what stands against it, and its run. */
export function SwapPanel({ recordId, pair: { database, table, newDatabase, newTable }, locked, onAgain }: {
  recordId: string; pair: NewName; locked: boolean; onAgain: () => void;
}): ReactElement {
  const t = useText();
  const { busy, error, act } = useAct<'plan' | 'run'>();
  const [plan, setPlan] = useState<SwapPlan | null>(null);
  const [taskId, setTaskId] = useState<string | null>(null);
  const [word, setWord] = useState('');
  const [accept, setAccept] = useState(false);
  const ask = (): void => void act('plan', () => api.rollback.planSwap({ recordId, tables: [{ database, table }] }), setPlan);
  const run = (): void => void act('run', () => api.rollback.execute({ planId: plan?.id ?? '', phrase: word, acceptWarnings: accept }), (task) => setTaskId(task.id));
  if (taskId !== null) return <RollbackRun taskId={taskId} onAgain={onAgain} />;
  const may = plan !== null && isExecutable(plan);
  const warns = plan?.preconditions.some(({ status }) => status === 'warn') === true;
  return (
    <>
      <h2>{database}.{table} ↔ {newDatabase}.{newTable}</h2>
      <p className={classes.light}>{t('rollback.swap.text')}</p>
      {plan === null ? null : (
        <>
          <Preconditions preconditions={plan.preconditions} warnsOpen />
          <Fold title={t('rollback.sql')}><SqlBlock statements={plan.steps.flatMap(({ sql }) => sql)} /></Fold>
        </>
      )}
      {may && warns ? <Checkbox label={t('rollback.swap.accept')} checked={accept} onChange={(event) => setAccept(event.currentTarget.checked)} /> : null}
      <div className={classes.foot}>
        {may ? <TextInput size="xs" label={t('common.guard.type', { phrase: plan.name })} value={word} autoComplete="off" spellCheck={false} onChange={(event) => setWord(event.currentTarget.value)} /> : null}
        {plan === null ? <Button variant="filled" disabled={locked} loading={busy === 'plan'} onClick={ask}>{t('rollback.swap.plan')}</Button>
          : <Button variant="default" disabled={busy !== null} onClick={() => setPlan(null)}>{t('common.cancel')}</Button>}
        {may ? <Button variant="filled" loading={busy === 'run'} disabled={word !== plan.phrase || (warns && !accept)} onClick={run}>{t('rollback.swap.run', { name: plan.name })}</Button> : null}
      </div>
      {error === null ? null : <ErrorNotice error={error} />}
    </>
  );
}
