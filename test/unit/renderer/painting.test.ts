// When charts are drawn: once a frame, only those in sight, and none for the pointer alone. And how much is drawn: never more than the pixels need.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TimeWindow } from '../../../renderer/charts/columns';
import { Cursor } from '../../../renderer/charts/cursor';
import { drawChart, room, type ChartModel, type Ink } from '../../../renderer/charts/draw';
import { Frames } from '../../../renderer/charts/frames';
import { Painter } from '../../../renderer/charts/painter';

const window: TimeWindow = { from: 0, to: 3_600_000 };
const model = (values: Float32Array): ChartModel => ({
  lines: [{ name: 'a', ink: 'accent', dash: 0, values: { from: 0, stepMs: 1_000, min: values, avg: values, max: values } }],
  window, marks: [], limits: [], atLeast: 1, base: 1000, zoneOffsetMs: 0, number: String, time: String,
});
const hour = model(Float32Array.from({ length: 3_600 }, (_, at) => 50 + 40 * Math.sin(at / 7)));

/** Frames that pass when they are told to, and a chart that counts. */
function chart() {
  const asked: (() => void)[] = [];
  const frames = new Frames((run) => void asked.push(run));
  const cursor = new Cursor(frames);
  const drawn: TimeWindow[] = [];
  const placed: (number | null)[] = [];
  const painter = new Painter({ draw: (shown) => void drawn.push(shown.window), place: (at) => void placed.push(at) }, cursor, frames, hour);
  const pass = (): number => {
    const due = asked.splice(0);
    for (const run of due) run();
    return due.length;
  };
  return { cursor, painter, drawn, placed, pass };
}

describe('a chart', () => {
  it('is drawn once a frame, whatever changed in it, in one callback', () => {
    const { painter, drawn, pass } = chart();
    painter.setInSight(true);
    for (let change = 0; change < 10; change += 1) painter.show(hour);
    painter.redraw();
    expect([pass(), drawn.length, pass()]).toEqual([1, 1, 0]);
  });

  it('is not drawn where the pointer moves: the crosshair alone is placed, once a frame', () => {
    const { cursor, painter, drawn, placed, pass } = chart();
    painter.setInSight(true);
    pass();
    placed.length = 0;
    for (let frame = 0; frame < 50; frame += 1) {
      for (let move = 0; move < 5; move += 1) cursor.set(frame * 100 + move);
      pass();
    }
    expect([drawn.length, placed.length, placed.at(-1)]).toEqual([1, 50, 4_904]);
  });

  it('is drawn out of sight never, and as it then is when it comes into sight', () => {
    const { cursor, painter, drawn, pass } = chart();
    painter.show(hour);
    cursor.drag({ from: 1, to: 2 });
    pass();
    expect(drawn).toEqual([]);
    painter.setInSight(true);
    pass();
    expect(drawn).toEqual([{ from: 1, to: 2 }]);
  });

  it('follows what is dragged in that very frame, and goes back to its window at the end', () => {
    const { cursor, painter, drawn, pass } = chart();
    painter.setInSight(true);
    pass();
    cursor.drag({ from: 10, to: 20 });
    cursor.drag({ from: 11, to: 21 });
    pass();
    cursor.drag(null);
    pass();
    expect(drawn).toEqual([window, { from: 11, to: 21 }, window]);
  });

  it('is left alone once it is closed', () => {
    const { cursor, painter, drawn, pass } = chart();
    painter.setInSight(true);
    painter.close();
    cursor.drag({ from: 1, to: 2 });
    pass();
    expect(drawn).toEqual([]);
  });
});

const ink: Ink = { font: '', text: '', line: '', accent: '', grey: '', warn: '', bad: '', mute: '' };

/** Counts the segments of each path and the places they go to. */
function countingPen() {
  const paths: { segments: number; xs: number[] }[] = [];
  let path = { segments: 0, xs: [] as number[] };
  const nothing = (): void => undefined;
  const point = (x: number): void => {
    path.segments += 1;
    path.xs.push(x);
  };
  const pen = {
    clearRect: nothing, save: nothing, restore: nothing, clip: nothing, translate: nothing, setLineDash: nothing, fillText: nothing, fillRect: nothing,
    measureText: () => ({ width: 20 }), moveTo: nothing, rect: point, lineTo: point, closePath: nothing,
    beginPath: () => { path = { segments: 0, xs: [] }; },
    stroke: () => void paths.push(path), fill: () => void paths.push(path),
  };
  return { pen, paths };
}

describe('what is drawn', () => {
  it('has at most four segments a pixel and path, whatever the values, the gaps and the width', () => {
    const value = fc.oneof({ weight: 5, arbitrary: fc.float({ min: 0, max: 1e6, noNaN: true }) }, { weight: 1, arbitrary: fc.constant(NaN) });
    fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), fc.integer({ min: 100, max: 500 }), (some, width) => {
      const { pen, paths } = countingPen();
      const values = Float32Array.from({ length: 3_600 }, (_, at) => some[at % some.length] ?? NaN);
      drawChart(pen, width, 130, model(values), ink);
      expect(Math.max(...paths.map(({ segments }) => segments))).toBeLessThanOrEqual(4 * (width - room.left - room.right + 2));
    }));
  });
});
