import { Button, Menu, SegmentedControl, Select } from '@mantine/core';
import { memo, useDeferredValue, useMemo, useState } from 'react';
import type { ReactElement } from 'react';
import { fleetFilters, isSameList, listGroupings, type FleetFilter } from '../../../../shared/domain/fleet/saved-filter';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useFleet } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { setList, showFleetList, useFleetListed, useLists } from '../../../stores/lists';
import { useSettings } from '../../../stores/settings';
import { useStandingClock } from '../../../stores/standing';
import { openDialog, say, setTree, useUi } from '../../../stores/ui';
import { ChosenBar } from '../../../ui/ChosenBar';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconChevronDown, IconFilter, IconFolders, IconPlayerPause, IconUpload } from '../../../ui/icons';
import { Section } from '../../../ui/Page';
import { useChosen, useSame } from '../../../ui/useLines';
import { WatchingItems } from '../../../ui/WatchingItems';
import { instanceLines, instanceRows, type InstanceRow } from './instance-rows';
import { InstanceGrid } from './InstanceGrid';
import { rowsText, type RowFormat } from './rows-text';
import classes from './InstanceTable.module.css';

/** Lists that were given a name, each a press away, and the way to give the present one a name. */
function SavedFilters(): ReactElement {
  const t = useText();
  const saved = useSettings((state) => state.settings.savedFilters);
  const regions = useFleet((state) => state.regions);
  const listed = useFleetListed();
  const present = saved.find((one) => isSameList(one, listed));
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button leftSection={<IconFilter size={13} />} rightSection={<IconChevronDown size={12} />} className={classes.saved} title={present?.name}>
          <span className={classes.savedName}>{present?.name ?? t('fleet.saved.title')}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={classes.savedList}>
        {saved.map((one) => {
          const isGone = one.regionId !== null && !regions.some(({ id }) => id === one.regionId);
          return (
            <Menu.Item key={one.name} disabled={isGone} aria-current={one === present || undefined} title={one.name} onClick={() => showFleetList(one)}>
              <bdi className={classes.savedName}>{one.name}</bdi>
              {isGone ? <span className={classes.faint}> {t('fleet.saved.region-gone')}</span> : null}
            </Menu.Item>
          );
        })}
        {saved.length === 0 ? null : <Menu.Divider />}
        <Menu.Item onClick={() => openDialog({ kind: 'saved-filters' })}>{t('fleet.saved.open')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** What is listed, under which heads, and the lists that are saved. Not drawn anew with every reading. */
const ListChoices = memo(function ListChoices(): ReactElement {
  const t = useText();
  const filter = useUi((state) => state.tree.filter);
  const grouping = useLists((state) => state.fleet.grouping);
  return (
    <div className={classes.choices}>
      <SegmentedControl
        value={filter}
        onChange={(value) => setTree({ filter: value as FleetFilter })}
        data={fleetFilters.map((value) => ({ value, label: t(`fleet.filter.${value}`) }))}
        aria-label={t('fleet.tree.filter')}
      />
      <Select
        size="xs" className={classes.grouping} value={grouping} aria-label={t('fleet.tree.group-by')}
        onChange={(value) => setList('fleet', { grouping: listGroupings.find((one) => one === value) ?? 'none' })}
        data={listGroupings.map((value) => ({ value, label: t(`sync.page.group.${value}`) }))}
      />
      <SavedFilters />
    </div>
  );
});

/** What can be done with many at once: nothing that changes a server. */
function ManyActs({ rows, onError }: { rows: readonly InstanceRow[]; onError: (error: CallError | null) => void }): ReactElement {
  const t = useText();
  const clock = useStandingClock();
  const save = async (format: Exclude<RowFormat, 'TSV'>): Promise<void> => {
    onError(null);
    const saved = await api.app.saveText({ suggestedName: `antipode-instances.${format.toLowerCase()}`, text: rowsText(t, clock, rows, format) });
    if (!saved.ok) onError(saved.error);
  };
  const copy = async (): Promise<void> => {
    const answer = await api.app.copy({ text: rowsText(t, clock, rows, 'TSV') });
    say({ key: answer.ok ? 'common.copied' : 'common.copy-failed' });
    onError(answer.ok ? null : answer.error);
  };
  return (
    <>
      <Button leftSection={<IconFolders size={14} />} onClick={() => openDialog({ kind: 'transfer-many', instanceIds: rows.map(({ view }) => view.instance.id) })}>
        {t('fleet.many.transfer')}
      </Button>
      <Menu position="top-end">
        <Menu.Target>
          <Button leftSection={<IconPlayerPause size={14} />} rightSection={<IconChevronDown size={12} />}>{t('attention.menu')}</Button>
        </Menu.Target>
        <Menu.Dropdown><WatchingItems views={rows.map(({ view }) => view)} /></Menu.Dropdown>
      </Menu>
      <Menu position="top-end">
        <Menu.Target>
          <Button leftSection={<IconUpload size={14} />} rightSection={<IconChevronDown size={12} />}>{t('common.chosen.export')}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void save('CSV')}>{t('common.chosen.save-csv')}</Menu.Item>
          <Menu.Item onClick={() => void save('JSON')}>{t('common.chosen.save-json')}</Menu.Item>
          <Menu.Item onClick={() => void copy()}>{t('common.chosen.copy')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

/**
 * Every instance that passes the filter, sortable and under heads; arrow keys move between rows, Enter opens, Space chooses. Shares its
 * filter with the tree.
 */
export function InstanceTable(): ReactElement {
  const t = useText();
  const { instances, regions, projects } = useFleet();
  const clock = useStandingClock();
  const { filter, regionId, search: typed } = useUi((state) => state.tree);
  // What is typed is shown first, what it finds after it.
  const search = useDeferredValue(typed);
  const { column, down, grouping } = useLists((state) => state.fleet);
  const [error, setError] = useState<CallError | null>(null);
  const sort = useMemo(() => ({ column, down }), [column, down]);
  const rows = useMemo(
    () => instanceRows({ instances, regions, projects }, { filter, regionId, search }, sort, clock),
    [instances, regions, projects, filter, regionId, search, sort, clock],
  );
  const noProject = t('common.no-project');
  const lines = useMemo(() => instanceLines(rows, grouping, noProject), [rows, grouping, noProject]);
  const ids = useSame(useMemo(() => lines.flatMap((line) => (line.kind === 'instance' ? [line.key] : [])), [lines]));
  const selection = useChosen('fleet', ids);
  const chosen = useMemo(() => lines.flatMap((line) => (line.kind === 'instance' && selection.chosen.has(line.key) ? [line.row] : [])), [lines, selection]);
  return (
    <Section
      title={`${t('fleet.table.title')} ${rows.length === instances.length ? '' : t('fleet.table.shown', { n: rows.length, total: instances.length })}`}
      aside={<ListChoices />}
    >
      <InstanceGrid lines={lines} ids={ids} sort={sort} selection={selection} />
      <ChosenBar list="fleet" ids={ids} chosen={chosen.length}>
        <ManyActs rows={chosen} onError={setError} />
      </ChosenBar>
      {error === null ? null : <ErrorNotice error={error} />}
    </Section>
  );
}
