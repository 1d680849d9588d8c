import { Button, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { protectionStandingOf } from '../../../shared/domain/analysis/protection';
import { formatEndpoint } from '../../../shared/domain/fleet/instance';
import { lossOfReport } from '../../../shared/domain/promotion/loss';
import type { PromotionKind, PromotionReport } from '../../../shared/domain/promotion/promotion';
import { endedStates, type TaskView } from '../../../shared/domain/tasks/task';
import { api } from '../../api';
import type { CallError, Result } from '../../api';
import { useHasDialog } from '../../stores/registry';
import { useAct } from '../../stores/act';
import { useFleet, useInstance } from '../../stores/fleet';
import { useStandingClock } from '../../stores/standing';
import { useNumber, useText } from '../../stores/language';
import { useTask } from '../../stores/tasks';
import { closeDialog, openDialog } from '../../stores/ui';
import { CopyText } from '../../ui/CopyText';
import { DialogFoot } from '../../ui/DialogFoot';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { Figure } from '../../ui/Figure';
import { formatDuration } from '../../ui/format';
import { PlanBody } from '../../ui/PlanDialog';
import { StatusBadge } from '../../ui/StatusBadge';
import { StepList } from '../../ui/StepList';
import { lossFigure, lossTone } from './loss-tone';
import { ReportLoss } from './ReportLoss';
import { ReportNotes } from './ReportNotes';
import classes from './switch.module.css';

/** The switch under way, step by step, and what came of it; it stays until the user closes it. */
export function SwitchRun({ taskId, kind, instanceId, phrase }: { taskId: string; kind: PromotionKind; instanceId: string; phrase: string }): ReactElement {
  const t = useText();
  const task = useTask(taskId);
  const { report, error: unread } = useReportOf(task, taskId);
  const { error, act } = useAct<'order'>();
  const ended = isEnded(task);
  const draining = kind === 'emergency' && task?.steps.some((step) => step.id === 'drain' && step.state === 'running') === true;
  const order = (call: () => Promise<Result<unknown>>): void => void act('order', call, () => undefined);
  const shownError = error ?? unread;
  return (
    <>
      <PlanBody>
        {report === null ? <StatusBadge tone="busy">{t('promotion.dialog.running')}</StatusBadge> : <Outcome report={report} instanceId={instanceId} />}
        {task === undefined ? null : <StepList steps={task.steps} label={t('promotion.dialog.steps')} />}
        {draining ? <StopWaiting phrase={phrase} onStop={(word) => order(() => api.promotion.stopWaiting({ taskId, phrase: word }))} /> : null}
        {shownError === null ? null : <ErrorNotice error={shownError} />}
        {report?.error == null ? null : <ErrorNotice error={report.error} />}
      </PlanBody>
      <DialogFoot hint={ended ? null : t('promotion.dialog.locked-after')}>
        {ended ? (
          <Button variant="filled" onClick={closeDialog} data-autofocus>{t('common.close')}</Button>
        ) : (
          <Button disabled={task?.canCancel !== true} onClick={() => order(() => api.tasks.cancel({ id: taskId }))}>{t('promotion.dialog.cancel-task')}</Button>
        )}
      </DialogFoot>
    </>
  );
}

const isEnded = (task: TaskView | undefined): boolean => task !== undefined && endedStates.includes(task.state);

/** What came of a switch, once it has ended. */
function useReportOf(task: TaskView | undefined, taskId: string): { readonly report: PromotionReport | null; readonly error: CallError | null } {
  const [report, setReport] = useState<PromotionReport | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const ended = isEnded(task);
  // The report is there a moment after the end.
  const reported = task?.isReported === true;
  useEffect(() => {
    if (!ended) return;
    let gone = false;
    void api.promotion.reports().then((answer) => {
      if (gone) return;
      if (answer.ok) setReport(answer.value.find((one) => one.taskId === taskId) ?? null);
      else setError(answer.error);
    });
    return () => { gone = true; };
  }, [ended, reported, taskId]);
  return { report, error };
}

/** While it waits for what was received to be applied: goes on without, at the price of it. */
function StopWaiting({ phrase, onStop }: { phrase: string; onStop: (word: string) => void }): ReactElement {
  const t = useText();
  const [word, setWord] = useState('');
  return (
    <div className={classes.discard}>
      <TextInput
        label={t('promotion.dialog.stop-waiting-label', { name: phrase })}
        value={word}
        onChange={(event) => setWord(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
      />
      <Button color="red" variant="filled" disabled={word !== phrase} onClick={() => onStop(word)}>{t('promotion.dialog.stop-waiting')}</Button>
    </div>
  );
}

function Outcome({ report, instanceId }: { report: PromotionReport; instanceId: string }): ReactElement {
  const t = useText();
  const number = useNumber();
  const view = useInstance(instanceId);
  const hasAdd = useHasDialog('add-standby');
  const loss = lossOfReport(report);
  const instances = useFleet((state) => state.instances);
  const clock = useStandingClock();
  const isExposed = view !== undefined && protectionStandingOf(view, instances, clock).kind === 'none';
  const tone = report.outcome === 'done' ? 'good' : report.outcome === 'undone' ? 'warn' : 'bad';
  return (
    <>
      <div role="status"><StatusBadge tone={tone}>{t(`promotion.dialog.${report.outcome}`, { standby: report.standbyName })}</StatusBadge></div>
      <div className={classes.band}>
        {report.outageMs === null ? null : <Figure size="lg" value={number(report.outageMs, 1)} unit={t('common.unit.ms')} label={t('promotion.dialog.outage')} />}
        <Figure size="lg" value={lossFigure(loss, number)} label={t('promotion.dialog.lost')} tone={lossTone(loss)} />
        <Figure size="lg" value={formatDuration(t, report.endedAt - report.startedAt)} label={t('promotion.dialog.total')} />
      </div>
      {report.kind === 'emergency' && report.outcome !== 'undone' ? <ReportLoss report={report} /> : null}
      <ReportNotes notes={report.notes} />
      {report.outcome !== 'done' || view === undefined ? null : (
        <div className={classes.after}>
          <span>{t('promotion.dialog.address')}</span> <CopyText value={formatEndpoint(view.instance.admin)} what={t('promotion.dialog.address')} />
          {report.kind === 'emergency' && hasAdd && isExposed ? (
            <>
              <StatusBadge tone="warn" plain>{t('promotion.dialog.unprotected')}</StatusBadge>
              <Button onClick={() => openDialog({ kind: 'add-standby', sourceId: instanceId })}>{t('promotion.dialog.create-standby')}</Button>
            </>
          ) : null}
        </div>
      )}
    </>
  );
}
