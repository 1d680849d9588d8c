import { ActionIcon, SegmentedControl, UnstyledButton } from '@mantine/core';
import { memo, useCallback, useDeferredValue, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, ReactElement, ReactNode } from 'react';
import type { Translator } from '../../../../shared/i18n/translate';
import { useFleet } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { useStandingClock } from '../../../stores/standing';
import { fleetFilters, go, showInstance, setTree, useUi } from '../../../stores/ui';
import type { FleetFilter } from '../../../stores/ui';
import { AtWorkMark } from '../../../ui/AtWork';
import { asksForMenu, menuAtPointer, menuBeneath } from '../../../ui/context-menu';
import { HealthBadge } from '../../../ui/HealthBadge';
import { IconChevronDown, IconChevronUp, IconSitemap } from '../../../ui/icons';
import { hasDependencies } from '../../../ui/instance-acts';
import { LagBadge } from '../../../ui/LagBadge';
import { LongText } from '../../../ui/LongText';
import { Section } from '../../../ui/Page';
import { RoleLabel } from '../../../ui/RoleIcon';
import { StatusBadge } from '../../../ui/StatusBadge';
import { useRows } from '../../../ui/useRows';
import { beginsWithMost, columns, instanceRows } from './instance-rows';
import type { Column, InstanceRow, Sort } from './instance-rows';
import classes from './InstanceTable.module.css';

const rowHeight = 33;

function cell(t: Translator, row: InstanceRow, column: Column): ReactNode {
  const { view } = row;
  switch (column) {
    case 'name':
      return (
        <>
          <LongText className={classes.name}>{view.instance.name}</LongText>
          <AtWorkMark view={view} />
        </>
      );
    case 'role':
      return <RoleLabel view={view} />;
    case 'region':
      return <LongText>{row.region}</LongText>;
    case 'lag':
      return <LagBadge view={view} plain />;
    case 'health':
      return <HealthBadge view={view} />;
    case 'version':
      return view.facts?.server.version ?? <span className={classes.faint}>{t('common.not-known')}</span>;
    case 'protected':
      if (view.role !== 'primary') return null;
      if (row.protectors === '') return <span className={classes.faint}>{t('fleet.table.unprotected')}</span>;
      return row.protection.kind === 'protected' ? (
        <LongText>{row.protectors}</LongText>
      ) : (
        <StatusBadge tone={row.protection.tone} plain title={t(`fleet.protection.${row.protection.kind}`, { n: row.protection.by.length })}>
          <LongText>{row.protectors}</LongText>
        </StatusBadge>
      );
    default: {
      const unknown: never = column;
      throw new Error(`Unknown column ${String(unknown)}`);
    }
  }
}

/** The heads of the columns; pressing one sorts by it, pressing it again turns the order round. */
function Head({ sort, onSort }: { sort: Sort; onSort: (sort: Sort) => void }): ReactElement {
  const t = useText();
  return (
    <thead>
      <tr>
        {columns.map((column) => {
          const on = sort.column === column;
          const descends = sort.down !== beginsWithMost(column);
          return (
            <th key={column} scope="col" aria-sort={on ? (descends ? 'descending' : 'ascending') : undefined} data-column={column}>
              <UnstyledButton className={classes.sort} onClick={() => onSort({ column, down: on ? !sort.down : false })}>
                {t(`fleet.table.${column}`)}
                {on ? descends ? <IconChevronDown size={12} aria-hidden /> : <IconChevronUp size={12} aria-hidden /> : null}
              </UnstyledButton>
            </th>
          );
        })}
        <th scope="col">
          <span className="visually-hidden">{t('common.actions')}</span>
        </th>
      </tr>
    </thead>
  );
}

interface LineProps {
  readonly row: InstanceRow;
  readonly index: number;
  /** The one line that Tab comes to. */
  readonly isCurrent: boolean;
  readonly onFocus: (index: number) => void;
  readonly onKeyDown: (event: KeyboardEvent, index: number, instanceId: string) => void;
}

/** Whether a line shows the same; what it shows by the clock its badges follow by themselves. */
function isSameLine(before: LineProps, now: LineProps): boolean {
  const [one, other] = [before.row, now.row];
  return before.index === now.index && before.isCurrent === now.isCurrent && before.onFocus === now.onFocus && before.onKeyDown === now.onKeyDown
    && one.view === other.view && one.region === other.region && one.protectors === other.protectors && one.tone === other.tone
    && one.protection.kind === other.protection.kind && one.protection.by.length === other.protection.by.length;
}

const Line = memo(function Line({ row, index, isCurrent, onFocus, onKeyDown }: LineProps): ReactElement {
  const t = useText();
  const { instance, role } = row.view;
  return (
    <tr
      data-index={index}
      aria-rowindex={index + 2}
      tabIndex={isCurrent ? 0 : -1}
      className={classes.row}
      onFocus={() => onFocus(index)}
      onKeyDown={(event) => onKeyDown(event, index, instance.id)}
      onClick={() => showInstance(instance.id)}
      onContextMenu={(event) => menuAtPointer(event, instance.id)}
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
        {hasDependencies(role) ? (
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
}, isSameLine);

/** The lines themselves; a long table draws only what is seen, with room above and below for the rest. */
const Grid = memo(function Grid({ rows, sort, onSort }: { rows: readonly InstanceRow[]; sort: Sort; onSort: (sort: Sort) => void }): ReactElement {
  const t = useText();
  const [active, setActive] = useState(0);
  const current = Math.min(active, Math.max(0, rows.length - 1));
  const { scroller, isVirtual, parts, show } = useRows(rows.length, rowHeight, current);

  const focusRow = (index: number): void => {
    const next = Math.max(0, Math.min(rows.length - 1, index));
    setActive(next);
    show(next);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${next}"]`)?.focus());
  };
  // The lines are given the same function while they scroll: only those that come into sight are drawn.
  const keys = useRef({ focusRow, last: 0 });
  useLayoutEffect(() => {
    keys.current = { focusRow, last: rows.length - 1 };
  });
  const onKeyDown = useCallback((event: KeyboardEvent, index: number, instanceId: string): void => {
    if (event.target !== event.currentTarget) return;
    const { focusRow: focus, last } = keys.current;
    if (event.key === 'ArrowDown') focus(index + 1);
    else if (event.key === 'ArrowUp') focus(index - 1);
    else if (event.key === 'Home') focus(0);
    else if (event.key === 'End') focus(last);
    else if (event.key === 'Enter') showInstance(instanceId);
    else if (asksForMenu(event)) menuBeneath(event.currentTarget, instanceId);
    else return;
    event.preventDefault();
  }, []);
  return (
    <div className={classes.scroller} ref={scroller} data-virtual={isVirtual || undefined}>
      <table className={classes.table} aria-rowcount={rows.length + 1}>
        <Head sort={sort} onSort={onSort} />
        <tbody>
          {parts.map((part) => {
            if (part.kind === 'gap') return <tr key={part.key} style={{ height: part.height }} aria-hidden />;
            const { index } = part;
            const row = rows[index];
            return row === undefined ? null : (
              <Line
                key={row.view.instance.id} row={row} index={index} isCurrent={index === current}
                onFocus={setActive} onKeyDown={onKeyDown}
              />
            );
          })}
        </tbody>
      </table>
      {rows.length === 0 ? <p className={classes.nothing}>{t('fleet.tree.nothing')}</p> : null}
    </div>
  );
});

/** Every instance that passes the filter, sortable; arrow keys move between rows, Enter opens. Shares its filter with the tree. */
export function InstanceTable(): ReactElement {
  const t = useText();
  const { instances, regions, projects } = useFleet();
  const clock = useStandingClock();
  const { filter, regionId, search: typed } = useUi((state) => state.tree);
  // What is typed is shown first, what it finds after it.
  const search = useDeferredValue(typed);
  const [sort, setSort] = useState<Sort>({ column: 'name', down: false });
  const rows = useMemo(
    () => instanceRows({ instances, regions, projects }, { filter, regionId, search }, sort, clock),
    [instances, regions, projects, filter, regionId, search, sort, clock],
  );
  return (
    <Section
      title={`${t('fleet.table.title')} ${rows.length === instances.length ? '' : t('fleet.table.shown', { n: rows.length, total: instances.length })}`}
      aside={
        <SegmentedControl
          value={filter}
          onChange={(value) => setTree({ filter: value as FleetFilter })}
          data={fleetFilters.map((value) => ({ value, label: t(`fleet.filter.${value}`) }))}
          aria-label={t('fleet.tree.filter')}
        />
      }
    >
      <Grid rows={rows} sort={sort} onSort={setSort} />
    </Section>
  );
}
