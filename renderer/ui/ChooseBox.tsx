import type { MouseEvent, ReactElement } from 'react';
import classes from './ChooseBox.module.css';

const answered = (): void => undefined;
/** The line keeps the keys, and Shift chooses no text. */
const keepFocus = (event: MouseEvent): void => event.preventDefault();

/** The box of a line that can be chosen, or of all lines under a head; its whole cell takes the press. The line itself has the keys. */
export function ChooseBox({ share, label, isTabStop = false, onPress }: {
  share: 'all' | 'some' | 'none';
  label: string;
  isTabStop?: boolean;
  onPress: (event: MouseEvent) => void;
}): ReactElement {
  return (
    <span className={classes.cell} onClick={onPress} onMouseDown={keepFocus}>
      <input
        type="checkbox" className={classes.box} aria-label={label} tabIndex={isTabStop ? 0 : -1} checked={share === 'all'} onChange={answered}
        ref={(element) => {
          if (element !== null) element.indeterminate = share === 'some';
        }}
      />
    </span>
  );
}
