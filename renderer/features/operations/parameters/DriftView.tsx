import { Button, Switch } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { driftClasses, type Drift, type DriftClass } from '../../../../shared/domain/operations/parameters/drift';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useFleet } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { InstanceSelect } from '../../../ui/InstanceSelect';
import { StatusBadge, type Tone } from '../../../ui/StatusBadge';
import { Waiting } from '../../../ui/Waiting';
import classes from './parameters.module.css';

const tones: Record<DriftClass, Tone> = { different: 'warn', absent: 'calm', expected: 'good', equivalent: 'good', same: 'good' };

/** An instance beside another one, its standby before all, variable by variable in five classes. */
export function DriftView({ instanceId }: { instanceId: string }): ReactElement {
  const t = useText();
  const followers = useFleet((state) => state.instances);
  const standbys = followers.filter((one) => one.sourceId === instanceId);
  const { busy, error, act } = useAct<'drift'>();
  const [drift, setDrift] = useState<Drift | null>(null);
  const [all, setAll] = useState(false);
  const compare = (id: string): void => void act('drift', () => api.parameters.drift({ instanceIds: [instanceId, id] }), setDrift);
  const counts = Object.fromEntries(driftClasses.map((one) => [one, drift?.rows.filter((row) => row.class === one).length ?? 0]));
  return (
    <>
      <div className={classes.form}>
        {standbys.map(({ instance }) => <Button key={instance.id} size="sm" variant="filled" onClick={() => compare(instance.id)}>{instance.name}</Button>)}
        <div className={classes.other}><InstanceSelect label={t('parameters.drift.with')} value={drift?.sides[1]?.instanceId ?? ''} allow={(view) => view.instance.id !== instanceId} onChange={(id) => { if (id !== '') compare(id); }} /></div>
        {drift === null ? null : <Switch label={t('parameters.drift.all')} checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />}
      </div>
      {error === null ? null : <ErrorNotice error={error} />}
      {busy === null ? null : <Waiting>{t('parameters.loading')}</Waiting>}
      {drift === null ? null : (
        <>
          <p role="status">{t('parameters.drift.summary', counts)}</p>
          <div className={classes.scroller} role="region" aria-label={t('parameters.drift')} tabIndex={0}>
            <table className={classes.table}>
              <thead>
                <tr>
                  <th scope="col">{t('parameters.column.name')}</th>
                  {drift.sides.map((side) => <th key={side.instanceId} scope="col">{side.name} · {side.version}</th>)}
                  <th scope="col">{t('parameters.column.class')}</th>
                </tr>
              </thead>
              <tbody>
                {driftClasses.flatMap((one) => drift.rows.filter((row) => row.class === one && (all || row.class !== 'same'))).map((row) => (
                  <tr key={row.name}>
                    <td className={classes.open}>{row.name}{row.noticed && row.class === 'different' ? <span className={classes.tag}>{t('parameters.drift.noticed')}</span> : null}</td>
                    {row.values.map((value, at) => <td key={at} className={classes.value} title={value ?? undefined}>{value ?? t('parameters.drift.absent')}</td>)}
                    <td><StatusBadge tone={tones[row.class]} plain>{t(`parameters.drift.class.${row.class}`)}</StatusBadge></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </>
  );
}
