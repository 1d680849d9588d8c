import { Button, Checkbox, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { leftUntilDue, transactionWords, type PendingPage, type PendingTransaction, type ReadOnlyView, type RunTarget } from '../../../../shared/domain/operations/read-only/read-only';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useNow } from '../../../stores/clock';
import { useText } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { formatDuration } from '../../../ui/format';
import { TimeText } from '../../../ui/TimeText';
import { RunDialog } from './RunDialog';
import classes from './read-only.module.css';

/** What the primary committed and the instance has not applied, read on request: how long each is held back, and the run to before one of them. */
export function Pending({ one, locked, onChanged }: { one: ReadOnlyView; locked: boolean; onChanged: () => void }): ReactElement {
  const t = useText();
  const [search, setSearch] = useState('');
  const [ddl, setDdl] = useState(false);
  const [page, setPage] = useState<PendingPage | null>(null);
  const [target, setTarget] = useState<RunTarget | null>(null);
  const { busy, error, act } = useAct<'read'>();
  const read = (): void => void act('read', () => api.readOnly.pending({ instanceId: one.instanceId, search, ddl }), setPage);
  return (
    <section className={classes.section} aria-label={t('readonly.pending.title', { name: one.name })}>
      <h2>{t('readonly.pending.title', { name: one.name })}</h2>
      <form className={classes.bar} onSubmit={(event) => { event.preventDefault(); read(); }}>
        <TextInput w={260} value={search} maxLength={200} placeholder={t('readonly.pending.search')} aria-label={t('readonly.pending.search')} onChange={(event) => setSearch(event.currentTarget.value)} />
        <Checkbox label={t('readonly.pending.ddl')} checked={ddl} onChange={(event) => setDdl(event.currentTarget.checked)} />
        <Button type="submit" loading={busy !== null}>{t('readonly.pending.read')}</Button>
      </form>
      {error === null ? null : <ErrorNotice error={error} onRetry={read} />}
      {page === null ? null : <Found page={page} one={one} locked={locked} onRun={setTarget} />}
      {target === null ? null : <RunDialog one={one} target={target} onClose={() => { setTarget(null); onChanged(); }} />}
    </section>
  );
}

interface FoundProps {
  readonly page: PendingPage;
  readonly one: ReadOnlyView;
  readonly locked: boolean;
  readonly onRun: (target: RunTarget) => void;
}

function Found({ page, one, locked, onRun }: FoundProps): ReactElement {
  const { transactions, found, total, isPurged } = page;
  const t = useText();
  return (
    <>
      <p className={classes.light} role="status">
        {total === 0 ? t('readonly.pending.none') : t('readonly.pending.count', { found, total })}
        {found > transactions.length ? ` · ${t('readonly.pending.some', { n: transactions.length })}` : ''}
        {isPurged ? ` · ${t('readonly.pending.purged')}` : ''}
      </p>
      {transactions.length === 0 ? null : (
        <div className={classes.scroller}>
          <table className={classes.table}>
            <thead>
              <tr><th scope="col">GTID</th>{(['at', 'what', 'due'] as const).map((column) => <th key={column} scope="col">{t(`readonly.pending.column.${column}`)}</th>)}<th scope="col"><span className="visually-hidden">{t('common.more')}</span></th></tr>
            </thead>
            <tbody>
              {transactions.map((transaction) => (
                <tr key={transaction.gtid}>
                  <td className={classes.gtid} title={transaction.gtid}>…{transaction.gtid.slice(30)}</td>
                  <td><TimeText at={transaction.at} show="clock" /></td>
                  <td className={classes.words}>{transactionWords(transaction)}</td>
                  <td><Due of={transaction} page={page} held={one.applier === 'stopped'} /></td>
                  <td className={classes.acts}>
                    <Button size="compact-xs" disabled={locked} onClick={() => onRun({ kind: 'before', gtid: transaction.gtid })}>{t('readonly.pending.before')}</Button>
                    <Button size="compact-xs" disabled={locked} onClick={() => onRun({ kind: 'after', gtid: transaction.gtid })}>{t('readonly.pending.after')}</Button>
                    <Button size="compact-xs" disabled={locked} onClick={() => onRun({ kind: 'time', at: transaction.at })}>{t('readonly.run.time')}</Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

/** Counts down to the moment at which a transaction is applied, by the clock of the primary. */
function Due({ of, page, held }: { of: PendingTransaction; page: PendingPage; held: boolean }): ReactElement {
  const t = useText();
  const left = leftUntilDue(of, page, useNow());
  if (held) return <span className={classes.light}>{t('readonly.pending.held')}</span>;
  return <>{left === 0 ? t('readonly.pending.due-now') : t('readonly.pending.due', { left: formatDuration(t, left) })}</>;
}
