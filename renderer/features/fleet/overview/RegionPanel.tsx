import { ActionIcon, Menu, SegmentedControl, TextInput } from '@mantine/core';
import { useDeferredValue, useMemo } from 'react';
import type { KeyboardEvent, ReactElement } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { api } from '../../../api';
import { linkStandingOf, roleMessage, standingOf, worstTone, type StandingClock } from '../../../../shared/domain/analysis/standing';
import { linkText, standingText } from '../../../../shared/domain/analysis/standing-text';
import type { Lag } from '../../../../shared/domain/fleet/lag';
import { fleetFilters, type FleetFilter } from '../../../../shared/domain/fleet/saved-filter';
import type { InstanceView } from '../../../../shared/domain/fleet/view';
import type { Translator } from '../../../../shared/i18n/translate';
import { useFleet } from '../../../stores/fleet';
import { useStandingClock } from '../../../stores/standing';
import { useText, useTimeZone } from '../../../stores/language';
import { go, setTree, showInstance, treeSearchId, useUi } from '../../../stores/ui';
import type { Grouping, UiState } from '../../../stores/ui';
import { IconFilter, IconSearch, IconX } from '../../../ui/icons';
import { holderText } from '../../../ui/AtWork';
import { hasDependencies } from '../../../ui/instance-acts';
import { linkFigure } from '../../../ui/LagBadge';
import { StatusBadge } from '../../../ui/StatusBadge';
import { RegionTree } from '../../../ui/RegionTree';
import type { TreeGroup, TreeRow } from '../../../ui/region-tree';
import { groupsOf } from './fleet-query';
import classes from './RegionPanel.module.css';

/** Only the order in which servers are read hangs on it: where the call fails they are read all the same. */
const readFirst = (ids: readonly string[]): void => {
  void api.fleet.show({ ids: ids.slice(0, 200) });
};

/** Stands for "every region" among region ids. */
const everywhere = '';

/** A row as the tree draws it. What it says is put together when it is asked for: most rows of a large fleet are never in sight. */
class DrawnRow implements TreeRow {
  readonly instanceId: string;
  readonly name: string;
  readonly role: TreeRow['role'];
  readonly dependencies: boolean;
  readonly #view: InstanceView;
  readonly #t: Translator;
  readonly #zone: string;
  readonly #clock: StandingClock;

  constructor(view: InstanceView, t: Translator, zone: string, clock: StandingClock) {
    this.instanceId = view.instance.id;
    this.name = view.instance.name;
    this.role = view.role;
    this.dependencies = hasDependencies(view.role);
    [this.#view, this.#t, this.#zone, this.#clock] = [view, t, zone, clock];
  }

  get tone(): TreeRow['tone'] {
    return standingOf(this.#view, this.#clock).tone;
  }

  get roleText(): string {
    return this.#t.message(roleMessage(this.#view, this.#clock));
  }

  get stateText(): string {
    return standingText(this.#t, standingOf(this.#view, this.#clock));
  }

  get atWork(): string | null {
    const { othersAtWork } = this.#view;
    return othersAtWork.length === 0 ? null : othersAtWork.map((holder) => holderText(this.#t, this.#zone, holder, null)).join(' ');
  }

  get aside(): TreeRow['aside'] {
    const { lag, health } = this.#view;
    return lag === null || health.state !== 'reachable' ? null : lagAside(this.#t, this.#view, lag, this.#clock);
  }
}

const drawn = new WeakMap<InstanceView, { readonly t: Translator; readonly zone: string; readonly clock: StandingClock; readonly row: DrawnRow }>();

/** The row of a reading: the same object while nothing that it says can be other. */
function rowOf(view: InstanceView, t: Translator, zone: string, clock: StandingClock): DrawnRow {
  const known = drawn.get(view);
  if (known !== undefined && known.t === t && known.zone === zone && known.clock === clock) return known.row;
  const row = new DrawnRow(view, t, zone, clock);
  drawn.set(view, { t, zone, clock, row });
  return row;
}

function useTreeGroups(): readonly TreeGroup[] {
  const t = useText();
  const zone = useTimeZone();
  const fleet = useFleet(useShallow(({ instances, regions, projects }) => ({ instances, regions, projects })));
  const clock = useStandingClock();
  const { grouping, filter, regionId, search: typed } = useUi((state) => state.tree);
  // What is typed is shown first, what it finds after it.
  const search = useDeferredValue(typed);
  return useMemo(
    () =>
      groupsOf(fleet, grouping, { filter, regionId, search }, t('common.no-project'), clock).map((group) => ({
        ...group,
        rows: group.instances.map((view) => rowOf(view, t, zone, clock)),
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
function Search(): ReactElement {
  const t = useText();
  const clock = useStandingClock();
  const search = useUi((state) => state.tree.search);
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.key === 'Escape' && search !== '') {
      event.stopPropagation();
      setTree({ search: '' });
    } else if (event.key === 'Enter') {
      // By what stands in the field now: the tree may still show what was found for fewer letters.
      const { tree } = useUi.getState();
      const first = groupsOf(useFleet.getState(), tree.grouping, tree, t('common.no-project'), clock).flatMap(({ instances }) => instances)[0];
      if (first !== undefined) showInstance(first.instance.id);
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

const showDependencies = (instanceId: string): void => go({ id: 'dependencies', instanceId });

function fold(id: string, closed: boolean): void {
  const next = new Set(useUi.getState().tree.collapsed);
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
      <Search />
      <Filtered />
      {groups.length === 0 ? (
        <p className={classes.nothing}>{t(tree.search === '' && !isFiltered(tree) ? 'fleet.tree.empty' : 'fleet.tree.nothing')}</p>
      ) : (
        <RegionTree
          groups={groups}
          label={t('common.nav.tree')}
          collapsed={tree.collapsed}
          selectedId={selectedId}
          onCollapse={fold}
          onOpen={showInstance}
          onDependencies={showDependencies}
          onSeen={readFirst}
        />
      )}
    </div>
  );
}
