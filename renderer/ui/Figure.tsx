import type { ReactElement, ReactNode } from 'react';
import type { Tone } from './StatusBadge';
import classes from './Figure.module.css';

/** A number that matters: figure in tabular digits, its unit smaller, what it is beneath. `tone` only where it is a state. */
export function Figure({ value, unit, label, tone, size = 'md' }: { value: ReactNode; unit?: string; label: ReactNode; tone?: Tone; size?: 'md' | 'lg' }): ReactElement {
  return (
    <div className={classes.figure} data-size={size}>
      <div className={classes.value} data-tone={tone}>
        {value}
        {unit === undefined ? null : <span className={classes.unit}> {unit}</span>}
      </div>
      <div className={classes.label}>{label}</div>
    </div>
  );
}
