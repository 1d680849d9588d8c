import { UnstyledButton } from '@mantine/core';
import type { ReactElement } from 'react';
import { accountName } from '../../../../shared/domain/accounts/state';
import type { AccountRow } from '../../../../shared/domain/operations/accounts/change';
import { accountMarks, accountMay } from '../../../../shared/i18n/account-text';
import { useText } from '../../../stores/language';
import classes from './accounts.module.css';

/** The accounts of a server, one a line; the one that is chosen is shown beside. */
export function AccountTable({ rows, chosen, onChoose }: {
  rows: readonly AccountRow[];
  chosen: string | null;
  onChoose: (name: string) => void;
}): ReactElement {
  const t = useText();
  if (rows.length === 0) return <p className={classes.light}>{t('accounts.none')}</p>;
  return (
    <div className={classes.scroller} role="region" aria-label={t('accounts.list')} tabIndex={0}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th>{t('accounts.column.account')}</th>
            <th>{t('accounts.column.state')}</th>
            <th>{t('accounts.column.may')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => ({ row, name: accountName(row) })).map(({ row, name }) => (
            <tr key={name} data-chosen={name === chosen || undefined}>
              <td>
                <UnstyledButton className={classes.name} aria-pressed={name === chosen} title={name} onClick={() => onChoose(name)}>
                  {row.user === '' ? "''" : row.user}<span className={classes.host}>@{row.host}</span>
                </UnstyledButton>
              </td>
              <td className={classes.marks} title={accountMarks(t, row).join(', ')}>{accountMarks(t, row).join(', ')}</td>
              <td className={classes.may} title={accountMay(t, row)}>{accountMay(t, row)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
