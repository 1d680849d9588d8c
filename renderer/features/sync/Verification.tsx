import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { SyncTaskView } from '../../../shared/domain/sync';
import { api } from '../../api';
import type { CallError } from '../../api';
import { useInstance } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { putSync } from '../../stores/tasks';
import { GtidText } from '../../ui/CopyText';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { StatusBadge } from '../../ui/StatusBadge';
import { TimeText } from '../../ui/TimeText';
import classes from './SyncTaskPage.module.css';

/** Compares both sides of a link that runs. */
export function CompareNow({ sync, filled = false }: { sync: SyncTaskView; filled?: boolean }): ReactElement | null {
  const t = useText();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<CallError | null>(null);
  const act = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    const answer = await api.sync.verify({ id: sync.id });
    setBusy(false);
    if (answer.ok) putSync(answer.value);
    else setError(answer.error);
  };
  if (!sync.can.verify && error === null) return null;
  return (
    <>
      <Button variant={filled ? 'filled' : 'default'} loading={busy} disabled={!sync.can.verify} onClick={() => void act()}>{t('sync.verify.now')}</Button>
      {error === null ? null : <ErrorNotice error={error} />}
    </>
  );
}

/** On the pages of a task and of its standby: transactions were skipped, and no comparison has found both sides equal since. */
export function VerificationNotice({ sync }: { sync: SyncTaskView }): ReactElement | null {
  const t = useText();
  const standby = useInstance(sync.spec.standbyId)?.instance.name ?? '';
  const mark = sync.needsVerification;
  if (mark === null) return null;
  return (
    <div className={classes.waiting} role="status">
      <div className={classes.sub}>
        <StatusBadge tone="warn">{t('sync.verify.needs')}</StatusBadge>
        <span>{t('sync.verify.needs-text', { standby, count: mark.gtids.length })}</span>
        <span>{t('sync.verify.since')} <TimeText at={mark.since} /></span>
        <GtidText set={mark.gtids.join(',')} what={t('sync.verify.gtids')} />
        <CompareNow sync={sync} filled />
      </div>
    </div>
  );
}

/** When and where both sides were last found equal. */
export function VerifiedText({ sync }: { sync: SyncTaskView }): ReactElement | null {
  const t = useText();
  if (sync.verified === null) return null;
  const { at, gtidSet } = sync.verified;
  return <span className={classes.sub}><TimeText at={at} /> {t('sync.verify.at')} <GtidText set={gtidSet} what={t('sync.verify.equal')} /></span>;
}
