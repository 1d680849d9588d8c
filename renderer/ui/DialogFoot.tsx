import type { ReactElement, ReactNode } from 'react';
import classes from './DialogFoot.module.css';

/** The buttons of a dialog, at the right under a line. */
export function DialogFoot({
  start, hint, apart = false, children,
}: {
  /** Stands at the left. */
  start?: ReactNode;
  /** A word about the buttons, at the left. */
  hint?: string | null;
  /** Keeps its distance from what ends right above it. */
  apart?: boolean;
  children: ReactNode;
}): ReactElement {
  return (
    <div className={classes.foot} data-apart={apart || undefined}>
      {start}
      {hint == null ? null : <span className={classes.hint}>{hint}</span>}
      <span className={classes.spring} />
      {children}
    </div>
  );
}
