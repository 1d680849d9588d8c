import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { cureId, type Cure } from '../../../shared/domain/promotion/cure';
import type { PromotionPlan } from '../../../shared/domain/promotion/promotion';
import type { Translator } from '../../../shared/i18n/translate';
import { useText } from '../../stores/language';
import { useSyncOfStandby } from '../../stores/tasks';
import { CureDialog } from './CureDialog';
import classes from './switch.module.css';

interface Props {
  readonly plan: PromotionPlan;
  readonly cures: readonly Cure[];
  /** Something was taken away: the plan is not what it was. */
  readonly onCured: () => void;
}

/** What the program can do about a precondition, a button each. A link that a sync task owns is started by that task, beside its problem. */
export function CureButtons({ plan, cures, onCured }: Props): ReactElement | null {
  const t = useText();
  const isOwned = useSyncOfStandby(plan.standbyId) !== undefined;
  const [open, setOpen] = useState<Cure | null>(null);
  const offered = cures.filter(({ kind }) => kind !== 'start-thread' || !isOwned);
  if (offered.length === 0) return null;
  return (
    <span className={classes.cures}>
      {offered.map((cure) => <Button key={cureId(cure)} variant="default" onClick={() => setOpen(cure)}>{labelOf(t, cure)}</Button>)}
      {open === null ? null : (
        <CureDialog
          plan={plan} cure={open} onClose={() => setOpen(null)}
          onCured={() => {
            setOpen(null);
            onCured();
          }}
        />
      )}
    </span>
  );
}

function labelOf(t: Translator, cure: Cure): string {
  switch (cure.kind) {
    case 'end-session':
      return t('promotion.cure.button.end-session', { id: cure.connectionId, user: cure.user });
    case 'turn-off':
      return t('promotion.cure.button.turn-off', { variable: cure.variable });
    case 'align':
      return t('promotion.cure.button.align', { n: cure.settings.length });
    case 'end-delay':
      return t('promotion.cure.button.end-delay');
    case 'start-thread':
      return t('promotion.cure.button.start-thread', { thread: cure.thread });
    default:
      return cure satisfies never;
  }
}
