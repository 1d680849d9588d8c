import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import type { FormEvent, ReactElement, ReactNode } from 'react';
import { useText } from '../stores/language';
import classes from './FormModal.module.css';

/**
 * A dialog with a form. Escape, the cross and a press beside it ask before what was entered is lost; keeping it is the
 * default, and Escape again keeps it too. `dirty`: something was entered, by default whether anything in it was typed or
 * ticked. While it is busy it cannot be closed.
 */
export function FormModal({ title, size, busy = false, dirty, onClose, children }: {
  title: ReactNode;
  size: number;
  busy?: boolean;
  dirty?: boolean;
  onClose: () => void;
  children: ReactNode;
}): ReactElement {
  const t = useText();
  const [asking, setAsking] = useState(false);
  const [touched, setTouched] = useState(false);
  // What is typed into a dialog over this one comes by here as well.
  const touch = ({ currentTarget, target }: FormEvent): void => {
    if (target instanceof Node && currentTarget.contains(target)) setTouched(true);
  };
  const leave = (): void => {
    if (busy) return;
    if (asking) setAsking(false);
    else if (dirty ?? touched) setAsking(true);
    else onClose();
  };
  return (
    <Modal opened onClose={leave} onInput={touch} title={title} size={size} closeOnClickOutside={false} closeButtonProps={{ 'aria-label': t('common.close'), 'disabled': busy }}>
      {children}
      {asking ? (
        <div className={classes.ask} role="alertdialog" aria-label={t('common.unsaved.title')}>
          <span className={classes.text}>{t('common.unsaved.title')}</span>
          <Button autoFocus variant="filled" onClick={() => setAsking(false)}>{t('common.unsaved.keep')}</Button>
          <Button color="red" variant="default" onClick={onClose}>{t('common.unsaved.discard')}</Button>
        </div>
      ) : null}
    </Modal>
  );
}
