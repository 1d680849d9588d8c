import { ActionIcon } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useId, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, ReactElement, ReactNode } from 'react';
import type { Role } from '../../shared/domain/fleet/role';
import { useText } from '../stores/language';
import { IconChevronRight, IconLock, IconSitemap } from './icons';
import { RoleIcon } from './RoleIcon';
import { StatusIcon } from './StatusBadge';
import type { Tone } from './StatusBadge';
import classes from './RegionTree.module.css';

interface TreeRow {
  readonly instanceId: string;
  readonly name: string;
  readonly role: Role;
  readonly tone: Tone;
  /** State in words, for screen readers and on hover. */
  readonly stateText: string;
  /** An operation of another workstation, in words for the pointer and for screen readers; null: none. */
  readonly atWork: string | null;
  /** What stands at the right: the lag of a standby, with its text. */
  readonly aside: { readonly node: ReactNode; readonly text: string } | null;
  /** Has a dependency view: every primary and standby. */
  readonly dependencies: boolean;
}

export interface TreeGroup {
  readonly id: string;
  readonly name: string;
  readonly critical: number;
  readonly warning: number;
  readonly rows: readonly TreeRow[];
}

export interface RegionTreeProps {
  readonly groups: readonly TreeGroup[];
  readonly label: string;
  readonly collapsed: ReadonlySet<string>;
  readonly selectedId: string | null;
  readonly onCollapse: (groupId: string, collapsed: boolean) => void;
  readonly onOpen: (instanceId: string) => void;
  readonly onDependencies: (instanceId: string) => void;
}

type Line = { readonly kind: 'group'; readonly group: TreeGroup; readonly index: number } | { readonly kind: 'row'; readonly group: TreeGroup; readonly row: TreeRow; readonly index: number };

const rowHeight = 28;
/** Shorter trees are drawn whole. */
const virtualFrom = 150;

function linesOf(groups: readonly TreeGroup[], collapsed: ReadonlySet<string>): readonly Line[] {
  const lines: Line[] = [];
  groups.forEach((group, index) => {
    lines.push({ kind: 'group', group, index });
    if (!collapsed.has(group.id)) group.rows.forEach((row, place) => lines.push({ kind: 'row', group, row, index: place }));
  });
  return lines;
}

const keyOf = (line: Line): string => (line.kind === 'group' ? `g:${line.group.id}` : `i:${line.group.id}:${line.row.instanceId}`);

/**
 * Instances under their regions (or projects): role, state and lag of each at a glance, problem counts rolled up.
 * Arrow keys move, left and right fold, Enter opens, `d` opens the dependency view. Long trees draw only what is seen.
 */
export function RegionTree({ groups, label, collapsed, selectedId, onCollapse, onOpen, onDependencies }: RegionTreeProps): ReactElement {
  const t = useText();
  const base = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const lines = useMemo(() => linesOf(groups, collapsed), [groups, collapsed]);
  const selected = lines.findIndex((line) => line.kind === 'row' && line.row.instanceId === selectedId);
  const found = lines.findIndex((line) => keyOf(line) === activeKey);
  const active = found >= 0 ? found : selected >= 0 ? selected : 0;
  const virtual = lines.length > virtualFrom;
  const virtualizer = useVirtualizer({
    count: lines.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 12, enabled: virtual,
  });

  const moveTo = (index: number): void => {
    const line = lines[Math.max(0, Math.min(lines.length - 1, index))];
    if (line === undefined) return;
    setActiveKey(keyOf(line));
    const place = lines.indexOf(line);
    if (virtual) virtualizer.scrollToIndex(place);
    else document.getElementById(`${base}${keyOf(line)}`)?.scrollIntoView({ block: 'nearest' });
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const line = lines[active];
    if (line === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const groupLine = lines.findIndex((candidate) => candidate.kind === 'group' && candidate.group === line.group);
    switch (event.key) {
      case 'ArrowDown':
        moveTo(active + 1);
        break;
      case 'ArrowUp':
        moveTo(active - 1);
        break;
      case 'Home':
        moveTo(0);
        break;
      case 'End':
        moveTo(lines.length - 1);
        break;
      case 'ArrowLeft':
        if (line.kind === 'row') moveTo(groupLine);
        else onCollapse(line.group.id, true);
        break;
      case 'ArrowRight':
        if (line.kind === 'group' && collapsed.has(line.group.id)) onCollapse(line.group.id, false);
        else if (line.kind === 'group') moveTo(active + 1);
        break;
      case 'Enter':
      case ' ':
        if (line.kind === 'row') onOpen(line.row.instanceId);
        else onCollapse(line.group.id, !collapsed.has(line.group.id));
        break;
      case 'd':
        if (line.kind === 'row' && line.row.dependencies) onDependencies(line.row.instanceId);
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  const draw = (line: Line): ReactElement => {
    const key = keyOf(line);
    const isActive = lines[active] === line;
    const shared = { 'id': `${base}${key}`, 'role': 'treeitem', 'data-active': isActive || undefined } as const;
    if (line.kind === 'group') {
      const { group } = line;
      const open = !collapsed.has(group.id);
      const counts = [group.critical > 0 ? t('fleet.tree.critical', { n: group.critical }) : '', group.warning > 0 ? t('fleet.tree.warning', { n: group.warning }) : ''].filter((text) => text !== '');
      return (
        <div
          key={key}
          {...shared}
          className={classes.group}
          aria-level={1}
          aria-expanded={open}
          aria-setsize={groups.length}
          aria-posinset={line.index + 1}
          aria-selected={false}
          aria-label={[[group.name, group.critical || '', group.warning || ''].join(' ').trim(), t('fleet.instances', { n: group.rows.length }), ...counts].join(', ')}
          onClick={() => {
            setActiveKey(key);
            onCollapse(group.id, open);
          }}
        >
          <IconChevronRight size={13} className={classes.chevron} data-open={open || undefined} aria-hidden />
          <span className={classes.groupName}>{group.name}</span>{' '}
          {group.critical > 0 ? (
            <span className={classes.count} title={counts[0]}>
              {group.critical} <StatusIcon tone="bad" size={13} />
            </span>
          ) : null}{' '}
          {group.warning > 0 ? (
            <span className={classes.count} title={counts.at(-1)}>
              {group.warning} <StatusIcon tone="warn" size={13} />
            </span>
          ) : null}
        </div>
      );
    }
    const { row, group } = line;
    const isSelected = row.instanceId === selectedId;
    return (
      <div
        key={key}
        {...shared}
        className={classes.row}
        data-selected={isSelected || undefined}
        aria-level={2}
        aria-setsize={group.rows.length}
        aria-posinset={line.index + 1}
        aria-selected={isSelected}
        aria-label={[`${row.name} ${row.aside?.text ?? ''}`.trim(), t(`common.role.${row.role}`), row.stateText, row.atWork].filter((part) => part !== null).join(', ')}
        title={row.atWork === null ? row.stateText : `${row.stateText}\n${row.atWork}`}
        onClick={() => {
          setActiveKey(key);
          onOpen(row.instanceId);
        }}
      >
        <span className={classes.role}>
          <RoleIcon role={row.role} size={12} />
        </span>
        <span className={classes.name}>{row.name}</span>{' '}
        {row.atWork === null ? null : <IconLock size={12} className={classes.lock} aria-hidden />}
        <span className={classes.aside}>{row.aside?.node ?? <StatusIcon tone={row.tone} size={13} />}</span>
        {row.dependencies ? (
          <ActionIcon
            size={20}
            tabIndex={-1}
            aria-label={t('fleet.tree.dependencies', { name: row.name })}
            title={t('fleet.tree.dependencies', { name: row.name })}
            onClick={(event) => {
              event.stopPropagation();
              onDependencies(row.instanceId);
            }}
          >
            <IconSitemap size={13} />
          </ActionIcon>
        ) : (
          <span className={classes.gap} />
        )}
      </div>
    );
  };

  const activeLine = lines[active];
  return (
    <div
      ref={scroller}
      className={classes.tree}
      role="tree"
      tabIndex={0}
      aria-label={label}
      aria-activedescendant={activeLine === undefined ? undefined : `${base}${keyOf(activeLine)}`}
      onKeyDown={onKeyDown}
    >
      {virtual ? (
        <div role="presentation" style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
          {virtualizer.getVirtualItems().map((item) => {
            const line = lines[item.index];
            return line === undefined ? null : (
              <div key={keyOf(line)} role="presentation" style={{ position: 'absolute', insetInline: 0, top: item.start }}>
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
}
