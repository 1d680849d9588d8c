import type { Command } from 'commander';
import { accountName } from '../../shared/domain/accounts/state';
import type { CarryPlan } from '../../shared/domain/operations/accounts/change';
import { isExecutable } from '../../shared/domain/tasks/plan';
import { failure } from '../../shared/errors/codes';
import { accountNameIn } from './account-name';
import { exitCodes, type ExitCode } from './exit-codes';
import { preconditionLine, refuseFailed } from './plan-text';
import type { Run, Start } from './run';

interface CarryOptions {
  readonly allMissing?: boolean;
  readonly dryRun?: boolean;
}

/** `account carry FROM TO [ACCOUNT…]`: accounts of one server are made, or made the same, on another. */
export function accountCarry(account: Command, start: Start): void {
  account.command('carry').argument('<from>').argument('<to>').argument('[accounts...]').option('--all-missing').option('--dry-run').action(start(carry));
}

async function carry(run: Run, from: string, to: string, accounts: readonly string[], { allMissing, dryRun }: CarryOptions): Promise<ExitCode> {
  if (accounts.length === 0 && allMissing !== true) throw failure('invalid-input', { field: 'accounts', reason: 'ACCOUNT… | --all-missing' });
  const plan = await run.call('accounts.planCarry', {
    fromId: run.instance(from).id, toId: run.instance(to).id, accounts: accounts.map(accountNameIn), allMissing: allMissing === true,
  });
  if (dryRun === true) {
    run.out.result({ ok: isExecutable(plan), dryRun: true, plan }, () => print(run, plan));
    return isExecutable(plan) ? exitCodes.done : exitCodes.refused;
  }
  refuseFailed(run.out, plan, () => print(run, plan));
  const outcome = await run.call('accounts.carry', { planId: plan.id });
  const { t, line } = run.out;
  const isSame = outcome.differs.length === 0;
  run.out.result({ ok: isSame, from, to, accounts: plan.accounts, undo: plan.undo, ...outcome }, () => {
    print(run, plan);
    if (isSame) line(t('accounts.carry.done', { count: plan.accounts.length, server: plan.serverName, source: plan.fromName }));
    else line(t('accounts.terminal.differs', { what: outcome.differs.join('; ') }));
  });
  return isSame ? exitCodes.done : exitCodes.failed;
}

function print({ out: { t, line } }: Run, plan: CarryPlan): void {
  for (const one of plan.accounts) {
    const aspects = one.aspects.map((aspect) => t(`accounts.aspect.${aspect}`)).join(', ');
    line(`${accountName(one)}  ${one.isNew ? t('accounts.carry.new') : `${t('accounts.carry.changed')}: ${aspects}`}`);
  }
  for (const { server, sql } of plan.sql) line(`  ${server}> ${sql}`);
  for (const one of plan.preconditions) if (one.status !== 'pass') line(preconditionLine(t, one));
  for (const warning of plan.warnings) line(`! ${t.message(warning)}`);
  if (plan.undo.length > 0) line(t('accounts.terminal.undo'));
  for (const { server, sql } of plan.undo) line(`  ${server}> ${sql}`);
  if (plan.undoNote !== null) line(t.message(plan.undoNote));
}
