import { Select } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { summaryOf } from '../../../shared/domain/monitoring/range-text';
import { series, seriesGroups, seriesIds, type SeriesId } from '../../../shared/domain/monitoring/series';
import type { AbsentSeries } from '../../../shared/domain/monitoring/monitoring';
import { useText, useTimeZone } from '../../stores/language';
import { formatExact } from '../../ui/format';
import { Section } from '../../ui/Page';
import type { Shown } from './chart-models';
import { inRows, stepValues, within } from './range-values';
import { valueText } from './values-text';
import classes from './Monitoring.module.css';

/** Lines of the table over time. */
const rows = 30;

/** What the charts show, as text: every series in short, then those of one group over time. */
export function ValuesTable({ shown, absent }: { shown: Shown; absent: readonly AbsentSeries[] }): ReactElement {
  const t = useText();
  return (
    <>
      <Section title={t('monitoring.page.table.series')}>
        <div className={classes.scroller} tabIndex={0} role="region" aria-label={t('monitoring.page.table.series')}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">{t('monitoring.terminal.series')}</th>
                {(['last', 'min', 'avg', 'max'] as const).map((column) => <th key={column} scope="col" className={classes.figure}>{t(`monitoring.terminal.${column}`)}</th>)}
              </tr>
            </thead>
            <tbody>{seriesIds.map((id) => <SeriesRow key={id} id={id} shown={shown} absent={absent} />)}</tbody>
          </table>
        </div>
      </Section>
      <OverTime shown={shown} />
    </>
  );
}

function SeriesRow({ id, shown: { range, window }, absent }: { id: SeriesId; shown: Shown; absent: readonly AbsentSeries[] }): ReactElement {
  const t = useText();
  const reason = absent.find((one) => one.id === id)?.reason;
  const values = stepValues(range, id);
  const summary = summaryOf(values === null ? { min: new Float32Array(0), avg: new Float32Array(0), max: new Float32Array(0) } : within(values, window));
  return (
    <tr>
      <th scope="row" title={t(`monitoring.series.${id}.meaning`)}>{t(`monitoring.series.${id}.name`)}</th>
      {reason !== undefined && Number.isNaN(summary.last) ? <td colSpan={4} className={classes.reason}>{t(`monitoring.absent.${reason.kind}`, { ...reason })}</td>
        : [summary.last, summary.min, summary.avg, summary.max].map((value, at) => <td key={at} className={classes.figure}>{valueText(t, id, value)}</td>)}
    </tr>
  );
}

function OverTime({ shown: { range, window } }: { shown: Shown }): ReactElement {
  const t = useText();
  const zone = useTimeZone();
  const [group, setGroup] = useState<string>('load');
  const ids = series.filter((one) => one.group === group).map(({ id }) => id);
  const columns = ids.map((id) => {
    const values = stepValues(range, id);
    return { id, values: values === null ? [] : inRows(values, window, rows) };
  });
  const part = (window.to - window.from) / rows;
  return (
    <Section
      title={t('monitoring.page.table.time')}
      aside={<Select aria-label={t('monitoring.page.table.group')} value={group} onChange={(next) => setGroup(next ?? 'load')} data={seriesGroups.map((one) => ({ value: one as string, label: t(`monitoring.group.${one}`) }))} />}
    >
      <div className={classes.scroller} tabIndex={0} role="region" aria-label={t('monitoring.page.table.time')}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{t('monitoring.page.table.from')}</th>
              {ids.map((id) => <th key={id} scope="col" className={classes.figure}>{t(`monitoring.series.${id}.name`)}</th>)}
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: rows }, (_, at) => rows - 1 - at).map((at) => (
              <tr key={at}>
                <th scope="row">{formatExact(t.language, zone, Math.floor(window.from + at * part))}</th>
                {columns.map(({ id, values }) => <td key={id} className={classes.figure}>{valueText(t, id, values[at] ?? NaN)}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
