import type { ReactElement, ReactNode } from 'react';
import { isExecutable, type Precondition } from '../../shared/domain/tasks/plan';
import { useText } from '../stores/language';
import { Fold } from './Fold';
import { StatusBadge, StatusIcon, type Tone } from './StatusBadge';
import classes from './Preconditions.module.css';

type Status = Precondition['status'];
const tones: Record<Status, Tone> = { pass: 'good', warn: 'warn', fail: 'bad' };
const rank: Record<Status, number> = { fail: 0, warn: 1, pass: 2 };

/**
 * What was checked for a plan: counts, and opened, each with what was measured; failing first, and open where any fails.
 * `more`: what else is shown with one. `warnsOpen`: open where any is worth a look, too.
 */
export function Preconditions({ preconditions, more, warnsOpen = false }: {
  preconditions: readonly Precondition[];
  more?: (one: Precondition) => ReactNode;
  warnsOpen?: boolean;
}): ReactElement {
  const isOpen = !isExecutable({ preconditions }) || (warnsOpen && preconditions.some(({ status }) => status === 'warn'));
  const t = useText();
  return (
    <Fold title={t('common.plan.preconditions')} open={isOpen} aside={<Counts preconditions={preconditions} />}>
      <ul className={classes.list}>
        {[...preconditions].sort((a, b) => rank[a.status] - rank[b.status]).map((one) => (
          <li key={one.id} className={classes.one}>
            <StatusIcon tone={tones[one.status]} />
            <span className={classes.text}>
              <b className={classes.what}>{t.message(one.title)}</b>
              <span className={classes.measured}>
                {t.message(one.measured)}
                {one.remedy === null || one.status === 'pass' ? null : <span className={classes.remedy}>{t.message(one.remedy)}</span>}
                {more?.(one)}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </Fold>
  );
}

function Counts({ preconditions }: { preconditions: readonly Precondition[] }): ReactElement {
  const t = useText();
  const count = (status: Status): number => preconditions.filter((one) => one.status === status).length;
  return (
    <>
      {count('pass') === 0 ? null : <StatusBadge tone="good" plain>{t('common.plan.preconditions-pass', { n: count('pass') })}</StatusBadge>}
      {count('warn') === 0 ? null : <StatusBadge tone="warn" plain>{t('common.plan.preconditions-warn', { n: count('warn') })}</StatusBadge>}
      {count('fail') === 0 ? null : <StatusBadge tone="bad" plain>{t('common.plan.preconditions-fail', { n: count('fail') })}</StatusBadge>}
    </>
  );
}
