import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { UndoPlan } from '../../../../shared/domain/operations/rollback/undo-plan';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useText } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { Waiting } from '../../../ui/Waiting';
import { RollbackRun } from './RollbackRun';
import { UndoPlanView } from './UndoPlanView';
import classes from './rollback.module.css';

/** What taking the chosen transactions back would write, row by row; then its run. */
export function UndoPanel({ instanceId, gtids, locked, onClear }: {
  instanceId: string; gtids: readonly string[]; locked: boolean; onClear: () => void;
}): ReactElement {
  const t = useText();
  const { busy, error, act } = useAct<'plan' | 'run'>();
  const [plan, setPlan] = useState<UndoPlan | null>(null);
  const [taskId, setTaskId] = useState<string | null>(null);
  const preview = (): void => void act('plan', () => api.rollback.planUndo({ instanceId, gtids }), setPlan);
  const run = (phrase: string, acceptWarnings: boolean): void => void act('run', () => api.rollback.execute({ planId: plan?.id ?? '', phrase, acceptWarnings }), (task) => setTaskId(task.id));
  return (
    <>
      {taskId !== null ? <RollbackRun taskId={taskId} onAgain={onClear} /> : plan !== null ? (
        <UndoPlanView
          key={plan.id} plan={plan} instanceId={instanceId} title={t('rollback.chosen', { count: plan.gtids.length })} verb={t('rollback.run', { name: plan.name })}
          busy={busy === 'run'} onRun={run} onBack={() => setPlan(null)}
        />
      ) : (
        <>
          <h2>{gtids.length === 0 ? t('rollback.view.undo') : t('rollback.chosen', { count: gtids.length })}</h2>
          {gtids.length === 0 ? <p className={classes.light}>{t('rollback.choose')}</p> : <ul className={classes.log}>{gtids.map((gtid) => <li key={gtid} className={classes.mono}>{gtid}</li>)}</ul>}
          {busy === 'plan' ? <Waiting>{t('rollback.planning')}</Waiting> : null}
          <div className={classes.foot}>
            <Button variant="filled" disabled={gtids.length === 0 || locked} loading={busy === 'plan'} onClick={preview}>{t('rollback.preview')}</Button>
          </div>
        </>
      )}
      {error === null ? null : <ErrorNotice error={error} />}
    </>
  );
}
