import type { ReactElement } from 'react';
import { columnChanges, keyText, type ColumnChange, type DecodedTransaction, type RowChange } from '../../../../shared/domain/binlog/transaction';
import { useText } from '../../../stores/language';
import { CopyButton } from '../../../ui/CopyText';
import { TimeText } from '../../../ui/TimeText';
import classes from './TransactionChanges.module.css';

/** Changes that are drawn; what is copied holds the rest. */
const drawn = 50;

/** What a transaction writes: how much of which tables, its statements, and its rows before → after. All of it is text from a server. */
export function TransactionChanges({ transaction }: { transaction: DecodedTransaction }): ReactElement {
  const t = useText();
  const { at, tables, statements, changes, truncated } = transaction;
  const left = changes.length - drawn;
  return (
    <div className={classes.transaction}>
      <div className={classes.head}>
        <ul className={classes.counts}>
          {tables.map(({ database, table, ...counts }) => <li key={`${database}\n${table}`}>{t('sync.skip.counts', { table: `${database}.${table}`, ...counts })}</li>)}
          {tables.length === 0 && statements.length === 0 ? <li>{t('sync.skip.nothing')}</li> : null}
        </ul>
        {at === null ? null : <span className={classes.light}><TimeText at={at} show="exact" /></span>}
        <CopyButton text={JSON.stringify(transaction, null, 2)} what={t('sync.skip.copy')} />
      </div>
      {statements.map(({ text }, index) => <pre key={index} className={classes.statement} tabIndex={0} aria-label={t('tasks.sql')}>{text}</pre>)}
      {changes.length === 0 ? null : (
        <div className={classes.changes} role="region" aria-label={t('sync.skip.changes')} tabIndex={0}>
          {changes.slice(0, drawn).map((change, index) => <Change key={index} change={change} />)}
        </div>
      )}
      {left > 0 ? <p className={classes.light}>{t('sync.skip.more', { count: left })}</p> : null}
      {truncated ? <p className={classes.truncated}>{t('sync.skip.truncated')}</p> : null}
      <p className={classes.light}>{t('sync.skip.utc')}</p>
    </div>
  );
}

function Change({ change }: { change: RowChange }): ReactElement {
  const t = useText();
  const key = keyText(change);
  const columns = columnChanges(change);
  // Of an update only what changes, and what names the row.
  const shown = change.kind === 'update' ? columns.filter(({ isKey, isChanged }) => isKey || isChanged) : columns;
  return (
    <table className={classes.change}>
      <caption>
        <b>{t(`sync.skip.kind.${change.kind}`)}</b> <code>{change.database}.{change.table}</code>
        {key === '' ? null : <span className={classes.light}> · <code>{key}</code></span>}
      </caption>
      <thead>
        <tr>
          <th scope="col">{t('sync.skip.column')}</th>
          <th scope="col">{t('sync.skip.before')}</th>
          <th scope="col">{t('sync.skip.after')}</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((column) => (
          <tr key={column.column} data-changed={(change.kind === 'update' && column.isChanged) || undefined}>
            <th scope="row">{column.column}{column.isKey ? <span className={classes.light}> · {t('sync.skip.key')}</span> : null}</th>
            <td><Value value={column.before} isRow={change.before !== null} /></td>
            <td><Value value={column.after} isRow={change.after !== null} {...(column.changesOnly ? { changesOnly: true } : {})} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Value({ value, isRow, changesOnly = false }: { value: ColumnChange['before']; isRow: boolean; changesOnly?: boolean }): ReactElement {
  const t = useText();
  if (value === undefined) return <span className={classes.absent}>{t(isRow ? 'sync.skip.not-logged' : 'sync.skip.no-row')}</span>;
  if (value === null) return <span className={classes.absent}>NULL</span>;
  return <span className={classes.value}>{changesOnly ? t('sync.skip.changes-only', { changes: value }) : value}</span>;
}
