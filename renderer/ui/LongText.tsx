import type { ReactElement } from 'react';
import classes from './LongText.module.css';

/** A name of the user's in a table: what does not fit ends with dots, the whole is under the pointer. */
export function LongText({ children, className }: { children: string | null | undefined; className?: string | undefined }): ReactElement {
  return (
    <span className={[classes.text, className].filter((name) => name !== undefined).join(' ')} title={children ?? undefined}>
      {children}
    </span>
  );
}
