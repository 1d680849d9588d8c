import { Autocomplete, Button, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactElement } from 'react';
import { accountName } from '../../../../shared/domain/accounts/state';
import type { TableAccessList } from '../../../../shared/domain/operations/accounts/change';
import { api } from '../../../api';
import { useAct } from '../../../stores/act';
import { useText } from '../../../stores/language';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import classes from './accounts.module.css';

/** Who can touch a table, as the server decides it: by everything, the database, the table, columns and roles. */
export function WhoDialog({ instanceId, databases, onClose }: { instanceId: string; databases: readonly string[]; onClose: () => void }): ReactElement {
  const t = useText();
  const [asked, setAsked] = useState({ database: '', table: '' });
  const [found, setFound] = useState<(TableAccessList & { readonly table: string }) | null>(null);
  const { busy, error, act } = useAct<'who'>();
  const ask = (): Promise<void> => act('who', () => api.accounts.who({ instanceId, ...asked }), (value) => setFound({ ...value, table: `${asked.database}.${asked.table}` }));
  return (
    <Modal opened onClose={onClose} title={t('accounts.who')} size={860} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <form className={classes.fields} onSubmit={(event) => { event.preventDefault(); void ask(); }}>
        <Autocomplete label={t('accounts.edit.database')} w={220} data={[...databases]} value={asked.database} maxLength={64} onChange={(database) => setAsked({ ...asked, database })} data-autofocus />
        <TextInput label={t('accounts.who.table')} w={220} value={asked.table} maxLength={64} onChange={(event) => setAsked({ ...asked, table: event.currentTarget.value })} />
        <Button className={classes.check} type="submit" variant="filled" loading={busy !== null} disabled={asked.database === '' || asked.table === ''}>{t('accounts.who.ask')}</Button>
      </form>
      {error === null ? null : <ErrorNotice error={error} />}
      {found === null ? null : <Found found={found} />}
    </Modal>
  );
}

function Found({ found: { accounts, exists, table } }: { found: TableAccessList & { readonly table: string } }): ReactElement {
  const t = useText();
  if (accounts.length === 0) return <p role="status">{t('accounts.terminal.none', { table })}</p>;
  return (
    <div role="status">
      {exists ? null : <p className={classes.light}>{t('accounts.terminal.absent', { table })}</p>}
      <div className={classes.scroller} role="region" aria-label={t('accounts.who')} tabIndex={0}>
        <table className={classes.table}>
          <thead><tr><th>{t('accounts.column.account')}</th><th>{t('accounts.column.may')}</th><th>{t('accounts.who.from')}</th></tr></thead>
          <tbody>
            {accounts.map((one) => (
              <tr key={accountName(one)}>
                <td>{accountName(one)}{one.locked ? <span className={classes.light}> {t('accounts.state.locked')}</span> : null}</td>
                <td className={classes.wrap}>{[...one.privileges, ...one.columns].join(', ')}{one.byRole.length === 0 ? null : <span className={classes.light}> {t('accounts.who.by-role', { privileges: one.byRole.join(', ') })}</span>}</td>
                <td className={classes.wrap}>{one.from.join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
