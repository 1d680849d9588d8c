import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { ImportPlan } from '../../../../shared/domain/operations/import/plan';
import type { RowsPlan } from '../../../../shared/domain/operations/import/rows/plan';
import { isExecutable, type Precondition } from '../../../../shared/domain/tasks/plan';
import { useInstance, useRegionName } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { Preconditions } from '../../../ui/Preconditions';
import classes from './import.module.css';

/** What the word is asked for; the engine gives these in their order, the worst first. */
const isAsked = ({ id }: Precondition): boolean => id.startsWith('asked-');

/** What a file comes to, what is at stake, and the word for it. */
export function ImportPlanView({ plan, busy, onExecute, onBack }: {
  plan: ImportPlan | RowsPlan; busy: boolean; onExecute: (phrase: string) => void; onBack: () => void;
}): ReactElement {
  const t = useText();
  const [word, setWord] = useState('');
  const region = useRegionName(useInstance(plan.instanceId)?.instance.regionId ?? '');
  const asked = plan.preconditions.filter(isAsked);
  const ready = isExecutable(plan) && (plan.phrase === null || word === plan.phrase);
  return (
    <>
      <h2>{t('import.plan.head', { name: plan.name, region })}</h2>
      <p className={classes.light}>{plan.file.path}</p>
      {asked.length === 0 ? null : (
        <>
          <h2>{t('import.plan.asked')}</h2>
          <ul className={classes.asked}>{asked.map((one) => <li key={one.id}><b>{t.message(one.title)}</b><br />{t.message(one.measured)}</li>)}</ul>
        </>
      )}
      <Preconditions preconditions={plan.preconditions.filter((one) => !isAsked(one))} warnsOpen />
      {plan.phrase === null || !isExecutable(plan) ? null : (
        <TextInput
          label={t('common.guard.type', { phrase: plan.phrase })} value={word} maxLength={256} autoComplete="off" spellCheck={false}
          onChange={(event) => setWord(event.currentTarget.value)}
        />
      )}
      <div className={classes.foot}>
        <Button variant="default" disabled={busy} onClick={onBack} data-autofocus>{t('import.back')}</Button>
        <Button variant="filled" loading={busy} disabled={!ready} onClick={() => onExecute(word)}>{t('import.execute', { name: plan.name })}</Button>
      </div>
    </>
  );
}
