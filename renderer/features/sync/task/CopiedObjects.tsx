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
import { shownFirst } from './copied-objects';
import classes from './CopiedObjects.module.css';

const againMs = 1500;
/** Rows past this are counted, not drawn; the filter finds them. */
const shown = 100;
const tones: Record<CopiedObject['state'], Tone> = { waiting: 'calm', copying: 'busy', copied: 'busy', compared: 'good' };

/** Every table of the first copy, or of a comparison: how far it is, and whether it was found equal. What moves comes first. */
export function CopiedObjects({ sync }: { sync: SyncTaskView }): ReactElement | null {
  const t = useText();
  const { objects, error } = useCopiedObjects(sync);
  const [filter, setFilter] = useState('');
  if (error !== null) return <ErrorNotice error={error} />;
  if (objects.length === 0) return null;
  const found = shownFirst(objects, filter);
  const compares = sync.task?.kind === 'verify';
  const title = t(compares ? 'sync.verify.tables' : 'sync.objects.title');
  return (
    <Section
      title={title}
      aside={<TextInput size="xs" value={filter} onChange={(event) => setFilter(event.currentTarget.value)} placeholder={t('sync.objects.filter')} aria-label={t('sync.objects.filter')} />}
    >
      <Summary objects={objects} compares={compares} />
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
            {found.slice(0, shown).map((object) => (
              <Row key={`${object.database}\0${object.table}`} object={object} compares={compares} active={activeStates.includes(sync.state)} />
            ))}
          </tbody>
        </table>
      </div>
      {found.length > shown ? <p className={classes.summary}>{t('sync.objects.more', { n: found.length - shown })}</p> : null}
    </Section>
  );
}

/** The tables of a task's last run, read again and again while it works. */
function useCopiedObjects({ id, state, task }: SyncTaskView): { readonly objects: readonly CopiedObject[]; readonly error: CallError | null } {
  const [objects, setObjects] = useState<readonly CopiedObject[]>([]);
  const [error, setError] = useState<CallError | null>(null);
  const active = activeStates.includes(state);
  const taskId = task?.id ?? null;
  useEffect(() => {
    if (taskId === null) return undefined;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      const answer = await api.sync.objects({ id }, { signal: stop.signal });
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
  }, [id, taskId, state, active]);
  return { objects, error };
}

function Summary({ objects, compares }: { objects: readonly CopiedObject[]; compares: boolean }): ReactElement {
  const t = useText();
  const count = (state: CopiedObject['state']): number => objects.filter((one) => one.state === state).length;
  const all = objects.length;
  const compared = count('compared');
  return (
    <p className={classes.summary} role="status">
      {compares ? t('sync.verify.summary', { all, compared }) : t('sync.objects.summary', { all, compared, copied: count('copied'), copying: count('copying'), waiting: count('waiting') })}
    </p>
  );
}

function Row({ object, compares, active }: { object: CopiedObject; compares: boolean; active: boolean }): ReactElement {
  const t = useText();
  const number = useNumber();
  const { database, table, state, rows, estimatedRows, bytes } = object;
  // What a comparison has not found equal waits for it, or never was.
  const isOpen = compares && state !== 'compared';
  const isCounted = estimatedRows === null || state === 'compared' || state === 'copied';
  return (
    <tr>
      <th scope="row">{database}.{table}</th>
      <td>
        {isOpen ? (
          <StatusBadge tone={active ? 'calm' : 'warn'} plain>{t(active ? 'sync.objects.waiting' : 'sync.verify.not-equal')}</StatusBadge>
        ) : (
          <StatusBadge tone={tones[state]} plain>{t(`sync.objects.${state}`)}</StatusBadge>
        )}
      </td>
      <td className={classes.figure}>{isOpen ? '—' : isCounted ? number(rows) : t('sync.objects.of', { n: number(rows), m: number(Math.max(rows, estimatedRows)) })}</td>
      {compares ? null : <td className={classes.figure}>{formatBytes(t.language, bytes)}</td>}
    </tr>
  );
}
