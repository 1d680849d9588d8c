import type { ReactElement } from 'react';
import { failbackWay as way, isOnWay, type FailbackView } from '../../../../shared/domain/promotion/failback/failback';
import { useText } from '../../../stores/language';
import { IconArrowRight, IconCircleCheckFilled, IconCircleDashed } from '../../../ui/icons';
import { TimeText } from '../../../ui/TimeText';
import classes from './failback.module.css';

/** Where the way home stands: what is behind, what is now, what is to come. */
export function StageRail({ view }: { view: FailbackView }): ReactElement {
  const t = useText();
  const now = way.indexOf([view.stage, ...view.reached.map(({ stage }) => stage).reverse()].find(isOnWay) ?? 'secure');
  return (
    <ol className={classes.rail} aria-label={t('failback.page.stages')}>
      {way.map((stage, index) => {
        const state = index < now || view.stage === 'done' ? 'past' : index === now ? 'now' : 'ahead';
        const at = view.reached.find((one) => one.stage === stage)?.at;
        const Icon = state === 'past' ? IconCircleCheckFilled : state === 'now' ? IconArrowRight : IconCircleDashed;
        return (
          <li key={stage} data-state={state} aria-current={state === 'now' ? 'step' : undefined}>
            <Icon size={16} aria-hidden />
            <span>{t(`failback.rail.${stage}`)}</span>
            <span className={classes.at}>{at === undefined || state === 'ahead' ? null : <TimeText at={at} show="clock" />}</span>
          </li>
        );
      })}
    </ol>
  );
}
