import { ActionIcon, Menu, SegmentedControl, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import type { KeyboardEvent, ReactElement } from 'react';
import { linkStandingOf, roleMessage, standingOf, worstTone, type StandingClock } from '../../../../shared/domain/analysis/standing';
import { linkText, standingText } from '../../../../shared/domain/analysis/standing-text';
import type { Lag } from '../../../../shared/domain/fleet/lag';
import type { InstanceView } from '../../../../shared/domain/fleet/view';
import type { Translator } from '../../../../shared/i18n/translate';
import { useFleet } from '../../../stores/fleet';
import { useStandingClock } from '../../../stores/standing';
import { useText, useTimeZone } from '../../../stores/language';
import { fleetFilters, go, setTree, showInstance, treeSearchId, useUi } from '../../../stores/ui';
import type { FleetFilter, Grouping, UiState } from '../../../stores/ui';
import { IconFilter, IconSearch, IconX } from '../../../ui/icons';
import { holderText } from '../../../ui/AtWork';
import { hasDependencies } from '../../../ui/instance-acts';
import { linkFigure } from '../../../ui/LagBadge';
import { StatusBadge } from '../../../ui/StatusBadge';
import { RegionTree } from '../../../ui/RegionTree';
import type { TreeGroup, TreeRow } from '../../../ui/region-tree';
import { groupsOf } from './fleet-query';
import classes from './RegionPanel.module.css';

/** Stands for "every region" among region ids. */
const everywhere = '';

function useTreeGroups(): readonly TreeGroup[] {
  const t = useText();
  const zone = useTimeZone();
  const fleet = useFleet();
  const clock = useStandingClock();
  const { grouping, filter, regionId, search } = useUi((state) => state.tree);
  return useMemo(
    () =>
      groupsOf(fleet, grouping, { filter, regionId, search }, t('common.no-project'), clock).map((group) => ({
        ...group,
        rows: group.instances.map((view) => {
          const standing = standingOf(view, clock);
          return {
            instanceId: view.instance.id,
            name: view.instance.name,
            role: view.role,
            tone: standing.tone,
            roleText: t.message(roleMessage(view, clock)),
            stateText: standingText(t, standing),
            atWork: view.othersAtWork.length === 0 ? null : view.othersAtWork.map((holder) => holderText(t, zone, holder, null)).join(' '),
            aside: view.lag === null || view.health.state !== 'reachable' ? null : lagAside(t, view, view.lag, clock),
            dependencies: hasDependencies(view.role),
          };
        }),
      })),
    [t, zone, fleet, grouping, filter, regionId, search, clock],
  );
}

/** The figure of a replica's link; the one icon of its row stands for all that is known of it. */
function lagAside(t: Translator, view: InstanceView, lag: Lag, clock: StandingClock): TreeRow['aside'] {
  const link = linkStandingOf(view, lag, clock);
  const text = linkFigure(t, link);
  return { node: <StatusBadge tone={worstTone([link.tone, standingOf(view, clock).tone])} plain title={linkText(t, link, text)}>{text}</StatusBadge>, text };
}

/** Whether a filter leaves anything out. */
const isFiltered = ({ filter, regionId }: UiState['tree']): boolean => filter !== 'all' || regionId !== null;

function FilterMenu(): ReactElement {
  const t = useText();
  const tree = useUi((state) => state.tree);
  const regions = useFleet((state) => state.regions);
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t('fleet.tree.filter')} title={t('fleet.tree.filter')} data-on={isFiltered(tree) || undefined} className={classes.filter}>
          <IconFilter size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={tree.filter} onChange={(value) => setTree({ filter: value as FleetFilter })}>
          {fleetFilters.map((filter) => (
            <Menu.RadioItem key={filter} value={filter}>
              {t(`fleet.filter.${filter}`)}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        {regions.length > 1 ? (
          <>
            <Menu.Divider />
            <Menu.RadioGroup value={tree.regionId ?? everywhere} onChange={(value) => setTree({ regionId: value === everywhere ? null : value })}>
              <Menu.RadioItem value={everywhere}>{t('fleet.filter.every-region')}</Menu.RadioItem>
              {regions.map(({ id, name }) => (
                <Menu.RadioItem key={id} value={id}>
                  {name}
                </Menu.RadioItem>
              ))}
            </Menu.RadioGroup>
          </>
        ) : null}
      </Menu.Dropdown>
    </Menu>
  );
}

/** The search field: Escape empties it, Enter opens the first instance that is found. */
function Search({ firstId }: { firstId: string | undefined }): ReactElement {
  const t = useText();
  const search = useUi((state) => state.tree.search);
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Escape' && search !== '') {
      event.stopPropagation();
      setTree({ search: '' });
    } else if (event.key === 'Enter' && firstId !== undefined) {
      showInstance(firstId);
    }
  };
  return (
    <div className={classes.search}>
      <TextInput
        id={treeSearchId}
        value={search}
        onChange={(event) => setTree({ search: event.currentTarget.value })}
        onKeyDown={onKeyDown}
        placeholder={t('fleet.tree.search')}
        aria-label={t('fleet.tree.search')}
        aria-keyshortcuts="/"
        leftSection={<IconSearch size={14} aria-hidden />}
        rightSection={
          search === '' ? (
            <kbd className={classes.key} aria-hidden>
              /
            </kbd>
          ) : (
            <ActionIcon size={20} aria-label={t('common.clear')} onClick={() => setTree({ search: '' })}>
              <IconX size={13} />
            </ActionIcon>
          )
        }
      />
    </div>
  );
}

/** Which filter is set, with the way out of it. */
function Filtered(): ReactElement | null {
  const t = useText();
  const tree = useUi((state) => state.tree);
  const regions = useFleet((state) => state.regions);
  if (!isFiltered(tree)) return null;
  return (
    <div className={classes.filtered}>
      <span>
        {t(`fleet.filter.${tree.filter}`)}
        {tree.regionId === null ? null : ` · ${regions.find((region) => region.id === tree.regionId)?.name ?? ''}`}
      </span>
      <ActionIcon size={20} aria-label={t('fleet.filter.clear')} title={t('fleet.filter.clear')} onClick={() => setTree({ filter: 'all', regionId: null })}>
        <IconX size={13} />
      </ActionIcon>
    </div>
  );
}

function fold(collapsed: ReadonlySet<string>, id: string, closed: boolean): void {
  const next = new Set(collapsed);
  if (closed) next.add(id);
  else next.delete(id);
  setTree({ collapsed: next });
}

/** The left panel: instances by region or project, with search and filters. */
export function RegionPanel(): ReactElement {
  const t = useText();
  const tree = useUi((state) => state.tree);
  const page = useUi((state) => state.page);
  const groups = useTreeGroups();
  const selectedId = page.id === 'instance' || page.id === 'dependencies' ? page.instanceId : null;
  return (
    <div className={classes.panel}>
      <div className={classes.head}>
        <SegmentedControl
          value={tree.grouping}
          onChange={(value) => setTree({ grouping: value as Grouping })}
          data={[
            { value: 'region', label: t('common.region') },
            { value: 'project', label: t('common.project') },
          ]}
          aria-label={t('fleet.tree.group-by')}
        />
        <FilterMenu />
      </div>
      <Search firstId={groups.flatMap((group) => group.rows)[0]?.instanceId} />
      <Filtered />
      {groups.length === 0 ? (
        <p className={classes.nothing}>{t(tree.search === '' && !isFiltered(tree) ? 'fleet.tree.empty' : 'fleet.tree.nothing')}</p>
      ) : (
        <RegionTree
          groups={groups}
          label={t('common.nav.tree')}
          collapsed={tree.collapsed}
          selectedId={selectedId}
          onCollapse={(id, closed) => fold(tree.collapsed, id, closed)}
          onOpen={showInstance}
          onDependencies={(instanceId) => go({ id: 'dependencies', instanceId })}
        />
      )}
    </div>
  );
}
