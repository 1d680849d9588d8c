import { Button, Loader, Modal } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import type { RepairPlan } from '../../../shared/domain/verification/repair';
import { api } from '../../api';
import type { CallError } from '../../api';
import { useText } from '../../stores/language';
import type { DialogProps } from '../../stores/registry';
import { closeDialog } from '../../stores/ui';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { Fold } from '../../ui/Fold';
import { GuardedActionDialog } from '../../ui/GuardedActionDialog';
import { InstanceName } from '../../ui/InstanceName';
import { SqlBlock } from '../../ui/SqlBlock';
import classes from './verification.module.css';

/** Of the dialog, px; the same while it is read and when it is there. */
const width = 820;
/** Statements that are drawn; what is saved or run is all of them. */
const shown = 200;

/** The statements that make a standby's rows what they are on its source, what they do not reach, and the word that runs them. */
export function RepairDialog({ dialog }: DialogProps<'repair-rows'>): ReactElement {
  const t = useText();
  const [plan, setPlan] = useState<RepairPlan | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    void api.verification.planRepair({ id: dialog.verificationId }, { signal: stop.signal }).then((answer) => {
      if (stop.signal.aborted) return;
      if (answer.ok) setPlan(answer.value);
      else setError(answer.error);
    });
    return () => stop.abort();
  }, [dialog.verificationId]);
  if (plan === null) {
    return (
      <Modal opened onClose={closeDialog} title={t('verification.repair.title')} size={width} closeButtonProps={{ 'aria-label': t('common.close') }}>
        <div className={classes.wait} role="status">{error === null ? <span><Loader size="xs" /> {t('verification.repair.reading')}</span> : <ErrorNotice error={error} />}</div>
        <div className={classes.foot}><Button onClick={closeDialog} data-autofocus>{t('common.cancel')}</Button></div>
      </Modal>
    );
  }
  return <Confirm plan={plan} />;
}

function Confirm({ plan }: { plan: RepairPlan }): ReactElement {
  const t = useText();
  const save = (): void => void api.app.saveText({ suggestedName: 'repair.sql', text: plan.sql.map(({ sql }) => `${sql};\n`).join('') });
  const confirm = async (phrase: string): Promise<CallError | null> => {
    const answer = await api.verification.repair({ planId: plan.id, phrase });
    if (answer.ok) closeDialog();
    return answer.ok ? null : answer.error;
  };
  return (
    <GuardedActionDialog
      title={t('verification.repair.title')} subject={<InstanceName id={plan.standbyId} />} phrase={plan.phrase} 
      confirmLabel={t(plan.rows === 0 ? 'verification.repair.run-tables' : 'verification.repair.run', { rows: plan.rows, tables: plan.reseeded.length })}
      blocked={plan.rows === 0 && plan.reseeded.length === 0} onConfirm={confirm} onClose={closeDialog} size={width} safe={t('verification.repair.safe')}
    >
      <p>{t('verification.repair.means')}</p>
      {plan.reseeded.length === 0 ? null : (
        <Fold title={t('verification.repair.reseeded', { count: plan.reseeded.length })} open>
          <p>{t('verification.repair.reseed-means')}</p>
          <ul className={classes.left}>{plan.reseeded.map((one, at) => <li key={at}><b>{one.database}.{one.table}</b> {t('verification.repair.reseed-size', { rows: one.rows, megabytes: Math.ceil(one.bytes / 1e6) })}</li>)}</ul>
        </Fold>
      )}
      {plan.left.length === 0 ? null : (
        <Fold title={t('verification.repair.left', { count: plan.left.length })} open={plan.left.length <= 6}>
          <ul className={classes.left}>{plan.left.map((left, at) => <li key={at}><b>{left.database}.{left.table}</b> {t(`verification.left.${left.reason}`)}</li>)}</ul>
        </Fold>
      )}
      {plan.sql.length === 0 ? null : (
        <Fold title={t('verification.repair.sql', { count: plan.sql.length })} open>
          <SqlBlock statements={plan.sql.slice(0, shown)} />
          <div className={classes.foot}><Button size="xs" onClick={save}>{t('verification.repair.save')}</Button></div>
          {plan.sql.length > shown ? <p className={classes.note}>{t('verification.more-rows', { n: plan.sql.length - shown })}</p> : null}
        </Fold>
      )}
    </GuardedActionDialog>
  );
}
