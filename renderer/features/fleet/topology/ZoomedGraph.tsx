import { ActionIcon, Button } from '@mantine/core';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, ReactElement, RefObject } from 'react';
import { useText } from '../../../stores/language';
import { IconMinus, IconPlus } from '../../../ui/icons';
import { DependencyGraph } from './DependencyGraph';
import type { DependencyGraphProps } from './DependencyGraph';
import { useLayout } from './use-layout';
import { areaInSight, clampScale, fitScale, plainBelow, scales, scrollToKeep, widthScale } from './zoom';
import type { Area, Size } from './zoom';
import classes from './ZoomedGraph.module.css';

/** The buttons and the figure of the zoom, at a corner of the graph. */
function Controls({ scale, onZoom, onFit }: { scale: number; onZoom: (scale: number) => void; onFit: () => void }): ReactElement {
  const t = useText();
  const percent = t('fleet.zoom.percent', { n: Math.round(scale * 100) });
  return (
    <div className={classes.controls} role="group" aria-label={t('fleet.zoom')}>
      <ActionIcon variant="default" size={26} aria-label={t('fleet.zoom.out')} title={t('fleet.zoom.out')} disabled={scale <= scales.least} onClick={() => onZoom(scale / scales.step)}>
        <IconMinus size={14} />
      </ActionIcon>
      <Button size="compact-xs" variant="default" className={classes.percent} title={t('fleet.zoom.own')} onClick={() => onZoom(1)}>
        {percent}
      </Button>
      <ActionIcon variant="default" size={26} aria-label={t('fleet.zoom.in')} title={t('fleet.zoom.in')} disabled={scale >= scales.most} onClick={() => onZoom(scale * scales.step)}>
        <IconPlus size={14} />
      </ActionIcon>
      <Button size="compact-xs" variant="default" title={t('fleet.zoom.keys')} onClick={onFit}>
        {t('fleet.zoom.fit')}
      </Button>
    </div>
  );
}

/** What is chosen: a scale, all of the drawing in sight, or (as it begins) every column. */
type Choice = number | 'all' | 'columns';

interface Zoom {
  readonly view: RefObject<HTMLDivElement | null>;
  readonly scale: number;
  /** The part of the drawing that is in sight; null: not known. */
  readonly area: Area | null;
  readonly onScroll: () => void;
  /** Zooms about the middle of what is in sight. */
  readonly zoom: (scale: number) => void;
  readonly fit: () => void;
}

/** Room that the view keeps around the drawing, on both sides together, in CSS pixels. */
const padding = 16;
/** Pixels that are scrolled before it is looked again at what is in sight. */
const step = 150;

/** The room in the view, measured as it changes. */
function useRoom(view: RefObject<HTMLDivElement | null>): Size {
  const [room, setRoom] = useState<Size>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = view.current;
    if (element === null) return undefined;
    const measure = (): void => setRoom({ width: element.clientWidth - padding, height: element.clientHeight - padding });
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    return () => watch.disconnect();
  }, [view]);
  return room;
}

/** The scale of a drawing in a view that scrolls; the wheel with Ctrl or Cmd zooms about the pointer. */
function useZoom(drawing: Size): Zoom {
  const view = useRef<HTMLDivElement>(null);
  const room = useRoom(view);
  const [choice, setChoice] = useState<Choice>('columns');
  /** What stays where it is in the view, while the next scale is drawn. */
  const kept = useRef<{ readonly x: number; readonly y: number; readonly from: number } | null>(null);
  const scale = typeof choice === 'number' ? choice : choice === 'all' ? fitScale(drawing, room) : widthScale(drawing, room);

  const [scrolled, setScrolled] = useState({ left: 0, top: 0 });
  const { left, top } = scrolled;
  const area = useMemo(() => areaInSight({ left, top }, room, scale), [left, top, room, scale]);
  const onScroll = useCallback((): void => {
    const element = view.current;
    if (element === null) return;
    const next = { left: Math.floor(element.scrollLeft / step) * step, top: Math.floor(element.scrollTop / step) * step };
    setScrolled((before) => (before.left === next.left && before.top === next.top ? before : next));
  }, []);

  useLayoutEffect(() => {
    const element = view.current;
    const held = kept.current;
    kept.current = null;
    if (element === null || held === null) return;
    element.scrollLeft = scrollToKeep(element.scrollLeft, held.x, held.from, scale);
    element.scrollTop = scrollToKeep(element.scrollTop, held.y, held.from, scale);
  }, [scale]);

  const zoomAt = useCallback((to: number, x: number, y: number): void => {
    kept.current = { x, y, from: scale };
    setChoice(clampScale(to));
  }, [scale]);
  useEffect(() => {
    const element = view.current;
    if (element === null) return undefined;
    // React listens to the wheel without the right to keep the window from zooming itself.
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const box = element.getBoundingClientRect();
      zoomAt(scale * Math.exp(-event.deltaY / 400), event.clientX - box.left, event.clientY - box.top);
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [scale, zoomAt]);
  return { view, scale, area, onScroll, zoom: (to) => zoomAt(to, room.width / 2, room.height / 2), fit: () => setChoice('all') };
}

/** The graph as wide as its room, where that leaves it readable; narrower than that it scrolls. */
export function FittedGraph({ label, ...props }: Omit<DependencyGraphProps, 'layout' | 'scale' | 'area'> & { label: string }): ReactElement {
  const view = useRef<HTMLDivElement>(null);
  const room = useRoom(view);
  const layout = useLayout(props.model);
  return (
    <div ref={view} className={classes.fitted} tabIndex={0} role="region" aria-label={label}>
      <DependencyGraph {...props} layout={layout} scale={Math.max(plainBelow, widthScale(layout, { ...room, width: room.width + padding }))} />
    </div>
  );
}

/**
 * The graph in a view that scrolls and zooms: Ctrl or Cmd with the wheel, `+`, `-`, `0` (all of it in sight) and `1` (its own size)
 * by keys, and buttons. It begins with every region in sight.
 */
export function ZoomedGraph(props: Omit<DependencyGraphProps, 'layout' | 'scale' | 'area'>): ReactElement {
  const t = useText();
  const layout = useLayout(props.model);
  const { view, scale, area, onScroll, zoom, fit } = useZoom(layout);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '+' || event.key === '=') zoom(scale * scales.step);
    else if (event.key === '-') zoom(scale / scales.step);
    else if (event.key === '0') fit();
    else if (event.key === '1') zoom(1);
    else return;
    event.preventDefault();
  };
  return (
    <div className={classes.outer} onKeyDown={onKeyDown}>
      <div ref={view} className={classes.view} onScroll={onScroll} tabIndex={0} role="region" aria-label={t('fleet.view.dependencies')} aria-keyshortcuts="+ - 0 1">
        <DependencyGraph {...props} layout={layout} scale={scale} area={area} />
      </div>
      <Controls scale={scale} onZoom={zoom} onFit={fit} />
    </div>
  );
}
