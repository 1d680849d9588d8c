import { Button, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { accountName } from '../../../../shared/domain/accounts/state';
import { permission } from '../../../../shared/domain/fleet/policy';
import type { AccountList } from '../../../../shared/domain/operations/accounts/change';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useAct } from '../../../stores/act';
import { useInstance } from '../../../stores/fleet';
import { useText } from '../../../stores/language';
import type { PageProps } from '../../../stores/registry';
import { openInstance } from '../../../stores/ui';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { IconDownload, IconLock, IconPlus } from '../../../ui/icons';
import { Page } from '../../../ui/Page';
import { Waiting } from '../../../ui/Waiting';
import { AccountTable } from './AccountTable';
import { AccountView } from './AccountView';
import { ChangeDialog } from './ChangeDialog';
import { CompareDialog } from './CompareDialog';
import type { Wanted } from './forms';
import { WhoDialog } from './WhoDialog';
import classes from './accounts.module.css';

type Open = { readonly kind: 'who' | 'compare' } | { readonly kind: 'change'; readonly wanted: Wanted };

/** Account management of an instance: who may log in, what each may do, and every change with its statements before it is made. */
export function AccountsPage({ page: { instanceId } }: PageProps<'accounts'>): ReactElement {
  const t = useText();
  const view = useInstance(instanceId);
  const { list, error, turn, readAgain } = useAccounts(instanceId);
  const [chosen, setChosen] = useState<string | null>(null);
  const [open, setOpen] = useState<Open | null>(null);
  const { error: exportError, act } = useAct<'export'>();
  const name = view?.instance.name ?? t('common.not-known');
  const locked = view === undefined || !permission(view.role, 'accounts').allowed;
  const close = (): void => setOpen(null);
  const change = (wanted: Wanted): void => setOpen({ kind: 'change', wanted });
  const save = (): Promise<void> => act('export', async () => {
    const answer = await api.accounts.export({ instanceId, accounts: [] });
    return answer.ok ? api.app.saveText({ suggestedName: `accounts-${name}.sql`, text: answer.value }) : answer;
  }, () => undefined);
  const actions = (
    <>
      <Button onClick={() => setOpen({ kind: 'who' })}>{t('accounts.who')}</Button>
      <Button onClick={() => setOpen({ kind: 'compare' })}>{t('accounts.compare')}</Button>
      <Button leftSection={<IconDownload size={14} />} onClick={() => void save()}>{t('accounts.export')}</Button>
      <Button variant="filled" leftSection={<IconPlus size={14} />} disabled={locked || list === null} onClick={() => change({ kind: 'create' })}>{t('accounts.new')}</Button>
    </>
  );
  const row = list?.accounts.find((one) => accountName(one) === chosen) ?? null;
  return (
    <Page title={t('accounts.title', { name })} actions={actions} back={{ to: name, onBack: () => openInstance(instanceId, 'operations') }}>
      {locked ? <p className={classes.locked}><IconLock size={14} aria-hidden /> {t('accounts.locked')}</p> : null}
      {error === null ? null : <ErrorNotice error={error} onRetry={readAgain} />}
      {exportError === null ? null : <ErrorNotice error={exportError} />}
      {list === null ? (error === null ? <Waiting>{t('accounts.reading')}</Waiting> : null) : (
        <div className={classes.split} data-open={row !== null || undefined}>
          <Accounts list={list} chosen={chosen} onChoose={setChosen} />
          {row === null ? null : <AccountView key={`${accountName(row)} ${String(turn)}`} instanceId={instanceId} row={row} list={list} locked={locked} onChange={change} onClose={() => setChosen(null)} />}
        </div>
      )}
      {open?.kind === 'change' && list !== null ? (
        <ChangeDialog
          instanceId={instanceId} list={list} wanted={open.wanted} onClose={close}
          onDone={(account) => { close(); setChosen(account); readAgain(); }}
        />
      ) : null}
      {open?.kind === 'who' ? <WhoDialog instanceId={instanceId} databases={list?.databases ?? []} onClose={close} /> : null}
      {open?.kind === 'compare' ? <CompareDialog instanceId={instanceId} onClose={close} /> : null}
    </Page>
  );
}

interface AccountsRead {
  readonly list: AccountList | null;
  readonly error: CallError | null;
  /** Counts the readings. */
  readonly turn: number;
  readonly readAgain: () => void;
}

/** Read when the page opens and after each change; what is shown stays while it is read again. */
function useAccounts(instanceId: string): AccountsRead {
  const [turn, setTurn] = useState(0);
  const [list, setList] = useState<AccountList | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    void api.accounts.list({ instanceId }, { signal: stop.signal }).then((answer) => {
      if (stop.signal.aborted) return;
      setError(answer.ok ? null : answer.error);
      if (answer.ok) setList(answer.value);
    });
    return () => stop.abort();
  }, [instanceId, turn]);
  return { list, error, turn, readAgain: () => setTurn((one) => one + 1) };
}

function Accounts({ list, chosen, onChoose }: { list: AccountList; chosen: string | null; onChoose: (name: string) => void }): ReactElement {
  const t = useText();
  const [filter, setFilter] = useState('');
  const wanted = filter.trim().toLowerCase();
  const shown = list.accounts.filter((row) => !row.reserved && `${accountName(row)} ${row.plugin}`.toLowerCase().includes(wanted));
  return (
    <div className={classes.list}>
      <TextInput size="xs" w={260} value={filter} placeholder={t('accounts.filter')} aria-label={t('accounts.filter')} onChange={(event) => setFilter(event.currentTarget.value)} />
      <AccountTable rows={shown} chosen={chosen} onChoose={onChoose} />
    </div>
  );
}
