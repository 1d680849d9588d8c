import { useMemo } from 'react';
import type { ReactElement } from 'react';
import { backupDays, type BackupDay } from '../../../shared/domain/backup/standing';
import type { BackupView } from '../../../shared/domain/backup/backup';
import { startOfDay } from '../../../shared/i18n/moment';
import type { Translator } from '../../../shared/i18n/translate';
import { useStretch } from '../../stores/clock';
import { useText, useTimeZone } from '../../stores/language';
import { formatDay } from '../../ui/format';
import classes from './backup.module.css';

const count = 30;
const legend = ['good', 'proven', 'failed', 'missing'] as const;
type Mark = (typeof legend)[number] | 'open' | 'before';

function markOf(day: BackupDay, isToday: boolean): Mark {
  if (day.proven) return 'proven';
  if (day.good > 0) return 'good';
  if (day.failed > 0) return 'failed';
  if (!day.expected) return 'before';
  return isToday ? 'open' : 'missing';
}

function wordsOf(t: Translator, day: BackupDay, mark: Mark): string {
  const failed = day.failed === 0 ? [] : [t('backup.screen.day.failed', { count: day.failed })];
  if (mark === 'failed') return failed.join();
  return [t(`backup.screen.day.${mark}`, { count: day.good }), ...failed].join(', ');
}

/** The last days, one mark each: what there is, what is proven, what is missing. */
export function DayStrip({ backups }: { backups: readonly BackupView[] }): ReactElement {
  const t = useText();
  const zone = useTimeZone();
  const minute = useStretch(60_000);
  const days = useMemo(() => {
    // A damaged one may not tell any more when it was begun.
    const dated = backups.filter(({ startedAt }) => startedAt > 0);
    return backupDays(dated, minute, { count, startOfDay: (at) => startOfDay(zone, at) });
  }, [backups, minute, zone]);
  const numberOf = (at: number): string => new Intl.DateTimeFormat('en', { day: 'numeric', timeZone: zone }).format(at);
  const monthOf = (at: number): string => new Intl.DateTimeFormat(t.language, { month: 'short', timeZone: zone }).format(at);
  return (
    <div className={classes.strip}>
      <ol className={classes.days} aria-label={t('backup.screen.strip', { days: count })}>
        {days.map((day, at) => {
          const mark = markOf(day, at === days.length - 1);
          const said = `${formatDay(t.language, zone, day.from)}: ${wordsOf(t, day, mark)}`;
          return (
            <li key={day.from} className={classes.day} title={said} data-today={at === days.length - 1 || undefined}>
              <span className="visually-hidden">{said}</span>
              <DayMark mark={mark} />
              <span className={classes.number} aria-hidden>{numberOf(day.from)}</span>
              <span className={classes.month} aria-hidden>{at === 0 || numberOf(day.from) === '1' ? monthOf(day.from) : ''}</span>
            </li>
          );
        })}
      </ol>
      <ul className={classes.legend} aria-hidden>
        {legend.map((mark) => <li key={mark}><DayMark mark={mark} /> {t(`backup.screen.legend.${mark}`)}</li>)}
      </ul>
    </div>
  );
}

/** Each has a shape of its own: colour alone says nothing. */
function DayMark({ mark }: { mark: Mark }): ReactElement {
  return (
    <svg className={classes.mark} data-mark={mark} width="14" height="14" viewBox="0 0 14 14" aria-hidden focusable="false">
      {mark === 'good' ? <circle cx="7" cy="7" r="4" /> : null}
      {mark === 'proven' ? <path d="M7 0.8 13.2 7 7 13.2 0.8 7Z" /> : null}
      {mark === 'failed' ? <path d="M7 1.6 13 12.2 1 12.2Z" /> : null}
      {mark === 'missing' ? <path d="M2.5 2.5 11.5 11.5M11.5 2.5 2.5 11.5" fill="none" strokeWidth="1.8" /> : null}
      {mark === 'open' ? <circle cx="7" cy="7" r="3.5" fill="none" strokeWidth="1.4" /> : null}
      {mark === 'before' ? <circle cx="7" cy="7" r="1.3" /> : null}
    </svg>
  );
}
