import type { ReactElement } from 'react';
import type { PromotionReport } from '../../../shared/domain/promotion/promotion';
import { useText } from '../../stores/language';
import { formatDuration } from '../../ui/format';
import { SqlBlock } from '../../ui/SqlBlock';
import classes from './switch.module.css';

/** Every step of a report, with its time and its SQL. */
export function ReportSteps({ steps }: Pick<PromotionReport, 'steps'>): ReactElement {
  const t = useText();
  return (
    <ol className={classes.steps}>
      {steps.map((step) => (
        <li key={step.id}>
          {t.message(step.title)} · {formatDuration(t, step.ms)}
          <SqlBlock statements={step.sql} />
        </li>
      ))}
    </ol>
  );
}
