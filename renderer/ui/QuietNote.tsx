import { Button } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { pausedMessage, quietMessage, silencedMessage } from '../../shared/domain/fleet/attention-text';
import type { AttentionAct } from '../../shared/domain/fleet/attention';
import { problemKey, type Problem } from '../../shared/domain/fleet/problem';
import type { InstanceView } from '../../shared/domain/fleet/view';
import type { AppError } from '../../shared/errors/codes';
import type { Message } from '../../shared/i18n/message';
import { api } from '../api';
import { useText } from '../stores/language';
import { openDialog } from '../stores/ui';
import { ErrorNotice } from './ErrorNotice';
import classes from './QuietNote.module.css';

/** Somebody's word, and the button that takes it back. */
function Said({ instanceId, act, problem, text, meaning }: {
  instanceId: string; act: AttentionAct; problem: string | null; text: Message; meaning?: string;
}): ReactElement {
  const t = useText();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<AppError | null>(null);
  const end = async (): Promise<void> => {
    setBusy(true);
    const answer = await api.fleet.endAttention({ ids: [instanceId], act, problems: problem === null ? null : [problem] });
    const failed = answer.ok ? answer.value[0]?.error ?? null : answer.error;
    setError(failed);
    // It goes with the word, which is told of in a moment.
    if (failed !== null) setBusy(false);
  };
  return (
    <div className={classes.said} role="note">
      <span className={classes.text}><b>{t.message(text)}</b>{meaning === undefined ? null : <span className={classes.meaning}> {meaning}</span>}</span>
      <Button size="compact-xs" loading={busy} onClick={() => void end()}>{t(`attention.end.${act}`)}</Button>
      {error === null ? null : <ErrorNotice error={error} />}
    </div>
  );
}

/** That an instance is not watched, or that nobody is called for it; nothing where neither is so. */
export function WatchingNotes({ view: { instance, paused, silenced } }: { view: InstanceView }): ReactElement {
  const t = useText();
  return (
    <>
      {paused === null ? null : <Said instanceId={instance.id} act="pause" problem={null} text={pausedMessage(paused)} meaning={t('attention.paused.meaning')} />}
      {silenced === null ? null : <Said instanceId={instance.id} act="silence" problem={null} text={silencedMessage(silenced)} meaning={t('attention.silenced.meaning')} />}
    </>
  );
}

/** Beneath a problem: who knows of it, or the way to say that one does. A note needs neither. */
export function ProblemWord({ instanceId, problem }: { instanceId: string; problem: Problem }): ReactElement | null {
  const t = useText();
  if (problem.severity === 'info') return null;
  if (problem.quiet?.kind === 'acknowledged') {
    return <Said instanceId={instanceId} act="acknowledge" problem={problemKey(problem)} text={quietMessage(problem.quiet)} />;
  }
  return (
    <div>
      <Button size="compact-sm" onClick={() => openDialog({ kind: 'watching', instanceIds: [instanceId], act: 'acknowledge', problem: problemKey(problem) })}>
        {t('attention.act.acknowledge')}
      </Button>
    </div>
  );
}
