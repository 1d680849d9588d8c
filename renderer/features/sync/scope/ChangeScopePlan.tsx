import { Button, Checkbox } from '@mantine/core';
import type { ReactElement } from 'react';
import { countChecks } from '../../../../shared/domain/checks/check';
import type { ScopeChangePlan } from '../../../../shared/domain/scope/change';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { BeforeAfterTable } from '../../../ui/BeforeAfterTable';
import { formatDuration } from '../../../ui/format';
import { IconRefresh } from '../../../ui/icons';
import { StatusBadge } from '../../../ui/StatusBadge';
import { CheckList } from '../checks/CheckList';
import type { CheckActions } from '../checks/CheckList';
import { MissingObjects } from './MissingObjects';
import { ScopeDifference } from './ScopeDifference';
import { scopeText } from '../list/sync-text';
import classes from '../create/CreateSyncDialog.module.css';

interface Props {
  readonly sync: SyncTaskView;
  readonly plan: ScopeChangePlan;
  readonly busy: boolean;
  readonly acceptWarnings: boolean;
  readonly onAccept: (accept: boolean) => void;
  readonly dropRemoved: boolean;
  readonly onDrop: (drop: boolean) => void;
  readonly onAddToScope: CheckActions['onAddToScope'];
  readonly onAgain: () => void;
}

/** What a change of scope would do: before and after, what goes, for how long the standby stands still, the checks. */
export function ChangeScopePlan({ sync, plan, busy, acceptWarnings, onAccept, dropRemoved, onDrop, onAddToScope, onAgain }: Props): ReactElement {
  const t = useText();
  const standby = useInstance(sync.spec.standbyId)?.instance.name ?? '';
  const counts = countChecks(plan.report.results);
  const pause = plan.added.length === 0 ? t('sync.scope.pause-moment', { standby }) : plan.pauseSeconds === null ? t('sync.scope.pause-unknown', { standby }) : t('sync.scope.pause', { standby, time: formatDuration(t, Math.max(1, plan.pauseSeconds) * 1000) });
  return (
    <>
      <BeforeAfterTable rows={[{ what: t('sync.wizard.scope'), before: scopeText(t, plan.from), after: scopeText(t, plan.to) }]} />
      <ScopeDifference added={plan.added} removed={plan.removed} />
      <p className={classes.note}>{pause}</p>
      {plan.removed.length === 0 ? null : (
        <div className={classes.stack}>
          {dropRemoved ? null : <p className={classes.note}>{t('sync.scope.stays', { standby })}</p>}
          <Checkbox checked={dropRemoved} disabled={busy} onChange={(event) => onDrop(event.currentTarget.checked)} label={t('sync.scope.drop', { standby })} />
        </div>
      )}
      {plan.phrase === null ? null : (
        <div className={classes.erase}>
          {plan.dropped.length === 0 ? null : <span>{t('sync.scope.drops', { standby, names: shortened(plan.dropped) })}</span>}
          {plan.inTheWay.length === 0 ? null : <span>{t('sync.scope.in-the-way', { standby, names: shortened(plan.inTheWay) })}</span>}
        </div>
      )}
      <div className={classes.wait} role="status">
        <StatusBadge tone={counts.fail > 0 ? 'bad' : counts.warn > 0 ? 'warn' : 'good'}>
          {counts.fail > 0 ? t('sync.scope.checks-failed', { n: counts.fail }) : counts.warn > 0 ? t('sync.wizard.checks-warn', { n: counts.warn }) : t('sync.wizard.checks-pass')}
        </StatusBadge>
        <Button ml="auto" leftSection={<IconRefresh size={14} />} disabled={busy} onClick={onAgain}>{t('sync.wizard.checks-again')}</Button>
      </div>
      <MissingObjects report={plan.report} busy={busy} onAdd={onAddToScope} />
      {counts.fail === 0 && counts.warn > 0 ? <Checkbox checked={acceptWarnings} onChange={(event) => onAccept(event.currentTarget.checked)} label={t('sync.wizard.accept')} /> : null}
      {counts.fail + counts.warn === 0 ? null : <CheckList results={plan.report.results} actions={{ busyId: busy ? '' : null, onAgain, onAddToScope }} />}
    </>
  );
}

const shownNames = 20;

function shortened(names: readonly string[]): string {
  return names.length <= shownNames ? names.join(', ') : `${names.slice(0, shownNames).join(', ')} … (+${names.length - shownNames})`;
}
