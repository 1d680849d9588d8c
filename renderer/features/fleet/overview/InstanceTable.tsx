import { ActionIcon, SegmentedControl, UnstyledButton } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, ReactElement, ReactNode } from 'react';
import type { InstanceView } from '../../../../shared/domain/fleet/view';
import type { Translator } from '../../../../shared/i18n/translate';
import { useFleet } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { go, openInstance, setTree, useUi } from '../../../stores/ui';
import type { FleetFilter } from '../../../stores/ui';
import { AtWorkMark } from '../../../ui/AtWork';
import { IconChevronDown, IconChevronUp, IconSitemap } from '../../../ui/icons';
import { LagBadge } from '../../../ui/LagBadge';
import { Section } from '../../../ui/Page';
import { RoleLabel } from '../../../ui/RoleIcon';
import { StatusBadge } from '../../../ui/StatusBadge';
import { HealthBadge } from '../../../ui/HealthBadge';
import { instanceTone } from '../../../ui/instance-tone';
import { followsNow } from '../protection';
import { matches } from './fleet-query';
import classes from './InstanceTable.module.css';

type Column = 'name' | 'role' | 'region' | 'lag' | 'health' | 'version' | 'protected';
const columns: readonly Column[] = ['name', 'role', 'region', 'lag', 'health', 'version', 'protected'];
const filters: readonly FleetFilter[] = ['all', 'primaries', 'standbys', 'problems'];
const rowHeight = 33;
/** Shorter tables are drawn whole. */
const virtualFrom = 120;
const toneRank = { bad: 0, warn: 1, mute: 2, busy: 3, good: 4 } as const;

interface Row {
  readonly view: InstanceView;
  readonly region: string;
  readonly protectors: string;
  /** None of its standbys really follows. */
  readonly exposed: boolean;
}

function compare(a: Row, b: Row, column: Column): number {
  switch (column) {
    case 'name':
      return 0;
    case 'role':
      return a.view.role.localeCompare(b.view.role);
    case 'region':
      return a.region.localeCompare(b.region);
    case 'lag':
      return (b.view.lag?.seconds ?? -1) - (a.view.lag?.seconds ?? -1);
    case 'health':
      return toneRank[instanceTone(a.view)] - toneRank[instanceTone(b.view)];
    case 'version':
      return (a.view.facts?.server.version ?? '').localeCompare(b.view.facts?.server.version ?? '', undefined, { numeric: true });
    case 'protected':
      return a.protectors.localeCompare(b.protectors);
    default: {
      const unknown: never = column;
      throw new Error(`Unknown column ${String(unknown)}`);
    }
  }
}

function cell(t: Translator, row: Row, column: Column): ReactNode {
  const { view } = row;
  switch (column) {
    case 'name':
      return (
        <>
          <span className={classes.name}>{view.instance.name}</span>
          <AtWorkMark view={view} />
        </>
      );
    case 'role':
      return <RoleLabel role={view.role} />;
    case 'region':
      return row.region;
    case 'lag':
      return view.lag === null ? null : <LagBadge lag={view.lag} plain />;
    case 'health':
      return <HealthBadge view={view} />;
    case 'version':
      return view.facts?.server.version ?? <span className={classes.faint}>{t('common.not-known')}</span>;
    case 'protected':
      if (view.role !== 'primary') return null;
      if (row.protectors === '') return <span className={classes.faint}>{t('fleet.table.unprotected')}</span>;
      return row.exposed ? (
        <StatusBadge tone="bad" plain title={t('fleet.protection.broken')}>
          {row.protectors}
        </StatusBadge>
      ) : (
        row.protectors
      );
    default: {
      const unknown: never = column;
      throw new Error(`Unknown column ${String(unknown)}`);
    }
  }
}

function useRows(column: Column, down: boolean): readonly Row[] {
  const { instances, regions, projects, byId } = useFleet();
  const { filter, regionId, search } = useUi((state) => state.tree);
  return useMemo(() => {
    const regionNames = new Map(regions.map((region) => [region.id, region.name]));
    const projectNames = new Map(projects.map((project) => [project.id, project.name]));
    const rows = instances
      .map((view) => ({
        view,
        region: regionNames.get(view.instance.regionId) ?? '',
        protectors: view.protectedBy.map((id) => byId.get(id)?.instance.name ?? id).join(', '),
        exposed: !view.protectedBy.some((id) => {
          const standby = byId.get(id);
          return standby !== undefined && followsNow(standby);
        }),
      }))
      .filter(({ view, region }) => matches(view, { filter, regionId, search }, region, projectNames.get(view.instance.projectId ?? '') ?? ''));
    return rows.sort((a, b) => (down ? -1 : 1) * (compare(a, b, column) || a.view.instance.name.localeCompare(b.view.instance.name)));
  }, [instances, regions, projects, byId, filter, regionId, search, column, down]);
}

/** Every instance that passes the filter, sortable; arrow keys move between rows, Enter opens. Shares its filter with the tree. */
export function InstanceTable(): ReactElement {
  const t = useText();
  const filter = useUi((state) => state.tree.filter);
  const total = useFleet((state) => state.instances.length);
  const [sort, setSort] = useState<{ column: Column; down: boolean }>({ column: 'name', down: false });
  const [active, setActive] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRows(sort.column, sort.down);
  const virtual = rows.length > virtualFrom;
  const virtualizer = useVirtualizer({
    count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 10, enabled: virtual,
  });
  const items = virtual ? virtualizer.getVirtualItems().map(({ index }) => index) : rows.map((_, index) => index);
  const above = virtual ? (items[0] ?? 0) * rowHeight : 0;
  const below = virtual ? (rows.length - 1 - (items.at(-1) ?? 0)) * rowHeight : 0;
  const current = Math.min(active, Math.max(0, rows.length - 1));

  const focusRow = (index: number): void => {
    const next = Math.max(0, Math.min(rows.length - 1, index));
    setActive(next);
    if (virtual) virtualizer.scrollToIndex(next);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus());
  };
  const onKeyDown = (event: KeyboardEvent, index: number, row: Row): void => {
    if (event.target !== event.currentTarget) return;
    if (event.key === 'ArrowDown') focusRow(index + 1);
    else if (event.key === 'ArrowUp') focusRow(index - 1);
    else if (event.key === 'Home') focusRow(0);
    else if (event.key === 'End') focusRow(rows.length - 1);
    else if (event.key === 'Enter') openInstance(row.view.instance.id);
    else return;
    event.preventDefault();
  };

  return (
    <Section
      title={`${t('fleet.table.title')} ${rows.length === total ? '' : t('fleet.table.shown', { n: rows.length, total })}`}
      aside={
        <SegmentedControl
          value={filter}
          onChange={(value) => setTree({ filter: value as FleetFilter })}
          data={filters.map((value) => ({ value, label: t(`fleet.filter.${value}`) }))}
          aria-label={t('fleet.tree.filter')}
        />
      }
    >
      <div className={classes.scroller} ref={scroller} data-virtual={virtual || undefined}>
        <table className={classes.table} aria-rowcount={rows.length + 1}>
          <thead>
            <tr>
              {columns.map((column) => {
                const on = sort.column === column;
                return (
                  <th key={column} scope="col" aria-sort={on ? (sort.down ? 'descending' : 'ascending') : undefined} data-column={column}>
                    <UnstyledButton className={classes.sort} onClick={() => setSort({ column, down: on ? !sort.down : false })}>
                      {t(`fleet.table.${column}`)}
                      {on ? sort.down ? <IconChevronDown size={12} aria-hidden /> : <IconChevronUp size={12} aria-hidden /> : null}
                    </UnstyledButton>
                  </th>
                );
              })}
              <th scope="col">
                <span className="visually-hidden">{t('common.actions')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {above > 0 ? <tr style={{ height: above }} aria-hidden /> : null}
            {items.map((index) => {
              const row = rows[index];
              if (row === undefined) return null;
              const { instance, role } = row.view;
              return (
                <tr
                  key={instance.id}
                  data-index={index}
                  aria-rowindex={index + 2}
                  tabIndex={index === current ? 0 : -1}
                  className={classes.row}
                  onFocus={() => setActive(index)}
                  onKeyDown={(event) => onKeyDown(event, index, row)}
                  onClick={() => openInstance(instance.id)}
                >
                  {columns.map((column) =>
                    column === 'name' ? (
                      <th key={column} scope="row">
                        {cell(t, row, column)}
                      </th>
                    ) : (
                      <td key={column}>{cell(t, row, column)}</td>
                    ),
                  )}
                  <td className={classes.act}>
                    {role === 'primary' || role === 'standby' ? (
                      <ActionIcon
                        size={22}
                        aria-label={t('fleet.tree.dependencies', { name: instance.name })}
                        title={t('fleet.tree.dependencies', { name: instance.name })}
                        onClick={(event) => {
                          event.stopPropagation();
                          go({ id: 'dependencies', instanceId: instance.id });
                        }}
                      >
                        <IconSitemap size={14} />
                      </ActionIcon>
                    ) : null}
                  </td>
                </tr>
              );
            })}
            {below > 0 ? <tr style={{ height: below }} aria-hidden /> : null}
          </tbody>
        </table>
        {rows.length === 0 ? <p className={classes.nothing}>{t('fleet.tree.nothing')}</p> : null}
      </div>
    </Section>
  );
}
