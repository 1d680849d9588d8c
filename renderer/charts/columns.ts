/** Values of equal steps: step `i` begins at `from + i * stepMs`, milliseconds since the epoch. NaN: a gap. All of one length. */
export interface StepValues {
  readonly from: number;
  readonly stepMs: number;
  readonly min: Float32Array;
  readonly avg: Float32Array;
  readonly max: Float32Array;
}

/** What a chart shows of time, milliseconds since the epoch. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/** Values by pixel, left to right: where they are, and the band they span there. NaN: a gap. All of one length. */
export interface Columns {
  readonly x: Float64Array;
  readonly min: Float32Array;
  readonly avg: Float32Array;
  readonly max: Float32Array;
}

function columnsOf(length: number): Columns {
  const nothing = (): Float32Array => new Float32Array(length).fill(NaN);
  return { x: new Float64Array(length), min: nothing(), avg: nothing(), max: nothing() };
}

/**
 * Steps as they fall on `width` pixels of a window. Where several share a pixel their least and greatest are kept, so that a spike of one
 * step is drawn however wide the window is; the mean is that of the steps that are known. One step on each side beyond the window comes
 * along, so that a line reaches its edge.
 */
export function toColumns({ from, stepMs, min, avg, max }: StepValues, window: TimeWindow, width: number): Columns {
  const first = Math.max(0, Math.floor((window.from - from) / stepMs) - 1);
  const last = Math.min(avg.length - 1, Math.ceil((window.to - from) / stepMs));
  const count = last - first + 1;
  if (count <= 0 || width <= 0) return columnsOf(0);
  const pixel = (step: number): number => ((from + (step + 0.5) * stepMs - window.from) / (window.to - window.from)) * width;
  if (count <= width) {
    const columns = columnsOf(count);
    for (let at = 0; at < count; at += 1) {
      const step = first + at;
      columns.x[at] = pixel(step);
      columns.min[at] = min[step] ?? NaN;
      columns.avg[at] = avg[step] ?? NaN;
      columns.max[at] = max[step] ?? NaN;
    }
    return columns;
  }
  const left = Math.floor(pixel(first));
  const columns = columnsOf(Math.floor(pixel(last)) - left + 1);
  const known = new Uint32Array(columns.x.length);
  for (let at = 0; at < columns.x.length; at += 1) columns.x[at] = left + at + 0.5;
  for (let step = first; step <= last; step += 1) {
    const value = avg[step] ?? NaN;
    if (Number.isNaN(value)) continue;
    const at = Math.floor(pixel(step)) - left;
    const before = known[at] ?? 0;
    known[at] = before + 1;
    columns.min[at] = before === 0 ? (min[step] ?? value) : Math.min(columns.min[at] ?? value, min[step] ?? value);
    columns.max[at] = before === 0 ? (max[step] ?? value) : Math.max(columns.max[at] ?? value, max[step] ?? value);
    columns.avg[at] = before === 0 ? value : ((columns.avg[at] ?? 0) * before + value) / (before + 1);
  }
  return columns;
}

/** The mean of the step at a moment; NaN where nothing is known. */
export function valueAt({ from, stepMs, avg }: StepValues, at: number): number {
  return avg[Math.floor((at - from) / stepMs)] ?? NaN;
}
