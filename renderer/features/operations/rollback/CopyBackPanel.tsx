import { Button, Checkbox } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { rowDifferences, type RowDifference } from '../../../../shared/domain/operations/rollback/compare';
import type { NewName } from '../../../../shared/domain/operations/rollback/names';
import type { UndoPlan } from '../../../../shared/domain/operations/rollback/undo-plan';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useText } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { Waiting } from '../../../ui/Waiting';
import { RollbackRun } from './RollbackRun';
import { UndoPlanView } from './UndoPlanView';
import classes from './rollback.module.css';

/** Chosen rows, or all that differ in some ways, made what they are in the copy: what it writes, and its run. */
export function CopyBackPanel({ recordId, instanceId, pair, chosen, locked, differences, isEqual, onDifferences, onAgain }: {
  recordId: string; instanceId: string; pair: NewName; chosen: readonly string[]; locked: boolean; differences: readonly RowDifference[]; isEqual: boolean;
  onDifferences: (next: readonly RowDifference[]) => void; onAgain: () => void;
}): ReactElement {
  const t = useText();
  const { busy, error, act } = useAct<'plan' | 'run'>();
  const [plan, setPlan] = useState<UndoPlan | null>(null);
  const [taskId, setTaskId] = useState<string | null>(null);
  const { database, table } = pair;
  const what = chosen.length === 0 ? { differences, rows: null } : { differences: rowDifferences, rows: chosen };
  const preview = (): void => void act('plan', () => api.rollback.planCopyBack({ recordId, database, table, ...what }), setPlan);
  const run = (phrase: string, acceptWarnings: boolean): void => void act('run', () => api.rollback.execute({ planId: plan?.id ?? '', phrase, acceptWarnings }), (task) => setTaskId(task.id));
  if (taskId !== null) return <RollbackRun taskId={taskId} onAgain={onAgain} />;
  const title = chosen.length === 0 ? t('rollback.compare.every') : t('rollback.copy-back.chosen', { count: chosen.length });
  if (plan !== null) return (
    <>
      <UndoPlanView key={plan.id} plan={plan} instanceId={instanceId} title={title} verb={t('rollback.copy-back')} busy={busy === 'run'} onRun={run} onBack={() => setPlan(null)} />
      {error === null ? null : <ErrorNotice error={error} />}
    </>
  );
  return (
    <>
      <h2>{title}</h2>
      <p className={classes.light}>{t('rollback.copy-back.text')}</p>
      {chosen.length > 0 ? null : rowDifferences.map((one) => (
        <Checkbox
          key={one} size="xs" label={t(`rollback.difference.${one}`)} checked={differences.includes(one)}
          onChange={(event) => onDifferences(rowDifferences.filter((other) => (other === one ? event.currentTarget.checked : differences.includes(other))))}
        />
      ))}
      {busy === 'plan' ? <Waiting>{t('rollback.planning')}</Waiting> : null}
      <div className={classes.foot}>
        <Button variant="filled" disabled={locked || isEqual || (chosen.length === 0 && differences.length === 0)} loading={busy === 'plan'} onClick={preview}>{t('rollback.beside.plan')}</Button>
      </div>
      {error === null ? null : <ErrorNotice error={error} />}
    </>
  );
}
