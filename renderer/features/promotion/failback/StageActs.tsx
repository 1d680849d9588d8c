import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import type { FailbackView } from '../../../../shared/domain/promotion/failback/failback';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useRegionName, useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { openDialog } from '../../../stores/ui';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { GuardedActionDialog } from '../../../ui/GuardedActionDialog';
import classes from './failback.module.css';
import type { FailbackState } from './useFailback';

type Asked = 'start' | 'other' | 'give-up' | 'erase' | 'undo' | 'unproven' | 'cancel';

/** What the stage asks of the user: one act, and what may be done besides. */
export function StageActs({ view, act }: { view: FailbackView; act: FailbackState['act'] }): ReactElement {
  const t = useText();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [busy, setBusy] = useState(false);
  const { oldId } = view;
  const goOn = async (): Promise<void> => {
    setBusy(true);
    setError(await act(() => api.failback.goOn({ oldId, phrase: null })));
    setBusy(false);
  };
  const main = mainOf(view);
  const order = (): void => {
    if (main === 'go-on') void goOn();
    else if (main === 'switch-back') openDialog({ kind: 'switch', instanceId: oldId, promotion: 'planned' });
    else if (main !== null) setAsked(main);
  };
  return (
    <>
      {error === null ? null : <ErrorNotice error={error} />}
      <div className={classes.acts}>
        {main === null ? null : (
          <Button variant="filled" color={main === 'give-up' || main === 'erase' || main === 'undo' ? 'red' : 'accent'} loading={busy || view.taskId !== null} onClick={order}>
            {t(`failback.act.${main}`)}
          </Button>
        )}
        {view.stage === 'verify' && view.startedAt !== null ? <Button disabled={view.taskId !== null} onClick={() => setAsked('unproven')}>{t('failback.act.unproven')}</Button> : null}
        {view.startedAt === null || view.outcome !== null ? null : (
          <Button variant="subtle" color="gray" disabled={view.taskId !== null} onClick={() => setAsked('cancel')}>{t('failback.act.cancel')}</Button>
        )}
      </div>
      {asked === null ? null : <Word view={view} asked={asked} act={act} onClose={() => setAsked(null)} />}
    </>
  );
}

/** The one act of a stage; null: there is none but to wait. */
function mainOf({ stage, startedAt, outcome, way, isOther }: FailbackView): Exclude<Asked, 'unproven' | 'cancel'> | 'go-on' | 'switch-back' | null {
  if (outcome !== null) return null;
  if (startedAt === null) return stage === 'away' || stage === 'unwatched' ? null : 'start';
  switch (stage) {
    case 'secure':
      return isOther ? 'other' : 'go-on';
    case 'verify':
    case 'verify-forward':
      return 'go-on';
    case 'rejoin':
      return way === null ? null : way === 'follow' ? 'go-on' : way === 'undo' ? 'undo' : 'erase';
    case 'divergent':
      return 'give-up';
    case 'switch-back':
      return 'switch-back';
    case 'away':
    case 'unwatched':
    case 'catch-up':
    case 'done':
      return null;
    default:
      return stage satisfies never;
  }
}

/** The word for an act that cannot be taken back, or that says what is not proven. */
function Word({ view, asked, act, onClose }: { view: FailbackView; asked: Asked; act: FailbackState['act']; onClose: () => void }): ReactElement {
  const t = useText();
  const region = useRegionName(useInstance(view.oldId)?.instance.regionId ?? '');
  const { oldId, oldName: name, successorName: successor, divergence } = view;
  const calls: Record<Asked, (phrase: string) => Promise<CallError | null>> = {
    'start': (phrase) => act(() => api.failback.start({ oldId, phrase, way: null, proofMinutes: view.proofMinutes })),
    'other': (phrase) => act(() => api.failback.goOn({ oldId, phrase })),
    'give-up': (word) => act(() => api.failback.giveUp({ oldId, word })),
    'erase': (phrase) => act(() => api.failback.goOn({ oldId, phrase })),
    'undo': (phrase) => act(() => api.failback.goOn({ oldId, phrase })),
    'cancel': (phrase) => act(() => api.failback.cancel({ oldId, phrase })),
    'unproven': async () => {
      openDialog({ kind: 'switch', instanceId: oldId, promotion: 'planned' });
      return null;
    },
  };
  const phrase = asked === 'give-up' ? (divergence?.word ?? '') : asked === 'unproven' ? `${name} unproven` : name;
  return (
    <GuardedActionDialog
      title={t(`failback.word.${asked}.title`, { name, successor })}
      subject={t('common.confirm-what', { name, region })}
      phrase={phrase}
      danger={asked === 'give-up' || asked === 'erase' || asked === 'undo' || asked === 'unproven'}
      confirmLabel={t(`failback.act.${asked}`)}
      onClose={onClose}
      onConfirm={async (typed) => {
        const failed = await calls[asked](typed);
        if (failed === null) onClose();
        return failed;
      }}
    >
      {t(`failback.word.${asked}.text`, { name, successor, n: divergence?.count ?? 0 })}
    </GuardedActionDialog>
  );
}
