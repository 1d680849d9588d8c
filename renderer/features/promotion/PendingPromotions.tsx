import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { lossOfReport, lossText } from '../../../shared/domain/promotion/loss';
import { isPendingReport } from '../../../shared/domain/promotion/promotion';
import { api } from '../../api';
import type { CallError } from '../../api';
import { useText, useTimeZone } from '../../stores/language';
import { go } from '../../stores/ui';
import { AttentionBanner } from '../../ui/AttentionBanner';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { formatExact } from '../../ui/format';
import { useReports } from './reports';

/** Emergency promotions that nobody acknowledged yet: what was lost stays in sight until somebody says that they know. */
export function PendingPromotions(): ReactElement {
  const t = useText();
  const zone = useTimeZone();
  const { reports: all, error: unread, again } = useReports();
  const reports = (all ?? []).filter(isPendingReport);
  const [refused, setRefused] = useState<CallError | null>(null);
  const error = refused ?? unread;

  const acknowledge = async (id: string): Promise<void> => {
    const answer = await api.promotion.acknowledge({ id });
    if (answer.ok) again();
    setRefused(answer.ok ? null : answer.error);
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
            <Button onClick={() => go({ id: 'report', reportId: report.id })}>{t('report.open')}</Button>
            <Button variant="filled" onClick={() => void acknowledge(report.id)}>{t('promotion.report.acknowledge')}</Button>
          </AttentionBanner>
        );
      })}
      {error === null ? null : <ErrorNotice error={error} />}
    </>
  );
}
