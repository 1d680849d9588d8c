import { Button, SegmentedControl, Select, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { mostChosen } from '../../../../shared/domain/operations/rollback/undo-plan';
import type { LoggedTransaction, RollbackWindow, TransactionFilter, TransactionPage } from '../../../../shared/domain/operations/rollback/transaction';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useText } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconRefresh } from '../../../ui/icons';
import { Waiting } from '../../../ui/Waiting';
import { BesidePanel } from './BesidePanel';
import { TransactionTable } from './TransactionTable';
import { UndoPanel } from './UndoPanel';
import { WindowLine } from './WindowLine';
import classes from './rollback.module.css';

const hours = [1, 6, 24, 168] as const;
const shown = 200;

/** The transactions of the log at the left; at the right what taking the chosen ones back would write. */
export function UndoView({ instanceId, locked, first }: { instanceId: string; locked: boolean; first: readonly string[] }): ReactElement {
  const t = useText();
  const [name, setName] = useState('');
  const [since, setSince] = useState<number | null>(null);
  const [chosen, setChosen] = useState<readonly string[]>(first);
  const [picked, setPicked] = useState<LoggedTransaction | null>(null);
  const { page, error, reading, readAgain } = useTransactions(instanceId, name, since);
  const window = useWindow(instanceId, page);
  const toggle = (gtid: string): void => setChosen((before) =>
    (before.includes(gtid) ? before.filter((one) => one !== gtid) : [...before, gtid].slice(-mostChosen)));
  return (
    <div className={classes.columns} data-chosen={chosen.length > 0 || undefined}>
      <div className={classes.main}>
        {window === null ? null : (
          <WindowLine
            window={window} transactions={page?.transactions ?? []} chosen={chosen} onPick={(one) => { setPicked(one); setChosen([one.gtid]); }}
          />
        )}
        <div className={classes.bar}>
          <TextInput
            size="xs" w={250} value={name} maxLength={129} placeholder={t('rollback.filter.table')} aria-label={t('rollback.filter.table')}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Select
            size="xs" w={170} value={since === null ? 'all' : String(since)} aria-label={t('rollback.filter.hours')} allowDeselect={false}
            data={[{ value: 'all', label: t('rollback.filter.all') }, ...hours.map((n) => ({ value: String(n), label: t('rollback.filter.hour', { n }) }))]}
            onChange={(next) => setSince(hours.find((n) => String(n) === next) ?? null)}
          />
          <Button size="xs" variant="default" leftSection={<IconRefresh size={14} />} loading={reading} onClick={readAgain}>{t('common.refresh')}</Button>
        </div>
        {error === null ? null : <ErrorNotice error={error} onRetry={readAgain} />}
        {page === null ? (error === null ? <Waiting>{t('rollback.list.reading')}</Waiting> : null)
          : <TransactionTable page={page} chosen={chosen} onToggle={toggle} />}
      </div>
      <Panel
        key={chosen.join()} instanceId={instanceId} gtids={chosen} locked={locked} onClear={() => { setChosen([]); readAgain(); }}
        moment={chosen.length === 1 ? [...page?.transactions ?? [], ...(picked === null ? [] : [picked])].find(({ gtid }) => gtid === chosen[0]) ?? null : null}
        isPicked={picked !== null && picked.gtid === chosen[0]}
      />
    </div>
  );
}

const ways = ['undo', 'beside'] as const;

/** The two choices on what is chosen: undo just this, or the tables beside as they were before it, which is what a moment of the line is picked for. */
function Panel({ instanceId, gtids, locked, moment, isPicked, onClear }: {
  instanceId: string; gtids: readonly string[]; locked: boolean; moment: LoggedTransaction | null; isPicked: boolean; onClear: () => void;
}): ReactElement {
  const t = useText();
  const [way, setWay] = useState<(typeof ways)[number]>(isPicked ? 'beside' : 'undo');
  const shown = moment === null ? 'undo' : way;
  return (
    <aside className={classes.side} aria-label={t('rollback.view.undo')}>
      {moment === null ? null : (
        <SegmentedControl
          size="xs" value={shown} aria-label={t('rollback.column.way')} data={[{ value: 'undo', label: t('rollback.view.undo') }, { value: 'beside', label: t('rollback.beside') }]}
          onChange={(next) => setWay(ways.find((one) => one === next) ?? 'undo')}
        />
      )}
      {shown === 'beside' && moment !== null
        ? <BesidePanel instanceId={instanceId} moment={moment} locked={locked} onClear={onClear} />
        : <UndoPanel instanceId={instanceId} gtids={gtids} locked={locked} onClear={onClear} />}
    </aside>
  );
}

function filterOf(name: string, since: number | null): TransactionFilter {
  const at = name.indexOf('.');
  const [database, table] = at === -1 ? [name.trim(), ''] : [name.slice(0, at).trim(), name.slice(at + 1).trim()];
  return {
    database: database === '' ? null : database, table: table === '' ? null : table,
    from: since === null ? null : Date.now() - since * 3_600_000, until: null,
  };
}

/** How long the filter has to stand still before the log is read, milliseconds. */
const settleMs = 400;

function useTransactions(instanceId: string, name: string, since: number | null): {
  readonly page: TransactionPage | null; readonly error: CallError | null; readonly reading: boolean; readonly readAgain: () => void;
} {
  const [turn, setTurn] = useState(0);
  const [page, setPage] = useState<TransactionPage | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const [reading, setReading] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      setReading(true);
      void api.rollback.transactions({ instanceId, filter: filterOf(name, since), most: shown }, { signal: stop.signal }).then((answer) => {
        if (stop.signal.aborted) return;
        setReading(false);
        setError(answer.ok ? null : answer.error);
        if (answer.ok) setPage(answer.value);
      });
    }, name === '' ? 0 : settleMs);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [instanceId, name, since, turn]);
  return { page, error, reading, readAgain: () => setTurn((one) => one + 1) };
}

/** What can be gone back to. Read beside the list: what it lacks is told by the list itself. */
function useWindow(instanceId: string, stamp: TransactionPage | null): RollbackWindow | null {
  const [window, setWindow] = useState<RollbackWindow | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    void api.rollback.window({ instanceId }, { signal: stop.signal }).then((answer) => { if (!stop.signal.aborted && answer.ok) setWindow(answer.value); });
    return () => stop.abort();
  }, [instanceId, stamp]);
  return window;
}
