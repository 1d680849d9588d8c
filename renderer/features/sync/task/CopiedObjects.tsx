import { TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import type { CopiedObject, SyncTaskView } from '../../../../shared/domain/sync/sync';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useNumber, useText } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { formatBytes } from '../../../ui/format';
import { Section } from '../../../ui/Page';
import { StatusBadge } from '../../../ui/StatusBadge';
import type { Tone } from '../../../ui/StatusBadge';
import { activeStates } from '../sync-text';
import classes from './CopiedObjects.module.css';

const againMs = 1500;
/** Rows past this are counted, not drawn; the filter finds them. */
const shown = 100;
const tones: Record<CopiedObject['state'], Tone> = { waiting: 'mute', copying: 'busy', copied: 'busy', compared: 'good' };
const rank: Record<CopiedObject['state'], number> = { copying: 0, waiting: 1, copied: 2, compared: 3 };

/** Every table of the first copy, or of a comparison: how far it is, and whether it was found equal. What moves comes first. */
export function CopiedObjects({ sync }: { sync: SyncTaskView }): ReactElement | null {
  const t = useText();
  const number = useNumber();
  const [objects, setObjects] = useState<readonly CopiedObject[]>([]);
  const [error, setError] = useState<CallError | null>(null);
  const [filter, setFilter] = useState('');
  const active = activeStates.includes(sync.state);
  const taskId = sync.task?.id ?? null;

  useEffect(() => {
    if (taskId === null) return undefined;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      const answer = await api.sync.objects({ id: sync.id }, { signal: stop.signal });
      if (stop.signal.aborted) return;
      setError(answer.ok ? null : answer.error);
      if (answer.ok) setObjects(answer.value);
      if (active) timer = setTimeout(() => void ask(), againMs);
    };
    void ask();
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [sync.id, taskId, sync.state, active]);

  if (error !== null) return <ErrorNotice error={error} />;
  if (objects.length === 0) return null;
  const wanted = filter.trim().toLowerCase();
  const found = objects
    .filter(({ database, table }) => `${database}.${table}`.toLowerCase().includes(wanted))
    .sort((a, b) => rank[a.state] - rank[b.state] || b.bytes - a.bytes || `${a.database}.${a.table}`.localeCompare(`${b.database}.${b.table}`));
  const compares = sync.task?.kind === 'verify';
  const title = t(compares ? 'sync.verify.tables' : 'sync.objects.title');
  const count = (state: CopiedObject['state']): number => objects.filter((one) => one.state === state).length;
  return (
    <Section
      title={title}
      aside={<TextInput size="xs" value={filter} onChange={(event) => setFilter(event.currentTarget.value)} placeholder={t('sync.objects.filter')} aria-label={t('sync.objects.filter')} />}
    >
      <p className={classes.summary} role="status">
        {compares ? t('sync.verify.summary', { all: objects.length, compared: count('compared') }) : t('sync.objects.summary', { all: objects.length, compared: count('compared'), copied: count('copied'), copying: count('copying'), waiting: count('waiting') })}
      </p>
      {found.length > 0 ? null : <p className={classes.summary} role="status">{t('sync.objects.none')}</p>}
      <div className={classes.scroller} hidden={found.length === 0} tabIndex={0} role="region" aria-label={title}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{t('sync.objects.table')}</th>
              <th scope="col">{t('sync.column.state')}</th>
              <th scope="col" className={classes.figure}>{t('sync.objects.rows')}</th>
              {compares ? null : <th scope="col" className={classes.figure}>{t('sync.objects.bytes')}</th>}
            </tr>
          </thead>
          <tbody>
            {found.slice(0, shown).map(({ database, table, state, rows, estimatedRows, bytes }) => (
              <tr key={`${database}\0${table}`}>
                <th scope="row">{database}.{table}</th>
                <td>{compares && state !== 'compared' ? <StatusBadge tone={active ? 'mute' : 'warn'} plain>{t(active ? 'sync.objects.waiting' : 'sync.verify.not-equal')}</StatusBadge> : <StatusBadge tone={tones[state]} plain>{t(`sync.objects.${state}`)}</StatusBadge>}</td>
                <td className={classes.figure}>{compares && state !== 'compared' ? '—' : estimatedRows === null || state === 'compared' || state === 'copied' ? number(rows) : t('sync.objects.of', { n: number(rows), m: number(Math.max(rows, estimatedRows)) })}</td>
                {compares ? null : <td className={classes.figure}>{formatBytes(t.language, bytes)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {found.length > shown ? <p className={classes.summary}>{t('sync.objects.more', { n: found.length - shown })}</p> : null}
    </Section>
  );
}
