import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { lossOfReport, lossText } from '../../../shared/domain/promotion/loss';
import { isPendingReport, type PromotionReport } from '../../../shared/domain/promotion/promotion';
import { api } from '../../api';
import type { CallError } from '../../api';
import { useText, useTimeZone } from '../../stores/language';
import { useTasks } from '../../stores/tasks';
import { openInstance } from '../../stores/ui';
import { AttentionBanner } from '../../ui/AttentionBanner';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { formatExact } from '../../ui/format';
import { useLostTold } from './lost-told';

/** Emergency promotions that nobody acknowledged yet: what was lost stays in sight until somebody says that they know. */
export function PendingPromotions(): ReactElement {
  const t = useText();
  const zone = useTimeZone();
  // The report of a promotion is there a moment after its end.
  const reported = useTasks((state) => [...state.tasks.values()].filter((task) => task.kind === 'promotion' && task.isReported).length);
  const [reports, setReports] = useState<readonly PromotionReport[]>([]);
  const told = useLostTold();
  const [attempt, setAttempt] = useState(0);
  const [error, setError] = useState<CallError | null>(null);
  useEffect(() => {
    let gone = false;
    void api.promotion.reports().then((answer) => {
      if (gone) return;
      if (answer.ok) setReports(answer.value.filter(isPendingReport));
      setError(answer.ok ? null : answer.error);
    });
    return () => { gone = true; };
  }, [reported, attempt, told]);

  const acknowledge = async (id: string): Promise<void> => {
    const answer = await api.promotion.acknowledge({ id });
    if (answer.ok) setAttempt((before) => before + 1);
    else setError(answer.error);
  };
  return (
    <>
      {reports.map((report) => {
        const time = formatExact(t.language, zone, report.endedAt);
        return (
          <AttentionBanner
            key={report.id}
            role="status"
            text={
              <>
                <b>{report.standbyName}</b> {t('promotion.report.pending', { time, loss: t.message(lossText(lossOfReport(report), (at) => formatExact(t.language, zone, at))) })}
              </>
            }
          >
            <Button onClick={() => openInstance(report.standbyId)}>{t('common.open')}</Button>
            <Button variant="filled" onClick={() => void acknowledge(report.id)}>{t('promotion.report.acknowledge')}</Button>
          </AttentionBanner>
        );
      })}
      {error === null ? null : <ErrorNotice error={error} />}
    </>
  );
}
