import type { ReactElement } from 'react';
import type { LoggedTransaction, RollbackWindow } from '../../../../shared/domain/operations/rollback/transaction';
import { useText, useTimeZone } from '../../../stores/language';
import { formatBytes, formatExact } from '../../../ui/format';
import { StatusIcon } from '../../../ui/StatusBadge';
import { TimeText } from '../../../ui/TimeText';
import classes from './rollback.module.css';

/** The time line of what can be gone back to: files of the log, backups, and the listed transactions as ticks. */
export function WindowLine({ window, transactions, chosen }: {
  window: RollbackWindow; transactions: readonly LoggedTransaction[]; chosen: readonly string[];
}): ReactElement {
  const t = useText();
  const zone = useTimeZone();
  const { files, from, now, backups, format, image } = window;
  const moment = (at: number): string => formatExact(t.language, zone, at);
  const isWhole = format === 'ROW' && image === 'FULL';
  if (from === null) return <p className={classes.light}>{t('rollback.window.empty')}</p>;
  const start = Math.min(from, ...backups.map(({ at }) => at));
  const span = Math.max(1000, now - start);
  const place = (at: number): string => `${String(Math.min(100, Math.max(0, ((at - start) / span) * 100)))}%`;
  const began = files.filter((file) => file.begunAt !== null);
  return (
    <section className={classes.window} aria-label={t('rollback.window')}>
      <p className={classes.light}>
        {t('rollback.window.line', { files: files.length, transactions: window.transactions, from: moment(from) })}
      </p>
      <div className={classes.line} aria-hidden>
        {began.map((file, i) => {
          const at = file.begunAt ?? start;
          const end = began[i + 1]?.begunAt ?? now;
          return (
            <span
              key={file.name} className={classes.file} style={{ left: place(at), width: `${String(((Math.max(at, end) - at) / span) * 100)}%` }}
              title={t('rollback.window.file', { name: file.name, bytes: formatBytes(t.language, file.bytes), from: moment(at) })}
            />
          );
        })}
        {backups.map(({ id, at }) => <span key={id} className={classes.backup} style={{ left: place(at) }} title={t('rollback.window.backup', { at: moment(at) })} />)}
        {transactions.map(({ gtid, at }) => (
          <span key={gtid} className={classes.tick} data-chosen={chosen.includes(gtid) || undefined} style={{ left: place(at) }} title={moment(at)} />
        ))}
      </div>
      <div className={classes.ends}><TimeText at={start} show="exact" /><span>{t('rollback.window.now')}</span></div>
      {isWhole ? null : <p className={classes.warn}><StatusIcon tone="warn" /> {t('rollback.window.format', { format, image })}</p>}
    </section>
  );
}
