import { useEffect, useRef } from 'react';
import type { DOMAttributes, PointerEvent, ReactElement, RefObject } from 'react';
import type { TimeWindow } from './columns';
import type { Cursor } from './cursor';
import { drawChart, room, type ChartModel, type Ink } from './draw';
import { frames } from './frames';
import { Painter } from './painter';
import { useScheme } from './scheme';
import classes from './LineChart.module.css';

/** Colours and font in force where an element is. */
export function inkOf(element: Element): Ink {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  return {
    font: style.fontFamily, text: colour('--a-text-2'), line: colour('--a-line'), accent: colour('--a-accent'), grey: colour('--a-text-3'),
    warn: colour('--a-warn'), bad: colour('--a-bad'), mute: colour('--a-mute'),
  };
}

/** A press that moves less than this is a click, pixels. */
const leastDrag = 5;
/** What is dragged and then held is asked for, not every step of the way. */
const restMs = 150;

interface Props {
  readonly model: ChartModel;
  readonly label: string;
  readonly cursor: Cursor;
  readonly onZoom: (window: TimeWindow) => void;
  readonly onPan: (window: TimeWindow) => void;
}

/**
 * Lines over time on a canvas. The crosshair is shared by all charts with one `cursor`. Dragging chooses a stretch (`onZoom`), with Shift it
 * moves what is shown: in all charts with each frame, and for good (`onPan`) once it rests.
 */
export function LineChart({ model, label, cursor, onZoom, onPan }: Props): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const hair = useRef<HTMLDivElement>(null);
  const selection = useRef<HTMLDivElement>(null);
  usePainter({ box, canvas, hair }, model, cursor);
  const drag = useDrag({ model, cursor, onZoom, onPan }, (one, other) => select(box.current, selection.current, one, other));
  return (
    <div ref={box} className={classes.chart} role="img" aria-label={label} {...drag}>
      <canvas ref={canvas} className={classes.canvas} />
      <div ref={hair} className={classes.hair} hidden />
      <div ref={selection} className={classes.selection} hidden />
    </div>
  );
}

interface Parts {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  readonly hair: RefObject<HTMLDivElement | null>;
}

/** Draws a chart while it is in sight. */
function usePainter({ box, canvas, hair }: Parts, model: ChartModel, cursor: Cursor): void {
  const latest = useRef(model);
  const painter = useRef<Painter | null>(null);
  const ink = useRef<Ink | null>(null);
  const scheme = useScheme();

  useEffect(() => {
    const [element, sheet, line] = [box.current, canvas.current, hair.current];
    if (element === null || sheet === null || line === null) return undefined;
    const size = { width: 0, height: 0 };
    const made = new Painter({
      draw: (shown) => draw(sheet, size, shown, ink.current ??= inkOf(sheet)),
      place: (at, window) => place(line, size.width, window, at),
    }, cursor, frames, latest.current);
    painter.current = made;
    // The size is told, never asked for: asking would have the whole page laid out anew for each chart.
    const sized = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      [size.width, size.height] = [entry.contentRect.width, entry.contentRect.height];
      made.redraw();
    });
    sized.observe(element);
    const seen = new IntersectionObserver((entries) => made.setInSight(entries.at(-1)?.isIntersecting === true), { rootMargin: '80px' });
    seen.observe(element);
    return () => {
      sized.disconnect();
      seen.disconnect();
      made.close();
      painter.current = null;
    };
  }, [box, canvas, hair, cursor]);

  useEffect(() => {
    ink.current = null;
  }, [scheme]);

  useEffect(() => {
    latest.current = model;
    painter.current?.show(model);
  }, [model, scheme]);
}

type DragProps = Pick<DOMAttributes<HTMLDivElement>, 'onPointerDown' | 'onPointerMove' | 'onPointerUp' | 'onPointerCancel' | 'onPointerLeave'>;

/** What the pointer does on a chart. `choose`: shows what is chosen between two places, in pixels of the window. */
function useDrag({ model, cursor, onZoom, onPan }: Omit<Props, 'label'>, choose: (one: number, other: number) => void): DragProps {
  const drag = useRef<{ readonly x: number; readonly window: TimeWindow; readonly pans: boolean } | null>(null);
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(rest.current), []);

  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, window: model.window, pans: event.shiftKey };
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    const begun = drag.current;
    cursor.set(timeAt(event.currentTarget, event.clientX, cursor.dragged() ?? model.window));
    if (begun === null) return;
    if (!begun.pans) return choose(begun.x, event.clientX);
    const width = event.currentTarget.getBoundingClientRect().width - room.left - room.right;
    const by = ((begun.x - event.clientX) / Math.max(1, width)) * (begun.window.to - begun.window.from);
    const window = { from: begun.window.from + by, to: begun.window.to + by };
    cursor.drag(window);
    clearTimeout(rest.current);
    rest.current = setTimeout(() => onPan(window), restMs);
  };
  const leave = (): void => {
    drag.current = null;
    choose(0, 0);
    clearTimeout(rest.current);
    cursor.drag(null);
  };
  const onPointerUp = (event: PointerEvent<HTMLDivElement>): void => {
    const [begun, dragged] = [drag.current, cursor.dragged()];
    leave();
    if (begun === null) return;
    if (begun.pans && dragged !== null) return onPan(dragged);
    if (begun.pans || Math.abs(event.clientX - begun.x) < leastDrag) return;
    const [one, other] = [timeAt(event.currentTarget, begun.x, begun.window), timeAt(event.currentTarget, event.clientX, begun.window)];
    onZoom({ from: Math.min(one, other), to: Math.max(one, other) });
  };
  const onPointerLeave = (): void => {
    if (drag.current === null) cursor.set(null);
  };
  return { onPointerDown, onPointerMove, onPointerUp, onPointerCancel: leave, onPointerLeave };
}

/** The moment at a place of the window, `x` in CSS pixels; beside the plot it is that of its edge. */
function timeAt(box: Element, x: number, window: TimeWindow): number {
  const { left, width } = box.getBoundingClientRect();
  const part = (x - left - room.left) / Math.max(1, width - room.left - room.right);
  return window.from + Math.min(1, Math.max(0, part)) * (window.to - window.from);
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function draw(canvas: HTMLCanvasElement, { width, height }: Size, model: ChartModel, ink: Ink): void {
  const pen = canvas.getContext('2d');
  if (pen === null) return;
  const ratio = devicePixelRatio;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  // Setting a size clears a canvas and makes its memory anew.
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  drawChart(pen, width, height, model, ink);
}

/** `width`: of the chart. */
function place(hair: HTMLElement, width: number, { from, to }: TimeWindow, at: number | null): void {
  hair.hidden = at === null || at < from || at > to;
  if (at === null) return;
  hair.style.transform = `translateX(${room.left + ((at - from) / (to - from)) * (width - room.left - room.right)}px)`;
}

function select(box: HTMLElement | null, selection: HTMLElement | null, one: number, other: number): void {
  if (box === null || selection === null) return;
  selection.hidden = Math.abs(one - other) < leastDrag;
  const { left } = box.getBoundingClientRect();
  selection.style.left = `${Math.min(one, other) - left}px`;
  selection.style.width = `${Math.abs(one - other)}px`;
}
