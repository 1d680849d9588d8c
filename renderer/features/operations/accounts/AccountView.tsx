import { ActionIcon, Button, Menu } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import { accountName } from '../../../../shared/domain/accounts/state';
import type { GrantNode } from '../../../../shared/domain/accounts/tree';
import type { AccountDetail, AccountList, AccountRow } from '../../../../shared/domain/operations/accounts/change';
import { accountMarks } from '../../../../shared/i18n/account-text';
import { api } from '../../../api';
import type { CallError } from '../../../api';
import { useText } from '../../../stores/language';
import { CopyText } from '../../../ui/CopyText';
import { ErrorNotice } from '../../../ui/ErrorNotice';
import { Fold } from '../../../ui/Fold';
import { IconDotsVertical, IconX } from '../../../ui/icons';
import { SqlBlock } from '../../../ui/SqlBlock';
import { Waiting } from '../../../ui/Waiting';
import type { Wanted } from './forms';
import classes from './accounts.module.css';

interface AccountViewProps {
  readonly instanceId: string;
  readonly row: AccountRow;
  readonly list: AccountList;
  readonly locked: boolean;
  readonly onChange: (wanted: Wanted) => void;
  readonly onClose: () => void;
}

/** One account: what it may do as a tree, its roles, limits and rules, and what can be done to it. */
export function AccountView({ instanceId, row, list, locked, onChange, onClose }: AccountViewProps): ReactElement {
  const t = useText();
  const [detail, setDetail] = useState<AccountDetail | null>(null);
  const [error, setError] = useState<CallError | null>(null);
  const { user, host } = row;
  useEffect(() => {
    const stop = new AbortController();
    void api.accounts.show({ instanceId, account: { user, host } }, { signal: stop.signal }).then((answer) => {
      if (stop.signal.aborted) return;
      if (answer.ok) setDetail(answer.value);
      else setError(answer.error);
    });
    return () => stop.abort();
  }, [instanceId, user, host]);
  const name = accountName(row);
  return (
    <section className={classes.detail} aria-label={name}>
      <header className={classes.head}>
        <h2><CopyText value={name} what={t('accounts.column.account')} /></h2>
        <span className={classes.spring} />
        {detail === null ? null : <Acts row={row} detail={detail} list={list} locked={locked} onChange={onChange} />}
        <ActionIcon variant="subtle" aria-label={t('common.close')} onClick={onClose}><IconX size={14} /></ActionIcon>
      </header>
      <p className={classes.light}>{[row.plugin, ...accountMarks(t, row)].join(' · ')}</p>
      {error === null ? null : <ErrorNotice error={error} />}
      {detail === null ? (error === null ? <Waiting>{t('accounts.reading')}</Waiting> : null) : <Shown detail={detail} />}
    </section>
  );
}

type ActsProps = Pick<AccountViewProps, 'row' | 'list' | 'locked' | 'onChange'> & { readonly detail: AccountDetail };

function Acts({ row, detail, list, locked, onChange }: ActsProps): ReactElement {
  const t = useText();
  const item = (kind: Exclude<Wanted['kind'], 'create'>): ReactElement => (
    <Menu.Item key={kind} {...(kind === 'drop' ? { color: 'red' } : {})} onClick={() => onChange({ kind, detail })}>{t(`accounts.change.${kind}`)}…</Menu.Item>
  );
  const { abilities } = list;
  return (
    <>
      <Button size="compact-sm" variant="filled" disabled={locked || row.reserved} onClick={() => onChange({ kind: 'rights', detail })}>{t('accounts.change.rights')}…</Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" aria-label={t('accounts.acts')} disabled={locked || row.reserved}><IconDotsVertical size={14} /></ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {item('password')}
          {abilities.keepsTwoPasswords && detail.hasSecondPassword ? item('discard-old') : null}
          {item('expire')}
          {abilities.locks ? item(row.locked === true ? 'unlock' : 'lock') : null}
          {item('tls')}
          {item('limits')}
          {abilities.attributes ? item('attribute') : null}
          <Menu.Divider />
          {item('clone')}
          {item('rename')}
          {item('drop')}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

function Shown({ detail }: { detail: AccountDetail }): ReactElement {
  const t = useText();
  const { tree, roles, defaultRoles, proxies, heldBy, limits, rules, comment, attribute, sql } = detail;
  const defaults = new Set(defaultRoles.map(accountName));
  const limited = Object.entries(limits).filter(([, value]) => value > 0).map(([name, value]) => `${name} ${String(value)}`);
  const facts: readonly (readonly [string, readonly string[]])[] = [
    [t('accounts.fact.roles'), roles.map((role) => `${accountName(role)}${role.admin ? ' · ADMIN' : ''}${defaults.has(accountName(role)) ? ` · ${t('accounts.fact.default')}` : ''}`)],
    [t('accounts.fact.held-by'), heldBy], [t('accounts.fact.proxies'), proxies.map((proxy) => `${accountName(proxy)}${proxy.grantOption ? ` · ${t('accounts.tree.hands-on')}` : ''}`)], [t('accounts.fact.limits'), limited], [t('accounts.fact.rules'), rules],
    [t('accounts.fact.second'), detail.hasSecondPassword ? [t('accounts.fact.second-there')] : []], [t('accounts.fact.comment'), comment === '' ? [] : [comment]],
    [t('accounts.fact.attribute'), attribute === '' ? [] : [attribute]],
  ];
  return (
    <>
      {tree.length === 0 ? <p>{t('accounts.tree.none')}</p> : (
        <ul className={classes.tree} aria-label={t('accounts.tree')}>{tree.map((node) => <Node key={node.level} node={node} />)}</ul>
      )}
      <dl className={classes.facts}>
        {facts.filter(([, values]) => values.length > 0).map(([name, values]) => (
          <div key={name}><dt>{name}</dt><dd>{values.map((value) => <span key={value}>{value}</span>)}</dd></div>
        ))}
      </dl>
      <Fold title={t('accounts.sql')}><SqlBlock statements={sql.map((text) => ({ server: accountName(detail.row), sql: text }))} /></Fold>
    </>
  );
}

/** A place with what is held there: databases stand under the server, tables and routines further in. */
function Node({ node }: { node: GrantNode }): ReactElement {
  const t = useText();
  const { on, level, privileges, dynamic, grantOption, columns, restricted, matches } = node;
  const held = [...privileges, ...dynamic.map(({ privilege, grantOption: option }) => (option ? `${privilege} (${t('accounts.tree.hands-on')})` : privilege))];
  return (
    <li data-level={on.kind}>
      <div><b className={classes.level}>{on.kind === 'server' ? t('accounts.tree.server') : level}</b>{grantOption ? <span className={classes.option}>{t('accounts.tree.hands-on')}</span> : null}</div>
      {held.length === 0 ? null : <div className={classes.held}>{held.join(', ')}</div>}
      {matches === null ? null : <div className={classes.light}>{matches.length === 0 ? t('accounts.tree.matches-none') : t('accounts.tree.matches', { names: matches.join(', ') })}</div>}
      {columns.map(({ column, privileges: some }) => <div key={column} className={classes.column}><code>{column}</code> {some.join(', ')}</div>)}
      {restricted.length === 0 ? null : <div className={classes.light}>{t('accounts.tree.restricted', { privileges: restricted.join(', ') })}</div>}
    </li>
  );
}
