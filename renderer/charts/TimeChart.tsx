import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkAreaComponent, TooltipComponent } from 'echarts/components';
import { init, use as install } from 'echarts/core';
import type { EChartsType } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import type { ReactElement } from 'react';
import type { Gap } from '../stores/gaps';
import type { SeriesPoint } from '../stores/series';
import { axisStep } from './axis';
import { useScheme } from './scheme';
import classes from './TimeChart.module.css';

install([LineChart, GridComponent, TooltipComponent, LegendComponent, MarkAreaComponent, CanvasRenderer]);

/** The drawn colours, by line: our own blue first, grey for the second; amber and red are states. */
const colours = ['--a-accent', '--a-text-3'] as const;

export interface TimeChartProps {
  readonly points: readonly SeriesPoint[];
  /** Name of each line, as many as a point has values. */
  readonly lines: readonly string[];
  /** What the chart shows, in words; a reader without eyes hears the newest values as well. */
  readonly label: string;
  readonly format: (value: number) => string;
  readonly clock: (at: number) => string;
  /** The axis reaches up to this at least: an idle link is a flat line, not noise. */
  readonly atLeast: number;
  /** 1024 for bytes, so that the axis has round figures. Default 1000. */
  readonly base?: 1000 | 1024;
  /** Stretches in which nothing was known: drawn in red, and part of the axis. */
  readonly gaps?: readonly Gap[];
  /** What a gap is called for a reader without eyes; the axis reaches up to the end of the last one. */
  readonly gapLabel?: string;
}

const noGaps: readonly Gap[] = [];

/** Red slanted lines on a red ground, as the small line of the past has them. */
function hatched(colour: string): { image: HTMLCanvasElement; repeat: 'repeat' } | string {
  const image = document.createElement('canvas');
  image.width = 8;
  image.height = 8;
  const pen = image.getContext('2d');
  if (pen === null) return colour;
  pen.globalAlpha = 0.14;
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 8, 8);
  pen.globalAlpha = 0.5;
  pen.strokeStyle = colour;
  for (const x of [-8, 0, 8]) {
    pen.moveTo(x, 8);
    pen.lineTo(x + 8, 0);
  }
  pen.stroke();
  return { image, repeat: 'repeat' };
}

/** Lines over time with axes; red stretches where nothing was known. Texts are drawn, never put into the page as HTML. */
export default function TimeChart({ points, lines, label, format, clock, atLeast, base = 1000, gaps = noGaps, gapLabel }: TimeChartProps): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType | null>(null);
  // Its colours are read when it is drawn: it is drawn again when they change.
  const scheme = useScheme();

  useEffect(() => {
    if (box.current === null) return undefined;
    const made = init(box.current, undefined, { renderer: 'canvas' });
    chart.current = made;
    const watch = new ResizeObserver(() => made.resize());
    watch.observe(box.current);
    return () => {
      watch.disconnect();
      made.dispose();
      chart.current = null;
    };
  }, []);

  useEffect(() => {
    if (box.current === null || scheme === '') return;
    const style = getComputedStyle(box.current);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const top = Math.max(atLeast, ...points.flatMap(({ values }) => values.filter((value) => !Number.isNaN(value))));
    const interval = axisStep(top, base);
    const text = { color: colour('--a-text-2'), fontFamily: style.fontFamily, fontSize: 11 };
    chart.current?.setOption(
      {
        animation: false,
        grid: { left: 8, right: 12, top: lines.length > 1 ? 28 : 10, bottom: 4, containLabel: true },
        legend: { show: lines.length > 1, top: 0, left: 0, icon: 'roundRect', itemHeight: 3, itemWidth: 14, textStyle: text },
        tooltip: { trigger: 'axis', renderMode: 'richText', backgroundColor: colour('--a-panel'), borderColor: colour('--a-line-strong'), textStyle: { ...text, color: colour('--a-text') }, valueFormatter: (value: unknown) => (typeof value === 'number' && !Number.isNaN(value) ? format(value) : '–') },
        xAxis: { type: 'time', minInterval: 1000, ...(gaps.length === 0 ? {} : { min: Math.min(points[0]?.at ?? Infinity, ...gaps.map(({ from }) => from)), max: Math.max(points.at(-1)?.at ?? 0, ...gaps.map(({ to }) => to)) }), axisLine: { lineStyle: { color: colour('--a-line-strong') } }, axisTick: { show: false }, axisLabel: { ...text, hideOverlap: true, formatter: (at: number) => clock(at) }, axisPointer: { label: { formatter: ({ value }: { value: unknown }) => clock(Number(value)) } } },
        yAxis: { type: 'value', min: 0, max: Math.ceil(top / interval) * interval, interval, axisLabel: { ...text, formatter: (value: number) => format(value) }, splitLine: { lineStyle: { color: colour('--a-line') } } },
        series: lines.map((name, line) => ({
          name,
          type: 'line',
          showSymbol: false,
          sampling: 'max',
          lineStyle: { width: 1.5, type: line === 0 ? 'solid' : 'dashed' },
          color: colour(colours[line] ?? '--a-text-2'),
          areaStyle: lines.length > 1 ? undefined : { opacity: 0.12 },
          ...(line > 0 || gaps.length === 0 ? {} : { markArea: { silent: true, itemStyle: { color: hatched(colour('--a-bad')) }, data: gaps.map(({ from, to }) => [{ xAxis: from }, { xAxis: to }]) } }),
          data: points.map(({ at, values }) => [at, Number.isNaN(values[line]) ? '-' : values[line]]),
        })),
      },
      { notMerge: true },
    );
  });

  const newest = points.at(-1)?.values.map((value, line) => `${lines[line] ?? ''} ${Number.isNaN(value) ? '–' : format(value)}`).join(', ');
  const said = [newest === undefined ? label : `${label}: ${newest}`, gaps.length === 0 || gapLabel === undefined ? null : gapLabel].filter((part) => part !== null);
  return <div ref={box} className={classes.chart} role="img" aria-label={said.join(', ')} />;
}
