import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import type { Recoverable } from '../../../shared/contract/methods';
import { api } from '../../api';
import type { CallError } from '../../api';
import { useText } from '../../stores/language';
import { useSettings } from '../../stores/settings';
import { useTasks } from '../../stores/tasks';
import { openDialog } from '../../stores/ui';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { StatusIcon } from '../../ui/StatusBadge';
import { PendingPromotions } from '../promotion/PendingPromotions';
import classes from './AttentionBanner.module.css';

/** Above every page: operations that were interrupted with the way on or back, promotions to acknowledge, a shut vault. */
export function AttentionBanner(): ReactElement {
  const t = useText();
  const locked = useSettings((state) => state.secrets?.locked === true);
  return (
    <>
      {locked ? (
        <div className={classes.banner} role="status">
          <StatusIcon tone="warn" size={16} />
          <span className={classes.text}><b>{t('settings.secrets.locked')}</b></span>
          <Button onClick={() => openDialog({ kind: 'unlock-vault' })}>{t('settings.secrets.unlock')}</Button>
        </div>
      ) : null}
      <Interrupted />
      <PendingPromotions />
    </>
  );
}

const againMs = 10_000;

function Interrupted(): ReactElement | null {
  const t = useText();
  // Asked for again whenever the set of interrupted tasks changes.
  const interrupted = useTasks((state) => [...state.tasks.values()].filter((task) => task.state === 'interrupted').map((task) => task.id).join(' '));
  const [list, setList] = useState<readonly Recoverable[]>([]);
  const [error, setError] = useState<CallError | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  // What a shut vault kept from being read can be read once it is open.
  const locked = useSettings((state) => state.secrets?.locked === true);
  useEffect(() => {
    if (interrupted === '') return setList([]);
    const stop = new AbortController();
    void api.tasks.recoverable(undefined, { signal: stop.signal }).then((answer) => {
      if (stop.signal.aborted) return;
      setError(answer.ok ? null : answer.error);
      if (answer.ok) setList(answer.value);
    });
    return () => stop.abort();
  }, [interrupted, locked, attempt]);
  // A server that was away comes back by itself: where a task cannot be judged or must not go on, it is looked at again.
  useEffect(() => {
    if (!list.some(({ verdict }) => verdict === 'needs-attention')) return;
    const timer = setTimeout(() => setAttempt((before) => before + 1), againMs);
    return () => clearTimeout(timer);
  }, [list]);

  const act = async (id: string, action: 'resume' | 'undo'): Promise<void> => {
    setBusy(id);
    setError(null);
    const answer = await api.tasks[action]({ id });
    setBusy(null);
    if (!answer.ok) setError(answer.error);
  };
  if (list.length === 0 && error === null) return null;
  return (
    <>
      {list.map(({ task, verdict, text }) => (
        <div key={task.id} className={classes.banner} role="alert">
          <StatusIcon tone="warn" size={16} />
          <span className={classes.text}>
            <b>{t('tasks.recovery.title')}: {task.name}</b> {t.message(text)}
          </span>
          {verdict === 'needs-attention' ? <Button onClick={() => setAttempt((before) => before + 1)}>{t('common.retry')}</Button> : null}
          {verdict === 'can-undo' || verdict === 'can-resume' ? <Button disabled={busy !== null} onClick={() => void act(task.id, 'undo')}>{t('tasks.undo')}</Button> : null}
          {verdict === 'can-resume' || verdict === 'finished' ? <Button variant="filled" loading={busy === task.id} disabled={busy !== null} onClick={() => void act(task.id, 'resume')}>{t('tasks.goOn')}</Button> : null}
        </div>
      ))}
      {error === null ? null : <ErrorNotice error={error} />}
    </>
  );
}
