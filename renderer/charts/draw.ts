import { axisStep } from './axis';
import { toColumns, type Columns, type StepValues, type TimeWindow } from './columns';
import { timeTicks, type TickFormat } from './ticks';

export interface ChartLine {
  readonly name: string;
  readonly values: StepValues;
  /** Ours are blue, what they are compared with and every other line grey; which of them it is shows in the dashes too. */
  readonly ink: 'accent' | 'grey';
  readonly dash: 0 | 1 | 2 | 3;
}

export interface ChartMark {
  readonly at: number;
  /** null: a moment. */
  readonly until: number | null;
  readonly tone: 'bad' | 'warn' | 'info';
}

export interface ChartLimit {
  readonly value: number;
  readonly tone: 'bad' | 'warn';
}

export interface ChartModel {
  readonly lines: readonly ChartLine[];
  readonly window: TimeWindow;
  readonly marks: readonly ChartMark[];
  readonly limits: readonly ChartLimit[];
  /** The axis reaches up to this at least: an idle server is a flat line, not noise. */
  readonly atLeast: number;
  /** The axis ends here: 100 of a share. */
  readonly atMost?: number;
  readonly base: 1000 | 1024;
  readonly zoneOffsetMs: number;
  readonly number: (value: number) => string;
  readonly time: (at: number, format: TickFormat) => string;
}

/** Colours and font, read from the page. */
export interface Ink {
  readonly font: string;
  readonly text: string;
  readonly line: string;
  readonly accent: string;
  readonly grey: string;
  readonly warn: string;
  readonly bad: string;
  readonly mute: string;
}

/** Room around the plot, the same in every chart: their time axes lie exactly over each other. */
export const room = { left: 56, right: 10, top: 8, bottom: 20 } as const;
const dashes: readonly (readonly number[])[] = [[], [5, 3], [1.5, 2.5], [8, 3, 1.5, 3]];

/** The greatest value in sight, of every line; 0 where nothing is known. */
function topOf(lines: readonly Columns[], atLeast: number): number {
  let top = atLeast;
  for (const { max } of lines) for (const value of max) if (value > top) top = value;
  return top;
}

/** What of a canvas is drawn with. */
export type Pen = Pick<CanvasRenderingContext2D,
  'beginPath' | 'clearRect' | 'clip' | 'fill' | 'fillRect' | 'fillText' | 'lineTo' | 'moveTo' | 'rect' | 'restore' | 'save' | 'setLineDash' | 'stroke' |
  'translate'> & { measureText(text: string): Pick<TextMetrics, 'width'> } & Partial<CanvasFillStrokeStyles & CanvasCompositing & CanvasPathDrawingStyles & CanvasTextDrawingStyles>;

/** Draws a chart at the origin of a canvas; `width` and `height` in CSS pixels. */
export function drawChart(pen: Pen, width: number, height: number, model: ChartModel, ink: Ink): void {
  const plot = { width: Math.max(1, width - room.left - room.right), height: Math.max(1, height - room.top - room.bottom) };
  const columns = model.lines.map(({ values }) => toColumns(values, model.window, plot.width));
  const top = topOf(columns, model.atLeast);
  const interval = axisStep(top, model.base);
  const end = Math.min(Math.ceil(top / interval - 1e-9) * interval, model.atMost ?? Infinity);
  const y = (value: number): number => room.top + plot.height - (value / end) * plot.height;
  const x = (at: number): number => room.left + ((at - model.window.from) / (model.window.to - model.window.from)) * plot.width;

  pen.clearRect(0, 0, width, height);
  pen.lineWidth = 1;
  pen.font = `11px ${ink.font}`;
  drawAxes(pen, { model, ink, plot, end, interval, x, y });
  pen.save();
  pen.beginPath();
  pen.rect(room.left, 0, plot.width, height - room.bottom + 1);
  pen.clip();
  for (const mark of model.marks) drawMark(pen, mark, x, plot.height, ink);
  for (const { value, tone } of model.limits) if (value <= end) drawLimit(pen, Math.round(y(value)) + 0.5, plot.width, ink[tone]);
  pen.translate(room.left, 0);
  for (const [index, line] of model.lines.entries()) {
    const column = columns[index];
    if (column === undefined) continue;
    pen.strokeStyle = ink[line.ink];
    pen.fillStyle = ink[line.ink];
    drawBand(pen, column, y);
    pen.setLineDash([...(dashes[line.dash] ?? [])]);
    drawLine(pen, column, y);
    pen.setLineDash([]);
  }
  pen.restore();
}

interface Frame {
  readonly model: ChartModel;
  readonly ink: Ink;
  readonly plot: { readonly width: number; readonly height: number };
  readonly end: number;
  readonly interval: number;
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
}

function drawAxes(pen: Pen, { model, ink, plot, end, interval, x, y }: Frame): void {
  pen.fillStyle = ink.text;
  pen.strokeStyle = ink.line;
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  for (let value = 0; value <= end + interval * 1e-6; value += interval) {
    const at = Math.round(y(value)) + 0.5;
    pen.beginPath();
    pen.moveTo(room.left, at);
    pen.lineTo(room.left + plot.width, at);
    pen.stroke();
    pen.fillText(model.number(value), room.left - 6, at);
  }
  const { at: ticks, format } = timeTicks(model.window, plot.width, model.zoneOffsetMs);
  pen.textBaseline = 'top';
  for (const tick of ticks) {
    const text = model.time(tick, format);
    const half = pen.measureText(text).width / 2;
    const centre = x(tick);
    // A label that would be cut off at an edge is left out.
    if (centre - half < room.left - 20 || centre + half > room.left + plot.width + room.right) continue;
    pen.textAlign = 'center';
    pen.fillText(text, centre, room.top + plot.height + 6);
  }
}

function drawMark(pen: Pen, { at, until, tone }: ChartMark, x: (at: number) => number, height: number, ink: Ink): void {
  const colour = tone === 'info' ? ink.accent : ink[tone];
  const left = Math.round(x(at)) + 0.5;
  if (until !== null && until > at) {
    pen.globalAlpha = 0.1;
    pen.fillStyle = colour;
    pen.fillRect(left, room.top, Math.max(1, x(until) - left), height);
    pen.globalAlpha = 1;
  }
  pen.strokeStyle = colour;
  pen.setLineDash([2, 2]);
  pen.beginPath();
  pen.moveTo(left, room.top);
  pen.lineTo(left, room.top + height);
  pen.stroke();
  pen.setLineDash([]);
  pen.fillStyle = colour;
  pen.beginPath();
  pen.moveTo(left - 4, 1);
  pen.lineTo(left + 4, 1);
  pen.lineTo(left, 7);
  pen.fill();
}

function drawLimit(pen: Pen, at: number, width: number, colour: string): void {
  pen.strokeStyle = colour;
  pen.setLineDash([6, 4]);
  pen.beginPath();
  pen.moveTo(room.left, at);
  pen.lineTo(room.left + width, at);
  pen.stroke();
  pen.setLineDash([]);
}

/** From least to greatest, where they differ: one rectangle a column, on whole pixels, which cost no smoothing; none where nothing is known. */
function drawBand(pen: Pen, { x, min, max }: Columns, y: (value: number) => number): void {
  pen.globalAlpha = 0.22;
  for (let at = 0; at < x.length; at += 1) {
    const [low, high, here] = [min[at] ?? NaN, max[at] ?? NaN, x[at] ?? 0];
    if (!(high > low)) continue;
    const next = at + 1 < x.length ? (x[at + 1] ?? here + 1) : here + (here - (x[at - 1] ?? here - 1));
    const [left, top] = [Math.round(here - (next - here) / 2), Math.floor(y(high))];
    pen.fillRect(left, top, Math.max(1, Math.round(here + (next - here) / 2) - left), Math.max(1, Math.ceil(y(low)) - top));
  }
  pen.globalAlpha = 1;
}

/** A line through the means that ends at every gap; a value between two gaps is a dot. */
function drawLine(pen: Pen, { x, avg }: Columns, y: (value: number) => number): void {
  pen.lineWidth = 1.5;
  pen.lineJoin = 'bevel';
  pen.beginPath();
  const dots: (readonly [number, number])[] = [];
  let open = false;
  for (let at = 0; at < x.length; at += 1) {
    const value = avg[at] ?? NaN;
    if (Number.isNaN(value)) {
      open = false;
      continue;
    }
    const [left, height] = [x[at] ?? 0, y(value)];
    if (open) pen.lineTo(left, height);
    else if (Number.isNaN(avg[at + 1] ?? NaN)) dots.push([left, height]);
    else pen.moveTo(left, height);
    open = true;
  }
  pen.stroke();
  for (const [left, height] of dots) pen.fillRect(left - 1, height - 1, 2, 2);
  pen.lineWidth = 1;
}
