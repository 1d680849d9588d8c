import { Radio } from '@mantine/core';
import type { ReactElement } from 'react';
import { accountChoices } from '../../../../shared/domain/accounts/shared-accounts';
import type { AccountDifference } from '../../../../shared/domain/accounts/state';
import type { AccountToTell } from '../../../../shared/domain/checks/check';
import { useText } from '../../../stores/language';
import type { DraftChecks } from './draft-checks';
import { copiesAccounts, type Draft } from './wizard';
import dialogClasses from '../dialog.module.css';
import classes from './WizardAccounts.module.css';

/** The check that tells of accounts of both servers. */
const checkId = 'priv.accounts';

/** Accounts that both servers have and that differ: what the first copy does with them, and with each of them. */
export function WizardAccounts({ draft, checks }: { draft: Draft; checks: DraftChecks }): ReactElement | null {
  const t = useText();
  const result = draft.report?.results.find(({ id }) => id === checkId);
  const accounts = result?.accounts ?? [];
  if (accounts.length === 0 || !copiesAccounts(draft)) return null;
  const ordinary = accounts.some(({ fate }) => fate === 'taken' || fate === 'chosen');
  const more = (result?.items?.length ?? 0) - accounts.length;
  return (
    <section className={classes.accounts} aria-label={t('sync.accounts.title')}>
      <h3 className={classes.title}>{t('sync.accounts.title')} <span className={classes.count}>{t('sync.accounts.differ', { count: result?.items?.length ?? accounts.length })}</span></h3>
      {ordinary ? (
        <Radio.Group
          value={draft.accounts}
          aria-label={t('sync.accounts.title')}
          onChange={(value) => void checks.one(checkId, 'checkOne', { accounts: accountChoices.find((choice) => choice === value) ?? draft.accounts })}
        >
          <div className={classes.choices}>
            {accountChoices.map((choice) => (
              <label key={choice} className={dialogClasses.choice} data-checked={draft.accounts === choice || undefined}>
                <Radio value={choice} disabled={checks.busyId !== null} label={t(`sync.accounts.${choice}`)} description={t(`sync.accounts.${choice}-text`)} />
              </label>
            ))}
          </div>
        </Radio.Group>
      ) : null}
      <div className={classes.frame}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{t('sync.accounts.column.account')}</th>
              <th scope="col">{t('sync.accounts.column.differs')}</th>
              <th scope="col">{t('sync.accounts.column.fate')}</th>
            </tr>
          </thead>
          <tbody>{accounts.map((one) => <AccountRow key={one.account} account={one} />)}</tbody>
        </table>
      </div>
      {more > 0 ? <p className={dialogClasses.note}>{t('sync.accounts.more', { count: more })}</p> : null}
      <p className={dialogClasses.note}>{t('sync.accounts.either')}</p>
    </section>
  );
}

function AccountRow({ account: { account, fate, differences } }: { account: AccountToTell }): ReactElement {
  const t = useText();
  return (
    <tr data-fate={fate}>
      <th scope="row" className={classes.name}>{account}</th>
      <td>{differences.map((difference) => <Difference key={difference.aspect} difference={difference} />)}</td>
      <td>{t(`sync.accounts.fate.${fate}`)}</td>
    </tr>
  );
}

/** What only the standby has, with a minus; what only the source has, with a plus. Of passwords only that they differ. */
function Difference({ difference: { aspect, standby, source } }: { difference: AccountDifference }): ReactElement {
  const t = useText();
  return (
    <div className={classes.difference}>
      <span>{t(`sync.accounts.aspect.${aspect}`)}</span>
      {standby.map((one) => <code key={`-${one}`}>− {one}</code>)}
      {source.map((one) => <code key={`+${one}`}>+ {one}</code>)}
    </div>
  );
}
