import type { ReactNode } from 'react';
import type { Role } from '../../shared/domain/fleet/role';
import type { Tone } from './StatusBadge';

export interface TreeRow {
  readonly instanceId: string;
  readonly name: string;
  readonly role: Role;
  readonly tone: Tone;
  /** What it is, in words. */
  readonly roleText: string;
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

/** `place`: among the groups, or among the rows of its group. */
export interface GroupLine {
  readonly kind: 'group';
  readonly key: string;
  readonly group: TreeGroup;
  readonly place: number;
}
export interface RowLine {
  readonly kind: 'row';
  readonly key: string;
  readonly group: TreeGroup;
  readonly row: TreeRow;
  readonly place: number;
}
export type TreeLine = GroupLine | RowLine;

/** The lines of the tree from top to bottom: every group, and beneath it its rows where it is not folded. */
export function linesOf(groups: readonly TreeGroup[], collapsed: ReadonlySet<string>): readonly TreeLine[] {
  return groups.flatMap((group, place): readonly TreeLine[] => [
    { kind: 'group', key: `g:${group.id}`, group, place },
    ...(collapsed.has(group.id) ? [] : group.rows.map((row, at): RowLine => ({ kind: 'row', key: `i:${group.id}:${row.instanceId}`, group, row, place: at }))),
  ]);
}

/** The line that the keys move from: where they went last, else the instance that is shown, else the first one. */
export function activeLine(lines: readonly TreeLine[], activeKey: string | null, selectedId: string | null): number {
  const active = lines.findIndex(({ key }) => key === activeKey);
  if (active >= 0) return active;
  return Math.max(0, lines.findIndex((line) => line.kind === 'row' && line.row.instanceId === selectedId));
}

/** What a key means: a line to go to, a group to fold or unfold, an instance to open. `stay`: it is the tree's, and does nothing here. */
export type TreeAct =
  | { readonly kind: 'go'; readonly to: number }
  | { readonly kind: 'fold'; readonly groupId: string; readonly collapsed: boolean }
  | { readonly kind: 'open' | 'dependencies'; readonly instanceId: string }
  | { readonly kind: 'stay' };

/** What pressing a line does: a group folds or unfolds, an instance opens. */
export function actOfPress(line: TreeLine, collapsed: ReadonlySet<string>): TreeAct {
  if (line.kind === 'row') return { kind: 'open', instanceId: line.row.instanceId };
  return { kind: 'fold', groupId: line.group.id, collapsed: !collapsed.has(line.group.id) };
}

/** What a key does on the line at `active`; null: it is none of the tree's keys. */
export function actOfKey(key: string, lines: readonly TreeLine[], active: number, collapsed: ReadonlySet<string>): TreeAct | null {
  const line = lines[active];
  if (line === undefined) return null;
  const to = (index: number): TreeAct => ({ kind: 'go', to: Math.max(0, Math.min(lines.length - 1, index)) });
  const fold = (folded: boolean): TreeAct => ({ kind: 'fold', groupId: line.group.id, collapsed: folded });
  switch (key) {
    case 'ArrowDown':
      return to(active + 1);
    case 'ArrowUp':
      return to(active - 1);
    case 'Home':
      return to(0);
    case 'End':
      return to(lines.length - 1);
    case 'ArrowLeft':
      return line.kind === 'row' ? to(active - line.place - 1) : fold(true);
    case 'ArrowRight':
      if (line.kind === 'row') return { kind: 'stay' };
      return collapsed.has(line.group.id) ? fold(false) : to(active + 1);
    case 'Enter':
    case ' ':
      return actOfPress(line, collapsed);
    case 'd':
      return line.kind === 'row' && line.row.dependencies ? { kind: 'dependencies', instanceId: line.row.instanceId } : { kind: 'stay' };
    default:
      return null;
  }
}
