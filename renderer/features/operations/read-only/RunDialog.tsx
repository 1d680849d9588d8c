import { Button, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { transactionWords, type PendingTransaction, type ReadOnlyView, type RunPlan, type RunTarget } from '../../../../shared/domain/operations/read-only/read-only';
import { restartWarning } from '../../../../shared/domain/operations/read-only/restart';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useAct } from '../../../stores/act';
import { useText } from '../../../stores/language';
import { putTask } from '../../../stores/tasks';
import { DialogFoot } from '../../../ui/DialogFoot';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { FormModal } from '../../../ui/FormModal';
import { SqlBlock } from '../../../ui/SqlBlock';
import { TimeText } from '../../../ui/TimeText';
import { Waiting } from '../../../ui/Waiting';
import classes from './read-only.module.css';

/** A run to a place in the log: the last transaction that is applied and the first that is not are shown before, with the statements. */
export function RunDialog({ one, target: first, onClose }: { one: ReadOnlyView; target: RunTarget; onClose: () => void }): ReactElement {
  const t = useText();
  const [target, setTarget] = useState(first);
  const { plan, error: planError } = useRunPlan(one.instanceId, target);
  const warning = plan === null ? null : restartWarning(one.name, plan.restart);
  const { busy, error, act } = useAct<'run'>();
  const run = (): void => void act('run', () => api.readOnly.run({ instanceId: one.instanceId, target, last: plan?.last?.gtid ?? null }), (task) => {
    putTask(task);
    onClose();
  });
  return (
    <FormModal title={t('readonly.run.title', { name: one.name })} size={640} busy={busy !== null} dirty={false} onClose={onClose}>
      <div className={classes.form}>
        {target.kind === 'time' ? <TimeField at={target.at} onChange={(at) => setTarget({ kind: 'time', at })} /> : null}
        {planError === null ? null : <ErrorNotice error={planError} />}
        {plan === null ? (planError === null ? <Waiting>{t('readonly.pending.reading')}</Waiting> : null) : (
          <>
            <dl className={classes.facts}>
              <dt>{t('readonly.run.last')}</dt><dd><One of={plan.last} /></dd>
              <dt>{t('readonly.run.first')}</dt><dd><One of={plan.first} /></dd>
            </dl>
            <p className={classes.light}>{t('readonly.run.count', { count: plan.count })}</p>
            {warning === null ? null : <p role="status">{t.message(warning)}</p>}
            <SqlBlock statements={plan.sql} />
          </>
        )}
        {error === null ? null : <ErrorNotice error={error} />}
      </div>
      <DialogFoot apart>
        <Button onClick={onClose} disabled={busy !== null} data-autofocus>{t('common.cancel')}</Button>
        <Button variant="filled" loading={busy !== null} disabled={plan === null} onClick={run}>{t('readonly.run.go')}</Button>
      </DialogFoot>
    </FormModal>
  );
}

function One({ of }: { of: PendingTransaction | null }): ReactElement {
  const t = useText();
  if (of === null) return <>{t('readonly.run.nothing')}</>;
  return <><span className={classes.mono}>{of.gtid}</span> · <TimeText at={of.at} show="exact" /><br />{transactionWords(of)}</>;
}

/** A moment as it is typed, with its offset. */
function TimeField({ at, onChange }: { at: number; onChange: (at: number) => void }): ReactElement {
  const t = useText();
  const [text, setText] = useState(new Date(at).toISOString());
  const parsed = Date.parse(text);
  return (
    <div className={classes.bar}>
      <TextInput label={t('readonly.run.time-label')} w={260} value={text} maxLength={40} error={Number.isNaN(parsed)} onChange={(event) => setText(event.currentTarget.value)} />
      <Button mt="auto" disabled={Number.isNaN(parsed) || parsed < 0} onClick={() => onChange(parsed)}>{t('readonly.run.show')}</Button>
    </div>
  );
}

function useRunPlan(instanceId: string, target: RunTarget): { readonly plan: RunPlan | null; readonly error: CallError | null } {
  const [plan, setPlan] = useState<RunPlan | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    setPlan(null);
    setError(null);
    void api.readOnly.planRun({ instanceId, target }, { signal: stop.signal }).then((answer) => {
      if (stop.signal.aborted) return;
      if (answer.ok) setPlan(answer.value);
      else setError(answer.error);
    });
    return () => stop.abort();
  }, [instanceId, target]);
  return { plan, error };
}
