import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, type RefObject } from 'react';

/** A line that is drawn, or room for lines that are not. */
type RowPart = { readonly kind: 'row'; readonly index: number } | { readonly kind: 'gap'; readonly key: string; readonly height: number };

/** What is drawn of a list by the places that are seen, with room in between. Pure. */
export function partsOf(seen: readonly number[], count: number, rowHeight: number): readonly RowPart[] {
  const parts: RowPart[] = [];
  let next = 0;
  const leave = (to: number): void => {
    if (to > next) parts.push({ kind: 'gap', key: `gap-${next}`, height: (to - next) * rowHeight });
  };
  for (const index of seen) {
    if (index < next || index >= count) continue;
    leave(index);
    parts.push({ kind: 'row', index });
    next = index + 1;
  }
  leave(count);
  return parts;
}

interface Rows {
  readonly scroller: RefObject<HTMLDivElement | null>;
  /** Whether only what is seen is drawn. */
  readonly isVirtual: boolean;
  readonly parts: readonly RowPart[];
  /** Brings a line into sight. */
  readonly show: (index: number) => void;
}

/** Shorter lists are drawn whole. */
const virtualFrom = 120;

/**
 * The lines of a table of one height that scrolls by itself. `kept`: the line that has the keyboard; it stays drawn where it is scrolled
 * out of sight, so that the focus is not lost with it.
 */
export function useRows(count: number, rowHeight: number, kept: number): Rows {
  const scroller = useRef<HTMLDivElement>(null);
  const isVirtual = count > virtualFrom;
  const virtualizer = useVirtualizer({
    count, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 8, enabled: isVirtual,
    // Lines beyond what is seen are there already: a scroll need not wait for the next ones.
    useFlushSync: false,
    rangeExtractor: (range) => [...new Set([...defaultRangeExtractor(range), Math.max(0, Math.min(count - 1, kept))])].sort((a, b) => a - b),
  });
  const items = virtualizer.getVirtualItems();
  const parts = useMemo(() => {
    if (!isVirtual) return partsOf(Array.from({ length: count }, (_, index) => index), count, rowHeight);
    // Where nothing is measured yet, there is at least the line that Tab comes to.
    return partsOf(items.length === 0 ? [kept] : items.map(({ index }) => index), count, rowHeight);
  }, [isVirtual, items, count, rowHeight, kept]);
  const show = (index: number): void => {
    if (isVirtual) virtualizer.scrollToIndex(index);
  };
  return { scroller, isVirtual, parts, show };
}
