import type { ReactElement } from 'react';
import classes from './LongText.module.css';

/** Names up to this many letters stay in one piece. */
const wholeUpTo = 22;
/** Letters at the end of a longer one that are always seen: names of a fleet often differ only there. */
const keptAtEnd = 12;

/** A name in what room there is: the dots of a long one stand in its middle. Its text stays whole, for copying and for screen readers. */
export function NameParts({ children }: { children: string }): ReactElement {
  if (children.length <= wholeUpTo) return <>{children}</>;
  const cut = children.length - keptAtEnd;
  return (
    <span className={classes.parts}>
      <span className={classes.start}>{children.slice(0, cut)}</span>
      <span className={classes.end}>{children.slice(cut)}</span>
    </span>
  );
}

/** A name of the user's in a table: of what does not fit the middle is left out, the whole is under the pointer. */
export function LongText({ children, className }: { children: string | null | undefined; className?: string | undefined }): ReactElement {
  return (
    <span className={[classes.text, className].filter((name) => name !== undefined).join(' ')} title={children ?? undefined}>
      {children == null ? null : <NameParts>{children}</NameParts>}
    </span>
  );
}
