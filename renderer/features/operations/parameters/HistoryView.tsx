import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { isUndoable, type EntryState, type ParameterEntry } from '../../../../shared/domain/operations/parameters/history';
import type { ParameterList } from '../../../../shared/domain/operations/parameters/parameter';
import type { ParameterPlan } from '../../../../shared/domain/operations/parameters/plan';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useText } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { StatusBadge, type Tone } from '../../../ui/StatusBadge';
import { TimeText } from '../../../ui/TimeText';
import classes from './parameters.module.css';

const tones: Record<EntryState, Tone> = { 'begun': 'warn', 'done': 'good', 'taken-back': 'warn', 'stuck': 'bad', 'undone': 'calm' };

/** What was changed from here, newest first; each can be taken back. `stamp`: read anew when it is another. */
export function HistoryView({ instanceId, stamp, onUndo }: {
  instanceId: string; stamp: ParameterList | null; onUndo: (plan: ParameterPlan) => void;
}): ReactElement {
  const t = useText();
  const [entries, setEntries] = useState<readonly ParameterEntry[]>([]);
  const { busy, error, act } = useAct<string>();
  useEffect(() => {
    let isGone = false;
    void api.parameters.history({ instanceId }).then((answer) => { if (!isGone && answer.ok) setEntries(answer.value); });
    return () => { isGone = true; };
  }, [instanceId, stamp]);
  return (
    <section aria-label={t('parameters.history')}>
      {error === null ? null : <ErrorNotice error={error} />}
      {entries.length === 0 ? <p className={classes.light}>{t('parameters.history.none')}</p> : null}
      {entries.map((entry) => (
        <div key={entry.id} className={classes.entry}>
          <div className={classes.entryHead}>
            <StatusBadge tone={tones[entry.state]} plain>{t(`parameters.state.${entry.state}`)}</StatusBadge>
            <TimeText at={entry.at} />
            <span className={classes.light}>{t('parameters.history.by', { who: entry.actor })}{entry.undoes === null ? '' : ` · ${t('parameters.history.of-undo')}`}</span>
            {isUndoable(entry) ? (
              <Button size="compact-xs" variant="default" loading={busy === entry.id} onClick={() => void act(entry.id, () => api.parameters.planUndo({ entryId: entry.id }), onUndo)}>
                {t('parameters.history.undo')}
              </Button>
            ) : null}
          </div>
          <ul className={classes.list}>
            {entry.changes.map((one) => (
              <li key={one.name} className={classes.one}><span><b>{one.name}</b> {one.before.value} → {one.after?.value ?? one.value} <span className={classes.light}>{t(`parameters.outcome.${one.outcome}`)}</span></span></li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}
