import { Button, Checkbox, Loader, Modal } from '@mantine/core';
import { useEffect, useId, useState } from 'react';
import type { ReactElement } from 'react';
import { inTheWayMessage, type SkipPlan, type SkipReason } from '../../../../shared/domain/sync/skip';
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

/** Of the dialog, px; the same while it is read and when it is there. */
const width = 760;

/** Goes past the transaction at which a standby's applier stopped: what it would have written, what that means, what is better. */
export function SkipTransactionDialog({ dialog }: DialogProps<'skip-transaction'>): ReactElement | null {
  const sync = useSync(dialog.syncId);
  return sync === undefined ? null : <Skip sync={sync} />;
}

function Skip({ sync }: { sync: SyncTaskView }): ReactElement {
  const { plan, error, read } = useSkipPlan(sync.id);
  /** One was skipped, and the applier stopped at the next. */
  const [again, setAgain] = useState(false);
  if (plan === null) return <Reading sync={sync} again={again} error={error} onRetry={read} />;
  const stoppedAgain = (): void => {
    setAgain(true);
    read();
  };
  return <Confirm key={plan.gtid} sync={sync} plan={plan} again={again} onStoppedAgain={stoppedAgain} />;
}

/** The transaction at which the applier stands, read from both servers; null: not read yet, or again. */
function useSkipPlan(id: string): { readonly plan: SkipPlan | null; readonly error: CallError | null; readonly read: () => void } {
  const [plan, setPlan] = useState<SkipPlan | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    setPlan(null);
    setError(null);
    void api.sync.planSkip({ id }, { signal: stop.signal }).then((answer) => {
      if (stop.signal.aborted) return;
      if (answer.ok) setPlan(answer.value);
      else setError(answer.error);
    });
    return () => stop.abort();
  }, [id, attempt]);
  return { plan, error, read: () => setAttempt(attempt + 1) };
}

/** What the dialog is about, by names. */
function useTitle({ spec }: SyncTaskView): { readonly title: string; readonly standby: string; readonly source: string } {
  const t = useText();
  const standby = useInstance(spec.standbyId)?.instance.name ?? '';
  const source = useInstance(spec.sourceId)?.instance.name ?? '';
  return { title: t('sync.skip.title', { standby }), standby, source };
}

function Reading({ sync, again, error, onRetry }: { sync: SyncTaskView; again: boolean; error: CallError | null; onRetry: () => void }): ReactElement {
  const t = useText();
  const { title, source } = useTitle(sync);
  return (
    <Modal opened onClose={closeDialog} title={title} size={width} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <div className={classes.wait} role="status">
        {again ? <p>{t(error === null ? 'sync.skip.again' : 'sync.skip.again-unknown')}</p> : null}
        {error === null ? (
          <span><Loader size="xs" /> {t('sync.skip.reading', { source })}</span>
        ) : (
          <ErrorNotice error={error} safe={t('sync.skip.safe')} onRetry={onRetry} />
        )}
      </div>
      <div className={classes.foot}><Button onClick={closeDialog} data-autofocus>{t('common.cancel')}</Button></div>
    </Modal>
  );
}

interface ConfirmProps {
  readonly sync: SyncTaskView;
  readonly plan: SkipPlan;
  readonly again: boolean;
  readonly onStoppedAgain: () => void;
}

function Confirm({ sync, plan, again, onStoppedAgain }: ConfirmProps): ReactElement {
  const t = useText();
  const { title, standby } = useTitle(sync);
  const [unseen, setUnseen] = useState(false);
  const skip = async (phrase: string): Promise<CallError | null> => {
    const answer = await api.sync.skipTransaction({ id: sync.id, gtid: plan.gtid, phrase });
    if (!answer.ok) return answer.error;
    putSync(answer.value.sync);
    if (answer.value.outcome === 'stopped-again') {
      onStoppedAgain();
      return null;
    }
    say({ key: 'sync.skip.runs', params: { standby } });
    closeDialog();
    go({ id: 'sync-task', syncId: sync.id });
    return null;
  };
  return (
    <GuardedActionDialog
      title={title}
      subject={<InstanceName id={sync.spec.standbyId} />}
      phrase={plan.phrase}
      confirmLabel={t('sync.skip.confirm')}
      blocked={plan.transaction === null && !unseen}
      size={width}
      safe={t('sync.skip.safe')}
      onClose={closeDialog}
      onConfirm={skip}
    >
      {again ? <p className={classes.again} role="status"><StatusIcon tone="warn" /> {t('sync.skip.again')}</p> : null}
      <Stopped plan={plan} />
      <h3 className={classes.heading}>{t('sync.skip.transaction', { standby })}</h3>
      {plan.transaction === null ? <Unread plan={plan} unseen={unseen} onUnseen={setUnseen} /> : <TransactionChanges transaction={plan.transaction} />}
      <p className={classes.means}>{t('sync.skip.reason', { reason: plan.reason, standby, accounts: plan.accounts.join(', ') })}</p>
      <p className={classes.means}>{t('sync.skip.means', { executed: plan.isExecuted ? 'yes' : 'no', standby })}</p>
      <Better standby={standby} reason={plan.reason} />
      <Fold title={t('sync.skip.sql')}><SqlBlock statements={plan.sql} /></Fold>
    </GuardedActionDialog>
  );
}

/** Where the applier stands, and why. */
function Stopped({ plan }: { plan: SkipPlan }): ReactElement {
  const t = useText();
  return (
    <div className={classes.stopped}>
      <b>{t('sync.skip.stopped', { errno: plan.errno })}</b>
      <pre className={classes.serverText} tabIndex={0} aria-label={t('common.error.server-text')}>{plan.error}</pre>
      <CopyText value={plan.gtid} what={t('sync.skip.gtid')} />
      <InTheWay plan={plan} />
    </div>
  );
}

/** What it would have written could not be read: skipping it unseen is a choice of its own. */
function Unread({ plan, unseen, onUnseen }: { plan: SkipPlan; unseen: boolean; onUnseen: (unseen: boolean) => void }): ReactElement {
  const t = useText();
  return (
    <>
      <p className={classes.again}><StatusIcon tone="warn" /> {t('sync.skip.unread')}</p>
      {plan.unread === null ? null : <ErrorNotice error={plan.unread} />}
      <Checkbox checked={unseen} onChange={(event) => onUnseen(event.currentTarget.checked)} label={t('sync.skip.unseen')} />
    </>
  );
}

function Better({ standby, reason }: { standby: string; reason: SkipReason }): ReactElement {
  const t = useText();
  return (
    <div className={classes.better}>
      <b>{t('sync.skip.better')}</b>
      <ul>
        {reason === 'incident' ? null : <li>{t(reason === 'accounts' ? 'sync.skip.better.accounts' : 'sync.skip.better.repair', { standby })}</li>}
        <li>{t('sync.skip.better.compare')}</li>
        <li>{t('sync.skip.better.seed')}</li>
      </ul>
    </div>
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
