import { useState } from 'react';
import type { ReactElement } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { TaskView } from '../../../../shared/domain/tasks/task';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { openInstance } from '../../../stores/ui';
import type { PageProps } from '../../../stores/registry';
import { useTasks } from '../../../stores/tasks';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { Fold } from '../../../ui/Fold';
import { InstanceName } from '../../../ui/InstanceName';
import { Page } from '../../../ui/Page';
import { StatusBadge } from '../../../ui/StatusBadge';
import { TimeText } from '../../../ui/TimeText';
import { ImportPanel } from './ImportPanel';
import { RowsPreview } from './RowsPreview';
import { useInspection } from './useInspection';
import { mappingOf, nothingWished, type ImportWish } from './wish';
import { LogNotes, toneOf } from './ImportRun';
import classes from './import.module.css';

/** Files brought into an instance: what was imported, and the beginning of one of rows, at the left, the next one at the right. */
export function ImportPage({ page: { instanceId } }: PageProps<'import'>): ReactElement | null {
  const t = useText();
  const instance = useInstance(instanceId);
  const [wish, setWish] = useState<ImportWish>(nothingWished);
  const [isPlanned, setPlanned] = useState(false);
  const { inspection, error } = useInspection(instanceId, wish);
  const past = useTasks(useShallow(({ tasks }) => [...tasks.values()]
    .filter(({ kind, instanceIds, endedAt, state }) => kind === 'import' && instanceIds.includes(instanceId) && (endedAt !== null || state === 'interrupted'))
    .sort((a, b) => b.createdAt - a.createdAt)));
  if (instance === undefined) return null;
  return (
    <Page title={t('operations.name.import')} sub={<InstanceName id={instanceId} />} back={{ to: instance.instance.name, onBack: () => openInstance(instanceId, 'operations') }}>
      <div className={classes.columns}>
        <div className={classes.main}>
          {inspection === null || isPlanned ? null : (
            <RowsPreview inspection={inspection} mapping={mappingOf(wish, inspection)} onMapping={(mapping) => setWish({ ...wish, mapping })} />
          )}
          <section className={classes.main} aria-label={t('import.past')}>
            <h2>{t('import.past')}</h2>
            {past.length === 0 ? <p className={classes.light}>{t('import.past.none')}</p> : (
              <ul className={classes.past}>{past.map((task) => <Past key={task.id} task={task} />)}</ul>
            )}
          </section>
        </div>
        <ImportPanel instanceId={instanceId} wish={wish} inspection={inspection} unread={error} onWish={setWish} onPlan={setPlanned} />
      </div>
    </Page>
  );
}

function Past({ task }: { task: TaskView }): ReactElement {
  const t = useText();
  const [step] = task.steps;
  return (
    <li>
      <div className={classes.head}>
        <StatusBadge tone={toneOf(task)} plain>{t(`tasks.state.${task.state}`)}</StatusBadge>
        <b>{step === undefined ? task.name : t.message(step.title)}</b>
        <TimeText at={task.createdAt} show="exact" />
      </div>
      {task.error === null ? null : <ErrorNotice error={task.error} />}
      {task.log.length === 0 ? null : <Fold title={t('import.log')}><LogNotes task={task} /></Fold>}
    </li>
  );
}
