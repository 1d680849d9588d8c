import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { isUnresolved, type Recoverable, type TaskView } from '../../../shared/domain/tasks/task';
import { api } from '../../api';
import type { CallError } from '../../api';
import { useText } from '../../stores/language';
import { useSettings } from '../../stores/settings';
import { useTasks } from '../../stores/tasks';
import { AttentionBanner } from '../../ui/AttentionBanner';
import { ErrorNotice } from '../../ui/ErrorNotice';
import { GuardedActionDialog } from '../../ui/GuardedActionDialog';
import { TimeText } from '../../ui/TimeText';
import classes from './InterruptedTasks.module.css';

const againMs = 10_000;

/** Operations that were interrupted, with the way on or back. */
export function InterruptedTasks(): ReactElement {
  // Asked for again whenever a task is left half-way, is resolved, or could not be resolved for another reason.
  const unresolved = useTasks((state) =>
    [...state.tasks.values()].filter(isUnresolved).map(({ id, state: now, error }) => `${id} ${now} ${error?.code ?? ''}`).join('\n'));
  const [list, setList] = useState<readonly Recoverable[]>([]);
  const [unread, setUnread] = useState<CallError | null>(null);
  const [refused, setRefused] = useState<CallError | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  // What a shut vault kept from being read can be read once it is open.
  const locked = useSettings((state) => state.secrets?.locked === true);
  useEffect(() => {
    setRefused(null);
  }, [unresolved]);
  useEffect(() => {
    if (unresolved === '') {
      setUnread(null);
      return setList([]);
    }
    const stop = new AbortController();
    void api.tasks.recoverable(undefined, { signal: stop.signal }).then((answer) => {
      if (stop.signal.aborted) return;
      setUnread(answer.ok ? null : answer.error);
      if (answer.ok) setList(answer.value);
    });
    return () => stop.abort();
  }, [unresolved, locked, attempt]);
  // A server that was away comes back by itself: where a task cannot be judged or must not go on, it is looked at again.
  useEffect(() => {
    if (!list.some(({ verdict }) => verdict === 'needs-attention')) return;
    const timer = setTimeout(() => setAttempt((before) => before + 1), againMs);
    return () => clearTimeout(timer);
  }, [list]);

  const act = async (id: string, action: 'resume' | 'undo'): Promise<void> => {
    setBusy(id);
    setRefused(null);
    const answer = await api.tasks[action]({ id });
    setBusy(null);
    if (!answer.ok) setRefused(answer.error);
  };
  return (
    <>
      {list.map((one) => (
        <Unresolved
          key={one.task.id} one={one} busy={busy}
          onAct={(action) => void act(one.task.id, action)}
          onRetry={() => setAttempt((before) => before + 1)}
        />
      ))}
      {[unread, refused].map((error, index) => (error === null ? null : <ErrorNotice key={index} error={error} />))}
    </>
  );
}

/** One task that was left half-way: where it stands, what kept it from going on or back the last time, and the ways out. */
function Unresolved({ one: { task, verdict, text, holders, phrase }, busy, onAct, onRetry }: {
  one: Recoverable;
  busy: string | null;
  onAct: (action: 'resume' | 'undo') => void;
  onRetry: () => void;
}): ReactElement {
  const t = useText();
  const [byHand, setByHand] = useState(false);
  const goesBack = verdict === 'can-undo' || verdict === 'can-resume';
  const goesOn = verdict === 'can-resume' || verdict === 'finished';
  return (
    <>
      <AttentionBanner role="alert" text={<><b>{t('tasks.recovery.title')}: {task.name}</b> {t.message(text)}</>}>
        <Button variant="subtle" disabled={busy !== null} onClick={() => setByHand(true)}>{t('tasks.byHand')}</Button>
        {verdict === 'needs-attention' ? <Button onClick={onRetry}>{t('common.retry')}</Button> : null}
        {goesBack ? <Button disabled={busy !== null} onClick={() => onAct('undo')}>{t('tasks.undo')}</Button> : null}
        {goesOn ? (
          <Button variant="filled" loading={busy === task.id} disabled={busy !== null} onClick={() => onAct('resume')}>{t('tasks.goOn')}</Button>
        ) : null}
      </AttentionBanner>
      {holders.length === 0 ? null : <Holders holders={holders} />}
      {task.error === null ? null : <ErrorNotice error={task.error} />}
      {byHand ? <EndByHand task={task} phrase={phrase} holders={holders} onClose={() => setByHand(false)} /> : null}
    </>
  );
}

/** Who and what keeps it from going on or back: server, session, since when, and the statement. */
function Holders({ holders }: Pick<Recoverable, 'holders'>): ReactElement {
  const t = useText();
  return (
    <section className={classes.holders}>
      <b>{t('tasks.holders')}</b>
      <ul>
        {holders.map(({ server, kind, session, user, host, statement, since }) => (
          <li key={`${server}/${kind}/${session ?? statement}`}>
            {t('tasks.holder', { server, kind: kind.replaceAll('-', '') })}
            {session === null ? null : <> · {t('tasks.holder.session', { id: session, user, host })}</>}
            {since === null ? null : <> · <TimeText at={since} /></>}
            {statement === '' ? null : <> · <code>{statement}</code></>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Somebody has set the servers right: the task ends, and what they show now is kept with it. */
function EndByHand({ task: { id, name }, phrase, holders, onClose }: { task: TaskView; onClose: () => void } & Pick<Recoverable, 'phrase' | 'holders'>): ReactElement {
  const t = useText();
  return (
    <GuardedActionDialog
      title={t('tasks.byHand.title', { name })}
      subject={name}
      phrase={phrase}
      confirmLabel={t('tasks.byHand.confirm')}
      onClose={onClose}
      onConfirm={async (word) => {
        const answer = await api.tasks.endByHand({ id, phrase: word });
        if (!answer.ok) return answer.error;
        onClose();
        return null;
      }}
    >
      {t('tasks.byHand.text')}
      {holders.length === 0 ? null : <Holders holders={holders} />}
    </GuardedActionDialog>
  );
}
