import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { MonitoringRange } from '../../shared/domain/monitoring/monitoring';
import { csvOf, summaryOf } from '../../shared/domain/monitoring/range-text';
import { prometheusText, type Exported } from '../../shared/domain/monitoring/prometheus';
import type { SeriesValues } from '../../shared/domain/monitoring/rates';
import { isSeriesId, seriesIds, seriesOf, type SeriesId } from '../../shared/domain/monitoring/series';
import { translator } from '../../shared/i18n/translate';
import { readWatched } from '../fleet/read-watched';
import { placeText } from '../storage/placed-file';
import { duration } from './arguments';
import { exitCodes, type ExitCode } from './exit-codes';
import { table } from './output';
import type { Run, Start } from './run';

interface MonitorOptions {
  since?: number;
  series?: readonly SeriesId[];
  csv?: boolean;
}

/** As much as the finest ring holds. */
const mostPoints = 3_600;
/** Where a range is asked for as CSV and not said how long. */
const defaultSinceMs = 3_600_000;

/** `monitor` and `metrics`: values for people, for a spreadsheet, for Prometheus. */
export function monitoringCommands(program: Command, start: Start): void {
  program.command('monitor').argument('<instance>')
    .option('--since <duration>', '', duration).option('--series <names>', '', seriesNames).option('--csv')
    .action(start(monitor));
  program.command('metrics').requiredOption('--out <file>').action(start(metrics));
}

function seriesNames(text: string): readonly SeriesId[] {
  return text.split(',').map((word) => {
    const name = word.trim();
    if (!isSeriesId(name)) throw new InvalidArgumentError(`${name}: ${seriesIds.join(', ')}`);
    return name;
  });
}

async function monitor(run: Run, name: string, { since, series = seriesIds, csv }: MonitorOptions): Promise<ExitCode> {
  const { id } = run.instance(name);
  if (since === undefined && csv !== true) return now(run, id, series);
  const to = Date.now();
  const range = await run.call('monitoring.range', { instanceId: id, series: [...series], from: to - (since ?? defaultSinceMs), to, maxPoints: mostPoints });
  const hasValues = range.series.some(({ avg }) => avg.some((value) => !Number.isNaN(value)));
  if (csv === true && !run.out.json) process.stdout.write(csvOf(range));
  else run.out.result({ ok: hasValues, ...rangeObject(range) }, () => printRange(run, name, range, hasValues));
  return hasValues ? exitCodes.done : exitCodes.failed;
}

async function now(run: Run, id: string, wanted: readonly SeriesId[]): Promise<ExitCode> {
  const values: SeriesValues = await run.engine.monitoring.valuesNow(id);
  const { absent } = await run.call('monitoring.view', { instanceId: id });
  const missing = absent.filter((one) => wanted.includes(one.id));
  const shown = Object.fromEntries(wanted.map((one) => [one, values[one] ?? null]));
  run.out.result({ ok: true, at: Date.now(), values: shown, absent: missing }, () => {
    const { t, line } = run.out;
    const present = wanted.filter((one) => !missing.some((other) => other.id === one));
    line(table(present.map((one) => [one, t(`monitoring.series.${one}.name`), figure(values[one] ?? NaN), t(`monitoring.unit.${seriesOf(one).unit}`)])));
    for (const { id: one, reason } of missing) line(`${one}: ${t(`monitoring.absent.${reason.kind}`, { ...reason })}`);
  });
  return exitCodes.done;
}

function printRange({ out: { line, t } }: Run, name: string, { series }: MonitoringRange, hasValues: boolean): void {
  if (!hasValues) {
    line(t('monitoring.terminal.nothing', { name }));
    return;
  }
  const head = [t('monitoring.terminal.series'), '', ...(['min', 'avg', 'max', 'last', 'unit'] as const).map((column) => t(`monitoring.terminal.${column}`))];
  const rows = series.filter(({ avg }) => avg.some((value) => !Number.isNaN(value))).map((points) => {
    const { id } = points;
    const { min, avg, max, last } = summaryOf(points);
    return [id, t(`monitoring.series.${id}.name`), ...[min, avg, max, last].map(figure), t(`monitoring.unit.${seriesOf(id).unit}`)];
  });
  line(table([head, ...rows]));
}

function rangeObject({ series, ...range }: MonitoringRange): object {
  const listed = (values: Float32Array): (number | null)[] => Array.from(values, (value) => (Number.isNaN(value) ? null : value));
  return { ...range, series: series.map(({ id, min, avg, max }) => ({ id, min: listed(min), avg: listed(avg), max: listed(max) })) };
}

function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) >= 100 ? 0 : 2);
}

async function metrics(run: Run, { out }: { out: string }): Promise<ExitCode> {
  const { fleet, monitoring } = run.engine;
  const ids = fleet.instances().map(({ id }) => id);
  await inTurns(ids, async (id) => void (await readWatched(fleet, id)));
  const sampled = async (id: string) => [id, fleet.view(id).health.state === 'reachable' ? await monitoring.sampleOnce(id) : null] as const;
  const samples = new Map(await inTurns(ids, sampled));
  const { instances, regions, projects } = fleet.snapshot();
  const exported = instances.map((view): Exported => ({
    view, sample: samples.get(view.instance.id) ?? null,
    region: regions.find(({ id }) => id === view.instance.regionId)?.name ?? '',
    project: projects.find(({ id }) => id === view.instance.projectId)?.name ?? '',
  }));
  const english = translator('en');
  // The collector reads files that end in `.prom` whenever it likes, as a user of its own: it finds the old one or the new one, never a part.
  await placeText(out, prometheusText(exported, (id) => english(`monitoring.series.${id}.meaning`)), 0o644);
  const missing = exported.filter(({ view, sample }) => view.paused === null && sample === null).length;
  run.out.result({ ok: true, file: out, instances: exported.length, notReadable: missing }, () =>
    run.out.line(run.out.t('monitoring.terminal.written', { file: out, count: exported.length, missing })));
  return exitCodes.done;
}

/** Servers that are asked at the same time. */
const atOnce = 16;

async function inTurns<Item, Result>(items: readonly Item[], act: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) {
      const item = items[at];
      if (item !== undefined) results[at] = await act(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}
