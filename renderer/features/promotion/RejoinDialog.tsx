import { Button, Modal } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { onlyHere } from '../../../shared/domain/analysis/only-here';
import { fenceOf, roleMessage } from '../../../shared/domain/analysis/standing';
import { api } from '../../api';
import type { CallError } from '../../api';
import { useNow } from '../../stores/clock';
import { putInstance, useInstance, useRegionName } from '../../stores/fleet';
import { useText } from '../../stores/language';
import { useHasDialog, type DialogProps } from '../../stores/registry';
import { useStandingClock } from '../../stores/standing';
import { closeDialog, go, openDialog } from '../../stores/ui';
import { GtidText } from '../../ui/CopyText';
import { DialogFoot } from '../../ui/DialogFoot';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { formatAgo } from '../../ui/format';
import { ProblemActButton } from '../../ui/ProblemAct';
import { StatusBadge } from '../../ui/StatusBadge';
import classes from './switch.module.css';

/**
 * An old primary becomes a standby of its successor by being seeded anew. What only it holds is read and shown first; the
 * wizard asks for the word before anything is erased, and the fence stays until the new link stands.
 */
export function RejoinDialog({ dialog }: DialogProps<'rejoin'>): ReactElement | null {
  const t = useText();
  const now = useNow();
  const clock = useStandingClock();
  const view = useInstance(dialog.instanceId);
  const successorId = view?.instance.intent.kind === 'fenced' ? view.instance.intent.successorId : null;
  const successor = useInstance(successorId);
  const region = useRegionName(view?.instance.regionId ?? '');
  const canSeed = useHasDialog('create-sync');
  const error = useReadAgain(dialog.instanceId, successorId);
  if (view === undefined || successorId === null) return null;
  const fence = fenceOf(view, clock);
  const only = onlyHere(view, successor);
  const names = { name: view.instance.name, successor: successor?.instance.name ?? t('common.not-known') };
  const ago = only === null ? '' : formatAgo(t, only.at, now);
  return (
    <Modal opened onClose={closeDialog} title={t('rejoin.title', names)} size={680} closeOnClickOutside={false} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <div className={classes.rejoin}>
        <p className={classes.subject}>{t('common.confirm-what', { name: names.name, region })}</p>
        <p>{t('rejoin.text', names)}</p>
        <StatusBadge tone={fence === 'closed' ? 'good' : fence === 'open' ? 'bad' : 'warn'}>{t.message(roleMessage(view, clock))}</StatusBadge>
        {fence === 'open' ? <div className={classes.blocker}><span>{t('rejoin.not-fenced', names)}</span><ProblemActButton act={{ kind: 'fence', instanceId: view.instance.id }} /></div> : null}
        <div className={classes.band} data-danger={only === null || only.count > 0 || undefined}>
          <div>
            <div>{t('rejoin.only-here', names)}</div>
            <StatusBadge tone={only === null ? 'mute' : only.count > 0 ? 'bad' : 'good'}>
              {only === null ? t('rejoin.unknown', names) : t('rejoin.count', { n: only.count })}
            </StatusBadge>
            {only === null || only.count === 0 ? null : <GtidText set={only.set} what={t('rejoin.copy-set')} />}
          </div>
          {only === null ? null : <p className={classes.bandText}>{t(only.count > 0 ? 'rejoin.count-note' : 'rejoin.nothing-note', { ...names, ago })}</p>}
        </div>
        {error === null ? null : <ErrorNotice error={error} />}
      </div>
      <DialogFoot apart>
        <Button onClick={closeDialog} data-autofocus>{t('common.cancel')}</Button>
        {only === null || only.count === 0 ? null : (
          <Button onClick={() => { closeDialog(); go({ id: 'dossier', instanceId: view.instance.id }); }}>{t('dossier.open')}</Button>
        )}
        <Button
          variant="filled"
          color="red"
          disabled={!canSeed || only === null || fence === 'open'}
          onClick={() => openDialog({ kind: 'create-sync', sourceId: successorId, standbyId: view.instance.id })}
        >
          {t('rejoin.go-on')}
        </Button>
      </DialogFoot>
    </Modal>
  );
}

/** Reads the old primary, then its successor: the difference is of this moment. */
function useReadAgain(oldId: string, successorId: string | null): CallError | null {
  const [error, setError] = useState<CallError | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      for (const id of [oldId, successorId]) {
        if (id === null) continue;
        const answer = await api.fleet.refresh({ id }, { signal: stop.signal });
        if (stop.signal.aborted) return;
        if (answer.ok) putInstance(answer.value);
        else setError(answer.error);
      }
    };
    void read();
    return () => stop.abort();
  }, [oldId, successorId]);
  return error;
}
