import { Button, SegmentedControl, Select, TextInput, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import { useFleet, useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { loadTasks, useTasks } from '../../../stores/tasks';
import { useStandingClock } from '../../../stores/standing';
import { go, openDialog } from '../../../stores/ui';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconPlus, IconSearch, IconTransfer } from '../../../ui/icons';
import { LagBadge } from '../../../ui/LagBadge';
import { Page } from '../../../ui/Page';
import { ProgressLine } from '../../../ui/StepList';
import { TimeText } from '../../../ui/TimeText';
import { InstanceName } from '../../../ui/InstanceName';
import { LongText } from '../../../ui/LongText';
import { SyncState } from '../SyncState';
import { scopeText } from '../sync-text';
import { everything, isEverything, isFound, isInState, stateFilters, type SyncFilter } from './sync-filter';
import classes from './SyncPage.module.css';

function Row({ sync }: { sync: SyncTaskView }): ReactElement {
  const t = useText();
  const standby = useInstance(sync.spec.standbyId);
  const running = sync.task?.steps.find((step) => step.state === 'running');
  const open = (): void => go({ id: 'sync-task', syncId: sync.id });
  return (
    <tr className={classes.row} onClick={open}>
      <th scope="row">
        <UnstyledButton className={classes.name} onClick={open}>
          <LongText>{sync.spec.name}</LongText>
        </UnstyledButton>
      </th>
      <td className={classes.state}>
        <SyncState sync={sync} />
      </td>
      <td className={classes.pair}>
        <InstanceName id={sync.spec.sourceId} /> → <InstanceName id={sync.spec.standbyId} />
      </td>
      <td>{scopeText(t, sync.spec.scope)}</td>
      <td className={classes.progress}>
        {running === undefined ? standby === undefined || sync.state !== 'replicating' ? null : <LagBadge view={standby} plain /> : (
          <>
            <div>{t.message(running.title)}</div>
            {running.progress === null ? null : <ProgressLine progress={running.progress} label={t.message(running.title)} />}
          </>
        )}
      </td>
      <td>
        <TimeText at={sync.createdAt} />
      </td>
    </tr>
  );
}

/** DR sync: every sync task with its state, pair, scope and progress. */
export function SyncPage(): ReactElement {
  const t = useText();
  const { status, error, syncs } = useTasks();
  const enoughServers = useFleet((state) => state.instances.length >= 2);
  const list = [...syncs.values()].sort((a, b) => b.createdAt - a.createdAt);
  const create = (
    <Button variant="filled" leftSection={<IconPlus size={14} />} disabled={!enoughServers} onClick={() => openDialog({ kind: 'create-sync', sourceId: '', standbyId: null })}>
      {t('sync.page.create')}
    </Button>
  );
  const emptyText = t(enoughServers ? 'sync.page.empty-text' : 'sync.page.empty-no-servers');
  return (
    <Page title={t('sync.page.title')} sub={t('sync.page.sub')} actions={list.length === 0 ? undefined : create}>
      {error === null ? null : <ErrorNotice error={error} onRetry={() => void loadTasks()} />}
      {status === 'ready' && list.length === 0 ? (
        <EmptyState icon={<IconTransfer size={32} />} title={t('sync.page.empty')} text={emptyText} action={enoughServers ? create : undefined} />
      ) : null}
      {list.length === 0 ? null : <List syncs={list} />}
    </Page>
  );
}

function List({ syncs }: { syncs: readonly SyncTaskView[] }): ReactElement {
  const t = useText();
  const byId = useFleet((state) => state.byId);
  const [filter, setFilter] = useState(everything);
  const found = syncs.filter((sync) => isFound(filter, sync, byId));
  const clock = useStandingClock();
  const isIn = (state: SyncFilter['state'], sync: SyncTaskView): boolean => isInState(state, sync, byId.get(sync.spec.standbyId), clock);
  const rows = found.filter((sync) => isIn(filter.state, sync));
  return (
    <>
      <Filters filter={filter} count={(state) => found.filter((sync) => isIn(state, sync)).length} onChange={setFilter} />
      {rows.length > 0 ? null : <p className={classes.none} role="status">{t('sync.page.none')}</p>}
      <div className={classes.scroller} hidden={rows.length === 0}>
        <table className={classes.table}>
          <thead>
            <tr>
              {(['task', 'state', 'pair', 'scope', 'progress', 'created'] as const).map((column) => (
                <th key={column} scope="col">
                  {t(`sync.column.${column}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((sync) => (
              <Row key={sync.id} sync={sync} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

interface FiltersProps {
  readonly filter: SyncFilter;
  /** How many of those that words and region leave are in a state. */
  readonly count: (state: SyncFilter['state']) => number;
  readonly onChange: (filter: SyncFilter) => void;
}

function Filters({ filter, count, onChange }: FiltersProps): ReactElement {
  const t = useText();
  const regions = useFleet((state) => state.regions);
  return (
    <div className={classes.filters}>
      <SegmentedControl
        value={filter.state}
        onChange={(value) => onChange({ ...filter, state: value as SyncFilter['state'] })}
        aria-label={t('sync.page.filter')}
        data={stateFilters.map((value) => ({ value, label: `${t(`sync.page.filter.${value}`)} ${count(value)}` }))}
      />
      <TextInput
        size="xs"
        leftSection={<IconSearch size={13} />}
        value={filter.words}
        onChange={(event) => onChange({ ...filter, words: event.currentTarget.value })}
        placeholder={t('sync.page.search')}
        aria-label={t('sync.page.search')}
      />
      <Select
        size="xs"
        value={filter.regionId}
        onChange={(regionId) => onChange({ ...filter, regionId })}
        placeholder={t('sync.page.region')}
        aria-label={t('sync.page.region')}
        data={regions.map(({ id, name }) => ({ value: id, label: name }))}
      />
      {isEverything(filter) ? null : (
        <Button size="xs" variant="subtle" onClick={() => onChange(everything)}>
          {t('sync.page.show-all')}
        </Button>
      )}
    </div>
  );
}
