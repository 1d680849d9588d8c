import { Button, Drawer, SegmentedControl, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { lookedFor, mostTabs, type Favourite, type RememberedStatement, type SqlMemory } from '../../../../shared/domain/operations/sql/kept';
import type { StatementState } from '../../../../shared/domain/operations/sql/run';
import { api } from '../../../api';
import type { CallError, Result } from '../../../api';
import { useText } from '../../../stores/language';
import { openTab } from '../../../stores/sql-desk';
import { ErrorNotice, errorText } from '../../../ui/ErrorNotice';
import { StatusBadge, StatusIcon, type Tone } from '../../../ui/StatusBadge';
import { TimeText } from '../../../ui/TimeText';
import { Waiting } from '../../../ui/Waiting';
import { beginningOf } from './beginning';
import { FavouriteDialog } from './FavouriteDialog';
import { UndoButton } from './UndoButton';
import classes from './sql.module.css';

const views = ['ran', 'favourites'] as const;
type View = (typeof views)[number];
/** How many are drawn; the search finds the others. */
const mostShown = 100;

/** What ran on an instance from this workstation, and the texts that were given a name. */
export function HistoryPanel({ instanceId, onClose }: { readonly instanceId: string; readonly onClose: () => void }): ReactElement {
  const t = useText();
  const [view, setView] = useState<View>('ran');
  const [search, setSearch] = useState('');
  const [naming, setNaming] = useState<RememberedStatement | null>(null);
  const [isFull, setFull] = useState(false);
  const { memory, error, change } = useMemory(instanceId);
  const put = (text: string, { database, hidden, name }: { readonly database: string | null; readonly hidden: boolean; readonly name?: string }): void => {
    if (openTab(instanceId, { text, database: database ?? '', hidden, ...(name === undefined ? {} : { name }) })) onClose();
    else setFull(true);
  };
  return (
    <Drawer opened onClose={onClose} position="right" size={560} title={t('sql.history.title')} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <div className={classes.history}>
        <div className={classes.bar}>
          <SegmentedControl
            size="xs" value={view} aria-label={t('sql.history.title')} data={views.map((one) => ({ value: one, label: t(`sql.history.${one}`) }))}
            onChange={(next) => setView(views.find((one) => one === next) ?? 'ran')}
          />
          <TextInput
            size="xs" flex={1} value={search} aria-label={t('sql.history.search')} placeholder={t('sql.history.search')} maxLength={200}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
        </div>
        {error === null ? null : <ErrorNotice error={error} />}
        {isFull ? <p className={classes.note} role="alert"><StatusIcon tone="warn" /> {t('sql.tab.full', { most: mostTabs })}</p> : null}
        {memory === null && error === null ? <Waiting>{t('sql.history.reading')}</Waiting> : null}
        {memory === null ? null : view === 'ran' ? (
          <Ran
            all={memory.statements} search={search} onPut={(one) => put(one.sql, one)} onName={setNaming} instanceId={instanceId}
            onForget={(ids) => void change(() => api.sql.forget({ instanceId, ids }))}
          />
        ) : (
          <Favourites
            all={memory.favourites} search={search} onPut={(one) => put(one.text, one)}
            onForget={({ id }) => void change(() => api.sql.forgetFavourite({ instanceId, id }))}
          />
        )}
      </div>
      {naming === null ? null : (
        <FavouriteDialog
          instanceId={instanceId} text={naming.sql} database={naming.database ?? ''} onClose={() => setNaming(null)}
          onKept={() => { setNaming(null); void change(null); }}
        />
      )}
    </Drawer>
  );
}

interface Memory {
  readonly memory: SqlMemory | null;
  readonly error: CallError | null;
  /** Does something to it, and reads it again. */
  readonly change: (act: (() => Promise<Result<unknown>>) | null) => Promise<void>;
}

function useMemory(instanceId: string): Memory {
  const [memory, setMemory] = useState<SqlMemory | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let isGone = false;
    void api.sql.memory({ instanceId }).then((answer) => {
      if (isGone) return;
      if (answer.ok) setMemory(answer.value);
      else setError(answer.error);
    });
    return () => { isGone = true; };
  }, [instanceId, turn]);
  return {
    memory, error,
    change: async (act) => {
      const answer = await act?.();
      setError(answer === undefined || answer.ok ? null : answer.error);
      setTurn((one) => one + 1);
    },
  };
}

const tones: Record<StatementState | 'begun', Tone> = {
  'done': 'good', 'failed': 'bad', 'cancelled': 'warn', 'unclear': 'bad', 'taken-back': 'warn', 'not-run': 'calm', 'begun': 'warn',
};

function Ran({ all, search, instanceId, onPut, onName, onForget }: {
  readonly all: readonly RememberedStatement[]; readonly search: string; readonly instanceId: string; readonly onPut: (one: RememberedStatement) => void;
  readonly onName: (one: RememberedStatement) => void; readonly onForget: (ids: readonly string[] | null) => void;
}): ReactElement {
  const t = useText();
  const [sure, setSure] = useState(false);
  const found = lookedFor(all, search, ({ sql }) => sql);
  return (
    <>
      <div className={classes.bar}>
        <span role="status" className={classes.light}>{t('sql.history.count', { count: found.length, all: all.length })}</span>
        {all.length === 0 ? null : sure ? (
          <>
            <Button size="compact-xs" color="red" onClick={() => { setSure(false); onForget(null); }}>{t('sql.history.forget-sure', { count: all.length })}</Button>
            <Button size="compact-xs" variant="default" autoFocus onClick={() => setSure(false)}>{t('common.cancel')}</Button>
          </>
        ) : <Button size="compact-xs" variant="default" onClick={() => setSure(true)}>{t('sql.history.forget-all')}</Button>}
      </div>
      <ul className={classes.entries} aria-label={t('sql.history.ran')}>
        {found.slice(0, mostShown).map((one) => (
          <li key={one.id}>
            <div className={classes.bar}>
              <StatusBadge tone={tones[one.state]} plain>{t(one.state === 'begun' ? 'sql.history.begun' : `sql.state.${one.state}`)}</StatusBadge>
              <TimeText at={one.at} />
              <span className={classes.light}>
                {[one.actor, one.database ?? '', t('sql.page.ran', { ms: one.ms }), one.rows === null ? '' : t('sql.history.rows', { count: one.rows })]
                  .filter((part) => part !== '').join(' · ')}
              </span>
            </div>
            <code className={classes.sql}>{beginningOf(one.sql)}</code>
            {one.hidden ? <p className={classes.light}>{t('sql.history.hidden')}</p> : null}
            {one.cut ? <p className={classes.light}>{t('sql.history.cut')}</p> : null}
            {one.error === null ? null : <p className={classes.note}>{errorText(t, one.error)}</p>}
            <div className={classes.bar}>
              <Button size="compact-xs" variant="default" disabled={one.cut} onClick={() => onPut(one)}>{t('sql.history.put')}</Button>
              <Button size="compact-xs" variant="default" disabled={one.cut} onClick={() => onName(one)}>{t('sql.history.name')}</Button>
              <UndoButton instanceId={instanceId} kind={one.kind} state={one.state} gtid={one.gtid} />
              <Button size="compact-xs" variant="default" onClick={() => onForget([one.id])}>{t('sql.history.forget')}</Button>
            </div>
          </li>
        ))}
      </ul>
      {found.length > mostShown ? <p className={classes.light}>{t('sql.history.more', { most: mostShown })}</p> : null}
    </>
  );
}

function Favourites({ all, search, onPut, onForget }: {
  readonly all: readonly Favourite[]; readonly search: string; readonly onPut: (one: Favourite) => void; readonly onForget: (one: Favourite) => void;
}): ReactElement {
  const t = useText();
  const found = lookedFor(all, search, ({ name, text }) => `${name} ${text}`);
  if (all.length === 0) return <p className={classes.light}>{t('sql.history.no-favourites')}</p>;
  return (
    <ul className={classes.entries} aria-label={t('sql.history.favourites')}>
      {found.map((one) => (
        <li key={one.id}>
          <div className={classes.bar}><b>{one.name}</b> <span className={classes.light}>{[one.actor, one.database].filter((part) => part !== '').join(' · ')}</span></div>
          <code className={classes.sql}>{beginningOf(one.text)}</code>
          {one.hidden ? <p className={classes.light}>{t('sql.history.hidden')}</p> : null}
          <div className={classes.bar}>
            <Button size="compact-xs" variant="default" onClick={() => onPut(one)}>{t('sql.history.put')}</Button>
            <Button size="compact-xs" variant="default" onClick={() => onForget(one)}>{t('sql.history.forget')}</Button>
          </div>
        </li>
      ))}
    </ul>
  );
}
