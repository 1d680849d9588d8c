import { Button, Checkbox, Loader, Modal } from '@mantine/core';
import { useEffect, useId, useState } from 'react';
import type { ReactElement } from 'react';
import { inTheWayMessage, type SkipPlan } from '../../../../shared/domain/sync/skip';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import type { DialogProps } from '../../../stores/registry';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { putSync, useSync } from '../../../stores/tasks';
import { closeDialog, go, say } from '../../../stores/ui';
import { CopyText } from '../../../ui/CopyText';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { Fold } from '../../../ui/Fold';
import { GuardedActionDialog } from '../../../ui/GuardedActionDialog';
import { SqlBlock } from '../../../ui/SqlBlock';
import { StatusIcon } from '../../../ui/StatusBadge';
import { InstanceName } from '../../../ui/InstanceName';
import { TransactionChanges } from './TransactionChanges';
import classes from './SkipTransactionDialog.module.css';

/** Goes past the transaction at which a standby's applier stopped: what it would have written, what that means, what is better. */
export function SkipTransactionDialog({ dialog }: DialogProps<'skip-transaction'>): ReactElement | null {
  const sync = useSync(dialog.syncId);
  return sync === undefined ? null : <Body sync={sync} />;
}

function Body({ sync }: { sync: SyncTaskView }): ReactElement {
  const t = useText();
  const standby = useInstance(sync.spec.standbyId)?.instance.name ?? '';
  const source = useInstance(sync.spec.sourceId)?.instance.name ?? '';
  const [plan, setPlan] = useState<SkipPlan | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [again, setAgain] = useState(false);
  const [unseen, setUnseen] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const { id } = sync;

  useEffect(() => {
    const stop = new AbortController();
    setPlan(null);
    setError(null);
    setUnseen(false);
    void api.sync.planSkip({ id }, { signal: stop.signal }).then((answer) => {
      if (stop.signal.aborted) return;
      if (answer.ok) setPlan(answer.value);
      else setError(answer.error);
    });
    return () => stop.abort();
  }, [id, attempt]);

  const title = t('sync.skip.title', { standby });
  if (plan === null) {
    return (
      <Modal opened onClose={closeDialog} title={title} size={760} closeButtonProps={{ 'aria-label': t('common.close') }}>
        <div className={classes.wait} role="status">
          {again ? <p>{t(error === null ? 'sync.skip.again' : 'sync.skip.again-unknown')}</p> : null}
          {error === null ? <span><Loader size="xs" /> {t('sync.skip.reading', { source })}</span> : <ErrorNotice error={error} safe={t('sync.skip.safe')} onRetry={() => setAttempt(attempt + 1)} />}
        </div>
        <div className={classes.foot}><Button onClick={closeDialog} data-autofocus>{t('common.cancel')}</Button></div>
      </Modal>
    );
  }
  return (
    <GuardedActionDialog
      key={plan.gtid}
      title={title}
      subject={<InstanceName id={sync.spec.standbyId} />}
      phrase={plan.phrase}
      confirmLabel={t('sync.skip.confirm')}
      blocked={plan.transaction === null && !unseen}
      size={760}
      safe={t('sync.skip.safe')}
      onClose={closeDialog}
      onConfirm={async (phrase) => {
        const answer = await api.sync.skipTransaction({ id, gtid: plan.gtid, phrase });
        if (!answer.ok) return answer.error;
        putSync(answer.value.sync);
        if (answer.value.outcome === 'stopped-again') {
          setAgain(true);
          setAttempt(attempt + 1);
          return null;
        }
        say({ key: 'sync.skip.runs', params: { standby } });
        closeDialog();
        go({ id: 'sync-task', syncId: id });
        return null;
      }}
    >
      {again ? <p className={classes.again} role="status"><StatusIcon tone="warn" /> {t('sync.skip.again')}</p> : null}
      <div className={classes.stopped}>
        <b>{t('sync.skip.stopped', { errno: plan.errno })}</b>
        <pre className={classes.serverText} tabIndex={0} aria-label={t('common.error.server-text')}>{plan.error}</pre>
        <CopyText value={plan.gtid} what={t('sync.skip.gtid')} />
        <InTheWay plan={plan} />
      </div>
      <h3 className={classes.heading}>{t('sync.skip.transaction', { standby })}</h3>
      {plan.transaction === null ? (
        <>
          <p className={classes.again}><StatusIcon tone="warn" /> {t('sync.skip.unread')}</p>
          {plan.unread === null ? null : <ErrorNotice error={plan.unread} />}
          <Checkbox checked={unseen} onChange={(event) => setUnseen(event.currentTarget.checked)} label={t('sync.skip.unseen')} />
        </>
      ) : (
        <TransactionChanges transaction={plan.transaction} />
      )}
      <p className={classes.means}>{t('sync.skip.means', { standby })}</p>
      <div className={classes.better}>
        <b>{t('sync.skip.better')}</b>
        <ul>
          <li>{t('sync.skip.better.repair', { standby })}</li>
          <li>{t('sync.skip.better.compare')}</li>
          <li>{t('sync.skip.better.seed')}</li>
        </ul>
      </div>
      <Fold title={t('sync.skip.sql')}><SqlBlock statements={plan.sql} /></Fold>
    </GuardedActionDialog>
  );
}

/** Where it is not alone: all of them, in the order in which they have to go. */
function InTheWay({ plan: { gtid, inTheWay } }: { plan: SkipPlan }): ReactElement | null {
  const t = useText();
  const heading = useId();
  if (inTheWay.length < 2) return null;
  return (
    <>
      <p className={classes.means} id={heading}>{t('sync.skip.in-the-way', { count: inTheWay.length })}</p>
      <ol className={classes.inTheWay} aria-labelledby={heading} tabIndex={0}>
        {inTheWay.map((one) => (
          <li key={one.gtid} aria-current={one.gtid === gtid || undefined}>
            <code>{one.gtid}</code> <span>{t.message(inTheWayMessage(one, gtid))}</span>
          </li>
        ))}
      </ol>
    </>
  );
}
