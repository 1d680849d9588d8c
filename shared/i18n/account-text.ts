import type { GrantSummary } from '../domain/accounts/tree';
import type { AccountRow } from '../domain/operations/accounts/change';
import type { Translator } from './translate';

/** What is out of the ordinary about an account. */
export function accountMarks(t: Translator, row: AccountRow): readonly string[] {
  return [
    ...(row.own === null ? [] : [t(`accounts.own.${row.own}`)]), ...(row.reserved ? [t('accounts.state.reserved')] : []),
    ...(row.isRole ? [t('accounts.state.role')] : []),
    ...(row.locked === true && !row.isRole ? [t('accounts.state.locked')] : []), ...(row.expired && !row.isRole ? [t('accounts.state.expired')] : []),
    ...(row.hasPassword || row.isRole || row.locked === true ? [] : [t('accounts.state.no-password')]), ...(row.requires === '' ? [] : [row.requires]),
  ];
}

/** What an account may do, in a few words. */
export function accountMay(t: Translator, { summary, administers }: AccountRow): string {
  const parts = summaryWords(t, summary);
  if (administers) return [t('accounts.may.administers'), ...parts].join(', ');
  return parts.length === 0 ? t('accounts.may.nothing') : parts.join(', ');
}

function summaryWords(t: Translator, { server, databases, tables, routines, roles }: GrantSummary): readonly string[] {
  type Counted = 'databases' | 'tables' | 'routines' | 'roles';
  const counted = (key: Counted, count: number): readonly string[] => (count === 0 ? [] : [t(`accounts.may.${key}`, { count })]);
  return [
    ...(server[0] === undefined ? [] : [t('accounts.may.server', { first: server[0], more: server.length - 1 })]), ...counted('databases', databases.length),
    ...counted('tables', tables), ...counted('routines', routines), ...counted('roles', roles),
  ];
}
