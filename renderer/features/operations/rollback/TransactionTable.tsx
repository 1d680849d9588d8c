import { Checkbox } from '@mantine/core';
import type { ReactElement } from 'react';
import type { TableChange } from '../../../../shared/domain/binlog/transaction';
import type { LoggedTransaction, TransactionPage } from '../../../../shared/domain/operations/rollback/transaction';
import { useText, useTimeZone } from '../../../stores/language';
import { formatExact } from '../../../ui/format';
import { StatusBadge } from '../../../ui/StatusBadge';
import { TimeText } from '../../../ui/TimeText';
import classes from './rollback.module.css';

/** Transactions of the log, newest first; those of rows can be chosen. */
export function TransactionTable({ page, chosen, onToggle }: {
  page: TransactionPage; chosen: readonly string[]; onToggle: (gtid: string) => void;
}): ReactElement {
  const t = useText();
  const zone = useTimeZone();
  if (page.transactions.length === 0) return <p className={classes.light}>{t('rollback.list.none')}</p>;
  return (
    <>
      <p className={classes.light} role="status">
        {t('rollback.list.count', { count: page.transactions.length, to: page.readBackTo === null ? '—' : formatExact(t.language, zone, page.readBackTo) })}
        {page.more ? ` · ${t('rollback.list.more')}` : ''}{page.complete ? '' : ` · ${t('rollback.list.partial')}`}
      </p>
      <div className={classes.scroller} role="region" aria-label={t('rollback.list')} tabIndex={0}>
        <table className={classes.table}>
          <thead>
            <tr><th scope="col"><span className="visually-hidden">{t('rollback.list')}</span></th><th scope="col">{t('rollback.column.time')}</th><th scope="col">{t('rollback.column.what')}</th></tr>
          </thead>
          <tbody>
            {page.transactions.map((one) => (
              <tr key={one.gtid} className={chosen.includes(one.gtid) ? classes.chosen : undefined}>
                <td><Checkbox size="xs" aria-label={t('rollback.select', { gtid: one.gtid })} checked={chosen.includes(one.gtid)} disabled={one.kind !== 'rows'} onChange={() => onToggle(one.gtid)} /></td>
                <td className={classes.when}>
                  <TimeText at={one.at} show="clock" />
                  <div><TimeText at={one.at} show="day" /></div>
                  <div className={classes.mono} title={one.gtid}>{shortened(one.gtid)}</div>
                </td>
                <td><What one={one} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function What({ one: { kind, tables, statements } }: { one: LoggedTransaction }): ReactElement {
  const t = useText();
  return (
    <>
      {kind === 'rows' ? null : <StatusBadge tone={kind === 'ddl' ? 'calm' : 'warn'} plain>{t(`rollback.kind.${kind}`)}</StatusBadge>}
      {tables.map((table) => <div key={`${table.database}.${table.table}`}><b>{table.database}.{table.table}</b><Counts table={table} /></div>)}
      {statements.slice(0, 2).map((text, i) => <div key={i} className={classes.statement} title={text}>{text}</div>)}
    </>
  );
}

function Counts({ table: { inserted, updated, deleted } }: { table: TableChange }): ReactElement {
  const t = useText();
  const parts = [
    inserted === 0 ? [] : [t('rollback.change.inserted', { n: inserted })], updated === 0 ? [] : [t('rollback.change.updated', { n: updated })],
    deleted === 0 ? [] : [t('rollback.change.deleted', { n: deleted })],
  ].flat();
  return <span className={classes.counts} title={t('rollback.change.words', { inserted, updated, deleted })}>{parts.join(' ')}</span>;
}

/** Who it is from in part, and its number whole. */
function shortened(gtid: string): string {
  const [uuid = '', ...rest] = gtid.split(':');
  return `${uuid.slice(0, 8)}…:${rest.join(':')}`;
}
