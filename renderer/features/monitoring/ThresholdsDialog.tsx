import { Button, NumberInput, Select, Switch } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { series, seriesOf, type SeriesId } from '../../../shared/domain/monitoring/series';
import type { Threshold } from '../../../shared/domain/monitoring/thresholds';
import { api } from '../../api';
import type { CallError } from '../../api';
import { useAct } from '../../stores/act';
import { useInstance } from '../../stores/fleet';
import { useText } from '../../stores/language';
import type { DialogProps } from '../../stores/registry';
import { closeDialog } from '../../stores/ui';
import { DialogFoot } from '../../ui/DialogFoot';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { FormModal } from '../../ui/FormModal';
import { faultOf, newThreshold, rowsFor, withRows, type ThresholdRow } from './threshold-edits';
import classes from './Monitoring.module.css';

const columns = ['series', 'when', 'warning', 'critical', 'for', 'back', 'scope', 'on'] as const;

/** From when on a value is a problem: what this instance is judged by, for it alone or for all. */
export function ThresholdsDialog({ dialog: { instanceId } }: DialogProps<'thresholds'>): ReactElement {
  const t = useText();
  const name = useInstance(instanceId)?.instance.name ?? '';
  const [before, setBefore] = useState<readonly Threshold[] | null>(null);
  const [rows, setRows] = useState<readonly ThresholdRow[]>([]);
  const [dirty, setDirty] = useState(false);
  const [unread, setUnread] = useState<CallError | null>(null);
  const { busy, error, act } = useAct<'save'>();
  useEffect(() => {
    let open = true;
    void api.monitoring.thresholds().then((answer) => {
      if (!open) return;
      if (!answer.ok) return setUnread(answer.error);
      setBefore(answer.value);
      setRows(rowsFor(instanceId, answer.value));
    });
    return () => { open = false; };
  }, [instanceId]);
  const change = (next: readonly ThresholdRow[]): void => {
    setDirty(true);
    setRows(next);
  };
  const save = (): void => {
    if (before !== null) void act('save', () => api.monitoring.setThresholds({ thresholds: withRows(before, instanceId, rows).map((one) => ({ ...one })) }), closeDialog);
  };
  const failure = error ?? unread;
  return (
    <FormModal title={t('monitoring.page.thresholds.title', { name })} size={980} busy={busy !== null} dirty={dirty} onClose={closeDialog}>
      <p className={classes.note}>{t('monitoring.page.thresholds.text')}</p>
      {failure === null ? null : <ErrorNotice error={failure} />}
      <div className={classes.limits}>
        <table className={classes.table}>
          <thead>
            <tr>
              {columns.map((column) => <th key={column} scope="col">{t(`monitoring.page.thresholds.${column}`)}</th>)}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              <Row key={row.threshold.series} row={row} name={name} onChange={(next) => change(rows.map((one, other) => (other === at ? next : one)))} />
            ))}
          </tbody>
        </table>
      </div>
      <AddRow rows={rows} onAdd={(id) => change([...rows, { threshold: newThreshold(id, seriesOf(id).good), own: true }])} />
      <DialogFoot apart>
        <Button onClick={closeDialog} disabled={busy !== null}>{t('common.cancel')}</Button>
        <Button variant="filled" loading={busy !== null} disabled={!dirty || rows.some((row) => faultOf(row) !== null)} onClick={save}>{t('common.save')}</Button>
      </DialogFoot>
    </FormModal>
  );
}

function Row({ row, name, onChange }: { row: ThresholdRow; name: string; onChange: (next: ThresholdRow) => void }): ReactElement {
  const t = useText();
  const { threshold, own } = row;
  const title = t(`monitoring.series.${threshold.series}.name`);
  const unit = t(`monitoring.unit.${seriesOf(threshold.series).unit}`);
  const set = (change: Partial<Threshold>): void => onChange({ own, threshold: { ...threshold, ...change } });
  const fault = faultOf(row);
  const limit = (which: 'warning' | 'critical'): ReactElement => (
    <NumberInput
      className={classes.field} aria-label={`${title}: ${t(`monitoring.page.thresholds.${which}`)}`} value={threshold[which] ?? ''}
      min={0} max={1e15} suffix={unit === '' || unit === '%' || unit.startsWith('/') ? unit : ` ${unit}`}
      thousandSeparator="," hideControls onChange={(value) => set({ [which]: typeof value === 'number' ? value : null })}
    />
  );
  return (
    <tr>
      <th scope="row">
        {title}
        {fault === null ? null : <div className={classes.fault} role="alert">{t(`monitoring.page.thresholds.fault.${fault}`)}</div>}
      </th>
      <td>
        <Select
          className={classes.field} aria-label={`${title}: ${t('monitoring.page.thresholds.when')}`} value={threshold.when} onChange={(next) => set({ when: next === 'below' ? 'below' : 'above' })}
          data={(['above', 'below'] as const).map((one) => ({ value: one as string, label: t(`monitoring.page.thresholds.${one}`) }))}
        />
      </td>
      <td>{limit('warning')}</td>
      <td>{limit('critical')}</td>
      <td>
        <NumberInput
          className={classes.field} aria-label={`${title}: ${t('monitoring.page.thresholds.for')}`} value={threshold.forSeconds} min={0} max={86_400} allowDecimal={false} hideControls suffix={` ${t('monitoring.unit.seconds')}`}
          onChange={(value) => set({ forSeconds: typeof value === 'number' ? value : 0 })}
        />
      </td>
      <td>
        <NumberInput
          className={classes.field} aria-label={`${title}: ${t('monitoring.page.thresholds.back')}`} value={Math.round(threshold.hysteresis * 100)} min={0} max={90} allowDecimal={false} hideControls suffix="%"
          onChange={(value) => set({ hysteresis: (typeof value === 'number' ? value : 0) / 100 })}
        />
      </td>
      <td>
        <Select
          className={classes.scope} aria-label={`${title}: ${t('monitoring.page.thresholds.scope')}`} value={own ? 'own' : 'all'} onChange={(next) => onChange({ threshold, own: next === 'own' })}
          data={[{ value: 'all', label: t('monitoring.page.thresholds.all') }, { value: 'own', label: name }]}
        />
      </td>
      <td><Switch aria-label={`${title}: ${t('monitoring.page.thresholds.on')}`} checked={threshold.on} onChange={(event) => set({ on: event.currentTarget.checked })} /></td>
    </tr>
  );
}

function AddRow({ rows, onAdd }: { rows: readonly ThresholdRow[]; onAdd: (id: SeriesId) => void }): ReactElement {
  const t = useText();
  const free = series.filter(({ id }) => !rows.some(({ threshold }) => threshold.series === id));
  return (
    <div className={classes.add}>
      <Select
        label={t('monitoring.page.thresholds.add')} placeholder={t('monitoring.page.thresholds.choose')} value={null} searchable
        onChange={(next) => {
          const found = free.find(({ id }) => id === next);
          if (found !== undefined) onAdd(found.id);
        }}
        data={free.map(({ id }) => ({ value: id as string, label: t(`monitoring.series.${id}.name`) }))}
      />
    </div>
  );
}
