import type { ReactElement } from 'react';
import type { VerificationSummary } from '../../../shared/domain/verification/result';
import { useNumber, useText } from '../../stores/language';
import { GtidText } from '../../ui/CopyText';
import { Section } from '../../ui/Page';
import { StatusBadge } from '../../ui/StatusBadge';
import { TimeText } from '../../ui/TimeText';
import classes from './verification.module.css';

/** Comparisons that are drawn; the file holds more. */
const shown = 20;

/** What earlier comparisons came to, newest first. */
export function History({ history }: { history: readonly VerificationSummary[] }): ReactElement | null {
  const t = useText();
  const n = useNumber();
  if (history.length === 0) return null;
  return (
    <Section title={t('verification.history')}>
      <div className={classes.scroller} tabIndex={0} role="region" aria-label={t('verification.history')}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{t('verification.when')}</th><th scope="col">{t('verification.state')}</th><th scope="col">{t('verification.scope')}</th>
              <th scope="col">{t('verification.position')}</th><th scope="col" className={classes.figure}>{t('verification.rows')}</th><th scope="col" className={classes.figure}>{t('verification.took')}</th>
            </tr>
          </thead>
          <tbody>
            {history.slice(0, shown).map((one) => (
              <tr key={one.id}>
                <td><TimeText at={one.at} show="exact" /></td>
                <td>
                  <StatusBadge tone={one.equal === null ? 'mute' : one.equal ? 'good' : 'bad'} plain>
                    {one.equal === null ? t('verification.state.unreadable') : one.equal ? t('verification.state.equal') : t('verification.differing', { differing: one.differing, rows: one.rowCount })}
                  </StatusBadge>
                </td>
                <td>{one.scope === '*' ? t('verification.whole') : one.scope}</td>
                <td><GtidText set={one.gtidSet} what={t('verification.position')} /></td>
                <td className={classes.figure}>{n(one.rowCount)}</td>
                <td className={classes.figure}>{n(Math.round(one.ms / 100) / 10)} s</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
