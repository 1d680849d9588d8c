import type { ReactElement } from 'react';
import { lossOfReport, lossText } from '../../../shared/domain/promotion/loss';
import type { PromotionReport } from '../../../shared/domain/promotion/promotion';
import { useText, useTimeZone } from '../../stores/language';
import { formatExact } from '../../ui/format';
import { StatusIcon } from '../../ui/StatusBadge';
import { lossTone } from './loss-tone';
import classes from './switch.module.css';

/** What an emergency promotion lost, how far that is proven, and what the report had said before the old primary was read again. */
export function ReportLoss({ report }: { report: PromotionReport }): ReactElement {
  const t = useText();
  const zone = useTimeZone();
  const time = (at: number): string => formatExact(t.language, zone, at);
  const loss = lossOfReport(report);
  const { revised } = report;
  return (
    <>
      <div className={classes.warning}><StatusIcon tone={lossTone(loss)} /> {t.message(lossText(loss, time))}</div>
      {revised === undefined ? null : (
        <div className={classes.warning}><StatusIcon tone="warn" /> {t('promotion.loss.revised', { time: time(revised.at), was: t.message(lossText(revised.was, time)) })}</div>
      )}
    </>
  );
}
