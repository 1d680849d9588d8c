import { Anchor } from '@mantine/core';
import type { ReactElement } from 'react';
import { freshForDays, provenForDays } from '../../../shared/domain/backup/standing';
import type { BackedUp } from '../../../shared/domain/backup/protection';
import { useNow } from '../../stores/clock';
import { useInstance } from '../../stores/fleet';
import { useText, useTimeZone } from '../../stores/language';
import { openInstance } from '../../stores/ui';
import { formatAgo, formatExact } from '../../ui/format';
import { StatusIcon } from '../../ui/StatusBadge';
import { headlineWords, standingTones } from './backup-words';
import classes from './backup.module.css';

/** What the backups of an instance come to, in one sentence; beneath it what to do about it. Said when it changes, not whenever a minute is over. */
export function Headline({ name, told }: { name: string; told: BackedUp }): ReactElement {
  const t = useText();
  const zone = useTimeZone();
  const now = useNow();
  const { kind, lastGood, throughId, failedAt } = told;
  const exact = lastGood === null ? undefined : formatExact(t.language, zone, lastGood.startedAt);
  return (
    <div className={classes.headline}>
      <p className={classes.sentence} title={exact}>
        <StatusIcon tone={standingTones[kind]} size={18} /> <span>{headlineWords(t, name, told, now)}</span>
      </p>
      <span className="visually-hidden" role="status">{t('backup.screen.said', { name, standing: t(`backup.screen.standing.${kind}`) })}</span>
      {throughId === null ? null : <Through instanceId={throughId} />}
      {failedAt === null || lastGood === null ? null : <p className={classes.line}><StatusIcon tone="warn" /> {t('backup.screen.failed-since', { when: formatAgo(t, failedAt, now) })}</p>}
      {kind === 'good' ? null : <p className={classes.light}>{t(`backup.screen.advice.${kind}`, { days: kind === 'old' ? freshForDays : provenForDays })}</p>}
    </div>
  );
}

/** Where the data was read from, as a way there. */
function Through({ instanceId }: { instanceId: string }): ReactElement {
  const t = useText();
  const name = useInstance(instanceId)?.instance.name ?? t('common.not-known');
  const [before = '', after = ''] = t('backup.screen.through', { name: '\u0001' }).split('\u0001');
  return (
    <p className={classes.light}>
      {before}<Anchor component="button" type="button" size="sm" onClick={() => openInstance(instanceId, 'backups')}>{name}</Anchor>{after}
    </p>
  );
}
