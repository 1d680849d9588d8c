import type { ReactElement, ReactNode } from 'react';
import { StatusIcon } from './StatusBadge';
import classes from './AttentionBanner.module.css';

/** Above every page: something that needs the user at once, and at its right what can be done about it. `role`: how urgently it is read out. */
export function AttentionBanner({ role, text, children }: { role: 'status' | 'alert'; text: ReactNode; children: ReactNode }): ReactElement {
  return (
    <div className={classes.banner} role={role}>
      <StatusIcon tone="warn" size={16} />
      <span className={classes.text}>{text}</span>
      {children}
    </div>
  );
}
