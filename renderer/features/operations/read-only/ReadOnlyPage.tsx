import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { permission } from '../../../../shared/domain/fleet/policy';
import type { ReadOnlyView } from '../../../../shared/domain/operations/read-only/read-only';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useFleet, useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import { useHasDialog, type PageProps } from '../../../stores/registry';
import { openDialog, openInstance } from '../../../stores/ui';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconPlus } from '../../../ui/icons';
import { Page } from '../../../ui/Page';
import { Waiting } from '../../../ui/Waiting';
import { FishOut } from './FishOut';
import { Pending } from './Pending';
import { ReadOnlyTable } from './ReadOnlyTable';
import { RunProgress } from './RunProgress';
import classes from './read-only.module.css';

/** The read-only instances of a primary: how far behind each is, which are held back, and what a delayed one still has. */
export function ReadOnlyPage({ page: { instanceId } }: PageProps<'read-only'>): ReactElement {
  const t = useText();
  const view = useInstance(instanceId);
  const canAdd = useHasDialog('add-standby');
  const { list, error, readAgain } = useReadOnly(instanceId);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const name = view?.instance.name ?? t('common.not-known');
  const locked = view === undefined || !permission(view.role, 'read-only-instance').allowed;
  const chosen = list?.find((one) => one.instanceId === chosenId) ?? list?.[0] ?? null;
  const actions = (
    <>
      {canAdd ? (
        <Button variant="filled" leftSection={<IconPlus size={14} />} disabled={locked} onClick={() => openDialog({ kind: 'add-standby', sourceId: instanceId, readOnly: true })}>
          {t('readonly.add')}
        </Button>
      ) : null}
    </>
  );
  return (
    <Page title={t('readonly.title', { name })} actions={actions} back={{ to: name, onBack: () => openInstance(instanceId, 'operations') }}>
      {error === null ? null : <ErrorNotice error={error} onRetry={readAgain} />}
      {list === null ? (error === null ? <Waiting>{t('common.loading')}</Waiting> : null) : null}
      {list?.length === 0 ? <p className={classes.light}>{t('readonly.none')}</p> : null}
      {list === null || list.length === 0 ? null : (
        <ReadOnlyTable list={list} chosenId={chosen?.instanceId ?? null} locked={locked} onChoose={setChosenId} onChanged={readAgain} />
      )}
      {chosen === null ? null : (
        <div key={chosen.instanceId} className={classes.detail}>
          <RunProgress instanceId={chosen.instanceId} />
          <Pending one={chosen} locked={locked} onChanged={readAgain} />
          <FishOut one={chosen} primary={name} locked={locked} />
        </div>
      )}
    </Page>
  );
}

interface ReadOnlyRead {
  readonly list: readonly ReadOnlyView[] | null;
  readonly error: CallError | null;
  readonly readAgain: () => void;
}

/** Read when the page opens, and again with every reading of a replica. */
function useReadOnly(instanceId: string): ReadOnlyRead {
  const sampled = useFleet((state) => state.instances.filter((one) => one.sourceId === instanceId).map(({ facts }) => facts?.sampledAt ?? 0).join(' '));
  const [turn, setTurn] = useState(0);
  const [list, setList] = useState<readonly ReadOnlyView[] | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  useEffect(() => {
    let gone = false;
    void api.readOnly.list({ instanceId }).then((answer) => {
      if (gone) return;
      setError(answer.ok ? null : answer.error);
      if (answer.ok) setList(answer.value);
    });
    return () => void (gone = true);
  }, [instanceId, sampled, turn]);
  return { list, error, readAgain: () => setTurn((one) => one + 1) };
}
