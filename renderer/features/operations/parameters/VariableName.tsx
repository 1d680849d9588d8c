import { Fragment } from 'react';
import type { ReactElement } from 'react';

/** The name of a variable: where there is no room for all of it, its lines end between its words. */
export function VariableName({ children }: { children: string }): ReactElement {
  return <>{children.split('_').map((word, at) => <Fragment key={at}>{at === 0 ? word : <>_<wbr />{word}</>}</Fragment>)}</>;
}
