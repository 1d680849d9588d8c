import type { ReactElement } from 'react';
import type { RunProgress } from '../../../../shared/domain/operations/sql/session';
import { useText } from '../../../stores/language';
import { errorText } from '../../../ui/ErrorNotice';
import { formatDuration } from '../../../ui/format';
import { InstanceName } from '../../../ui/InstanceName';
import { StatusIcon } from '../../../ui/StatusBadge';
import classes from './sql.module.css';

/** What stands between a text and its results: the server with its role, and how the session of a run stands. */
export function SessionLine({ instanceId, database, progress }: {
  readonly instanceId: string; readonly database: string | null; readonly progress: RunProgress | null;
}): ReactElement {
  const t = useText();
  const session = progress?.session ?? null;
  const current = session === null ? database : (session.seen === null ? database : session.seen.database);
  const wait = session?.seen?.wait ?? null;
  return (
    <section className={classes.session} aria-label={t('sql.session.title')}>
      <InstanceName id={instanceId} />
      <span>{current === null ? t('sql.session.no-database') : t('sql.session.database', { database: current })}</span>
      {session === null ? <span className={classes.light}>{t('sql.page.session')}</span> : (
        <>
          <span>{t('sql.session.id', { id: session.connectionId })}</span>
          <span>{t(session.autocommit ? 'sql.session.autocommit' : 'sql.session.no-autocommit')}</span>
          <span>
            {session.openMs === null ? t('sql.session.closed') : <b>{t('sql.session.open', { age: formatDuration(t, session.openMs) })}</b>}
          </span>
          {wait === null ? null : (
            <span role="status">
              <StatusIcon tone="warn" /> {t(`sql.session.wait.${wait.kind}`, { object: wait.object, seconds: wait.seconds })}{' '}
              {wait.holder === null ? t('sql.session.holder-unknown') : t('sql.session.holder', { id: wait.holder.connectionId, who: wait.holder.who })}
              {wait.holder === null || wait.holder.statement === '' ? null : <code className={classes.sql}>{wait.holder.statement}</code>}
            </span>
          )}
          {session.unseen === null ? null : <span className={classes.light}><StatusIcon tone="mute" /> {t('sql.session.unseen')} {errorText(t, session.unseen)}</span>}
        </>
      )}
    </section>
  );
}
