import type { ReactElement } from 'react';
import { actForPrecondition } from '../../../shared/domain/promotion/precondition-act';
import type { PromotionPlan } from '../../../shared/domain/promotion/promotion';
import type { Precondition } from '../../../shared/domain/tasks/plan';
import { useInstance } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { useFeatures } from '../../stores/registry';
import { ProblemActButton } from '../../ui/ProblemAct';
import { StatusBadge, StatusIcon } from '../../ui/StatusBadge';
import { CureButtons } from './CureButtons';
import classes from './switch.module.css';

/** What keeps a plan from running, said first, each with its remedy and the button that does it where there is one. */
export function SwitchBlocked({ plan, failing, onCured }: { plan: PromotionPlan; failing: readonly Precondition[]; onCured: () => void }): ReactElement | null {
  const t = useText();
  if (failing.length === 0) return null;
  return (
    <section className={classes.blocked} role="alert">
      <StatusBadge tone="bad">{t('incident.plan-blocked', { n: failing.length })}</StatusBadge>
      <ul className={classes.lines}>
        {failing.map((one) => <Blocked key={one.id} one={one} plan={plan} onCured={onCured} />)}
      </ul>
    </section>
  );
}

function Blocked({ one, plan, onCured }: { one: Precondition; plan: PromotionPlan; onCured: () => void }): ReactElement {
  const t = useText();
  const standby = useInstance(plan.standbyId);
  const Cure = useFeatures().slots.problemCure;
  const act = standby === undefined ? null : actForPrecondition(one.id, plan.promotionKind, standby);
  const problem = act?.kind === 'sync' ? standby?.problems.find(({ code }) => code === `${one.id}-stopped`) : undefined;
  return (
    <li className={classes.blocker}>
      <StatusIcon tone="bad" />
      <span>
        <b>{t('incident.plan-unmet', { title: t.message(one.title) })}</b> {t.message(one.measured)}
        {one.remedy === null ? null : <span className={classes.remedy}>{t.message(one.remedy)}</span>}
        {problem === undefined || Cure === undefined ? null : <Cure instanceId={plan.standbyId} problem={problem} />}
        <CureButtons plan={plan} cures={one.cures ?? []} onCured={onCured} />
      </span>
      {act === null ? null : <ProblemActButton act={act} />}
    </li>
  );
}
