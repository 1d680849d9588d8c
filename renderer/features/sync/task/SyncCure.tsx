import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import { leavesNothing, mayBeAtBorder, type StoppedAt } from '../../../../shared/domain/scope/border';
import { borderText } from '../../../../shared/domain/scope/border-text';
import { objectName } from '../../../../shared/domain/scope/left-out-text';
import { actFor } from '../../../../shared/domain/analysis/act';
import { mayBeSkippable } from '../../../../shared/domain/sync/skip';
import { api } from '../../../api';
import type { ProblemSlotProps } from '../../../stores/registry';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { useSyncOfStandby } from '../../../stores/tasks';
import { openDialog } from '../../../stores/ui';
import { SyncOrder } from '../SyncOrder';
import classes from './SyncCure.module.css';

/** The cure of a problem that a sync task has in its hands, beside the problem. */
export function SyncCure({ instanceId, problem }: ProblemSlotProps): ReactElement | null {
  const t = useText();
  const sync = useSyncOfStandby(instanceId);
  const view = useInstance(instanceId);
  if (sync === undefined || view === undefined) return null;
  const act = actFor(view, problem);
  if (problem.code === 'filter-drift') return <div className={classes.cure}><SyncOrder label={t('sync.filters.again')} allowed={sync.can.reapplyFilters} filled order={() => api.sync.reapplyFilters({ id: sync.id })} /></div>;
  if (act?.kind === 'sync' && act.order === 'start' && sync.can.resume) return <div className={classes.cure}><SyncOrder label={t('incident.act.start')} allowed filled order={() => api.sync.resume({ id: sync.id })} /></div>;
  if (act?.kind === 'sync' && problem.code === 'content-differs' && sync.needsVerification === null) return <div className={classes.cure}><SyncOrder label={t('sync.action.verify')} allowed={sync.can.verify} filled order={() => api.sync.verify({ id: sync.id })} /></div>;
  if (['strayed-tables', 'collation-differs', 'missing-tables'].includes(problem.code) && sync.can.changeScope) return <div className={classes.cure}><Button variant="filled" onClick={() => openDialog({ kind: 'change-scope', syncId: sync.id })}>{t('sync.scope.change')}</Button></div>;
  if (problem.code === 'applier-stopped' && sync.can.skipTransaction && mayBeSkippable(Number(problem.params['errno']))) {
    return <div className={classes.cure}><Button variant="subtle" px={0} onClick={() => openDialog({ kind: 'skip-transaction', syncId: sync.id })}>{t('sync.skip.open')}</Button></div>;
  }
  const mayCross = problem.code === 'applier-stopped' && sync.spec.scope.kind === 'partial' && mayBeAtBorder(Number(problem.params['errno']));
  const mayLack = problem.code === 'applier-stopped' && sync.leftOut.length > 0;
  return (mayCross && sync.can.changeScope) || mayLack ? <BorderCure key={String(problem.params['at'])} sync={sync} /> : null;
}

/** What the log says of the transaction at which the applier stopped; null: not read yet, or nothing over the border. */
function useBorder(id: string): StoppedAt | null {
  const [border, setBorder] = useState<StoppedAt | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    void api.sync.border({ id }, { signal: stop.signal }).then((answer) => {
      if (answer.ok && !stop.signal.aborted) setBorder(answer.value);
    });
    return () => stop.abort();
  }, [id]);
  return border;
}

/** A statement over the border of the scope, or on what the first copy left out: what it names, and the way past it. */
function BorderCure({ sync }: { sync: SyncTaskView }): ReactElement | null {
  const t = useText();
  const border = useBorder(sync.id);
  if (border === null) return null;
  const { inside, leftOut } = border;
  if (inside.length === 0) {
    return (
      <div className={classes.cure}>
        <p>{t('sync.left-out.stopped', { names: leftOut.map((one) => objectName(t, one)).join(', ') })} {t('sync.left-out.cure', { gtid: border.gtid })}</p>
      </div>
    );
  }
  const { scope } = sync.spec;
  const isAll = scope.kind === 'partial' && leavesNothing(scope, inside);
  return (
    <div className={classes.cure}>
      <p>{borderText(t, scope, border)}</p>
      {isAll ? null : <Button variant="filled" onClick={() => openDialog({ kind: 'change-scope', syncId: sync.id, without: inside })}>{t('sync.scope.go-on-without')}</Button>}
    </div>
  );
}
