import { UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { IconChevronRight } from './icons';
import classes from './Fold.module.css';

/** A part that opens and closes. `open` holds until the user chooses; what is closed is not drawn. */
export function Fold({
  title, aside, open: initially = false, children,
}: {
  title: ReactNode;
  aside?: ReactNode;
  open?: boolean;
  children: ReactNode;
}): ReactElement {
  const [chosen, setChosen] = useState<boolean | null>(null);
  const open = chosen ?? initially;
  return (
    <section className={classes.fold}>
      <UnstyledButton className={classes.head} aria-expanded={open} onClick={() => setChosen(!open)}>
        <IconChevronRight size={14} className={classes.chevron} data-open={open || undefined} aria-hidden />
        <span className={classes.title}>{title}</span>
        <span className={classes.aside}>{aside}</span>
      </UnstyledButton>
      {open ? <div className={classes.body}>{children}</div> : null}
    </section>
  );
}
