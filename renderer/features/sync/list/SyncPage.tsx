import { Button, SegmentedControl, Select, TextInput, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { SyncTaskView } from '../../../../shared/domain/sync/sync';
import { useFleet, useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { loadTasks, useTasks } from '../../../stores/tasks';
import { go, openDialog } from '../../../stores/ui';
import { EmptyState } from '../../../ui/EmptyState';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconPlus, IconSearch, IconTransfer } from '../../../ui/icons';
import { LagBadge } from '../../../ui/LagBadge';
import { Page } from '../../../ui/Page';
import { StatusBadge } from '../../../ui/StatusBadge';
import { ProgressLine } from '../../../ui/StepList';
import { TimeText } from '../../../ui/TimeText';
import { InstanceName } from '../../../ui/InstanceName';
import { SyncState } from '../SyncState';
import { activeStates, attentionStates, scopeText } from '../sync-text';
import classes from './SyncPage.module.css';

type Filter = 'all' | 'active' | 'attention';
const filters: readonly Filter[] = ['all', 'active', 'attention'];

function shown(filter: Filter, sync: SyncTaskView): boolean {
  if (filter === 'active') return activeStates.includes(sync.state);
  return filter === 'all' || attentionStates.includes(sync.state);
}

function Row({ sync }: { sync: SyncTaskView }): ReactElement {
  const t = useText();
  const lag = useInstance(sync.spec.standbyId)?.lag ?? sync.lag;
  const running = sync.task?.steps.find((step) => step.state === 'running');
  const open = (): void => go({ id: 'sync-task', syncId: sync.id });
  return (
    <tr className={classes.row} onClick={open}>
      <th scope="row">
        <UnstyledButton className={classes.name} onClick={open}>
          {sync.spec.name}
        </UnstyledButton>
      </th>
      <td className={classes.state}>
        <SyncState sync={sync} />
        {sync.needsVerification === null ? null : <StatusBadge tone="warn" plain>{t('sync.verify.needs')}</StatusBadge>}
      </td>
      <td className={classes.pair}>
        <InstanceName id={sync.spec.sourceId} /> → <InstanceName id={sync.spec.standbyId} />
      </td>
      <td>{scopeText(t, sync.spec.scope)}</td>
      <td className={classes.progress}>
        {running === undefined ? lag === null || sync.state !== 'replicating' ? null : <LagBadge lag={lag} plain /> : (
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
  const [filter, setFilter] = useState<Filter>('all');
  const [words, setWords] = useState('');
  const [regionId, setRegionId] = useState<string | null>(null);
  const { byId, regions } = useFleet();
  const list = [...syncs.values()].sort((a, b) => b.createdAt - a.createdAt);
  const names = (sync: SyncTaskView): string => [sync.spec.name, byId.get(sync.spec.sourceId)?.instance.name, byId.get(sync.spec.standbyId)?.instance.name].join('\n').toLowerCase();
  const found = list.filter(
    (sync) =>
      names(sync).includes(words.trim().toLowerCase()) && (regionId === null || byId.get(sync.spec.standbyId)?.instance.regionId === regionId),
  );
  const rows = found.filter((sync) => shown(filter, sync));
  const create = (
    <Button variant="filled" leftSection={<IconPlus size={14} />} disabled={!enoughServers} onClick={() => openDialog({ kind: 'create-sync', sourceId: '', standbyId: null })}>
      {t('sync.page.create')}
    </Button>
  );
  return (
    <Page title={t('sync.page.title')} sub={t('sync.page.sub')} actions={list.length === 0 ? undefined : create}>
      {error === null ? null : <ErrorNotice error={error} onRetry={() => void loadTasks()} />}
      {status === 'ready' && list.length === 0 ? (
        <EmptyState icon={<IconTransfer size={32} />} title={t('sync.page.empty')} text={t(enoughServers ? 'sync.page.empty-text' : 'sync.page.empty-no-servers')} action={enoughServers ? create : undefined} />
      ) : null}
      {list.length === 0 ? null : (
        <>
          <div className={classes.filters}>
            <SegmentedControl
              value={filter}
              onChange={(value) => setFilter(value as Filter)}
              aria-label={t('sync.page.filter')}
              data={filters.map((value) => ({ value, label: `${t(`sync.page.filter.${value}`)} ${found.filter((sync) => shown(value, sync)).length}` }))}
            />
            <TextInput size="xs" leftSection={<IconSearch size={13} />} value={words} onChange={(event) => setWords(event.currentTarget.value)} placeholder={t('sync.page.search')} aria-label={t('sync.page.search')} />
            <Select size="xs" value={regionId} onChange={setRegionId} placeholder={t('sync.page.region')} aria-label={t('sync.page.region')} data={regions.map(({ id, name }) => ({ value: id, label: name }))} />
            {filter === 'all' && words === '' && regionId === null ? null : (
              <Button size="xs" variant="subtle" onClick={() => { setFilter('all'); setWords(''); setRegionId(null); }}>
                {t('sync.page.show-all')}
              </Button>
            )}
          </div>
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
      )}
    </Page>
  );
}
