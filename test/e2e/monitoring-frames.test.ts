// An hour of seconds in the window: what is redrawn when the pointer moves, when it is panned and zoomed, and how long frames take meanwhile.
// Times are printed and asserted nowhere: they are those of the machine, which draws in software. What is drawn is counted.
import type { CDPSession, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { RingStore } from '../../electron/monitoring/ring-store';
import { seriesIds } from '../../shared/domain/monitoring/series';
import { journey } from '../fixtures/journey';
import { startServers, type TestServer } from '../fixtures/servers';
import { stopDisplay } from './app';
import type { RunningApp } from './app';
import { resize } from './inspect';
import { addInstance, button, get, goTo, instanceId, openApp, openInstance, t } from './operator';

let server: TestServer;
let app: RunningApp;
let page: Page;
let debuggee: CDPSession | null = null;

/** An hour of a value each second for every series: waves of all lengths, noise, a spike now and then, and a gap. */
async function generateHour(id: string): Promise<void> {
  const store = new RingStore({ dataFolder: app.dataFolder, columns: seriesIds, clock: Date.now, onDamage: () => undefined });
  const end = Math.floor(Date.now() / 1_000) - 2;
  const value = (second: number, at: number): number => {
    if ((second + at * 97) % 1_800 < 30) return NaN;
    const noise = ((second * 2_654_435_761 + at * 40_503) % 1_000) / 1_000;
    return 50 + 40 * Math.sin(second / (20 + 11 * at)) + 9 * noise + (second % 601 === at ? 300 : 0);
  };
  const rows = Array.from({ length: 3_600 }, (_, back) => {
    const second = end - 3_600 + back + 1;
    return { second, values: Float32Array.from(seriesIds, (_id, at) => value(second, at)) };
  });
  await store.append(id, rows);
}

/** What happened on the page while `act` ran. */
interface Watched {
  readonly frames: readonly number[];
  readonly longTasks: readonly number[];
  /** Canvases that were cleared and drawn again, and how many frames had such. */
  readonly draws: number;
  readonly drawnFrames: number;
  readonly strokes: number;
  /** The most segments of one path, by pixel of the canvas's width. */
  readonly mostSegments: number;
  /** Milliseconds by part of the work. */
  readonly spent: Readonly<Record<string, number>>;
}

interface Watch {
  frames: number[];
  longTasks: number[];
  draws: number;
  drawnFrames: number;
  strokes: number;
  mostSegments: number;
  frame: number;
  lastDrawn: number;
  stop: boolean;
}
declare const window: Window & { watch?: Watch; isCounted?: boolean };

/** What the window's main thread spends its time with. */
const parts = ['ScriptDuration', 'LayoutDuration', 'RecalcStyleDuration', 'TaskDuration'] as const;

async function metrics(): Promise<Readonly<Record<string, number>>> {
  debuggee ??= await page.context().newCDPSession(page);
  await debuggee.send('Performance.enable');
  const { metrics: found } = await debuggee.send('Performance.getMetrics');
  return Object.fromEntries(found.map(({ name, value }) => [name, value]));
}

async function watched(act: () => Promise<void>): Promise<Watched> {
  await page.evaluate(() => {
    const watch: Watch = { frames: [], longTasks: [], draws: 0, drawnFrames: 0, strokes: 0, mostSegments: 0, frame: 0, lastDrawn: -1, stop: false };
    window.watch = watch;
    if (window.isCounted !== true) {
      window.isCounted = true;
      const pen = CanvasRenderingContext2D.prototype;

      const { clearRect, beginPath, lineTo, stroke } = pen;
      let segments = 0;
      pen.clearRect = function (x, y, width, height) {
        const now = window.watch;
        if (now !== undefined) {
          now.draws += 1;
          if (now.lastDrawn !== now.frame) now.drawnFrames += 1;
          now.lastDrawn = now.frame;
        }
        clearRect.call(this, x, y, width, height);
      };
      pen.beginPath = function () {
        segments = 0;
        beginPath.call(this);
      };
      pen.lineTo = function (x, y) {
        segments += 1;
        lineTo.call(this, x, y);
      };
      pen.stroke = function (path?: Path2D) {
        const now = window.watch;
        if (now !== undefined) {
          now.strokes += 1;
          now.mostSegments = Math.max(now.mostSegments, segments / Math.max(1, this.canvas.clientWidth));
        }
        Reflect.apply(stroke, this, path === undefined ? [] : [path]);
      };
    }
    let before = performance.now();
    const note = (): void => {
      const at = performance.now();
      watch.frames.push(at - before);
      watch.frame += 1;
      before = at;
      if (!watch.stop) requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
    new PerformanceObserver((list) => {
      if (!watch.stop) watch.longTasks.push(...list.getEntries().map(({ duration }) => duration));
    }).observe({ type: 'longtask' });
  });
  const before = await metrics();
  await act();
  const after = await metrics();
  const spent = Object.fromEntries(parts.map((part) => [part, ((after[part] ?? 0) - (before[part] ?? 0)) * 1_000]));
  const seen = await page.evaluate(async () => {
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const watch = window.watch;
    if (watch === undefined) throw new Error('nothing was watched');
    watch.stop = true;
    return { ...watch, frames: watch.frames.slice(1) };
  });
  return { ...seen, spent };
}

function print(what: string, { frames, longTasks, draws, strokes, mostSegments, spent }: Watched): void {
  const sorted = frames.toSorted((one, other) => one - other);
  const part = (share: number): string => (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN).toFixed(1);
  const longest = longTasks.length === 0 ? 'none' : `${longTasks.length}, the longest ${Math.max(...longTasks).toFixed(0)} ms`;
  console.log(`${what}: ${sorted.length} frames, median ${part(0.5)} ms, p95 ${part(0.95)} ms, longest ${part(1)} ms; long tasks: ${longest}; `
    + `${draws} canvases drawn, ${strokes} paths stroked, at most ${mostSegments.toFixed(2)} segments a pixel in one; `
    + `a frame: ${parts.map((name) => `${name.replace('Duration', '')} ${((spent[name] ?? NaN) / sorted.length).toFixed(1)} ms`).join(', ')}`);
}

beforeAll(async () => {
  app = await openApp();
  page = app.page;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  ({ server } = await startServers({ server: { series: '9.7' } }));
  await goTo(page, 'fleet');
  await addInstance(page, { name: 'orders-gz', region: 'Guangzhou', server });
  await generateHour(await instanceId(page, 'orders-gz'));
});
afterAll(async () => {
  await app?.close();
  await server?.dispose();
  await stopDisplay();
});

const main = () => page.getByRole('main');
/** More than twenty lines are in sight. */
const size = [1_900, 1_190] as const;

describe('an hour of seconds', () => {
  const step = journey('is moved, zoomed and pointed at');
  const chart = () => main().getByRole('group', { name: t('monitoring.page.overview.load'), exact: true }).getByRole('img');
  const box = async () => {
    const found = await chart().boundingBox();
    if (found === null) throw new Error('no chart');
    return found;
  };

  step('is shown whole, with twenty lines and more in sight', async () => {
    await openInstance(page, 'orders-gz');
    await main().getByRole('tab', { name: t('fleet.tab.monitoring') }).click();
    await resize(app, ...size);
    await main().getByText(t('monitoring.page.span.1h'), { exact: true }).click();
    await button(page, t('monitoring.page.pause')).click();
    const id = await instanceId(page, 'orders-gz');
    const now = Date.now();
    const range = await get(page, 'monitoring.range', { instanceId: id, series: [...seriesIds], from: now - 3_600_000, to: now, maxPoints: 3_600 });
    const whole = range.series.filter(({ avg }) => avg.filter((value) => !Number.isNaN(value)).length > 3_400);
    expect([range.stepMs, whole.length]).toEqual([1_000, seriesIds.length]);
    // Each line has its swatch above its chart.
    const lines = await main().locator('svg[data-ink]')
      .evaluateAll((swatches) => swatches.filter((one) => one.getBoundingClientRect().top < innerHeight - 100).length);
    expect(lines).toBeGreaterThanOrEqual(20);
  });

  step('is not drawn again when the pointer moves over it', async () => {
    const { x, y, width } = await box();
    await page.mouse.move(x + 80, y + 60);
    const moved = await watched(() => page.mouse.move(x + width - 20, y + 90, { steps: 240 }));
    print('crosshair', moved);
    expect([moved.draws, moved.strokes]).toEqual([0, 0]);
  });

  step('is drawn no more than once a frame where it is dragged, and no finer than its pixels', async () => {
    const { x, y, width } = await box();
    await page.keyboard.down('Shift');
    await page.mouse.move(x + width * 0.4, y + 60);
    await page.mouse.down();
    const panned = await watched(async () => {
      await page.mouse.move(x + width * 0.9, y + 60, { steps: 120 });
      await page.mouse.move(x + width * 0.4, y + 60, { steps: 120 });
    });
    await page.mouse.up();
    await page.keyboard.up('Shift');
    print('panning', panned);
    const charts = await main().getByRole('img').filter({ has: page.locator('canvas') }).count();
    expect(panned.draws).toBeGreaterThan(0);
    expect(panned.draws).toBeLessThanOrEqual(panned.drawnFrames * charts);
    expect(panned.mostSegments).toBeLessThanOrEqual(4);
  });

  step('is zoomed in and out', async () => {
    const zoomed = await watched(async () => {
      for (const name of ['in', 'in', 'in', 'in', 'out', 'out', 'out', 'out', 'in', 'out'] as const) {
        await button(page, t(`monitoring.page.zoom-${name}`)).click();
      }
    });
    print('zooming', zoomed);
    expect(zoomed.draws).toBeGreaterThan(0);
    expect(zoomed.mostSegments).toBeLessThanOrEqual(4);
  });
});
