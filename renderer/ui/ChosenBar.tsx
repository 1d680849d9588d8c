import { Button } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { choose, type ListName } from '../stores/lists';
import { nothingChosen, withAll } from '../stores/selection';
import { useText } from '../stores/language';
import classes from './ChosenBar.module.css';

/**
 * What is done with the chosen lines, at the foot of a list: what is above it stays where it is when the first line is chosen. Says how
 * many are chosen of how many are listed; nothing where none is.
 */
export function ChosenBar({ list, ids, chosen, children }: {
  list: ListName;
  /** All that is listed. */
  ids: readonly string[];
  chosen: number;
  children: ReactNode;
}): ReactElement {
  const t = useText();
  return (
    <>
      <span className="visually-hidden" role="status">{chosen === 0 ? '' : t('common.chosen.count', { n: chosen, total: ids.length })}</span>
      {chosen === 0 ? null : (
        <div className={classes.bar} role="group" aria-label={t('common.chosen.acts')}>
          <span className={classes.count}>{t('common.chosen.count', { n: chosen, total: ids.length })}</span>
          {chosen === ids.length ? null : (
            <Button size="compact-xs" variant="subtle" onClick={() => choose(list, (before) => withAll(before, ids, true))}>
              {t('common.chosen.all', { n: ids.length })}
            </Button>
          )}
          <Button size="compact-xs" variant="subtle" onClick={() => choose(list, () => nothingChosen)} aria-keyshortcuts="Escape">
            {t('common.chosen.none')}
          </Button>
          <span className={classes.spring} />
          {children}
        </div>
      )}
    </>
  );
}
