import { useLayoutEffect, useMemo, useRef } from 'react';
import type { ReactElement } from 'react';
import type { AbsentSeries } from '../../../shared/domain/monitoring/monitoring';
import { seriesOf, sourceOf, type SeriesId } from '../../../shared/domain/monitoring/series';
import type { TimeWindow } from '../../charts/columns';
import { valueAt } from '../../charts/columns';
import type { Cursor } from '../../charts/cursor';
import type { ChartLine } from '../../charts/draw';
import { LineChart } from '../../charts/LineChart';
import { useText } from '../../stores/language';
import { drawnOf, modelOf, type Drawn, type Shown } from './chart-models';
import { newestIn } from './range-values';
import { valueText } from './values-text';
import classes from './Monitoring.module.css';

interface CardProps {
  /** null: the names of its lines say it. */
  readonly title: string | null;
  readonly series: readonly SeriesId[];
  readonly shown: Shown;
  readonly absent: readonly AbsentSeries[];
  readonly cursor: Cursor;
  readonly onZoom: (window: TimeWindow) => void;
}

/** One chart: what its lines are with their values in a row that stays, then the lines. Where there can be no values, why. */
export function ChartCard({ title, series, shown, absent, cursor, onZoom }: CardProps): ReactElement {
  const t = useText();
  const present = useMemo(() => series.filter((id) => !absent.some((one) => one.id === id)), [series, absent]);
  const drawn = useMemo(() => drawnOf(present, shown), [present, shown]);
  const model = useMemo(() => modelOf(drawn, shown), [drawn, shown]);
  const names = series.map((id) => t(`monitoring.series.${id}.name`)).join(', ');
  const newest = drawn.map(({ id, line }) => `${line.name} ${valueText(t, id, newestIn(line.values, shown.window))}`).join(', ');
  const missing = absent.filter(({ id }) => series.includes(id));
  return (
    <div className={classes.card} role="group" aria-label={title ?? names}>
      {title === null ? null : <h3 className={classes.cardTitle}>{title}</h3>}
      {drawn.length === 0 ? (
        <div className={classes.absent}>
          {title === null ? <b>{names}</b> : null}
          {[...new Set(missing.map(({ reason }) => t(`monitoring.absent.${reason.kind}`, { ...reason })))].map((text) => <p key={text}>{text}</p>)}
        </div>
      ) : (
        <>
          <Legend drawn={drawn} shown={shown} cursor={cursor} />
          <LineChart model={model} label={newest} cursor={cursor} onZoom={onZoom} onPan={onZoom} />
        </>
      )}
    </div>
  );
}

/** Names and values of the lines: where the crosshair is, else the newest. */
function Legend({ drawn, shown, cursor }: { drawn: readonly Drawn[]; shown: Shown; cursor: Cursor }): ReactElement {
  const { t } = shown;
  return (
    <div className={classes.legend}>
      {drawn.map(({ id, line, other }) => (
        <span key={id} className={classes.item} title={`${t(`monitoring.series.${id}.meaning`)}\n${sourceOf(seriesOf(id))}`}>
          <Swatch line={line} />
          <span className={classes.itemName}>{line.name}</span>
          <Value id={id} line={line} shown={shown} cursor={cursor} className={classes.itemValue} />
          {other === null ? null : <Value id={id} line={other} shown={shown} cursor={cursor} className={classes.itemOther} />}
        </span>
      ))}
    </div>
  );
}

interface ValueProps {
  readonly id: SeriesId;
  readonly line: ChartLine;
  readonly shown: Shown;
  readonly cursor: Cursor;
  readonly className: string | undefined;
}

/** One value. Its text is written past React: it follows the pointer, and there are sixty of them. */
function Value({ id, line: { values }, shown: { t, window }, cursor, className }: ValueProps): ReactElement {
  const place = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const write = (): void => {
      const at = cursor.read();
      const text = valueText(t, id, at === null ? newestIn(values, cursor.dragged() ?? window) : valueAt(values, at));
      if (place.current !== null && place.current.textContent !== text) place.current.textContent = text;
    };
    write();
    return cursor.listen(write);
  }, [cursor, id, t, values, window]);
  return <span ref={place} className={className} />;
}

const dashes = ['', '5 3', '1.5 2.5', '8 3 1.5 3'];

function Swatch({ line: { ink, dash } }: { line: ChartLine }): ReactElement {
  return (
    <svg width="16" height="8" className={classes.swatch} data-ink={ink} aria-hidden>
      <line x1="0" y1="4" x2="16" y2="4" strokeWidth="2" strokeDasharray={dashes[dash]} />
    </svg>
  );
}
