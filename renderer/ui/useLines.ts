import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, MouseEvent, RefObject } from 'react';
import { choose, useLists, type ListName } from '../stores/lists';
import { kept, nothingChosen, reached, reachedByKey, shareOf, toggled, withAll, type Selection } from '../stores/selection';
import { asksForMenu } from './context-menu';
import { useRows } from './useRows';

/** The keys of a list whose lines can be chosen, for screen readers. */
export const lineKeys = 'ArrowUp ArrowDown Home End Enter Space Shift+ArrowUp Shift+ArrowDown Control+A Escape';

/** What a line of such a list answers to. */
export interface LineHandlers {
  readonly onFocus: (key: string) => void;
  readonly onKeyDown: (event: KeyboardEvent, index: number) => void;
  readonly onPress: (event: MouseEvent, id: string) => void;
  readonly onBox: (event: MouseEvent, key: string) => void;
}

/** Shift with a press reaches over lines, not over their texts. */
export function keepText(event: MouseEvent): void {
  if (event.shiftKey) event.preventDefault();
}

/** The list that was there before where this one has the same in the same order: what is made from it is not made anew with every reading. */
export function useSame(list: readonly string[]): readonly string[] {
  const [known, setKnown] = useState(list);
  if (known === list || (known.length === list.length && known.every((id, at) => id === list[at]))) return known;
  setKnown(list);
  return list;
}

/** What is chosen of what is listed; what is not listed any more is let go. `ids`: the same list while nothing changes. */
export function useChosen(list: ListName, ids: readonly string[]): Selection {
  const selection = useLists((state) => state[list].selection);
  const listed = useMemo(() => new Set(ids), [ids]);
  // Never for one drawing is anything chosen that is not listed.
  const now = useMemo(() => kept(selection, listed), [selection, listed]);
  useEffect(() => choose(list, (before) => kept(before, listed)), [list, listed, selection]);
  return now;
}

/** Where a key leads from a line; null: it leads nowhere. Pure. */
export function targetOf(key: string, from: number, count: number, isHead: (index: number) => boolean, past: boolean): number | null {
  const step = (by: 1 | -1): number => {
    let to = from + by;
    while (past && to >= 0 && to < count && isHead(to)) to += by;
    return to < 0 || to >= count ? from : to;
  };
  const page = 10;
  switch (key) {
    case 'ArrowDown':
      return step(1);
    case 'ArrowUp':
      return step(-1);
    case 'PageDown':
      return Math.min(count - 1, from + page);
    case 'PageUp':
      return Math.max(0, from - page);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

interface LinesOptions {
  readonly list: ListName;
  /** Every line from top to bottom, heads of groups too. */
  readonly keys: readonly string[];
  /** Those of them that can be chosen, in the same order. */
  readonly ids: readonly string[];
  /** What a line stands for: itself, or those under a head. */
  readonly idsOf: (key: string) => readonly string[];
  readonly rowHeight: number;
  readonly onOpen: (id: string) => void;
  readonly onMenu?: (element: Element, id: string) => void;
}

interface Lines {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly isVirtual: boolean;
  readonly parts: ReturnType<typeof useRows>['parts'];
  /** The line that Tab comes to. */
  readonly current: number;
  /** These are the same functions at each drawing: only lines that come into sight, or change, are drawn anew. */
  readonly onFocus: (key: string) => void;
  readonly onKeyDown: (event: KeyboardEvent, index: number) => void;
  /** A press on a line: with Ctrl, Cmd or Shift it chooses, else it opens. */
  readonly onPress: (event: MouseEvent, id: string) => void;
  /** A press on the box of a line, or of a head. */
  readonly onBox: (event: MouseEvent, key: string) => void;
}

/**
 * The lines of a long list: arrow keys move, Enter opens, Space chooses, Shift reaches, Ctrl or Cmd with A chooses all that is listed,
 * Escape lets go. The element with the keys has `data-index`.
 */
export function useLines(options: LinesOptions): Lines {
  const { list, keys, rowHeight } = options;
  // By what it is, not by its place: lines come and go above it.
  const [active, setActive] = useState<string | null>(null);
  const found = active === null ? -1 : keys.indexOf(active);
  const firstLine = Math.max(0, keys.findIndex((key) => options.idsOf(key)[0] === key));
  const current = found >= 0 ? found : firstLine;
  const { scroller, isVirtual, parts, show } = useRows(keys.length, rowHeight, current);
  const focus = (index: number): void => {
    setActive(keys[index] ?? null);
    show(index);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus());
  };
  const latest = useRef({ ...options, focus });
  useLayoutEffect(() => {
    latest.current = { ...options, focus };
  });
  const onBox = useCallback((event: MouseEvent, key: string): void => {
    event.stopPropagation();
    const { ids, idsOf, keys: lines, focus: focusLine } = latest.current;
    focusLine(lines.indexOf(key));
    if (event.shiftKey && ids.includes(key)) choose(list, (before) => reached(before, ids, key));
    else chooseLine(list, key, idsOf(key));
  }, [list]);
  const onPress = useCallback((event: MouseEvent, id: string): void => {
    if (event.shiftKey) choose(list, (before) => reached(before, latest.current.ids, id));
    else if (event.ctrlKey || event.metaKey) choose(list, (before) => toggled(before, id));
    else latest.current.onOpen(id);
  }, [list]);
  const onKeyDown = useCallback((event: KeyboardEvent, index: number): void => {
    if (event.target === event.currentTarget && perform(event, index, latest.current)) event.preventDefault();
  }, []);
  return { scroller, isVirtual, parts, current, onFocus: setActive, onKeyDown, onPress, onBox };
}

function chooseLine(list: ListName, key: string, members: readonly string[]): void {
  choose(list, (before) => (members[0] === key && members.length === 1 ? toggled(before, key) : withAll(before, members, shareOf(before, members) !== 'all')));
}

type Focused = LinesOptions & { readonly focus: (index: number) => void };

/** Does what a key asks for; false: it asks for nothing here. */
function perform(event: KeyboardEvent, index: number, { list, keys, ids, idsOf, focus, onOpen, onMenu }: Focused): boolean {
  const key = keys[index];
  if (key === undefined) return false;
  const isLine = (at: number): boolean => idsOf(keys[at] ?? '')[0] === keys[at];
  if (event.ctrlKey || event.metaKey || event.altKey) {
    if (event.key.toLowerCase() !== 'a' || event.altKey) return false;
    choose(list, (before) => withAll(before, ids, true));
    return true;
  }
  const to = targetOf(event.key, index, keys.length, (at) => !isLine(at), event.shiftKey);
  if (to !== null) {
    const target = keys[to];
    if (event.shiftKey && target !== undefined && isLine(index) && isLine(to)) choose(list, (before) => reachedByKey(before, ids, key, target));
    focus(to);
    return true;
  }
  if (event.key === ' ') chooseLine(list, key, idsOf(key));
  else if (event.key === 'Enter' && isLine(index)) onOpen(key);
  else if (event.key === 'Escape') return letGo(list);
  else if (onMenu !== undefined && asksForMenu(event) && isLine(index)) onMenu(event.currentTarget, key);
  else return false;
  return true;
}

/** Escape lets go of what is chosen; where nothing is, it is for somebody else. */
function letGo(list: ListName): boolean {
  if (useLists.getState()[list].selection.chosen.size === 0) return false;
  choose(list, () => nothingChosen);
  return true;
}
