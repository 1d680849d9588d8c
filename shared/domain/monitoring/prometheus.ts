import type { Lag } from '../fleet/lag';
import type { InstanceView } from '../fleet/view';
import type { RawSample } from './rates';
import { rawNamesOf, series, type Series, type SeriesId } from './series';

/** One instance as it was read for an export. */
export interface Exported {
  readonly view: InstanceView;
  readonly region: string;
  /** Empty: none. */
  readonly project: string;
  /** null: it could not be sampled. */
  readonly sample: RawSample | null;
}

type Metric = { readonly name: string; readonly type: 'counter' | 'gauge'; readonly help: string };
type Labels = Readonly<Record<string, string>>;

/**
 * The text that the textfile collector of node_exporter reads. Counters go out as the server counts them (a rate is for the one who asks to
 * reckon, over the time that is wanted), values of a moment as they stand; what is not known is not there. `help`: what a series means.
 * Format: prometheus.io, "Exposition formats".
 */
export function prometheusText(instances: readonly Exported[], help: (id: SeriesId) => string): string {
  const lines: string[] = [];
  const family = (metric: Metric, valueOf: (one: Exported) => number | null, more: (one: Exported) => Labels = () => ({})): void => {
    const samples = instances.flatMap((one) => {
      const value = valueOf(one);
      return value === null || !Number.isFinite(value) ? [] : [`${metric.name}${labelText({ ...labelsOf(one), ...more(one) })} ${value}`];
    });
    if (samples.length > 0) lines.push(`# HELP ${metric.name} ${escapeHelp(metric.help)}`, `# TYPE ${metric.name} ${metric.type}`, ...samples);
  };
  const gauge = (name: string, text: string): Metric => ({ name, type: 'gauge', help: text });
  // What is not watched is neither up nor down, has neither problems nor none, and nobody is to be called for it.
  const ifWatched = (valueOf: (view: InstanceView) => number) => ({ view }: Exported): number | null => (view.paused === null ? valueOf(view) : null);
  const up = ifWatched(({ health }) => Number(health.state === 'reachable'));
  family(gauge('antipode_up', 'Whether the instance could be read just now; absent while it is not watched.'), up);
  family(gauge('antipode_watched', 'Whether the instance is watched: 0 while watching is paused.'), ({ view }) => Number(view.paused === null));
  family(gauge('antipode_role_info', 'The role of the instance, as a label.'), () => 1, ({ view }) => ({ role: view.role }));
  family(gauge('antipode_last_read_timestamp_seconds', 'When the instance was last read.'), ({ view }) => seconds(view.health.lastSuccessAt));
  for (const severity of ['critical', 'warning', 'info'] as const) {
    const count = ifWatched(({ problems }) => problems.filter((problem) => problem.severity === severity).length);
    family(gauge(`antipode_problems_${severity}`, `Problems of severity ${severity}; absent while it is not watched.`), count);
  }
  family(gauge('antipode_mysql_uptime_seconds', 'Seconds since the server was started.'), ({ sample }) => sample?.uptimeSeconds ?? null);
  for (const one of lagFamilies) family(one, one.valueOf);
  for (const [metric, valueOf] of series.flatMap((one) => familiesOf(one, help(one.id)))) {
    family(metric, ({ sample }) => (sample === null ? null : valueOf(sample)));
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** Of a replica that was read just now. */
const ifRead = (valueOf: (lag: Lag) => number | null) => ({ view: { lag, health } }: Exported): number | null =>
  (lag === null || health.state !== 'reachable' ? null : valueOf(lag));
const runs = ({ state }: Lag): boolean => state === 'caught-up' || state === 'behind';

const lagFamilies: readonly (Metric & { readonly valueOf: (one: Exported) => number | null })[] = [
  {
    name: 'antipode_lag_seconds', type: 'gauge', help: 'How far the instance is behind its source; absent while it does not replicate.',
    valueOf: ifRead((lag) => (runs(lag) ? lag.seconds : null)),
  },
  {
    name: 'antipode_lag_transactions_to_receive', type: 'gauge', help: 'Transactions of the source that have not arrived.',
    valueOf: ifRead(({ toReceive }) => toReceive),
  },
  {
    name: 'antipode_lag_transactions_to_apply', type: 'gauge', help: 'Transactions that have arrived and are not applied.',
    valueOf: ifRead(({ toApply }) => toApply),
  },
  {
    name: 'antipode_replicating', type: 'gauge', help: 'Whether a replica receives and applies; absent for what is none.',
    valueOf: ifRead((lag) => (lag.state === 'unknown' ? null : runs(lag) ? 1 : 0)),
  },
];

function familiesOf({ id, measure, unit }: Series, help: string): readonly (readonly [Metric, (sample: RawSample) => number | null])[] {
  const raw = (name: string) => ({ raw: values }: RawSample): number | null => values[name] ?? null;
  switch (measure.kind) {
    case 'facts':
      return [];
    case 'gauge':
      return [[{ name: `antipode_mysql_${id}${unit === 'bytes' && !id.endsWith('bytes') ? '_bytes' : ''}`, type: 'gauge', help }, raw(measure.of)]];
    case 'rate': {
      const sum = ({ raw: values }: RawSample): number | null => {
        const known = measure.of.flatMap((name) => values[name] ?? []);
        return measure.of[0] === undefined || values[measure.of[0]] === undefined ? null : known.reduce((one, other) => one + other, 0);
      };
      return [[{ name: `antipode_mysql_${id}_total`, type: 'counter', help }, sum]];
    }
    case 'share':
    case 'mean': {
      const isNow = measure.kind === 'share' && measure.over === 'now';
      return rawNamesOf(measure).map((name) => [
        { name: `antipode_mysql_${id}_${name.toLowerCase()}${isNow ? '' : '_total'}`, type: isNow ? 'gauge' : 'counter', help }, raw(name),
      ]);
    }
  }
}

const seconds = (ms: number | null): number | null => (ms === null ? null : ms / 1_000);

function labelsOf({ view, region, project }: Exported): Labels {
  return { instance: view.instance.name, region, ...(project === '' ? {} : { project }) };
}

function labelText(labels: Labels): string {
  return `{${Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`).join(',')}}`;
}

/** A backslash, a quote and a line feed end a label value, or the line. */
export function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
