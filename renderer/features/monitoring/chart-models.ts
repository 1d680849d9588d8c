import type { Mark, MonitoringRange } from '../../../shared/domain/monitoring/monitoring';
import type { SeriesId } from '../../../shared/domain/monitoring/series';
import { thresholdsFor, type Threshold } from '../../../shared/domain/monitoring/thresholds';
import type { Translator } from '../../../shared/i18n/translate';
import type { StepValues, TimeWindow } from '../../charts/columns';
import type { ChartLimit, ChartLine, ChartMark, ChartModel } from '../../charts/draw';
import { axisFloor } from './chart-specs';
import { stepValues } from './range-values';
import { axisText, tickText } from './values-text';

/** What all charts of the page have in common. */
export interface Shown {
  readonly t: Translator;
  readonly timeZone: string;
  readonly zoneOffsetMs: number;
  readonly instanceId: string;
  readonly window: TimeWindow;
  readonly range: MonitoringRange | null;
  readonly compared: { readonly range: MonitoringRange; readonly shiftMs: number; readonly name: string } | null;
  readonly marks: readonly Mark[];
  readonly thresholds: readonly Threshold[];
}

/** One series in a chart. */
export interface Drawn {
  readonly id: SeriesId;
  readonly line: ChartLine;
  /** The same series of what it is compared with. */
  readonly other: ChartLine | null;
}

const dashOf = (at: number): ChartLine['dash'] => (at === 0 ? 0 : at === 1 ? 1 : at === 2 ? 2 : 3);
const nothing: StepValues = { from: 0, stepMs: 1_000, min: new Float32Array(0), avg: new Float32Array(0), max: new Float32Array(0) };

/** The lines of a chart. Alone, every second one is grey; compared, all of the other are, and dashes tell the series apart. */
export function drawnOf(ids: readonly SeriesId[], { t, range, compared }: Shown): readonly Drawn[] {
  return ids.map((id, at) => {
    const name = t(`monitoring.series.${id}.name`);
    const values = stepValues(range, id) ?? nothing;
    const line: ChartLine = compared === null
      ? { name, values, ink: at % 2 === 0 ? 'accent' : 'grey', dash: at < 2 ? 0 : 1 }
      : { name, values, ink: 'accent', dash: dashOf(at) };
    const beside = compared === null ? null : stepValues(compared.range, id, compared.shiftMs);
    return { id, line, other: beside === null ? null : { name, values: beside, ink: 'grey', dash: dashOf(at) } };
  });
}

const tones = { critical: 'bad', warning: 'warn', info: 'info' } as const;

function marksOf({ marks, instanceId, compared }: Shown): readonly ChartMark[] {
  const ids = compared !== null && compared.shiftMs === 0 ? [instanceId, compared.range.instanceId] : [instanceId];
  return marks.filter((mark) => ids.includes(mark.instanceId)).map(({ at, until, severity }) => ({ at, until, tone: tones[severity] }));
}

function limitsOf(ids: readonly SeriesId[], { instanceId, thresholds }: Shown): readonly ChartLimit[] {
  return thresholdsFor(instanceId, thresholds).filter(({ series }) => ids.includes(series)).flatMap(({ warning, critical }): ChartLimit[] => [
    ...(warning === null ? [] : [{ value: warning, tone: 'warn' as const }]), ...(critical === null ? [] : [{ value: critical, tone: 'bad' as const }]),
  ]);
}

/** A chart as it is drawn; all its series have the unit of the first. */
export function modelOf(drawn: readonly Drawn[], shown: Shown): ChartModel {
  const { t, timeZone, zoneOffsetMs, window } = shown;
  const ids = drawn.map(({ id }) => id);
  const [unitOf = 'qps'] = ids;
  return {
    // What it is compared with lies beneath.
    lines: [...drawn.flatMap(({ other }) => (other === null ? [] : [other])), ...drawn.map(({ line }) => line)],
    window, marks: marksOf(shown), limits: limitsOf(ids, shown), ...axisFloor(unitOf), zoneOffsetMs,
    number: (value) => axisText(t, unitOf, value),
    time: (at, format) => tickText(t.language, timeZone, at, format),
  };
}
