import { ActionIcon, UnstyledButton } from '@mantine/core';
import { memo, useCallback, useMemo } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { fleetColumns, type FleetColumn } from '../../../../shared/domain/fleet/saved-filter';
import type { Translator } from '../../../../shared/i18n/translate';
import { useText } from '../../../stores/language';
import { choose, setList } from '../../../stores/lists';
import { shareOf, withAll, type Selection } from '../../../stores/selection';
import { go, showInstance } from '../../../stores/ui';
import { AtWorkMark } from '../../../ui/AtWork';
import { ChooseBox } from '../../../ui/ChooseBox';
import { menuAtPointer, menuBeneath } from '../../../ui/context-menu';
import { HealthBadge } from '../../../ui/HealthBadge';
import { IconChevronDown, IconChevronUp, IconSitemap } from '../../../ui/icons';
import { hasDependencies } from '../../../ui/instance-acts';
import { LagBadge } from '../../../ui/LagBadge';
import { LongText } from '../../../ui/LongText';
import { RoleLabel } from '../../../ui/RoleIcon';
import { StatusBadge } from '../../../ui/StatusBadge';
import { keepText, lineKeys, useLines, useSame, type LineHandlers } from '../../../ui/useLines';
import { beginsWithMost } from './instance-rows';
import type { InstanceLine, InstanceRow, Sort } from './instance-rows';
import classes from './InstanceTable.module.css';

const rowHeight = 33;
/** What is left out where there is little room, as the style sheet says; the others, and the acts, are always there. */
const givesWay = ['region', 'version'] as const satisfies readonly FleetColumn[];
const alwaysThere = fleetColumns.length + 1 - givesWay.length;

function cell(t: Translator, row: InstanceRow, column: FleetColumn): ReactNode {
  const { view } = row;
  switch (column) {
    case 'name':
      return (
        <span className={classes.named}>
          <LongText className={classes.name}>{view.instance.name}</LongText>
          <AtWorkMark view={view} />
        </span>
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

/** The heads of the columns: a press sorts by it, another turns the order round. The box before them is for all that is listed. */
const Head = memo(function Head({ sort, share, ids }: { sort: Sort; share: 'all' | 'some' | 'none'; ids: readonly string[] }): ReactElement {
  const t = useText();
  return (
    <thead>
      <tr>
        <th scope="col" data-column="chosen">
          <ChooseBox
            share={share} label={t('common.chosen.all', { n: ids.length })} isTabStop
            onPress={() => choose('fleet', (before) => withAll(before, ids, share !== 'all'))}
          />
        </th>
        {fleetColumns.map((column) => {
          const on = sort.column === column;
          const descends = sort.down !== beginsWithMost(column);
          return (
            <th key={column} scope="col" aria-sort={on ? (descends ? 'descending' : 'ascending') : undefined} data-column={column}>
              <UnstyledButton className={classes.sort} title={t(`fleet.table.${column}`)} onClick={() => setList('fleet', { column, down: on ? !sort.down : false })}>
                <span className={classes.headWord}>{t(`fleet.table.${column}`)}</span>
                {on ? descends ? <IconChevronDown size={12} aria-hidden /> : <IconChevronUp size={12} aria-hidden /> : null}
              </UnstyledButton>
            </th>
          );
        })}
        <th scope="col" data-column="act">
          <span className="visually-hidden">{t('common.actions')}</span>
        </th>
      </tr>
    </thead>
  );
});

interface LineProps extends LineHandlers {
  readonly row: InstanceRow;
  readonly index: number;
  /** The one line that Tab comes to. */
  readonly isCurrent: boolean;
  readonly isChosen: boolean;
}

/** Whether a line shows the same; what it shows by the clock its badges follow by themselves. */
function isSameLine(before: LineProps, now: LineProps): boolean {
  const [one, other] = [before.row, now.row];
  return before.index === now.index && before.isCurrent === now.isCurrent && before.isChosen === now.isChosen
    && before.onFocus === now.onFocus && before.onKeyDown === now.onKeyDown && before.onPress === now.onPress && before.onBox === now.onBox
    && one.view === other.view && one.region === other.region && one.protectors === other.protectors && one.tone === other.tone
    && one.protection.kind === other.protection.kind && one.protection.by.length === other.protection.by.length;
}

const Line = memo(function Line({ row, index, isCurrent, isChosen, onFocus, onKeyDown, onPress, onBox }: LineProps): ReactElement {
  const t = useText();
  const { instance, role } = row.view;
  return (
    <tr
      data-index={index}
      data-chosen={isChosen || undefined}
      aria-rowindex={index + 2}
      tabIndex={isCurrent ? 0 : -1}
      className={classes.row}
      onFocus={() => onFocus(instance.id)}
      onKeyDown={(event) => onKeyDown(event, index)}
      onMouseDown={keepText}
      onClick={(event) => onPress(event, instance.id)}
      onContextMenu={(event) => menuAtPointer(event, instance.id)}
    >
      <td data-column="chosen">
        <ChooseBox share={isChosen ? 'all' : 'none'} label={instance.name} onPress={(event) => onBox(event, instance.id)} />
      </td>
      {fleetColumns.map((column) =>
        column === 'name' ? (
          <th key={column} scope="row" data-column={column}>
            {cell(t, row, column)}
          </th>
        ) : (
          <td key={column} data-column={column}>{cell(t, row, column)}</td>
        ),
      )}
      <td data-column="act">
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

/** The head of a region or project: how many it has, what is wrong in it, and a box for all of them. */
function GroupLine({ line, index, isCurrent, share, onFocus, onKeyDown, onBox }: Omit<LineHandlers, 'onPress'> & {
  line: Extract<InstanceLine, { kind: 'group' }>; index: number; isCurrent: boolean; share: 'all' | 'some' | 'none';
}): ReactElement {
  const t = useText();
  const { name, ids, critical, warning } = line;
  return (
    <tr
      className={classes.group} data-index={index} aria-rowindex={index + 2} tabIndex={isCurrent ? 0 : -1}
      onFocus={() => onFocus(line.key)} onKeyDown={(event) => onKeyDown(event, index)}
    >
      <td data-column="chosen">
        <ChooseBox share={share} label={t('common.chosen.group', { name, n: ids.length })} onPress={(event) => onBox(event, line.key)} />
      </td>
      <th scope="rowgroup" colSpan={alwaysThere}>
        <span className={classes.name}>{name}</span> <span className={classes.faint}>{t('fleet.instances', { n: ids.length })}</span>{' '}
        {critical === 0 ? null : <StatusBadge tone="bad" plain>{t('fleet.tree.critical', { n: critical })}</StatusBadge>}{' '}
        {warning === 0 ? null : <StatusBadge tone="warn" plain>{t('fleet.tree.warning', { n: warning })}</StatusBadge>}
      </th>
      {givesWay.map((column) => <td key={column} data-column={column} />)}
    </tr>
  );
}

const openMenu = (element: Element, instanceId: string): void => menuBeneath(element, instanceId);

/** The lines themselves; a long table draws only what is seen, with room above and below for the rest. */
export const InstanceGrid = memo(function InstanceGrid({ lines, ids, sort, selection }: {
  lines: readonly InstanceLine[]; ids: readonly string[]; sort: Sort; selection: Selection;
}): ReactElement {
  const t = useText();
  const keys = useSame(useMemo(() => lines.map(({ key }) => key), [lines]));
  const groups = useMemo(() => new Map(lines.flatMap((line) => (line.kind === 'group' ? [[line.key, line.ids] as const] : []))), [lines]);
  const idsOf = useCallback((key: string): readonly string[] => groups.get(key) ?? [key], [groups]);
  const { scroller, isVirtual, parts, current, ...handlers } = useLines({ list: 'fleet', keys, ids, idsOf, rowHeight, onOpen: showInstance, onMenu: openMenu });
  const { onFocus, onKeyDown, onBox } = handlers;
  return (
    <div className={classes.scroller} ref={scroller} data-virtual={isVirtual || undefined}>
      <table className={classes.table} aria-rowcount={lines.length + 1} aria-keyshortcuts={lineKeys}>
        <Head sort={sort} share={shareOf(selection, ids)} ids={ids} />
        <tbody>
          {parts.map((part) => {
            if (part.kind === 'gap') return <tr key={part.key} style={{ height: part.height }} aria-hidden />;
            const { index } = part;
            const line = lines[index];
            if (line === undefined) return null;
            return line.kind === 'group' ? (
              <GroupLine
                key={line.key} line={line} index={index} isCurrent={index === current} share={shareOf(selection, line.ids)}
                onFocus={onFocus} onKeyDown={onKeyDown} onBox={onBox}
              />
            ) : (
              <Line key={line.key} row={line.row} index={index} isCurrent={index === current} isChosen={selection.chosen.has(line.key)} {...handlers} />
            );
          })}
        </tbody>
      </table>
      {lines.length === 0 ? <p className={classes.nothing}>{t('fleet.tree.nothing')}</p> : null}
    </div>
  );
});
