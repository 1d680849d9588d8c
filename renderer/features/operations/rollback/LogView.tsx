import { Button } from '@mantine/core';
import { useCallback, useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { copiesOf, undoneBy, type RollbackRecord } from '../../../../shared/domain/operations/rollback/record';
import { rollbackReport, rollbackState, rollbackSubject } from '../../../../shared/i18n/rollback-report';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useAct } from '../../../stores/act';
import { useText, useTimeZone } from '../../../stores/language';
import { useTask } from '../../../stores/tasks';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { Fold } from '../../../ui/Fold';
import { formatDuration, formatExact } from '../../../ui/format';
import { IconDownload } from '../../../ui/icons';
import { StatusBadge } from '../../../ui/StatusBadge';
import { StepList } from '../../../ui/StepList';
import { TimeText } from '../../../ui/TimeText';
import { toneOfState } from './RollbackRun';
import classes from './rollback.module.css';

/** Every rollback of an instance, newest first: who, when, what, each step with its log, live while it runs. */
export function LogView({ instanceId, locked, onUndo, onCompare }: {
  instanceId: string; locked: boolean; onUndo: (gtids: readonly string[]) => void; onCompare: (record: RollbackRecord) => void;
}): ReactElement {
  const t = useText();
  const [turn, setTurn] = useState(0);
  const [records, setRecords] = useState<readonly RollbackRecord[] | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const readAgain = useCallback(() => setTurn((one) => one + 1), []);
  useEffect(() => {
    let isGone = false;
    void api.rollback.records({ instanceId }).then((answer) => {
      if (isGone) return;
      setError(answer.ok ? null : answer.error);
      if (answer.ok) setRecords(answer.value);
    });
    return () => { isGone = true; };
  }, [instanceId, turn]);
  return (
    <section aria-label={t('rollback.view.log')}>
      {error === null ? null : <ErrorNotice error={error} />}
      {records?.length === 0 ? <p className={classes.light}>{t('rollback.record.none')}</p> : null}
      {records?.map((record, i) => (
        <Record key={record.id} record={record} isFirst={i === 0} locked={locked} onUndo={onUndo} onCompare={onCompare} onEnded={readAgain} />
      ))}
    </section>
  );
}

function Record({ record, isFirst, locked, onUndo, onCompare, onEnded }: {
  record: RollbackRecord; isFirst: boolean; locked: boolean;
  onUndo: (gtids: readonly string[]) => void; onCompare: (record: RollbackRecord) => void; onEnded: () => void;
}): ReactElement {
  const t = useText();
  const task = useTask(record.end === null ? record.taskId : null);
  const isReported = task?.isReported === true;
  useEffect(() => { if (isReported) onEnded(); }, [isReported, onEnded]);
  const back = undoneBy(record);
  return (
    <div className={classes.entry}>
      <div className={classes.entryHead}>
        <StatusBadge tone={toneOfState(record.end?.state ?? task?.state)} plain>{task === undefined ? rollbackState(t, record) : t(`tasks.state.${task.state}`)}</StatusBadge>
        <TimeText at={record.at} show="exact" />
        <b>{rollbackSubject(t, record)}</b>
        <span className={classes.light}>{record.actor}{record.outcome === null ? '' : ` · ${t('rollback.record.rows', { rows: record.outcome.rows, left: record.outcome.left })}`}</span>
        {back === null || locked ? null : <Button size="compact-xs" variant="default" onClick={() => onUndo([back])}>{t('rollback.record.undo-undo')}</Button>}
        {copiesOf(record).length === 0 ? null : <Button size="compact-xs" variant="default" onClick={() => onCompare(record)}>{t('rollback.compare.open')}</Button>}
        <Save record={record} />
      </div>
      <Fold title={t('tasks.steps')} open={isFirst || record.end === null}>
        {task === undefined ? <Kept record={record} /> : <StepList steps={task.steps} label={t('tasks.steps')} />}
        <ul className={classes.log}>{(task?.log ?? record.end?.log ?? []).map(({ at, text }, i) => <li key={i}><TimeText at={at} show="clock" /> {t.message(text)}</li>)}</ul>
        {record.moment === null ? null : <p className={classes.light}>{t('rollback.record.moment')}: <span className={classes.mono}>{record.moment.gtid}</span>, <TimeText at={record.moment.at} show="exact" /></p>}
        <ul className={classes.log}>{record.gtids.map((gtid) => <li key={gtid} className={classes.mono}>{gtid}</li>)}</ul>
        {record.end?.error == null ? null : <ErrorNotice error={record.end.error} />}
      </Fold>
    </div>
  );
}

function Kept({ record: { end } }: { record: RollbackRecord }): ReactElement {
  const t = useText();
  return <ol className={classes.log}>{end?.steps.map(({ id, title, state, ms }) => <li key={id}>{t.message(title)} · {t(`tasks.step.${state}`)}{ms === null ? '' : ` · ${formatDuration(t, ms)}`}</li>)}</ol>;
}

function Save({ record }: { record: RollbackRecord }): ReactElement {
  const t = useText();
  const zone = useTimeZone();
  const { busy, error, act } = useAct<'save'>();
  const save = (): Promise<void> => act('save', () => api.app.saveText({
    suggestedName: `rollback-${record.name}-${new Date(record.at).toISOString().slice(0, 10)}.md`, text: rollbackReport(t, record, (at) => formatExact(t.language, zone, at)),
  }), () => undefined);
  return (
    <>
      <Button size="compact-xs" variant="default" leftSection={<IconDownload size={12} />} loading={busy === 'save'} onClick={() => void save()}>{t('rollback.record.export')}</Button>
      {error === null ? null : <ErrorNotice error={error} />}
    </>
  );
}
