import { Loader } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import classes from './Waiting.module.css';

/** Says what is waited for, and that it is. */
export function Waiting({ children }: { children: ReactNode }): ReactElement {
  return (
    <div className={classes.waiting} role="status">
      <Loader size="xs" /> {children}
    </div>
  );
}
