import { Button, Loader, Modal, NumberInput, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { ReactElement } from 'react';
import type { GtidPlan } from '../../../../shared/domain/operations/gtid-change';
import { isExecutable } from '../../../../shared/domain/tasks/plan';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import type { DialogProps, OverlaySlotProps } from '../../../stores/registry';
import { useNow } from '../../../stores/clock';
import { useInstance, useRegionName } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { useRunningTask } from '../../../stores/tasks';
import { closeDialog } from '../../../stores/ui';
import { RefusalNotice } from '../../../ui/AtWork';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { GtidPlanView } from './GtidPlanView';
import { GtidRun } from './GtidRun';
import classes from './EnableGtid.module.css';

const defaultWatchSeconds = 60;

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
    <Modal opened onClose={busy ? () => undefined : onClose} title={t('gtid.dialog.title', { name })} size={900} closeOnClickOutside={false} closeButtonProps={{ 'aria-label': t('common.close') }}>
      {shown === null ? (
        <Planning instanceId={instanceId} onClose={onClose} onBusy={setBusy} onNamed={setName} onStarted={(taskId, plan) => setShown({ taskId, plan })} />
      ) : (
        <GtidRun taskId={shown.taskId} plan={shown.plan} onClose={onClose} />
      )}
    </Modal>
  );
}

interface PlanningProps {
  readonly instanceId: string;
  readonly onClose: () => void;
  readonly onBusy: (busy: boolean) => void;
  readonly onNamed: (name: string) => void;
  readonly onStarted: (taskId: string, plan: GtidPlan) => void;
}

function Planning({ instanceId, onClose, onBusy, onNamed, onStarted }: PlanningProps): ReactElement {
  const t = useText();
  const now = useNow();
  const [watchSeconds, setWatchSeconds] = useState(defaultWatchSeconds);
  const [plan, setPlan] = useState<GtidPlan | null>(null);
  const [planning, setPlanning] = useState(false);
  const [starting, setStarting] = useState(false);
  const [error, setError] = useState<CallError | null>(null);
  const [word, setWord] = useState('');
  const reading = useRef<AbortController | null>(null);
  const source = useInstance(plan?.sourceId ?? null);
  const region = useRegionName(source?.instance.regionId ?? '');

  const read = async (): Promise<void> => {
    reading.current?.abort();
    const mine = new AbortController();
    reading.current = mine;
    setPlanning(true);
    setError(null);
    const answer = await api.gtid.plan({ instanceId, watchSeconds }, { signal: mine.signal });
    if (mine.signal.aborted) return;
    setPlanning(false);
    setPlan(answer.ok ? answer.value : null);
    if (answer.ok) onNamed(answer.value.sourceName);
    else setError(answer.error);
  };
  useEffect(() => {
    void read();
    return () => reading.current?.abort();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- read once when it opens; later readings are the user's own
  }, []);

  const execute = async (): Promise<void> => {
    if (plan === null) return;
    setStarting(true);
    onBusy(true);
    setError(null);
    const answer = await api.gtid.execute({ planId: plan.id, phrase: word });
    setStarting(false);
    onBusy(false);
    if (answer.ok) onStarted(answer.value.taskId, plan);
    else setError(answer.error);
  };

  const possible = plan !== null && isExecutable(plan);
  const expired = plan !== null && now > plan.expiresAt;
  const ready = possible && !planning && !expired && word === plan.phrase && plan.watchSeconds === watchSeconds;
  return (
    <>
      <div className={classes.body}>
        {planning && plan === null ? (
          <div className={classes.wait} role="status">
            <Loader size="xs" /> {t('gtid.dialog.planning')}
          </div>
        ) : null}
        {plan === null ? null : (
          <>
            <p className={classes.subject}>{t('gtid.dialog.subject', { name: plan.sourceName, region })}</p>
            <RefusalNotice wanted={plan.servers.map(({ instanceId: id }) => ({ instanceId: id }))} />
            <GtidPlanView plan={plan}>
            {possible && plan.steps.some(({ stepId }) => stepId === 'watch') ? (
              <NumberInput
                label={t('gtid.dialog.watch')}
                description={t('gtid.dialog.watch-text')}
                value={watchSeconds}
                min={0}
                max={604_800}
                suffix=" s"
                onChange={(value) => setWatchSeconds(typeof value === 'number' ? value : watchSeconds)}
                onBlur={() => { if (plan.watchSeconds !== watchSeconds) void read(); }}
              />
            ) : null}
            </GtidPlanView>
          </>
        )}
        {expired ? <p role="status">{t('gtid.dialog.expired')}</p> : null}
        {error === null ? null : <ErrorNotice error={error} />}
      </div>
      <div className={classes.foot}>
        {possible ? (
          <TextInput className={classes.word} label={t('common.guard.type', { phrase: plan.phrase ?? '' })} value={word} onChange={(event) => setWord(event.currentTarget.value)} autoComplete="off" spellCheck={false} disabled={starting} />
        ) : null}
        <span className={classes.spring} />
        <Button onClick={() => void read()} loading={planning} disabled={starting}>{t('gtid.dialog.again')}</Button>
        <Button onClick={onClose} disabled={starting} data-autofocus>{possible ? t('common.cancel') : t('common.close')}</Button>
        {possible ? <Button variant="filled" disabled={!ready} loading={starting} onClick={() => void execute()}>{t('gtid.dialog.confirm')}</Button> : null}
      </div>
    </>
  );
}
