import { NumberInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { GtidPlan } from '../../../../shared/domain/operations/gtid-change';
import { isExecutable } from '../../../../shared/domain/tasks/plan';
import { api } from '../../../api';
import type { DialogProps, OverlaySlotProps } from '../../../stores/registry';
import { useInstance, useRegionName } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { usePlanDraft, type PlanDraft } from '../../../stores/plan-draft';
import { useRunningTask } from '../../../stores/tasks';
import { closeDialog } from '../../../stores/ui';
import { FormModal } from '../../../ui/FormModal';
import { PlanForm } from '../../../ui/PlanDialog';
import { GtidPlanView } from './GtidPlanView';
import { GtidRun } from './GtidRun';

/** The dialog by itself, from an instance's page. */
export function EnableGtidDialog({ dialog }: DialogProps<'enable-gtid'>): ReactElement | null {
  return <EnableGtid instanceId={dialog.instanceId} onClose={closeDialog} />;
}

/**
 * Turning GTIDs on for a topology: what would be done on each server, or why it cannot be; the word; then the steps with
 * their times take the form's place. Opened while such a change runs, it shows that one.
 */
export function EnableGtid({ instanceId, onClose }: OverlaySlotProps): ReactElement | null {
  const t = useText();
  const view = useInstance(instanceId);
  const running = useRunningTask('gtid-change', instanceId);
  const [shown, setShown] = useState<{ taskId: string; plan: GtidPlan | null } | null>(null);
  const [name, setName] = useState(view?.instance.name ?? '');
  const [busy, setBusy] = useState(false);
  // Whoever started it, and whenever the window hears of it; what ends meanwhile stays shown.
  if (shown === null && running !== undefined) {
    setShown({ taskId: running.id, plan: null });
    setName(running.name);
  }
  if (view === undefined) return null;
  return (
    <FormModal title={t('gtid.dialog.title', { name })} size={900} busy={busy} {...(shown === null ? {} : { dirty: false })} onClose={onClose}>
      {shown === null ? (
        <Planning instanceId={instanceId} onClose={onClose} onBusy={setBusy} onNamed={setName} onStarted={(taskId, plan) => setShown({ taskId, plan })} />
      ) : (
        <GtidRun taskId={shown.taskId} plan={shown.plan} onClose={onClose} />
      )}
    </FormModal>
  );
}

interface Options {
  readonly watchSeconds: number;
}
const firstOptions: Options = { watchSeconds: 60 };

interface PlanningProps {
  readonly instanceId: string;
  readonly onClose: () => void;
  readonly onBusy: (busy: boolean) => void;
  readonly onNamed: (name: string) => void;
  readonly onStarted: (taskId: string, plan: GtidPlan) => void;
}

/** Before the change: the plan, or why there can be none; the choice; the word. */
function Planning({ instanceId, onClose, onBusy, onNamed, onStarted }: PlanningProps): ReactElement {
  const t = useText();
  const draft = usePlanDraft<GtidPlan, Options>(firstOptions, {
    read: (options, signal) => api.gtid.plan({ instanceId, ...options }, { signal }),
    execute: (order) => api.gtid.execute(order),
    onRead: (plan) => onNamed(plan.sourceName),
    onBusy,
    onStarted,
  });
  const { plan } = draft;
  const source = useInstance(plan?.sourceId ?? null);
  const region = useRegionName(source?.instance.regionId ?? '');
  const isPossible = plan !== null && isExecutable(plan);
  return (
    <PlanForm
      draft={draft}
      isOutdated={isOutdated(draft)}
      subject={plan === null ? null : { text: t('gtid.dialog.subject', { name: plan.sourceName, region }), wanted: plan.servers.map((server) => ({ instanceId: server.instanceId })) }}
      readingText={t('gtid.dialog.planning')}
      phrase={isPossible ? plan.phrase : null}
      confirm={{ label: t('gtid.dialog.confirm') }}
      onClose={onClose}
    >
      {plan === null ? null : (
        <GtidPlanView plan={plan}>
          {isPossible && plan.steps.some(({ stepId }) => stepId === 'watch') ? <WatchTime draft={draft} /> : null}
        </GtidPlanView>
      )}
    </PlanForm>
  );
}

/** The time is read for when its field is left; until then the plan is that of another time. */
function isOutdated({ plan, options }: PlanDraft<GtidPlan, Options>): boolean {
  return plan !== null && plan.watchSeconds !== options.watchSeconds;
}

function WatchTime({ draft }: { draft: PlanDraft<GtidPlan, Options> }): ReactElement {
  const t = useText();
  const { watchSeconds } = draft.options;
  return (
    <NumberInput
      label={t('gtid.dialog.watch')}
      description={t('gtid.dialog.watch-text')}
      value={watchSeconds}
      min={0}
      max={604_800}
      suffix={` ${t('common.unit.s')}`}
      onChange={(value) => draft.setOptions({ watchSeconds: typeof value === 'number' ? value : watchSeconds })}
      onBlur={() => { if (isOutdated(draft)) void draft.read(); }}
    />
  );
}
