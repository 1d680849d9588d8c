import type { Command } from 'commander';
import { rightsIn } from '../../shared/domain/accounts/right';
import { accountName } from '../../shared/domain/accounts/state';
import {
  limitNames, requirements, type AccountChange, type AccountName, type AccountPlan, type ChosenRight, type Limits, type Requirement,
} from '../../shared/domain/operations/accounts/change';
import { optionFor } from '../../shared/domain/operations/accounts/statements';
import { isExecutable } from '../../shared/domain/tasks/plan';
import { failure } from '../../shared/errors/codes';
import { accountCarry } from './account-carry';
import { accountNameIn } from './account-name';
import { accountReadings } from './account-readings';
import { choice, wholeNumber } from './arguments';
import { exitCodes, type ExitCode } from './exit-codes';
import { onePassword } from './passwords';
import { preconditionLine, refuseFailed } from './plan-text';
import type { Run, Start } from './run';

interface ChangeOptions {
  readonly dryRun?: boolean;
  readonly confirm?: string;
  readonly passwordStdin?: boolean;
  readonly passwordEnv?: string;
}

/** `account`: who may log in to an instance, and what they may do. */
export function accountCommands(program: Command, start: Start): void {
  const account = program.command('account');
  accountReadings(account, start);
  definitionCommands({ account, start });
  rightsCommands(account, start);
  accountCarry(account, start);
}

interface Commands {
  readonly account: Command;
  readonly start: Start;
}

type Change<Options> = (who: AccountName, options: Options, run: Run, name: string) => AccountChange | Promise<AccountChange>;

/** A command on one account; `more`: options and arguments of its own. */
function changing<Options extends ChangeOptions>(
  { account, start }: Commands, word: string, change: Change<Options>, more: (command: Command) => Command = (command) => command,
): void {
  more(account.command(word).argument('<instance>').argument('<account>')).option('--dry-run')
    .action(start(async (run: Run, name: string, text: string, options: Options) => {
      return carryOut(run, name, await change(accountNameIn(text), options, run, name), options);
    }));
}

const withPassword = (command: Command): Command => command.option('--password-stdin').option('--password-env <variable>');

function definitionCommands(all: Commands): void {
  changing<ChangeOptions & { plugin?: string; require?: Requirement; locked?: boolean; role?: boolean }>(all, 'create', (who, options) => {
    if (options.role === true) return { kind: 'create-role', account: who };
    return { kind: 'create', account: who, plugin: options.plugin ?? null, requires: options.require ?? 'NONE', locked: options.locked === true };
  }, (command) => withPassword(command).option('--plugin <name>').option('--require <what>', '', requirementOf).option('--locked').option('--role'));
  changing<ChangeOptions & { keepOld?: boolean; discardOld?: boolean }>(all, 'password', (who, options) => {
    return options.discardOld === true ? { kind: 'discard-old', account: who } : { kind: 'password', account: who, keepOld: options.keepOld === true };
  }, (command) => withPassword(command).option('--keep-old').option('--discard-old'));
  for (const kind of ['lock', 'unlock', 'expire'] as const) changing(all, kind, (who) => ({ kind, account: who }));
  changing(all, 'drop', (who) => ({ kind: 'drop', account: who }), (command) => command.option('--confirm <account>'));
  const renamed: Change<ChangeOptions & { to: string }> = (who, { to }) => ({ kind: 'rename', account: who, to: accountNameIn(to) });
  changing(all, 'rename', renamed, (command) => command.requiredOption('--to <account>'));
  const cloned: Change<ChangeOptions & { to: string }> = (who, { to }) => ({ kind: 'clone', from: who, account: accountNameIn(to) });
  changing(all, 'clone', cloned, (command) => withPassword(command.requiredOption('--to <account>')));
  const required: Change<ChangeOptions & { require: Requirement }> = (who, options) => ({ kind: 'tls', account: who, requires: options.require });
  changing(all, 'tls', required, (command) => command.requiredOption('--require <what>', '', requirementOf));
  const noted: Change<ChangeOptions & NoteOptions> = (who, { comment, attributes }) => {
    if (comment === undefined && attributes === undefined) throw failure('invalid-input', { field: 'attribute', reason: '--comment | --attributes' });
    return { kind: 'attribute', account: who, comment: comment ?? null, attributes: attributes ?? null };
  };
  changing(all, 'attribute', noted, (command) => command.option('--comment <text>').option('--attributes <json>'));
  const limit = wholeNumber(0, 2 ** 32 - 1);
  changing<ChangeOptions & LimitOptions>(all, 'limits', limitsChange, (command) => command
    .option('--queries <n>', '', limit).option('--updates <n>', '', limit).option('--connections <n>', '', limit).option('--at-once <n>', '', limit));
}

/** An empty text takes it away; what is not named stays. */
interface NoteOptions {
  readonly comment?: string;
  readonly attributes?: string;
}

const requirementOf = (text: string): Requirement => choice(requirements)(text.toUpperCase());

interface LimitOptions {
  readonly queries?: number;
  readonly updates?: number;
  readonly connections?: number;
  readonly atOnce?: number;
}

/** What is not named stays as it is. */
async function limitsChange(who: AccountName, options: LimitOptions, run: Run, name: string): Promise<AccountChange> {
  const given = [options.queries, options.updates, options.connections, options.atOnce];
  if (given.every((one) => one === undefined)) throw failure('invalid-input', { field: 'limits', reason: '--queries | --updates | --connections | --at-once' });
  const { limits } = await run.call('accounts.show', { instanceId: run.instance(name).id, account: who });
  const wanted = limitNames.map((limit, at) => [limit, given[at] ?? limits[limit]] as const);
  return { kind: 'limits', account: who, limits: { ...limits, ...Object.fromEntries(wanted) } satisfies Limits };
}

interface RightsOptions extends ChangeOptions {
  readonly role?: readonly string[];
  readonly withGrantOption?: boolean;
  readonly withAdminOption?: boolean;
  readonly defaultRole?: readonly string[];
  readonly exact?: boolean;
  readonly proxy?: readonly string[];
}

const several = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

function rightsCommands(account: Command, start: Start): void {
  type RightsChange = (who: AccountName, rights: readonly ChosenRight[], options: RightsOptions) => AccountChange;
  const command = (word: 'grant' | 'revoke', change: RightsChange): Command => account.command(word)
    .argument('<instance>').argument('<account>').argument('[rights...]')
    .option('--role <role>', '', several).option('--proxy <account>', '', several).option('--dry-run')
    .action(start(async (run: Run, name: string, text: string, lines: readonly string[], options: RightsOptions) => {
      const none = lines.length === 0 && options.role === undefined && options.defaultRole === undefined && options.proxy === undefined;
      if (none) throw failure('invalid-input', { field: 'rights', reason: 'SELECT, INSERT ON db.table' });
      return carryOut(run, name, change(accountNameIn(text), lines.flatMap(chosenIn), options), options);
    }));
  const none = { give: [], take: [], giveRoles: [], takeRoles: [], defaultRoles: null, giveProxies: [], takeProxies: [], exact: false } as const;
  const roles = (options: RightsOptions): readonly AccountName[] => (options.role ?? []).map(accountNameIn);
  const proxies = (options: RightsOptions): readonly AccountName[] => (options.proxy ?? []).map(accountNameIn);
  command('grant', (who, rights, options) => ({
    ...none, kind: 'rights', account: who, give: options.withGrantOption === true ? handedOn(rights) : rights,
    giveRoles: roles(options).map((role) => ({ ...role, admin: options.withAdminOption === true })),
    giveProxies: proxies(options).map((as) => ({ ...as, grantOption: options.withGrantOption === true })),
    defaultRoles: options.defaultRole === undefined ? null : options.defaultRole.filter((role) => role !== 'none').map(accountNameIn),
  })).option('--with-grant-option').option('--with-admin-option').option('--default-role <role>', '', several);
  command('revoke', (who, rights, options) => ({
    ...none, kind: 'rights', account: who, take: rights, takeRoles: roles(options), takeProxies: proxies(options), exact: options.exact === true,
  })).option('--exact');
}

/** `GRANT OPTION FOR BACKUP_ADMIN ON *.*` is the right to hand one dynamic privilege on. */
function chosenIn(line: string): readonly ChosenRight[] {
  const option = /^\s*GRANT\s+OPTION\s+FOR\s+/i.exec(line)?.[0] ?? '';
  const rights = rightsIn(line.slice(option.length));
  if (rights === null) throw failure('invalid-input', { field: 'rights', reason: line });
  return rights.map(({ privilege, column, on }) => ({ privilege: option === '' ? privilege : `${optionFor}${privilege}`, column, on }));
}

/** With the right to hand on: static privileges have one where they are held, each dynamic one has its own. */
function handedOn(rights: readonly ChosenRight[]): readonly ChosenRight[] {
  return rights.flatMap((one): readonly ChosenRight[] => [
    one, { privilege: one.privilege.includes('_') ? `${optionFor}${one.privilege}` : 'GRANT OPTION', column: null, on: one.on },
  ]);
}

async function carryOut(run: Run, name: string, change: AccountChange, options: ChangeOptions): Promise<ExitCode> {
  const plan = await run.call('accounts.plan', { instanceId: run.instance(name).id, change });
  if (options.dryRun === true) {
    run.out.result({ ok: isExecutable(plan), dryRun: true, plan }, () => print(run, plan));
    return isExecutable(plan) ? exitCodes.done : exitCodes.refused;
  }
  refuseFailed(run.out, plan, () => print(run, plan));
  if (plan.phrase !== null && options.confirm !== plan.phrase) throw failure('confirm-mismatch', { expected: plan.phrase });
  const password = plan.needsPassword ? await onePassword(options) : null;
  const outcome = await run.call('accounts.execute', { planId: plan.id, phrase: plan.phrase ?? '', password });
  const { t, line } = run.out;
  const account = accountName(plan.account);
  run.out.result({ ok: outcome.differs.length === 0, instance: name, account, change: plan.change, undo: plan.undo, kept: plan.kept, ...outcome }, () => {
    for (const { sql } of outcome.sql) line(`${plan.serverName}> ${sql}`);
    warn(run, plan);
    line(t('accounts.terminal.done', { account, server: plan.serverName }));
    undo(run, plan);
    if (outcome.differs.length > 0) line(t('accounts.terminal.differs', { what: outcome.differs.join('; ') }));
  });
  return outcome.differs.length === 0 ? exitCodes.done : exitCodes.failed;
}

function print(run: Run, plan: AccountPlan): void {
  const { t, line } = run.out;
  line(`${t(`accounts.change.${plan.change}`)}: ${accountName(plan.account)}`);
  for (const { sql } of plan.sql) line(`  ${plan.serverName}> ${sql}`);
  warn(run, plan);
  undo(run, plan);
}

function warn(run: Run, plan: AccountPlan): void {
  const { t, line } = run.out;
  for (const one of plan.preconditions) if (one.status !== 'pass') line(preconditionLine(t, one));
  for (const warning of plan.warnings) line(`! ${t.message(warning)}`);
}

function undo(run: Run, plan: AccountPlan): void {
  const { t, line } = run.out;
  if (plan.undo.length > 0) line(t('accounts.terminal.undo'));
  for (const { sql } of plan.undo) line(`  ${plan.serverName}> ${sql}`);
  if (plan.undoNote !== null) line(t.message(plan.undoNote));
}
