import { Anchor } from '@mantine/core';
import type { ReactElement } from 'react';
import type { SyncTaskView } from '../../../shared/domain/sync/sync';
import { api } from '../../api';
import { useInstance } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { go } from '../../stores/ui';
import { GtidText } from '../../ui/CopyText';
import { StatusBadge } from '../../ui/StatusBadge';
import { TimeText } from '../../ui/TimeText';
import { SyncOrder } from './SyncOrder';
import classes from './page.module.css';

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
        <TimeText at={mark.since} within="sync.verify.since" />
        <GtidText set={mark.gtids.join(',')} what={t('sync.verify.gtids')} />
        <SyncOrder label={t('sync.action.verify')} allowed={sync.can.verify} filled order={() => api.sync.verify({ id: sync.id })} />
      </div>
    </div>
  );
}

/** Leads to what comparisons of the link found. */
export function ComparisonLink({ sync: { spec } }: { sync: SyncTaskView }): ReactElement {
  const t = useText();
  const { sourceId, standbyId } = spec;
  return <Anchor component="button" type="button" onClick={() => go({ id: 'verification', sourceId, standbyId })}>{t('verification.open')}</Anchor>;
}

/** When and where both sides were last found equal. */
export function VerifiedText({ sync }: { sync: SyncTaskView }): ReactElement | null {
  const t = useText();
  if (sync.verified === null) return null;
  const { at, gtidSet } = sync.verified;
  return <span className={classes.sub}><TimeText at={at} /> {t('sync.verify.at')} <GtidText set={gtidSet} what={t('sync.verify.equal')} /> <ComparisonLink sync={sync} /></span>;
}
