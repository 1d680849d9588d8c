import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { lossOfReport } from '../../../shared/domain/promotion/loss';
import type { PromotionReport } from '../../../shared/domain/promotion/promotion';
import { useNumber, useText } from '../../stores/language';
import { go } from '../../stores/ui';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { Fold } from '../../ui/Fold';
import { IconArrowRight } from '../../ui/icons';
import { Section } from '../../ui/Page';
import { StatusBadge } from '../../ui/StatusBadge';
import { TimeText } from '../../ui/TimeText';
import { lossFigure } from './loss-tone';
import { ReportLoss } from './ReportLoss';
import { ReportNotes } from './ReportNotes';
import { ReportSteps } from './ReportSteps';
import { reportTones, useReports } from './reports';
import classes from './switch.module.css';

/** Every switchover and promotion, newest first: what it cost, and each step with its SQL and time. Nothing where there was none. */
export function SwitchReports(): ReactElement | null {
  const t = useText();
  const { reports, error } = useReports();
  if (error !== null) return <ErrorNotice error={error} />;
  if (reports === null || reports.length === 0) return null;
  return (
    <Section title={t('promotion.report.title')}>
      {reports.map((report) => <Report key={report.id} report={report} />)}
    </Section>
  );
}

function Report({ report }: { report: PromotionReport }): ReactElement {
  const t = useText();
  const number = useNumber();
  return (
    <Fold
      title={
        <>
          <span className={classes.light}><TimeText at={report.startedAt} show="exact" /></span> {t(`tasks.kind.${report.kind === 'planned' ? 'switchover' : 'promotion'}`)}{' '}
          <span className={classes.light}>{report.sourceName} <IconArrowRight size={12} aria-hidden /> {report.standbyName}</span>
        </>
      }
      aside={
        <>
          {report.outageMs === null ? null : <span>{number(report.outageMs, 1)} ms {t('promotion.dialog.outage')}</span>}
          <span>{lossFigure(lossOfReport(report), number)} {t('promotion.dialog.lost')}</span>
          <StatusBadge tone={reportTones[report.outcome]} plain>{t(`promotion.report.${report.outcome}`)}</StatusBadge>
        </>
      }
    >
      {report.kind === 'emergency' && report.outcome !== 'undone' ? <ReportLoss report={report} /> : null}
      <Button onClick={() => go({ id: 'report', reportId: report.id })}>{t('report.open')}</Button>
      <ReportNotes notes={report.notes} />
      {report.error === null ? null : <ErrorNotice error={report.error} />}
      <ReportSteps steps={report.steps} />
    </Fold>
  );
}
