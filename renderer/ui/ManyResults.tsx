import type { ReactElement } from 'react';
import { useText } from '../stores/language';
import { errorText } from './ErrorNotice';
import { LongText } from './LongText';
import { tallyOf, type Outcome } from './many';
import { StatusBadge } from './StatusBadge';
import classes from './ManyResults.module.css';

function OutcomeBadge({ outcome }: { outcome: Outcome }): ReactElement {
  const t = useText();
  switch (outcome.kind) {
    case 'waiting':
      return <StatusBadge tone="calm" plain>{t('common.many.waiting')}</StatusBadge>;
    case 'skipped':
      return <StatusBadge tone="calm" plain>{t('common.many.skipped')}</StatusBadge>;
    case 'running':
      return <StatusBadge tone="busy" plain>{t('common.many.running')}</StatusBadge>;
    case 'asked':
      return <StatusBadge tone="busy" plain>{t('common.many.asked')}</StatusBadge>;
    case 'changed':
      return <StatusBadge tone="warn" plain>{t('common.many.changed')}</StatusBadge>;
    case 'done':
      return <StatusBadge tone="good" plain>{t('common.many.done')}</StatusBadge>;
    case 'partly':
      return <StatusBadge tone="warn" plain>{t('common.many.partly', { n: outcome.but })}</StatusBadge>;
    case 'refused': {
      const { error } = outcome;
      const text = errorText(t, error);
      return <StatusBadge tone="bad" plain title={error.detail === undefined || error.detail === '' ? text : `${text}\n${error.detail}`}>{text}</StatusBadge>;
    }
    default:
      return outcome satisfies never;
  }
}

/** One line for each of many: what an act will be done with, then what came of it; above them how many came to what. */
export function ManyResults({ title, items, outcomes, left }: {
  title: string;
  items: readonly { readonly id: string; readonly name: string; readonly note?: string | undefined }[];
  outcomes: ReadonlyMap<string, Outcome>;
  /** Chosen, and not acted on, each with why. */
  left: readonly { readonly id: string; readonly name: string; readonly reason: string }[];
}): ReactElement {
  const t = useText();
  const tally = tallyOf(items.map(({ id }) => id), outcomes);
  return (
    <div className={classes.parts}>
      <p className={classes.title} role="status">{outcomes.size === 0 ? title : t('common.many.tally', { ...tally })}</p>
      {items.length === 0 ? null : (
        <ul className={classes.list} tabIndex={0} aria-label={title}>
          {items.map(({ id, name, note }) => {
            const outcome = outcomes.get(id);
            return (
              <li key={id} className={classes.line}>
                <LongText>{name}</LongText>
                {outcome === undefined ? <span className={classes.note} title={note}>{note}</span> : <OutcomeBadge outcome={outcome} />}
              </li>
            );
          })}
        </ul>
      )}
      {left.length === 0 ? null : (
        <>
          <p className={classes.title}>{t('common.many.left', { n: left.length })}</p>
          <ul className={classes.list} tabIndex={0} aria-label={t('common.many.left', { n: left.length })}>
            {left.map(({ id, name, reason }) => (
              <li key={id} className={classes.line}>
                <LongText>{name}</LongText>
                <span className={classes.note} title={reason}>{reason}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
