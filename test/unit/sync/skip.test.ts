import { describe, expect, it } from 'vitest';
import type { DecodedTransaction } from '../../../shared/domain/binlog/transaction';
import { accountsNamed, mayBeSkippable, skipReason, withoutCredentials } from '../../../shared/domain/sync/skip';

const transaction = (...texts: readonly string[]): DecodedTransaction =>
  ({ gtid: 'a:1', at: null, statements: texts.map((text) => ({ database: '', text })), changes: [], tables: [], truncated: false });
const row = { database: 'd', table: 't', kind: 'insert', key: [], before: null, after: [] } as const;

describe('why an applier may go past a transaction', () => {
  it.each([[1062, 'rows'], [1032, 'rows'], [1146, null], [1452, null], [1236, null], [1396, null], [0, null]] as const)('error %i of what cannot be read: %s', (errno, reason) => {
    expect(skipReason(errno, null)).toBe(reason);
  });

  it.each([
    ["CREATE USER 'u'@'%' IDENTIFIED WITH 'mysql_native_password' AS '*5D7'", ['u@%']],
    ["DROP USER 'u'@'%', 'w'@'10.0.%'", ['u@%', 'w@10.0.%']],
    ["RENAME USER 'u'@'%' TO 'v'@'%'", ['u@%', 'v@%']],
    ["GRANT 'r'@'%' TO 'u'@'%'", ['u@%', 'r@%']],
    ["REVOKE INSERT ON `d`.* FROM 'u'@'%'", ['u@%']],
    ["ALTER USER 'u'@'%' ACCOUNT LOCK", ['u@%']],
  ])('%s is about its accounts', (text, accounts) => {
    expect(accountsNamed(transaction(text))).toEqual(accounts);
    for (const errno of [1396, 1141, 1410, 3002]) expect(skipReason(errno, transaction(text))).toBe('accounts');
    // A number that says something else of the same statement is no reason.
    expect(skipReason(1290, transaction(text))).toBeNull();
  });

  it.each([
    ['of other things', transaction('DROP TABLE `d`.`t`')],
    ['of two statements', transaction("DROP USER 'u'@'%'", "DROP USER 'v'@'%'")],
    ['with rows beside it', { ...transaction("DROP USER 'u'@'%'"), changes: [row] }],
    ['that is larger than what was read', { ...transaction("DROP USER 'u'@'%'"), truncated: true }],
    ['that others read otherwise', transaction("DROP USER /*!80000 'a'@'%', */ 'u'@'%'")],
    ['about whoever runs it', transaction('ALTER USER CURRENT_USER() ACCOUNT LOCK')],
  ])('a transaction %s is not passed over as one about accounts', (_what, given) => {
    expect(accountsNamed(given)).toEqual([]);
    expect(skipReason(1396, given)).toBeNull();
  });

  it('an incident is one whatever the number: the log says so, no text does', () => {
    for (const errno of [1590, 1837, 1]) expect(skipReason(errno, { ...transaction(), incident: true })).toBe('incident');
    expect(skipReason(1590, transaction('/* LOST_EVENTS */ SELECT 1'))).toBeNull();
  });

  it('what an account logs in with is not shown', () => {
    const shown = withoutCredentials(transaction("CREATE USER 'u'@'%' IDENTIFIED WITH 'mysql_native_password' AS '*5D7'"));
    expect(shown.statements.map(({ text }) => text)).toEqual(['CREATE USER … u@%']);
    const plain = transaction('DROP TABLE `d`.`t`');
    expect(withoutCredentials(plain)).toBe(plain);
  });

  it('the window offers it for the numbers that may be one', () => {
    expect([1062, 1032, 1396, 1410, 1590, 1837].every(mayBeSkippable)).toBe(true);
    expect([0, 1146, 1236, 1452].some(mayBeSkippable)).toBe(false);
  });
});
