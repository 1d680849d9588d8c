import { useEffect, useRef } from 'react';
import type { PointerEvent, ReactElement } from 'react';
import type { TimeWindow } from './columns';
import type { Cursor } from './cursor';
import { drawChart, room, type ChartModel, type Ink } from './draw';
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

/**
 * Lines over time on a canvas, drawn anew when the model changes. The crosshair is shared by all charts with one `cursor`. Dragging chooses
 * a stretch (`onZoom`), with Shift it moves what is shown (`onPan`).
 */
export function LineChart({ model, label, cursor, onZoom, onPan }: {
  model: ChartModel; label: string; cursor: Cursor; onZoom: (window: TimeWindow) => void; onPan: (window: TimeWindow) => void;
}): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const hair = useRef<HTMLDivElement>(null);
  const selection = useRef<HTMLDivElement>(null);
  const drag = useRef<{ readonly x: number; readonly window: TimeWindow; readonly pans: boolean } | null>(null);
  const latest = useRef(model);
  const scheme = useScheme();

  useEffect(() => {
    latest.current = model;
    draw(canvas.current, model);
    place(box.current, hair.current, model.window, cursor.read());
  }, [model, scheme, cursor]);

  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const watch = new ResizeObserver(() => draw(canvas.current, latest.current));
    watch.observe(element);
    const stop = cursor.listen(() => place(element, hair.current, latest.current.window, cursor.read()));
    return () => {
      watch.disconnect();
      stop();
    };
  }, [cursor]);

  const begin = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, window: model.window, pans: event.shiftKey };
  };
  const move = (event: PointerEvent<HTMLDivElement>): void => {
    const begun = drag.current;
    cursor.set(timeAt(event.currentTarget, event.clientX, model.window));
    if (begun === null) return;
    if (!begun.pans) return select(box.current, selection.current, begun.x, event.clientX);
    const width = event.currentTarget.getBoundingClientRect().width - room.left - room.right;
    const by = ((begun.x - event.clientX) / Math.max(1, width)) * (begun.window.to - begun.window.from);
    onPan({ from: begun.window.from + by, to: begun.window.to + by });
  };
  const cancel = (): void => {
    drag.current = null;
    select(box.current, selection.current, 0, 0);
  };
  const end = (event: PointerEvent<HTMLDivElement>): void => {
    const begun = drag.current;
    cancel();
    if (begun === null || begun.pans || Math.abs(event.clientX - begun.x) < leastDrag) return;
    const [one, other] = [timeAt(event.currentTarget, begun.x, begun.window), timeAt(event.currentTarget, event.clientX, begun.window)];
    onZoom({ from: Math.min(one, other), to: Math.max(one, other) });
  };
  return (
    <div
      ref={box} className={classes.chart} role="img" aria-label={label}
      onPointerDown={begin} onPointerMove={move} onPointerUp={end} onPointerCancel={cancel}
      onPointerLeave={() => { if (drag.current === null) cursor.set(null); }}
    >
      <canvas ref={canvas} className={classes.canvas} />
      <div ref={hair} className={classes.hair} hidden />
      <div ref={selection} className={classes.selection} hidden />
    </div>
  );
}

/** The moment at a place of the window, `x` in CSS pixels; beside the plot it is that of its edge. */
function timeAt(box: Element, x: number, window: TimeWindow): number {
  const { left, width } = box.getBoundingClientRect();
  const part = (x - left - room.left) / Math.max(1, width - room.left - room.right);
  return window.from + Math.min(1, Math.max(0, part)) * (window.to - window.from);
}

function draw(canvas: HTMLCanvasElement | null, model: ChartModel): void {
  const pen = canvas?.getContext('2d');
  if (canvas == null || pen == null) return;
  const [width, height, ratio] = [canvas.clientWidth, canvas.clientHeight, devicePixelRatio];
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  // Setting a size clears a canvas and makes its memory anew.
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  drawChart(pen, width, height, model, inkOf(canvas));
}

function place(box: HTMLElement | null, hair: HTMLElement | null, { from, to }: TimeWindow, at: number | null): void {
  if (box === null || hair === null) return;
  hair.hidden = at === null || at < from || at > to;
  if (at === null) return;
  const width = box.clientWidth - room.left - room.right;
  hair.style.transform = `translateX(${room.left + ((at - from) / (to - from)) * width}px)`;
}

function select(box: HTMLElement | null, selection: HTMLElement | null, one: number, other: number): void {
  if (box === null || selection === null) return;
  selection.hidden = Math.abs(one - other) < leastDrag;
  const { left } = box.getBoundingClientRect();
  selection.style.left = `${Math.min(one, other) - left}px`;
  selection.style.width = `${Math.abs(one - other)}px`;
}
