import { Button, NumberInput, Radio, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { importErrorWays, type ImportErrorWay, type ImportPlan } from '../../../../shared/domain/operations/import/plan';
import { isExecutable, type Precondition } from '../../../../shared/domain/tasks/plan';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useInstance, useRegionName } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { useReading } from '../../../stores/reading';
import { useRunningTask } from '../../../stores/tasks';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { Preconditions } from '../../../ui/Preconditions';
import { Waiting } from '../../../ui/Waiting';
import { ImportRun } from './ImportRun';
import classes from './import.module.css';

interface Wish {
  readonly path: string | null;
  readonly database: string | null;
  readonly onError: ImportErrorWay;
  readonly fromByte: number;
}

/** Which file goes where; what it comes to and what is asked about; then the run. */
export function ImportPanel({ instanceId }: { instanceId: string }): ReactElement {
  const t = useText();
  const { busy, error, act } = useAct<'choose' | 'plan' | 'execute'>();
  const running = useRunningTask('import', instanceId);
  const [wish, setWish] = useState<Wish>({ path: null, database: null, onError: 'stop', fromByte: 0 });
  const [plan, setPlan] = useState<ImportPlan | null>(null);
  const [taskId, setTaskId] = useState<string | null>(null);
  const shown = taskId ?? running?.id ?? null;
  const choose = (): void => void act('choose', () => api.app.chooseFile(), (path) => { if (path !== null) setWish({ ...wish, path, fromByte: 0 }); });
  const read = (): void => {
    const { path, ...more } = wish;
    if (path !== null) void act('plan', () => api.import.plan({ instanceId, path, ...more }), setPlan);
  };
  const execute = (phrase: string): void => {
    if (plan !== null) void act('execute', () => api.import.execute({ planId: plan.id, phrase }), ({ taskId: started }) => setTaskId(started));
  };
  return (
    <aside className={classes.side} aria-label={t('import.next')}>
      {shown !== null ? <ImportRun taskId={shown} onClose={() => { setTaskId(null); setPlan(null); }} />
        : plan !== null ? <PlanView key={plan.id} plan={plan} busy={busy === 'execute'} onExecute={execute} onBack={() => setPlan(null)} />
          : <Form instanceId={instanceId} wish={wish} busy={busy === 'choose' || busy === 'plan' ? busy : null} onWish={setWish} onChoose={choose} onRead={read} />}
      {error === null ? null : <ErrorNotice error={error} />}
    </aside>
  );
}

interface FormProps {
  readonly instanceId: string;
  readonly wish: Wish;
  readonly busy: 'choose' | 'plan' | null;
  readonly onWish: (wish: Wish) => void;
  readonly onChoose: () => void;
  readonly onRead: () => void;
}

function Form({ instanceId, wish, busy, onWish, onChoose, onRead }: FormProps): ReactElement {
  const t = useText();
  const { value: objects, error, read } = useReading(instanceId, () => api.fleet.objects({ id: instanceId }));
  return (
    <>
      <h2>{t('import.next')}</h2>
      <div className={classes.form}>
        <div className={classes.file}>
          <Button variant={wish.path === null ? 'filled' : 'default'} loading={busy === 'choose'} disabled={busy === 'plan'} onClick={onChoose}>{t('import.choose')}</Button>
          <span>{wish.path ?? t('import.choose.none')}</span>
        </div>
        <Select
          label={t('import.database')} placeholder={t('import.database.named')} searchable clearable clearButtonProps={{ 'aria-label': t('import.database.named') }}
          value={wish.database} data={(objects ?? []).map(({ name }) => name)} onChange={(database) => onWish({ ...wish, database })}
        />
        {error === null ? null : <ErrorNotice error={error} onRetry={read} />}
        <Radio.Group label={t('import.on-error')} value={wish.onError} onChange={(way) => onWish({ ...wish, onError: way === 'collect' ? 'collect' : 'stop' })}>
          {importErrorWays.map((way) => <Radio key={way} mt={6} value={way} label={t(`import.on-error.${way}`)} />)}
        </Radio.Group>
        <NumberInput
          label={t('import.from-byte')} description={t('import.from-byte.text')} value={wish.fromByte} min={0} max={Number.MAX_SAFE_INTEGER} allowDecimal={false}
          allowNegative={false} hideControls onChange={(value) => onWish({ ...wish, fromByte: typeof value === 'number' ? value : 0 })}
        />
      </div>
      {busy === 'plan' ? <Waiting>{t('import.planning')}</Waiting> : null}
      <div className={classes.foot}>
        <Button variant={wish.path === null ? 'default' : 'filled'} disabled={wish.path === null} loading={busy === 'plan'} onClick={onRead}>{t('import.plan')}</Button>
      </div>
    </>
  );
}

/** What the word is asked for; the engine gives these in their order, the worst first. */
const isAsked = ({ id }: Precondition): boolean => id.startsWith('asked-');

function PlanView({ plan, busy, onExecute, onBack }: {
  plan: ImportPlan; busy: boolean; onExecute: (phrase: string) => void; onBack: () => void;
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
      <Preconditions preconditions={plan.preconditions.filter((one) => !isAsked(one))} />
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
