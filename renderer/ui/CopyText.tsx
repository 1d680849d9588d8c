import { ActionIcon } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { ReactElement } from 'react';
import { api } from '../api';
import { useText } from '../stores/language';
import { say } from '../stores/ui';
import { shortenGtidSet } from './format';
import { IconAlertCircle, IconCheck, IconCopy } from './icons';
import classes from './CopyText.module.css';

/** A button that copies a text to the clipboard and says so. `what` names it for screen readers. */
export function CopyButton({ text, what }: { text: string; what: string }): ReactElement {
  const t = useText();
  const [state, setState] = useState<'idle' | 'done' | 'failed'>('idle');
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async (): Promise<void> => {
    const answer = await api.app.copy({ text });
    setState(answer.ok ? 'done' : 'failed');
    say({ key: answer.ok ? 'common.copied' : 'common.copy-failed' });
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setState('idle'), 1500);
  };
  const label = state === 'idle' ? t('common.copy-what', { what }) : state === 'done' ? t('common.copied') : t('common.copy-failed');
  return (
    <ActionIcon size={20} className={classes.button} aria-label={label} title={label} onClick={() => void copy()}>
      {state === 'idle' ? <IconCopy size={13} /> : state === 'done' ? <IconCheck size={13} /> : <IconAlertCircle size={13} />}
    </ActionIcon>
  );
}

/** A name, address or value that can be selected and copied. `shown` may be shorter than what is copied. */
export function CopyText({ value, shown = value, what, mono = true }: { value: string; shown?: string; what: string; mono?: boolean }): ReactElement {
  return (
    <span className={classes.line}>
      <span className={classes.text} data-mono={mono || undefined} title={shown === value ? undefined : value}>
        {shown}
      </span>
      <CopyButton text={value} what={what} />
    </span>
  );
}

/** A GTID set, shortened in the middle; copying gives the whole. An empty set says so. */
export function GtidText({ set, what }: { set: string; what: string }): ReactElement {
  const t = useText();
  return set.trim() === '' ? <span className={classes.none}>{t('common.none')}</span> : <CopyText value={set} shown={shortenGtidSet(set)} what={what} />;
}
