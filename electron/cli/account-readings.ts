import { resolve } from 'node:path';
import type { Command } from 'commander';
import { accountName } from '../../shared/domain/accounts/state';
import type { AccountComparison, AccountDetail } from '../../shared/domain/operations/accounts/change';
import { failure } from '../../shared/errors/codes';
import { accountMarks, accountMay } from '../../shared/i18n/account-text';
import { placeText } from '../storage/placed-file';
import { accountNameIn } from './account-name';
import { parseScope } from './arguments';
import { exitCodes, type ExitCode } from './exit-codes';
import { table } from './output';
import type { Run, Start } from './run';

/** `account list|show|who|diff|export`: nothing is changed, on any role. */
export function accountReadings(account: Command, start: Start): void {
  account.command('list').argument('<instance>').option('--all').action(start(list));
  account.command('show').argument('<instance>').argument('<account>').action(start(show));
  account.command('who').argument('<instance>').argument('<table>').action(start(who));
  account.command('diff').argument('<left>').argument('<right>').action(start(diff));
  account.command('export').argument('<instance>').argument('[accounts...]').option('--out <file>').action(start(exportSql));
}

async function list(run: Run, name: string, { all }: { all?: boolean }): Promise<void> {
  const { accounts, policy } = await run.call('accounts.list', { instanceId: run.instance(name).id });
  const shown = accounts.filter(({ reserved }) => all === true || !reserved);
  const { t, line } = run.out;
  run.out.result({ ok: true, accounts: shown, policy }, () => line(table([
    [t('accounts.column.account'), t('accounts.column.plugin'), t('accounts.column.state'), t('accounts.column.may')],
    ...shown.map((row) => [accountName(row), row.plugin, accountMarks(t, row).join(', '), accountMay(t, row)]),
  ])));
}

async function show(run: Run, name: string, text: string): Promise<void> {
  const detail = await run.call('accounts.show', { instanceId: run.instance(name).id, account: accountNameIn(text) });
  run.out.result({ ok: true, ...detail }, () => print(run, detail));
}

function print({ out }: Run, { row, tree, roles, defaultRoles, proxies, heldBy, limits, rules, comment, attribute }: AccountDetail): void {
  const { line, t } = out;
  line([accountName(row), row.plugin, ...accountMarks(t, row)].join('  '));
  for (const node of tree) {
    const dynamic = node.dynamic.map(({ privilege, grantOption }) => (grantOption ? `${privilege} (+)` : privilege));
    line(`  ${node.level}: ${[...node.privileges, ...dynamic].join(', ')}${node.grantOption ? ' WITH GRANT OPTION' : ''}`);
    if (node.matches !== null) line(`    = ${node.matches.join(', ')}`);
    for (const { column, privileges } of node.columns) line(`    ${column}: ${privileges.join(', ')}`);
    if (node.restricted.length > 0) line(`    − ${node.restricted.join(', ')}`);
  }
  const defaults = new Set(defaultRoles.map(accountName));
  for (const role of roles) line(`  ${accountName(role)}${role.admin ? ' WITH ADMIN OPTION' : ''}${defaults.has(accountName(role)) ? ' DEFAULT' : ''}`);
  for (const proxy of proxies) line(`  PROXY ${accountName(proxy)}${proxy.grantOption ? ' WITH GRANT OPTION' : ''}`);
  for (const holder of heldBy) line(`  ← ${holder}`);
  for (const [limit, value] of Object.entries(limits)) if (value > 0) line(`  ${limit} ${String(value)}`);
  for (const rule of rules) line(`  ${rule}`);
  if (comment !== '') line(`  COMMENT ${comment}`);
  if (attribute !== '') line(`  ATTRIBUTE ${attribute}`);
}

async function who(run: Run, name: string, text: string): Promise<void> {
  const scope = parseScope(text);
  const databases = scope.kind === 'partial' ? scope.databases : [];
  const [first] = databases;
  const tableName = first?.tables?.[0];
  const isOne = databases.length === 1 && first?.tables?.length === 1;
  if (first === undefined || tableName === undefined || !isOne) throw failure('invalid-input', { field: 'table', reason: 'db.table' });
  const { accounts, exists } = await run.call('accounts.who', { instanceId: run.instance(name).id, database: first.database, table: tableName });
  const { t, line } = run.out;
  run.out.result({ ok: true, exists, accounts }, () => {
    if (!exists) line(t('accounts.terminal.absent', { table: text }));
    if (accounts.length === 0) line(t('accounts.terminal.none', { table: text }));
    else line(table(accounts.map((one) => [
      accountName(one), [...one.privileges, ...one.columns, ...one.byRole.map((privilege) => `(SET ROLE) ${privilege}`)].join(', '), one.from.join(', '),
    ])));
  });
}

async function diff(run: Run, left: string, right: string): Promise<ExitCode> {
  const compared = await run.call('accounts.compare', { leftId: run.instance(left).id, rightId: run.instance(right).id });
  const same = compared.accounts.length === 0;
  run.out.result({ ok: same, ...compared }, () => printDifferences(run, compared));
  return same ? exitCodes.done : exitCodes.failed;
}

function printDifferences({ out }: Run, { left, right, equal, accounts }: AccountComparison): void {
  const { line, t } = out;
  if (accounts.length === 0) line(t('accounts.terminal.equal', { count: equal }));
  for (const one of accounts) {
    line(`${accountName(one)}  ${t(`accounts.side.${one.side}`, { left, right })}`);
    for (const { aspect, left: here, right: there } of one.differences) {
      const told = [...here.map((text) => `− ${text}`), ...there.map((text) => `+ ${text}`)];
      line(`  ${t(`accounts.aspect.${aspect}`)}: ${told.length === 0 ? '≠' : told.join(', ')}`);
    }
  }
}

async function exportSql(run: Run, name: string, accounts: readonly string[], { out: file }: { out?: string }): Promise<void> {
  const sql = await run.call('accounts.export', { instanceId: run.instance(name).id, accounts: accounts.map(accountNameIn) });
  if (file !== undefined) await placeText(resolve(file), sql);
  run.out.result({ ok: true, ...(file === undefined ? { sql } : { file }) }, () => run.out.line(file ?? sql));
}
