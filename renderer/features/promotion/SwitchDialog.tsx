import { Button, Checkbox, Loader, Modal, NumberInput, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { ReactElement } from 'react';
import { isExecutable } from '../../../shared/domain/tasks/plan';
import type { PromotionPlan } from '../../../shared/domain/promotion/promotion';
import { api } from '../../api';
import type { CallError } from '../../api';
import type { DialogProps } from '../../stores/registry';
import { useNow } from '../../stores/clock';
import { useInstance, useRegionName } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { useSyncOfStandby } from '../../stores/tasks';
import { closeDialog } from '../../stores/ui';
import { RefusalNotice, useInTheWay } from '../../ui/AtWork';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { SwitchPlan } from './SwitchPlan';
import { SwitchRun } from './SwitchRun';
import classes from './SwitchDialog.module.css';

interface Options {
  readonly timeoutSeconds: number;
  readonly discardReceived: boolean;
  readonly acceptPartial: boolean;
}

/**
 * Switch to primary (S16, B1): what will be done and what is at risk, read from the servers; the word; then the steps
 * with their times take the form's place. Cancel is the default.
 */
export function SwitchDialog({ dialog }: DialogProps<'switch'>): ReactElement | null {
  const t = useText();
  const { instanceId, promotion: kind } = dialog;
  const view = useInstance(instanceId);
  const region = useRegionName(view?.instance.regionId ?? '');
  // The source as it was when the dialog opened: after the switch the facts say something else.
  const [sourceId] = useState(view?.sourceId ?? null);
  const source = useInstance(sourceId);
  const sourceRegion = useRegionName(source?.instance.regionId ?? '');
  const partial = useSyncOfStandby(instanceId)?.spec.scope.kind === 'partial';
  const now = useNow();
  const [options, setOptions] = useState<Options>({ timeoutSeconds: 30, discardReceived: false, acceptPartial: false });
  const [plan, setPlan] = useState<PromotionPlan | null>(null);
  const [planning, setPlanning] = useState(false);
  const [error, setError] = useState<CallError | null>(null);
  const [word, setWord] = useState('');
  const [starting, setStarting] = useState(false);
  const [taskId, setTaskId] = useState<string | null>(null);
  const reading = useRef<AbortController | null>(null);

  const read = async (next: Options): Promise<void> => {
    reading.current?.abort();
    const mine = new AbortController();
    reading.current = mine;
    setPlanning(true);
    setError(null);
    const answer = await api.promotion.plan({ standbyId: instanceId, kind, ...next }, { signal: mine.signal });
    if (mine.signal.aborted) return;
    setPlanning(false);
    if (answer.ok) setPlan(answer.value);
    else {
      setPlan(null);
      setError(answer.error);
    }
  };
  useEffect(() => {
    void read(options);
    return () => reading.current?.abort();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- read once when it opens; later readings are the user's own
  }, []);
  // The plan says who is in the way; when they are done it is read again by itself.
  const wanted = kind === 'planned' ? [{ instanceId }, { instanceId: sourceId }] : [{ instanceId }];
  const taken = useInTheWay(wanted) !== null;
  const wasTaken = useRef(taken);
  useEffect(() => {
    if (wasTaken.current && !taken && taskId === null && !starting) void read(options);
    wasTaken.current = taken;
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only where others come and go
  }, [taken]);
  const choose = (change: Partial<Options>): void => {
    const next = { ...options, ...change };
    setOptions(next);
    void read(next);
  };

  if (view === undefined) return null;
  const { name } = view.instance;
  const expired = plan !== null && now > plan.expiresAt;
  const ready = plan !== null && isExecutable(plan) && !planning && !expired && word === (plan.phrase ?? name);
  const execute = async (): Promise<void> => {
    if (plan === null) return;
    setStarting(true);
    setError(null);
    const answer = await api.promotion.execute({ planId: plan.id, phrase: word });
    setStarting(false);
    if (answer.ok) setTaskId(answer.value.taskId);
    else setError(answer.error);
  };

  const names = { standby: name, region, source: source?.instance.name ?? t('common.not-known'), sourceRegion };
  return (
    <Modal
      opened
      onClose={starting ? () => undefined : closeDialog}
      title={t(`promotion.dialog.${kind}`, { name })}
      size={860}
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {taskId !== null ? (
        <SwitchRun taskId={taskId} kind={kind} instanceId={instanceId} phrase={name} />
      ) : (
        <>
          <div className={classes.body}>
            <p className={classes.subject}>{t(`promotion.dialog.${kind}-subject`, names)}</p>
            <RefusalNotice wanted={wanted} />
            {planning && plan === null ? (
              <div className={classes.wait} role="status">
                <Loader size="xs" /> {t('promotion.dialog.planning')}
              </div>
            ) : null}
            {plan === null ? null : <SwitchPlan plan={plan} />}
            <div className={classes.options}>
              <NumberInput
                label={t('promotion.dialog.timeout')}
                description={t('promotion.dialog.timeout-text')}
                value={options.timeoutSeconds}
                min={1}
                max={3600}
                suffix=" s"
                w={240}
                onChange={(value) => setOptions({ ...options, timeoutSeconds: typeof value === 'number' ? value : options.timeoutSeconds })}
                onBlur={() => { if (plan !== null && plan.timeoutSeconds !== options.timeoutSeconds) void read(options); }}
              />
              {kind === 'emergency' ? <Checkbox label={t('promotion.dialog.discard')} checked={options.discardReceived} onChange={(event) => choose({ discardReceived: event.currentTarget.checked })} /> : null}
              {partial ? <Checkbox label={t('promotion.dialog.partial')} checked={options.acceptPartial} onChange={(event) => choose({ acceptPartial: event.currentTarget.checked })} /> : null}
            </div>
            {expired ? <p role="status">{t('promotion.dialog.expired')}</p> : null}
            {error === null ? null : <ErrorNotice error={error} />}
          </div>
          <div className={classes.foot}>
            <TextInput
              className={classes.word}
              label={t('common.guard.type', { phrase: name })}
              value={word}
              onChange={(event) => setWord(event.currentTarget.value)}
              autoComplete="off"
              spellCheck={false}
              disabled={starting}
            />
            <span className={classes.spring} />
            <Button onClick={() => void read(options)} loading={planning} disabled={starting}>{t('promotion.dialog.again')}</Button>
            <Button onClick={closeDialog} disabled={starting} data-autofocus>{t('common.cancel')}</Button>
            <Button variant="filled" color={kind === 'emergency' ? 'red' : 'accent'} disabled={!ready} loading={starting} onClick={() => void execute()}>
              {t(`promotion.dialog.confirm-${kind}`)}
            </Button>
          </div>
        </>
      )}
    </Modal>
  );
}
