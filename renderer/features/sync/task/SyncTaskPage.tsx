import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { countChecks } from '../../../../shared/domain/checks/check';
import type { CheckReport } from '../../../../shared/domain/checks/check';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import type { TaskView } from '../../../../shared/domain/tasks/task';
import { api } from '../../../api';
import type { PageProps } from '../../../stores/registry';
import { useAct } from '../../../stores/act';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { putSync, useSync, useTask } from '../../../stores/tasks';
import { go } from '../../../stores/ui';
import { RefusalNotice } from '../../../ui/AtWork';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { InstanceName } from '../../../ui/InstanceName';
import { LagBadge } from '../../../ui/LagBadge';
import { Page, Section } from '../../../ui/Page';
import { StatusBadge } from '../../../ui/StatusBadge';
import { StepList } from '../../../ui/StepList';
import { TimeText } from '../../../ui/TimeText';
import { CheckList } from '../checks/CheckList';
import { ProtectionSection } from '../scope/ProtectionSection';
import { SaveReport } from '../checks/SaveReport';
import { SyncState } from '../SyncState';
import { locksOf } from '../sync-text';
import { VerificationNotice } from '../Verification';
import { CopiedObjects } from './CopiedObjects';
import { LinkProblems } from './LinkProblems';
import { RestoresFilters } from './RestoresFilters';
import { TaskActions, type TaskAction } from './TaskActions';
import { TaskCharts } from './TaskCharts';
import { TaskFacts } from './TaskFacts';
import { TaskTimeline } from './TaskTimeline';
import pageClasses from '../page.module.css';
import classes from './SyncTaskPage.module.css';

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
  return <SyncTask sync={sync} />;
}

function SyncTask({ sync }: { sync: SyncTaskView }): ReactElement {
  const task = useTask(sync.task?.id ?? null) ?? sync.task;
  const { busy, error, act } = useAct<TaskAction>();
  const run = (action: TaskAction): void => void act(action, () => api.sync[action]({ id: sync.id }), putSync);
  // What a run failed with stands at its step.
  const shownError = error ?? (task?.error == null ? sync.error : null);
  return (
    <Page title={sync.spec.name} sub={<Sub sync={sync} />} actions={<TaskActions sync={sync} busy={busy} onAction={run} />}>
      {shownError === null ? null : <ErrorNotice error={shownError} />}
      <RefusalNotice wanted={locksOf(sync.spec)} />
      <VerificationNotice sync={sync} />
      <WaitingFor task={task} />
      <div className={classes.columns}>
        <div className={classes.column}><Work sync={sync} task={task} /></div>
        <div className={classes.column}><About sync={sync} task={task} /></div>
      </div>
    </Page>
  );
}

function Sub({ sync }: { sync: SyncTaskView }): ReactElement {
  const standby = useInstance(sync.spec.standbyId);
  return (
    <span className={pageClasses.sub}>
      <SyncState sync={sync} />
      {standby !== undefined && sync.state === 'replicating' ? <LagBadge view={standby} plain /> : null}
      <InstanceName id={sync.spec.sourceId} /> → <InstanceName id={sync.spec.standbyId} />
    </span>
  );
}

interface Part {
  readonly sync: SyncTaskView;
  /** Its last run; null: there was none. */
  readonly task: TaskView | null;
}

function WaitingFor({ task }: Pick<Part, 'task'>): ReactElement | null {
  const t = useText();
  if (task?.waitingFor == null) return null;
  return (
    <div className={pageClasses.waiting} role="status">
      <StatusBadge tone="warn">{t('sync.task.waiting')}</StatusBadge> {t.message(task.waitingFor)}
    </div>
  );
}

/** At the left: what is wrong, what is protected, what was done and is being done. */
function Work({ sync, task }: Part): ReactElement {
  const t = useText();
  return (
    <>
      <LinkProblems sync={sync} />
      <ProtectionSection sync={sync} />
      <Section title={t('sync.task.steps')}>
        {task === null ? <p className={pageClasses.nothing}>{t('sync.task.not-started')}</p> : <StepList steps={task.steps} label={t('sync.task.steps')} />}
      </Section>
      <CopiedObjects sync={sync} />
      {sync.lastReport === null ? null : <LastChecks report={sync.lastReport} />}
    </>
  );
}

function LastChecks({ report }: { report: CheckReport }): ReactElement {
  const t = useText();
  return (
    <Section title={<>{t('sync.wizard.step.checks')} · <TimeText at={report.startedAt} /></>} aside={<SaveReport report={report} />}>
      <CheckList results={report.results} missesOnly={countChecks(report.results).fail > 0} />
    </Section>
  );
}

/** At the right: what flows, what the task is, what happened. */
function About({ sync, task }: Part): ReactElement {
  const t = useText();
  return (
    <>
      <TaskCharts sync={sync} task={task} />
      <Section title={t('sync.task.facts')} boxed><TaskFacts sync={sync} task={task} /></Section>
      {sync.spec.scope.kind === 'partial' ? <Section title={t('sync.filters.title')}><RestoresFilters sync={sync} /></Section> : null}
      <Section title={t('sync.task.timeline')}><TaskTimeline task={task} /></Section>
    </>
  );
}
