import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, ReactElement } from 'react';
import { useText } from '../stores/language';
import { asksForMenu, menuAtPointer, menuBeneath } from './context-menu';
import { IconChevronRight, IconLock, IconSitemap } from './icons';
import { activeLine, actOfKey, actOfPress, linesOf } from './region-tree';
import type { GroupLine, RowLine, TreeAct, TreeGroup, TreeLine, TreeRow } from './region-tree';
import { NameParts } from './LongText';
import { RoleIcon } from './RoleIcon';
import { StatusIcon } from './StatusBadge';
import classes from './RegionTree.module.css';

export interface RegionTreeProps {
  readonly groups: readonly TreeGroup[];
  readonly label: string;
  readonly collapsed: ReadonlySet<string>;
  readonly selectedId: string | null;
  readonly onCollapse: (groupId: string, collapsed: boolean) => void;
  readonly onOpen: (instanceId: string) => void;
  readonly onDependencies: (instanceId: string) => void;
  /** Told which instances are in sight, of a tree that is longer than its place; the same function at each drawing. */
  readonly onSeen?: ((instanceIds: readonly string[]) => void) | undefined;
}

const rowHeight = 28;
/** Shorter trees are drawn whole. */
const virtualFrom = 150;

/**
 * Instances under their regions (or projects): role, state and lag of each at a glance, problem counts rolled up.
 * Arrow keys move, left and right fold, Enter opens, `d` opens the dependency view; the menu key, Shift+F10 and the right
 * button open what can be done with an instance. Long trees draw only what is seen.
 */
export const RegionTree = memo(function RegionTree(props: RegionTreeProps): ReactElement {
  const { groups, label, collapsed, selectedId, onCollapse, onOpen, onDependencies, onSeen } = props;
  const base = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const lines = useMemo(() => linesOf(groups, collapsed), [groups, collapsed]);
  const active = activeLine(lines, activeKey, selectedId);
  const virtual = lines.length > virtualFrom;
  const virtualizer = useVirtualizer({
    count: lines.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 12, enabled: virtual,
    // Lines beyond what is seen are there already: a scroll need not wait for the next ones.
    useFlushSync: false,
  });
  useSeen(virtual ? virtualizer.getVirtualItems().map(({ index }) => lines[index]) : null, onSeen);
  const idOf = (line: TreeLine): string => `${base}${line.key}`;

  const goTo = (index: number): void => {
    const line = lines[index];
    if (line === undefined) return;
    setActiveKey(line.key);
    if (virtual) virtualizer.scrollToIndex(index);
    else document.getElementById(idOf(line))?.scrollIntoView({ block: 'nearest' });
  };
  // A tree that is scrolled draws its lines anew only where they have changed: what they are given stays the same.
  const press = useCallback((line: TreeLine): void => {
    setActiveKey(line.key);
    const act = actOfPress(line, collapsed);
    if (act.kind === 'fold') onCollapse(act.groupId, act.collapsed);
    else if (act.kind === 'open') onOpen(act.instanceId);
  }, [collapsed, onCollapse, onOpen]);
  const perform = (act: TreeAct): void => {
    if (act.kind === 'go') goTo(act.to);
    else if (act.kind === 'fold') onCollapse(act.groupId, act.collapsed);
    else if (act.kind === 'open') onOpen(act.instanceId);
    else if (act.kind === 'dependencies') onDependencies(act.instanceId);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const line = lines[active];
    if (asksForMenu(event) && line?.kind === 'row') {
      event.preventDefault();
      return menuBeneath(document.getElementById(idOf(line)), line.row.instanceId);
    }
    const act = actOfKey(event.key, lines, active, collapsed);
    if (act === null) return;
    perform(act);
    event.preventDefault();
  };
  const draw = (line: TreeLine): ReactElement => {
    const shared = { id: idOf(line), isActive: lines[active] === line, onPress: press };
    return line.kind === 'group' ? (
      <Group key={line.key} {...shared} line={line} of={groups.length} open={!collapsed.has(line.group.id)} />
    ) : (
      <Row key={line.key} {...shared} line={line} isSelected={line.row.instanceId === selectedId} onDependencies={onDependencies} />
    );
  };
  const current = lines[active];
  const currentId = current === undefined ? undefined : idOf(current);
  return (
    <div ref={scroller} className={classes.tree} role="tree" tabIndex={0} aria-label={label} aria-activedescendant={currentId} onKeyDown={onKeyDown}>
      {virtual ? (
        <div role="presentation" style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const line = lines[index];
            return line === undefined ? null : (
              <div key={line.key} role="presentation" style={{ position: 'absolute', insetInline: 0, top: start }}>
                {draw(line)}
              </div>
            );
          })}
        </div>
      ) : (
        lines.map(draw)
      )}
    </div>
  );
});

/** A tree that is being scrolled is at rest for so long before it is told. Milliseconds. */
const seenAfterMs = 150;

function useSeen(seen: readonly (TreeLine | undefined)[] | null, onSeen: RegionTreeProps['onSeen']): void {
  const ids = (seen ?? []).flatMap((line) => (line?.kind === 'row' ? [line.row.instanceId] : []));
  const told = ids.join(' ');
  useEffect(() => {
    if (onSeen === undefined || told === '') return undefined;
    const timer = setTimeout(() => onSeen(told.split(' ')), seenAfterMs);
    return () => clearTimeout(timer);
  }, [told, onSeen]);
}

interface LineProps {
  readonly id: string;
  readonly isActive: boolean;
  readonly onPress: (line: TreeLine) => void;
}

interface GroupProps extends LineProps {
  readonly line: GroupLine;
  /** How many groups there are. */
  readonly of: number;
  readonly open: boolean;
}

/** A region or project: how much in it is critical and how much needs a look. */
const Group = memo(function Group({ line, of, open, id, isActive, onPress }: GroupProps): ReactElement {
  const t = useText();
  const { group, place } = line;
  const { name, critical, warning, rows } = group;
  const criticalText = critical > 0 ? t('fleet.tree.critical', { n: critical }) : null;
  const warningText = warning > 0 ? t('fleet.tree.warning', { n: warning }) : null;
  const said = [[name, critical || '', warning || ''].join(' ').trim(), t('fleet.instances', { n: rows.length }), criticalText, warningText];
  return (
    <div
      id={id}
      role="treeitem"
      data-active={isActive || undefined}
      className={classes.group}
      aria-level={1}
      aria-expanded={open}
      aria-setsize={of}
      aria-posinset={place + 1}
      aria-selected={false}
      aria-label={said.filter((part) => part !== null).join(', ')}
      onClick={() => onPress(line)}
    >
      <IconChevronRight size={13} className={classes.chevron} data-open={open || undefined} aria-hidden />
      {/* How many there are is in its label; drawn by the style, it is no part of its text. */}
      <span className={classes.groupName} data-count={rows.length}>{name}</span>{' '}
      {criticalText === null ? null : (
        <span className={classes.count} title={criticalText}>
          {critical} <StatusIcon tone="bad" size={13} />
        </span>
      )}{' '}
      {warningText === null ? null : (
        <span className={classes.count} title={warningText}>
          {warning} <StatusIcon tone="warn" size={13} />
        </span>
      )}
    </div>
  );
});

function rowText({ name, aside, roleText, stateText, atWork }: TreeRow): string {
  return [`${name} ${aside?.text ?? ''}`.trim(), roleText, stateText, atWork].filter((part) => part !== null).join(', ');
}

interface RowProps extends LineProps {
  readonly line: RowLine;
  readonly isSelected: boolean;
  readonly onDependencies: (instanceId: string) => void;
}

/** Whether a row shows the same: its texts are put together when they are asked for, so they are equal where the row is the same object. */
function isSameRow(before: RowProps, now: RowProps): boolean {
  const [one, other] = [before.line, now.line];
  return one.row === other.row && one.place === other.place && one.key === other.key && one.group.rows.length === other.group.rows.length
    && before.isSelected === now.isSelected && before.isActive === now.isActive && before.id === now.id
    && before.onPress === now.onPress && before.onDependencies === now.onDependencies;
}

const Row = memo(function Row({ line, isSelected, id, isActive, onPress, onDependencies }: RowProps): ReactElement {
  const t = useText();
  const { row, group, place } = line;
  return (
    <div
      id={id}
      role="treeitem"
      data-active={isActive || undefined}
      className={classes.row}
      data-selected={isSelected || undefined}
      aria-level={2}
      aria-setsize={group.rows.length}
      aria-posinset={place + 1}
      aria-selected={isSelected}
      aria-label={rowText(row)}
      title={[row.name, row.stateText, row.atWork].filter((part) => part !== null).join('\n')}
      onClick={() => onPress(line)}
      onContextMenu={(event) => menuAtPointer(event, row.instanceId)}
    >
      <span className={classes.role}>
        <RoleIcon role={row.role} size={12} />
      </span>
      <span className={classes.name}><NameParts>{row.name}</NameParts></span>{' '}
      {row.atWork === null ? null : <IconLock size={12} className={classes.lock} aria-hidden />}
      <span className={classes.aside}>{row.aside?.node ?? <StatusIcon tone={row.tone} size={13} />}</span>
      {row.dependencies ? (
        <button
          type="button"
          className={classes.act}
          tabIndex={-1}
          aria-label={t('fleet.tree.dependencies', { name: row.name })}
          title={t('fleet.tree.dependencies', { name: row.name })}
          onClick={(event) => {
            event.stopPropagation();
            onDependencies(row.instanceId);
          }}
        >
          <IconSitemap size={13} />
        </button>
      ) : (
        <span className={classes.gap} />
      )}
    </div>
  );
}, isSameRow);
