import { Button, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import type { ReactElement } from 'react';
import { listGroupings, type ListGrouping } from '../../../../shared/domain/fleet/saved-filter';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import { useFleet } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { everySync, setList, syncFilters, useLists, type SyncFilter } from '../../../stores/lists';
import { loadTasks, useTasks } from '../../../stores/tasks';
import { useStandingClock } from '../../../stores/standing';
import { openDialog } from '../../../stores/ui';
import { AddInstanceButton } from '../../../ui/AddInstanceButton';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconPlus, IconSearch, IconTransfer } from '../../../ui/icons';
import { Page } from '../../../ui/Page';
import { isEverything, isFound, isInState } from './sync-filter';
import { syncLines } from './sync-rows';
import { SyncTable } from './SyncTable';
import classes from './SyncPage.module.css';

/** DR sync: every sync task with its state, pair, scope and progress. */
export function SyncPage(): ReactElement {
  const t = useText();
  const { status, error, syncs } = useTasks();
  const enoughServers = useFleet((state) => state.instances.length >= 2);
  const create = (
    <Button variant="filled" leftSection={<IconPlus size={14} />} disabled={!enoughServers} onClick={() => openDialog({ kind: 'create-sync', sourceId: '', standbyId: null })}>
      {t('sync.page.create')}
    </Button>
  );
  const emptyText = t(enoughServers ? 'sync.page.empty-text' : 'sync.page.empty-no-servers');
  return (
    <Page title={t('sync.page.title')} sub={t('sync.page.sub')} actions={syncs.size === 0 ? undefined : create}>
      {error === null ? null : <ErrorNotice error={error} onRetry={() => void loadTasks()} />}
      {status === 'ready' && syncs.size === 0 ? (
        <EmptyState icon={<IconTransfer size={32} />} title={t('sync.page.empty')} text={emptyText} action={enoughServers ? create : <AddInstanceButton />} />
      ) : null}
      {syncs.size === 0 ? null : <List syncs={syncs} />}
    </Page>
  );
}

function List({ syncs }: { syncs: ReadonlyMap<string, SyncTaskView> }): ReactElement {
  const t = useText();
  const byId = useFleet((state) => state.byId);
  const regions = useFleet((state) => state.regions);
  const projects = useFleet((state) => state.projects);
  const { filter, column, down, grouping } = useLists((state) => state.sync);
  const sort = useMemo(() => ({ column, down }), [column, down]);
  const clock = useStandingClock();
  const { words, regionId } = filter;
  const found = useMemo(() => [...syncs.values()].filter((sync) => isFound({ state: 'all', words, regionId }, sync, byId)), [syncs, words, regionId, byId]);
  const byState = useMemo(
    () => new Map(syncFilters.map((state) => [state, found.filter((sync) => isInState(state, sync, byId.get(sync.spec.standbyId), clock))])),
    [found, byId, clock],
  );
  const shown = byState.get(filter.state);
  const lines = useMemo(
    () => syncLines(shown ?? [], sort, grouping, { byId, regions, projects, clock, noProject: t('common.no-project') }),
    [shown, sort, grouping, byId, regions, projects, clock, t],
  );
  return (
    <>
      <Filters filter={filter} count={(state) => byState.get(state)?.length ?? 0} onChange={(next) => setList('sync', { filter: next })} grouping={grouping} />
      {lines.length > 0 ? null : <p className={classes.none} role="status">{t('sync.page.none')}</p>}
      <SyncTable lines={lines} sort={sort} onSort={(next) => setList('sync', next)} hidden={lines.length === 0} />
    </>
  );
}

interface FiltersProps {
  readonly filter: SyncFilter;
  /** How many of those that words and region leave are in a state. */
  readonly count: (state: SyncFilter['state']) => number;
  readonly onChange: (filter: SyncFilter) => void;
  readonly grouping: ListGrouping;
}

function Filters({ filter, count, onChange, grouping }: FiltersProps): ReactElement {
  const t = useText();
  const regions = useFleet((state) => state.regions);
  return (
    <div className={classes.filters}>
      <SegmentedControl
        value={filter.state}
        onChange={(value) => onChange({ ...filter, state: value as SyncFilter['state'] })}
        aria-label={t('sync.page.filter')}
        data={syncFilters.map((value) => ({ value, label: `${t(`sync.page.filter.${value}`)} ${count(value)}` }))}
      />
      <TextInput
        size="xs" className={classes.field}
        leftSection={<IconSearch size={13} />}
        value={filter.words}
        onChange={(event) => onChange({ ...filter, words: event.currentTarget.value })}
        placeholder={t('sync.page.search')}
        aria-label={t('sync.page.search')}
      />
      <Select
        size="xs" className={classes.region}
        value={filter.regionId}
        onChange={(regionId) => onChange({ ...filter, regionId })}
        placeholder={t('sync.page.region')}
        aria-label={t('sync.page.region')}
        data={regions.map(({ id, name }) => ({ value: id, label: name }))}
      />
      <Select
        size="xs" className={classes.grouping}
        value={grouping}
        allowDeselect={false}
        onChange={(value) => setList('sync', { grouping: listGroupings.find((one) => one === value) ?? 'none' })}
        aria-label={t('sync.page.group')}
        data={listGroupings.map((value) => ({ value, label: t(`sync.page.group.${value}`) }))}
      />
      {isEverything(filter) ? null : (
        <Button size="xs" variant="subtle" onClick={() => onChange(everySync)}>
          {t('sync.page.show-all')}
        </Button>
      )}
    </div>
  );
}
