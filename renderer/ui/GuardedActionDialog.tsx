import { Button, Modal, TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import type { CallError } from '../api';
import { useText } from '../stores/language';
import { BeforeAfterTable } from './BeforeAfterTable';
import type { BeforeAfterRow } from './BeforeAfterTable';
import { ErrorNotice } from './ErrorNotice';
import classes from './GuardedActionDialog.module.css';

export interface GuardedActionDialogProps {
  /** What is done, as a question or an act: names the act, never "Are you sure?". */
  readonly title: ReactNode;
  /** The server and its region in words. */
  readonly subject: ReactNode;
  /** What it means: what goes, what stays. */
  readonly children?: ReactNode;
  readonly beforeAfter?: readonly BeforeAfterRow[];
  /** What must be typed, letter by letter: the name of what is lost or changed. null: a simple confirmation. */
  readonly phrase: string | null;
  /** The button's words: the act itself. */
  readonly confirmLabel: string;
  /** Red where something is lost or put at risk, blue otherwise. */
  readonly danger?: boolean;
  /** Something else still stands in the way; the button stays off. `children` say what. */
  readonly blocked?: boolean;
  /** Does it. Resolves to null when done (the caller closes), or to the failure, which is shown in place. */
  readonly onConfirm: (phrase: string) => Promise<CallError | null>;
  readonly onClose: () => void;
  readonly size?: string | number;
  /** What is still safe where it fails. */
  readonly safe?: ReactNode;
}

/**
 * The one dialog for acts that cannot be taken back easily. Cancel has the focus and Escape cancels; Enter in the field
 * does nothing, the act needs its own button. While it runs the dialog stays and cannot be closed.
 */
export function GuardedActionDialog(props: GuardedActionDialogProps): ReactElement {
  const { title, subject, children, beforeAfter, phrase, confirmLabel, danger = true, blocked = false, onConfirm, onClose, size = 560, safe } = props;
  const t = useText();
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<CallError | null>(null);
  const hint = useId();
  const matches = phrase === null || typed === phrase;

  const confirm = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    const failure = await onConfirm(typed);
    setBusy(false);
    setError(failure);
  };

  return (
    <Modal opened onClose={busy ? () => undefined : onClose} title={title} size={size} closeButtonProps={{ 'aria-label': t('common.close'), disabled: busy }} closeOnClickOutside={false}>
      <div className={classes.body}>
        <div className={classes.subject}>{subject}</div>
        {beforeAfter === undefined || beforeAfter.length === 0 ? null : <BeforeAfterTable rows={beforeAfter} />}
        {children}
        {phrase === null ? null : (
          <TextInput
            label={
              <span id={hint}>
                {t('common.guard.type', { phrase: '\u0001' })
                  .split('\u0001')
                  .flatMap((piece, index) => (index === 0 ? [piece] : [<code key={index} className={classes.phrase}>{phrase}</code>, piece]))}
              </span>
            }
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            disabled={busy}
            autoComplete="off"
            spellCheck={false}
            classNames={{ input: classes.typed }}
            data-matches={matches || undefined}
            aria-label={t('common.guard.type', { phrase })}
          />
        )}
        {error === null ? null : <ErrorNotice error={error} safe={safe} />}
      </div>
      <div className={classes.foot}>
        <Button onClick={onClose} disabled={busy} data-autofocus>
          {t('common.cancel')}
        </Button>
        <Button variant="filled" color={danger ? 'red' : 'accent'} disabled={!matches || blocked} loading={busy} onClick={() => void confirm()}>
          {confirmLabel}
        </Button>
      </div>
    </Modal>
  );
}
