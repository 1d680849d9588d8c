import type { ReactElement } from 'react';
import type { Mark } from '../../../shared/domain/monitoring/monitoring';
import { useFleet } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { TimeText } from '../../ui/TimeText';
import { StatusBadge, toneOf } from '../../ui/StatusBadge';
import classes from './Monitoring.module.css';

/** The newest come first; more would push the charts away. */
const most = 6;

/** What the marks in the charts are, newest first. */
export function Marks({ marks, instanceId }: { marks: readonly Mark[]; instanceId: string }): ReactElement | null {
  const t = useText();
  const byId = useFleet((state) => state.byId);
  if (marks.length === 0) return null;
  return (
    <ul className={classes.marks} aria-label={t('monitoring.page.marks')}>
      {marks.slice(-most).reverse().map(({ at, kind, severity, text, instanceId: of }, index) => (
        <li key={index}>
          <StatusBadge tone={toneOf(severity)}>{t(`monitoring.page.mark.${kind}`)}</StatusBadge>
          <span>{of === instanceId ? t.message(text) : `${byId.get(of)?.instance.name ?? of}: ${t.message(text)}`}</span>
          <span className={classes.when}><TimeText at={at} /></span>
        </li>
      ))}
      {marks.length > most ? <li className={classes.when}>{t('monitoring.page.marks.more', { n: marks.length - most })}</li> : null}
    </ul>
  );
}
