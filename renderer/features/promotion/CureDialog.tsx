import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { cureCommandOf, cureId, type Cure } from '../../../shared/domain/promotion/cure';
import type { CurePlan } from '../../../shared/domain/promotion/cure-plan';
import type { PromotionPlan } from '../../../shared/domain/promotion/promotion';
import { isExecutable } from '../../../shared/domain/tasks/plan';
import { api } from '../../api';
import type { CallError } from '../../api';
import { useInstance, useRegionName } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { CopyText } from '../../ui/CopyText';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { GuardedActionDialog } from '../../ui/GuardedActionDialog';
import { SqlBlock } from '../../ui/SqlBlock';
import { StatusIcon } from '../../ui/StatusBadge';
import { Waiting } from '../../ui/Waiting';
import classes from './switch.module.css';

interface Props {
  readonly plan: PromotionPlan;
  readonly cure: Cure;
  readonly onClose: () => void;
  /** The obstacle is gone, by what the server said afterwards. */
  readonly onCured: () => void;
}

/** Takes away one obstacle to a switch, over its dialog: what is there now, what will run, the word where somebody loses by it. */
export function CureDialog({ plan: { id, standbyId, promotionKind }, cure, onClose, onCured }: Props): ReactElement {
  const t = useText();
  const server = useInstance(cure.instanceId)?.instance;
  const standby = useInstance(standbyId)?.instance.name ?? standbyId;
  const region = useRegionName(server?.regionId ?? '');
  const name = server?.name ?? cure.instanceId;
  const { plan, error } = useCurePlan(id, cureId(cure));
  const command = cureCommandOf(cure, { standby, server: name, kind: promotionKind });
  return (
    <GuardedActionDialog
      title={t(`promotion.cure.${cure.kind}`, { server: name })}
      subject={t('promotion.cure.subject', { server: name, region })}
      phrase={plan?.phrase ?? null}
      confirmLabel={t(`promotion.cure.${cure.kind}`, { server: name })}
      danger={plan?.phrase != null}
      blocked={plan === null || !isExecutable(plan)}
      size={620}
      onClose={onClose}
      onConfirm={async (phrase) => {
        const answer = await api.promotion.cure({ planId: plan?.id ?? '', phrase });
        if (!answer.ok) return answer.error;
        onCured();
        return null;
      }}
    >
      {plan === null && error === null ? <Waiting>{t('promotion.cure.reading', { server: name })}</Waiting> : null}
      {error === null ? null : <ErrorNotice error={error} />}
      {plan === null ? null : <CureFound plan={plan} />}
      <div>
        <div className={classes.remedy}>{t('promotion.cure.command')}</div>
        <CopyText value={command} what={t('promotion.cure.command')} />
      </div>
    </GuardedActionDialog>
  );
}

function CureFound({ plan }: { plan: CurePlan }): ReactElement {
  const t = useText();
  return (
    <>
      {plan.preconditions.map((one) => (
        <div key={one.id} className={classes.warning}>
          <StatusIcon tone={one.status === 'pass' ? 'calm' : 'bad'} />
          <span className={classes.found}>
            <b>{t('promotion.cure.found')}</b> {t.message(one.measured)}
            {one.remedy === null ? null : <span className={classes.remedy}>{t.message(one.remedy)}</span>}
          </span>
        </div>
      ))}
      {plan.warnings.map((warning) => <div key={warning.key} className={classes.warning}><StatusIcon tone="warn" /> {t.message(warning)}</div>)}
      <div>
        <div className={classes.remedy}>{t('promotion.cure.runs')}</div>
        {plan.steps.map((step) => <SqlBlock key={step.id} statements={step.sql} />)}
      </div>
    </>
  );
}

/** The obstacle as its server is now, read once: when the word was typed the engine reads it again. */
function useCurePlan(planId: string, id: string): { readonly plan: CurePlan | null; readonly error: CallError | null } {
  const [plan, setPlan] = useState<CurePlan | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    void api.promotion.planCure({ planId, cureId: id }, { signal: stop.signal }).then((answer) => {
      if (stop.signal.aborted) return;
      if (answer.ok) setPlan(answer.value);
      else setError(answer.error);
    });
    return () => stop.abort();
  }, [planId, id]);
  return { plan, error };
}
