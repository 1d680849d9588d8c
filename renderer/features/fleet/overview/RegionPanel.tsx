import { ActionIcon, Menu, SegmentedControl, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import type { KeyboardEvent, ReactElement } from 'react';
import { useFleet } from '../../../stores/fleet';
import { useText, useTimeZone } from '../../../stores/language';
import { go, openInstance, setTree, treeSearchId, useUi } from '../../../stores/ui';
import type { FleetFilter, Grouping } from '../../../stores/ui';
import { IconFilter, IconSearch, IconX } from '../../../ui/icons';
import { holderText } from '../../../ui/AtWork';
import { LagBadge, lagFigure } from '../../../ui/LagBadge';
import { RegionTree } from '../../../ui/RegionTree';
import type { TreeGroup } from '../../../ui/RegionTree';
import { problemTitle } from '../../../ui/problem-text';
import { instanceTone } from '../../../ui/instance-tone';
import { hasDependencies } from '../protection';
import { groupsOf } from './fleet-query';
import classes from './RegionPanel.module.css';

/** Stands for "every region" among region ids. */
const everywhere = '';
const filters: readonly FleetFilter[] = ['all', 'primaries', 'standbys', 'problems'];

function useTreeGroups(): readonly TreeGroup[] {
  const t = useText();
  const zone = useTimeZone();
  const fleet = useFleet();
  const { grouping, filter, regionId, search } = useUi((state) => state.tree);
  return useMemo(
    () =>
      groupsOf(fleet, grouping, { filter, regionId, search }, t('common.no-project')).map((group) => ({
        ...group,
        rows: group.instances.map((view) => {
          const worst = view.problems[0];
          const state = view.health.state === 'unknown' ? t('common.state.not-read') : view.health.state === 'unreachable' ? t('common.state.unreachable') : worst === undefined ? t('common.state.good') : problemTitle(t, worst);
          return {
            instanceId: view.instance.id,
            name: view.instance.name,
            role: view.role,
            tone: instanceTone(view),
            stateText: state,
            atWork: view.othersAtWork.length === 0 ? null : view.othersAtWork.map((holder) => holderText(t, zone, holder, null)).join(' '),
            aside: view.lag === null || view.health.state !== 'reachable' ? null : { node: <LagBadge lag={view.lag} short plain />, text: lagFigure(t, view.lag) },
            dependencies: hasDependencies(view.role),
          };
        }),
      })),
    [t, zone, fleet, grouping, filter, regionId, search],
  );
}

/** The left panel: instances by region or project, with search and filters. */
export function RegionPanel(): ReactElement {
  const t = useText();
  const tree = useUi((state) => state.tree);
  const page = useUi((state) => state.page);
  const regions = useFleet((state) => state.regions);
  const groups = useTreeGroups();
  const selectedId = page.id === 'instance' ? page.instanceId : page.id === 'dependencies' ? page.instanceId : null;
  const filtered = tree.filter !== 'all' || tree.regionId !== null;

  const onSearchKey = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Escape' && tree.search !== '') {
      event.stopPropagation();
      setTree({ search: '' });
    } else if (event.key === 'Enter') {
      const first = groups.flatMap((group) => group.rows)[0];
      if (first !== undefined) openInstance(first.instanceId);
    }
  };

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
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon aria-label={t('fleet.tree.filter')} title={t('fleet.tree.filter')} data-on={filtered || undefined} className={classes.filter}>
              <IconFilter size={15} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.RadioGroup value={tree.filter} onChange={(value) => setTree({ filter: value as FleetFilter })}>
              {filters.map((filter) => (
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
      </div>
      <div className={classes.search}>
        <TextInput
          id={treeSearchId}
          value={tree.search}
          onChange={(event) => setTree({ search: event.currentTarget.value })}
          onKeyDown={onSearchKey}
          placeholder={t('fleet.tree.search')}
          aria-label={t('fleet.tree.search')}
          aria-keyshortcuts="/"
          leftSection={<IconSearch size={14} aria-hidden />}
          rightSection={
            tree.search === '' ? (
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
      {filtered ? (
        <div className={classes.filtered}>
          <span>
            {t(`fleet.filter.${tree.filter}`)}
            {tree.regionId === null ? null : ` · ${regions.find((region) => region.id === tree.regionId)?.name ?? ''}`}
          </span>
          <ActionIcon size={20} aria-label={t('fleet.filter.clear')} title={t('fleet.filter.clear')} onClick={() => setTree({ filter: 'all', regionId: null })}>
            <IconX size={13} />
          </ActionIcon>
        </div>
      ) : null}
      {groups.length === 0 ? (
        <p className={classes.nothing}>{t(tree.search === '' && !filtered ? 'fleet.tree.empty' : 'fleet.tree.nothing')}</p>
      ) : (
        <RegionTree
          groups={groups}
          label={t('common.nav.tree')}
          collapsed={tree.collapsed}
          selectedId={selectedId}
          onCollapse={(id, closed) => {
            const collapsed = new Set(tree.collapsed);
            if (closed) collapsed.add(id);
            else collapsed.delete(id);
            setTree({ collapsed });
          }}
          onOpen={(id) => openInstance(id)}
          onDependencies={(instanceId) => go({ id: 'dependencies', instanceId })}
        />
      )}
    </div>
  );
}
