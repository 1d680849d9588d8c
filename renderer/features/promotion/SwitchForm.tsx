import { Checkbox, NumberInput } from '@mantine/core';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import type { ReactElement } from 'react';
import type { InstanceView } from '../../../shared/domain/fleet/view';
import type { PromotionKind, PromotionPlan } from '../../../shared/domain/promotion/promotion';
import { api } from '../../api';
import { useInstance, useRegionName } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { usePlanDraft, type PlanDraft } from '../../stores/plan-draft';
import { useSyncOfStandby } from '../../stores/tasks';
import { closeDialog } from '../../stores/ui';
import { useInTheWay, type WantedLock } from '../../ui/AtWork';
import { PlanForm } from '../../ui/PlanDialog';
import { EventChoices } from './EventChoices';
import { SwitchPlan } from './SwitchPlan';
import classes from './switch.module.css';

interface Options {
  readonly timeoutSeconds: number;
  readonly discardReceived: boolean;
  readonly acceptPartial: boolean;
  readonly acceptSplit: boolean;
  readonly endDelay: boolean;
  readonly enableEvents: string[];
}
const firstOptions: Options = { timeoutSeconds: 30, discardReceived: false, acceptPartial: false, acceptSplit: false, endDelay: false, enableEvents: [] };

interface Props {
  readonly view: InstanceView;
  readonly kind: PromotionKind;
  readonly onBusy: (busy: boolean) => void;
  readonly onStarted: (taskId: string) => void;
}

/** Before a switch: the plan, the choices that it follows from, the word. */
export function SwitchForm({ view, kind, onBusy, onStarted }: Props): ReactElement {
  const t = useText();
  const { id: instanceId, name } = view.instance;
  const region = useRegionName(view.instance.regionId);
  // The source as it was when the dialog opened: after the switch the facts say something else.
  const [sourceId] = useState(view.sourceId);
  const source = useInstance(sourceId);
  const sourceRegion = useRegionName(source?.instance.regionId ?? '');
  const draft = usePlanDraft<PromotionPlan, Options>(firstOptions, {
    read: (options, signal) => api.promotion.plan({ standbyId: instanceId, kind, ...options }, { signal }),
    execute: (order) => api.promotion.execute(order),
    onBusy,
    onStarted,
  });
  // Nothing waits for the old source in an emergency.
  const wanted = kind === 'planned' ? [{ instanceId }, { instanceId: sourceId }] : [{ instanceId }];
  useReadAgainWhenFree(wanted, draft);

  const { plan } = draft;
  const names = { standby: name, region, source: source?.instance.name ?? t('common.not-known'), sourceRegion };
  return (
    <PlanForm
      draft={draft}
      isOutdated={isOutdated(draft)}
      subject={{ text: t(`promotion.dialog.${kind}-subject`, names), wanted }}
      readingText={t('promotion.dialog.planning')}
      phrase={plan?.phrase ?? name}
      confirm={{ label: t(`promotion.dialog.confirm-${kind}`), danger: kind === 'emergency' }}
      onClose={closeDialog}
    >
      {plan === null ? null : <SwitchPlan plan={plan} onCured={() => void draft.read()} />}
      <SwitchOptions instanceId={instanceId} kind={kind} draft={draft} />
    </PlanForm>
  );
}

/** The time limit is read for when its field is left; until then the plan is that of another limit. */
function isOutdated({ plan, options }: PlanDraft<PromotionPlan, Options>): boolean {
  return plan !== null && plan.timeoutSeconds !== options.timeoutSeconds;
}

/** The plan says who is in the way; when they are done it is read again by itself. */
function useReadAgainWhenFree(wanted: readonly WantedLock[], { isStarting, read }: PlanDraft<PromotionPlan, Options>): void {
  const isTaken = useInTheWay(wanted) !== null;
  const wasTaken = useRef(isTaken);
  const readWhenFree = useEffectEvent((taken: boolean) => {
    if (wasTaken.current && !taken && !isStarting) void read();
    wasTaken.current = taken;
  });
  useEffect(() => readWhenFree(isTaken), [isTaken]);
}

function SwitchOptions({ instanceId, kind, draft }: { instanceId: string; kind: PromotionKind; draft: PlanDraft<PromotionPlan, Options> }): ReactElement {
  const t = useText();
  const isPartial = useSyncOfStandby(instanceId)?.spec.scope.kind === 'partial';
  const delay = useInstance(instanceId)?.facts?.channels[0]?.delaySeconds ?? 0;
  const { options, plan } = draft;
  const choose = (change: Partial<Options>): void => void draft.read({ ...options, ...change });
  const isOpen = (id: string): boolean => plan?.preconditions.some((one) => one.id === id && one.status !== 'pass') === true;
  const choice = (name: 'discardReceived' | 'acceptPartial' | 'acceptSplit' | 'endDelay', label: string): ReactElement => (
    <Checkbox label={label} checked={options[name]} onChange={(event) => choose({ [name]: event.currentTarget.checked })} />
  );
  return (
    <div className={classes.options}>
      <NumberInput
        label={t('promotion.dialog.timeout')}
        description={t('promotion.dialog.timeout-text')}
        value={options.timeoutSeconds}
        min={1}
        max={3600}
        suffix={` ${t('common.unit.s')}`}
        w={240}
        onChange={(value) => draft.setOptions({ ...options, timeoutSeconds: typeof value === 'number' ? value : options.timeoutSeconds })}
        onBlur={() => { if (isOutdated(draft)) void draft.read(); }}
      />
      {kind === 'emergency' && delay > 0 ? choice('endDelay', t('promotion.dialog.end-delay', { n: delay })) : null}
      {kind === 'emergency' ? choice('discardReceived', t('promotion.dialog.discard')) : null}
      <EventChoices events={draft.plan?.events ?? []} onChoose={(enableEvents) => choose({ enableEvents })} />
      {isPartial || (kind === 'emergency' && isOpen('filters')) ? choice('acceptPartial', t('promotion.dialog.partial')) : null}
      {kind === 'emergency' && isOpen('split') ? choice('acceptSplit', t('promotion.dialog.split')) : null}
    </div>
  );
}
