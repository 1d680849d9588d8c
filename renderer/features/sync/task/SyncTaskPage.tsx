import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { countChecks } from '../../../../shared/domain/checks/check';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import type { TaskView } from '../../../../shared/domain/tasks/task';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import type { PageProps } from '../../../stores/registry';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { putSync, useSync, useTask } from '../../../stores/tasks';
import { go, openDialog } from '../../../stores/ui';
import { RefusalNotice, useRefusal } from '../../../ui/AtWork';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconEqual, IconPlayerPause, IconPlayerPlay, IconPlayerStop, IconTransfer, IconTrash } from '../../../ui/icons';
import { LagBadge } from '../../../ui/LagBadge';
import { Facts, Page, Section } from '../../../ui/Page';
import { StatusBadge } from '../../../ui/StatusBadge';
import { StepList } from '../../../ui/StepList';
import { TimeText } from '../../../ui/TimeText';
import { CheckList } from '../checks/CheckList';
import { CopiedObjects } from './CopiedObjects';
import { CopyRate } from './CopyRate';
import { InstanceName } from '../../../ui/InstanceName';
import { LinkProblems } from './LinkProblems';
import { ProtectionSection } from '../list/ProtectionSection';
import { RestoresFilters } from './RestoresFilters';
import { SaveReport } from './SaveReport';
import { SyncState } from '../list/SyncState';
import { locksOf, scopeText } from '../list/sync-text';
import { TaskCharts } from './TaskCharts';
import { VerificationNotice, VerifiedText } from '../list/Verification';
import { timelineOf } from './timeline';
import classes from './SyncTaskPage.module.css';

type Action = 'start' | 'pause' | 'resume' | 'verify' | 'cancel';
const actions: readonly { action: Action; icon: ReactNode }[] = [
  { action: 'start', icon: <IconPlayerPlay size={14} /> },
  { action: 'pause', icon: <IconPlayerPause size={14} /> },
  { action: 'resume', icon: <IconPlayerPlay size={14} /> },
  { action: 'verify', icon: <IconEqual size={14} /> },
  { action: 'cancel', icon: <IconPlayerStop size={14} /> },
];

const takesLocks = (action: Action): boolean => action === 'start' || action === 'resume' || action === 'verify';

/** One sync task: its steps with their SQL at the left, what it is and its log at the right. */
export function SyncTaskPage({ page }: PageProps<'sync-task'>): ReactElement {
  const t = useText();
  const sync = useSync(page.syncId);
  if (sync === undefined) {
    return (
      <Page title={t('common.nav.sync-task')}>
        <EmptyState title={t('sync.task.gone')} action={<Button onClick={() => go({ id: 'sync' })}>{t('sync.page.title')}</Button>} />
      </Page>
    );
  }
  return <TaskBody sync={sync} />;
}

function TaskBody({ sync }: { sync: SyncTaskView }): ReactElement {
  const t = useText();
  const task = useTask(sync.task?.id ?? null) ?? sync.task;
  const lag = useInstance(sync.spec.standbyId)?.lag ?? null;
  const locks = locksOf(sync.spec);
  const refusal = useRefusal(locks);
  const [busy, setBusy] = useState<Action | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const run = async (action: Action): Promise<void> => {
    setBusy(action);
    setError(null);
    const answer = await api.sync[action]({ id: sync.id });
    setBusy(null);
    if (answer.ok) putSync(answer.value);
    else setError(answer.error);
  };
  const shownError = error ?? (task?.error === null || task?.error === undefined ? sync.error : null);
  return (
    <Page
      title={sync.spec.name}
      sub={
        <span className={classes.sub}>
          <SyncState sync={sync} />
          {lag !== null && sync.state === 'replicating' ? <LagBadge lag={lag} plain /> : null}
          <InstanceName id={sync.spec.sourceId} /> → <InstanceName id={sync.spec.standbyId} />
        </span>
      }
      actions={
        <>
          {actions.filter(({ action }) => sync.can[action] && !(action === 'verify' && sync.needsVerification !== null)).map(({ action, icon }) => (
            <Button key={action} variant={action === 'start' || action === 'resume' ? 'filled' : 'default'} leftSection={icon} loading={busy === action} disabled={busy !== null || (refusal !== null && takesLocks(action))} title={takesLocks(action) ? (refusal ?? undefined) : undefined} onClick={() => void run(action)}>
              {t(`sync.action.${action}`)}
            </Button>
          ))}
          {sync.can.edit ? <Button onClick={() => openDialog({ kind: 'edit-sync', syncId: sync.id })}>{t('sync.action.edit')}</Button> : null}
          {sync.can.changeScope && sync.spec.scope.kind === 'partial' ? (
            <Button leftSection={<IconTransfer size={14} />} onClick={() => openDialog({ kind: 'change-scope', syncId: sync.id })}>
              {t('sync.scope.change')}
            </Button>
          ) : null}
          {sync.can.remove ? (
            <Button leftSection={<IconTrash size={14} />} onClick={() => openDialog({ kind: 'remove-sync', syncId: sync.id })}>
              {t('sync.action.remove')}
            </Button>
          ) : null}
        </>
      }
    >
      {shownError === null ? null : <ErrorNotice error={shownError} />}
      <RefusalNotice wanted={locks} />
      <VerificationNotice sync={sync} />
      {task?.waitingFor === null || task?.waitingFor === undefined ? null : (
        <div className={classes.waiting} role="status">
          <StatusBadge tone="warn">{t('sync.task.waiting')}</StatusBadge> {t.message(task.waitingFor)}
        </div>
      )}
      <div className={classes.columns}>
        <div className={classes.column}>
          <LinkProblems sync={sync} />
          <ProtectionSection sync={sync} />
          <Section title={t('sync.task.steps')}>
            {task === null ? <p className={classes.nothing}>{t('sync.task.not-started')}</p> : <StepList steps={task.steps} label={t('sync.task.steps')} />}
          </Section>
          <CopiedObjects sync={sync} />
          {sync.lastReport === null ? null : (
            <Section title={<>{t('sync.wizard.step.checks')} · <TimeText at={sync.lastReport.startedAt} /></>} aside={<SaveReport report={sync.lastReport} />}>
              <CheckList results={sync.lastReport.results} missesOnly={countChecks(sync.lastReport.results).fail > 0} />
            </Section>
          )}
        </div>
        <div className={classes.column}>
          <TaskCharts sync={sync} task={task} />
          <Section title={t('sync.task.facts')} boxed>
            <Facts
              rows={[
                { name: t('sync.task.source'), value: <InstanceName id={sync.spec.sourceId} /> },
                { name: t('sync.task.standby'), value: <InstanceName id={sync.spec.standbyId} /> },
                { name: t('sync.task.scope'), value: scopeText(t, sync.spec.scope) },
                ...(sync.changingTo === null ? [] : [{ name: t('sync.task.scope'), value: t('sync.scope.running', { scope: scopeText(t, sync.changingTo) }) }]),
                { name: t('sync.task.seed'), value: t(`sync.seed.${sync.seed ?? sync.spec.seed}`) },
                ...(sync.can.setCopyRate || sync.spec.copyRateMb !== undefined ? [{ name: t('sync.wizard.copy-rate'), value: <CopyRate sync={sync} /> }] : []),
                ...(sync.verified === null ? [] : [{ name: t('sync.verify.equal'), value: <VerifiedText sync={sync} /> }]),
                { name: t('sync.task.created'), value: <TimeText at={sync.createdAt} show="exact" /> },
                ...(task?.startedAt === null || task?.startedAt === undefined ? [] : [{ name: t('sync.task.started'), value: <TimeText at={task.startedAt} show="exact" /> }]),
                ...(task?.endedAt === null || task?.endedAt === undefined ? [] : [{ name: t('sync.task.ended'), value: <TimeText at={task.endedAt} show="exact" /> }]),
              ]}
            />
          </Section>
          {sync.spec.scope.kind === 'partial' ? <Section title={t('sync.filters.title')}><RestoresFilters sync={sync} /></Section> : null}
          <Section title={t('sync.task.timeline')}>
            <Timeline task={task} />
          </Section>
        </div>
      </div>
    </Page>
  );
}

function Timeline({ task }: { task: TaskView | null }): ReactElement {
  const t = useText();
  const events = task === null ? [] : timelineOf(task);
  if (events.length === 0) return <p className={classes.nothing}>{t('sync.task.log-empty')}</p>;
  return (
    <ol className={classes.log} tabIndex={0} aria-label={t('sync.task.timeline')}>
      {events.map((event, index) => (
        <li key={events.length - index} data-level={event.level} data-kind={event.kind}>
          <span className={classes.when}>
            <TimeText at={event.at} show="clock" />
          </span>
          <span>{event.kind === 'log' ? t.message(event.text) : t(`sync.timeline.${event.kind}`, { step: t.message(event.text) })}</span>
        </li>
      ))}
    </ol>
  );
}
